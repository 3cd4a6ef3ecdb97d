"""Who does it, while nobody signs in: asked in one way everywhere, and remembered for the session.

A name given once stands in every field that asks for one; an e-mail also where an e-mail is asked for.
A signature asks by itself: the two who sign may share this screen.

Not here: who may do what (access.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.errors import LeadPactError
from ui import access
from ui.page import Page

_GIVEN, _FIELDS = "kept_pact_author", "_author_fields"
LONGEST = 120
LONGEST_EMAIL = 320


def given(page: Page, place: str = "", *, key: str | None = None) -> str:
    """The signed-in name, else the one given, as it stands in the field now; empty where nobody said."""
    if page.visitor.email is not None:
        return page.visitor.email
    name = _key(page, place, key)
    return str(st.session_state.get(name, _fitting(name))).strip()


def ask(
    page: Page, place: str = "", *, key: str | None = None, email: bool = False, label: str | None = None,
    help: str | None = None, width: int = 260, in_form: bool = False,
) -> None:  # fmt: skip
    """The field for it, the first time a run of the page asks in this place; nothing for somebody signed in.

    `email`: what is given goes on a record that compares people by their address. `in_form`: a form
    keeps what is typed until it is sent; `remember` it then.
    """
    name = _key(page, place, key)
    if page.visitor.email is not None or page.met.get(name):
        return
    page.met[name] = True
    fields: dict[str, bool] = st.session_state.setdefault(_FIELDS, {})
    fields[name] = email
    st.session_state.setdefault(name, _fitting(name))
    tell = {} if in_form else {"on_change": _remember, "args": (name,)}
    st.text_input(label or page.lang("ui.author"), key=name, max_chars=LONGEST_EMAIL if email else LONGEST,
                  width=width, help=help or page.lang("ui.author.help"), **tell)  # type: ignore[arg-type]  # fmt: skip


def named(page: Page, act: str, place: str = "", *, key: str | None = None) -> str:
    """Who does it. Raises NotAllowed for a visitor without the role, LeadPactError where nobody said who they are."""
    name = access.acting(page.visitor, act, given(page, place, key=key))
    if not name:
        raise LeadPactError("comment.nobody")
    remember(page, name)
    return name


def remember(page: Page, name: str) -> None:
    """What a form was sent with; the next field that asks begins with it."""
    if page.visitor.email is None and name.strip():
        st.session_state[_GIVEN] = name.strip()


def _key(page: Page, place: str = "", key: str | None = None) -> str:
    return page.key(key if key is not None else f"author{place}")


def _fitting(field: str) -> str:
    """What is remembered, where it is what this field asks for."""
    found = str(st.session_state.get(_GIVEN, ""))
    return "" if st.session_state.get(_FIELDS, {}).get(field) and "@" not in found else found


def _remember(key: str) -> None:
    """Said once, it stands in every such field."""
    st.session_state[_GIVEN] = str(st.session_state[key]).strip()
    for other in st.session_state.get(_FIELDS, {}):
        if other != key and other in st.session_state:
            st.session_state[other] = _fitting(other) or st.session_state[other]
