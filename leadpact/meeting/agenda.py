"""The agenda of an hour, and its clock: worked out from when it started, never counted along.

Not here: who may start it and move on (running.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

AGENDA: tuple[tuple[str, int], ...] = (
    ("welcome", 5),
    ("vote", 10),
    ("differences", 15),
    ("review", 15),
    ("outcome", 10),
    ("close", 5),
)
STEPS = tuple(step for step, _ in AGENDA)


@dataclass(frozen=True)
class Clock:
    """Where a meeting stands. Times in seconds; `left` is negative once it has run over.

    `behind`: later than the plan at this step (negative: earlier).
    """

    step: str
    elapsed: float
    left: float
    step_left: float
    behind: float
    ends_at: datetime


def clock(
    agenda: Sequence[tuple[str, int]], step: int, started_at: datetime | None, step_at: datetime | None,
    now: datetime, ended_at: datetime | None = None,
) -> Clock | None:  # fmt: skip
    """The clock at `now`; null before the start. A closed meeting's stands still at `ended_at`."""
    if started_at is None:
        return None
    now = now if ended_at is None else min(now, ended_at)
    whole = sum(minutes for _, minutes in agenda) * 60
    name, minutes = agenda[step]
    elapsed = max(0.0, (now - started_at).total_seconds())
    in_step = max(0.0, (now - (step_at or started_at)).total_seconds())
    planned = sum(one for _, one in agenda[:step]) * 60
    step_left = minutes * 60 - in_step
    # a step that still has time is where it should be as long as it began on time
    behind = elapsed - in_step - planned + max(0.0, -step_left)
    return Clock(name, elapsed, whole - elapsed, step_left, behind, started_at + timedelta(seconds=whole))


def written(seconds: float) -> str:
    """`12:05`; a minus where it has run over."""
    whole = int(abs(seconds))
    return f"{'−' if seconds <= -1 else ''}{whole // 60:02d}:{whole % 60:02d}"
