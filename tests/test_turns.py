"""Who computes next: cores are not exceeded, short things pass long ones, and who is overtaken stops waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from ui.turns import BEHIND, LONG_SECONDS, PATIENCE, Run, Turns


class Overtaken(Exception):
    pass


def wanted() -> None:
    """Somebody waits for it."""


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


class Jobs:
    """Jobs that go until they are let go; `began` is the order in which they did."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.began = turns, list[str]()
        self.ends: dict[str, threading.Event] = {}
        self.threads: list[threading.Thread] = []

    def begin(self, name: str, what: str = "short", background: bool = False, had: float = 0.0) -> None:
        self.ends[name] = threading.Event()

        def job() -> None:
            with self.turns.turn(what, Run(None if background else wanted, had)):
                self.began.append(name)
                self.ends[name].wait(5)

        waiting = len(self.turns._waiting) + len(self.turns._going)
        self.threads.append(threading.Thread(target=job))
        self.threads[-1].start()
        until(lambda: len(self.turns._waiting) + len(self.turns._going) > waiting)

    def end(self, name: str) -> None:
        self.ends[name].set()

    def finish(self) -> None:
        for one in self.ends.values():
            one.set()
        for thread in self.threads:
            thread.join(5)
        assert not self.turns._waiting and not self.turns._going


@pytest.fixture
def jobs() -> Jobs:
    turns = Turns(2)
    turns._seconds["audit"] = 2 * LONG_SECONDS
    return Jobs(turns)


def test_of_equals_who_comes_first_goes_first(jobs: Jobs) -> None:
    for name in "abcd":
        jobs.begin(name)
    until(lambda: jobs.began == ["a", "b"])
    jobs.end("b")
    until(lambda: jobs.began == ["a", "b", "c"])
    jobs.finish()
    assert jobs.began == ["a", "b", "c", "d"]


def test_what_takes_long_leaves_a_place_to_what_does_not(jobs: Jobs) -> None:
    jobs.begin("audit 1", "audit")
    jobs.begin("audit 2", "audit")
    jobs.begin("number")
    until(lambda: jobs.began == ["audit 1", "number"])
    jobs.begin("another")
    jobs.end("number")  # the second audit came before the other number, and leaves the place to it
    until(lambda: jobs.began == ["audit 1", "number", "another"])
    jobs.end("audit 1")
    until(lambda: jobs.began == ["audit 1", "number", "another", "audit 2"])
    jobs.finish()


def test_a_page_that_has_had_little_goes_before_one_that_has_had_much(jobs: Jobs) -> None:
    for name in "ab":
        jobs.begin(name)
    jobs.begin("much", had=5.0)
    jobs.begin("little", had=0.1)
    jobs.end("a")
    until(lambda: jobs.began == ["a", "b", "little"])
    jobs.finish()
    assert jobs.began == ["a", "b", "little", "much"]


def test_waiting_makes_up_for_what_was_had(jobs: Jobs) -> None:
    for name in "ab":
        jobs.begin(name)
    jobs.begin("much", had=5.0)
    jobs.turns._waiting[0].since -= 10 / PATIENCE
    jobs.begin("little")
    jobs.end("a")
    until(lambda: jobs.began == ["a", "b", "much"])
    jobs.finish()


def test_what_a_run_had_is_the_time_of_its_turns() -> None:
    turns, run = Turns(1), Run(wanted)
    for _ in range(2):
        with turns.turn("short", run):
            time.sleep(0.02)
    assert 0.04 <= run.had < 1


def test_one_core_computes_long_things_too() -> None:
    turns = Turns(1)
    turns._seconds["audit"] = 2 * LONG_SECONDS
    jobs = Jobs(turns)
    jobs.begin("audit", "audit")
    jobs.begin("number")
    until(lambda: jobs.began == ["audit"])
    jobs.finish()
    assert jobs.began == ["audit", "number"]


def test_what_no_page_waits_for_stands_behind_but_not_for_ever(jobs: Jobs) -> None:
    for name in "ab":
        jobs.begin(name)
    jobs.begin("warm", background=True)
    jobs.begin("c")
    jobs.end("a")
    until(lambda: jobs.began == ["a", "b", "c"])
    jobs.begin("d")
    jobs.turns._waiting[0].since -= 2 * BEHIND / PATIENCE
    jobs.end("b")
    until(lambda: jobs.began == ["a", "b", "c", "warm"])
    jobs.finish()


def test_a_run_that_is_overtaken_stops_waiting_and_holds_nobody_up(jobs: Jobs) -> None:
    gone = threading.Event()
    said: list[str] = []

    def still_wanted() -> None:
        if gone.is_set():
            raise Overtaken

    def overtaken() -> None:
        try:
            with jobs.turns.turn("short", Run(still_wanted)):
                said.append("computed")
        except Overtaken:
            said.append("overtaken")

    for name in "ab":
        jobs.begin(name)
    waits = threading.Thread(target=overtaken)
    waits.start()
    until(lambda: len(jobs.turns._waiting) == 1)
    jobs.begin("c")
    gone.set()
    waits.join(5)
    assert said == ["overtaken"]
    jobs.end("a")
    until(lambda: jobs.began == ["a", "b", "c"])
    jobs.finish()


def test_what_failed_gives_its_place_back_and_is_known_by_its_time(jobs: Jobs) -> None:
    with pytest.raises(ZeroDivisionError), jobs.turns.turn("new", Run(wanted)):
        raise ZeroDivisionError
    assert not jobs.turns._going
    assert 0 <= jobs.turns._seconds["new"] < LONG_SECONDS
