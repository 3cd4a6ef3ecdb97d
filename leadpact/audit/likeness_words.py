"""A status value as words that can be compared: without case, accents, numbering, plural or gender.

What tells values apart stays: other numbers, `<`, `>`, a plus sign, pictures that differ.

Not here: which words mean the same (synonyms.yaml, likeness.py).
"""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.document import read_yaml
from leadpact.audit.classifier.text import split_words

Key = tuple[str, ...]
SYNONYMS = Path(__file__).resolve().parent / "synonyms.yaml"
LONGEST = 500  # characters that are read
STEMMED = 5  # longer words lose a closing e
KEPT_S = ("ss", "us", "is")
ARROWS = str.maketrans("→➔➜➡⇒»›", ">>>>>>>")
_NUMBERING = re.compile(r"^\s*(?:[#(\[]\s*(\d{1,3})\b\s*[.)\]:–—-]*|(\d{1,3})(?:\.\d{1,2})*\s*[.)\]:–—-]+)\s*(?=\D)")
_TOKEN = re.compile(r"(?:[^\W_]|[\u0300-\u036f\u0900-\u0e7f])+|[<>≤≥]|(?<=\w)\+(?!\w)")
_NTH = re.compile(r"(\d+)(?:st|nd|rd|th|er|era|ero|ra|ro|da|do|ta|to|[ªº])(?![^\W\d_])", re.IGNORECASE)


@dataclass(frozen=True)
class Worded:
    """One value, read.

    `words` stand in their order; `numbering` is what it begins with ("02. "), `pictures` the
    symbols beside the words, both null where there are none. `plain` are the words as written
    (folded), `dotted` of them end in a dot: perhaps abbreviations.
    """

    words: Key
    plain: Key
    dotted: frozenset[str]
    numbering: int | None
    pictures: str | None


@functools.lru_cache(maxsize=20_000)
def read(value: str) -> Worded:
    """The words of a value, of which the first 500 characters are read."""
    text = html.unescape(value[:LONGEST]).translate(ARROWS)
    numbered = _NUMBERING.match(text)
    text = text[numbered.end() :] if numbered else text
    pictures = "".join(sorted(char for char in text if unicodedata.category(char) == "So"))
    folded = fold(_NTH.sub(r"\1", split_words(text)))
    found = [(match.group(), match.end()) for match in _TOKEN.finditer(folded)]
    plain = tuple(word for word, _ in found)
    dotted = frozenset(word for word, end in found if folded[end : end + 1] == "." and word.isalpha())
    words = replaced(tuple(stem(word) for word in plain), book().spellings)
    number = int(numbered.group(1) or numbered.group(2)) if numbered else None
    return Worded(words, plain, dotted, number, pictures or None)


def fold(text: str) -> str:
    """Lower case, without the accents of Latin, Greek and Cyrillic letters; marks of other scripts are letters."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not "\u0300" <= char <= "\u036f")


def stem(word: str) -> str:
    """A word without plural and gender, in English, Spanish and Portuguese; a number without zeros before it."""
    if word.isdigit():
        return str(int(word)) if word.isascii() else word
    for end, single in (("oes", "ao"), ("ies", "y")):
        if len(word) > STEMMED and word.endswith(end):
            return word[: -len(end)] + single
    if len(word) > 2 and word.endswith("s") and not word.endswith(KEPT_S):
        word = word[:-1]
    if len(word) > STEMMED and word.endswith("e"):
        word = word[:-1]
    return f"{word[:-1]}o" if len(word) > 4 and word.endswith("a") else word


@dataclass(frozen=True)
class Book:
    """synonyms.yaml as the code reads it: phrases by their first word, the longest first."""

    spellings: Mapping[str, Sequence[tuple[Key, Key]]]
    groups: Mapping[str, Sequence[tuple[Key, Key]]]
    fillers: frozenset[str]
    negators: Mapping[str, str]
    adverbs: frozenset[str]
    directions: frozenset[str]


@functools.cache
def book() -> Book:
    """The phrases and words of synonyms.yaml."""
    document: dict[str, Any] = read_yaml(SYNONYMS.read_text(encoding="utf-8"), SYNONYMS.name)
    spellings = [(_stems(phrase), _stems(whole)) for phrase, whole in document["spellings"].items()]
    by_first = _by_first(spellings)
    groups = [
        (replaced(_stems(phrase), by_first), (f"§{number}",))
        for number, group in enumerate(document["groups"])
        for phrase in group
    ]
    sets = {name: frozenset(map(stem, document[name])) for name in ("fillers", "adverbs", "directions")}
    negators = {stem(word): f"¬{number}:" for number, same in enumerate(document["negators"]) for word in same}
    by_meaning = _by_first([(_without(phrase, sets["fillers"]), to) for phrase, to in groups])
    return Book(by_first, by_meaning, negators=negators, **sets)


def replaced(words: Key, phrases: Mapping[str, Sequence[tuple[Key, Key]]]) -> Key:
    """The words with every known phrase, read from the left and the longest first, put in its other form."""
    left: list[str] = []
    at = 0
    while at < len(words):
        for phrase, other in phrases.get(words[at], ()):
            if words[at : at + len(phrase)] == phrase:
                left += other
                at += len(phrase)
                break
        else:
            left.append(words[at])
            at += 1
    return tuple(left)


def _without(words: Key, fillers: frozenset[str]) -> Key:
    return tuple(word for word in words if word not in fillers) or words


def _stems(phrase: str) -> Key:
    return tuple(stem(word) for word in _TOKEN.findall(fold(phrase)))


def _by_first(pairs: Sequence[tuple[Key, Key]]) -> Mapping[str, Sequence[tuple[Key, Key]]]:
    found: dict[str, list[tuple[Key, Key]]] = {}
    for phrase, other in sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0])):
        found.setdefault(phrase[0], []).append((phrase, other))
    return found


def meant(words: Key) -> Key:
    """What the words say: little words left out, known phrases by their group, in any order (as `ordered`)."""
    known = book()
    return ordered(replaced(_without(words, known.fillers), known.groups))


def ordered(words: Key) -> Key:
    """The words in an order of their own.

    A negation stays with the word it denies. Where there is a word of direction ("Marketing to
    Sales"), the order counts.
    """
    known = book()
    bound: list[str] = []
    denial = ""
    for word in words:
        if word in known.negators:
            denial += known.negators[word]
        elif word in known.adverbs:
            bound.append(word)
        else:
            bound.append(f"{denial}{word}")
            denial = ""
    bound += [denial] if denial else []
    return tuple(bound) if known.directions & set(bound) else tuple(sorted(bound))
