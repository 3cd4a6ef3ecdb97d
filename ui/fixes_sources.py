"""What a repair can follow: the saved map, findings, values chosen here, blank contacts, a list of records.

Each draws its own choices and gives back what a plan would be made of; nothing is written.

Not here: making the plan (fixes_new.py), what a repair is (leadpact/writeback/repair.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from leadpact.audit import proposal as proposing
from leadpact.audit import valuemap_store
from leadpact.audit.facts import Facts
from leadpact.audit.proposal import Proposal
from leadpact.audit.shown import shown
from leadpact.audit.valuemap import ValueMap
from leadpact.audit.valuemap_check import checked
from leadpact.audit.valuemap_file import decoded
from leadpact.errors import LeadPactError
from leadpact.model import CONTACT, OBJECTS
from leadpact.workspace import Analysis
from leadpact.writeback import repair, repair_list
from leadpact.writeback.repair import Source
from leadpact.writeback.repair_list import MOST_BYTES, Wanted
from ui import audits, errors, findings_suppress, findings_target, fixes_desk, moments, state
from ui.findings_target import Found, Named
from ui.fixes_desk import Desk

MAP, FINDINGS, VALUES, BLANK, LIST = SOURCES = ("map", "findings", "values", "blank", "list")
ICONS: Mapping[str, str] = {
    MAP: "alt_route", FINDINGS: "troubleshoot", VALUES: "swap_horiz", BLANK: "contact_page", LIST: "upload_file",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a plan would be made of: a map of values, or a list of records; `rows` to be seen before it is made."""

    source: Source
    values: ValueMap | None = None
    wanted: Sequence[Wanted] = ()

    @property
    def moves(self) -> list[tuple[str, str, str, int]]:
        """Object, old value ("" is blank), new value and records, the most first; none without records."""
        found: dict[tuple[str, str, str], int] = {}
        for row in self.values.moving if self.values is not None else ():
            key = (row.object, row.value or "", row.to or "")
            found[key] = found.get(key, 0) + row.records
        ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return [(*key, records) for key, records in ordered if records]


def pick(desk: Desk) -> Asked | None:
    """The choice of a source, its own choices, and what they come to; null while something is missing."""
    first = MAP if valuemap_store.working(desk.page.workspace.database, desk.page.connection.name) else FINDINGS
    current = state.read(fixes_desk.FOLLOW)
    current = current if current in SOURCES else first
    st.pills(
        desk.page.text("follow"), SOURCES, required=True,
        format_func=lambda one: f":material/{ICONS[one]}: {desk.page.text(f'follow.{one}')}",
        **state.bound(desk.key("follow"), fixes_desk.FOLLOW, current, lambda one: None if one == first else one),
    )  # fmt: skip
    st.caption(desk.text(f"follow.{current}.help"))
    return _DRAWN[current](desk)


def _map(desk: Desk) -> Asked | None:
    page = desk.page
    saved = valuemap_store.working(page.workspace.database, page.connection.name)
    if saved is None:
        page.empty("page.fixes.no_map")
        page.link("findings", page.text("to_map"), view="target")
        return None
    at = moments.shown(desk.lang, saved.created_at, page.used.pact.zone)
    st.markdown(desk.text("map", number=saved.number, author=saved.author, at=at))
    page.link("findings", page.text("edit_map"), view="target")
    name = f"map {saved.number}"
    values: ValueMap = page.cached_whole(findings_target.present, Named(saved.map))
    return _fits(desk, values, *repair.of_map(saved.map, name))


def _fits(desk: Desk, counted: ValueMap, values: ValueMap, source: Source) -> Asked | None:
    """A map that somebody saved, as long as it still fits CRM and pact."""
    try:
        checked(values, Facts.of(desk.page.analysis), desk.page.used.pact, source.name)
    except LeadPactError as error:
        errors.show(desk.lang, error, desk.page.name)
        return None
    return Asked(source, counted)


def _findings(desk: Desk) -> Asked | None:
    """The proposal for the findings of the rules chosen, those of the link first."""
    page = desk.page
    result = findings_suppress.counted(page, audits.whole(page))
    made: Proposal = page.cached_whole(findings_target.proposed, Found(result.findings))
    records: dict[str, int] = {}
    for row in made.map.moving:
        for code in row.codes:
            records[code] = records.get(code, 0) + row.records
    if not any(records.values()):
        page.empty("page.fixes.no_findings", action="findings")
        return None
    named = [code for code in (state.read(fixes_desk.CODES) or "").split(",") if code in records]
    st.multiselect(
        page.text("codes"), sorted(records), placeholder=page.text("codes.none"),
        format_func=lambda code: page.text("code", code=code, title=page.lang(f"rule.{code}.title"),
                                           count=records[code]),
        **state.bound(desk.key("codes"), fixes_desk.CODES, named, lambda codes: ",".join(codes) or None),
    )  # fmt: skip
    return Asked(*reversed(repair.of_findings(made.map, named))) if named else None


