"""Comments where the part stands: how many are open on it, and on a click what was said and a place to say more.

Not here: comments themselves (config/comments.py), all of them together (definition_comments.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from config import comments, edits
from config.comments import Comment
from config.schema import Pact
from leadpact.errors import LeadPactError
from ui import access, authors, definition_draft, moments
from ui.errors import plain
from ui.page import Page

_NOTE = "_pact_comments_note"
_PLACE = "_remark"


def mark(page: Page, path: str) -> None:
    """A small count of what is open on a part; a click opens it. Nothing for readers of a part nobody commented on."""
    found: list[Comment] = page.once("pact_comments", lambda: comments.on(page.workspace.database, page.used.line,
                                                                          open_only=True))  # fmt: skip
    count = sum(comments.within(one.path, path) for one in found)
    if not count and not access.may(page.visitor, access.COMMENT):
        return
    icon = ":material/comment:" if count else ":material/add_comment:"
    if st.button(page.lang.number(count) if count else "", key=page.key(f"remarks_{slug(path)}"), icon=icon,
                 type="tertiary", help=plain(page.lang("comments.open", part=named(page, path)))):  # fmt: skip
        _dialog(page, path)


def slug(path: str) -> str:
    """A path as the key of a widget."""
    return re.sub(r"\W+", "_", path).strip("_")


def _dialog(page: Page, path: str) -> None:
    @st.dialog(plain(page.lang("comments.of", part=named(page, path))), width="medium", on_dismiss="rerun")
    def opened() -> None:
        page.met.pop(page.key(f"author{_PLACE}"), None)  # the field is drawn in every run of the dialog
        note(page)
        found = comments.on(page.workspace.database, page.used.line, path)
        for one in sorted(found, key=lambda one: not one.open):
            show(page, one, about=one.path != path, place=_PLACE)
        if not found:
            st.caption(page.lang("comments.none"))
        if access.may(page.visitor, access.COMMENT):
            write(page, path)

    opened()


def write(page: Page, path: str) -> None:
    """What somebody wants to say of the part, or of one of its items."""
    about = path
    inside = [one for one in comments.parts(definition_draft.standing(page).document) if comments.within(one, path)]
    if len(inside) > 1:
        about = st.selectbox(page.lang("comments.on"), inside, key=page.key("remark_path"), width=360,
                             format_func=lambda one: named(page, one))  # fmt: skip
    key = page.key("remark_text")
    st.text_area(page.lang("comments.text"), key=key, max_chars=comments.MOST_CHARACTERS)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        authors.ask(page, _PLACE)
        st.button(page.lang("comments.send"), key=page.key("remark_send"), icon=":material/send:",
                  on_click=_send, args=(page, about, key))  # fmt: skip


def _send(page: Page, path: str, key: str) -> None:
    text = str(st.session_state.get(key, ""))

    def add() -> Comment:
        return comments.add(page.workspace.database, pact=page.used.line, path=path, text=text,
                            author=authors.named(page, access.COMMENT, _PLACE), now=page.now())  # fmt: skip

    if _done(page, add):
        st.session_state[key] = ""


def show(page: Page, one: Comment, *, about: bool = True, place: str = "") -> None:
    """One comment, and settling it; `about`: says which part it is on."""
    with st.container(border=True):
        at = moments.shown(page.lang, one.at, page.used.pact.zone)
        st.caption(plain(" · ".join([*([named(page, one.path)] if about else []), one.author, at])))
        st.markdown(plain(one.text))
        may = access.may(page.visitor, access.COMMENT)
        if not one.open:
            st.caption(plain(page.lang("comments.by", author=one.resolved_by or "–")))
        if may:
            name = "resolve" if one.open else "reopen"
            st.button(page.lang(f"comments.{name}"), key=page.key(f"{name}_{one.id}{place}"), type="tertiary",
                      icon=":material/check:" if one.open else ":material/undo:", on_click=_settle,
                      args=(page, one, place))  # fmt: skip


def _settle(page: Page, one: Comment, place: str) -> None:
    act: Callable[..., Comment] = comments.resolve if one.open else comments.reopen
    _done(page, lambda: act(page.workspace.database, one.id, author=authors.named(page, access.COMMENT, place),
                            now=page.now()))  # fmt: skip


def _done(page: Page, act: Callable[[], Comment]) -> bool:
    try:
        act()
    except LeadPactError as error:
        tell(page, error)
        return False
    return True


def tell(page: Page, error: LeadPactError) -> None:
    """Keeps what hindered an act for the next run."""
    st.session_state[_NOTE] = page.lang.error(error)


def note(page: Page) -> None:
    """What hindered the last act, once."""
    said = st.session_state.pop(_NOTE, None)
    if said is not None:
        st.error(plain(said))


def named(page: Page, path: str) -> str:
    """A part as people call it: `stages[mql].meaning` → Stages · MQL · meaning; the path itself where unknown."""
    words = [word for word in re.split(r"[.\[\]]+", path) if word]
    if not words or words[0] not in Pact.model_fields:
        return path or page.lang("comments.whole")
    title = page.lang(f"diff.section.{words[0]}")
    lists = {within for _, within in comments.NESTED}
    rest = [_called(page, words[0], word) for word in words[1:] if word not in lists]
    return " · ".join([title[:1].upper() + title[1:], *rest])


def _called(page: Page, section: str, name: str) -> str:
    known: Mapping[str, str] = page.once(f"pact_called_{section}", lambda: _labels(page, section))
    key = f"diff.field.{name}"
    return known.get(name) or (page.lang(key) if page.lang.has(key) else name)


def _labels(page: Page, section: str) -> dict[str, str]:
    document = definition_draft.standing(page).document
    listed: Sequence[Any] = edits.items(document, (section,))
    return {str(one.get("key") or one.get("id")): str(one.get("label") or one.get("name"))
            for one in listed if isinstance(one, Mapping) and (one.get("label") or one.get("name"))}  # fmt: skip
