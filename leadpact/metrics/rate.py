"""Some of how many: a rate with its interval, and whether it rests on enough to be read.

Not here: whether two rates differ (significance.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from leadpact.metrics.significance import wilson

SMALL = 30


@dataclass(frozen=True)
class Rate:
    """`n` and those of them that `converted`; rate and Wilson's 95 % interval are null for 0 of 0."""

    n: int
    converted: int

    @property
    def rate(self) -> float | None:
        return self.converted / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.converted, self.n)

    @property
    def small(self) -> bool:
        """Too few to read a rate from."""
        return self.n < SMALL
