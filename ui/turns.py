"""Who computes next: no more at once than there are cores, and what takes long never takes all of them.

First come, first served, but for two things: one place is kept free of what takes long, so that a
number made in a tenth of a second does not wait behind an audit; and what no page waits for (warm.py) goes
when nobody else does. A run that is overtaken while it waits stops waiting.

Not here: what is computed, and where it is kept (page.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LONG_SECONDS = 1.0
LOOK_SECONDS = 0.1  # how often a run that waits looks whether it is still wanted
WEIGHT = 0.3  # of the last time in what is known of how long a thing takes


@dataclass(eq=False)
class _Place:
    long: bool
    behind: bool


@dataclass
class Turns:
    """`places` are how many compute at once. How long a thing takes is learned from the times before."""

    places: int
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _waiting: list[_Place] = field(default_factory=list)
    _going: list[_Place] = field(default_factory=list)
    _seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def turn(self, what: str, wanted: Callable[[], None] | None) -> Iterator[None]:
        """Waits until `what` may be computed. `wanted` raises where nobody waits for it any more; null: nobody does."""
        one = _Place(self._seconds.get(what, 0.0) > LONG_SECONDS, behind=wanted is None)
        self._wait(one, wanted)
        began = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - began
            with self._changed:
                self._going.remove(one)
                self._seconds[what] = WEIGHT * took + (1 - WEIGHT) * self._seconds.get(what, took)
                self._changed.notify_all()

    def _wait(self, one: _Place, wanted: Callable[[], None] | None) -> None:
        with self._changed:
            self._waiting.append(one)
        try:
            while not self._begun(one):
                if wanted is not None:
                    wanted()  # outside the lock: it may end the run
        except BaseException:
            with self._changed:
                self._waiting.remove(one)
                self._changed.notify_all()
            raise

    def _begun(self, one: _Place) -> bool:
        with self._changed:
            if not self._next(one):
                self._changed.wait(LOOK_SECONDS)
            if not self._next(one):
                return False
            self._waiting.remove(one)
            self._going.append(one)
            return True

    def _next(self, one: _Place) -> bool:
        """Whether it is this one's turn: of those that may go now, it came first."""
        if len(self._going) >= self.places:
            return False
        long_ones = sum(other.long for other in self._going)
        may = [other for other in self._waiting if not other.long or long_ones < max(1, self.places - 1)]
        return bool(may) and min(may, key=lambda other: other.behind) is one  # min keeps the order of coming
