"""What each team promises, and who is told when a promise is at risk.

Not here: whether they were kept (the Today page), the clocks themselves (definition_sla.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from config import edits
from ui import definition_draft, definition_single
from ui import definition_routing as routing
from ui import definition_widgets as widgets
from ui.definition_single import Single
from ui.errors import plain
from ui.page import Page

TEAMS = ("marketing", "sales")


def show(page: Page) -> None:
    """Both teams' promises side by side."""
    definition_single.show(page, PROMISES)


def _read(page: Page, document: Mapping[str, Any]) -> None:
    for column, team in zip(st.columns(2), TEAMS, strict=True):
        with column, st.container(border=True, height="stretch"):
            own = edits.mapping(document, ("commitments", team))
            st.markdown(f"**{plain(page.text(f'team.{team}'))}**")
            lines = _lines(page, document, team, own)
            st.markdown("\n".join(f"- {plain(line)}" for line in lines) or page.text("commitments.nothing"))
            for one in edits.items(own, ("escalation",)):
                if isinstance(one, Mapping):
                    st.caption(plain(_alert(page, document, team, own, one)))


def _lines(page: Page, document: Mapping[str, Any], team: str, own: Mapping[str, Any]) -> list[str]:
    lang, found = page.lang, []
    if team == "sales":
        return [lang("setup.commit.follow_up", policy=own["follow_up"])] if own.get("follow_up") else []
    if _is_number(own.get("mql_per_month")):
        found.append(lang("setup.commit.mql", count=own["mql_per_month"]))
    if _is_number(own.get("accepted_rate")):
        found.append(lang("setup.commit.accepted", rate=lang.percent(own["accepted_rate"], 0)))
    return found


def _alert(page: Page, document: Mapping[str, Any], team: str, own: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    """`At 80 % of the time (38.4 h of 48), Ana is told.`"""
    share = one.get("at")
    if not _is_number(share):
        return str(dict(one))
    who = routing.told(page, str(one.get("tell") or "–"))
    said = page.lang.percent(share, 0)
    if team == "marketing":
        return page.text("escalation.marketing", share=said, who=who)
    policies = [each for each in edits.items(document, ("sla",)) if isinstance(each, Mapping)]
    hours = next((edits.part(each, ("target", "hours")) for each in policies if each.get("id") == own.get("follow_up")),
                 None)  # fmt: skip
    if not _is_number(hours):
        return page.text("escalation.sales", share=said, who=who)
    passed = float(hours) * share
    shown = page.lang.number(passed, 0 if passed.is_integer() else 1)
    return page.text("escalation.hours", share=said, who=who, hours=shown)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _form(page: Page, now: Any, key: str) -> Any:
    made: dict[str, Any] = {}
    for column, team in zip(st.columns(2), TEAMS, strict=True):
        own = edits.mapping(now, (team,))
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{plain(page.text(f'team.{team}'))}**")
            found = _marketing(page, own, key) if team == "marketing" else _sales(page, own, key)
            made[team] = edits.compact({**own, **found, "escalation": _escalation(page, own, f"{key}_{team}")})
    return edits.compact(made)


def _marketing(page: Page, own: Mapping[str, Any], key: str) -> dict[str, Any]:
    volume = widgets.number(page.text("commitments.volume"), f"{key}_volume", own.get("mql_per_month"), whole=True)
    rate = own.get("accepted_rate")
    share = widgets.number(
        page.text("commitments.rate"), f"{key}_rate", round(rate * 100, 4) if _is_number(rate) else None, most=100.0,
        help=page.text("commitments.rate.help"),
    )  # fmt: skip
    return {"mql_per_month": volume, "accepted_rate": None if share is None else round(share / 100, 6)}


def _sales(page: Page, own: Mapping[str, Any], key: str) -> dict[str, Any]:
    policies = [str(one.get("id")) for one in edits.items(definition_draft.standing(page).document, ("sla",))
                if isinstance(one, Mapping)]  # fmt: skip
    follow_up = widgets.maybe(page.text("commitments.follow_up"), f"{key}_follow_up", policies, own.get("follow_up"),
                              help=page.text("commitments.follow_up.help"))  # fmt: skip
    return {"follow_up": follow_up}


def _escalation(page: Page, own: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Who is told at which share of the target, a row each."""
    st.markdown(f"**{plain(page.text('escalation'))}**", help=page.text("escalation.help"))
    found = []
    for place, item in widgets.rows(f"{key}_rows", edits.items(own, ("escalation",))):
        given: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
        at = given.get("at")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            share = widgets.number(
                page.text("escalation.at"), f"{key}_{place}_at", round(at * 100, 4) if _is_number(at) else 100,
                least=1, most=1000, step=5, width=140,
            )  # fmt: skip
            tell = widgets.maybe(
                page.text("escalation.tell"), f"{key}_{place}_tell", [*routing.NOTIFY, *routing.known_owners(page)],
                given.get("tell"), lambda one: routing.told(page, one), own=True,
                holder=page.text("edit.choose_or_type"), width=220,
            )  # fmt: skip
            st.button(" ", key=f"{key}_{place}_drop", icon=":material/close:", type="tertiary",
                      help=page.text("escalation.remove"), on_click=widgets.drop_row,
                      args=(f"{key}_rows", place))  # fmt: skip
        if share and tell:
            found.append({"at": round(share / 100, 6), "tell": tell})
    st.button(page.text("escalation.add"), key=f"{key}_add", icon=":material/add:", type="tertiary",
              on_click=widgets.add_row, args=(f"{key}_rows",))  # fmt: skip
    return found


PROMISES = Single(
    name="commitments", places=("commitments",), read=_read, form=_form,
    begin=lambda document: edits.mapping(document, ("commitments",)),
    sections=lambda document, now: {"commitments": now or None},
)  # fmt: skip
