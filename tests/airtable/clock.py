"""The loopback Airtable's time: one clock for the server and for whoever waits, so that no test waits.

Not here: what depends on it (limits.py, base.py).
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 4, 17)


class Clock:
    """Moves only when somebody sleeps, or is set. Times of day are UTC without a zone.

    `still`: the time of day moves only when it is set, however long somebody sleeps.
    """

    def __init__(self, at: datetime = START, *, still: bool = False) -> None:
        self._lock = threading.Lock()
        self._began, self._passed, self._still = at, 0.0, still
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return 1_000.0 + self._passed

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._passed += max(seconds, 0.0)
            self.slept.append(seconds)
        time.sleep(0)  # lets the others run

    def now(self) -> datetime:
        """The time of day at the server."""
        return self._began + self._shown()

    def set(self, at: datetime) -> None:
        """The time of day is `at` from now on, unless it is later already; nobody has waited for it."""
        with self._lock:
            self._began = max(self._began, at - self._shown())

    def _shown(self) -> timedelta:
        return timedelta(0) if self._still else timedelta(seconds=self._passed)


class RealClock:
    """The computer's own, for measurements."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    def now(self) -> datetime:
        return datetime.now(UTC).replace(tzinfo=None)

    def set(self, at: datetime) -> None:
        """Nobody sets it."""
