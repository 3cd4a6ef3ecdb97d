"""Looking over a connector's shoulder: files it opens, addresses it calls, the clock it reads.

Not here: what a connector may do (clauses/).
"""

from __future__ import annotations

import datetime as real
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

FILES = ("open", "os.listdir", "os.scandir", "sqlite3.connect")
CALLS = ("socket.connect", "socket.sendto", "socket.getaddrinfo")
_watching: list[Watch] = []


class Watch:
    """What happened beneath a folder, and which addresses were called, while it was on."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder.resolve())
        self.opened: list[str] = []
        self.called: list[str] = []

    def __enter__(self) -> Watch:
        _watching.append(self)
        return self

    def __exit__(self, *raised: object) -> None:
        _watching.remove(self)

    def note(self, event: str, args: tuple[Any, ...]) -> None:
        if event in FILES and isinstance(args[0], (str, bytes, os.PathLike)):
            path = os.path.realpath(os.fsdecode(args[0]))
            if path.startswith(self._folder):
                self.opened.append(path[len(self._folder) :])
        elif event in CALLS:
            address = args[0] if event == "socket.getaddrinfo" else args[1]
            self.called.append(str(address[0] if isinstance(address, tuple) else address))


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _watching and (event in FILES or event in CALLS):
        for watch in list(_watching):
            watch.note(event, args)


sys.addaudithook(_hook)  # cannot be taken away again; it does nothing while nobody watches


@contextmanager
def clock_moved(package: str, by: real.timedelta) -> Iterator[None]:
    """The clock as the modules of `package` read it, moved `by`."""
    now = time.time

    def seconds() -> float:
        return now() + by.total_seconds()

    moment, day = _moment(by), _day(by)
    module = ModuleType("datetime")
    module.__dict__.update({**vars(real), "datetime": moment, "date": day})
    replaced = [(real.datetime, moment), (real.date, day), (real, module), (now, seconds)]
    with ExitStack() as stack:
        for name, loaded in list(sys.modules.items()):
            if name == package or name.startswith(package + "."):
                for attribute, value in list(vars(loaded).items()):
                    for old, new in replaced:
                        if value is old:
                            stack.enter_context(patch.object(loaded, attribute, new))
        stack.enter_context(patch.object(time, "time", seconds))
        yield


def _moment(by: real.timedelta) -> type:
    """A `datetime` whose now is moved, and which is no different to isinstance."""

    class Same(type):
        def __instancecheck__(cls, other: object) -> bool:
            return isinstance(other, real.datetime)

    class Moved(real.datetime, metaclass=Same):
        @classmethod
        def now(cls, tz: real.tzinfo | None = None) -> Any:
            return real.datetime.now(tz) + by

        @classmethod
        def utcnow(cls) -> Any:
            return real.datetime.now(real.UTC).replace(tzinfo=None) + by

        @classmethod
        def today(cls) -> Any:
            return real.datetime.now() + by  # noqa: DTZ005 - it stands in for the one without a zone

    return Moved


def _day(by: real.timedelta) -> type:
    class Same(type):
        def __instancecheck__(cls, other: object) -> bool:
            return isinstance(other, real.date)

    class Moved(real.date, metaclass=Same):
        @classmethod
        def today(cls) -> Any:
            return real.date.today() + by  # noqa: DTZ011 - it stands in for the one without a zone

    return Moved
