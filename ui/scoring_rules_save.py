"""Saving the edited rules into the draft: never into a version, and never over what somebody else wrote.

The role is checked where it is saved, whatever the page has drawn. Two people who changed the same
rule are told so, and decide which of the two stays; everything else of both is kept.

Not here: drafts and how they merge (config/drafts.py, ui/definition_draft.py), signing (the Definition page).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from config import drafts as pact_drafts
from config.drafts import Conflict
from config.edits import taking_mine
from leadpact.errors import LeadPactError
from ui import access, authors, definition_draft, state
from ui import scoring_rules_draft as drafts
from ui.access import EDIT_PACT
from ui.definition_draft import Opened, Standing
from ui.errors import plain
from ui.page import Page
from ui.scoring_rules_draft import Edited

_NOTE, _MET = "_scoring_note", "_scoring_conflict"
MOST_SHOWN = 12


@dataclass(frozen=True)
class Met:
    """An edit that met another one of the same rule: both are kept until a person decides."""

    edited: Edited
    conflict: Conflict


def show(page: Page, edited: Edited, standing: Standing) -> None:
    """The row of buttons under the table, what came of the last one, and a conflict to decide."""
    met: Met | None = st.session_state.get(_MET)
    if met is not None:
        _decide(page, met)
        return
    said: tuple[bool, str] | None = st.session_state.pop(_NOTE, None)
    if said is not None:
        (st.success if said[0] else st.error)(plain(said[1]))
    if not access.may(page.visitor, EDIT_PACT):
        st.caption(page.text("may_not"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        authors.ask(page)
        st.button(page.text("save"), key=page.key("save"), type="primary", icon=":material/save:",
                  disabled=not edited.touched, on_click=_save, args=(page,))  # fmt: skip
        st.button(page.text("discard"), key=page.key("discard"), icon=":material/undo:", disabled=not edited.touched,
                  on_click=drafts.drop, help=page.text("discard.help"))  # fmt: skip
        st.button(page.text("to_simulate"), key=page.key("to_simulate"), type="tertiary",
                  icon=":material/compare_arrows:", disabled=standing.draft is None, on_click=state.write,
                  args=(state.VIEW, "simulate"))  # fmt: skip
        page.link("definition", page.text("to_sign"), view="versions")
    if edited.touched:
        behind = standing.draft is not None and (standing.draft.id, standing.draft.revision) != (
            edited.draft, edited.revision)  # fmt: skip
        text = page.text("touched_behind" if behind else "touched")
        st.caption(f":orange[:material/edit: {plain(text)}]")


def _save(page: Page) -> None:
    held = st.session_state.get("_scoring_edited")
    if isinstance(held, Edited) and held.touched:
        send(page, held, held.sections)


def send(page: Page, edited: Edited, sections: Mapping[str, Any]) -> None:
    """The sections into the open draft; a conflict is kept for a decision, anything else that hinders it is told."""
    own = Opened("scoring", None, edited.document, edited.draft, edited.revision, 0, None)
    try:
        by = access.acting(page.visitor, EDIT_PACT, authors.given(page))
        definition_draft.send(page, own, sections, by)
    except Conflict as conflict:
        st.session_state[_MET] = Met(edited, conflict)
    except LeadPactError as error:
        st.session_state[_NOTE] = (False, page.lang.error(error))
    else:
        st.session_state.pop(_MET, None)
        drafts.saved()
        st.session_state[_NOTE] = (True, page.text("saved"))


def _decide(page: Page, met: Met) -> None:
    """What both changed, side by side, and the choice."""
    with st.container(border=True):
        by = met.conflict.by or page.text("somebody")
        st.warning(plain(page.text("conflict", by=by)), icon=":material/call_merge:")
        lines = [f"- {plain(clash.path)}" for clash in met.conflict.clashes[:MOST_SHOWN]]
        st.markdown("\n".join(lines))
        with st.container(horizontal=True, gap="small"):
            for side in ("mine", "theirs"):
                st.button(page.text(f"conflict.{side}", by=by), key=page.key(f"conflict_{side}"), on_click=_settle,
                          args=(page, side))  # fmt: skip
            st.button(page.text("conflict.back"), key=page.key("conflict_back"), type="tertiary", on_click=_back)


def _back() -> None:
    """The edits are looked at again; the conflict comes back when they are saved."""
    st.session_state.pop(_MET, None)


def _settle(page: Page, side: str) -> None:
    """Mine or theirs wherever both changed the same part; everything else of both."""
    met: Met | None = st.session_state.pop(_MET, None)
    draft = pact_drafts.newest(page.workspace.database, page.used.line)
    if met is None or draft is None:
        return
    made = {}
    for section, mine in met.edited.sections.items():
        sides = (mine, draft.document.get(section))
        first, second = sides if side == "mine" else sides[::-1]
        made[section] = taking_mine(section, met.edited.document.get(section), first, second)
    own = replace(met.edited, document=draft.document, draft=draft.id, revision=draft.revision)
    send(page, own, made)
