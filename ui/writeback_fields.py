"""The fields of write-back: the set-up check, choosing them, and making what is missing after a preview.

The CRM is asked only when somebody clicks: describing its fields takes calls.

Not here: the check itself (leadpact/writeback/setup.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from leadpact.crm_fields import CrmField, Equippable, Prepared
from leadpact.errors import LeadPactError
from leadpact.model import OBJECTS
from leadpact.writeback import setup, targets
from leadpact.writeback.difference import described_fields, fault
from leadpact.writeback.setup import Need
from leadpact.writeback.target import Target
from leadpact.writeback.targets import PURPOSES, Targets
from ui import access, errors, writeback_table
from ui.page import Page

_SEEN, _ASKED = "_writeback_seen", "_writeback_look_asked"
_PREPARED, _SAID = "_writeback_prepared", "_writeback_fields_said"


def show(page: Page, target: Target, said: str) -> None:
    """How each field stands, as far as somebody has looked."""
    st.subheader(page.text("writeback.fields"), anchor=False)
    seen = _look(page, target)
    _note()
    if seen is None:
        _as_chosen(page, target)
        return
    found = seen.needs
    _table(page, {(one.object, one.purpose): _standing(page, one) for one in found})
    there = any(one.state == "found" and one.purpose in PURPOSES for one in found)
    if there and st.button(
        page.text("writeback.adopt"), key=page.key("wb_adopt"), icon=":material/playlist_add_check:"
    ):
        _adopt(page, target, found, said)
    _making(page, target, found, said)
    _choosing(page, target, seen, said)


@dataclass(frozen=True)
class Seen:
    """What the last look into the CRM has found, of one connection."""

    connection: str
    needs: Sequence[Need]
    fields: Mapping[str, Mapping[str, CrmField]]


def _look(page: Page, target: Target) -> Seen | None:
    """What the last look has found; null before the first."""
    name = page.connection.name
    seen: Seen | None = st.session_state.get(_SEEN)
    seen = seen if seen is not None and seen.connection == name else None
    label = page.text("writeback.look" if seen is None else "writeback.look_again")
    asked = st.session_state.pop(_ASKED, None) == name
    if st.button(label, key=page.key("wb_look"), icon=":material/fact_check:") or asked:
        st.session_state.pop(_SEEN, None)
        st.session_state.pop(_PREPARED, None)
        try:
            access.acting(page.visitor, access.WRITE_CRM)  # the CRM is asked in LeadPact's name
            with st.spinner(page.text("writeback.looking")):
                found = setup.needs(target, page.workspace.analyse(name))
                fields = {one: described_fields(target, one) or {} for one in {need.object for need in found}}
        except LeadPactError as error:
            errors.show(page.lang, error, page.name)
            return None
        seen = st.session_state[_SEEN] = Seen(name, found, fields)
    return seen


def _look_again(page: Page) -> None:
    st.session_state[_ASKED] = page.connection.name


def _as_chosen(page: Page, target: Target) -> None:
    """Before anybody has looked: what is chosen, without asking the CRM."""
    chosen = targets.load(target.engine, page.connection.name)
    cells = {(object, purpose): chosen.field(object, purpose) for object in OBJECTS for purpose in PURPOSES}
    if any(cells.values()):
        _table(page, cells)
    else:
        st.caption(errors.plain(page.text("writeback.none_chosen")))


def _standing(page: Page, one: Need) -> str:
    said = page.lang(f"writeback.state.{one.state}")
    return said if one.field is None else f"{one.field} · {said}"


def _table(page: Page, cells: Mapping[tuple[str, str], str | None]) -> None:
    """A row for each purpose, a column for each object."""
    objects = list(dict.fromkeys(object for object, _ in cells))
    rows = [
        {"purpose": page.lang(f"writeback.purpose.{purpose}"), **{one: cells.get((one, purpose)) for one in objects}}
        for purpose in dict.fromkeys(purpose for _, purpose in cells)
    ]
    called = {one: page.lang(f"ui.object.{one}") for one in objects}
    writeback_table.show(page, rows, dict.fromkeys(("purpose", *objects), "text"), key="wb_fields", called=called)


def _making(page: Page, target: Target, found: Sequence[Need], said: str) -> None:
    """What is missing, shown as it would be made; then made."""
    wanted = [one for one in found if one.making is not None]
    if not wanted:
        return
    if not isinstance(target.connector, Equippable):
        st.info(errors.plain(page.text("writeback.by_hand")), icon=":material/build:")
        return
    if st.button(page.text("writeback.preview", count=len(wanted)), key=page.key("wb_preview"),
                 icon=":material/preview:"):  # fmt: skip
        try:
            with st.spinner(page.text("writeback.looking")):
                st.session_state[_PREPARED] = (page.connection.name, setup.prepare(target, wanted))
        except LeadPactError as error:
            errors.show(page.lang, error, page.name)
            return
    name, prepared = st.session_state.get(_PREPARED, (None, []))
    if name != page.connection.name or not prepared:
        return
    with st.container(border=True):
        for need, one in prepared:
            _shown(page, need, one)
        if page.connection.writable and any(one.possible for _, one in prepared):
            st.caption(errors.plain(page.text("writeback.make.help")))
            if st.button(page.text("writeback.make", name=errors.plain(page.connection.name)), key=page.key("wb_make"),
                         type="primary", icon=":material/add_box:",
                         disabled=not access.may(page.visitor, access.MAKE_FIELDS)):  # fmt: skip
                _make(page, target, prepared, said)


def _shown(page: Page, need: Need, one: Prepared) -> None:
    """One field before it is made: what would happen, and what would be sent."""
    lang = page.lang
    title = f"{lang(f'ui.object.{need.object}')} · {lang(f'writeback.purpose.{need.purpose}')}"
    mark = ":material/add_circle:" if one.possible else ":material/block:"
    with st.expander(f"{mark} {errors.plain(title)}"):
        st.markdown(errors.plain(lang(one.message, **one.params)))
        if one.remedy:
            st.markdown(errors.plain(lang(one.remedy, **one.params)))
        if one.preview:
            st.code(one.preview, language=None)


def _make(page: Page, target: Target, prepared: Sequence[tuple[Need, Prepared]], said: str) -> None:
    try:
        actor = access.acting(page.visitor, access.MAKE_FIELDS, said)
        with st.spinner(page.text("writeback.making")):
            done = list(setup.make(target, prepared, author=actor, now=page.now()))
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return
    lines = [
        f"{page.lang(f'ui.object.{need.object}')} · {page.lang(f'writeback.purpose.{need.purpose}')}: "
        f"{page.lang(f'writeback.made.{made.kind}')}" + (f" ({made.code})" if made.code else "")
        for need, made in done
    ]
    if any(made.kind == "made" and need.purpose == targets.STATUS for need, made in done):
        lines.append(page.lang("writeback.map_status"))
    _tell(all(made.kind in ("made", "exists") for _, made in done), "\n".join(lines))
    _look_again(page)
    st.rerun()


def _adopt(page: Page, target: Target, found: Sequence[Need], said: str) -> None:
    try:
        actor = access.acting(page.visitor, access.WRITE_CRM, said)
        setup.adopt(target, found, author=actor, now=page.now())
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return
    _look_again(page)
    st.rerun()


def _choosing(page: Page, target: Target, seen: Seen, said: str) -> None:
    """Other fields, by hand."""
    chosen = targets.load(target.engine, page.connection.name)
    objects = list(dict.fromkeys(one.object for one in seen.needs))
    with (
        st.expander(page.text("writeback.choose"), icon=":material/tune:"),
        st.form(page.key("wb_choose"), border=False),
    ):
        st.caption(errors.plain(page.text("writeback.choose.help")))
        picked: dict[tuple[str, str], str | None] = {}
        for object in objects:
            st.markdown(f"**{errors.plain(page.lang(f'ui.object.{object}'))}**")
            with st.container(horizontal=True):
                for purpose in PURPOSES:
                    picked[object, purpose] = _field(page, object, purpose, chosen, seen.fields.get(object, {}))
        if st.form_submit_button(page.text("writeback.choose.save"), icon=":material/save:"):
            _choose(page, target, chosen, picked, said)


def _field(page: Page, object: str, purpose: str, chosen: Targets, described: Mapping[str, CrmField]) -> str | None:
    now = chosen.field(object, purpose)
    fitting = [one.name for one in described.values() if fault(purpose, one)[0] is None]
    options = list(dict.fromkeys([*([now] if now else []), *sorted(fitting)]))

    def called(name: str) -> str:
        one = described.get(name)
        return name if one is None or one.label == name else f"{one.label} ({name})"

    return st.selectbox(
        page.lang(f"writeback.purpose.{purpose}"), options, index=0 if now else None, format_func=called,
        key=page.key(f"wb_field_{object}_{purpose}"), placeholder=page.text("writeback.no_field"), width=260,
    )  # fmt: skip


def _choose(page: Page, target: Target, chosen: Targets, picked: Mapping[tuple[str, str], Any], said: str) -> None:
    try:
        actor = access.acting(page.visitor, access.WRITE_CRM, said)
        empty = chosen
        for object, purpose in picked:  # all out first: two fields may have changed places
            empty = empty.with_field(object, purpose, None)
        for (object, purpose), name in picked.items():
            empty = empty.with_field(object, purpose, name)
        targets.save(target.engine, page.connection.name, empty, author=actor, now=page.now())
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return
    _look_again(page)
    _tell(True, page.text("writeback.chosen"))
    st.rerun()


def _tell(good: bool, text: str) -> None:
    st.session_state[_SAID] = (good, text)


def _note() -> None:
    good, text = st.session_state.pop(_SAID, (True, ""))
    if text:
        (st.success if good else st.error)(errors.plain(text))
