"""The rules as a table to edit, and what can be done with one of them.

Not here: the edits themselves (scoring_rules_draft.py), the form with values from the data
(scoring_rules_form.py), faults (scoring_rules_check.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from config.versions import FIRST
from leadpact.scoring.offers import Offers
from ui import definition_remarks, scoring_words
from ui import scoring_rules_cells as cells
from ui import scoring_rules_draft as drafts
from ui.errors import plain
from ui.page import Page
from ui.scoring_rules_draft import Edited

ROW_HEIGHT, HEADER, MOST_HEIGHT = 35, 41, 600


def editor(page: Page, edited: Edited, offers: Offers | None, *, may: bool) -> Edited:
    """The table. Every edit is copied as it is made. What it shows stays the same until it is drawn anew."""
    key = _key(page, edited)
    if may and key not in st.session_state and edited.base != edited.rules:
        again = drafts.redraw()
        edited = again or edited
        key = _key(page, edited)
    rows = [{"number": at + 1, **cells.cells(rule)} for at, rule in enumerate(edited.base)]
    frame = pd.DataFrame(rows, columns=["number", *cells.COLUMNS])
    for name in ("points", "max_points", "within_days", "half_life_days"):
        frame[name] = frame[name].astype("float64")
    st.data_editor(
        frame, key=key, hide_index=True, num_rows="fixed", column_config=_config(page, edited, offers),
        column_order=["number", *cells.COLUMNS], disabled=["number"] if may else True, width="stretch",
        height=min(MOST_HEIGHT, HEADER + ROW_HEIGHT * max(1, len(rows))), row_height=ROW_HEIGHT, placeholder="–",
        on_change=_copy, args=(key,),
    )  # fmt: skip
    return edited


def _key(page: Page, edited: Edited) -> str:
    """Another table for every turn, language and pact: what was typed into one is no edit of another."""
    pact = "" if page.used.line == FIRST else f"_{page.used.line}"
    return page.key(f"rules_{edited.turn}_{page.lang.code}{pact}")


def _copy(key: str) -> None:
    rows = st.session_state[key]["edited_rows"]
    drafts.edit_cells({int(at): changes for at, changes in rows.items()})


def _config(page: Page, edited: Edited, offers: Offers | None) -> dict[str, Any]:
    lang, column = page.lang, st.column_config
    rows = [cells.cells(rule) for rule in edited.base]
    subjects = choices(offers, [row["on"] for row in rows])
    groups = sorted({str(row["group"]) for row in rows if row["group"]})

    def label(name: str) -> str:
        return page.text(f"col.{name}")

    def text(name: str) -> str:
        return page.text(f"help.{name}")

    return {
        "number": column.NumberColumn(label("number"), width=36, pinned=True),
        "id": column.TextColumn(label("id"), required=True, width=104, pinned=True, max_chars=80, help=text("id")),
        "on": column.SelectboxColumn(label("on"), options=subjects, required=True, width=140, help=text("on"),
                                     format_func=lambda name: scoring_words.subject(lang, str(name))),
        "op": column.SelectboxColumn(label("op"), options=list(cells.OPS), width=95, help=text("op"),
                                     format_func=lambda op: lang(f"scoring.op.{op}")),
        "value": column.TextColumn(label("value"), width=145, help=text("value")),
        "points": column.NumberColumn(label("points"), required=True, width=70, help=text("points"), format="%+g"),
        "per": column.SelectboxColumn(label("per"), options=["once", "occurrence"], required=True, width=80,
                                      help=text("per"), format_func=lambda per: lang(f"scoring.per.{per}")),
        "max_points": column.NumberColumn(label("max_points"), min_value=0.0, width=72, help=text("max_points"),
                                          format="%g"),
        "within_days": column.NumberColumn(label("within_days"), min_value=0.0, width=84, help=text("within_days"),
                                           format="%g"),
        "half_life_days": column.NumberColumn(label("half_life_days"), min_value=0.0, width=76, format="%g",
                                              help=text("half_life_days")),
        "group": column.TextColumn(label("group"), width=80, max_chars=255,
                                   help=plain(f"{text('group')} {', '.join(groups)}".strip())),
    }  # fmt: skip


def choices(offers: Offers | None, used: list[Any]) -> list[str]:
    """What a rule may be about: the fields, the most filled first, the activities, and what rules name already."""
    known: list[str] = []
    if offers is not None:
        known = [one.name for one in sorted(offers.fields, key=lambda one: (-one.filled, one.name))]
        known += [f"{scoring_words.ACTIVITY}{one.kind}" for one in offers.activities]
    return list(dict.fromkeys([*known, *(str(one) for one in used if one)]))


def acts(page: Page, edited: Edited) -> None:
    """One more rule; and what can be done with one: open, move, copy, take away."""
    rules = edited.rules
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(page.text("add"), key=page.key("add"), icon=":material/add:", type="primary" if not rules else
                  "secondary", on_click=drafts.open_form, args=(None,))  # fmt: skip
        if not rules:
            return
        names = [str(rule.get("id") or "–") for rule in rules]
        key = page.key("one")
        st.session_state[key] = min(int(st.session_state.get(key) or 0), len(rules) - 1)
        at = st.selectbox(page.text("one"), range(len(rules)), key=key, width=240,
                          format_func=lambda place: f"{place + 1}. {names[place]}")  # fmt: skip
        for name, icon, act, args, off in (
            ("open", "edit", drafts.open_form, (at,), False),
            ("up", "arrow_upward", _move, (page.key("one"), at, -1), at == 0),
            ("down", "arrow_downward", _move, (page.key("one"), at, 1), at == len(rules) - 1),
            ("copy", "content_copy", drafts.copy, (at,), False),
            ("remove", "delete", drafts.remove, (at,), False),
        ):
            st.button(page.text(name), key=page.key(name), icon=f":material/{icon}:", on_click=act,  # type: ignore[arg-type]
                      args=args, disabled=off, type="tertiary")  # fmt: skip
        definition_remarks.mark(page, f"scoring.rules[{names[at]}]")


def _move(key: str, at: int, by: int) -> None:
    drafts.move(at, by)
    st.session_state[key] = at + by
