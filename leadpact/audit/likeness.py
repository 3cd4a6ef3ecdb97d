"""Which status values mean the same: by spelling, or by what their words say in any language.

Not here: how a value is read (likeness_words.py), slips of the pen (likeness_typos.py), values
whose records behave the same (STA10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from leadpact.audit.likeness_typos import abbreviated, mistyped
from leadpact.audit.likeness_words import Key, meant, ordered, read

Why = Literal["spelling", "typo", "meaning"]


def spelled(value: str) -> Key:
    """The value's words in an order of their own."""
    return ordered(read(value).words)


def glued(value: str) -> Key:
    """The value's words written as one: "voice mail" and "voicemail"."""
    words = read(value).words
    return ("".join(words),) if words else ()


def meaning(value: str) -> Key:
    """What the value's words say, known phrases replaced by the number of their group."""
    return meant(read(value).words)


def groups(values: Mapping[str, str], may_be_typo: Callable[[str, str], bool]) -> list[list[str]]:
    """Groups of two and more values that mean the same, each value in one group at most.

    In: values and how each reads.

    The same but for spelling (an abbreviation too), the same in meaning, or a typo apart where
    `may_be_typo` allows. Values with other numbering ("1. Call", "2. Call") or other pictures
    beside the same words are not the same. Time grows with the number of values, not of pairs.
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

    in_order = sorted(values)
    for key_of in (spelled, glued, meaning):
        same: dict[Key, list[str]] = {}
        for value in in_order:
            if key := key_of(values[value]):
                same.setdefault(key, []).append(value)
        for members in same.values():
            for alike in _told_apart(members, values):
                for other in alike[1:]:
                    join(alike[0], other)
    readings = {value: read(wording) for value, wording in values.items()}
    for one, other in abbreviated(readings):
        join(one, other)
    for one, other in mistyped(readings):
        if may_be_typo(one, other):
            join(one, other)
    found: dict[str, list[str]] = {}
    for value in in_order:
        found.setdefault(root(value), []).append(value)
    return [members for members in found.values() if len(members) > 1]


def _told_apart(members: list[str], values: Mapping[str, str]) -> list[list[str]]:
    """Values of the same words, parted by numbering and pictures; who has none goes with the only others."""
    parts = [members]
    for mark in ("numbering", "pictures"):
        parts = [found for part in parts for found in _by_mark(part, values, mark)]
    return parts


def _by_mark(members: list[str], values: Mapping[str, str], mark: str) -> list[list[str]]:
    by: dict[object, list[str]] = {}
    for value in members:
        by.setdefault(getattr(read(values[value]), mark), []).append(value)
    bare = by.pop(None, [])
    if len(by) == 1:
        (marked,) = by.values()
        return [sorted(bare + marked)]
    return [part for part in (bare, *by.values()) if part]


def why(one: str, other: str) -> Why:
    """Why two values of a group are in it: the surest reason."""
    if spelled(one) == spelled(other) or glued(one) == glued(other):
        return "spelling"
    if meaning(one) == meaning(other):
        return "meaning"
    return "spelling" if any(abbreviated({"one": read(one), "other": read(other)})) else "typo"
