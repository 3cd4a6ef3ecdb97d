"""Edits of a pact as pure functions: the plain document in, the sections that change out.

An item of a list is replaced, put somewhere else or taken out; a stage that goes takes its values,
moves and content with it. The document may be invalid: what is no list or mapping counts as empty.

Not here: keeping drafts (drafts.py), merging two people's edits (merge.py), what is valid (schema.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from config.merge import ABSENT, identity_of, merge

Path = tuple[str, ...]
Document = Mapping[str, Any]
OBJECTS = ("lead", "contact")


def part(document: Document, path: Path) -> Any:
    """What stands at the path; null where nothing does."""
    here: Any = document
    for name in path:
        here = here.get(name) if isinstance(here, Mapping) else None
    return here


def items(document: Document, path: Path) -> list[Any]:
    """The list at the path; empty where there is none."""
    found = part(document, path)
    return list(found) if isinstance(found, list) else []


def mapping(document: Document, path: Path) -> dict[str, Any]:
    """The mapping at the path; empty where there is none."""
    found = part(document, path)
    return dict(found) if isinstance(found, Mapping) else {}


def with_part(document: Document, path: Path, value: Any) -> dict[str, Any]:
    """The section the path lies in, by name, with its new value. What is empty is taken out."""
    first, *rest = path
    return {first: _put(document.get(first), rest, value)}


def put(given: Sequence[Any], at: int | None, item: Any, to: int | None = None) -> list[Any]:
    """The list with the item at place `at` replaced (null: added), and standing at place `to` (null: where it was)."""
    rest = [one for place, one in enumerate(given) if place != at]
    place = to if to is not None else at if at is not None else len(rest)
    return [*rest[:place], item, *rest[place:]]


def without(given: Sequence[Any], at: int) -> list[Any]:
    """The list without the item at that place."""
    return [one for place, one in enumerate(given) if place != at]


def compact(item: Mapping[str, Any]) -> dict[str, Any]:
    """A part without the options nobody filled in: nulls, empty texts, empty lists and mappings."""
    return {name: value for name, value in item.items() if value is not None and value != "" and value not in ([], {})}


def new_key(label: str, taken: Collection[str], fallback: str = "part") -> str:
    """A key for a part by its label: plain letters, digits and `_`, not one of `taken`."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().casefold()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50]
    stem = stem if stem[:1].isalpha() else f"{fallback}_{stem}".strip("_")
    names = [stem, *(f"{stem}_{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def without_stage(document: Document, key: str) -> dict[str, Any]:
    """The sections that change when a stage goes: its values are unclaimed, its moves and content go with it.

    What names it and cannot do without (a clock that starts there) stays, to be mended by people.
    """
    stages = [one for one in items(document, ("stages",)) if not (isinstance(one, Mapping) and one.get("key") == key)]
    mapped: dict[str, Any] = {
        name: {value: stage for value, stage in pairs.items() if stage != key}
        for name, pairs in mapping(document, ("status_map",)).items()
        if isinstance(pairs, Mapping)
    }
    moves = [move for move in items(document, ("flow",)) if not (isinstance(move, list) and key in move)]
    content = [one for one in items(document, ("content_map",)) if key not in (one.get("from"), one.get("to"))]
    wanted = {"stages": stages, "status_map": mapped, "flow": moves or None, "content_map": content or None}
    return {name: value for name, value in wanted.items() if value != (document.get(name) or None)}


def renamed_calendar(document: Document, old: str, new: str) -> dict[str, Any]:
    """The clocks that run by the calendar `old`, by its new name; nothing where none does."""
    policies = items(document, ("sla",))
    now = [{**one, "calendar": new} if isinstance(one, Mapping) and one.get("calendar") == old else one
           for one in policies]  # fmt: skip
    return {"sla": now} if now != policies else {}


def renamed_policy(document: Document, old: str, new: str) -> dict[str, Any]:
    """The promise that names the clock `old`, by its new name; nothing where none does."""
    place = ("commitments", "sales", "follow_up")
    return with_part(document, place, new) if part(document, place) == old else {}


def led(document: Document, changes: Mapping[tuple[str, str], str | None]) -> dict[str, Any]:
    """The status map with these values, by object and value, led to another stage; null: to none."""
    found = mapping(document, ("status_map",))
    for (object, value), stage in changes.items():
        own = mapping(found, (object,))
        own.pop(value, None)
        found[object] = own if stage is None else {**own, value: stage}
    return {"status_map": {name: pairs for name, pairs in found.items() if pairs}}


def moves_of(document: Document) -> dict[str, list[str]]:
    """The agreed moves: stage → the stages it may move to, in the document's order."""
    found: dict[str, list[str]] = {}
    for move in items(document, ("flow",)):
        if isinstance(move, (list, tuple)) and len(move) == 2:
            found.setdefault(str(move[0]), []).append(str(move[1]))
    return found


def with_moves(document: Document, wanted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The flow with exactly these moves: kept ones in their place, new ones after them."""
    new = [[start, end] for start, ends in wanted.items() for end in ends]
    kept = [list(move) for move in items(document, ("flow",)) if list(move) in new]
    return {"flow": [*kept, *(move for move in new if move not in kept)] or None}


def transitions(document: Document) -> list[tuple[str, str, list[str] | None]]:
    """Every move content may help with: from, to, what there is (null: nobody has looked at it).

    The agreed moves between stages of the funnel; while none is agreed, from each funnel stage to
    the next. Then those that only the content map names.
    """
    funnel = [str(one.get("key")) for one in items(document, ("stages",))
              if isinstance(one, Mapping) and one.get("kind") in ("nurture", "qualified", "sales", "won")]  # fmt: skip
    flow = [(start, end) for start, ends in moves_of(document).items() for end in ends]
    among = [(start, end) for start, end in flow if start in funnel and end in funnel]
    known = {(one.get("from"), one.get("to")): one.get("content") or [] for one in items(document, ("content_map",))}
    wanted = dict.fromkeys([*(among if flow else pairwise(funnel)), *known])
    return [(str(start), str(end), known.get((start, end))) for start, end in wanted]


def taking_mine(section: str, base: Any, mine: Any, theirs: Any) -> Any:
    """One section with both sides' edits, mine wherever both changed the same part. Null: taken out."""
    sides = [ABSENT if one is None else one for one in (base, mine, theirs)]
    found = _preferred(section, *sides)
    return None if found is ABSENT else found


def _preferred(name: str, base: Any, mine: Any, theirs: Any) -> Any:
    found = merge(name, base, mine, theirs)
    if not found.clashes:
        return found.value
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping) and name != "calendars":
        old = base if isinstance(base, Mapping) else {}
        merged = {one: _preferred(one, old.get(one, ABSENT), mine.get(one, ABSENT), theirs.get(one, ABSENT))
                  for one in dict.fromkeys([*theirs, *mine])}  # fmt: skip
        return {one: value for one, value in merged.items() if value is not ABSENT}
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return {**theirs, **mine}
    if isinstance(mine, list) and isinstance(theirs, list):
        return _list(base if isinstance(base, list) else [], mine, theirs)
    return mine


def _list(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    """My items as I put them, theirs that I did not have added; what either took out and the other left is out."""
    fields = identity_of(base, mine, theirs)
    if fields is None:
        return _nameless(base, mine, theirs)
    old, ours, others = ({tuple(one[name] for name in fields): one for one in side} for side in (base, mine, theirs))
    kept: dict[Any, Any] = {}
    for name in dict.fromkeys([*ours, *others]):
        value = _preferred("item", *(side.get(name, ABSENT) for side in (old, ours, others)))
        if value is not ABSENT:
            kept[name] = value
    return list(kept.values())


def _nameless(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    """The same of items without a name; where both put another one in place of the same, mine is it."""
    kept = [one for one in mine if one in theirs or one not in base]
    both_took = sum(one not in mine and one not in theirs for one in base)
    added = [one for one in theirs if one not in base and one not in mine]
    return [*kept, *added[both_took:]]


def _put(here: Any, path: Iterable[str], value: Any) -> Any:
    first, *rest = path if (path := list(path)) else (None,)
    if first is None:
        return None if value in ([], {}, None, "") else value
    own = dict(here) if isinstance(here, Mapping) else {}
    below = _put(own.get(first), rest, value)
    own = {**own, first: below} if below is not None else {name: one for name, one in own.items() if name != first}
    return own or None
