"""After a sync pages move on when what people look at is there; who syncs sees it, what was removed is not shown.

Not here: sessions side by side (test_sessions.py).
"""

from __future__ import annotations

import gc
import sys
import threading
import uuid
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from config import versions
from leadpact import engine, versus
from leadpact.language import Language
from leadpact.privacy import tombstones
from leadpact.privacy.mirrors import only
from leadpact.settings import Connection
from leadpact.workspace import Analysis, Workspace
from tests.apptest import AS_OF, company, prepare, settle_company
from tests.worlds import pact
from ui import governed, warm
from ui.access import Visitor
from ui.asked import Asked
from ui.page import Page


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = prepare(tmp_path / "home", monkeypatch)
    settle_company(found)
    return found


def _published(home: Path) -> None:
    """The next generation, of the same rows."""
    mirror = Workspace(home).mirror("acme")
    mirror.publish(mirror.draft(mirror.current()))


@pytest.fixture
def warming(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in (("_on", True), ("_calls", OrderedDict()), ("_mirrors", {}), ("PAUSE", 0.0)):
        monkeypatch.setattr(warm, name, value)
    yield


def _warmed(number: int) -> None:
    for one in threading.enumerate():
        if one.name == f"warm-{number}":
            one.join(20)


def _many(analysis: Analysis) -> int:
    return int(analysis.tables.record.count().execute())


@pytest.mark.usefixtures("warming")
def test_pages_move_on_when_what_people_look_at_is_there(home: Path) -> None:
    space, kept = Workspace(home), []
    first = space.analyse("acme")
    assert warm.generation(space, "acme") == first.generation
    warm.asked(space, first, Asked(_many, (1, "a")), lambda one: kept.append((one.generation, one.connection)))
    _published(home)
    assert warm.generation(space, "acme") == first.generation, "what serves is cold: what is warm is shown"
    _warmed(first.generation + 1)
    assert kept == [(first.generation + 1, "acme")]
    assert warm.generation(space, "acme") == first.generation + 1


@pytest.mark.usefixtures("warming")
def test_what_is_computed_again_keeps_no_page_and_no_data_of_it(home: Path) -> None:
    """Else a session that is gone, and a generation a person was erased from, would stay in memory."""
    space = Workspace(home)
    first = space.analyse("acme")
    page = Page("today", Language("en"), Visitor(), space, {}, Connection("acme", "files", {}), first.used, first)
    assert page.cached_whole(_many) == 11
    gone, data = weakref.ref(page), weakref.ref(first)
    del page, first
    gc.collect()
    assert gone() is None and data() is None
    (asked,) = warm._calls.values()
    assert asked.keep(space.analyse("acme")) == 11


@pytest.mark.usefixtures("warming")
def test_who_syncs_sees_it_and_what_was_removed_is_not_shown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "_warmed", lambda *_: None)  # never warm
    space = Workspace(home)
    first = warm.generation(space, "acme")
    _published(home)
    assert warm.generation(space, "acme") == first
    warm.move_on(space, "acme")
    second = space.mirror("acme").current()
    assert warm.generation(space, "acme") == second != first
    _published(home)
    assert warm.generation(space, "acme") == second
    space.mirror("acme").path(second or 0).unlink()  # as when somebody is forgotten, or two syncs were published
    assert warm.generation(space, "acme") == space.mirror("acme").current() != second
    _published(home)
    monkeypatch.setattr(warm, "LONGEST", 0.0)
    warm.generation(space, "acme")
    assert warm.generation(space, "acme") == space.mirror("acme").current()


@st.cache_data(max_entries=1, show_spinner=False)
def _kept() -> str:
    return uuid.uuid4().hex


def _forgotten(space: Workspace) -> None:
    with space.database.begin() as database:
        tombstones.add(database, "acme", {("lead", "00Q1"): None}, [], why="asked", now=datetime(2026, 1, 1))


