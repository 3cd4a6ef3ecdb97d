"""The name people give while nobody signs in: asked in one way, once a page, and remembered for the session.

Not here: who may do what (access.py), the e-mail a signature or a repair goes by (each asks for its own).
"""

from __future__ import annotations

import streamlit as st

from leadpact.errors import LeadPactError
from ui import access
from ui.page import Page

_GIVEN = "kept_pact_author"
LONGEST = 120


def given(page: Page, place: str = "") -> str:
    """The signed-in name, else the one given, as it stands in the field now; empty where nobody said."""
    if page.visitor.email is not None:
        return page.visitor.email
    return str(st.session_state.get(_key(page, place), st.session_state.get(_GIVEN, ""))).strip()


def ask(page: Page, place: str = "") -> None:
    """The field for it, the first time a run of the page asks in this place; nothing for somebody signed in."""
    key = _key(page, place)
    if page.visitor.email is not None or page.met.get(key):
        return
    page.met[key] = True
    st.session_state.setdefault(key, st.session_state.get(_GIVEN, ""))
    st.text_input(page.lang("ui.author"), key=key, max_chars=LONGEST, width=260, help=page.lang("ui.author.help"),
                  on_change=_remember, args=(key, _key(page)))  # fmt: skip


def named(page: Page, act: str, place: str = "") -> str:
    """Who does it. Raises NotAllowed for a visitor without the role, LeadPactError where nobody said who they are."""
    name = access.acting(page.visitor, act, given(page, place))
    if not name:
        raise LeadPactError("comment.nobody")
    return name


def _key(page: Page, place: str = "") -> str:
    return page.key(f"author{place}")


def _remember(key: str, main: str) -> None:
    """Said once, it stands in every such field of the page."""
    name = st.session_state[_GIVEN] = str(st.session_state[key]).strip()
    for other in [held for held in st.session_state if str(held).startswith(main)]:
        st.session_state[other] = name
