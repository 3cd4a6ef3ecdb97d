"""How likely it is that a header, with what its cells look like, is a given canonical column.

Not here: which table is which, and the proposal as a whole (propose.py).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from config.document import read_yaml
from leadpact.mapping.described import SourceColumn
from leadpact.mapping.targets import Target
from leadpact.mapping.vocabulary import fold, vocabulary
from leadpact.model import Column

WORDS = Path(__file__).resolve().parent / "headers.yaml"
NAME, SIMILAR, CONTENT, KEY, OWN, STANDARD = "name", "similar", "content", "key", "own", "standard"
NEAR = 88  # of 100: one letter in eight may differ
_SURE, _LIKELY, _BY_CONTENT = 1.0, 0.95, 0.8
OWN_KEYS: Mapping[str, str] = {
    "leads": "record_id",
    "contacts": "record_id",
    "opportunities": "opportunity_id",
    "owners": "owner_id",
    "activities": "activity_id",
}


@dataclass(frozen=True)
class Match:
    """One header for one column: confidence 0–1 and why (name, similar name, content, shared key, own word)."""

    column: str
    header: str
    confidence: float
    why: str


@functools.cache
def words() -> Mapping[str, Any]:
    """The word lists of headers.yaml."""
    found: Mapping[str, Any] = read_yaml(WORDS.read_text(encoding="utf-8"), WORDS.name)
    return found


def plain(header: str) -> str:
    """A header as words: `FirstContact_Date (UTC)` → first contact date utc."""
    spaced = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])", " ", header)
    return " ".join(re.findall(r"\w+", fold(spaced)))


@functools.cache
def _synonyms(column: str) -> frozenset[str]:
    return frozenset(plain(word) for word in words()["columns"].get(column, ()))


def match(header: SourceColumn, column: Column, target: Target) -> Match | None:
    """The match of a source column with a canonical one; null where it cannot be or is not likely."""
    if header.kind == "blank" or not _fits(header, column, target):
        return None
    if header.own or header.fills:
        return _own(header, column, target)
    called, own = plain(header.shown), plain(column.name)
    known = _synonyms(column.name)
    if called == own:
        return Match(column.name, header.name, _SURE, NAME)
    if called in known or called.replace(" ", "") in {word.replace(" ", "") for word in known}:
        return Match(column.name, header.name, _LIKELY, NAME)
    near = process.extractOne(called, [own, *known], scorer=fuzz.ratio, score_cutoff=NEAR)
    if near is not None and len(called) > 3:
        return Match(column.name, header.name, round(near[1] / 100 * 0.9, 2), SIMILAR)
    return Match(column.name, header.name, _BY_CONTENT, CONTENT) if _speaks(header, column) else None


def _own(header: SourceColumn, column: Column, target: Target) -> Match | None:
    """What the source itself tells: what a column fills, a row's key, when it was created; whatever they are called."""
    if header.fills == column.name:
        return Match(column.name, header.name, _SURE, STANDARD)
    if header.own == "key" and column.name == OWN_KEYS.get(target.name):
        return Match(column.name, header.name, _SURE, OWN)
    if header.own == "created" and column.name == "created_at":
        return Match(column.name, header.name, _BY_CONTENT, OWN)
    return None


def _fits(header: SourceColumn, column: Column, target: Target) -> bool:
    """Whether the cells can be of the column's kind at all."""
    if column.kind == "time":
        return header.kind == "time"
    if column.kind in ("number", "whole"):
        return header.kind in ("number", "whole")
    if column.kind == "flag":
        return header.kind == "flag" or bool(header.values)
    if column.name in ("record_id", "opportunity_id", "owner_id") and (column.name,) == target.required[:1]:
        keyed = target.name in ("leads", "contacts", "opportunities", "owners")
        return header.kind in ("text", "whole") and (header.unique or not keyed)
    return header.kind != "time" and not (column.name == "email" and not header.email)


def _speaks(header: SourceColumn, column: Column) -> bool:
    """Cells that can be nothing else: e-mail addresses, activity kinds, directions."""
    if column.name == "email":
        return header.email
    known = vocabulary(column.name) if column.name in ("kind", "direction") else {}
    return bool(header.values) and bool(known) and all(fold(value) in known for value in header.values)


def table_called(name: str, target: str) -> float:
    """How far a table's name speaks for a target: 1 when it is it, less when it contains it."""
    called = plain(name.rsplit("/", maxsplit=1)[-1])
    known = {plain(word) for word in (target, *words()["tables"][target])}
    if called in known:
        return 1.0
    return 0.6 if any(f" {word} " in f" {called} " for word in known) else 0.0
