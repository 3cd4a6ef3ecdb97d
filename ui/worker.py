"""One process that computes for the pages: a Task comes in, its result goes out, until nobody asks any more.

It keeps the analyses it was asked about last, so that the next question about one finds it open. Whatever fails
here is only said to have failed: the page computes it itself, and raises what it raises.

Not here: who is asked what (workers.py), what is computed (asked.py).
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

from leadpact import logs
from leadpact.engine import Statement, fresh, learn
from leadpact.pact_in_use import PactInUse
from leadpact.store import Mirror, file_state
from leadpact.workspace import Analysis, Workspace
from ui.asked import Asked

MOST_ANALYSES = 6  # that are kept open
READY = "ready"  # what a worker says first
YOUNG, MIDDLE = 20_000, 20  # an answer makes thousands of objects: fewer searches for garbage among them
PAUSE_SECONDS = 1.0  # without a question, and garbage is looked for


@dataclass(frozen=True)
class Scope:
    """An analysis as one process describes it to another; `key` is the repr of its `cache_key`."""

    home: Path
    connection: str
    generation: int
    used: PactInUse
    as_of: datetime
    where: tuple[tuple[str, str], ...]
    clocked: tuple[date | None, date | None]
    key: str

    @staticmethod
    def of(home: Path, one: Analysis) -> Scope:
        where = tuple(sorted(one.conditions.items()))
        return Scope(
            home, one.connection, one.generation, one.used, one.as_of, where, one.tables.clocked, repr(one.cache_key)
        )

    @property
    def file(self) -> Path:
        return Mirror.of(self.home, self.connection).path(self.generation)

    def opened(self) -> Analysis:
        """The same analysis here. Raises LookupError where what is on disk is another one by now."""
        space = Workspace(self.home)
        one = space.analyse(
            self.connection, pact=self.used, as_of=self.as_of, where=dict(self.where), generation=self.generation
        ).between(*self.clocked)
        if repr(one.cache_key) != self.key:
            raise LookupError("another generation, or other words of the company")
        return one


@dataclass(frozen=True)
class Task:
    scope: Scope
    asked: Asked


@dataclass(frozen=True)
class Message:
    """One thing to compute: a Task as it is sent, and Lessons to learn before it. Each has one answer."""

    number: int
    lessons: tuple[bytes, ...]
    task: bytes


@dataclass(frozen=True)
class Lesson:
    """SQL that another worker has worked out."""

    statements: Sequence[Statement]


@dataclass(frozen=True)
class Done:
    """`lesson` is a Lesson as it is sent, null where there is nothing new; whoever asked passes it on unread."""

    result: Any
    lesson: bytes | None = None


@dataclass(frozen=True)
class Failed:
    """The type of an error and the lines it passed through: nothing of what it says."""

    error: str
    places: str

    @staticmethod
    def by(error: Exception) -> Failed:
        return Failed(type(error).__name__, logs.places(error))


@dataclass(frozen=True)
class Answer:
    """To the message of that number."""

    number: int
    said: Done | Failed


class Analyses:
    """The analyses of one process, open; those of a file that is gone or another one are let go at once."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[Path, str, tuple[int, int]], Analysis] = OrderedDict()

    def of(self, scope: Scope) -> Analysis:
        files = {scope.file} | {one[0] for one in self._open}
        now = {file: file_state(file) for file in files}
        for gone in [one for one in self._open if one[2] != now[one[0]]]:
            del self._open[gone]
        key = (scope.file, scope.key, now[scope.file])
        if key not in self._open:
            self._open[key] = scope.opened()
        self._open.move_to_end(key)
        while len(self._open) > MOST_ANALYSES:
            self._open.popitem(last=False)
        return self._open[key]


def serve(asking: Connection) -> None:
    """Answers what comes over `asking` until its other end is gone."""
    analyses = Analyses()
    with contextlib.suppress(EOFError, OSError):
        asking.send(READY)
        while True:
            if not asking.poll(PAUSE_SECONDS):
                gc.collect()
            asking.send_bytes(_answer(asking.recv(), analyses))


def _answer(message: Message, analyses: Analyses) -> bytes:
    for one in message.lessons:
        _learn(one)
    try:
        task: Task = ForkingPickler.loads(message.task)
        done = Done(task.asked.of(analyses.of(task.scope)), lesson())
        return bytes(ForkingPickler.dumps(Answer(message.number, done)))
    except Exception as error:  # noqa: BLE001 - whoever asked computes it and meets the error itself
        return bytes(ForkingPickler.dumps(Answer(message.number, Failed.by(error))))


def _learn(one: bytes) -> None:
    try:
        taught: Lesson = ForkingPickler.loads(one)
        learn(taught.statements)
    except Exception as error:  # noqa: BLE001 - what is not learned is worked out again; the log has its place
        logs.incident(error)


def lesson() -> bytes | None:
    """What this process has worked out since this was asked last, as it is sent; null for nothing that can be told."""
    statements = fresh()
    try:
        return bytes(ForkingPickler.dumps(Lesson(statements))) if statements else None
    except Exception as error:  # noqa: BLE001 - each process works it out for itself; the log has its place
        logs.incident(error)
        return None


def main() -> None:
    """Its arguments: the descriptor of the connection to whoever asks, and how far it gives way to others."""
    os.nice(int(sys.argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # at a terminal Ctrl-C reaches this process too; the app ends it
    logs.begin()
    gc.freeze()  # what is there is code: no search for garbage, in the middle of an answer, has to look at it
    gc.set_threshold(YOUNG, MIDDLE)
    with Connection(int(sys.argv[1])) as asking:
        serve(asking)
