"""One rule in a form: what it is about, its test with values from the data, its points.

Not here: the table (scoring_rules_table.py), what is kept (scoring_rules_draft.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from leadpact.scoring.offers import Counted, Offers
from ui import definition_widgets as widgets
from ui import scoring_rules_cells as cells
from ui import scoring_rules_draft as drafts
from ui import scoring_words
from ui.errors import plain
from ui.page import Page
from ui.scoring_rules_draft import Edited
from ui.scoring_rules_table import choices
from ui.scoring_words import ACTIVITY


def show(page: Page, edited: Edited, offers: Offers | None) -> None:
    """The form of the rule that is open."""
    at = None if edited.form is None or edited.form < 0 else edited.form
    rule: dict[str, Any] = {} if at is None or at >= len(edited.rules) else edited.rules[at]
    key = page.key(f"form_{edited.turn}")
    row = cells.cells(rule)
    with st.container(border=True, key=f"{key}_box"):
        title = page.text("form.new") if at is None else page.text("form.title", number=at + 1)
        st.markdown(f"**{plain(title)}**")
        edits = _fields(page, key, row, edited, offers)
        with st.container(horizontal=True, gap="small"):
            st.button(page.text("form.take"), key=f"{key}_take", type="primary", icon=":material/check:",
                      disabled=not edits["on"], on_click=_take,
                      args=(at, rule, edits, _others(edited, at)))  # fmt: skip
            st.button(page.text("form.cancel"), key=f"{key}_cancel", on_click=drafts.close_form)
            if not edits["on"]:
                st.caption(page.text("form.first"))


def _take(at: int | None, rule: dict[str, Any], edits: dict[str, Any], taken: list[str]) -> None:
    edits = {**edits, "id": edits["id"] or _name(edits)}
    drafts.put(at, cells.changed(rule, edits, taken))


def _name(edits: dict[str, Any]) -> str:
    """A name for a rule nobody named: what it is about, and its value."""
    words = [str(edits["on"]).removeprefix(ACTIVITY).removeprefix("f_"), str(edits["value"] or "")[:30]]
    return "-".join(filter(None, words))


def _others(edited: Edited, at: int | None) -> list[str]:
    return [str(rule.get("id")) for place, rule in enumerate(edited.rules) if place != at]


def _fields(page: Page, key: str, row: dict[str, Any], edited: Edited, offers: Offers | None) -> dict[str, Any]:
    lang = page.lang
    used = [cells.cells(rule)["on"] for rule in edited.rules]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        on = widgets.maybe(page.text("col.on"), f"{key}_on", choices(offers, [*used, row["on"]]), row["on"],
                           lambda name: scoring_words.subject(lang, name), own=offers is None,
                           holder=page.text("form.on"), width=280)  # fmt: skip
        activity = (on or "").startswith(ACTIVITY)
        op = _op(page, key, row, activity=activity)
        value = _value(page, key, row, on or "", op, offers)
    _told(page, on or "", offers)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        points = widgets.number(page.text("col.points"), f"{key}_points", row["points"] if row["points"] is not None
                                else 10.0, least=-1e9, help=page.text("help.points"), width=120)  # fmt: skip
        per, within, life = "once", None, None
        if activity:
            per = widgets.one_of(page.text("col.per"), f"{key}_per", ["once", "occurrence"], row["per"],
                                 lambda one: lang(f"scoring.per.{one}"), help=page.text("help.per"),
                                 width=140)  # fmt: skip
            within = widgets.number(page.text("col.within_days"), f"{key}_within", row["within_days"],
                                    help=page.text("help.within_days"), width=150)  # fmt: skip
            life = widgets.number(page.text("col.half_life_days"), f"{key}_life", row["half_life_days"],
                                  help=page.text("help.half_life_days"), width=150)  # fmt: skip
        cap = widgets.number(page.text("col.max_points"), f"{key}_cap", row["max_points"],
                             help=page.text("help.max_points"), width=120)  # fmt: skip
        groups = sorted({str(rule["group"]) for rule in edited.rules if rule.get("group")} | set(edited.caps))
        group = widgets.maybe(page.text("col.group"), f"{key}_group", groups, row["group"], own=True,
                              help=page.text("help.group"), width=170)  # fmt: skip
        name = widgets.text(page.text("col.id"), f"{key}_id", row["id"], most=80, help=page.text("help.id"), width=220)
    return {"on": on, "op": op, "value": value, "points": points, "per": per, "within_days": within or None,
            "half_life_days": life or None, "max_points": cap or None, "group": group, "id": name}  # fmt: skip


def _op(page: Page, key: str, row: dict[str, Any], *, activity: bool) -> str | None:
    """The test; of an activity's subject, or none."""
    lang = page.lang
    if activity:
        return widgets.maybe(page.text("form.subject"), f"{key}_subject_op", ["contains", "eq", "in", "starts"],
                             row["op"], lambda op: lang(f"scoring.op.{op}"), holder=page.text("form.any"),
                             width=190)  # fmt: skip
    return widgets.one_of(page.text("col.op"), f"{key}_op", cells.OPS, row["op"] or "in",
                          lambda op: lang(f"scoring.op.{op}"), width=190)  # fmt: skip


def _value(page: Page, key: str, row: dict[str, Any], on: str, op: str | None, offers: Offers | None) -> str | None:
    """The value with those the data have on offer, and how many leads have each."""
    if op is None or op in cells.NO_VALUE:
        return None
    known = offered(offers, on)
    counts = dict(known)
    told = (row["value"] or "").split(cells.BETWEEN.strip()) if row["op"] == op else []
    given = [part.strip() for part in told if part.strip()]

    def said(value: str) -> str:
        return f"{value} ({page.lang.number(counts[value])})" if value in counts else value

    label = page.text("col.value")
    if op == "between":
        first = widgets.text(page.text("form.from"), f"{key}_from", given[0] if given else "", width=110)
        last = widgets.text(page.text("form.to"), f"{key}_to", given[1] if len(given) > 1 else "", width=110)
        return cells.BETWEEN.join((first, last))
    if op in ("in", "not_in"):
        chosen = widgets.several(label, f"{key}_{op}_{on}", list(counts), given, said, own=True,
                                 holder=page.text("form.values"))  # fmt: skip
        return cells.BETWEEN.join(chosen)
    if op in ("eq", "ne") and counts:
        return widgets.maybe(label, f"{key}_{op}_{on}", list(counts), given[0] if given else None, said, own=True,
                             holder=page.text("form.values"), width=260)  # fmt: skip
    return widgets.text(label, f"{key}_{op}_text", row["value"] if row["op"] == op else "", width=260)


def offered(offers: Offers | None, on: str) -> Sequence[Counted]:
    """The values the data have for what a rule is about, the most frequent first."""
    if offers is None or not on:
        return ()
    if on.startswith(ACTIVITY):
        kind = offers.activity(on.removeprefix(ACTIVITY))
        return kind.subjects if kind else ()
    field = offers.field(on)
    return field.values if field else ()


def _told(page: Page, on: str, offers: Offers | None) -> None:
    """What is known of the field: how often it is filled, and whether its past is known."""
    lang = page.lang
    if offers is None or not on:
        return
    if on.startswith(ACTIVITY):
        kind = offers.activity(on.removeprefix(ACTIVITY))
        st.caption(plain(page.text("form.activities", count=kind.count if kind else 0)))
        return
    field = offers.field(on)
    if field is not None:
        share = lang.percent(field.filled / offers.records if offers.records else None)
        text = page.text("form.filled", share=share)
        st.caption(plain(text if field.tracked else f"{text} {page.text('form.untracked')}"))
