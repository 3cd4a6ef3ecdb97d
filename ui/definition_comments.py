"""Comments on the Definition page: what people said of a part of the pact, settled or open, and saying more.

Not here: comments themselves (config/comments.py), versions (definition_versions.py).
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from config import comments
from config.comments import Comment
from config.schema import Pact
from leadpact.errors import LeadPactError
from ui import access, authors, moments
from ui.errors import plain
from ui.page import Page

_NOTE = "_pact_comments_note"
WHOLE = ""


def show(page: Page) -> None:
    """Open comments by part, those settled folded away, and a place to write one."""
    st.subheader(page.text("comments"), anchor=False)
    said = st.session_state.pop(_NOTE, None)
    if said is not None:
        st.error(plain(said))
    found = comments.on(page.workspace.database, page.used.line)
    waiting, settled = [one for one in found if one.open], [one for one in found if not one.open]
    if not found:
        st.caption(page.text("comments.none"))
    for one in waiting:
        _one(page, one)
    if settled:
        with st.expander(page.text("comments.settled", count=len(settled))):
            for one in settled:
                _one(page, one)
    if access.may(page.visitor, access.COMMENT):
        _write(page)


def _one(page: Page, one: Comment) -> None:
    with st.container(border=True):
        at = moments.shown(page.lang, one.at, page.used.pact.zone)
        st.caption(plain(f"{_part(page, one.path)} · {one.author} · {at}"))
        st.markdown(plain(one.text))
        if not access.may(page.visitor, access.COMMENT):
            return
        if one.open:
            st.button(page.text("comments.resolve"), key=page.key(f"resolve_{one.id}"), type="tertiary",
                      icon=":material/check:", on_click=_settle, args=(page, one, True))  # fmt: skip
        else:
            st.caption(plain(page.text("comments.by", author=one.resolved_by or "–")))
            st.button(page.text("comments.reopen"), key=page.key(f"reopen_{one.id}"), type="tertiary",
                      on_click=_settle, args=(page, one, False))  # fmt: skip


def _part(page: Page, path: str) -> str:
    """`scoring.rules[visit]` → Scoring · rules[visit]."""
    section, mark, rest = path.partition(".")
    name = section.partition("[")[0]
    if name not in Pact.model_fields:
        return path or page.text("comments.whole")
    title = page.lang(f"diff.section.{name}")
    inside = (section[len(name) :] + mark + rest).strip(".")
    return f"{title[:1].upper()}{title[1:]}" + (f" · {inside}" if inside else "")


def _write(page: Page) -> None:
    authors.ask(page)
    with st.form(page.key("comment"), border=True, clear_on_submit=True):
        path = st.selectbox(page.text("comments.on"), [WHOLE, *Pact.model_fields], key=page.key("comment_path"),
                            format_func=lambda one: _part(page, one), width=300)  # fmt: skip
        text = st.text_area(
            page.text("comments.text"), key=page.key("comment_text"), max_chars=comments.MOST_CHARACTERS
        )
        sent = st.form_submit_button(page.text("comments.send"), icon=":material/send:")
    if sent:
        _done(page, lambda: comments.add(page.workspace.database, pact=page.used.line, path=path, text=text,
                                         author=authors.named(page, access.COMMENT),
                                         now=page.now()))  # fmt: skip
        st.rerun()


def _settle(page: Page, one: Comment, settled: bool) -> None:
    act = comments.resolve if settled else comments.reopen

    def do() -> Comment:
        author = authors.named(page, access.COMMENT)
        return act(page.workspace.database, one.id, author=author, now=page.now())

    _done(page, do)


def _done(page: Page, act: Callable[[], Comment]) -> None:
    try:
        act()
    except LeadPactError as error:
        st.session_state[_NOTE] = page.lang.error(error)
