"""Processes that compute for the pages, beside the one that draws them.

One interpreter runs one thread at a time: what one page computes keeps every other page from being drawn, and a
second core idle. So what pages ask for is computed by workers (worker.py), and by the page itself where none is
free or ready, where it cannot be told to another process, and where a worker failed. Workers begin when two things
are asked for at once, and end when they have had nothing to do for IDLE_SECONDS. What nobody waits for (warm.py)
has a worker of its own that gives way to all others. The SQL one of them has worked out is told to the rest.

A worker that ends in the middle is replaced and another one asked; when that one ends too, the page says so: what
ends two processes would end this one. When this process ends, however it ends, its workers do.

Begun by the server only (server.py): in a test or a command everything is computed where it is asked for.

Not here: whose turn it is (turns.py), where results are kept (page.py).
"""

from __future__ import annotations

import itertools
import logging
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

from leadpact import logs
from leadpact.workspace import Analysis
from ui.asked import Asked
from ui.worker import READY, Answer, Done, Failed, Message, Scope, Task, lesson

VARIABLE = "LEADPACT_WORKERS"
MOST_TAUGHT = 64 * 2**20  # bytes of SQL that are kept for workers that begin later
MOST = 4  # without that variable: each takes some 0.4 GB
TRIES = 2
IDLE_SECONDS = 600.0
NICENESS = 10  # of the worker for what nobody waits for
ROOT = Path(__file__).parent.parent
# not as `-m`: what it sends must be of the module we know, not of a `__main__`. Streamlit would say no page is served
PROGRAM = """
import logging
logging.getLogger("streamlit.runtime.caching.cache_data_api").disabled = True
from ui.worker import main
main()
"""


class WorkersEnded(RuntimeError):
    """Two processes ended over the same question."""


class Lessons:
    """The SQL that workers have worked out, for those that have not: working it out takes as long as a query."""

    def __init__(self, most: int = MOST_TAUGHT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: deque[bytes] = deque()
        self._gone = 0  # how many were there before the first of these
        self._bytes = 0

    def add(self, one: bytes | None) -> None:
        """Null: nothing was new."""
        if one is None:
            return
        with self._lock:
            self._kept.append(one)
            self._bytes += len(one)
            while self._bytes > self._most:
                self._bytes -= len(self._kept.popleft())
                self._gone += 1

    def after(self, learned: int) -> tuple[tuple[bytes, ...], int]:
        """What came after the first `learned`, and how many there are now."""
        with self._lock:
            new = tuple(itertools.islice(self._kept, max(0, learned - self._gone), None))
            return new, self._gone + len(self._kept)

    def forget(self) -> None:
        """SQL has in it what somebody looked for."""
        with self._lock:
            self._gone += len(self._kept)
            self._kept.clear()
            self._bytes = 0


class _Worker:
    """One process. Use it from one thread at a time; `ended` is whether it is gone."""

    def __init__(self, niceness: int = 0) -> None:
        ours, theirs = Pipe()
        number = theirs.fileno()
        command = [sys.executable, "-c", PROGRAM, str(number), str(niceness)]
        self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[number], stdin=subprocess.DEVNULL)  # noqa: S603 - ourselves
        theirs.close()
        self._asking: Connection = ours
        self.ready, self.ended = False, False
        self._number = self._learned = 0
        self.used = time.monotonic()  # when somebody asked it last
        self.asked = set[str]()  # names of functions

    @property
    def pid(self) -> int:
        return self._process.pid

    def look(self) -> None:
        """Notes whether it has become ready, or has ended while nobody asked it anything."""
        with self._watched():
            if self._asking.poll():
                if self.ready or self._asking.recv() != READY:
                    raise EOFError  # it has ended, or says what nobody asked
                self.ready = True

    def answer(self, told: bytes, lessons: Lessons) -> Done | Failed | None:
        """What it says to a task (`_told`); null where it ended before it answered."""
        self._number += 1
        new, self._learned = lessons.after(self._learned)
        with self._watched():
            self._asking.send(Message(self._number, new, told))
            try:
                answer: Answer = self._asking.recv()
            except (EOFError, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - a result that cannot be read here: it is computed here
                return Failed.by(error)
            if answer.number != self._number:
                raise EOFError  # to an earlier question: no answer of this one can be trusted any more
            return answer.said
        return None

    def end(self) -> None:
        """It ends once it has nothing to do; the system is told that nobody asks how it ended."""
        self._asking.close()
        threading.Thread(target=self._process.wait, name=f"worker-{self.pid}", daemon=True).start()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError):
            self.ended = True


