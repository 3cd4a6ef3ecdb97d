"""SLA clocks: one per entry into the start stage, and what became of each.

A clock stops at the first of: a stop stage, a funnel stage after it, a touch. `met` exactly at
the target is met. A journey that ends otherwise before the stop is `withdrawn`, or breached
if the target had passed. What cannot be read is `unknown`, never `overdue`.

Not here: what a touch is (touches.py), working time (calendar.py), survival (survival_local.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis

from config.parts import END_KINDS, SlaPolicy
from config.schema import Pact
from leadpact.metrics.calendar import WorkCalendar, day_span, day_table, working_seconds
from leadpact.metrics.dimensions import OWN, with_dimension
from leadpact.metrics.funnel import share
from leadpact.metrics.survival_local import waiting as waiting_times
from leadpact.metrics.touches import touches
from leadpact.tables import Table, Tables

STATES = ("met", "breached", "overdue", "running", "withdrawn", "unknown")
HOUR = 3600
QUANTILES = {"median_hours": 0.5, "p90_hours": 0.9}


def clocks(tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy) -> Table:
    """One row per clock of a policy.

    Out: person_id, journey, object, record_id (of the spell), started_at, stopped_at (null
    while it runs, or when withdrawn), stopped_by (touch, stage; null), ended_at (when withdrawn),
    until (the moment measured to), seconds (elapsed), worked (seconds of the policy's calendar;
    null for an elapsed policy), measured (seconds that the target is compared with), state,
    touched (any touch since the start), owner_id, source, campaign, country, record_type.
    Entries whose start is not known have no clock.
    """
    now = ibis.timestamp(as_of.isoformat(" "))
    begun = _starts(tables, pact, policy)
    begun = _with_touch(begun, tables, policy)
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
    clock = _worked(clock, pact, policy, as_of)
    measured = clock.worked if policy.target.clock == "working" else clock.seconds
    late = measured > policy.target.hours * HOUR
    unread = clock.stopped_at.isnull() & ibis.literal(not readable)
    undated = clock.stopped_at.isnull() & clock.undated_stop
    state = ibis.cases(
        (unread | undated | measured.isnull(), "unknown"),
        (clock.stopped_at.notnull() & ~late, "met"),
        (clock.stopped_at.notnull(), "breached"),
        (clock.ended_at.notnull() & late, "breached"),
        (clock.ended_at.notnull(), "withdrawn"),
        (late, "overdue"),
        else_="running",
    )
    return clock.mutate(measured=measured, state=state, touched=clock.touch_at.notnull()).drop(
        "stage_at", "touch_at", "end_at", "undated_stop"
    )


def _never() -> Any:
    return ibis.timestamp("9999-01-01 00:00:00")


def stop_stages(pact: Pact, policy: SlaPolicy) -> list[str]:
    """The stop stages and every funnel stage after the first of them."""
    funnel = [stage.key for stage in pact.funnel]
    listed = [funnel.index(key) for key in policy.stops.stages if key in funnel]
    after = funnel[min(listed) :] if listed else []
    return [*policy.stops.stages, *(key for key in after if key not in policy.stops.stages and key != policy.starts)]


def _starts(tables: Tables, pact: Pact, policy: SlaPolicy) -> Table:
    """Entries into the start stage, each with its first stop stage and first other end after it."""
    spell = tables.spell
    begun = spell.filter(spell.stage == policy.starts, spell.entered_at.notnull())
    begun = begun.select("person_id", "n", "journey", "object", "record_id", started_at="entered_at")
    stops = stop_stages(pact, policy)
    after = spell.select(
        of="person_id", later="n", at="entered_at", left_at="left_at", lasts="lasts",
        is_stop=spell.stage.isin(stops),
        is_end=spell.kind.isin(END_KINDS) & spell.stage.notin(stops),
    )  # fmt: skip
    last = spell.group_by("person_id").aggregate(last_n=spell.n.max(), gone=~spell.lasts.argmax(spell.n),
                                                  gone_at=spell.left_at.argmax(spell.n))  # fmt: skip
    joined = begun.left_join(after, (begun.person_id == after.of) & (after.later > begun.n))
    first = joined.group_by("person_id", "n").aggregate(
        stop_n=joined.later.min(where=joined.is_stop),
        end_n=joined.later.min(where=joined.is_end),
        stage_at=joined["at"].argmin(joined.later, where=joined.is_stop & joined["at"].notnull()),
        end_at=joined["at"].argmin(joined.later, where=joined.is_end & joined["at"].notnull()),
        undated_stop=(joined.is_stop & joined["at"].isnull()).any(),
    )
    both = begun.inner_join(first, ["person_id", "n"]).inner_join(last, "person_id")
    ended_first = both.end_n.notnull() & (both.stop_n.isnull() | (both.end_n < both.stop_n))
    stage_at = ibis.ifelse(ended_first, ibis.null("timestamp"), both.stage_at)
    own_end = ibis.ifelse(ended_first, both.end_at, ibis.null("timestamp"))
    gone_at = ibis.ifelse(both.gone & both.stop_n.isnull() & both.end_n.isnull(), both.gone_at, ibis.null("timestamp"))
    dims = tables.record.select(dim_object="object", dim_id="record_id", owner_id="owner_id", **{d: d for d in OWN})
    named = both.mutate(
        stage_at=stage_at,
        end_at=ibis.coalesce(own_end, gone_at),
        undated_stop=both.undated_stop.fill_null(False) & ~ended_first,
    )
    named = named.drop("stop_n", "end_n", "last_n", "gone", "gone_at")
    joined = named.left_join(dims, (named.object == dims.dim_object) & (named.record_id == dims.dim_id))
    return joined.drop("dim_object", "dim_id")


def _with_touch(begun: Table, tables: Tables, policy: SlaPolicy) -> Table:
    """Adds `touch_at`: the person's first touch since the start, null while there is none."""
    if not policy.stops.activities:
        return begun.mutate(touch_at=ibis.null("timestamp"))
    touch = touches(tables, policy.stops.activities).select(of="person_id", touched_at="at")
    joined = begun.inner_join(touch, (begun.person_id == touch.of) & (touch.touched_at >= begun.started_at))
    first = joined.group_by(of_person="person_id", of_n="n").aggregate(touch_at=joined.touched_at.min())
    both = begun.left_join(first, (begun.person_id == first.of_person) & (begun.n == first.of_n))
    return both.drop("of_person", "of_n")


