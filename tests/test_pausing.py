"""Pausing, cancelling and looking on from another process; one writer to a connection, also across homes.

Not here: what befalls the batches themselves (test_writeback_apply.py, test_repair_apply.py).
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from leadpact import trail
from leadpact.errors import Busy, Misconfigured
from leadpact.trail import Asked
from leadpact.writeback import approval, journal, progress
from leadpact.writeback.plan import Plan
from leadpact.writeback.progress import Pace, Running
from leadpact.writeback.target import Target
from tests.repair_schedules import Told, company, go, repair
from tests.writeback_crm import NOW, Crm, target_of

RECORDS = 240  # a pilot of ten, then two batches of a hundred and one of thirty
WHO = {"actor": "bo@acme.example", "door": "cli", "now": NOW}


class Slow(Told):
    """A CRM whose batches wait for a file `go-<n>`: what stands in the database meanwhile can be looked at."""

    def write(self, changes):  # type: ignore[no-untyped-def]
        at = len(list(self.file.parent.glob("began-*"))) + 1
        (self.file.parent / f"began-{at}").touch()
        _until((self.file.parent / f"go-{at}").exists)
        yield from super().write(changes)


def _until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@contextmanager
def applying(folder: Path, plan: Plan) -> Iterator[int]:
    """A process that applies the plan."""
    child = os.fork()
    if child == 0:
        crm = Slow(folder / "crm.sqlite", batch=100)
        try:
            go(target_of(folder, crm), plan)
        finally:
            os._exit(0)
    try:
        yield child
    finally:
        for at in range(1, 6):
            (folder / f"go-{at}").touch()
        os.waitpid(child, 0)


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Target, Plan]:
    company(tmp_path, RECORDS)
    target = target_of(tmp_path, Crm(tmp_path / "crm.sqlite"))
    plan = repair(target, RECORDS)
    target.engine.dispose()
    return tmp_path, target, plan


def second_batch(folder: Path) -> None:
    """The pilot is through, and the first batch of a hundred is being written."""
    (folder / "go-1").touch()
    _until((folder / "began-2").exists)


def seen(target: Target, plan: Plan) -> Running:
    found = progress.of(target.engine, plan)
    assert found is not None
    return found


@pytest.mark.parametrize(("ask", "state"), [(progress.pause, "paused"), (progress.cancel, "cancelled")])
def test_another_process_looks_on_and_ends_a_run_between_two_batches(
    place: tuple[Path, Target, Plan], ask: Callable[..., object], state: str
) -> None:
    folder, target, plan = place
    with applying(folder, plan):
        second_batch(folder)
        run = seen(target, plan)
        assert (run.done, run.total, run.actor, run.asked) == (10, RECORDS, "ana@acme.example", None)
        assert progress.running(target.engine, "acme") == run
        assert target.busy()
        with pytest.raises(Busy):
            go(target_of(folder, Told(folder / "crm.sqlite")), plan)
        ask(target.engine, plan, **WHO)
        assert seen(target, plan).asked_by == "bo@acme.example"
    assert not target.busy()
    (one,) = journal.runs(target.engine, "acme")
    assert (one.state, one.unsettled, one.counts) == (state, False, {"written": 110})
    assert progress.of(target.engine, plan) is None
    assert (approval.current(target.engine, plan) is None) == (state == "cancelled")
    rest = go(target_of(folder, Told(folder / "crm.sqlite", batch=100)), plan)
    assert (rest.state, rest.now, rest.written) == ("done", 130, RECORDS)
    assert len(Crm(folder / "crm.sqlite").written()) == RECORDS  # nothing twice
    actions = [one.action for one in trail.every(target.engine, Asked(actor="bo@acme.example"))]
    assert f"plan.{'pause' if state == 'paused' else 'cancel'}_asked" in actions


def test_a_process_killed_after_a_pause_was_asked_leaves_nothing_behind(place: tuple[Path, Target, Plan]) -> None:
    folder, target, plan = place
    with applying(folder, plan) as child:
        second_batch(folder)
        progress.pause(target.engine, plan, **WHO)
        os.kill(child, signal.SIGKILL)
        _until(lambda: not target.busy())
    died = seen(target, plan)
    assert (died.asked, died.done) == ("pause", 10)  # it says it is running, and nobody is
    again = go(target_of(folder, Told(folder / "crm.sqlite", batch=100)), plan)  # the pause was of that run
    assert (again.state, again.written, again.unknown) == ("done", RECORDS, 0)
    assert len(Crm(folder / "crm.sqlite").written()) == RECORDS
    assert progress.of(target.engine, plan) is None


def test_what_is_not_running_cannot_be_paused_and_somebody_is_named(place: tuple[Path, Target, Plan]) -> None:
    _, target, plan = place
    for given, key in (({}, "repair.not_running"), ({"actor": " "}, "writeback.no_author")):
        with pytest.raises(Misconfigured) as found:
            progress.pause(target.engine, plan, **{**WHO, **given})
        assert found.value.key == key
    with pytest.raises(Misconfigured) as found:
        progress.cancel(target.engine, plan, **WHO)
    assert found.value.key == "repair.nothing_to_cancel"
    assert progress.running(target.engine, "acme") is None


def test_two_homes_on_one_database_have_one_writer(tmp_path: Path) -> None:
    one = target_of(tmp_path, Crm(tmp_path / "crm.sqlite"))
    other = replace(one, folder=tmp_path / "another-home" / "acme")
    elsewhere = replace(one, connection=replace(one.connection, name="second"), folder=tmp_path / "second")
    with one.alone() as hold:
        hold.check()
        assert other.busy()
        with pytest.raises(Busy), other.alone():
            pass
        assert not elsewhere.busy()
    assert not other.busy()


def test_who_only_looks_keeps_nobody_from_writing(tmp_path: Path) -> None:
    target = target_of(tmp_path, Crm(tmp_path / "crm.sqlite"))
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            target.busy()

    looker = threading.Thread(target=look)
    looker.start()
    try:
        for _ in range(20):
            with target.alone():
                assert target.busy()
    finally:
        ended.set()
        looker.join()


def test_the_rate_is_that_of_the_last_batches_and_the_time_left_follows() -> None:
    pace = Pace()
    first = pace.progress(0, 0, 1_000, {})
    assert (first.rate, first.left_seconds) == (None, None)
    second = pace.progress(10, 100, 1_000, {})
    assert (second.rate, second.left_seconds) == (10, 90)
    for at in range(2, 40):  # twice as fast from here on
        last = pace.progress(5 + 5 * at, 100 * at, 10_000, {})
    assert (last.rate, last.left_seconds) == (20, 305)
    waiting = pace.progress(500, 3_900, 10_000, {}, waiting=True)
    assert (waiting.rate, waiting.waiting) == (20, True)
    assert pace.progress(0, 10_000, 10_000, {}).done == 10_000
