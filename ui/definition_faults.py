"""What is wrong with the document shown: at the part it is about, with its remedy, as soon as it is saved.

Faults keep a draft from being signed; doubts do not, and people decide.

Not here: what a fault is (config/schema.py), what is doubtful (leadpact/soundness.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from config import drafts
from leadpact.errors import LeadPactError
from leadpact.soundness import doubts
from ui import definition_draft
from ui.errors import plain
from ui.page import Page

# faults of names, which say the name and no path: where the name stands
PLACES = {
    "pact.twice_stage": "stages", "pact.reserved_stage": "stages", "pact.twice_rule": "scoring",
    "pact.twice_sla": "sla", "pact.sla_without_calendar": "sla", "pact.unknown_calendar": "sla",
    "pact.unknown_policy": "commitments",
    "pact.twice_list": "lists", "pact.twice_transition": "content_map",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """One thing wrong. `blocks`: it keeps the draft from becoming a version."""

    path: str
    error: LeadPactError
    blocks: bool

    def within(self, place: str) -> bool:
        """Whether it is about the part at `place` or something in it."""
        return self.path == place or self.path.startswith((f"{place}.", f"{place}["))


def found(page: Page) -> Sequence[Fault]:
    """Everything wrong with the document shown, the faults first."""
    known: Sequence[Fault] = page.once("definition_faults", lambda: _found(page))
    return known


def new(page: Page, place: str, document: Mapping[str, Any], sections: Mapping[str, Any]) -> list[Fault]:
    """What would be wrong at `place` with these sections, and is not in the document as it is."""
    edited = {**document, **sections}
    before = {str(one.error) for one in _of(page, document) if one.within(place)}
    after = _of(page, {name: value for name, value in edited.items() if value is not None})
    return [one for one in after if one.within(place) and str(one.error) not in before]


def _found(page: Page) -> Sequence[Fault]:
    return _of(page, definition_draft.standing(page).document)


def _of(page: Page, document: Mapping[str, Any]) -> Sequence[Fault]:
    fields = list(page.analysis.tables.record.columns) if page.ready else None
    wrong = [Fault(_place(one), one, True) for one in drafts.faults(document)]
    # what validation names already is not doubted as well
    odd = [Fault(str(one.params["path"]), one, False) for one in doubts(document, fields)]
    return [*wrong, *(one for one in odd if not any(one.path == other.path for other in wrong))]


def of(page: Page, place: str) -> list[Fault]:
    """Those about the part at `place`: `sla`, `stages[2]`, `sales_ready.all`."""
    return [one for one in found(page) if one.within(place)]


def show(page: Page, faults: Sequence[Fault]) -> None:
    """Each with its remedy."""
    for one in faults:
        text = plain(page.lang.error(one.error))
        if one.blocks:
            st.error(text, icon=":material/error:")
        else:
            st.warning(text, icon=":material/help:")


def summary(page: Page, names: dict[str, Sequence[str]]) -> None:
    """How much is wrong, and in which part of the page, if anything is; `names` are the places of each part."""
    known = found(page)
    if not known:
        return
    parts = []
    for name, places in names.items():
        own = [one for one in known if any(one.within(place) for place in places)]
        if own:
            parts.append(f"{page.text(f'section.{name}')} {page.lang.number(len(own))}")
    blocking = sum(one.blocks for one in known)
    text = page.text("faults", count=blocking) if blocking else page.text("doubts", count=len(known))
    (st.error if blocking else st.warning)(plain(f"{text} {' · '.join(parts)}"), icon=":material/rule:")
    elsewhere = [one for one in known if not any(one.within(place) for places in names.values() for place in places)]
    show(page, elsewhere)


def _place(error: LeadPactError) -> str:
    path = str(error.params.get("path", ""))
    if path in ("", "–"):
        path = PLACES.get(error.key, "")
        name = error.params.get("name")
        return f"{path}.{name}" if path == "sla" and name else path
    return path
