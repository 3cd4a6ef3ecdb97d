"""The loopback Airtable's patience: 5 requests in any second of a base, 50 of a token; past it, 30 s of refusal.

Not here: waiting for it (connectors/airtable/limiter.py).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

PER_BASE, PER_TOKEN, PENALTY = 5, 50, 30.0


class Limits:
    """Counts arrivals. `met` is how often somebody asked too fast; `refused` also counts those inside the penalty."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._seen: dict[str, deque[float]] = {}
        self._until: dict[str, float] = {}
        self.met = self.refused = 0

    def allow(self, token: str, base: str | None) -> bool:
        with self._lock:
            asked = [(f"token {token}", PER_TOKEN), *([(f"base {base}", PER_BASE)] if base else [])]
            refused = [key for key, most in asked if not self._one(key, most)]
            return not refused

    def _one(self, key: str, most: int) -> bool:
        now, seen = self._clock(), self._seen.setdefault(key, deque())
        if now < self._until.get(key, 0.0):
            self.refused += 1
            return False
        while seen and seen[0] <= now - 1.0:
            seen.popleft()
        seen.append(now)
        if len(seen) > most:
            self.met += 1
            self.refused += 1
            self._until[key] = now + PENALTY
            return False
        return True
