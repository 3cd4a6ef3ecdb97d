"""One lexicon file: read, checked, and its entries expanded.

Everything wrong with a file is reported at once, each fault with its place and the remedy.

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
from leadpact.audit.classifier.text import fold
from leadpact.audit.classifier.verdict import KINDS, Kind

# What a phrase can say. `weak_` tags decide only where nothing stronger stands beside them.
TAGS = (
    "action", "untouched", "state", "weak_state", "pending", "vague",
    "source", "weak_source", "reason", "weak_reason", "obsolete", "neutral", "grammar",
)  # fmt: skip
OTHER_KEYS = ("language", "fillers", "spellings", "values")
OTHER = "other"
MAX_BYTES = 2_000_000


class LexiconError(LeadPactError):
    """A lexicon file that cannot be used: `path` (file), `place` (in it) and the remedy."""


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
        raise LexiconError("classifier.file_faulty", path=str(path), count=len(reader.faults), details=reader.faults)
    return content


class _Reader:
    def __init__(self, path: Path, layer: int) -> None:
        self.path, self.layer = path, layer
        self.faults: list[LexiconError] = []

    def fault(self, key: str, place: str, **params: Any) -> None:
        self.faults.append(LexiconError(f"classifier.{key}", path=str(self.path), place=place, **params))

    def document(self) -> dict[str, Any]:
        try:
            raw = self.path.read_bytes()
        except OSError as error:
            raise LexiconError("classifier.file_unreadable", path=str(self.path)) from error
        if len(raw) > MAX_BYTES:
            raise LexiconError("classifier.file_too_large", path=str(self.path), megabytes=MAX_BYTES // 1_000_000)
        try:
            text = raw.decode("utf-8-sig")
            # Pure YAML 1.2, where `no` is text: half of a status lexicon begins with it.
            document = YAML(typ="safe", pure=True).load(io.StringIO(text))
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
        content = LexiconFile(language=language)
        for key, body in document.items():
            if key in TAGS:
                self._tag(key, body, content)
            elif key not in OTHER_KEYS:
                self.fault("unknown_key", str(key)[:60], known=", ".join((*OTHER_KEYS, *TAGS)))
        content.fillers = [" ".join(words) for _, words in self._phrases("fillers", document.get("fillers", []))]
        self._spellings(document.get("spellings", {}), content)
        self._values(document.get("values", {}), content)
        self._contradictions(content)
        return content

    def _tag(self, tag: str, body: Any, content: LexiconFile) -> None:
        groups = body if isinstance(body, dict) else {OTHER: body}
        for group, lines in groups.items():
            place = _place(tag, group)
            if not isinstance(group, str) or not group.replace("_", "").isalpha() or not group.islower():
                self.fault("bad_group", str(place)[:60])
                continue
            for _, words in self._phrases(place, lines):
                content.entries.append(Entry(words, tag, group, content.language, self.layer))

    def _phrases(self, place: str, lines: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
        if not isinstance(lines, list):
            self.fault("not_a_list", place)
            return
        for number, line in enumerate(lines, start=1):
            where = f"{place}[{number}]"
            if not isinstance(line, str):
                self.fault("not_text", where)
                continue
            for entry in entries(line):
                try:
                    for words in expand(entry):
                        yield where, words
                except PatternError as error:
                    self.fault(f"pattern_{error}", where)

    def _spellings(self, body: Any, content: LexiconFile) -> None:
        if not isinstance(body, dict) or not all(isinstance(item, str) for pair in body.items() for item in pair):
            self.fault("bad_spellings", "spellings")
            return
        content.spellings = {fold(written): fold(meant) for written, meant in body.items()}

    def _values(self, body: Any, content: LexiconFile) -> None:
        if not isinstance(body, dict):
            self.fault("bad_values", "values", kinds=", ".join(KINDS))
            return
        for kind, values in body.items():
            if kind not in KINDS or not isinstance(values, list):
                self.fault("bad_values", f"values.{str(kind)[:40]}", kinds=", ".join(KINDS))
                continue
            for number, value in enumerate(values, start=1):
                if isinstance(value, str):
                    content.values[value] = kind
                else:
                    self.fault("not_text", f"values.{kind}[{number}]")

    def _contradictions(self, content: LexiconFile) -> None:
        seen: dict[tuple[str, ...], Entry] = {}
        for entry in content.entries:
            first = seen.setdefault(entry.words, entry)
            if first.tag != entry.tag and "grammar" not in (first.tag, entry.tag):
                self.fault("twice", _place(entry.tag, entry.group), phrase=" ".join(entry.words), first=first.tag)


def _place(tag: str, group: Any) -> str:
    return tag if group == OTHER else f"{tag}.{group}"
