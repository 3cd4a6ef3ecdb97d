"""Journeys with and without a campaign response at a landmark, and what became of them since.

Not here: why at a landmark, and the rates (campaigns.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.contribution import onwards, sales_stage
from leadpact.metrics.pipeline_deals import inside
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
    journey = _with_since(tables.journey)
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


def _with_since(journey: Table) -> Table:
    """The journeys with `entry` and `since`: when the person's journey before ended (null: it is the first)."""
    ended = ibis.coalesce(journey.ended_at, journey.entered_at)
    again = journey.filter(journey.journey > 1).select("person_id").distinct()
    before = journey.mutate(since=ended, next=journey.journey + 1).semi_join(again, "person_id")
    before = before.select("since", "next", of_person="person_id")
    joined = journey.left_join(before, (journey.person_id == before.of_person) & (journey.journey == before.next))
    return joined.mutate(entry=joined.entered_at).drop("of_person", "next")


def credits(rows: Table, tables: Tables, asked: Asked) -> Table:
    """The counted journeys that responded, once for each campaign or response type credited.

    In: journeys. Out: their columns, with group (null: the source does not say) and first_at.
    """
    found = explained(rows, tables, asked)
    return found.filter(found.part == "counted", found.responded)


def explained(rows: Table, tables: Tables, asked: Asked) -> Table:
    """All journeys, those that responded once for each campaign or type credited.

    In: journeys. Out: their columns, with group, first_at, and place (0 for the first response, and
    for a journey without: counting those counts every journey once).
    """
    touch = _touches(rows, tables)
    touch = touch.filter(touch.by_landmark).mutate(group=touch[asked.by])
    by = touch.group_by("group", of_person="person_id", of_journey="journey").aggregate(first_at=touch["at"].min())
    order = [by.first_at, by.group.isnull(), by.group]
    by = by.mutate(place=ibis.row_number().over(ibis.window(group_by=["of_person", "of_journey"], order_by=order)))
    if asked.credit == "first":
        by = by.filter(by.place == 0)
    joined = rows.left_join(by, (rows.person_id == by.of_person) & (rows.journey == by.of_journey))
    return joined.mutate(place=joined.place.fill_null(0)).drop("of_person", "of_journey")


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
