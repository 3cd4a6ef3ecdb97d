"""SLA clocks: one per entry into the start stage, and what became of each.

A clock stops at the first of: a stop stage, a funnel stage after it, a touch. `met` exactly at
the target is met. A journey that ends otherwise before the stop is `withdrawn`, or breached
if the target had passed. What cannot be read is `unknown`, never `overdue`.

Not here: what a touch is (touches.py), in whose hours it is measured (worked.py), rates and
quantiles (sla.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis

from config.parts import END_KINDS, SlaPolicy
from config.schema import Pact
from leadpact.metrics.journeys import ORIGIN
from leadpact.metrics.moments import utc_midnight
from leadpact.metrics.touches import touches
from leadpact.metrics.worked import hours_of
from leadpact.tables import Table, Tables

STATES = ("met", "breached", "overdue", "running", "withdrawn", "unknown")
HOUR = 3600
SCHEMA = ibis.schema({
    "person_id": "string", "n": "int64", "journey": "int64", "object": "string", "record_id": "string",
    "owner_id": "string", **dict.fromkeys(ORIGIN, "string"), "started_at": "timestamp", "stopped_at": "timestamp",
    "stopped_by": "string", "ended_at": "timestamp", "until": "timestamp", "seconds": "float64", "worked": "float64",
    "measured": "float64", "touched": "boolean", "state": "string",
})  # fmt: skip


def clocks(tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy) -> Table:
    """One row per clock of a policy, in the hours of its calendar.

    Out: person_id, n, journey, object, record_id (of the spell), owner_id (at the start), source,
    campaign, country, record_type (at the journey's entry), started_at, stopped_at (null while it
    runs, or when withdrawn), stopped_by (touch, stage; null), ended_at (when withdrawn), until
    (the moment measured to), seconds (elapsed), worked (seconds of the policy's calendar; null
    for an elapsed policy), measured (seconds that the target is compared with), touched
    (any touch since the start), state. Entries whose start is not known have no clock.
    """
    clock = tables.shared(
        f"clocks of {policy.id}", (pact, policy, as_of), SCHEMA, lambda: _clocks(tables, pact, as_of, policy)
    )
    return _asked(clock, tables, pact)


def _clocks(tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy) -> Table:
    """Whenever they started."""
    now = ibis.timestamp(as_of.isoformat(" "))
    begun = _begun(tables, pact, policy)
    readable = not policy.stops.activities or "activity" in tables.provided
    stopped = ibis.least(begun.stage_at.fill_null(_never()), begun.touch_at.fill_null(_never()))
    # an end before the stop withdraws the clock; a touch at the very moment of the end still counts
    withdrawn = begun.end_at.notnull() & (begun.end_at < stopped)
    stopped_at = ibis.ifelse(withdrawn | (stopped == _never()), ibis.null("timestamp"), stopped)
    by_touch = begun.touch_at.notnull() & (begun.touch_at <= begun.stage_at.fill_null(_never()))
    clock = begun.mutate(
        stopped_at=stopped_at,
        stopped_by=ibis.ifelse(stopped_at.isnull(), ibis.null("string"), ibis.ifelse(by_touch, "touch", "stage")),
        ended_at=ibis.ifelse(withdrawn, begun.end_at, ibis.null("timestamp")),
    )
    clock = clock.mutate(until=ibis.coalesce(clock.stopped_at, clock.ended_at, now))
    clock = clock.mutate(seconds=clock.until.delta(clock.started_at, unit="microsecond") / 1e6)
    hours = hours_of(tables, pact, policy, as_of)
    clock = (
        clock.mutate(worked=ibis.null("float64"))
        if hours.usual is None
        else hours.seconds(clock, "started_at", "until", "worked")
    )
    measured = clock.seconds if hours.usual is None else clock.worked
    clock = clock.mutate(
        measured=measured,
        touched=clock.touch_at.notnull(),
        unknown=(clock.stopped_at.isnull() & (ibis.literal(not readable) | clock.undated_stop)) | measured.isnull(),
    )
    return with_state(clock, policy.target.hours).select(list(SCHEMA))


def with_state(clock: Table, hours: float) -> Table:
    """The clocks with `state` at a target of `hours`. In: measured, stopped_at, ended_at, unknown."""
    late = clock.measured > hours * HOUR
    state = ibis.cases(
        (clock.unknown, "unknown"),
        (clock.stopped_at.notnull() & ~late, "met"),
        (clock.stopped_at.notnull(), "breached"),
        (clock.ended_at.notnull() & late, "breached"),
        (clock.ended_at.notnull(), "withdrawn"),
        (late, "overdue"),
        else_="running",
    )
    return clock.mutate(state=state)


def _never() -> Any:
    return ibis.timestamp("9999-01-01 00:00:00")


def _asked(clock: Table, tables: Tables, pact: Pact) -> Table:
    """The clocks that are asked for (`Tables.clocked`)."""
    start, end = tables.clocked
    if start is not None:
        clock = clock.filter(clock.started_at >= ibis.timestamp(utc_midnight(start, pact.zone)))
    if end is not None:
        clock = clock.filter(clock.started_at < ibis.timestamp(utc_midnight(end, pact.zone)))
    return clock


def stop_stages(pact: Pact, policy: SlaPolicy) -> list[str]:
    """The stop stages and every funnel stage after the first of them."""
    funnel = [stage.key for stage in pact.funnel]
    listed = [funnel.index(key) for key in policy.stops.stages if key in funnel]
    after = funnel[min(listed) :] if listed else []
    return [*policy.stops.stages, *(key for key in after if key not in policy.stops.stages and key != policy.starts)]


def _begun(tables: Tables, pact: Pact, policy: SlaPolicy) -> Table:
    """Entries into the start stage, each with what may stop or end its clock.

    Out: person_id, n, journey, object, record_id, owner_id, ORIGIN, started_at, and of what came after:
    stage_at (first stop stage), end_at (an end before it, or the deletion of the person's
    records), undated_stop (a stop stage at a time not known), touch_at (first touch).

    One join of the entries with everything of the same person, and one aggregation: the times
    of a person's later spells never decrease with n, so that the first is the smallest.
    """
    spell = tables.spell
    is_start = (spell.stage == policy.starts) & spell.entered_at.notnull()
    begun = spell.filter(is_start).select(
        "person_id", "n", "journey", "object", "record_id", "owner_id", *ORIGIN, started_at="entered_at"
    )
    stops = stop_stages(pact, policy)
    is_stop = spell.stage.isin(stops)
    is_end = spell.kind.isin(END_KINDS) & ~is_stop
    never, nothing = ibis.null("timestamp"), ibis.null("int64")
    # the entry itself is among them, so that none is lost where nothing follows
    later = spell.filter(is_start | is_stop | is_end | spell.gone).select(
        of="person_id",
        later="n",
        stop_n=ibis.ifelse(is_stop, spell.n, nothing),
        end_n=ibis.ifelse(is_end, spell.n, nothing),
        stop_at=ibis.ifelse(is_stop, spell.entered_at, never),
        end_at=ibis.ifelse(is_end, spell.entered_at, never),
        gone_at=ibis.ifelse(spell.gone, spell.left_at, never),
        touch_at=never,
        undated=is_stop & spell.entered_at.isnull(),
    )
    if policy.stops.activities:
        touch = touches(tables, policy.stops.activities)
        numbers = dict.fromkeys(("later", "stop_n", "end_n"), nothing)
        times = dict.fromkeys(("stop_at", "end_at", "gone_at"), never)
        touched = touch.select(of="person_id", **numbers, **times, touch_at="at", undated=ibis.literal(False))
        types = dict.fromkeys(("stop_at", "end_at", "gone_at", "touch_at"), "timestamp")
        later = ibis.union(later.cast(types), touched.cast(types))
    joined = begun.inner_join(later, begun.person_id == later.of)
    joined = joined.filter((joined.later >= joined.n) | (joined.touch_at >= joined.started_at))
    after = joined.later.isnull() | (joined.later > joined.n)
    kept = ("journey", "object", "record_id", "owner_id", *ORIGIN, "started_at")
    both = joined.group_by("person_id", "n").aggregate(
        **{name: joined[name].arbitrary() for name in kept},
        stop_n=joined.stop_n.min(where=after),
        end_n=joined.end_n.min(where=after),
        stage_at=joined.stop_at.min(where=after),
        own_end=joined.end_at.min(where=after),
        gone_at=joined.gone_at.min(),
        touch_at=joined.touch_at.min(),
        undated_stop=(joined.undated & after).any(),
    )
    ended_first = both.end_n.notnull() & (both.stop_n.isnull() | (both.end_n < both.stop_n))
    gone_at = ibis.ifelse(both.stop_n.isnull() & both.end_n.isnull(), both.gone_at, never)
    return both.mutate(
        stage_at=ibis.ifelse(ended_first, never, both.stage_at),
        end_at=ibis.coalesce(ibis.ifelse(ended_first, both.own_end, never), gone_at),
        undated_stop=both.undated_stop & ~ended_first,
    ).drop("stop_n", "end_n", "own_end", "gone_at")
