"""The draft the Definition page edits: what is shown, the one part open in this session, and saving it.

Opening a part takes a snapshot of the document; saving sends the sections that differ from it, so
that what others did elsewhere stays. What two did to the same part is kept on both sides until a
person decides (definition_conflict.py).

Not here: drafts themselves (config/drafts.py), how parts are drawn (definition_items.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from config import drafts, versions
from config.document import BadPact, parse
from config.drafts import Conflict, Draft
from config.edits import taking_mine
from config.merge import ABSENT, merge
from config.schema import Pact
from config.versions import Version
from leadpact.errors import LeadPactError
from ui import access, authors, state
from ui.access import EDIT_PACT
from ui.page import Page

_OPEN, _KEPT, _NOTE, _TURN = "_pact_open", "_pact_conflict", "_pact_note", "_pact_turn"
SHOWN, IN_USE = "shown", "in-use"


@dataclass(frozen=True)
class Standing:
    """What the page shows: a plain document, the draft it is of (null: a version, or the proposal).

    `pact` is the document validated, null while it has faults. `editable` is false where the
    version in use is read while another text is being written.
    """

    document: Mapping[str, Any]
    draft: Draft | None
    version: Version | None
    pact: Pact | None
    editable: bool


@dataclass(frozen=True)
class Opened:
    """The one part being edited: `part` its name, `at` the item's place in the snapshot (null: a new one).

    `now` is the item as edited so far. It is kept here, for widgets forget when the page is left.
    """

    part: str
    at: int | None
    document: Mapping[str, Any]
    draft: int | None
    revision: int
    turn: int
    now: Any


@dataclass(frozen=True)
class Kept:
    """An edit that met another one. Both are kept: `mine` by section, and what it was made from."""

    opened: Opened
    mine: Mapping[str, Any]
    conflict: Conflict


def standing(page: Page) -> Standing:
    """What is shown now: the open draft, else the newest version, else the proposal; or the version in use."""
    found: Standing = page.once("definition_standing", lambda: _standing(page))
    return found


def _standing(page: Page) -> Standing:
    used = page.used
    history = versions.history(page.workspace.database, page.used.line)
    draft = drafts.newest(page.workspace.database, page.used.line)
    newest = history[0] if history else None
    if draft is None and (newest is None or newest.number == used.version):
        return Standing(json.loads(used.pact.canonical), None, newest, used.pact, True)
    if state.read(SHOWN) == IN_USE:
        return Standing(json.loads(used.pact.canonical), None, newest, used.pact, False)
    if draft is None and newest is not None:
        return Standing(json.loads(newest.pact.canonical), None, newest, newest.pact, True)
    document = draft.document if draft is not None else {}
    return Standing(document, draft, newest, _valid(document), True)


def two_texts(page: Page) -> bool:
    """Whether there is something being written besides the version in use."""
    one = standing(page)
    return not one.editable or one.draft is not None or (one.version is not None
                                                         and one.version.number != page.used.version)  # fmt: skip


def may_edit(page: Page) -> bool:
    return access.may(page.visitor, EDIT_PACT) and standing(page).editable


def opened() -> Opened | None:
    """The part open in this session."""
    found: Opened | None = st.session_state.get(_OPEN)
    return found


def open_part(page: Page, part: str, at: int | None, item: Any) -> None:
    """Opens one part for editing; another one that was open is closed."""
    one = standing(page)
    turn = st.session_state.get(_TURN, 0) + 1
    st.session_state[_TURN] = turn
    st.session_state.pop(_NOTE, None)
    draft, revision = (one.draft.id, one.draft.revision) if one.draft else (None, 0)
    st.session_state[_OPEN] = Opened(part, at, one.document, draft, revision, turn, item)


def keep(now: Any) -> None:
    """The item as edited so far, in this run."""
    own = opened()
    if own is not None:
        st.session_state[_OPEN] = replace(own, now=now)


def close() -> None:
    """Closes the open part; what was typed and not saved is gone."""
    st.session_state.pop(_OPEN, None)
    st.session_state.pop(_NOTE, None)


def note() -> tuple[bool, str] | None:
    """What came of the last act: whether it went well, and the words. Good news is told once."""
    found: tuple[bool, str] | None = st.session_state.get(_NOTE)
    if found is not None and found[0]:
        st.session_state.pop(_NOTE)
    return found


def save(page: Page, sections: Mapping[str, Any]) -> None:
    """Saves the open part: the sections as they are with it (null: taken out). Then it is closed.

    What others changed since stays. The same part changed by others is kept beside this edit, and
    nothing is saved. Raises NotAllowed for a visitor without the role.
    """
    own = opened()
    if own is None:
        return
    by = access.acting(page.visitor, EDIT_PACT, authors.given(page))
    try:
        send(page, own, sections, by)
    except Conflict as conflict:
        st.session_state[_KEPT] = Kept(own, dict(sections), conflict)
        close()
    except LeadPactError as error:
        st.session_state[_NOTE] = (False, page.lang.error(error))
    else:
        close()
        st.session_state[_NOTE] = (True, page.text("edit.saved"))


def send(page: Page, own: Opened, sections: Mapping[str, Any], by: str) -> Draft:
    """The sections into the open draft, begun where there is none. Raises Conflict."""
    engine, line, now = page.workspace.database, page.used.line, page.now()
    held = drafts.newest(engine, line)
    if held is None:
        known = versions.history(engine, line)
        base = next((one for one in known if json.loads(one.pact.canonical) == own.document), None)
        held = drafts.begin(engine, author=by, now=now, base=base, pact=line,
                            document=None if base else own.document)  # fmt: skip
        return drafts.edit_many(engine, held.id, sections=sections, expected=held.revision, author=by, now=now)
    if held.id == own.draft:
        return drafts.edit_many(engine, held.id, sections=sections, expected=own.revision, author=by, now=now)
    # a draft that was begun after the snapshot: the same merge, from what the person saw
    made = {}
    for section, mine in sections.items():
        base, theirs = own.document.get(section, ABSENT), held.document.get(section, ABSENT)
        found = merge(section, base, ABSENT if mine is None else mine, theirs)
        if found.clashes:
            sides = (None if one is ABSENT else one for one in (base, mine, theirs))
            raise Conflict(section, *sides, found.clashes, held.author, held.revision)
        made[section] = None if found.value is ABSENT else found.value
    return drafts.edit_many(engine, held.id, sections=made, expected=held.revision, author=by, now=now)


def kept() -> Kept | None:
    """An edit of this session that met another one and waits for a decision."""
    found: Kept | None = st.session_state.get(_KEPT)
    return found


def settle(page: Page, side: str) -> None:
    """Decides a conflict: `mine` or `theirs` wherever both changed the same part, everything else of both."""
    held = kept()
    by = access.acting(page.visitor, EDIT_PACT, authors.given(page))
    draft = drafts.newest(page.workspace.database, page.used.line)
    if held is None or draft is None:
        st.session_state.pop(_KEPT, None)
        return
    own = replace(held.opened, document=draft.document, draft=draft.id, revision=draft.revision)
    mine = {}
    for section, value in held.mine.items():
        sides = (value, draft.document.get(section))
        first, second = sides if side != "theirs" else sides[::-1]
        mine[section] = taking_mine(section, held.opened.document.get(section), first, second)
    try:
        send(page, own, mine, by)
    except Conflict as conflict:  # somebody was faster once more: decide again, on what stands now
        st.session_state[_KEPT] = Kept(held.opened, held.mine, conflict)
        return
    except LeadPactError as error:
        st.session_state[_NOTE] = (False, page.lang.error(error))
        return
    st.session_state.pop(_KEPT, None)
    st.session_state[_NOTE] = (True, page.text("edit.saved"))


def _valid(document: Mapping[str, Any]) -> Pact | None:
    try:
        return parse(document, "draft")
    except BadPact:
        return None
