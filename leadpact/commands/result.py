"""What a command gives: one document for programs, sections of rows for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


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
