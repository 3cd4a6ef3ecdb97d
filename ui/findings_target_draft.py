"""The value map being edited, kept by the session for each connection until it is saved or discarded.

The table's own edits live only as long as it is drawn, and a rerun in the middle can lose them
(Streamlit #11679): its base stays the same object while it is drawn, every edit is copied here
as it is made, and a table drawn anew begins from here.

Not here: how it is drawn (findings_target_editor.py), what a map is (leadpact/audit/valuemap.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from leadpact.audit.valuemap import Row, ValueMap
from leadpact.model import OBJECTS

_DRAFTS, _NOTE = "_target_drafts", "_target_note"
# decisions that are no value: characters no CRM value begins with
OPEN, LEAVE = "\ue000open", "\ue000leave"


@dataclass(frozen=True)
class Draft:
    """`base` is what the tables were drawn from, `now` what it has become; `saved` the version it began from.

    `seen` is the proposal and saved map it stands on: an untouched draft follows them.
    """

    base: ValueMap
    now: ValueMap
    saved: int | None
    seen: tuple[object, ...]
    turn: int = 0
    new_values: Mapping[tuple[str, str], str] = field(default_factory=dict)  # object, value → stage

    @property
    def touched(self) -> bool:
        return self.now.hash != self.base.hash or self.turn > 0


def current(connection: str, begin: ValueMap, saved: int | None, seen: tuple[object, ...]) -> Draft:
    """The draft of a connection; begun anew where there is none, or nobody has touched it and the data changed."""
    drafts = _drafts()
    found = drafts.get(connection)
    if found is None or (not found.touched and found.seen != seen):
        found = drafts[connection] = Draft(begin, begin, saved, seen)
    return found


def rebased(connection: str, drawn: bool) -> Draft:
    """The draft, its edits made part of the base where the tables are about to be drawn anew."""
    found = _drafts()[connection]
    if not drawn and found.base is not found.now:
        found = _drafts()[connection] = replace(found, base=found.now, turn=found.turn + 1)
    return found


def put(connection: str, values: ValueMap) -> None:
    """Another map in place of the one being edited: an uploaded one, or the proposal itself."""
    st.session_state.pop(_NOTE, None)
    found = _drafts()[connection]
    _drafts()[connection] = replace(found, base=values, now=values, turn=found.turn + 1)


def drop(connection: str) -> None:
    """Forgets the edits: the next look begins anew."""
    _drafts().pop(connection, None)
    st.session_state.pop(_NOTE, None)


def tell(good: bool, text: str) -> None:
    """What came of the last act; it stands until the next one, whatever else runs the page."""
    st.session_state[_NOTE] = (good, text)


def note() -> tuple[bool, str] | None:
    """What `tell` was told last; null once something else was done."""
    found: tuple[bool, str] | None = st.session_state.get(_NOTE)
    return found


def add_value(connection: str, object: str, value: str, stage: str) -> None:
    """A value to choose that no picklist has. The tables are drawn anew, with the edits made so far."""
    found = _drafts()[connection]
    new = {**found.new_values, (object, value): stage}
    _drafts()[connection] = replace(found, base=found.now, turn=found.turn + 1, new_values=new)


def edit(connection: str, edits: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> None:
    """What the tables say, by object: the edits of each since it was drawn, by position and column."""
    found = _drafts()[connection]
    rows = list(found.base.rows)
    for object in OBJECTS:
        own = [place for place, row in enumerate(rows) if row.object == object]
        for position, changes in edits.get(object, {}).items():
            if position < len(own):
                place = own[position]
                rows[place] = edited(rows[place], changes, found.new_values)
    _drafts()[connection] = replace(found, now=ValueMap.of(rows))
    st.session_state.pop(_NOTE, None)


def edited(row: Row, changes: Mapping[str, Any], new_values: Mapping[tuple[str, str], str]) -> Row:
    """A row after an edit. Another target has the stage of its own, unless the edit names one."""
    now = row
    if "to" in changes:
        choice = changes["to"]
        if choice == LEAVE:
            now = replace(now, to=None, leave=True, stage=None)
        elif choice in (OPEN, None, ""):
            now = replace(now, to=None, leave=False, stage=None)
        else:
            now = replace(now, to=choice, leave=False, stage=new_values.get((row.object, choice)))
        now = now if choice_of(now) != choice_of(row) else row
    if "stage" in changes:
        now = replace(now, stage=changes["stage"] or None)
    if "keep" in changes:
        now = replace(now, keep=changes["keep"] or None)
    return now


def choice_of(row: Row) -> str:
    """What the table's choice of target holds."""
    return LEAVE if row.leave else row.to if row.to is not None else OPEN


def choices(values: Sequence[str], rows: Sequence[Row], new: Sequence[str]) -> list[str]:
    """What a row may be led to: the values on offer, those the map leads to already, and new ones."""
    used = [row.to for row in rows if row.to is not None]
    return [OPEN, LEAVE, *dict.fromkeys([*values, *sorted(used), *new])]


def _drafts() -> dict[str, Draft]:
    found: dict[str, Draft] = st.session_state.setdefault(_DRAFTS, {})
    return found
