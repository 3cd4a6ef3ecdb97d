"""Lexicons: which words and phrases carry which tag, merged from YAML files.

A lexicon is the built-in files (words/) and any files of your own; a later file wins over an
earlier one for the same phrase, so a company can add its words or overrule ours. The format
is described in docs/classifier.md.

Not here: what tags together mean (decide.py), how text is cut into words (text.py).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from leadpact.audit.classifier.files import Entry, LexiconError, LexiconFile, line_with, read_file
from leadpact.audit.classifier.spelling import Speller
from leadpact.audit.classifier.text import Plain, plain
from leadpact.audit.classifier.verdict import Kind

_NUMBERING = re.compile(r"^[(\[]?\d+(?:\.\d+)*[)\].:\s-]+")
FOLDER = Path(__file__).resolve().parent / "words"


@dataclass
class Node:
    """One step of a phrase: what may follow, and what a phrase ending here says."""

    next: dict[str, Node] = field(default_factory=dict)
    ends: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class Lexicon:
    """Words, phrases and whole values with their tags; not to be changed once loaded.

    `root` is a tree of words, in which a step "<group>" stands for any one-word entry of
    that group. `groups` gives the groups a word is in, `languages` those it is known in.
    """

    root: Node
    groups: Mapping[str, tuple[str, ...]]
    languages: Mapping[str, frozenset[str]]
    fillers: frozenset[str]
    values: Mapping[str, Kind]
    replaced: Mapping[str, str]
    spellings: re.Pattern[str] | None
    speller: Speller

    @staticmethod
    def load(*extra_paths: str | Path) -> Lexicon:
        """The built-in lexicon, extended by files of your own in the order given.

        Raises LexiconError naming file, place and remedy; every fault of every file is
        listed at once in its details.
        """
        files = list(_built_in())
        faults: list[LexiconError] = []
        for layer, path in enumerate(extra_paths, start=1):
            try:
                files.append(read_file(Path(path), layer))
            except LexiconError as error:
                faults.append(error)
        if len(faults) == 1:
            raise faults[0]
        if faults:
            raise LexiconError("classifier.files_faulty", count=len(faults), details=faults)
        return _merge(files)

    def plain(self, value: str) -> Plain:
        """The value as words, with this lexicon's spellings ("f/u") understood."""
        return plain(value, self.spellings, self.replaced)

    def listed(self, text: Plain) -> Kind | None:
        """The kind of a value a lexicon file lists as a whole, with or without its numbering."""
        return self.values.get(text.key) or self.values.get(_NUMBERING.sub("", text.key))


@functools.cache
def default_lexicon() -> Lexicon:
    """The built-in lexicon, read once per process."""
    return Lexicon.load()


@functools.cache
def _built_in() -> tuple[LexiconFile, ...]:
    return tuple(read_file(path, 0) for path in sorted(FOLDER.glob("*.yaml")))


def _merge(files: Sequence[LexiconFile]) -> Lexicon:
    root = Node()
    groups: dict[str, set[str]] = {}
    languages: dict[str, set[str]] = {}
    fillers: set[str] = set()
    replaced: dict[str, str] = {}
    values: dict[str, Kind] = {}
    fillers.update(filler for file in files for filler in file.fillers)
    for file in files:
        replaced.update(file.spellings)
        values.update({plain(value).key: kind for value, kind in file.values.items()})
        for filler in file.fillers:
            languages.setdefault(filler, set()).update([file.language] if file.language else [])
        for entry in file.entries:
            _plant(root, entry, fillers)
            if len(entry.words) == 1:
                groups.setdefault(entry.words[0], set()).add(entry.group)
            for word in entry.words:
                if not word.startswith("<"):
                    languages.setdefault(word, set()).update([file.language] if file.language else [])
    _check_groups(files, {name for names in groups.values() for name in names})
    written = sorted(replaced, key=lambda text: (-len(text), text))
    return Lexicon(
        root=root,
        groups={word: tuple(sorted(names)) for word, names in groups.items()},
        languages={word: frozenset(names) for word, names in languages.items()},
        fillers=frozenset(fillers),
        values=values,
        replaced=replaced,
        spellings=re.compile("|".join(map(_whole, written))) if written else None,
        speller=Speller(languages, {entry.words for file in files for entry in file.entries if _plain(entry)}),
    )


def _plant(root: Node, entry: Entry, fillers: set[str]) -> None:
    """Adds a phrase to the tree, without the little words inside it: the matcher skips them."""
    node, last = root, len(entry.words) - 1
    for place, word in enumerate(entry.words):
        if 0 < place < last and word in fillers:
            continue
        node = node.next.setdefault(word, Node())
    newest = max((end.layer for end in node.ends), default=0)
    if entry.layer > newest:
        node.ends.clear()
    node.ends.append(entry)


def _check_groups(files: Sequence[LexiconFile], known: set[str]) -> None:
    """Every group that phrases speak of has words."""
    faults = []
    for file in files:
        named = {word[1:-1] for entry in file.entries for word in entry.words if word.startswith("<")}
        for group in sorted(named - known):
            line = line_with(file.path, f"<{group}>")
            faults.append(LexiconError("classifier.unknown_group", path=str(file.path), line=line, groups=group))
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise LexiconError(
            "classifier.files_faulty", count=len({str(one.params["path"]) for one in faults}), details=faults
        )


def _whole(written: str) -> str:
    """A pattern for a written form that stands alone; "s/" may lean on the next word."""
    end = r"(?!\w)" if written[-1].isalnum() else ""
    return rf"(?<!\w){re.escape(written)}{end}"


def _plain(entry: Entry) -> bool:
    return not any(word.startswith("<") for word in entry.words)
