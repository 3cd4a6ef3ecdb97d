"""Cycle times: how long from a journey's entry to the win, and from a deal's creation to its close.

Never a mean over finished ones: what is still open counts as "at least this long". Winning and
losing compete (Aalen–Johansen), and the quantiles are Kaplan–Meier's of either end.

Not here: the estimators (survival_local.py), what a deal is (pipeline_deals.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import ibis
import numpy as np

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.dimensions import with_dimension
from leadpact.metrics.funnel import SMALL, share
from leadpact.metrics.pipeline_deals import deals, inside
from leadpact.metrics.survival_local import curves, incidence
from leadpact.metrics.survival_rows import Rows
from leadpact.tables import Table, Tables

Kind = Literal["journey", "deal"]
KINDS: tuple[Kind, ...] = ("journey", "deal")
DAY = 86_400_000_000  # microseconds
OPEN, WON, LOST = 0, 1, 2
OTHER = np.array([OPEN, LOST, WON], dtype=np.int8)  # the outcome asked the other way round
DAYS = (30.0, 60.0, 90.0, 180.0)


def journey_cycles(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
) -> Table:
    """Journeys that entered in `[start, end)`, with the days to their win.

    Out: person_id, journey, object, record_id, group, part (counted; unknown: a change of no
    known time; invalid), started_at, ended_at, days (to `as_of` while open), outcome (0 open, 1
    won, 2 ended otherwise).
    """
    journey = tables.journey.mutate(entry=tables.journey.entered_at)
    if start is not None or end is not None:
        journey = journey.filter(journey.entry.isnull() | inside(journey.entry, pact, start, end))
    over = journey.end_kind.notnull()
    unknown = journey.imputed | journey.entered_at.isnull() | (over & journey.ended_at.isnull())
    flagged = journey.mutate(
        started_at=journey.entered_at,
        part=ibis.cases((unknown, "unknown"), (journey.end_kind == "invalid", "invalid"), else_="counted"),
        outcome=ibis.cases((journey.end_kind == "won", WON), (over, LOST), else_=OPEN).cast("int8"),
    )
    named = with_dimension(flagged, tables, by, pact)
    keys = ("person_id", "journey", "object", "record_id", "group", "part", "started_at", "ended_at", "outcome")
    return _timed(named.select(*keys), as_of)


def deal_cycles(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
) -> Table:
    """Deals created in `[start, end)`, with the days to their close.

    Out: as `journey_cycles`, with opportunity_id instead of journey; outcome 2 is lost. Unknown are
    deals of no creation date, closed at no known time or before they were created, and those of
    which nobody says whether they are closed. Deals that reach no known person count.
    """
    deal = deals(tables, pact, as_of, start=start, end=end, by=by, influence=False, origins=by is not None)
    deal = deal.filter((deal.origin != "out_of_scope").fill_null(True))
    over = deal.state.isin(["won", "lost"])
    backwards = (deal.closed_at < deal.created_at).fill_null(False)
    unknown = deal.created_at.isnull() | (over & deal.closed_at.isnull()) | backwards | (deal.state == "unknown")
    flagged = deal.mutate(
        started_at=deal.created_at,
        ended_at=deal.closed_at,
        part=ibis.ifelse(unknown, "unknown", "counted"),
        outcome=ibis.cases((deal.state == "won", WON), (over, LOST), else_=OPEN).cast("int8"),
    )
    keys = ("person_id", "opportunity_id", "object", "record_id", "group", "part", "started_at", "ended_at", "outcome")
    return _timed(flagged.select(*keys), as_of)


def _timed(rows: Table, as_of: datetime) -> Table:
    until = ibis.ifelse(rows.outcome == OPEN, ibis.timestamp(as_of.isoformat(" ")), rows.ended_at)
    days = until.delta(rows.started_at, unit="microsecond") / DAY
    return rows.mutate(days=days)


ROWS = {"journey": journey_cycles, "deal": deal_cycles}


@dataclass(frozen=True)
class Within:
    """Probability of having been won, and lost, so many days after the start.

    Null past the last time anybody was seen.
    """

    days: float
    won: float | None
    won_low: float | None
    won_high: float | None
    lost: float | None
    lost_low: float | None
    lost_high: float | None


@dataclass(frozen=True)
class Cycle:
    """One kind and group: n = open + won + lost, and the days until either end.

    The quantiles are null where not reached yet.
    """

    kind: Kind
    group: str | None
    n: int
    open: int
    won: int
    lost: int
    p25_days: float | None
    median_days: float | None
    p75_days: float | None
    within: tuple[Within, ...]

    @property
    def small(self) -> bool:
        """Too few to read a probability from."""
        return self.n < SMALL


@dataclass(frozen=True)
class Left:
    """What a kind leaves out. `coverage` is the share whose times are known; null for 0 of 0."""

    kind: Kind
    coverage: float | None
    unknown: int
    invalid: int


@dataclass(frozen=True)
class Cycles:
    """All kinds and groups. `missing` are the tables the source does not deliver."""

    cycles: tuple[Cycle, ...]
    left_out: tuple[Left, ...]
    missing: tuple[str, ...]

    def of(self, kind: Kind) -> tuple[Cycle, ...]:
        return tuple(one for one in self.cycles if one.kind == kind)


def cycles(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
    days: Sequence[float] = DAYS,
) -> Cycles:
    """Both kinds, a row per group. Executes. Raises Misconfigured for days or a range that cannot be."""
    if not days or any(day <= 0 for day in days):
        raise Misconfigured("reach.bad_days")
    missing = tuple(name for name in ("opportunity",) if name not in tables.provided)
    found: list[Cycle] = []
    left_out: list[Left] = []
    for kind in KINDS:
        if kind == "deal" and missing:
            continue
        rows = ROWS[kind](tables, pact, as_of, start=start, end=end, by=by)
        counts = rows.group_by("part").aggregate(n=rows.count()).to_pyarrow().to_pylist()
        of = {
            part: sum(row["n"] for row in counts if row["part"] == part) for part in ("counted", "unknown", "invalid")
        }
        left_out.append(
            Left(kind, share(of["counted"] + of["invalid"], sum(of.values())), of["unknown"], of["invalid"])
        )
        counted = rows.filter(rows.part == "counted")
        found += _cycles(kind, Rows.fetch(counted, ["group"], "days", "outcome"), days)
    return Cycles(tuple(found), tuple(left_out), missing)


def _cycles(kind: Kind, rows: Rows, days: Sequence[float]) -> list[Cycle]:
    """The groups of one kind, the largest first."""
    wanted = np.array(sorted({float(day) for day in days}))
    found = []
    for curve, (key, duration, outcome) in zip(curves(rows), rows.groups(), strict=True):
        number = np.bincount(outcome, minlength=3)
        won = incidence(duration, outcome, wanted)
        lost = incidence(duration, OTHER[outcome], wanted)
        found.append(
            Cycle(
                kind=kind,
                group=key[0],
                n=len(outcome),
                open=int(number[OPEN]),
                won=int(number[WON]),
                lost=int(number[LOST]),
                p25_days=curve.quantile(0.25),
                median_days=curve.quantile(0.5),
                p75_days=curve.quantile(0.75),
                within=tuple(
                    Within(*(_known(number) for number in numbers)) for numbers in zip(wanted, *won, *lost, strict=True)
                ),
            )
        )
    return sorted(found, key=lambda one: (-one.n, one.group is None, one.group or ""))


def _known(value: float) -> Any:
    return None if np.isnan(value) else float(value)
