"""After a sync pages move on when what people look at is there; who syncs sees it, what was removed is not shown.

Not here: sessions side by side (test_sessions.py).
"""

from __future__ import annotations

import gc
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadpact.language import Language
from leadpact.settings import Connection
from leadpact.workspace import Analysis, Workspace
from tests.apptest import company, prepare, settle_company
from tests.worlds import pact
from ui import warm
from ui.access import Visitor
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


@pytest.mark.usefixtures("warming")
def test_pages_move_on_when_what_people_look_at_is_there(home: Path) -> None:
    space, kept = Workspace(home), []
    first = space.analyse("acme")
    assert warm.generation(space, "acme") == first.generation
    warm.asked(space, first, "what", ((1, "a"), []), lambda one: kept.append((one.generation, one.connection)))
    _published(home)
    assert warm.generation(space, "acme") == first.generation, "what serves is cold: what is warm is shown"
    _warmed(first.generation + 1)
    assert kept == [(first.generation + 1, "acme")]
    assert warm.generation(space, "acme") == first.generation + 1


def _many(analysis: Analysis) -> int:
    return int(analysis.tables.record.count().execute())


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
    space.mirror("acme").path(second or 0).unlink()  # as when somebody is forgotten
    assert warm.generation(space, "acme") == space.mirror("acme").current() != second
    _published(home)
    monkeypatch.setattr(warm, "LONGEST", 0.0)
    warm.generation(space, "acme")
    assert warm.generation(space, "acme") == space.mirror("acme").current()


@pytest.mark.usefixtures("warming")
def test_a_call_that_holds_a_result_is_not_made_again(home: Path) -> None:
    one = Workspace(home).analyse("acme")
    warm._calls.clear()  # what other tests of this process asked for
    for given in (((object(),), []), ((pact(),), []), ((lambda: 1,), [])):
        warm.asked(Workspace(home), one, "held", given, lambda _: None)
    assert not warm._calls
    warm.asked(Workspace(home), one, "plain", ((company, frozenset({"a"})), [("by", None)]), lambda _: None)
    assert len(warm._calls) == 1