def _worked(clock: Table, pact: Pact, policy: SlaPolicy, as_of: datetime) -> Table:
    if policy.calendar is None:
        return clock.mutate(worked=ibis.null("float64"))
    entry = pact.calendars[policy.calendar]
    calendar = WorkCalendar.parse(policy.calendar, **entry.model_dump())
    first, last = day_span(clock, "started_at", "until") or (as_of.date(), as_of.date())
    days = ibis.memtable(day_table([calendar], first, last))
    return working_seconds(clock, "started_at", "until", policy.calendar, days, name="worked")


@dataclass(frozen=True)
class PolicyResult:
    """The clocks of one policy in one group. Hours are of the policy's clock, null where unknown.

    The quantiles are Kaplan–Meier's: running and overdue clocks count as "at least this long".
    """

    policy: str
    group: str | None
    met: int
    breached: int
    overdue: int
    running: int
    withdrawn: int
    unknown: int
    compliance: float | None
    median_hours: float | None
    p90_hours: float | None
    never_touched: int

    @property
    def clocks(self) -> int:
        return self.met + self.breached + self.overdue + self.running + self.withdrawn + self.unknown


def compliance(tables: Tables, pact: Pact, as_of: datetime, *, by: str | None = None) -> tuple[PolicyResult, ...]:
    """Every policy of the pact, a result per group of dimension `by`. Executes."""
    found: list[PolicyResult] = []
    for policy in pact.sla:
        clock = clocks(tables, pact, as_of, policy)
        clock = with_dimension(clock.mutate(entry=clock.started_at), tables, by, pact)
        clock = clock.mutate(hours=clock.measured / HOUR, stopped=clock.stopped_at.notnull().cast("int8"))
        clock = clock.select("group", "state", "hours", "stopped", "touched")
        counts = clock.group_by("group").aggregate(
            never_touched=(~clock.touched & clock.stopped.cast("boolean").__invert__()).sum(),
            **{state: (clock.state == state).sum() for state in STATES},
        )
        known = clock.filter(clock.state != "unknown")
        found_hours = waiting_times(known, by=["group"], duration="hours", event="stopped", quantiles=QUANTILES)
        hours = {_text(row["group"]): row for row in found_hours.to_pylist()}
        rows = counts.execute().to_dict("records") or ([{"group": None}] if by is None else [])
        found += [_result(policy, row, hours) for row in sorted(rows, key=lambda row: _text(row["group"]) or "")]
    return tuple(found)


def _result(policy: SlaPolicy, row: Mapping[Any, Any], hours: Mapping[str | None, Mapping[Any, Any]]) -> PolicyResult:
    group = _text(row["group"])
    count = {state: int(row.get(state) or 0) for state in STATES}
    return PolicyResult(
        policy=policy.id,
        group=group,
        **count,
        compliance=share(count["met"], count["met"] + count["breached"] + count["overdue"]),
        median_hours=_number(hours.get(group, {}).get("median_hours")),
        p90_hours=_number(hours.get(group, {}).get("p90_hours")),
        never_touched=int(row.get("never_touched") or 0),
    )


def waiting(tables: Tables, pact: Pact, as_of: datetime) -> Table:
    """Leads whose clock runs now, the most urgent first.

    Out: policy, object, record_id, person_id, started_at, measured_hours, target_hours,
    left_hours (negative: past the target), state (overdue, running), owner_id, source.
    """
    parts = []
    for policy in pact.sla:
        clock = clocks(tables, pact, as_of, policy)
        clock = clock.filter(clock.state.isin(["overdue", "running"]))
        hours = clock.measured / HOUR
        parts.append(
            clock.select(
                "object",
                "record_id",
                "person_id",
                "started_at",
                "state",
                "owner_id",
                "source",
                policy=ibis.literal(policy.id),
                measured_hours=hours,
                target_hours=ibis.literal(float(policy.target.hours)),
                left_hours=policy.target.hours - hours,
            )
        )
    if not parts:
        return ibis.memtable([], schema=_WAITING)
    together = parts[0] if len(parts) == 1 else ibis.union(*parts)
    return together.order_by("left_hours", "record_id")


_WAITING = {
    "object": "string", "record_id": "string", "person_id": "string", "started_at": "timestamp", "state": "string",
    "owner_id": "string", "source": "string", "policy": "string", "measured_hours": "float64",
    "target_hours": "float64", "left_hours": "float64",
}  # fmt: skip


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
