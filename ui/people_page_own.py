"""The page People for everybody else: what one may do oneself, and who the administrators are.

Not here: what roles may do (access.py), the administrators' view (people_page.py).
"""

from __future__ import annotations

import streamlit as st

from config import members
from config.members import ADMINISTRATOR, ROLES
from leadpact import roster
from ui import signing
from ui.errors import plain
from ui.page import Page


def show(page: Page) -> None:
    """Who you are here, what your roles may do, what your lists are cut to, whom to ask."""
    visitor, lang = page.visitor, page.lang
    with st.container(border=True):
        st.markdown(plain(lang("sign.as", email=visitor.email or "–")))
        for role in members.ordered((visitor.roles or frozenset()) & frozenset(ROLES)):
            st.markdown(f"**{plain(lang(f'role.{role}'))}**: {plain(lang(f'role.{role}.may'))}")
        scope = visitor.scope
        for what, names in (("teams", scope and scope.teams), ("territories", scope and scope.territories)):
            if names is not None:
                st.markdown(plain(page.text(f"own.{what}", names=", ".join(sorted(names)))))
    st.subheader(page.text("own.ask"), anchor=False)
    found = roster.everybody(page.workspace.database, signing.rules())
    asked = [one.email for one in found if ADMINISTRATOR in one.roles]
    st.markdown("\n".join(f"- {plain(email)}" for email in asked) or plain(lang("sign.ask_nobody")))
