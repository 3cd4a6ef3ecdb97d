"""What the report says, computed: every figure by the metric the dashboards use.

Not here: how it looks (page.py, report.html.j2), any of the figures themselves (leadpact/metrics).
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from leadpact.metrics import periods, response_waiting, sla
from leadpact.metrics.engines import slowest
from leadpact.metrics.engines_judge import Engine
from leadpact.metrics.funnel import Funnel, Scope, conversion, reachable
from leadpact.metrics.leaks import Leak, Leaks, leaks
from leadpact.metrics.periods import Period
from leadpact.metrics.promises import Promises, promises
from leadpact.metrics.quarrel import Quarrel, quarrel
from leadpact.metrics.sla import PolicyResult
from leadpact.metrics.velocity import Velocity, velocity
from leadpact.pact_in_use import PactInUse
from leadpact.workspace import Analysis

WINDOW_DAYS = 30.0
# an owner's name would be a person's
SPLITS = ("source", "campaign")
FEW = 2
_PERSONAL = re.compile(r"@|\d[\d\s().-]{5,}\d")


@dataclass(frozen=True)
class Report:
    """One page of figures. Null parts: nothing was agreed, or the evidence is not there.

    `waiting` counts people by urgency, null where the pact has no SLA. Complaints and policies
    are of the whole history, promises of the month, the rest of `period`.
    """

    used: PactInUse
    connection: str
    generation: int
    as_of: datetime
    synced_at: datetime
    history: str
    conditions: dict[str, str]
    period: Period
    window_days: float
    next_review: date | None
    complaints: Quarrel
    promises: Promises
    funnel: Funnel
    velocity: Velocity
    policies: tuple[PolicyResult, ...]
    touches_read: bool
    waiting: dict[str, int] | None
    leak: Leak | None
    leak_days: float
    engine: Engine | None

    def as_json(self) -> dict[str, Any]:
        """The figures as data, after the heading every analysis has."""
        return {
            "connection": self.connection,
            "conditions": self.conditions,
            "period": _days(self.period),
            "window_days": self.window_days,
            "next_review": self.next_review.isoformat() if self.next_review else None,
            "complaints": asdict(self.complaints),
            "promises": {**asdict(self.promises), "month": _days(self.promises.month)},
            "funnel": {
                **{name: getattr(self.funnel, name) for name in ("coverage", "untouched", "unknown", "invalid")},
                "steps": [asdict(step) for step in self.funnel.steps],
            },
            "velocity": asdict(self.velocity),
            "sla": [asdict(policy) for policy in self.policies],
            "waiting": self.waiting,
            "leak": asdict(replace(self.leak, reasons=())) if self.leak else None,
            "engine": asdict(self.engine) if self.engine else None,
        }


def gather(
    one: Analysis,
    *,
    start: date | None = None,
    end: date | None = None,
    window_days: float | None = None,
    next_review: date | None = None,
) -> Report:
    """The report of the days `[start, end)`, by default the 90 days up to `as_of`. Executes.

    `window_days` is the time a journey is given to reach a stage, by default 30. Raises
    Misconfigured for a range or window that cannot be.
    """
    tables, pact, as_of = one.tables, one.pact, one.as_of
    Scope(start, end, window_days).checked(pact)
    period = periods.chosen(pact, as_of, start, end)
    window = WINDOW_DAYS if window_days is None else window_days
    scope = Scope(period.start, period.end, window)
    leaking = leaks(tables, pact, as_of, scope)
    return Report(
        used=one.used,
        connection=one.connection,
        generation=one.generation,
        as_of=as_of,
        synced_at=one.synced_at,
        history=tables.history,
        conditions=dict(one.conditions),
        period=period,
        window_days=window,
        next_review=next_review,
        complaints=_impersonal(quarrel(tables, pact, as_of)),
        promises=promises(tables, pact, as_of),
        funnel=conversion(tables, reachable(pact, scope), as_of, scope),
        velocity=velocity(tables, pact, as_of, start=period.start, end=period.end),
        policies=sla.compliance(tables, pact, as_of),
        touches_read="activity" in tables.provided,
        waiting=response_waiting.counts(tables, pact, as_of) if pact.sla else None,
        leak=clear(leaking),
        leak_days=leaking.within_days,
        engine=slowest(tables, pact, as_of, by=SPLITS, start=period.start, end=period.end),
    )


def clear(found: Leaks) -> Leak | None:
    """The largest leak that is one: clearly more than expected; null where nothing is."""
    return next((leak for leak in found.leaks if leak.clear and (leak.excess or 0) > 0), None)


def _impersonal(found: Quarrel) -> Quarrel:
    """Without a reason that may be about one person: told by one record, or with an address or number in it."""
    reason = found.first_reason
    if reason is None or (found.first_reason_count >= FEW and not _PERSONAL.search(reason)):
        return found
    return replace(found, first_reason=None, first_reason_count=0)


def _days(period: Period) -> dict[str, str]:
    return {"from": period.start.isoformat(), "to": period.end.isoformat()}
