"""Opening a page: who asks, in which language, on which data, under which pact. Then the frame.

Works by deep link: nothing here relies on app.py having run.

Not here: what the page shows (pages/), what a page holds (page.py).
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from leadpact import settings
from leadpact.language import Language
from leadpact.pact_in_use import PactInUse
from leadpact.workspace import Analysis, Workspace
from ui import (
    access,
    account,
    embedded,
    errors,
    governed,
    guide,
    guide_terms,
    language,
    links,
    moments,
    registry,
    server,
    signing,
    sources,
    state,
    style,
    warm,
    whereabouts,
    workers,
)
from ui.explain import standing
from ui.links import valid
from ui.page import Page

STALE_DAYS = 3
ICON = str(Path(__file__).parent / "icon.svg")  # our own: the one of a symbol is fetched from elsewhere


def home() -> None:
    """Sends a visitor without a page in the link to the first one, with the values of the link.

    Who has just signed in goes on to where they were going.
    """
    page, values = signing.going() or (registry.HOME, st.query_params.to_dict())
    st.switch_page(registry.entry(page).path, query_params=values)


def open_page(name: str) -> Page:
    """The page called `name`, its frame drawn. Stops the run where it cannot be shown.

    Before the first sync, a page that needs data shows an empty state that leads to the
    connection; on an installation with nothing but the demo company, it syncs it at once.
    """
    server.begin()
    entry = registry.entry(name)
    state.settle((*state.FRAME, *entry.filters))
    lang = language.current()
    st.set_page_config(page_title=f"{lang(f'page.{name}.title')} · LeadPact", page_icon=ICON, layout="wide")
    style.show()
    visitor = access.admit(name, lang)
    workers.expect(visitor.email)
    inside = embedded.on()
    choice, ways = (st.container(), st.empty()) if inside else _sidebar(name, lang)
    if not inside:
        with st.sidebar:
            account.show(lang, visitor)
    if not (inside and entry.embeds):
        st.title(lang(f"page.{name}.title"), anchor=False)
    try:
        space = sources.workspace()
        found = settings.connections(space.database)
        connection = sources.chosen(space, found)
        used = sources.pact_in_use(space, connection.name, lang)
        state.under(used.line)
        page = Page(name, lang, visitor, space, found, connection, used, None)
        if not inside:
            with choice:
                _choose_connection(page)
                _choose_pact(page)
            with ways:
                _links(lang, page)
        facts = _where(page)
        if space.mirror(connection.name).current() is None and sources.only_demo(found):
            sources.sync(space, connection, lang)
            st.rerun()
        page.opened = _analysis(lang, space, connection.name, entry, used)
        if not (inside and entry.embeds):
            with facts:
                _standing(page)
                governed.badge(page)
    except Exception as error:  # noqa: BLE001 - shown as a message or an incident, never swallowed
        errors.show(lang, error, name)
        state.forget((state.CONNECTION, state.PACT))  # what a link asked for in vain must not hold the next page
        if not inside:
            with ways:
                _links(lang)
        st.stop()
    if entry.needs_data and not page.ready:
        page.empty("ui.no_data", action="connection", connection=connection.name)
        if name == registry.HOME:
            guide.show(page)
        st.stop()
    return page


def _analysis(
    lang: Language, space: Workspace, connection: str, entry: registry.Entry, used: PactInUse
) -> Analysis | None:
    """The analysis for the filters this page obeys; null before the first sync."""
    if space.mirror(connection).current() is None:
        return None
    where = {
        name: value for name in state.CONDITIONS if name in entry.filters and (value := state.read(name)) is not None
    }
    zone = used.pact.zone
    as_of = (
        valid(lang, state.AS_OF, lambda text: moments.moment(text, state.AS_OF, zone))
        if state.AS_OF in entry.filters
        else None
    )
    shown = warm.generation(space, connection)
    opened = space.analyse(connection, pact=used, as_of=as_of, where=where, generation=shown)
    if opened.as_of > opened.synced_at:
        return space.analyse(connection, pact=used, where=where, generation=shown)  # nobody knows the future
    return opened


def _sidebar(name: str, lang: Language) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The name of the product and the language; places for the choice of a connection and for the links."""
    with st.sidebar:
        st.markdown("### :material/handshake: LeadPact")
        language.switch(name, lang)
        return st.container(), st.empty()


def _links(lang: Language, page: Page | None = None) -> None:
    """The pages in their groups, and the ways to help. Drawn once it is known which connection they lead to."""
    with st.container():
        for group in registry.GROUPS:
            entries = [entry for entry in registry.registered() if entry.group == group]
            if entries:
                st.caption(lang(f"ui.group.{group}"))
            for entry in entries:
                links.to(lang, entry.name)
        st.caption(lang("guide.help"))
        with st.container(horizontal=True):
            guide_terms.offer(lang, [] if page is None else page.used.pact.glossary)
            if page is not None:
                guide.offer(page)


def _choose_connection(page: Page) -> None:
    """Only where there is a choice."""
    if len(page.connections) > 1:
        label, shown = page.lang("ui.connection"), page.connection.name
        bound = state.bound(page.key("connection"), state.CONNECTION, shown, str)
        st.selectbox(label, sorted(page.connections), **bound)


def _choose_pact(page: Page) -> None:
    """Which pact computes, only where the company has several."""
    known = {line.slug: line.name for line, _ in governed.pacts(page)}
    if len(known) > 1:
        bound = state.bound(page.key("pact"), state.PACT, page.used.line, str)
        st.selectbox(page.lang("ui.pact"), list(known), format_func=lambda slug: known[slug], **bound)


def _where(page: Page) -> DeltaGenerator:
    """Purpose of the page, then badges, first of all where it reads and whether it may write. Returns their place."""
    lang, demo = page.lang, page.connection.type == "demo"
    if not page.embedded:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(errors.plain(page.text("purpose")), width="content")
            guide_terms.here(lang, page.name, page.used.pact.glossary)
    place = st.container(horizontal=True, gap="small")
    with place:
        label = lang("ui.demo") if demo else page.connection.name
        st.badge(errors.plain(label), icon=":material/database:", color="violet" if demo else "gray")
        whereabouts.badges(lang, page.connection)
    return place


def _standing(page: Page) -> None:
    """How fresh, as of when, and the standing of the pact."""
    lang, used = page.lang, page.used
    if page.opened is not None:
        one = page.opened
        stale = (page.now() - one.synced_at).days >= STALE_DAYS
        synced = lang("ui.synced", at=moments.shown(lang, one.synced_at, used.pact.zone), zone=used.pact.timezone)
        st.badge(errors.plain(synced), icon=":material/sync:", color="orange" if stale else "gray")
        if one.as_of != one.synced_at:
            text = lang("ui.as_of", at=moments.shown(lang, one.as_of, used.pact.zone))
            st.badge(errors.plain(text), icon=":material/history:", color="orange")
    st.badge(
        errors.plain(standing(page)),
        icon=":material/verified:" if used.in_force else ":material/edit_note:",
        color="green" if used.in_force else "orange",
        help=lang("ui.pact.in_force.help" if used.in_force else "ui.pact.draft.help"),
    )
