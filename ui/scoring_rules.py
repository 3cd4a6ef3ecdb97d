"""The rules part of the Scoring page: edit, check as typed, see what each rule does, try a lead, save the draft.

Not here: the single pieces (scoring_rules_….py, scoring_threshold.py, scoring_try.py), the other
parts of the page (scoring_parts.py).
"""

from __future__ import annotations

import streamlit as st

from ui import (
    access,
    definition_draft,
    definition_remarks,
    moments,
    scoring_rules_check,
    scoring_rules_draft,
    scoring_rules_form,
    scoring_rules_hits,
    scoring_rules_save,
    scoring_rules_table,
    scoring_threshold,
    scoring_try,
)
from ui.access import EDIT_PACT
from ui.definition_draft import Standing
from ui.errors import plain
from ui.page import Page
from ui.scoring_rules_check import Checked
from ui.scoring_rules_draft import Edited

MOST_TOLD = 12
ICONS = {"error": ":red[:material/error:]", "warning": ":orange[:material/warning:]", "note": ":material/info:"}


def show(page: Page) -> None:
    """The whole part."""
    standing = definition_draft.standing(page)
    edited = scoring_rules_draft.current(standing)
    may = access.may(page.visitor, EDIT_PACT) and standing.editable
    top = st.container()
    offers = scoring_rules_check.offers(page)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(page.text("rules"), anchor=False, width="content")
        definition_remarks.mark(page, "scoring")
    st.caption(plain(page.text("rules.reading")))
    if edited.rules:
        edited = scoring_rules_table.editor(page, edited, offers, may=may)
    elif may:
        page.empty("page.scoring.rules.none")
    if may:
        scoring_rules_table.acts(page, edited)
        if edited.form is not None:
            scoring_rules_form.show(page, edited, offers)
    if not edited.rules:
        if edited.touched:  # all of them were taken away
            scoring_rules_save.show(page, edited, standing)
        _standing(page, standing)
        return
    checked = scoring_rules_check.checked(page, edited)
    _told(page, edited, checked)
    scoring_threshold.show(page, edited, may=may)
    scoring_rules_save.show(page, edited, standing)
    if not page.ready:
        page.empty("page.scoring.no_data", action="connection")
    elif checked.pact is not None:
        found = scoring_rules_hits.show(page, checked.pact)
        with top:
            _standing(page, standing)
            scoring_threshold.figures_of(page, checked.pact, found)
        scoring_try.show(page, checked.pact)
        return
    with top:
        _standing(page, standing)


def _standing(page: Page, standing: Standing) -> None:
    """Which text this is: a draft and who wrote last, a version, or the proposal."""
    lang = page.lang
    if not standing.editable:
        text = page.text("standing.read")
    elif standing.draft is not None:
        at = moments.shown(lang, standing.draft.updated_at, page.used.pact.zone)
        text = page.text("standing.draft", at=at, author=standing.draft.author or page.text("somebody"))
    elif standing.version is not None:
        text = page.text("standing.version", number=standing.version.number)
    else:
        text = page.text("standing.proposal")
    st.caption(plain(text))


def _told(page: Page, edited: Edited, checked: Checked) -> None:
    """What is wrong or worth a look, by row, the gravest first."""
    if not checked.told:
        st.caption(f":green[:material/check_circle: {plain(page.text('checked'))}]")
        return
    lines = []
    for one in checked.told[:MOST_TOLD]:
        where = page.text("whole")
        if one.row is not None:
            where = page.text("row", number=one.row + 1, name=str(edited.rules[one.row].get("id") or "–"))
        lines.append(f"- {ICONS[one.level]} **{plain(where)}**: {plain(one.text)}")
    if len(checked.told) > MOST_TOLD:
        lines.append(f"- {plain(page.text('more', count=len(checked.told) - MOST_TOLD))}")
    with st.container(border=True):
        st.markdown("\n".join(lines))
        if checked.faulty:
            st.caption(plain(page.text("faulty", count=len(checked.faulty))))
