"""What a command gives: one document for programs, sections of rows for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import category


@dataclass(frozen=True)
class Section:
    """A table to show: its title and column titles are texts, already in the reader's language."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Result:
    """The outcome of a command. `plain` is printed as it is, before sections and notes."""

    document: Mapping[str, Any] | Sequence[Any]
    sections: Sequence[Section] = ()
    notes: Sequence[str] = ()
    plain: str = ""
    exit_code: int = 0


def printable(text: str) -> str:
    """Control characters of the data would drive the terminal: shown as ·; odd spaces as a space."""
    return "".join(
        char if char.isprintable() or char == "\n" else " " if category(char) == "Zs" else "·" for char in text
    )
