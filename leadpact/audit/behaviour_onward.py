"""Does a status value predict anything: do journeys that pass through it get further than others?

Compared are journeys that came to the value's stage: those that passed through the value before
they reached any later funnel stage, and those that never held it. Only journeys entered 90 days
ago and more count, however they went: a young one has had no time. It is an association; what a
value's leads have in common decides more than the value.

Not here: rates of the whole funnel (metrics/funnel.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import numpy as np
import pyarrow as pa

from config.schema import Pact
from leadpact.audit.behaviour_trail import Ints, Key, Rows, Trail, ints
from leadpact.audit.target import stage_of
from leadpact.metrics.significance import Difference, two_proportions
from leadpact.tables import Table

MATURE_DAYS = 90
FEWEST = 30  # journeys in each group
NEVER = 2**62


@dataclass(frozen=True)
class Onward:
    """Journeys through a value (`n`, `reached` of them got further) against `others` of the stage."""

    stage: str
    n: int
    reached: int
    others: int
    others_reached: int

    @property
    def difference(self) -> Difference | None:
        """Newcombe's interval of the two rates; null where a group has fewer than 30 journeys."""
        if min(self.n, self.others) < FEWEST:
            return None
        return two_proportions(self.reached, self.n, self.others_reached, self.others)


@dataclass(frozen=True)
class Prospects:
    """What became of journeys through a value: any later funnel stage reached, and won (null without a won stage)."""

    later: Onward
    won: Onward | None


@dataclass(frozen=True)
class _Journeys:
    """Mature journeys, in order of `key` (person and entry).

    `reached[i]` is when stage i was first reached, NEVER where it was not.
    """

    key: Ints
    person: Ints
    entered: Ints
    ended: Ints
    reached: list[Ints]


def journeys(read: Rows, journey: Table, pact: Pact, as_of: datetime) -> pa.Table:
    """Mature journeys: person (as in Rows), entered_at, ended_at, visited_<stage> of the funnel. Executes."""
    before = ibis.timestamp((as_of - timedelta(days=MATURE_DAYS)).isoformat(" "))
    invalid = (journey.end_kind == "invalid").fill_null(False)
    mature = journey.filter(~journey.imputed, ~invalid, journey.entered_at <= before)
    own = mature.inner_join(read.people, mature.person_id == read.people.of_person)
    return own.select("person", "entered_at", "ended_at", *(visited(stage.key) for stage in pact.funnel)).to_pyarrow()


def prospects(trail: Trail, mature: pa.Table, pact: Pact) -> Mapping[Key, Prospects]:
    """By (object, value), for values of funnel stages that another follows, by `journeys`."""
    funnel = pact.funnel
    journeys = _journeys(mature, pact)
    if len(funnel) < 2 or not len(journeys.key):
        return {}
    inside = _inside(trail, journeys)
    places = {stage.key: number for number, stage in enumerate(funnel[:-1])}
    by_stage: dict[int, list[tuple[Key, Ints]]] = {}
    for key, here in trail.entries:
        stage = places.get(stage_of(pact, *key) or "")
        if stage is not None and len(here):
            by_stage.setdefault(stage, []).append((key, here))
    won = [number for number, one in enumerate(funnel) if one.kind == "won"]
    won_at = _first([journeys.reached[number] for number in won]) if won else None
    found = {}
    for stage, own in by_stage.items():
        later_at = _first(journeys.reached[stage + 1 :])
        goals = (later_at != NEVER, None if won_at is None or won == [stage + 1] else won_at != NEVER)
        came = journeys.reached[stage] != NEVER
        for key, here in own:
            through, never = _parted(journeys, inside[here], trail.at[here], came, later_at)
            later, bought = (
                None if goal is None else _onward(funnel[stage].key, through, never, goal) for goal in goals
            )
            if later is not None:
                found[key] = Prospects(later, bought)
    return found


def _inside(trail: Trail, journeys: _Journeys) -> Ints:
    """For each element of the trail, the place of the journey it falls in; -1 for none."""
    person = trail.person[trail.place]
    number = np.bincount(journeys.person, minlength=trail.persons)
    start = (np.cumsum(number) - number).astype(np.int32)
    start[number == 0] = -1
    place = start[person]
    several = np.flatnonzero((number > 1)[person])
    if len(several):
        place[several] = np.searchsorted(journeys.key, _key(person[several], trail.at[several]), side="right") - 1
    there = (place >= 0) & (trail.at >= journeys.entered[place]) & (trail.at <= journeys.ended[place])
    there &= journeys.person[place] == person
    return np.where(there, place, np.int32(-1))


def _parted(journeys: _Journeys, place: Ints, at: Ints, came: Ints, later_at: Ints) -> tuple[Ints, Ints]:
    """Two flags a journey, of those that `came` to the stage: through the value in time, and never in it.

    In: for each entry into the value the place of its journey, and when.
    """
    inside = place >= 0
    place, at = place[inside], at[inside]
    ever, through = (np.zeros(len(journeys.key), dtype=bool) for _ in range(2))
    ever[place] = True
    through[place[at <= later_at[place]]] = True
    return through & came, came & ~ever


def _onward(stage: str, through: Ints, never: Ints, reached: Ints) -> Onward:
    counts = (through, through & reached, never, never & reached)
    return Onward(stage, *(int(np.count_nonzero(one)) for one in counts))


def _journeys(mature: pa.Table, pact: Pact) -> _Journeys:
    key = _key(ints(mature["person"]).astype(np.int64), ints(mature["entered_at"]))
    order = np.argsort(key)
    return _Journeys(
        key[order],
        ints(mature["person"])[order],
        ints(mature["entered_at"])[order],
        ints(mature["ended_at"], NEVER)[order],
        [ints(mature[visited(stage.key)], NEVER)[order] for stage in pact.funnel],
    )


def visited(stage: str) -> str:
    """The journeys' column of when a stage was first visited."""
    return f"visited_{stage}"


def _key(person: Ints, at: Ints) -> Ints:
    """Person and second as one number: 68 years either way of 1970, two thousand million persons."""
    key: Ints = (person.astype(np.int64) << 32) + at // 1_000_000 + 2**31
    return key


def _first(moments: list[Ints]) -> Ints:
    first: Ints = np.minimum.reduce(moments)
    return first
