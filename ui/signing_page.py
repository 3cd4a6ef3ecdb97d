"""What is drawn instead of a page: the door, who is refused and why, settings that let nobody in, another machine.

Nothing of any page is read for it.

Not here: who is behind a session (signing.py), what a person may do (access.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from config import members
from leadpact import admission
from leadpact.errors import LeadPactError
from leadpact.language import Language
from ui import embedded, language, signing, sources
from ui.errors import plain

NAMES = {"google": "Google", "microsoft": "Microsoft", "entra": "Microsoft", "okta": "Okta", "auth0": "Auth0"}
WIDTH = 520


def door(lang: Language, page: str, why: str | None = None) -> None:
    """What LeadPact is, and a button for each way to sign in. `why`: the text of why a session is over."""
    ways = signing.providers()
    with _card(lang, page):
        if why is not None:
            st.info(plain(why), icon=":material/schedule:")
        st.markdown(plain(lang("sign.what")))
        for at, name in enumerate(ways):
            if st.button(_called(lang, name), key=f"_sign_in_{name}", icon=":material/login:", width="stretch",
                         type="primary" if at == 0 else "secondary"):  # fmt: skip
                signing.remember(page)
                st.login(None if name == "default" else name)
        st.caption(plain(lang("sign.how")))


def refused(lang: Language, page: str, error: admission.Refused) -> None:
    """Why somebody who signed in may not come in, under which address they are known, and whom to ask."""
    signing.refused(error)
    with _card(lang, page):
        st.warning(plain(lang.error(error)), icon=":material/lock:")
        if error.email is not None:
            st.markdown(plain(lang("sign.as", email=error.email)))
        try:
            everyone = members.every(sources.workspace().database)
            askable = admission.askable(signing.rules(), everyone, error.email)
        except LeadPactError:  # whom to ask is a courtesy; who is refused stays so
            askable = []
        st.markdown(plain(lang("sign.ask", who=", ".join(askable)) if askable else lang("sign.ask_nobody")))
        out(lang, "refused")


def closed(lang: Language, page: str, error: LeadPactError) -> None:
    """The settings cannot be understood, or what is kept cannot be read: nobody comes in before that is mended."""
    with _card(lang, page):
        st.error(plain(lang.error(error)), icon=":material/error:")
        st.markdown(plain(lang("sign.closed")))


def elsewhere(lang: Language, page: str, why: str) -> None:
    """Single-person mode, asked for by another machine: no data, and how to open LeadPact to others."""
    with _card(lang, page):
        st.warning(plain(lang(f"sign.elsewhere.{why}")), icon=":material/lan:")
        st.markdown(plain(lang("sign.elsewhere.what")))
        st.markdown("\n".join(f"1. {plain(lang(f'sign.elsewhere.{step}'))}" for step in ("auth", "access", "restart")))
        st.caption(plain(lang("sign.elsewhere.else")))


def framed(lang: Language, page: str) -> None:
    """Inside another site the cookie of sign-in does not go: LeadPact in a tab of its own."""
    with st.container(border=True):
        st.markdown(plain(lang("ui.embed.signed_out")))
        query = {name: value for name, value in st.query_params.to_dict().items() if isinstance(value, str)}
        st.link_button(lang("ui.embed.open"), embedded.outside(page, **query), icon=":material/open_in_new:")


def out(lang: Language, place: str) -> None:
    """The button that signs out."""
    st.button(lang("sign.out"), key=f"_sign_out_{place}", icon=":material/logout:", on_click=signing.leave)


def _called(lang: Language, name: str) -> str:
    if name == "default":
        return lang("sign.in")
    return plain(lang("sign.in_with", name=NAMES.get(name.casefold(), name.replace("-", " ").title())))


@contextmanager
def _card(lang: Language, page: str) -> Iterator[None]:
    """A calm place in the middle, with the language to choose."""
    st.set_page_config(initial_sidebar_state="collapsed")  # another run of the page may have drawn one
    with (
        st.container(horizontal_alignment="center"),
        st.container(width=WIDTH),
    ):
        st.title(":material/handshake: LeadPact", anchor=False)
        with st.container(border=True):
            yield
        language.switch(page, lang)
