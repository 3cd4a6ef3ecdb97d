"""Which status values mean the same: by spelling, or by what their words say in any language.

Not here: values whose records behave the same (STA10).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from rapidfuzz.distance import DamerauLevenshtein

from config.document import read_yaml

Why = Literal["spelling", "typo", "meaning"]
Key = tuple[str, ...]
SYNONYMS = Path(__file__).resolve().parent / "synonyms.yaml"
NUMBERED = re.compile(r"^\s*[#(\[]?\d{1,3}\s*[.)\]:–—-]+\s*")
SHORTEST_TYPO = 8  # shorter words one letter apart are often different words
MOST_FOR_TYPOS = 2_000  # beyond, a field is free text and only equal keys are compared
NEGATIONS = ("un", "in", "dis", "non", "re", "des", "ex", "pre")
KEPT_S = ("ss", "us", "is")


def words(value: str) -> Key:
    """The value's words: no case, accents, leading numbering, punctuation, plural s or gender."""
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])", " ", NUMBERED.sub("", value))
    plain = unicodedata.normalize("NFKD", spaced.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return tuple(_stem(word) for word in re.findall(r"[^\W_]+", letters))


def _stem(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(KEPT_S):
        word = word[:-1]
    return f"{word[:-1]}o" if len(word) > 4 and word.endswith("a") else word


@functools.cache
def _phrases() -> tuple[tuple[Key, str], ...]:
    groups: list[list[str]] = read_yaml(SYNONYMS.read_text(encoding="utf-8"), SYNONYMS.name)["groups"]
    found = [(words(phrase), f"§{number}") for number, group in enumerate(groups) for phrase in group]
    return tuple(sorted(found, key=lambda item: -len(item[0])))


def meaning(value: str) -> Key:
    """The value's words, known phrases replaced by the number of their group, in any order."""
    left = list(words(value))
    for phrase, group in _phrases():
        at = 0
        while at + len(phrase) <= len(left):
            if tuple(left[at : at + len(phrase)]) == phrase:
                left[at : at + len(phrase)] = [group]
            at += 1
    return tuple(sorted(left))


def groups(values: Mapping[str, str], may_be_typo: Callable[[str, str], bool]) -> list[list[str]]:
    """Groups of two and more values that mean the same, each value in one group at most.

    In: values and how each reads.

    The same but for spelling, the same in meaning, or a typo apart where `may_be_typo` allows.
    """
    parent = {value: value for value in values}

    def root(value: str) -> str:
        while parent[value] != value:
            parent[value] = parent[parent[value]]
            value = parent[value]
        return value

    def join(one: str, other: str) -> None:
        first, second = sorted((root(one), root(other)))
        parent[second] = first

    for key_of in (spelled, meaning):
        seen: dict[Key, str] = {}
        for value in sorted(values):
            key = key_of(values[value])
            if key:
                join(seen.setdefault(key, value), value)
    for one, other in _typos(sorted(values.items())):
        if may_be_typo(one, other):
            join(one, other)
    found: dict[str, list[str]] = {}
    for value in sorted(values):
        found.setdefault(root(value), []).append(value)
    return [members for members in found.values() if len(members) > 1]


def why(one: str, other: str) -> Why:
    """Why two values of a group are in it: the surest reason."""
    if spelled(one) == spelled(other):
        return "spelling"
    return "meaning" if meaning(one) == meaning(other) else "typo"


def spelled(value: str) -> Key:
    """The value's words in any order."""
    return tuple(sorted(words(value)))


def _typos(values: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pairs that differ in one word by one letter."""
    if len(values) > MOST_FOR_TYPOS:
        return []
    keys = [(value, spelled(wording)) for value, wording in values]
    by_length: dict[int, list[tuple[str, Key]]] = {}
    for value, key in keys:
        by_length.setdefault(len(key), []).append((value, key))
    return [
        (one, other)
        for same in by_length.values()
        for at, (one, first) in enumerate(same)
        for other, second in same[at + 1 :]
        if _one_typo(first, second)
    ]


def _one_typo(first: Key, second: Key) -> bool:
    left, right = [w for w in first if w not in second], [w for w in second if w not in first]
    return len(left) == len(right) == 1 and _mistyped(left[0], right[0])


def _mistyped(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=lambda word: (len(word), word))
    if len(shorter) < SHORTEST_TYPO or shorter[0] != longer[0] or not (one.isalpha() and other.isalpha()):
        return False
    if any(longer == prefix + shorter for prefix in NEGATIONS):
        return False
    return DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1
