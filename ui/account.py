"""At the foot of the sidebar: who is signed in, as what, until when; or that nobody signs in here.

Not here: signing in and out (signing.py), roles of others (the page People).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from leadpact.language import Language
from ui import access, signing_page, single_person, sources
from ui.errors import plain

SOON = timedelta(minutes=15)
EVERY_SECONDS = 60.0


def show(lang: Language, visitor: access.Visitor) -> None:
    """Who looks, or single-person mode with what it means."""
    if visitor.email is None or visitor.roles is None:
        networked = single_person.networked()
        st.badge(lang("sign.single"), icon=":material/person:", color="orange" if networked else "gray",
                 help=lang("sign.single.network" if networked else "sign.single.help"))  # fmt: skip
        return
    roles = ", ".join(lang.text(one) for one in access.called(visitor.roles))
    st.caption(plain(lang("sign.account", email=visitor.email, roles=roles)))
    if visitor.until is not None:
        wait = (visitor.until - sources.now() - SOON).total_seconds()
        access.fragment(_soon, run_every=max(EVERY_SECONDS, wait))(lang, visitor.until)
    signing_page.out(lang, "sidebar")


def _soon(lang: Language, until: datetime) -> None:
    """That the session ends soon, also to somebody who types and clicks on nothing."""
    left = until - sources.now()
    if left < SOON:
        minutes = max(1, int(left.total_seconds() // 60))
        st.warning(plain(lang("sign.soon", count=minutes)), icon=":material/schedule:")