@pytest.mark.usefixtures("warming")
def test_memory_is_emptied_where_somebody_was_forgotten_and_not_where_syncs_were_quick(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "_warmed", lambda *_: None)  # never warm
    renewed: list[int] = []
    monkeypatch.setattr(warm.workers, "renew", lambda: renewed.append(1))
    space, mirror = Workspace(home), Workspace(home).mirror("acme")
    first, before = warm.generation(space, "acme"), _kept()
    warm.asked(space, space.analyse("acme"), Asked(_many, ("somebody",)), _many)
    assert _many(space.analyse("acme")) == 11
    for _ in range(2):
        _published(home)
        assert warm.generation(space, "acme") == first or not mirror.path(first or 0).exists()
    # the first is gone; the next, which was being made warm, is shown before the one that nobody has looked at
    assert warm._mirrors[str(space.home), "acme"].shown == (mirror.current() or 0) - 1
    assert _kept() == before and not renewed and warm._calls and engine._known
    assert warm.generation(space, "acme") == (mirror.current() or 0) - 1
    _forgotten(space)
    only(mirror, mirror.publish(mirror.draft(mirror.current())))
    assert warm.generation(space, "acme") == mirror.current()
    assert _kept() != before and renewed
    assert not warm._calls and not engine._known and not engine._fresh, "there may be in it whom somebody looked for"


@pytest.mark.usefixtures("warming")
def test_what_was_in_memory_goes_also_where_pages_had_moved_on_since(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody was forgotten while a generation was made warm that went with it."""
    monkeypatch.setattr(warm, "_warmed", lambda *_: None)
    space, mirror = Workspace(home), Workspace(home).mirror("acme")
    warm.generation(space, "acme")
    _published(home)
    warm.generation(space, "acme")
    before = _kept()
    _forgotten(space)
    with warm._guard:  # what the thread that made it warm does at its end
        warm._show((str(space.home), "acme"), space, "acme", mirror.current() or 0)
    only(mirror, mirror.publish(mirror.draft(mirror.current())))
    assert warm.generation(space, "acme") == mirror.current()
    assert _kept() != before


@pytest.mark.usefixtures("warming")
def test_a_call_that_holds_a_result_is_not_made_again(home: Path) -> None:
    one = Workspace(home).analyse("acme")
    warm._calls.clear()  # what other tests of this process asked for
    for given in (object(), pact(), lambda: 1):
        warm.asked(Workspace(home), one, Asked(_many, (given,)), lambda _: None)
    assert not warm._calls
    plain = Asked(_many, (company, frozenset({"a"})), {"by": None})
    warm.asked(Workspace(home), one, plain, lambda _: None)
    assert len(warm._calls) == 1


_counted: list[int] = []
_whole = versus.shares


def _shares(*given: Any) -> Any:
    """As `versus.shares`; told by a name, as it is."""
    _counted.append(1)
    return _whole(*given)


@pytest.mark.usefixtures("warming")
def test_what_the_pact_governs_is_there_when_pages_move_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space, counted = Workspace(home), list[int]()
    monkeypatch.setattr(sys.modules[__name__], "_counted", counted)
    versions.save(space.database, pact(scope={"source": ["Web"]}), author="a", message="", now=AS_OF, line="main")
    monkeypatch.setattr(versus, "shares", _shares)

    def page() -> Page:
        one = space.analyse("acme")
        return Page("today", Language("en"), Visitor(), space, {}, Connection("acme", "files", {}), one.used, one)

    first = warm.generation(space, "acme")
    seen = governed.share(page())
    assert seen is not None and 0 < seen.of[0] < seen.whole and counted == [1]
    _published(home)
    assert warm.generation(space, "acme") == first
    _warmed((first or 0) + 1)
    assert warm.generation(space, "acme") == (first or 0) + 1 and counted == [1, 1]
    assert governed.share(page()) == seen and counted == [1, 1], "nobody waits for it on a page"
