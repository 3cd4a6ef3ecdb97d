"""Whom the visitor may see: the one place where lists of people, single people and files of them are cut.

Whoever may see no people sees figures; somebody of some teams or territories sees the people of
those; figures count everybody for everyone. What is cached of people has the sight in its key.

Not here: roles (access.py), which records a scope covers (leadpact/privacy/scope.py), masking (people.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from config import trail
from config.members import Scope
from leadpact.metrics.person_facts import Story
from leadpact.privacy import scope as scopes
from leadpact.tables import Table, Tables
from leadpact.workspace import Analysis
from ui import access
from ui.errors import plain
from ui.page import Page

UNMASKED = "people.unmasked"
Key = tuple[str, str]


@dataclass(frozen=True)
class Sight:
    """What a visitor may see of people: any at all, e-mail and phone in full, and of which teams and territories."""

    people: bool = True
    contact: bool = True
    scope: Scope | None = None

    def __repr__(self) -> str:
        told = [None if names is None else sorted(names) for names in
                ((self.scope.teams, self.scope.territories) if self.scope else (None, None))]  # fmt: skip
        return f"Sight({self.people}, {self.contact}, {told})"

    @property
    def everybody(self) -> bool:
        return self.people and not scopes.restricted(self.scope)

    def cut(self, one: Analysis, rows: Table) -> Table:
        """The rows (with object and record_id) that may be shown."""
        return scopes.cut(rows, one.tables, self.scope) if self.people else rows.limit(0)

    def tables(self, one: Analysis) -> Tables:
        """The tables to look people up in."""
        return scopes.within(one.tables, self.scope)


def of(page: Page) -> Sight:
    """What this page's visitor may see."""
    may = access.may
    return Sight(may(page.visitor, access.SEE_PEOPLE), may(page.visitor, access.SEE_CONTACT), page.visitor.scope)


def closed(page: Page) -> bool:
    """Whether no people may be shown; says so, and who can."""
    if of(page).people:
        return False
    roles = page.lang.together(access.called(access.MAY[access.SEE_PEOPLE]))
    st.info(plain(page.lang("privacy.figures_only", roles=roles)), icon=":material/visibility_lock:")
    return True


def narrowed(page: Page, shown: int, total: int) -> None:
    """Says that a list is cut to the visitor's teams, and how many it leaves out, where it does."""
    if total > shown:
        st.caption(plain(page.lang("privacy.narrowed", whose=whose(page), count=total - shown)))


def whose(page: Page) -> str:
    """The visitor's teams and territories in words."""
    scope, lang = of(page).scope or Scope(), page.lang
    told = [("privacy.teams", scope.teams), ("privacy.territories", scope.territories)]
    return "; ".join(lang(key, names=", ".join(sorted(names))) for key, names in told if names is not None)


def sees(page: Page, story: Story) -> bool:
    """Whether the visitor may see this person: a record of theirs is within the scope."""
    sight = of(page)
    return sight.people and any(scopes.covers(sight.scope, one.team, one.country) for one in story.records)


def keys(page: Page, wanted: Iterable[Key]) -> frozenset[Key]:
    """Those of some records that may be shown."""
    sight = of(page)
    if not sight.people:
        return frozenset()
    asked = tuple(sorted(set(wanted)))
    if sight.everybody or not page.ready:
        return frozenset(asked) if sight.everybody else frozenset()
    found: frozenset[Key] = page.cached_whole(_of_keys, asked, sight)
    return found


def whole_files(page: Page, *, contact: bool = False) -> bool:
    """Whether a file that names people of every team may be taken along; says who may, where not.

    `contact`: it holds their addresses too.
    """
    sight = of(page)
    if sight.everybody and (sight.contact or not contact):
        return True
    st.caption(plain(page.lang("privacy.whole_files")))
    return False


def reveal(page: Page, key: str) -> bool:
    """The switch that shows e-mail and phone in full, where the visitor may see them; whether it is on."""
    if not of(page).contact:
        return False
    name = page.key(key)
    return st.toggle(page.lang("ui.people.reveal"), key=name, help=page.lang("ui.people.reveal.help"),
                     on_change=_turned, args=(name,))  # fmt: skip


def note(page: Page, key: str, records: int) -> None:
    """Puts on the audit trail that addresses are shown in full: once each time the switch is turned on."""
    if st.session_state.pop(f"{page.key(key)}_turned", False):
        access.acting(page.visitor, access.SEE_CONTACT)  # the role is asked for where it happens
        _record(page, {"records": records})


def taken(page: Page, records: int) -> None:
    """The same of a file. Called in the thread of a download, where no session is."""
    _record(page, {"records": records, "file": True})


def _record(page: Page, told: dict[str, Any]) -> None:
    detail = {"page": page.name, "connection": page.connection.name, **told}
    with page.workspace.database.begin() as database:
        trail.record(database, page.now(), page.visitor.email or "?", UNMASKED, detail)


def _turned(name: str) -> None:
    st.session_state[f"{name}_turned"] = bool(st.session_state[name])


def _of_keys(one: Analysis, wanted: tuple[Key, ...], sight: Sight) -> frozenset[Key]:
    return scopes.of_keys(one.tables, wanted, sight.scope)
