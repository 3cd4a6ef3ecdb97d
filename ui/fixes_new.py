"""A new plan: what it follows, for whom, what is seen of it before it is made. Making one writes nothing.

Not here: the sources (fixes_sources.py), values the CRM lacks (fixes_missing.py), the plan (fixes_plan.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from leadpact.audit.facts import Facts
from leadpact.audit.shown import shown
from leadpact.workspace import Analysis
from leadpact.writeback import repair, repair_list
from leadpact.writeback.plan import Plan
from ui import fixes_desk, fixes_missing, fixes_sources, fixes_table, options, state
from ui.fixes_desk import Desk
from ui.fixes_sources import Asked

NARROWED = {f"only_{name}": name for name in (*state.CONDITIONS, "record_type")}
MOST_ROWS = 200


def show(desk: Desk) -> None:
    """The whole of it, for who may make one; the plan that is made is shown from then on."""
    if not desk.may():
        st.info(desk.may_not("may_not"), icon=":material/lock:")
        return
    st.subheader(desk.page.text("new"), anchor=False)
    asked = fixes_sources.pick(desk)
    if asked is None:
        return
    _moves(desk, asked)
    where = _narrow(desk)
    _make(desk, asked, where)


def _narrow(desk: Desk) -> Mapping[str, str]:
    """Only records that have these values themselves."""
    page = desk.page
    held = {**options.values(lambda: page.workspace.analyse(page.connection.name, pact=page.used), _data(desk)),
            "record_type": page.cached_whole(record_types)}  # fmt: skip
    chosen = {name: text for url, name in NARROWED.items() if (text := state.read(url)) is not None}
    label = page.text("narrowed", count=len(chosen)) if chosen else page.text("narrow")
    with st.expander(label, icon=":material/filter_alt:", expanded=bool(chosen)):
        st.caption(desk.text("narrow.help"))
        with st.container(horizontal=True):
            for url, name in NARROWED.items():
                if held[name] or name in chosen:
                    choices = [*dict.fromkeys([*held[name], *([chosen[name]] if chosen.get(name) else [])]), ""]
                    state.pick(
                        page.text(f"only.{name}"), desk.key(url), url, choices, chosen.get(name), width=220,
                        shown=lambda value: page.text("only.any") if value is None else options.shown(page.lang, value),
                    )  # fmt: skip
    return chosen


def _data(desk: Desk) -> str:
    one = desk.page.analysis
    return repr((str(desk.page.workspace.home.resolve()), one.connection, one.generation))


def record_types(analysis: Analysis) -> list[str]:
    """The record types there are, of leads and contacts."""
    return sorted({name for names in Facts.of(analysis).types().values() for name in names if name})


def _moves(desk: Desk, asked: Asked) -> None:
    """What the map moves, and what it leaves to people."""
    rows = [
        {"object": desk.lang(f"ui.object.{object}"), "before": shown(before) or desk.lang("proposal.blank"),
         "after": shown(after), "records": records}
        for object, before, after, records in asked.moves[:MOST_ROWS]
    ]  # fmt: skip
    kinds = {"object": "text", "before": "text", "after": "text", "records": "count"}
    fixes_table.show(desk, rows, kinds, key="moves", download=False)  # type: ignore[arg-type]
    if asked.moves:
        st.caption(desk.text("total", count=sum(records for *_, records in asked.moves)))
    waiting = sum(row.records for row in asked.values.rows if row.open) if asked.values is not None else 0
    if waiting:
        st.caption(desk.text("undecided", count=waiting))


def _make(desk: Desk, asked: Asked, where: Mapping[str, str]) -> None:
    """The one act here: the plan is checked against the CRM and kept."""
    if asked.values is not None and not asked.moves:
        st.success(desk.text("nothing_moves"), icon=":material/check_circle:")
        return
    fixes_desk.who(desk)
    lacking = fixes_missing.show(desk, asked)
    st.caption(desk.text("make.help"))
    if st.button(desk.page.text("make"), key=desk.key("make"), type="secondary" if lacking else "primary",
                 icon=":material/edit_note:"):  # fmt: skip
        plan = desk.act(lambda name: _made(desk, asked, where, name), waiting="planning")
        if isinstance(plan, Plan):
            fixes_desk.look_at(plan.id)
            st.rerun()


def _made(desk: Desk, asked: Asked, where: Mapping[str, str], author: str) -> Plan | None:
    """The plan; null where the CRM's list lacks a value that can be added first."""
    page, now = desk.page, desk.page.now()
    if any(step.possible for _, step in fixes_missing.look(desk, asked)):
        st.rerun()
    if asked.values is None:
        return repair_list.plan(desk.target, page.analysis, asked.wanted, asked.source, author=author, now=now,
                                where=where)  # fmt: skip
    return repair.plan(desk.target, page.analysis, asked.values, asked.source, author=author, now=now, where=where)