class Workers:
    """At most `most` processes; none where the system cannot hand a connection to another process.

    One begins when something is asked for while something else is computed: whoever is alone needs none.
    With a `niceness` they give way to other processes.
    """

    def __init__(self, most: int, niceness: int = 0, lessons: Lessons | None = None) -> None:
        self._most, self._niceness = most if os.name == "posix" else 0, niceness
        self._lessons = lessons or Lessons()
        self._lock = threading.Lock()
        self._free: list[_Worker] = []  # the one used last comes last
        self._taken: set[_Worker] = set()
        self._old: set[_Worker] = set()  # taken when all were renewed: they end instead of coming back
        self._under_way = 0

    def computed(self, home: Path, one: Analysis, asked: Asked) -> Any:
        """`asked.of(one)`, by a worker where one is free. Raises what that raises, or WorkersEnded."""
        told = _told(Task(Scope.of(home, one), asked)) if self._most else None
        with self._counted():
            for _ in range(TRIES):
                worker = None if told is None else self._take(asked.name)
                if told is None or worker is None:
                    return self._here(one, asked)
                try:
                    answer = worker.answer(told, self._lessons)
                finally:
                    self._give_back(worker)
                if isinstance(answer, Done):
                    self._lessons.add(answer.lesson)
                    return answer.result
                if isinstance(answer, Failed):
                    result = self._here(one, asked)  # what it raises is for whoever asked
                    logs.event("worker", logging.WARNING, error=answer.error, places=answer.places)
                    return result
        raise WorkersEnded(f"{TRIES} processes ended over {asked.name}")

    def _here(self, one: Analysis, asked: Asked) -> Any:
        result = asked.of(one)
        if self._most:
            self._lessons.add(lesson())
        return result

    def begin(self, many: int) -> None:
        """So many workers begin now, at most all."""
        with self._lock:
            while len(self._free) + len(self._taken - self._old) < min(many, self._most):
                self._free.append(_Worker(self._niceness))

    def rest(self, seconds: float = IDLE_SECONDS) -> None:
        """Those that nobody has asked anything for so long end."""
        with self._lock:
            for worker in [one for one in self._free if time.monotonic() - one.used >= seconds]:
                self._free.remove(worker)
                worker.end()

    def renew(self) -> None:
        """All workers end: nothing that one of them remembers stays in memory. Others begin when they are needed."""
        self.rest(0.0)
        with self._lock:
            self._old |= self._taken
        self._lessons.forget()

    def ready(self) -> list[int]:
        """The numbers of the processes that are free and can be asked."""
        with self._lock:
            self._look()
            return [one.pid for one in self._free if one.ready]

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def _take(self, what: str) -> _Worker | None:
        """A worker that is free, rather one that was asked this before: it knows the SQL."""
        with self._lock:
            self._look()
            ready = [one for one in self._free if one.ready]
            if not ready:
                if self._under_way > 1 and len(self._free) + len(self._taken - self._old) < self._most:
                    self._free.append(_Worker(self._niceness))
                return None
            found = next((one for one in reversed(ready) if what in one.asked), ready[-1])
            self._free.remove(found)
            self._taken.add(found)
            found.asked.add(what)
            return found

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            self._taken.remove(worker)
            worker.used = time.monotonic()
            if worker.ended or worker in self._old:
                self._old.discard(worker)
                worker.end()
            else:
                self._free.append(worker)

    def _look(self) -> None:
        """Buries those that have ended; one that ended before it was ready is not tried again."""
        for worker in list(self._free):
            worker.look()
            if worker.ended:
                self._free.remove(worker)
                worker.end()
                if not worker.ready:
                    self._most -= 1
                    logs.event("worker", logging.WARNING, state="not begun")


def _told(task: Task) -> bytes | None:
    """A task as another process can read it; null where something in it cannot be told."""
    try:
        return bytes(ForkingPickler.dumps(task))
    except Exception:  # noqa: BLE001 - each type has its own way to say so, and the page can compute everything
        return None


_workers: Workers | None = None
_behind: Workers | None = None  # for what nobody waits for
_once = threading.Lock()


def begin() -> None:
    """From here on there are workers: one for each core, MOST at most, or as many as LEADPACT_WORKERS says."""
    global _workers, _behind
    with _once:
        if _workers is None:
            many, lessons = _wanted(), Lessons()
            _workers, _behind = Workers(many, lessons=lessons), Workers(min(many, 1), NICENESS, lessons)


def expect(somebody: str | None) -> None:
    """Where one has signed in others will: all workers begin now, not when two have to wait. Null: nobody signs in."""
    if _workers is not None and somebody is not None:
        _workers.begin(MOST)


def computed(home: Path, one: Analysis, asked: Asked, *, behind: bool = False) -> Any:
    """`asked.of(one)`, by a worker where there is one. `behind`: nobody waits for it."""
    pool = _behind if behind else _workers
    return asked.of(one) if pool is None else pool.computed(home, one, asked)


def background() -> bool:
    """Whether the worker for what nobody waits for is there and free; it begins where it is not there."""
    if _behind is None:
        return False
    _behind.begin(1)
    return bool(_behind.ready())


def renew() -> None:
    """What a worker remembers of any data is gone from memory."""
    for pool in (_workers, _behind):
        if pool is not None:
            pool.renew()


def rest() -> None:
    """Workers that nobody needs end."""
    for pool in (_workers, _behind):
        if pool is not None:
            pool.rest()


def _wanted() -> int:
    said, cores = os.environ.get(VARIABLE, ""), os.cpu_count() or 1
    if said.isdecimal():
        return int(said)
    return 0 if cores < 2 else min(MOST, cores)  # one core has no second to use