def _values(desk: Desk) -> Asked | None:
    """Some values of one object, and the one their records get."""
    page = desk.page
    held: Mapping[str, Mapping[str, int]] = page.cached_whole(held_by)
    offered: Mapping[str, Sequence[str]] = page.cached_whole(findings_target.on_offer)
    objects = [one for one in OBJECTS if held.get(one)]
    if not objects:
        page.empty("page.fixes.no_values", action="connection")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        object = st.selectbox(page.text("object"), objects, key=desk.key("object"), width=160,
                              format_func=lambda one: page.lang(f"setup.objects.{one}"))  # fmt: skip
        own = held[object]
        old = st.multiselect(
            page.text("old"), list(own), key=desk.key(f"old_{object}"), width=460, placeholder=page.text("old.none"),
            format_func=lambda value: f"{shown(value) or page.lang('proposal.blank')} ({page.lang.number(own[value])})",
        )  # fmt: skip
        new = st.selectbox(
            page.text("new.value"), list(offered.get(object, ())), index=None, key=desk.key(f"new_{object}"), width=300,
            placeholder=page.text("new.none"), accept_new_options=True, help=page.text("new.help"),
            format_func=shown,
        )  # fmt: skip
    if not old or not new:
        return None
    try:
        values, source = repair.of_pairs(Facts.of(page.analysis), object, [(value, new) for value in old])
    except LeadPactError as error:
        errors.show(desk.lang, error, page.name)
        return None
    return Asked(source, ValueMap.of(replace(row, records=own[row.value or ""]) for row in values.rows))


def held_by(analysis: Analysis) -> dict[str, dict[str, int]]:
    """By object, how many records that may be written hold each status, the most first; "" is blank."""
    found: dict[str, dict[str, int]] = {}
    for one in sorted(Facts.of(analysis).held, key=lambda one: -one.records):
        if one.object in OBJECTS and one.records > one.frozen:
            found.setdefault(one.object, {})[one.value or ""] = one.records - one.frozen
    return found


def _blank(desk: Desk) -> Asked | None:
    page = desk.page
    if not page.cached_whole(held_by).get(CONTACT, {}).get(""):
        st.success(desk.text("no_blank"), icon=":material/check_circle:")
        return None
    try:
        return Asked(*reversed(page.cached_whole(blank_contacts)))
    except LeadPactError as error:
        errors.show(desk.lang, error, page.name)
        return None


def blank_contacts(analysis: Analysis) -> tuple[ValueMap, Source]:
    """As `repair.of_blank_contacts`, counted."""
    facts = Facts.of(analysis)
    values, source = repair.of_blank_contacts(facts)
    return proposing.present(facts, analysis.pact, values), source


def _list(desk: Desk) -> Asked | None:
    """A file of records and their new status."""
    page = desk.page
    with st.container(horizontal=True, vertical_alignment="bottom"):
        object = st.selectbox(page.text("list.object"), OBJECTS, key=desk.key("list_object"), width=220,
                              format_func=lambda one: page.lang(f"setup.objects.{one}"))  # fmt: skip
        file: Any = st.file_uploader(page.text("list.file"), type=["csv"], key=desk.key("list"),
                                     max_upload_size=MOST_BYTES // 1_000_000)  # fmt: skip
    if file is None:
        return None
    if file.size > MOST_BYTES:  # a part of a list is not the list
        st.error(desk.text("list.too_big", file=file.name, most=MOST_BYTES // 1_000_000), icon=":material/error:")
        return None
    try:
        wanted, source = repair_list.read(decoded(file.getvalue(), file.name, MOST_BYTES), file.name, object)
    except LeadPactError as error:
        errors.show(desk.lang, error, page.name)
        return None
    st.markdown(desk.text("list.read", count=len(wanted), file=file.name))
    return Asked(source, None, tuple(wanted))


_DRAWN: Mapping[str, Callable[[Desk], Asked | None]] = {
    MAP: _map, FINDINGS: _findings, VALUES: _values, BLANK: _blank, LIST: _list,
}  # fmt: skip
