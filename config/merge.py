"""Three-way merge of plain JSON parts: what two people did to different parts is both kept.

A dictionary merges key by key. A list whose items have a name of their own (stages by key, rules
and policies by id, terms by term …) merges item by item, an item being one part; any other list
by its items as they are. Where both changed the same part differently there is a clash, and
nobody's side is taken.

Not here: drafts and who edits them (drafts.py), differences told to people (diff.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

IDENTITIES: tuple[tuple[str, ...], ...] = (("key",), ("id",), ("term",), ("from", "to"), ("name",))
WHOLE = ("calendars",)  # sections whose entries are one part each: half of two calendars is no calendar


class _Absent:
    """A part that is not there; null is a value."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()


@dataclass(frozen=True)
class Clash:
    """One part both changed. `path` is within the section; a side is null where it has no such part."""

    path: str
    base: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Merged:
    """`value` is ABSENT where the part is gone; it is only to be used when there are no clashes."""

    value: Any
    clashes: tuple[Clash, ...] = ()


def merge(section: str, base: Any, mine: Any, theirs: Any) -> Merged:
    """One section with the changes of both sides since `base`; any side may be ABSENT."""
    return _merge(section, base, mine, theirs, depth=1 if section in WHOLE else None)


def identity_of(*lists: Sequence[Any]) -> tuple[str, ...] | None:
    """The fields the items of all these lists are told apart by; null where there are none such."""
    for fields in IDENTITIES:
        if all(_identified(items, fields) for items in lists) and any(lists):
            return fields
    return None


def _identified(items: Sequence[Any], fields: tuple[str, ...]) -> bool:
    if not all(isinstance(item, Mapping) and all(item.get(name) for name in fields) for item in items):
        return False
    names = [_name(item, fields) for item in items]
    return len(set(names)) == len(names)


def _name(item: Mapping[str, Any], fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one if isinstance(one := item[name], str) else canonical(one) for name in fields)


def _merge(path: str, base: Any, mine: Any, theirs: Any, depth: int | None) -> Merged:
    if same(mine, theirs) or same(mine, base):
        return Merged(theirs)
    if same(theirs, base):
        return Merged(mine)
    if depth != 0 and isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return _mappings(path, base if isinstance(base, Mapping) else {}, mine, theirs, depth)
    if isinstance(mine, list) and isinstance(theirs, list):
        return _lists(path, base if isinstance(base, list) else [], mine, theirs)
    return Merged(ABSENT, (_clash(path, base, mine, theirs),))


def _mappings(
    path: str, base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any], depth: int | None
) -> Merged:
    below = None if depth is None else depth - 1
    value: dict[str, Any] = {}
    clashes: list[Clash] = []
    for name in dict.fromkeys([*theirs, *mine, *base]):
        old, ours, others = (one.get(name, ABSENT) for one in (base, mine, theirs))
        found = _merge(f"{path}.{name}", old, ours, others, below)
        clashes.extend(found.clashes)
        if found.value is not ABSENT:
            value[name] = found.value
    return Merged(value, tuple(clashes))


def _lists(path: str, base: list[Any], mine: list[Any], theirs: list[Any]) -> Merged:
    fields = identity_of(base, mine, theirs)
    sides = [_by_identity(items, fields) for items in (base, mine, theirs)]
    old, ours, others = sides
    kept: dict[Hashable, Any] = {}
    clashes: list[Clash] = []
    for name in dict.fromkeys([*others, *ours, *old]):
        before, left, right = (side.get(name, ABSENT) for side in sides)
        found = _merge(f"{path}[{_said(name)}]", before, left, right, 0)
        clashes.extend(found.clashes)
        if found.value is not ABSENT:
            kept[name] = found.value
    order = _order(list(old), list(ours), list(others), kept)
    if order is None or (fields is None and _rewritten(old, ours, others)):
        return Merged(ABSENT, (_clash(path, base, mine, theirs),))
    return Merged([kept[name] for name in order], tuple(clashes))


def _by_identity(items: list[Any], fields: tuple[str, ...] | None) -> dict[Hashable, Any]:
    if fields is not None:
        return {_name(item, fields): item for item in items}
    seen: Counter[str] = Counter()
    found: dict[Hashable, Any] = {}
    for item in items:
        text = canonical(item)
        seen[text] += 1
        found[(text, seen[text])] = item
    return found


def _rewritten(old: Iterable[Hashable], ours: Iterable[Hashable], others: Iterable[Hashable]) -> bool:
    """Whether both took the same nameless item away and put something of their own instead."""
    before, left, right = set(old), set(ours), set(others)
    gone = before - left - right
    return bool(gone) and left - before != right - before


def _order(
    old: list[Hashable], ours: list[Hashable], others: list[Hashable], kept: Mapping[Hashable, Any]
) -> list[Hashable] | None:
    """The order of what is kept; null where both put the same items in different orders."""
    common = [name for name in old if name in kept and name in set(ours) and name in set(others)]
    among = set(common)
    left, right = ([name for name in side if name in among] for side in (ours, others))
    moved = [side for side in (left, right) if side != common]
    if len(moved) == 2 and left != right:
        return None
    first, second = (ours, others) if left != common else (others, ours)
    order = [name for name in first if name in kept]
    for at, name in enumerate(second):
        if name in kept and name not in order:
            before = next((one for one in reversed(second[:at]) if one in order), None)
            order.insert(0 if before is None else order.index(before) + 1, name)
    return order


def same(one: Any, other: Any) -> bool:
    """Whether two parts are equal as JSON: 1 and 1.0 are, 1 and true are not."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return canonical(one) == canonical(other)


def canonical(part: Any) -> str:
    """JSON with sorted keys; whole numbers alike however they were typed."""
    return json.dumps(_plain(part), sort_keys=True, ensure_ascii=False)


def _plain(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {str(name): _plain(value) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_plain(one) for one in part]
    return int(part) if isinstance(part, float) and part.is_integer() else part


def _clash(path: str, base: Any, mine: Any, theirs: Any) -> Clash:
    sides = (None if one is ABSENT else one for one in (base, mine, theirs))
    return Clash(path, *sides)


def _said(name: Hashable) -> str:
    return " → ".join(str(part) for part in name) if isinstance(name, tuple) else str(name)
