"""Setting up sign-in, step by step, with the block to paste: what the page People shows while nobody signs in.

Not here: the block itself (leadpact/sign_in_setup.py), single-person mode (single_person.py).
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import streamlit as st

from leadpact import settings, sign_in_setup
from leadpact.errors import LeadPactError
from leadpact.sign_in_setup import PROVIDERS
from ui import single_person
from ui.errors import plain
from ui.page import Page

_SECRET = "_people_cookie_secret"  # noqa: S105 - the name of a place


def show(page: Page) -> None:
    """What single-person mode is, and five steps out of it."""
    networked = single_person.networked()
    now = page.lang("sign.single.network") if networked else page.text("setup.now")
    (st.warning if networked else st.info)(plain(now), icon=":material/person:")
    st.subheader(page.text("setup"), anchor=False)
    st.markdown(plain(page.text("setup.why")))
    name = st.segmented_control(
        page.text("setup.provider"), list(PROVIDERS), default="google", required=True, key=page.key("provider"),
        format_func=lambda one: PROVIDERS[one].label or page.text("setup.provider.other"),
    )  # fmt: skip
    one = PROVIDERS[name]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        address = st.text_input(page.text("setup.address"), value=_here(), key=page.key("address"), max_chars=200,
                                help=page.text("setup.address.help"), width=320)  # fmt: skip
        own = ""
        if one.own is not None:
            own = st.text_input(page.text(f"setup.own.{name}"), key=page.key(f"own_{name}"), placeholder=one.own,
                                max_chars=200, width=320)  # fmt: skip
        administrator = st.text_input(page.text("setup.administrator"), key=page.key("administrator"), max_chars=320,
                                      placeholder="you@acme.com", width=320)  # fmt: skip
    words = {what: page.text(f"setup.word.{what}") for what in ("client_id", "client_secret", "administrator")}
    words["own"] = page.text(f"setup.own.{name}") if one.own is not None else ""
    secret = st.session_state.setdefault(_SECRET, secrets.token_hex(32))
    try:
        uri = sign_in_setup.redirect(address)
        block = sign_in_setup.as_toml(
            name, address=address, own=own, administrator=administrator, secret=secret, words=words
        )
    except LeadPactError as error:
        st.error(plain(page.lang.error(error)), icon=":material/edit:")
        return
    if sign_in_setup.only_here(address):
        st.caption(plain(page.text("setup.only_here")))
    _step(page, 1, page.text(f"setup.register.{name}"))
    st.code(uri, language=None)
    _step(page, 2, page.text("setup.paste", path=str(settings.SECRETS.resolve())))
    st.code(block, language="toml")
    _step(page, 3, page.text("setup.fill"))
    _step(page, 4, page.text("setup.restart"))
    _step(page, 5, page.text("setup.add"))
    st.caption(plain(page.text("setup.docs")))


def _step(page: Page, number: int, text: str) -> None:
    st.markdown(f"**{page.lang.number(number)}.** {plain(text)}")


def _here() -> str:
    """The address LeadPact is opened at now."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "https://leadpact.acme.com"
