"""Reach: the probability of having reached a stage t days after entry.

Cumulative incidence (Aalen–Johansen): other ends of the journey compete, open journeys are
censored at `as_of`. Never 1 − Kaplan–Meier with losses as censoring, which overstates it.

Not here: the estimator (survival_local.py), cohorts with a window (funnel.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.dimensions import with_dimension
from leadpact.metrics.funnel import share
from leadpact.metrics.moments import earliest
from leadpact.metrics.survival_local import cumulative_incidence
from leadpact.metrics.velocity import DAY, entered_between
from leadpact.tables import Table, Tables

OPEN, REACHED, ENDED = 0, 1, 2


@dataclass(frozen=True)
class Reached:
    """The probability at one time. Null past the last time anybody in the group was seen."""

    group: str | None
    stage: str
    n: int
    days: float
    probability: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class Reach:
    """All times and groups; `unknown` journeys were left out for a time that is not known."""

    reach: tuple[Reached, ...]
    coverage: float | None
    unknown: int
    invalid: int


def outcomes(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    stage: str,
    by: str | None = None,
    start: date | None = None,
    end: date | None = None,
) -> Table:
    """Journeys with what became of them on the way to `stage` (this or a later funnel stage).

    Out: person_id, journey, object, record_id, group, entered_at, part (counted, unknown,
    invalid), days, outcome (0 open, 1 reached, 2 ended otherwise). Days `[start, end)` are those
    of entry.
    Raises Misconfigured for a stage that is not in the funnel.
    """
    keys = [one.key for one in pact.funnel]
    if stage not in keys:
        raise Misconfigured("funnel.bad_anchor", stage=stage, known=", ".join(keys))
    journey = entered_between(tables.journey, pact, start, end)
    later = keys[keys.index(stage) :]
    at = earliest(*(journey[f"visited_{key}"] for key in later))
    outcome = ibis.cases((at.notnull(), REACHED), (journey.end_kind.notnull(), ENDED), else_=OPEN)
    until = ibis.cases(
        (outcome == REACHED, at), (outcome == ENDED, journey.ended_at), else_=ibis.timestamp(as_of.isoformat(" "))
    )
    unknown = journey.imputed | journey.entered_at.isnull() | until.isnull()
    flagged = journey.mutate(
        entry=journey.entered_at,
        outcome=outcome.cast("int8"),
        days=until.delta(journey.entered_at, unit="microsecond") / DAY,
        part=ibis.cases((unknown, "unknown"), (journey.end_kind == "invalid", "invalid"), else_="counted"),
    )
    named = with_dimension(flagged, tables, by, pact)
    return named.select("person_id", "journey", "object", "record_id", "group", "entered_at", "part", "days", "outcome")


def reach(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    stage: str,
    days: Sequence[float],
    by: str | None = None,
    start: date | None = None,
    end: date | None = None,
) -> Reach:
    """The probability of having reached `stage` after each of `days`, a row per group. Executes."""
    if not days or any(day <= 0 for day in days):
        raise Misconfigured("reach.bad_days")
    rows = outcomes(tables, pact, as_of, stage, by, start, end)
    counts = dict(rows.group_by("part").aggregate(n=rows.count()).execute().itertuples(index=False))
    counted = rows.filter(rows.part == "counted")
    found = cumulative_incidence(counted, by=["group"], duration="days", event_code="outcome", days=days).to_pylist()
    found.sort(key=lambda row: (row["group"] is None, row["group"] or "", row["days"]))
    unknown, total = int(counts.get("unknown", 0)), sum(int(n) for n in counts.values())
    return Reach(
        tuple(Reached(stage=stage, **row) for row in found),
        share(total - unknown, total),
        unknown,
        int(counts.get("invalid", 0)),
    )
