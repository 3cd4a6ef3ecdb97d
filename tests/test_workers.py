"""What workers compute is what the page would have computed; whatever happens to one, nothing is lost and none is left.

Not here: many sessions of a served app (test_sessions.py), whose turn it is (test_turns.py).
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from leadpact.errors import Misconfigured
from leadpact.workspace import Analysis, Workspace
from tests import worked_out
from tests.apptest import prepare, settle_company
from tests.conftest import ROOT
from ui import workers
from ui.asked import Asked
from ui.worker import MOST_ANALYSES, PAUSE_SECONDS, YOUNG, Analyses, Scope
from ui.workers import Lessons, Workers, WorkersEnded

HERE = os.getpid()


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """A process that has ended and whose end nobody asked for counts as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def begun(many: int) -> Iterator[Workers]:
    pool = Workers(many)
    pool.begin(many)
    until(lambda: len(pool.ready()) == many)
    try:
        yield pool
    finally:
        pool.renew()


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    with begun(2) as pool:
        yield pool


@pytest.fixture(autouse=True)
def whole(pool: Workers) -> None:
    """Every test begins with two workers."""
    pool.begin(2)
    until(lambda: len(pool.ready()) == 2)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = prepare(tmp_path / "home", monkeypatch)
    settle_company(found)
    return found


@pytest.fixture
def one(home: Path) -> Analysis:
    return Workspace(home).analyse("acme")


def test_a_result_is_the_one_computed_here(pool: Workers, home: Path, one: Analysis) -> None:
    space = Workspace(home)
    middle = one.tables.record.created_at.quantile(0.5).execute().to_pydatetime()
    past = space.analyse("acme", as_of=middle)
    of_source = str(one.tables.record.source.max().execute())
    for seen in (one, past, space.analyse("acme", where={"source": of_source})):
        pid, many = pool.computed(home, seen, Asked(worked_out.process, whole=True))
        assert pid != HERE and many == worked_out.process(seen)[1]
        asked = Asked(worked_out.records, options={"column": "status"})
        assert pool.computed(home, seen, asked).equals(asked.of(seen))
    assert pool.computed(home, past, Asked(worked_out.process, whole=True))[1] < worked_out.process(one)[1]


def test_a_worker_looks_for_garbage_when_it_has_nothing_to_do(pool: Workers, home: Path, one: Analysis) -> None:
    frozen, young = pool.computed(home, one, Asked(worked_out.garbage, whole=True))
    assert frozen > 100_000 and young == YOUNG
    pids = set(pool.ready())
    time.sleep(1.5 * PAUSE_SECONDS)  # it looks now
    assert set(pool.ready()) == pids
    assert pool.computed(home, one, Asked(worked_out.process, whole=True))[0] in pids


