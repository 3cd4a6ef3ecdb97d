"""Which words of a field or a value speak of protected data about people, and of what kind.

The words are in protected.yaml, for a company to extend.

Not here: where a pact asks for it (DEF04).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from config.document import read_yaml

WORDS = Path(__file__).resolve().parent / "protected.yaml"
Words = tuple[str, ...]


@dataclass(frozen=True)
class Category:
    """One kind of protected data with its words, each a tuple of plain words."""

    name: str
    severity: Literal["error", "warning"]
    fields: tuple[Words, ...]
    values: tuple[Words, ...]
    unless: frozenset[str]


@dataclass(frozen=True)
class Protected:
    """What was recognised: the category, and the words that said so."""

    category: str
    severity: Literal["error", "warning"]
    word: str


def plain(text: str) -> Words:
    """The words of a text or a slug without case and accents: `Fecha_deNacimiento` → fecha, de, nacimiento."""
    spaced = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])", " ", text)
    letters = unicodedata.normalize("NFKD", spaced.casefold())
    return tuple(re.findall(r"[^\W\d_]+", "".join(char for char in letters if not unicodedata.combining(char))))


def of_field(names: Iterable[str]) -> Protected | None:
    """What a field speaks of, by its slug or any of its labels; null for nothing protected.

    Words beside it that make it something else (`company age`) count over all its names.
    """
    said = [plain(name) for name in names]
    beside = {word for words in said for word in words}
    for category in categories():
        word = _first(said, category.fields)
        if word is not None and not category.unless & (beside - set(word)):
            return Protected(category.name, category.severity, " ".join(word))
    return None


def of_values(names: Iterable[str], values: Iterable[str]) -> Protected | None:
    """What the values asked for speak of; null where the field is a company's, a product's or a campaign's."""
    if {word for name in names for word in plain(name)} & _not_personal():
        return None
    said = [plain(value) for value in values]
    for category in categories():
        word = _first(said, category.values)
        if word is not None:
            return Protected(category.name, category.severity, " ".join(word))
    return None


@functools.cache
def categories() -> tuple[Category, ...]:
    """The categories in the order of the file."""
    found: dict[str, dict[str, Any]] = _document()["categories"]
    return tuple(
        Category(
            name=name,
            severity=given["severity"],
            fields=tuple(plain(text) for text in given["fields"]),
            values=tuple(plain(text) for text in given["values"]),
            unless=frozenset(word for text in given["unless"] for word in plain(text)),
        )
        for name, given in found.items()
    )


@functools.cache
def _not_personal() -> frozenset[str]:
    return frozenset(word for text in _document()["not_personal"] for word in plain(text))


@functools.cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(WORDS.read_text(encoding="utf-8"), WORDS.name)
    return found


def _first(said: Sequence[Words], wanted: Sequence[Words]) -> Words | None:
    """The longest of the wanted that stands, whole, in one of the texts."""
    hits = [one for one in wanted if any(_stands(one, words) for words in said)]
    return max(hits, key=len, default=None)


def _stands(wanted: Words, words: Words) -> bool:
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1))
