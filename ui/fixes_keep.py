"""Keeping what old statuses said ("Left voicemail") in a field of its own; where there is none, making it first.

Not here: the plan (leadpact/writeback/repair_keep.py), how a CRM makes a field (connectors).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from leadpact.audit.facts import Facts
from leadpact.crm_fields import Equippable, Fielded, Made, Prepared
from leadpact.errors import LeadPactError
from leadpact.workspace import Analysis
from leadpact.writeback import repair_keep, repair_keep_field, repair_words
from leadpact.writeback.plan import Plan
from ui import access, errors, fixes_desk
from ui.fixes_desk import Desk

_FIELDS, _PREPARED = "_seen_fixes_fields", "_seen_fixes_field"


def show(desk: Desk, plan: Plan) -> None:
    """A plan of its own; only where old statuses named any action."""
    page = desk.page
    actions: int = page.cached_whole(named_actions, old_values(desk, plan))
    if not actions or not desk.may():
        return
    with st.expander(page.text("keep", count=actions), icon=":material/inventory_2:", key=desk.key("keep_box"),
                     on_change="rerun") as folder:  # fmt: skip
        if not folder.open:
            return
        st.markdown(desk.text("keep.help"))
        try:
            names = _fields(desk, plan)
        except LeadPactError as error:
            errors.show(desk.lang, error, page.name)
            return
        _choose(desk, plan, names)
        if isinstance(desk.target.connector, Equippable) and desk.able:
            _new_field(desk, plan)


def _choose(desk: Desk, plan: Plan, names: dict[str, str]) -> None:
    page = desk.page
    if not names:
        return
    field = st.selectbox(page.text("keep.field"), list(names), index=None, format_func=names.__getitem__,
                         key=desk.key("keep_field"), placeholder=page.text("keep.none"), width=420)  # fmt: skip
    if st.button(page.text("keep.plan"), key=desk.key("keep"), icon=":material/edit_note:", disabled=field is None):
        made = desk.act(lambda name: repair_keep.plan(desk.target, page.analysis, plan.id, str(field), author=name,
                                                      now=page.now()), waiting="planning")  # fmt: skip
        if made is not None:
            fixes_desk.look_at(made.id)
            st.rerun()


def _new_field(desk: Desk, plan: Plan) -> None:
    """A text field made in the CRM: named, shown as it would be sent, and made with one more click."""
    page = desk.page
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(page.text("keep.new"), value=page.text("keep.new.name"), key=desk.key("keep_new"),
                             max_chars=40, width=300).strip()  # fmt: skip
        if st.button(page.text("keep.preview"), key=desk.key("keep_preview"), icon=":material/preview:") and name:
            st.session_state[_PREPARED] = (plan.id, name, _preview(desk, plan, name))
    about, called, prepared = st.session_state.get(_PREPARED, (None, "", None))
    if about != plan.id or called != name or prepared is None:
        return
    if not prepared:
        st.info(desk.text("keep.there", field=name), icon=":material/info:")
        return
    for one in prepared:
        st.markdown(errors.plain(desk.lang(one.message, **one.params)))
        if one.remedy:
            st.markdown(errors.plain(desk.lang(one.remedy, **one.params)))
        if one.preview:
            st.code(one.preview, language=None)
    label = desk.text("keep.make", name=page.connection.name)
    if any(one.possible for one in prepared) and st.button(
        label, key=desk.key("keep_make"), icon=":material/add_box:", disabled=not desk.may(access.MAKE_FIELDS)
    ):
        _make(desk, plan, prepared)


def _preview(desk: Desk, plan: Plan, name: str) -> Sequence[Prepared] | None:
    try:
        with st.spinner(desk.page.text("asking")):
            wanted = repair_keep_field.lacking(desk.target, plan.id, name, desk.page.used.pact.language)
            return repair_keep_field.preview(desk.target, wanted)
    except LeadPactError as error:
        errors.show(desk.lang, error, desk.page.name)
        return None


def _make(desk: Desk, plan: Plan, prepared: Sequence[Prepared]) -> None:
    def made(author: str) -> list[Made]:
        return list(repair_keep_field.make(desk.target, prepared, author=author, now=desk.page.now()))

    done = desk.act(made, access.MAKE_FIELDS, waiting="asking")
    if done is None:
        return
    for name in (_FIELDS, _PREPARED):
        st.session_state.pop(name, None)
    lines = [f"{one.prepared.making.name}: {desk.lang(f'writeback.made.{one.kind}')}" for one in done]
    fixes_desk.tell("\n".join(lines), good=all(one.kind in ("made", "exists") for one in done))
    st.rerun()


def old_values(desk: Desk, plan: Plan) -> tuple[tuple[str, int], ...]:
    """The old values of a plan, with their records."""
    return tuple((one.before, one.records) for one in repair_words.by_value(desk.engine, plan) if one.before)


def named_actions(analysis: Analysis, old: tuple[tuple[str, int], ...]) -> int:
    """How many records held a status that named an action."""
    facts = Facts.of(analysis)
    return sum(records for value, records in old if facts.verdict(value).kind in repair_keep.ACTIONS)


def _fields(desk: Desk, plan: Plan) -> dict[str, str]:
    """The text fields of the CRM this user may write, in all objects of the plan; asked once a session."""
    kept: dict[tuple[str, int], dict[str, str]] = st.session_state.setdefault(_FIELDS, {})
    place = (plan.connection, plan.id)
    if place not in kept and isinstance(desk.target.connector, Fielded):
        objects = sorted(key.partition(".")[0] for key in plan.draft.kinds)
        found: list[dict[str, str]] = []
        for object in objects:
            own = [one for one in desk.target.connector.fields(object)
                   if one.writable and one.kind in repair_keep.KINDS and not one.column]  # fmt: skip
            found.append({one.name: one.name if one.label in ("", one.name) else f"{one.label} ({one.name})"
                          for one in own})  # fmt: skip
        kept[place] = {name: label for name, label in found[0].items() if all(name in one for one in found)}
    return kept.get(place, {})
