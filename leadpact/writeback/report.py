"""What came of a plan so far, in numbers, from its journal.

Not here: in words (words.py), change by change (journal.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from leadpact.writeback import journal, pilot
from leadpact.writeback.journal import ALREADY, CONFLICT, INTENT, REFUSED, UNKNOWN, WRITTEN
from leadpact.writeback.plan import Plan
from leadpact.writeback.target import Target


@dataclass(frozen=True)
class Report:
    """What came of a plan so far, in changes, as the journal has it. `now` are those written by this very run.

    `skipped`: set apart when the plan was made, or found holding the value already. `left`: to do.
    `pilot`: how the pilot stands, null where there is none yet.
    """

    plan: Plan
    state: str
    written: int
    conflicts: int
    failed: int
    unknown: int
    skipped: int
    left: int
    now: int = 0
    pilot: pilot.Found | None = None

    @property
    def clean(self) -> bool:
        return not (self.conflicts or self.failed or self.unknown)


def report(target: Target, plan: Plan, state: str, now: int = 0) -> Report:
    """The report of a plan from its journal."""
    counts = journal.counted(target.engine, plan)
    unknown = counts.get(UNKNOWN, 0) + counts.get(INTENT, 0)
    settled = {name: counts.get(name, 0) for name in (WRITTEN, CONFLICT, REFUSED, ALREADY)}
    return Report(
        plan,
        state,
        settled[WRITTEN],
        settled[CONFLICT],
        settled[REFUSED],
        unknown,
        settled[ALREADY] + sum(plan.skipped.values()),
        plan.changes - sum(settled.values()) - unknown,
        now,
        pilot.standing(target.engine, plan),
    )
