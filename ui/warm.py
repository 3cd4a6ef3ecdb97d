"""After a sync pages show the generation before until the results people look at are there for the new one.

All results follow from a generation, so a sync makes every one of them cold, for everybody at once. What
was asked for lately is computed again by one thread, for the new generation, most asked first; then pages
move on to it. Nobody waits longer than LONGEST for that, who syncs in the app moves on at once, and a
generation whose file is gone is not shown a moment longer; where a person was forgotten, nothing stays in memory.

Begun by the server only (server.py): in a test or a command what is published is what is shown.

Not here: where results are kept (page.py), publishing (leadpact/store.py).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import streamlit as st

from config.errors import LeadPactError
from leadpact import engine, logs
from leadpact.pact_in_use import PactInUse
from leadpact.privacy import tombstones
from leadpact.store import file_state
from leadpact.workspace import Analysis, Workspace
from ui import workers
from ui.asked import Asked

LONGEST = 90.0  # seconds a new generation may take to be warm before it is shown as it is
MOST = 300  # calls that are remembered
PAUSE = 0.5  # rest of the thread, as a share of its work: people come first


@dataclass(frozen=True)
class Call:
    """One result somebody looked at, and how it is computed. `keep` computes and keeps it for an analysis."""

    connection: str
    used: PactInUse
    where: tuple[tuple[str, str], ...]
    clocked: tuple[date | None, date | None]
    keep: Callable[[Analysis], Any]
    times: int = 1


@dataclass
class _Mirror:
    shown: int
    file: tuple[int, int]  # inode and time of change of what is shown: numbers may begin again
    forgotten: int  # tombstones.newest when nothing in memory was of before
    next: int | None = None
    since: float = 0.0


_on = False
_calls: OrderedDict[Any, Call] = OrderedDict()
_mirrors: dict[tuple[str, str], _Mirror] = {}
_guard = threading.RLock()


def begin() -> None:
    """From here on new generations are warmed before they are shown."""
    global _on  # noqa: PLW0603 - of the process, and set once
    _on = True


def asked(space: Workspace, one: Analysis, what: Asked, keep: Callable[[Analysis], Any]) -> None:
    """Somebody looked at a result as of the last sync. Kept where its arguments hold nothing of that sync."""
    if not _on or one.as_of != one.synced_at or not what.plain:
        return
    where = tuple(sorted(one.conditions.items()))
    key = (str(space.home), one.connection, one.pact.hash, where, one.tables.clocked, what.name, repr(what.given))
    with _guard:
        before = _calls.pop(key, None)
        times = 1 if before is None else before.times + 1
        _calls[key] = Call(one.connection, one.used, where, one.tables.clocked, keep, times)
        while len(_calls) > MOST:
            _calls.popitem(last=False)


def generation(space: Workspace, connection: str) -> int | None:
    """The generation pages show of a connection; null before its first sync."""
    mirror = space.mirror(connection)
    current = mirror.current()
    if not _on or current is None:
        return current
    with _guard:
        key = (str(space.home), connection)
        one = _mirrors.get(key)
        gone = one is not None and file_state(mirror.path(one.shown)) != one.file
        if one is not None and (one.shown > current or (gone and tombstones.newest(space.database) != one.forgotten)):
            emptied()  # somebody was forgotten, or the mirror made anew: nothing of it stays in memory
            del _mirrors[key]
            one = None
        if one is None or one.shown >= current:
            return _show(key, space, connection, current)
        if gone or (one.next is not None and time.monotonic() - one.since > LONGEST):
            # syncs may have published more than one meanwhile: what is nearly warm goes first
            nearly = one.next if one.next is not None and mirror.path(one.next).exists() else current
            return _show(key, space, connection, nearly)
        if one.next is None:
            one.next, one.since = current, time.monotonic()
            work = (key, space, connection, current)
            threading.Thread(target=_warmed, args=work, name=f"warm-{current}", daemon=True).start()
        return one.shown


def emptied() -> None:
    """No result stays in memory, nor what was asked for, the SQL it became, and any data a worker has open."""
    with _guard:
        _calls.clear()
    st.cache_data.clear()
    engine.forget()
    workers.renew()


def move_on(space: Workspace, connection: str) -> None:
    """Somebody has just synced here and wants to see it: what serves is shown from now on."""
    current = space.mirror(connection).current()
    if _on and current is not None:
        with _guard:
            _show((str(space.home), connection), space, connection, current)


def _show(key: tuple[str, str], space: Workspace, connection: str, number: int) -> int:
    one = _mirrors.get(key)
    since = tombstones.newest(space.database) if one is None else one.forgotten
    _mirrors[key] = _Mirror(number, file_state(space.mirror(connection).path(number)), since)
    return number


def _warmed(key: tuple[str, str], space: Workspace, connection: str, number: int) -> None:
    """Computes what was asked for of one generation, most asked first, then shows it."""
    with _guard:
        mine = [(name, call) for name, call in _calls.items() if name[0] == key[0] and call.connection == connection]
        _calls.update(
            {name: replace(call, times=call.times // 2) for name, call in mine}
        )  # what is not asked again goes
    until, opened = time.monotonic() + LONGEST, dict[Any, Analysis]()
    for _, call in sorted(mine, key=lambda one: -one[1].times):
        if time.monotonic() > until or not _wanted(key, number):
            break
        began, scope = time.monotonic(), (call.used.pact.hash, call.used.version, call.where, call.clocked)
        try:
            if scope not in opened:
                opened[scope] = _opened(space, call, number)
            call.keep(opened[scope])
        except LeadPactError:
            pass  # whoever asks for it on a page is told there
        except Exception as error:  # noqa: BLE001 - one result less is warm; the log has its place
            logs.incident(error)
        time.sleep(PAUSE * (time.monotonic() - began))
    with _guard:
        if _wanted(key, number):
            _show(key, space, connection, number)


def _wanted(key: tuple[str, str], number: int) -> bool:
    one = _mirrors.get(key)
    return one is not None and one.next == number


def _opened(space: Workspace, call: Call, number: int) -> Analysis:
    one = space.analyse(call.connection, pact=call.used, where=dict(call.where), generation=number)
    return one.between(*call.clocked)
