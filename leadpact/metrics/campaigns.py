"""Conversion by campaign response: an association, never a cause.

Comparing those who ever responded with those who never did would flatter campaigns: who stays
longer has more time to respond, and a response after the outcome did nothing for it. So the
question is asked at a landmark, some days after entry (Anderson, Cain & Gelber 1983): of the
journeys still on their way then, those with a response by then against those without; what
counts as conversion comes after it, within a window that has passed for everybody.

Not here: campaigns and deals (pipeline.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.contribution import onwards, sales_stage
from leadpact.metrics.funnel import SMALL, share
from leadpact.metrics.pipeline_deals import inside
from leadpact.metrics.significance import benjamini_hochberg, two_proportions, wilson
from leadpact.tables import Table, Tables

Credit = Literal["first", "any"]
Split = Literal["campaign", "response"]
CREDITS: tuple[Credit, ...] = ("first", "any")
SPLITS: tuple[Split, ...] = ("campaign", "response")
LANDMARK_DAYS, WINDOW_DAYS = 7.0, 90.0
DAY = 86_400_000_000  # microseconds
# journeys that are compared, and why the others are not
PARTS = ("counted", "early", "young", "unknown", "invalid")


@dataclass(frozen=True)
class Asked:
    """What is compared. `landmark_days` after entry, conversion within `window_days` of that.

    `credit` first: a journey counts for its first response only; any: for each it had.
    """

    stage: str | None = None
    landmark_days: float = LANDMARK_DAYS
    window_days: float = WINDOW_DAYS
    by: Split = "campaign"
    credit: Credit = "first"
    start: date | None = None
    end: date | None = None

    def checked(self) -> Asked:
        """Raises Misconfigured for a landmark, window, split or credit that cannot be."""
        if self.landmark_days < 0 or self.window_days <= 0:
            raise Misconfigured("campaigns.bad_days")
        if self.by not in SPLITS:
            raise Misconfigured("metrics.bad_dimension", by=str(self.by), known=", ".join(SPLITS))
        if self.credit not in CREDITS:
            raise Misconfigured("campaigns.bad_credit", credit=str(self.credit), known=", ".join(CREDITS))
        return self


def journeys(tables: Tables, pact: Pact, as_of: datetime, asked: Asked) -> Table:
    """Journeys entered in `[start, end)`, with what they are counted as and what became of them.

    Out: person_id, journey, object, record_id, entry, landmark, part (counted; early: reached
    the stage or ended by the landmark; young: window not over; unknown: a change, or the only
    response, of no known time; invalid), responded (by the landmark), converted (after it, within
    the window), since (the end of the journey before: an earlier response belongs to that one).
    """
    asked = asked.checked()
    keys = onwards(pact, sales_stage(pact, asked.stage))
    before = ibis.window(group_by="person_id", order_by=tables.journey.journey)
    ended = ibis.coalesce(tables.journey.ended_at, tables.journey.entered_at)
    journey = tables.journey.mutate(since=ended.lag().over(before), entry=tables.journey.entered_at)
    if asked.start is not None or asked.end is not None:
        journey = journey.filter(journey.entry.isnull() | inside(journey.entry, pact, asked.start, asked.end))
    visited = [journey[f"visited_{key}"] for key in keys]
    timed = journey.select(
        "person_id", "journey", "object", "record_id", "entry", "since", "imputed", "end_kind", "ended_at",
        reached=ibis.least(*visited) if len(visited) > 1 else visited[0],
        landmark=journey.entry + _days(asked.landmark_days),
        until=journey.entry + _days(asked.landmark_days + asked.window_days),
    )  # fmt: skip
    seen = _touches(timed, tables).group_by(of_person="person_id", of_journey="journey").aggregate(
        by_landmark=lambda t: t.by_landmark.any(), undated=lambda t: t["at"].isnull().any()
    )  # fmt: skip
    both = timed.left_join(seen, (timed.person_id == seen.of_person) & (timed.journey == seen.of_journey))
    responded = both.by_landmark.fill_null(False)
    unknown = both.imputed | both.entry.isnull() | (both.end_kind.notnull() & both.ended_at.isnull())
    early = (both.reached <= both.landmark).fill_null(False) | (both.ended_at <= both.landmark).fill_null(False)
    part = ibis.cases(
        (unknown, "unknown"),
        (both.end_kind == "invalid", "invalid"),
        (early, "early"),
        (both.until > ibis.timestamp(as_of.isoformat(" ")), "young"),
        (~responded & both.undated.fill_null(False), "unknown"),
        else_="counted",
    )
    return both.mutate(
        part=part, responded=responded, converted=(both.reached <= both.until).fill_null(False)
    ).select("person_id", "journey", "object", "record_id", "entry", "landmark", "part", "responded", "converted",
             "since")  # fmt: skip


def credits(rows: Table, tables: Tables, asked: Asked) -> Table:
    """The counted journeys that responded, once for each campaign or response type credited.

    In: journeys. Out: their columns, with group (null: the source does not say) and first_at.
    """
    counted = rows.filter(rows.part == "counted", rows.responded)
    touch = _touches(counted, tables)
    touch = touch.filter(touch.by_landmark).mutate(group=touch[asked.by])
    by = touch.group_by("group", of_person="person_id", of_journey="journey").aggregate(first_at=touch["at"].min())
    if asked.credit == "first":
        order = [by.first_at, by.group.isnull(), by.group]
        place = ibis.row_number().over(ibis.window(group_by=["of_person", "of_journey"], order_by=order))
        by = by.mutate(place=place).filter(lambda t: t.place == 0).drop("place")
    joined = counted.inner_join(by, (counted.person_id == by.of_person) & (counted.journey == by.of_journey))
    return joined.drop("of_person", "of_journey")


def _touches(journey: Table, tables: Tables) -> Table:
    """Responses of a journey's person since the journey before: person_id, journey, campaign,
    response, at, by_landmark. Undated ones are there, and count for nothing."""
    people = tables.record.select("object", "record_id", "person_id")
    touch = tables.campaign_touch.inner_join(people, ["object", "record_id"])
    text = touch.response.strip()
    touch = touch.select(
        "campaign", "at", of_person="person_id", response=ibis.ifelse(text == "", ibis.null("string"), text)
    )
    asked = journey.select("person_id", "journey", "since", "landmark")
    pairs = asked.inner_join(touch, asked.person_id == touch.of_person)
    pairs = pairs.filter(pairs["at"].isnull() | pairs.since.isnull() | (pairs["at"] > pairs.since))
    by_landmark = (pairs["at"] <= pairs.landmark).fill_null(False)
    return pairs.select("person_id", "journey", "campaign", "response", "at", by_landmark=by_landmark)


def _days(days: float) -> Any:
    return ibis.interval(microseconds=round(days * DAY))


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
    rows = journeys(tables, pact, as_of, asked)
    found = _records(rows.group_by("part", "responded", "converted").aggregate(n=rows.count()))
    of = {part: sum(row["n"] for row in found if row["part"] == part) for part in PARTS}
    counted = [row for row in found if row["part"] == "counted"]
    without = _rate("without", None, [row for row in counted if not row["responded"]])
    rates = [
        _rate("all", None, counted),
        _against(_rate("responded", None, [row for row in counted if row["responded"]]), without),
        without,
    ]
    credited = credits(rows, tables, asked)
    split = _records(credited.group_by("group", "converted").aggregate(n=credited.count()))
    groups = [
        _against(_rate(asked.by, group, [row for row in split if row["group"] == group]), without)
        for group in {row["group"] for row in split}
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


def _rate(part: str, group: str | None, rows: list[dict[str, Any]]) -> Rate:
    number, converted = sum(row["n"] for row in rows), sum(row["n"] for row in rows if row["converted"])
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
