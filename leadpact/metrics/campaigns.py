"""Conversion by campaign response: an association, never a cause.

Comparing those who ever responded with those who never did would flatter campaigns: who stays
longer has more time to respond, and a response after the outcome did nothing for it. So the
question is asked at a landmark, some days after entry (Anderson, Cain & Gelber 1983): of the
journeys still on their way then, those with a response by then against those without; what
counts as conversion comes after it, within a window that has passed for everybody.

Not here: which journeys are compared (campaigns_journeys.py), campaigns and deals (pipeline.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from config.schema import Pact
from leadpact.metrics.campaigns_journeys import PARTS, Asked, explained, journeys
from leadpact.metrics.contribution import sales_stage
from leadpact.metrics.funnel import SMALL, share
from leadpact.metrics.significance import benjamini_hochberg, two_proportions, wilson
from leadpact.tables import Table, Tables


@dataclass(frozen=True)
class Rate:
    """The conversion of journeys with one thing in common, and its difference to those without response.

    `part` is all, responded, without, or the split (campaign, response); `group` its value.
    `p` is adjusted over the groups of the split (Benjamini–Hochberg); null where nothing can be tested.
    """

    part: str
    group: str | None
    n: int
    converted: int
    rate: float | None
    ci_low: float | None
    ci_high: float | None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    p: float | None = None

    @property
    def small(self) -> bool:
        """Too few to read a rate from."""
        return self.n < SMALL


@dataclass(frozen=True)
class Campaigns:
    """The comparison, and what was left out of it. With credit `any`, groups do not add up.

    `coverage` is the share of journeys of known history; `missing` the tables the source does not deliver.
    """

    asked: Asked
    stage: str
    rates: tuple[Rate, ...]
    coverage: float | None
    early: int
    young: int
    unknown: int
    invalid: int
    missing: tuple[str, ...]


def campaigns(tables: Tables, pact: Pact, as_of: datetime, asked: Asked) -> Campaigns:
    """Conversion with and without response, then by campaign or type, the largest first. Executes."""
    asked = asked.checked()
    stage = sales_stage(pact, asked.stage)
    if "campaign_touch" not in tables.provided:
        return Campaigns(asked, stage, (), None, 0, 0, 0, 0, ("campaign_touch",))
    rows = explained(journeys(tables, pact, as_of, asked), tables, asked)
    once = (rows.place == 0).cast("int64").sum()
    found = _records(rows.group_by("part", "responded", "converted", "group").aggregate(n=once, credited=rows.count()))
    of = {part: sum(row["n"] for row in found if row["part"] == part) for part in PARTS}
    counted = [row for row in found if row["part"] == "counted"]
    responded = [row for row in counted if row["responded"]]
    without = _rate("without", None, [row for row in counted if not row["responded"]])
    rates = [_rate("all", None, counted), _against(_rate("responded", None, responded), without), without]
    groups = [
        _against(_rate(asked.by, group, [row for row in responded if row["group"] == group], "credited"), without)
        for group in {row["group"] for row in responded}
    ]
    groups.sort(key=lambda one: (-one.n, one.group is None, one.group or ""))
    if groups:
        adjusted = benjamini_hochberg([one.p for one in groups])
        rates += [_with_p(one, float(p)) for one, p in zip(groups, adjusted, strict=True)]
    total = sum(of.values())
    return Campaigns(
        asked, stage, tuple(rates), share(total - of["unknown"], total),
        of["early"], of["young"], of["unknown"], of["invalid"], (),
    )  # fmt: skip


def _records(table: Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return found


def _rate(part: str, group: str | None, rows: list[dict[str, Any]], count: str = "n") -> Rate:
    number, converted = sum(row[count] for row in rows), sum(row[count] for row in rows if row["converted"])
    low, high = wilson(converted, number) or (None, None)
    return Rate(part, group, number, converted, share(converted, number), low, high)


def _against(one: Rate, without: Rate) -> Rate:
    """The rate with its difference to that of journeys without response (Newcombe's interval)."""
    found = two_proportions(one.converted, one.n, without.converted, without.n)
    if found is None:
        return one
    return replace(one, difference=found.difference, difference_low=found.low, difference_high=found.high, p=found.p)


def _with_p(one: Rate, p: float) -> Rate:
    return replace(one, p=None if p != p else p)  # noqa: PLR0124 - true for NaN only