def test_two_questions_are_answered_by_two_processes(pool: Workers, home: Path, one: Analysis) -> None:
    found: list[int] = []
    asked = Asked(worked_out.slow, (0.5,), whole=True)
    threads = [threading.Thread(target=lambda: found.append(pool.computed(home, one, asked))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(found)) == 2 and HERE not in found


def test_whoever_asks_while_all_are_busy_computes(pool: Workers, home: Path, one: Analysis) -> None:
    threads = [threading.Thread(target=pool.computed, args=(home, one, Asked(worked_out.slow, (1.0,), whole=True)))
               for _ in range(2)]  # fmt: skip
    for thread in threads:
        thread.start()
    until(lambda: not pool.ready())
    assert pool.computed(home, one, Asked(worked_out.process, whole=True))[0] == HERE
    for thread in threads:
        thread.join(30)


@pytest.mark.parametrize("asked", [
    Asked(lambda one: os.getpid(), whole=True), Asked(worked_out.slow, (threading.Lock(),), whole=True),
])  # fmt: skip
def test_what_cannot_be_told_is_computed_here(
    pool: Workers, home: Path, one: Analysis, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worked_out.time, "sleep", lambda _: None)
    assert pool.computed(home, one, asked) == HERE


def test_what_fails_there_is_computed_here_and_only_its_place_is_logged(
    pool: Workers, home: Path, one: Analysis, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "leadpact"):
        assert pool.computed(home, one, Asked(worked_out.lost, (HERE,), whole=True)) == HERE
    (line,) = [record.getMessage() for record in caplog.records if record.name == "leadpact"]
    assert "ValueError" in line and "worked_out.py" in line and "content" not in line
    assert list(pool.computed(home, one, Asked(worked_out.untold, whole=True))) == [1, 2]


def test_an_error_of_ours_is_raised_here(
    pool: Workers, home: Path, one: Analysis, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "leadpact"), pytest.raises(Misconfigured):
        pool.computed(home, one, Asked(worked_out.refused, whole=True))
    assert not [record for record in caplog.records if record.name == "leadpact"]


def test_a_worker_that_is_killed_is_noticed_and_another_one_asked(
    pool: Workers, home: Path, one: Analysis, tmp_path: Path
) -> None:
    before, times = pool.ready(), tmp_path / "times"
    times.write_text("x", encoding="ascii")
    found = pool.computed(home, one, Asked(worked_out.killed, (HERE, times), whole=True))
    assert found in before and pool.ready() == [found]
    os.kill(found, signal.SIGKILL)
    until(lambda: not lives(found))
    assert pool.computed(home, one, Asked(worked_out.process, whole=True))[0] == HERE


def test_what_ends_two_workers_is_not_computed_here(pool: Workers, home: Path, one: Analysis, tmp_path: Path) -> None:
    times = tmp_path / "times"
    times.write_text("xxx", encoding="ascii")
    with pytest.raises(WorkersEnded, match="killed"):
        pool.computed(home, one, Asked(worked_out.killed, (HERE, times), whole=True))


def test_one_alone_needs_no_worker_and_two_begin_one(home: Path, one: Analysis) -> None:
    pool = Workers(2)
    try:
        asked = Asked(worked_out.process, whole=True)
        assert pool.computed(home, one, asked)[0] == HERE and not pool._free
        slow = threading.Thread(target=pool.computed, args=(home, one, Asked(worked_out.slow, (1.0,), whole=True)))
        slow.start()
        until(lambda: pool._under_way == 1)
        assert pool.computed(home, one, asked)[0] == HERE and len(pool._free) == 1
        slow.join(30)
        until(lambda: len(pool.ready()) == 1)
        assert pool.computed(home, one, asked)[0] != HERE
    finally:
        pool.renew()


def test_workers_that_cannot_begin_are_not_tried_for_ever(
    home: Path, one: Analysis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(workers.sys, "executable", "/bin/false")
    pool = Workers(2)
    pool.begin(2)
    until(lambda: not pool.ready() and not pool._free)
    pool.begin(2)
    assert pool._free == []
    monkeypatch.undo()
    assert pool.computed(home, one, Asked(worked_out.process, whole=True))[0] == HERE
    assert sum("not begun" in record.getMessage() for record in caplog.records) == 2


def test_those_nobody_needs_end_and_renewing_ends_also_the_busy(home: Path, one: Analysis) -> None:
    with begun(2) as pool:
        first = pool.ready()
        pool.rest(3600)
        assert pool.ready() == first
        busy = threading.Thread(target=pool.computed, args=(home, one, Asked(worked_out.slow, (1.0,), whole=True)))
        busy.start()
        until(lambda: len(pool.ready()) == 1)
        pool.renew()
        busy.join(30)
        assert pool.ready() == []
        until(lambda: not any(map(lives, first)))


def test_no_worker_outlives_the_process_that_began_it() -> None:
    code = """
import os, signal, time
from ui.workers import Workers
pool = Workers(2)
pool.begin(2)
while len(pool.ready()) < 2:
    time.sleep(0.05)
print(*pool.ready(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2 and done.returncode == -signal.SIGKILL
    until(lambda: not any(map(lives, pids)), 20)


def _published(home: Path) -> None:
    mirror = Workspace(home).mirror("acme")
    mirror.publish(mirror.draft(mirror.current()))


def test_a_worker_answers_for_the_generation_it_is_asked_about_or_not_at_all(
    pool: Workers, home: Path, one: Analysis, caplog: pytest.LogCaptureFixture
) -> None:
    """What is asked of one that is gone would be answered from another one."""
    _published(home)
    _published(home)
    assert not Workspace(home).mirror("acme").path(one.generation).exists()
    assert pool.computed(home, one, Asked(worked_out.process, whole=True))[0] == HERE
    with pytest.raises(LookupError):
        Scope.of(home, one).opened()


def test_what_is_kept_open_is_bounded_and_goes_with_its_file(home: Path, one: Analysis) -> None:
    analyses, space = Analyses(), Workspace(home)
    first = analyses.of(Scope.of(home, one))
    assert analyses.of(Scope.of(home, one)) is first
    for day in range(MOST_ANALYSES + 2):
        analyses.of(Scope.of(home, space.analyse("acme", as_of=one.as_of - timedelta(days=day + 1))))
    assert len(analyses._open) == MOST_ANALYSES
    _published(home)
    _published(home)
    now = analyses.of(Scope.of(home, space.analyse("acme")))
    assert list(analyses._open.values()) == [now]


@pytest.mark.parametrize(("said", "cores", "many"), [("", 1, 0), ("", 2, 2), ("", 64, workers.MOST), ("0", 8, 0),
                                                     ("7", 2, 7), ("many", 2, 2)])  # fmt: skip
def test_how_many_there_are(monkeypatch: pytest.MonkeyPatch, said: str, cores: int, many: int) -> None:
    monkeypatch.setenv(workers.VARIABLE, said)
    monkeypatch.setattr(workers.os, "cpu_count", lambda: cores)
    assert workers._wanted() == many


def test_what_one_worker_has_worked_out_no_other_does_again(home: Path, one: Analysis) -> None:
    asked = Asked(worked_out.statements, whole=True)
    with begun(2) as pool:
        first, second = pool._free
        lessons = pool._lessons
        told = workers._told(workers.Task(Scope.of(home, one), asked))
        assert told is not None
        answers = []
        for worker in (first, second, second):
            done = worker.answer(told, lessons)
            assert isinstance(done, workers.Done)
            answers.append(done.result)
            if done.lesson is not None:
                lessons.add(done.lesson)
        assert [one[0] > 0 for one in answers] == [True, False, False] and len({one[1] for one in answers}) == 1
        pool.renew()
        told_now, many = lessons.after(0)
        assert told_now == () and many > 0
    with begun(1) as other:
        assert other.computed(home, one, asked)[0] > 0


def test_lessons_are_told_once_and_bounded() -> None:
    lessons = Lessons(2)
    for one in (b"1", b"2", None):
        lessons.add(one)
    assert lessons.after(0) == ((b"1", b"2"), 2) and lessons.after(2) == ((), 2)
    for one in (b"3", b"4", b"5"):
        lessons.add(one)
    assert lessons.after(2) == ((b"4", b"5"), 5) and lessons.after(4) == ((b"5",), 5)
    lessons.forget()
    lessons.add(b"6")
    assert lessons.after(5) == ((b"6",), 6) and lessons.after(0) == ((b"6",), 6)
    lessons.add(b"too long")
    assert lessons.after(6) == ((), 7)


@pytest.mark.parametrize("told", [b"no task", workers.ForkingPickler.dumps(("no", "task"))])
@pytest.mark.parametrize("taught", [b"no lesson", workers.ForkingPickler.dumps(7)])
def test_what_a_worker_cannot_read_has_one_answer_and_the_next_has_its_own(
    pool: Workers, home: Path, one: Analysis, told: bytes, taught: bytes
) -> None:
    """Else every answer from there on would be to the question before."""
    worker = pool._free[0]
    lessons = Lessons()
    lessons.add(bytes(taught))
    assert isinstance(worker.answer(bytes(told), lessons), workers.Failed)
    for wanted in ("status", "record_id"):
        asked = Asked(worked_out.records, options={"column": wanted})
        task = workers._told(workers.Task(Scope.of(home, one), asked))
        assert task is not None
        done = worker.answer(task, Lessons())
        assert isinstance(done, workers.Done) and done.result.equals(asked.of(one))


def test_an_answer_to_something_else_is_no_answer(home: Path, one: Analysis) -> None:
    with begun(1) as pool:
        worker = pool._free[0]
        task = workers._told(workers.Task(Scope.of(home, one), Asked(worked_out.process, whole=True)))
        assert task is not None
        worker._asking.send(workers.Message(99, (), task))  # as by somebody who never read the answer
        until(worker._asking.poll)
        assert worker.answer(task, Lessons()) is None and worker.ended
        assert pool.computed(home, one, Asked(worked_out.process, whole=True))[0] == HERE


def test_an_error_like_the_end_of_a_connection_ends_no_worker(pool: Workers, home: Path, one: Analysis) -> None:
    before = pool.ready()
    for error in ("EOFError", "BrokenPipeError"):
        with pytest.raises((EOFError, BrokenPipeError)):
            pool.computed(home, one, Asked(worked_out.raising, (error,), whole=True))
    assert sorted(pool.ready()) == sorted(before)


def test_without_a_server_everything_is_computed_where_it_is_asked_for(home: Path, one: Analysis) -> None:
    found: Any = workers.computed(home, one, Asked(worked_out.process, whole=True))
    assert found[0] == HERE
