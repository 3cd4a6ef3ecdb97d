"""What every part of the Fixes page has at hand: the page, where is written, who acts, what was said last.

Not here: how a plan stands (fixes_stand.py), acts that run for long (fixes_runs.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st
from sqlalchemy.engine import Engine

from leadpact.errors import LeadPactError, Misconfigured
from leadpact.language import Language
from leadpact.writeback.target import Target
from ui import access, authors, errors, state
from ui.page import Page

PLAN, FOLLOW, CODES = "plan", "follow", "codes"
NEW = "new"  # in place of a plan's number
_NOTE = "_fixes_note"
T = TypeVar("T")


@dataclass(frozen=True)
class Desk:
    """The page and the connection a repair goes to."""

    page: Page
    target: Target

    @property
    def engine(self) -> Engine:
        return self.target.engine

    @property
    def lang(self) -> Language:
        return self.page.lang

    @property
    def copies(self) -> bool:
        """What is written is a corrected copy of files, which are never written themselves."""
        return self.target.connector.can.copies

    @property
    def able(self) -> bool:
        """Something may be written over this connection."""
        return self.copies or self.page.connection.writable

    def text(self, key: str, **params: Any) -> str:
        """The text `page.fixes.<key>`, as Markdown that shows it letter by letter."""
        return errors.plain(self.page.text(key, **params))

    def plain(self, text: str) -> str:
        """A text that is there already, letter by letter."""
        return errors.plain(text)

    def key(self, what: str) -> str:
        return self.page.key(what)

    def may(self, act: str = access.WRITE_CRM) -> bool:
        return access.may(self.page.visitor, act)

    def may_not(self, key: str, act: str = access.WRITE_CRM) -> str:
        """The text `page.fixes.<key>`, which says whose `roles` allow it."""
        return self.text(key, roles=access.called(access.MAY[act]))

    def act(self, work: Callable[[str], T], act: str = access.WRITE_CRM, *, waiting: str | None = None) -> T | None:
        """`work(name)` under the name it goes on the record by; null where it failed, which is said.

        The role is asked for here, where the act happens.
        """
        try:
            name = access.acting(self.page.visitor, act, said(self.page)).strip()
            if not name:
                raise Misconfigured("writeback.no_author")
            with st.spinner(self.page.text(waiting or "working")):
                return work(name)
        except LeadPactError as error:
            errors.show(self.lang, error, self.page.name)
            return None


def who(desk: Desk) -> None:
    """While sign-in is off, the e-mail people give goes on the record."""
    authors.ask(desk.page, key="who", email=True, label=desk.page.text("who"), help=desk.page.text("who.help"),
                width=360)  # fmt: skip


def said(page: Page) -> str:
    """The one given, as it stands in the field now."""
    return authors.given(page, key="who")


def look_at(number: int | None) -> None:
    """Shows this plan from now on; null goes back to where plans are made."""
    state.write(PLAN, None if number is None else str(number))
    st.session_state.pop(_NOTE, None)


def tell(text: str, *, good: bool = True) -> None:
    """What came of the last act; it stands at the top until the next one."""
    st.session_state[_NOTE] = (good, text)


def note() -> None:
    """Draws what `tell` was told last, once."""
    good, text = st.session_state.pop(_NOTE, (True, ""))
    if text:
        (st.success if good else st.error)(errors.plain(text))
