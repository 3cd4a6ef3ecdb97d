"""One limiter per base and per token, shared by every session and thread of this process.

Airtable takes 5 requests a second of a base and 50 of a token. Whoever exceeds it is refused for
30 s, and everybody else with them: so it is never met. A request holds its place until a second
after it was *answered*: it may have reached Airtable at any moment before that, however slow the
network was, so no second at Airtable can hold more than five.

Not here: what is asked (client.py).
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PER_BASE, PER_TOKEN = 5, 50
WINDOW = 1.01  # seconds; the hundredth is for clocks that tick differently
PENALTY = 30.5
LOOK_AGAIN = 0.02  # seconds between looks while all places are held by requests still under way

Clock = Callable[[], float]
Sleep = Callable[[float], None]


@dataclass
class Limiter:
    """At most `places` requests in any WINDOW. Times are of a monotonic clock, in seconds."""

    places: int
    clock: Clock
    sleep: Sleep
    _answered: deque[float] = field(default_factory=deque)
    _under_way: int = 0
    _closed_until: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Waits for a place and holds it while the body runs, and a WINDOW longer."""
        while (wait := self._take()) > 0:
            self.sleep(wait)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                self._answered.append(self.clock())

    def penalise(self) -> None:
        """Airtable refused: nobody asks for PENALTY seconds."""
        with self._lock:
            self._closed_until = max(self._closed_until, self.clock() + PENALTY)

    def _take(self) -> float:
        """0 with a place taken, else how long to wait before asking again."""
        with self._lock:
            now = self.clock()
            if now < self._closed_until:
                return self._closed_until - now
            while self._answered and self._answered[0] <= now - WINDOW:
                self._answered.popleft()
            if self._under_way + len(self._answered) < self.places:
                self._under_way += 1
                return 0.0
            return self._answered[0] + WINDOW - now if self._answered else LOOK_AGAIN


class Limiters:
    """The limiters of a process, by base and by token. Tests make their own, with a clock of their own."""

    def __init__(self, clock: Clock = time.monotonic, sleep: Sleep = time.sleep) -> None:
        self.clock, self.sleep = clock, sleep
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Limiter] = {}

    def of_base(self, endpoint: str, base_id: str) -> Limiter:
        return self._of((endpoint, base_id), PER_BASE)

    def of_token(self, endpoint: str, token: str) -> Limiter:
        """By a digest: the token itself is kept nowhere."""
        return self._of((endpoint, hashlib.sha256(token.encode()).hexdigest()), PER_TOKEN)

    def _of(self, key: tuple[str, str], places: int) -> Limiter:
        with self._lock:
            return self._known.setdefault(key, Limiter(places, self.clock, self.sleep))


LIMITERS = Limiters()
