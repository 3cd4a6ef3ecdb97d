"""Clocks counted by state, and what may be said of the count.

Not here: what a state is (sla.py), which clocks are counted (the response modules).
"""

from __future__ import annotations

from dataclasses import dataclass

from leadpact.metrics.funnel import SMALL, share
from leadpact.metrics.significance import wilson
from leadpact.metrics.sla import STATES


@dataclass(frozen=True)
class Counts:
    """Clocks by state, and the share kept of those due: null for 0 of 0."""

    met: int = 0
    breached: int = 0
    overdue: int = 0
    running: int = 0
    withdrawn: int = 0
    unknown: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in STATES})

    @property
    def clocks(self) -> int:
        return self.due + self.running + self.withdrawn + self.unknown

    @property
    def due(self) -> int:
        return self.met + self.breached + self.overdue

    @property
    def compliance(self) -> float | None:
        return share(self.met, self.due)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the compliance."""
        return wilson(self.met, self.due)

    @property
    def small(self) -> bool:
        """Too few to read a rate from."""
        return self.due < SMALL
