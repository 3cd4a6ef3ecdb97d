"""Who computes next: no more at once than there are cores, and what takes long never takes all of them.

Who has had least goes first: a page that needs one number does not wait for one that needs an audit and
ten. Waiting counts too, so that everybody's turn comes, also that of what no page waits for yet (warm.py), which
stands as if it had had much. One place is kept free of what takes long. A run that is overtaken while it waits
stops waiting.

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
PATIENCE = 0.5  # a second waited makes up for so many had
BEHIND = 3.0  # seconds a run that no page waits for stands as if it had had

Wanted = Callable[[], None]  # raises where nobody waits for the result any more


@dataclass
class Run:
    """One run of a page: what it has had of the places, in seconds. `wanted` is null where no page waits."""

    wanted: Wanted | None = None
    had: float = 0.0


@dataclass(eq=False)
class _Place:
    run: Run
    expected: float
    since: float

    @property
    def long(self) -> bool:
        return self.expected > LONG_SECONDS

    def rank(self, now: float) -> float:
        """The smallest goes first; in seconds."""
        had = self.run.had + (BEHIND if self.run.wanted is None else 0.0)
        return had + self.expected - PATIENCE * (now - self.since)


@dataclass
class Turns:
    """`places` are how many compute at once. How long a thing takes is learned from the times before."""

    places: int
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _waiting: list[_Place] = field(default_factory=list)
    _going: list[_Place] = field(default_factory=list)
    _seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def turn(self, what: str, run: Run) -> Iterator[None]:
        """Waits until `what` may be computed for this run. Raises what `run.wanted` does while it waits."""
        one = _Place(run, self._seconds.get(what, 0.0), time.monotonic())
        self._wait(one)
        began = time.monotonic()
        try:
            yield
        finally:
            took = time.monotonic() - began
            with self._changed:
                self._going.remove(one)
                run.had += took
                self._seconds[what] = WEIGHT * took + (1 - WEIGHT) * self._seconds.get(what, took)
                self._changed.notify_all()

    def _wait(self, one: _Place) -> None:
        with self._changed:
            self._waiting.append(one)
        try:
            while not self._begun(one):
                if one.run.wanted is not None:
                    one.run.wanted()  # outside the lock: it may end the run
        except BaseException:  # what Streamlit ends a run with is no Exception: the place is given up, and it goes on
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
            self._changed.notify_all()  # another place may be free for the next
            return True

    def _next(self, one: _Place) -> bool:
        """Whether it is this one's turn, of those that may go now."""
        if len(self._going) >= self.places:
            return False
        room = sum(other.long for other in self._going) < max(1, self.places - 1)
        may, now = [other for other in self._waiting if room or not other.long], time.monotonic()
        return bool(may) and min(may, key=lambda other: other.rank(now)) is one  # of equals the first that came
