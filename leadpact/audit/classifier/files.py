"""One lexicon file: read, checked, and its entries expanded.

Everything wrong with a file is reported at once, each fault with its line, its place and the
remedy; the file is only read.

Not here: how files are merged and searched (lexicon.py).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from config.errors import LeadPactError
from leadpact.audit.classifier.pattern import PatternError, entries, expand
from leadpact.audit.classifier.places import At, lines_of, named
from leadpact.audit.classifier.text import fold, plain
from leadpact.audit.classifier.verdict import KINDS, Kind

# What a phrase can say. `weak_` tags decide only where nothing stronger stands beside them.
TAGS = (
    "action", "untouched", "state", "weak_state", "pending", "vague",
    "source", "weak_source", "reason", "weak_reason", "obsolete", "neutral", "grammar",
)  # fmt: skip
OTHER_KEYS = ("language", "fillers", "spellings", "values")
OTHER = "other"
MAX_BYTES = 2_000_000
MAX_PLACE = 60  # characters of a place or value that a message repeats


class LexiconError(LeadPactError):
    """A lexicon file that cannot be used: `path` (file), `line` and `place` (in it) and the remedy."""


@dataclass(frozen=True)
class Entry:
    """One phrase and what it says; a later layer wins over an earlier one."""

    words: tuple[str, ...]
    tag: str
    group: str
    language: str | None
    layer: int


@dataclass
class LexiconFile:
    """The content of one file, expanded."""

    path: Path | None = None
    language: str | None = None
    fillers: list[str] = field(default_factory=list)
    spellings: dict[str, str] = field(default_factory=dict)
    values: dict[str, Kind] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


def read_file(path: Path, layer: int) -> LexiconFile:
    """The lexicon file at `path`. Raises LexiconError with every fault found in its details."""
    reader = _Reader(path, layer)
    document = reader.document()
    content = reader.content(document)
    if reader.faults:
        raise LexiconError("classifier.file_faulty", path=str(path), count=len(reader.faults), details=reader.told())
    return content


def line_with(path: Path | None, text: str) -> int:
    """The first line (from 1) of a file that holds the text; 1 where none does."""
    found = path.read_text(encoding="utf-8-sig").splitlines() if path is not None else []
    return next((number for number, line in enumerate(found, start=1) if text in line), 1)


class _Reader:
    def __init__(self, path: Path, layer: int) -> None:
        self.path, self.layer = path, layer
        self.text = ""
        self.faults: list[tuple[str, At, dict[str, Any]]] = []
        self.judged: dict[str, str] = {}  # the folded values, each with its kind

    def fault(self, key: str, *at: str | int, **params: Any) -> None:
        self.faults.append((key, at, params))

    def told(self) -> list[LexiconError]:
        """The faults, in the order of their lines."""
        found = zip(lines_of(self.text, (at for _, at, _ in self.faults)), self.faults, strict=True)
        return [
            LexiconError(f"classifier.{key}", path=str(self.path), line=line, place=named(at)[:MAX_PLACE], **params)
            for line, (key, at, params) in sorted(found, key=lambda one: one[0])
        ]

    def document(self) -> dict[str, Any]:
        try:
            raw = self.path.read_bytes()
        except OSError as error:
            raise LexiconError("classifier.file_unreadable", path=str(self.path)) from error
        if len(raw) > MAX_BYTES:
            raise LexiconError("classifier.file_too_large", path=str(self.path), megabytes=MAX_BYTES // 1_000_000)
        try:
            self.text = raw.decode("utf-8-sig")
            # Pure YAML 1.2, where `no` is text: half of a status lexicon begins with it.
            document = YAML(typ="safe", pure=True).load(io.StringIO(self.text))
        except UnicodeDecodeError as error:
            raise LexiconError("classifier.file_not_utf8", path=str(self.path)) from error
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise LexiconError("classifier.file_not_yaml", path=str(self.path), line=line) from error
        except (YAMLError, ValueError, RecursionError) as error:
            # ValueError: a date or number that is none; RecursionError: brackets without end.
            raise LexiconError("classifier.file_not_yaml", path=str(self.path), line=1) from error
        if document is None:
            return {}
        if not isinstance(document, dict):
            raise LexiconError("classifier.file_not_mapping", path=str(self.path), tags=", ".join(TAGS))
        return document

    def content(self, document: Mapping[Any, Any]) -> LexiconFile:
        language = document.get("language")
        if language is not None and not (isinstance(language, str) and 2 <= len(language) <= 8):
            self.fault("bad_language", "language")
            language = None
        content = LexiconFile(self.path, language)
        for key, body in document.items():
            if key in TAGS:
                self._tag(key, body, content)
            elif key not in OTHER_KEYS and isinstance(body, str):
                self._value(content, body, str(key))
            elif key not in OTHER_KEYS:
                self.fault("unknown_key", str(key), known=", ".join((*OTHER_KEYS, *TAGS)))
        content.fillers = [" ".join(words) for words in self._phrases(("fillers",), document.get("fillers", []))]
        self._spellings(document.get("spellings", {}), content)
        self._values(document.get("values", {}), content)
        self._contradictions(content)
        return content

    def _tag(self, tag: str, body: Any, content: LexiconFile) -> None:
        groups = body if isinstance(body, dict) else {OTHER: body}
        for group, lines in groups.items():
            if not isinstance(group, str) or not group.replace("_", "").isalpha() or not group.islower():
                self.fault("bad_group", tag, str(group))
                continue
            for words in self._phrases(_at(tag, group), lines):
                content.entries.append(Entry(words, tag, group, content.language, self.layer))

    def _phrases(self, at: At, lines: Any) -> Iterator[tuple[str, ...]]:
        if not isinstance(lines, list):
            self.fault("not_a_list", *at)
            return
        for number, line in enumerate(lines, start=1):
            if not isinstance(line, str):
                self.fault("not_text", *at, number)
                continue
            for entry in entries(line):
                try:
                    yield from expand(entry)
                except PatternError as error:
                    self.fault(f"pattern_{error}", *at, number)

    def _spellings(self, body: Any, content: LexiconFile) -> None:
        if not isinstance(body, dict) or not all(isinstance(item, str) for pair in body.items() for item in pair):
            self.fault("bad_spellings", "spellings")
            return
        content.spellings = {fold(written): fold(meant) for written, meant in body.items()}

    def _values(self, body: Any, content: LexiconFile) -> None:
        """Whole values: lists by kind, and `value: kind` lines, also mixed."""
        if not isinstance(body, dict):
            self.fault("bad_values", "values", kinds=", ".join(KINDS))
            return
        for key, found in body.items():
            if isinstance(found, str):
                self._value(content, found, "values", str(key))
            elif key not in KINDS or not isinstance(found, list):
                self.fault("bad_values", "values", str(key), kinds=", ".join(KINDS))
            else:
                for number, value in enumerate(found, start=1):
                    if isinstance(value, str):
                        self._value(content, key, "values", key, number, value=value)
                    else:
                        self.fault("not_text", "values", key, number)

    def _value(self, content: LexiconFile, kind: str, *at: str | int, value: str | None = None) -> None:
        """One whole value; it is the last step of the place unless given."""
        text = str(at[-1]) if value is None else value
        if kind not in KINDS:
            self.fault("bad_kind", *at, kind=kind[:MAX_PLACE], kinds=", ".join(KINDS))
            return
        key = plain(text).key
        if not key:
            self.fault("pattern_empty", *at)
        elif self.judged.setdefault(key, kind) != kind:
            self.fault("value_twice", *at, value=text[:MAX_PLACE], first=self.judged[key])
        else:
            content.values[text] = kind

    def _contradictions(self, content: LexiconFile) -> None:
        seen: dict[tuple[str, ...], Entry] = {}
        for entry in content.entries:
            first = seen.setdefault(entry.words, entry)
            if first.tag != entry.tag and "grammar" not in (first.tag, entry.tag):
                at = _at(entry.tag, entry.group)
                self.fault("twice", *at, phrase=" ".join(entry.words), first=first.tag)


def _at(tag: str, group: str) -> At:
    return (tag,) if group == OTHER else (tag, group)
