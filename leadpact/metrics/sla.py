"""SLA: how each policy was kept, by whom, and who waits now.

Not here: the clocks themselves (clocks.py), survival (survival_local.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import pandas as pd

from config.parts import SlaPolicy
from config.schema import Pact
from leadpact.metrics.clocks import HOUR, STATES, clocks, stop_stages, with_state
from leadpact.metrics.dimensions import OWN, with_dimension
from leadpact.metrics.funnel import share
from leadpact.metrics.ownership import in_queue
from leadpact.metrics.survival_local import waiting as waiting_times
from leadpact.metrics.worked import Hours, hours_of
from leadpact.tables import Table, Tables

__all__ = [
    "HOUR",
    "STATES",
    "PolicyResult",
    "clocks",
    "compliance",
    "stop_stages",
    "waiting",
    "with_queue",
    "with_state",
]

QUANTILES = {"median_hours": 0.5, "p90_hours": 0.9}


@dataclass(frozen=True)
class PolicyResult:
    """The clocks of one policy in one group. Hours are of the policy's clock, null where unknown.

    The quantiles are Kaplan–Meier's: running and overdue clocks count as "at least this long".
    `queued` clocks were held by a queue for some of their time, for `queue_share` of all hours
    measured; both null where the source tells no queues. `undated` entries into the stage have
    no clock, because their time is not known; `coverage` is the share of those that have one.
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
    queued: int | None = None
    queue_share: float | None = None
    undated: int = 0

    @property
    def coverage(self) -> float | None:
        return share(self.clocks, self.clocks + self.undated)

    @property
    def clocks(self) -> int:
        return self.met + self.breached + self.overdue + self.running + self.withdrawn + self.unknown


def compliance(tables: Tables, pact: Pact, as_of: datetime, *, by: str | None = None) -> tuple[PolicyResult, ...]:
    """Every policy of the pact, a result per group of dimension `by`. Executes."""
    return tuple(result for policy in pact.sla for result in of_policy(tables, pact, as_of, policy, by=by))


def of_policy(
    tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy, *, by: str | None = None
) -> list[PolicyResult]:
    """One policy, a result per group in order of its name, unknown first. Executes, once."""
    clock = clocks(tables, pact, as_of, policy)
    clock = with_dimension(clock.mutate(entry=clock.started_at), tables, by, pact)
    asked = clock.select("group", "state", "measured", "touched", stopped=clock.stopped_at.notnull())
    rows = asked.to_pyarrow()
    frame = rows.to_pandas()
    known = ibis.memtable(rows).filter(lambda t: t.state != "unknown").mutate(hours=lambda t: t.measured / HOUR)
    found = waiting_times(known, by=["group"], duration="hours", event="stopped", quantiles=QUANTILES)
    quantiles = {row["group"]: row for row in found.to_pylist()}
    undated = _undated(tables, pact, policy, by)
    queued = _in_queues(tables, pact, as_of, policy, by)
    parts = {_text(group): own for group, own in frame.groupby("group", dropna=False)}
    none = (0, 0.0)
    return [
        _result(
            policy,
            one,
            parts.get(one, frame.head(0)),
            quantiles.get(one, {}),
            None if queued is None else queued.get(one, none),
            undated.get(one, 0),
        )
        for one in sorted({*parts, *undated, *([None] if by is None else [])}, key=lambda group: group or "")
    ]


def _undated(tables: Tables, pact: Pact, policy: SlaPolicy, by: str | None) -> dict[str | None, int]:
    """For each group, the entries into the start stage whose time is not known."""
    entries = tables.spell.filter(tables.spell.stage == policy.starts, tables.spell.entered_at.isnull())
    entries = with_dimension(entries.mutate(entry=entries.entered_at), tables, by, pact)
    found = entries.group_by("group").aggregate(n=entries.count()).execute()
    return {_text(row.group): int(row.n) for row in found.itertuples()}


def _result(
    policy: SlaPolicy,
    group: str | None,
    own: pd.DataFrame,
    hours: Mapping[Any, Any],
    queued: tuple[int, float] | None,
    undated: int,
) -> PolicyResult:
    measured = float(own["measured"].sum())
    held = own["state"].value_counts()
    count = {state: int(held.get(state, 0)) for state in STATES}
    return PolicyResult(
        policy=policy.id,
        group=group,
        **count,
        compliance=share(count["met"], count["met"] + count["breached"] + count["overdue"]),
        median_hours=_number(hours.get("median_hours")),
        p90_hours=_number(hours.get("p90_hours")),
        never_touched=int((~own["touched"] & ~own["stopped"]).sum()),
        queued=None if queued is None else queued[0],
        queue_share=None if queued is None or measured <= 0 else queued[1] / measured,
        undated=undated,
    )


def _in_queues(
    tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy, by: str | None
) -> dict[str | None, tuple[int, float]] | None:
    """For each group, the clocks a queue held for some of their time, and for how many seconds.

    Null where no owner is known to be a queue.
    """
    if not bool(tables.owner.is_queue.any().fill_null(False).execute()):
        return None
    inside = _inside_queues(clocks(tables, pact, as_of, policy), tables, hours_of(tables, pact, policy, as_of))
    kept = ("journey", "object", "record_id", "owner_id", *OWN, "started_at")
    clock = inside.group_by("person_id", "n").aggregate(
        **{name: inside[name].arbitrary() for name in kept}, queue_seconds=inside.seconds_in.sum()
    )
    clock = with_dimension(clock.filter(clock.queue_seconds > 0).mutate(entry=clock.started_at), tables, by, pact)
    found = clock.group_by("group").aggregate(n=clock.count(), seconds=clock.queue_seconds.sum()).execute()
    return {_text(row.group): (int(row.n), float(row.seconds)) for row in found.itertuples()}


def with_queue(clock: Table, tables: Tables, hours: Hours) -> Table:
    """The clocks with `queue_seconds`: the part of `measured` in which a queue held the record.

    In the hours of the policy's clock; 0 where none did, and where no owner is known to be one.
    """
    inside = _inside_queues(clock, tables, hours)
    queue = inside.group_by(of_person="person_id", of_n="n").aggregate(queue_seconds=inside.seconds_in.sum())
    both = clock.left_join(queue, (clock.person_id == queue.of_person) & (clock.n == queue.of_n))
    return both.mutate(queue_seconds=both.queue_seconds.fill_null(0.0)).drop("of_person", "of_n")


def _inside_queues(clock: Table, tables: Tables, hours: Hours) -> Table:
    """The clocks that a queue held while they ran, once for each time it did, with `seconds_in`."""
    held = in_queue(tables).rename(in_object="object", in_id="record_id")
    joined = clock.inner_join(
        held,
        [
            clock.object == held.in_object,
            clock.record_id == held.in_id,
            held.from_at.isnull() | (held.from_at < clock.until),
            held.until_at.isnull() | (held.until_at > clock.started_at),
        ],
    )
    inside = joined.mutate(
        starts=ibis.greatest(joined.started_at, joined.from_at.fill_null(joined.started_at)),
        ends=ibis.least(joined.until, joined.until_at.fill_null(joined.until)),
    )
    return hours.seconds(inside, "starts", "ends", "seconds_in")


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
