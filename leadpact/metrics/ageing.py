"""Ageing: open leads by how long they have been in their stage, against what is usual there.

Usual is the stage's own Kaplan–Meier median and third quartile: a lead older than the latter
has been there longer than three of four that came.

Not here: how long people stay in general (velocity.py), hot leads under a clock (sla.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import ibis

from config.schema import UNMAPPED, Pact
from leadpact.metrics.dimensions import with_dimension
from leadpact.metrics.engines_rows import stages as worked
from leadpact.metrics.funnel import share
from leadpact.metrics.survival_local import waiting
from leadpact.metrics.velocity import QUARTILES, in_order, spells
from leadpact.tables import Table, Tables

BANDS = (7, 30, 90, 180)  # days; exactly 7 is in the second band

Usual = Mapping[str, tuple[float | None, float | None]]


@dataclass(frozen=True)
class StageAge:
    """Open leads of one stage and group: `bands` counts them by age, those of `unknown` age apart.

    `past_median` and `past_p75` are how many are older than the stage's median and third
    quartile; null where the stage has none yet.
    """

    group: str | None
    stage: str
    n: int
    bands: tuple[int, ...]
    unknown: int
    median_days: float | None
    p75_days: float | None
    past_median: int | None
    past_p75: int | None


@dataclass(frozen=True)
class Ageing:
    """Every stage with open leads, in pact order; `usual` are median and third quartile of each stage.

    `coverage` is the share whose age is known.
    """

    stages: tuple[StageAge, ...]
    usual: Usual
    coverage: float | None
    unknown: int


def open_leads(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    usual: Usual,
    by: str | None = None,
    start: date | None = None,
    end: date | None = None,
) -> Table:
    """People who stand in a worked stage at `as_of`, or in an unmapped value amid a journey.

    `usual` are the median and third quartile of each stage's days. Out: person_id, object,
    record_id, stage, group, entered_at, days and band (0 to 4, null where the age is not known),
    past_median, past_p75 (null where there is no age, or no such quartile). Days `[start, end)`
    are those of entry into the stage; leads of unknown age stay, to be counted.
    """
    spell = _worked(spells(tables, pact, as_of, start, end), pact)
    spell = spell.filter(spell.lasts)
    passed = {}
    for place, name in enumerate(("past_median", "past_p75")):
        bounds = [(spell.stage == stage, both[place]) for stage, both in usual.items() if both[place] is not None]
        bound = ibis.cases(*bounds, else_=ibis.null("float64")) if bounds else ibis.null("float64")
        passed[name] = spell.days > bound
    band = sum(((spell.days >= day).cast("int8") for day in BANDS[1:]), (spell.days >= BANDS[0]).cast("int8"))
    named = with_dimension(spell.mutate(band=band, **passed), tables, by, pact)
    return named.select("person_id", "object", "record_id", "stage", "group", "entered_at", "days", "band", *passed)


def usual(tables: Tables, pact: Pact, as_of: datetime) -> dict[str, tuple[float | None, float | None]]:
    """Median and third quartile of the days in each worked stage; null where not reached. Executes."""
    spell = _worked(spells(tables, pact, as_of), pact)
    rows = waiting(spell.filter(spell.known), by=["stage"], duration="days", event="left", quantiles=QUARTILES)
    return {row["stage"]: (row["median_days"], row["p75_days"]) for row in rows.to_pylist()}


def ageing(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    by: str | None = None,
    start: date | None = None,
    end: date | None = None,
) -> Ageing:
    """Open leads of every stage at `as_of`, a row per group. Executes.

    Days `[start, end)` are those of entry into the stage; what is usual is taken from all.
    """
    typical = usual(tables, pact, as_of)
    rows = open_leads(tables, pact, as_of, typical, by, start, end)
    counts = rows.group_by("stage", "group").aggregate(
        n=rows.count(),
        unknown=rows.days.isnull().sum(),
        past_median=rows.past_median.sum(),
        past_p75=rows.past_p75.sum(),
        **{f"band_{place}": (rows.band == place).sum() for place in range(len(BANDS) + 1)},
    )
    order = in_order(pact)
    found = []
    for row in counts.execute().to_dict("records"):
        median, third = typical.get(row["stage"], (None, None))
        found.append(
            StageAge(
                group=row["group"] if isinstance(row["group"], str) else None,
                stage=row["stage"],
                n=int(row["n"]),
                bands=tuple(_count(row[f"band_{place}"]) for place in range(len(BANDS) + 1)),
                unknown=_count(row["unknown"]),
                median_days=median,
                p75_days=third,
                past_median=None if median is None else _count(row["past_median"]),
                past_p75=None if third is None else _count(row["past_p75"]),
            )
        )
    found.sort(key=lambda one: (order[one.stage], -one.n, one.group or ""))
    total, unknown = sum(one.n for one in found), sum(one.unknown for one in found)
    return Ageing(tuple(found), typical, share(total - unknown, total), unknown)


def _worked(spell: Table, pact: Pact) -> Table:
    inside = spell.stage.isin(worked(pact)) | ((spell.stage == UNMAPPED) & spell.journey.notnull())
    return spell.filter(inside)


def _count(value: float | None) -> int:
    """A sum over no known value is 0 cases."""
    return 0 if value is None or value != value else int(value)  # noqa: PLR0124 - NaN
