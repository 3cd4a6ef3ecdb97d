"""Connecting Salesforce or Airtable: a form that asks for nothing secret and shows what to paste where.

The settings go into the secrets file or the environment, by hand; this page waits for them, says
what is still missing, and offers to test the connection.

Not here: what each way of signing in needs (leadpact/signing_in.py), the test (connection_test.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from leadpact import settings, signing_in
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.settings import Connection
from leadpact.signing_in import BASE, WAYS, Way
from leadpact.store import NAME
from ui import access, connection_test, errors, state
from ui.page import Page

_KEPT = "_connection_crm"  # the form's values: they outlive a run in which the secrets file is half written
_REFUSED = "_connection_crm_secret"
_FILE, _VARIABLES = "file", "variables"
EVERY_SECONDS = 3
NOT_CRM = ("demo", "files")


def form(page: Page) -> None:
    """The whole guide, folded away where a CRM is connected already."""
    there = any(one.type not in NOT_CRM for one in page.connections.values())
    begun = bool(st.session_state.get(_KEPT))
    with st.expander(page.text("crm"), icon=":material/cloud:", expanded=begun or not there, key=page.key("crm")):
        st.caption(errors.plain(page.text("crm.help")))
        kind = _choice(page, "type", list(WAYS), lambda one: page.lang(f"setup.type.{one}"))
        name = _text(page, "name", page.text("crm.name"), page.text("crm.name.help"), "acme")
        environment = _choice(page, "environment", ["production", "sandbox"],
                              lambda one: page.lang(f"setup.environment.{one}"))  # fmt: skip
        way = _way(page, kind)
        asked = _asked(page, way)
        zone = _zone(page)
        if st.session_state.pop(_REFUSED, False):
            st.error(errors.plain(page.text("crm.secret")), icon=":material/key_off:")
        try:
            found = _settings(page, kind, name, environment, way, asked, zone)
        except LeadPactError as error:
            if begun:
                st.info(errors.plain(page.lang.error(error)), icon=":material/edit:")
            return
        _paste(page, name, found)
        known = page.connections.get(name)
        every = None if known is not None and not known.placeholders else EVERY_SECONDS
        access.fragment(_wait, run_every=every)(page, name, kind)


def _settings(page: Page, kind: str, name: str, environment: str, way: Way, asked: str, zone: str) -> dict[str, str]:
    if not NAME.fullmatch(name):
        raise Misconfigured("connect.name" if not name else "store.bad_name", name=name)
    taken = page.connections.get(name)
    if taken is not None and taken.type != kind:
        raise Misconfigured("connect.taken", name=name)
    words = {secret: page.lang(f"connect.secret.{secret}") for secret in way.secrets}
    return signing_in.options(kind, way.name, environment=environment, zone=zone, asked=asked, words=words)


def _paste(page: Page, name: str, found: dict[str, str]) -> None:
    """The settings, ready to copy, and where they go."""
    st.markdown(f"**{errors.plain(page.text('crm.paste'))}**")
    where = _choice(page, "where", [_FILE, _VARIABLES], lambda one: page.text(f"crm.where.{one}"), label=False)
    if where == _FILE:
        st.markdown(errors.plain(page.text("crm.where.file.help", path=str(settings.SECRETS.resolve()))))
        st.code(signing_in.as_toml(name, found, page.text("crm.writable")), language="toml")
    else:
        st.markdown(errors.plain(page.text("crm.where.variables.help")))
        st.code(signing_in.as_variables(name, found), language="bash")
    st.markdown(errors.plain(page.text("crm.fill", kind=page.lang(f"setup.type.{found['type']}"))))


def _wait(page: Page, name: str, kind: str) -> None:
    """Looks for the connection every few seconds; says what is wrong with what was pasted."""
    try:
        one = _found(settings.connections(page.workspace.database), name)
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return
    if one is None:
        st.info(errors.plain(page.text("crm.waiting", name=name)), icon=":material/hourglass_empty:")
    elif one.type != kind:
        st.warning(errors.plain(page.text("crm.other_type", name=name, type=one.type)), icon=":material/warning:")
    elif one.placeholders:
        text = page.text("crm.placeholders", name=one.name, options=", ".join(one.placeholders))
        st.warning(errors.plain(text), icon=":material/edit_note:")
    else:
        st.success(errors.plain(page.text("crm.found", name=one.name)), icon=":material/check_circle:")
        if st.button(page.text("test"), key=page.key("crm_test"), type="primary", icon=":material/network_check:"):
            connection_test.ask(one.name)
            st.session_state.pop(_KEPT, None)
            state.write(state.CONNECTION, one.name)
            st.rerun()


def _found(connections: dict[str, Connection], name: str) -> Connection | None:
    """By its name; one of the environment has it in small letters."""
    plain = name.lower().replace("-", "_")
    return connections.get(name) or connections.get(plain)


def _way(page: Page, kind: str) -> Way:
    """How to sign in, where there is a choice, and what it takes."""
    ways = WAYS[kind]
    names = [one.name for one in ways]
    name = names[0]
    if len(names) > 1:
        name = st.selectbox(page.text("crm.way"), names, format_func=lambda one: page.lang(f"connect.way.{one}"),
                            **_bound(page, f"way_{kind}", names[0], names))  # fmt: skip
    st.caption(errors.plain(page.lang(f"connect.way.{name}.help")))
    return signing_in.way(kind, name)


def _asked(page: Page, way: Way) -> str:
    if way.asks == BASE:
        return _text(page, "base", page.text("crm.base"), page.text("crm.base.help"), "https://airtable.com/app…")
    label = page.text("crm.address.optional" if way.optional else "crm.address")
    return _text(page, "address", label, page.text("crm.address.help"), "https://acme.my.salesforce.com")


def _zone(page: Page) -> str:
    zones = sorted(available_timezones())
    first = page.used.pact.timezone if page.used.pact.timezone in zones else "UTC"
    return st.selectbox(page.text("add.zone"), zones, help=page.text("add.zone.help"),
                        **_bound(page, "zone", first, zones))  # fmt: skip


def _choice(page: Page, what: str, names: Sequence[str], shown: Any, *, label: bool = True) -> str:
    chosen: str = st.segmented_control(
        page.text(f"crm.{what}"), names, required=True, format_func=shown,
        label_visibility="visible" if label else "collapsed", **_bound(page, what, names[0], names),
    )  # fmt: skip
    return chosen


def _text(page: Page, what: str, label: str, help: str, hint: str) -> str:
    return st.text_input(label, help=help, placeholder=hint, max_chars=200, **_bound(page, what, "")).strip()


def _bound(page: Page, what: str, first: str, among: Sequence[str] = ()) -> dict[str, Any]:
    """Ties a widget to its value in the form. What looks like a token is not kept, not even until the next run."""
    key = page.key(f"crm_{what}")
    given = st.session_state.get(_KEPT, {}).get(what, first)
    st.session_state[key] = given if not among or given in among else first

    def copy() -> None:
        value = st.session_state[key]
        if not among and signing_in.looks_secret(value):
            st.session_state[key], value = "", ""
            st.session_state[_REFUSED] = True
        st.session_state.setdefault(_KEPT, {})[what] = value

    return {"key": key, "on_change": copy}
