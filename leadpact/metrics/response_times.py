"""What any target would make of a group of clocks, read from their sorted times: no query.

Not here: the fetching (response.py), the clocks (sla.py), curves (survival_local.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from leadpact.metrics.response_counts import Counts
from leadpact.metrics.sla import HOUR
from leadpact.metrics.survival_local import Curve, curves
from leadpact.metrics.survival_rows import Floats, Rows

MINUTES = 60


@dataclass(frozen=True)
class Bin:
    """Clocks of more than `from_hours` and at most `to_hours` (null: no end), by how they ended.

    `answered_by` is the share answered within `to_hours` (Kaplan–Meier: those who wait or left
    count as "not yet" as long as they were watched); null where too few were watched so long.
    """

    from_hours: float
    to_hours: float | None
    answered: int
    waiting: int
    left: int
    answered_by: float | None


@dataclass(frozen=True, eq=False)
class Times:
    """The clocks of one group: seconds of the policy's clock, each array in order.

    `touched` and `moved` are those answered by a touch and by a stage; `unknown` are only counted.
    """

    group: str | None
    touched: Floats
    moved: Floats
    waiting: Floats
    left: Floats
    unknown: int
    never_touched: int

    @property
    def answered(self) -> Floats:
        return np.sort(np.concatenate([self.touched, self.moved]))

    @property
    def clocks(self) -> int:
        return sum(len(one) for one in (self.touched, self.moved, self.waiting, self.left)) + self.unknown

    def at(self, hours: float) -> Counts:
        """The states if the target were `hours`: exact, by two looks into each array."""
        met = _within(self.touched, hours) + _within(self.moved, hours)
        running, withdrawn = _within(self.waiting, hours), _within(self.left, hours)
        return Counts(
            met=met,
            breached=len(self.touched) + len(self.moved) - met + len(self.left) - withdrawn,
            overdue=len(self.waiting) - running,
            running=running,
            withdrawn=withdrawn,
            unknown=self.unknown,
        )

    def hours_for(self, wanted: float) -> float | None:
        """The shortest target that a share `wanted` of what was due would have kept; null if none would.

        In hours, up to the next whole minute. Compliance grows with the target, at the times at
        which somebody was answered, left or has waited so far.
        """
        answered = self.answered
        times = np.unique(np.concatenate([answered, self.waiting, self.left]))
        met = np.searchsorted(answered, times, side="right")
        late = sum(len(one) - np.searchsorted(one, times, side="right") for one in (self.waiting, self.left))
        enough = np.flatnonzero((met > 0) & (met >= wanted * (len(answered) + late) - 1e-9))
        return ceil(times[enough[0]] / MINUTES) * MINUTES / HOUR if len(enough) else None

    def curve(self, *, touches: bool = False) -> Curve | None:
        """Kaplan–Meier of the answer; with `touches`, of the first touch, stages censoring it. Null without clocks."""
        event = self.touched if touches else self.answered
        censored = [self.waiting, self.left, *([self.moved] if touches else [])]
        duration = np.concatenate([event, *censored])
        if not len(duration):
            return None
        order = np.argsort(duration, kind="stable")
        outcome = np.concatenate([np.ones(len(event)), np.zeros(len(duration) - len(event))]).astype(np.int8)
        alone = Rows((), ((),), np.zeros(len(duration), dtype=np.int64), duration[order], outcome[order])
        return next(curves(alone))

    def quantile(self, prob: float, *, touches: bool = False) -> float | None:
        """The hours within which a share `prob` was answered, or with `touches` first touched; null if not yet."""
        curve = self.curve(touches=touches)
        found = curve.quantile(prob) if curve else None
        return None if found is None else found / HOUR

    def bins(self, ends: Sequence[float]) -> list[Bin]:
        """The distribution over bins that end at `ends` (hours), and one more without an end."""
        limits = np.array([seconds(end) for end in ends])
        answered, waiting, left = (_histogram(one, limits) for one in (self.answered, self.waiting, self.left))
        curve = self.curve()
        by = [curve.left_by(limit) if curve else None for limit in limits]
        return [
            Bin(start, end, int(answered[k]), int(waiting[k]), int(left[k]), reached)
            for k, (start, end, reached) in enumerate(zip([0.0, *ends], [*ends, None], [*by, None], strict=True))
        ]


def _within(times: Floats, hours: float) -> int:
    return int(np.searchsorted(times, seconds(hours), side="right"))


def seconds(hours: float) -> float:
    """To the microsecond, as clocks are kept: 65 minutes are no whole number of hours, and exactly at target is met."""
    return round(hours * HOUR, 6)


def _histogram(times: Floats, limits: Floats) -> npt.NDArray[np.int64]:
    return np.diff(np.searchsorted(times, limits, side="right"), prepend=0, append=len(times))
