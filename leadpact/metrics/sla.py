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
from leadpact.metrics.dimensions import with_dimension, with_origin
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
    measured; both null where the source tells no queues. `without_start` entries into the stage
    have no clock, because their time is not known; `coverage` is the share of the others.
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
    hours = hours_of(tables, pact, policy, as_of)
    clock = with_queue(clocks(tables, pact, as_of, policy, hours), tables, hours)
    clock = with_dimension(clock.mutate(entry=clock.started_at), tables, by, pact)
    asked = clock.select("group", "state", "measured", "touched", "queue_seconds", stopped=clock.stopped_at.notnull())
    rows = asked.to_pyarrow()
    frame = rows.to_pandas()
    known = ibis.memtable(rows).filter(lambda t: t.state != "unknown").mutate(hours=lambda t: t.measured / HOUR)
    found = waiting_times(known, by=["group"], duration="hours", event="stopped", quantiles=QUANTILES)
    quantiles = {row["group"]: row for row in found.to_pylist()}
    if frame.empty:
        return [_result(policy, None, frame, {}, queues=False)] if by is None else []
    queues = bool(tables.owner.is_queue.any().fill_null(False).execute())
    parts = {_text(group): own for group, own in frame.groupby("group", dropna=False)}
    order = sorted(parts, key=lambda group: group or "")
    return [_result(policy, group, parts[group], quantiles.get(group, {}), queues=queues) for group in order]


def _result(
    policy: SlaPolicy, group: str | None, own: pd.DataFrame, hours: Mapping[Any, Any], *, queues: bool
) -> PolicyResult:
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
        queued=int((own["queue_seconds"] > 0).sum()) if queues else None,
        queue_share=_share_of_time(own) if queues else None,
    )


def _share_of_time(own: pd.DataFrame) -> float | None:
    measured = float(own["measured"].sum())
    return float(own["queue_seconds"].sum()) / measured if measured > 0 else None


def with_queue(clock: Table, tables: Tables, hours: Hours) -> Table:
    """The clocks with `queue_seconds`: the part of `measured` in which a queue held the record.

    In the hours of the policy's clock; 0 where none did, and where no owner is known to be one.
    """
    held = in_queue(tables).rename(in_object="object", in_id="record_id")
    begins = clock.filter(clock.until > clock.started_at)
    joined = begins.inner_join(
        held,
        [
            begins.object == held.in_object,
            begins.record_id == held.in_id,
            held.from_at.isnull() | (held.from_at < begins.until),
            held.until_at.isnull() | (held.until_at > begins.started_at),
        ],
    )
    inside = joined.mutate(
        starts=ibis.greatest(joined.started_at, joined.from_at.fill_null(joined.started_at)),
        ends=ibis.least(joined.until, joined.until_at.fill_null(joined.until)),
    )
    inside = hours.seconds(inside, "starts", "ends", "seconds_in")
    queue = inside.group_by(of_person="person_id", of_n="n").aggregate(queue_seconds=inside.seconds_in.sum())
    both = clock.left_join(queue, (clock.person_id == queue.of_person) & (clock.n == queue.of_n))
    return both.mutate(queue_seconds=both.queue_seconds.fill_null(0.0)).drop("of_person", "of_n")


def waiting(tables: Tables, pact: Pact, as_of: datetime) -> Table:
    """Leads whose clock runs now, the most urgent first.

    Out: policy, object, record_id, person_id, started_at, measured_hours, target_hours,
    left_hours (negative: past the target), state (overdue, running), owner_id, source.
    """
    parts = []
    for policy in pact.sla:
        clock = clocks(tables, pact, as_of, policy)
        clock = with_origin(clock.filter(clock.state.isin(["overdue", "running"])), tables, "source", name="source")
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
