"""The cohort of a funnel: one row per journey in scope, with where it stands at every step.

Not here: what a journey is (journeys.py), counts and rates (funnel.py), who is behind a step
(funnel_people.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

import ibis

from config.schema import Pact
from leadpact.metrics import journeys
from leadpact.metrics.dimensions import with_dimension
from leadpact.metrics.funnel_scope import DAY, Mode, Scope, in_range, step_keys
from leadpact.metrics.journeys import reached, with_strict
from leadpact.metrics.moments import earliest
from leadpact.tables import Table, Tables


def cohort(tables: Tables, pact: Pact, as_of: datetime, scope: Scope) -> Table:
    """One row per journey in scope, with where it stands at every step.

    Out: person_id, journey, object, record_id, entry (UTC; of the anchor where there is one),
    group, part (`counted`, `unknown`: left out for an imputed change, `invalid`), imputed,
    mature (null without a window), decided (ended, or the window has passed), and for every
    step k `reached_<k>` (boolean, within the window).
    """
    journey = entries(tables, pact, scope)
    window = None if scope.window_days is None else ibis.interval(microseconds=round(scope.window_days * DAY))
    mature = ibis.null("boolean") if window is None else journey.entry + window <= ibis.timestamp(as_of.isoformat(" "))
    ended = journey.end_kind.notnull()
    steps = step_keys(pact, scope)
    flagged = journey.mutate(
        part=part_of(journey, scope),
        mature=mature,
        decided=ended if window is None else ended | mature,
        **{
            f"reached_{number}": _within(journey, at, was, window)
            for number, (was, at) in enumerate(arrivals(journey, scope.mode, steps))
        },
    )
    flagged = with_dimension(flagged, tables, scope.by, pact)
    return flagged.select(
        "person_id",
        "journey",
        "object",
        "record_id",
        "entry",
        "group",
        "part",
        "imputed",
        "mature",
        "decided",
        *(f"reached_{number}" for number in range(len(steps))),
    )


def entries(tables: Tables, pact: Pact, scope: Scope) -> Table:
    """The journeys of a scope, measured from its anchor where it has one, with `entry` (UTC; null: not known)."""
    scope = scope.checked(pact)
    journey = _anchored(tables, pact, scope) if scope.anchor else tables.journey
    return in_range(journey.mutate(entry=journey.entered_at), pact, scope)


def part_of(journey: Table, scope: Scope) -> Any:
    """`counted`; `unknown`: left out, for times that are needed and not known; `invalid`: never was a lead."""
    windowed = scope.window_days is not None
    left_out = journey.imputed if windowed else ibis.literal(False)
    if windowed or scope.start is not None or scope.end is not None:
        left_out = left_out | journey.entry.isnull()
    return ibis.cases((left_out, "unknown"), (journey.end_kind == "invalid", "invalid"), else_="counted")


def _within(journey: Table, at: Any, was: Any, window: Any) -> Any:
    """Reached, and within the window where there is one. Microseconds count: exactly W is in."""
    if window is None:
        return was
    return (was & (at <= journey.entry + window)).fill_null(False)


def arrivals(journey: Table, mode: Mode, steps: list[str]) -> list[tuple[Any, Any]]:
    """For every step: whether it was reached at all, and when (null where that is not known)."""
    if mode == "strict":
        return [(journey[f"has_strict_{key}"], journey[f"strict_{key}"]) for key in steps]
    visited = [(journey[f"has_{key}"], journey[f"visited_{key}"]) for key in steps]
    if mode == "visited":
        return visited
    return [
        (reduce(or_, (was for was, _ in visited[k:])), earliest(*(at for _, at in visited[k:])))
        for k in range(len(visited))
    ]


def _anchored(tables: Tables, pact: Pact, scope: Scope) -> Table:
    """Journeys that entered the anchor stage, measured from there: only what follows counts."""
    own = tables.spell.filter(tables.spell.journey.notnull())
    first = (
        own.filter(own.stage == scope.anchor).group_by("person_id", "journey").aggregate(anchor_n=lambda t: t.n.min())
    )
    after = own.inner_join(first, ["person_id", "journey"])
    after = after.filter(after.n >= after.anchor_n)
    keys = step_keys(pact, scope)
    times = after.group_by("person_id", "journey").aggregate(
        anchor_at=after.entered_at.min(where=after.n == after.anchor_n), **reached(after, keys)
    )
    if scope.mode == "strict":  # stage by stage in order costs a join each: only where it is asked for
        times = with_strict(times, after, keys)
    kept = [name for name in tables.journey.columns if not name.startswith(("has_", "visited_", "strict_"))]
    joined = tables.journey.select(kept).inner_join(times, ["person_id", "journey"])
    return joined.mutate(entered_at=joined.anchor_at).drop("anchor_at")


def untouched(tables: Tables, pact: Pact, scope: Scope) -> int:
    """How many people were never past an untouched stage (first seen in the range, where known)."""
    return int(untouched_people(tables, pact, scope).count().execute())


def untouched_people(tables: Tables, pact: Pact, scope: Scope) -> Table:
    """Those people. Out: person_id, entry (first seen; null: not known)."""
    people = journeys.untouched(tables.spell) if tables.untouched is None else tables.untouched
    people = people.filter(people.until.isnull())
    return in_range(people, pact, replace(scope, anchor=None)).select("person_id", "entry")
