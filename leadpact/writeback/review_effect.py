"""The effect of a plan on funnel, time in stage and SLA, before anything is written.

Through the same door as reality (audit/simulate.py): every status that would be written becomes a
relabelling, and the spells and journeys of these people are derived again, under the same pact and
at the same moment. It says what the next sync will show if the plan is applied now and nothing else
happens. Only rows whose record holds `before` count: apply leaves all others alone.

What LeadPact itself has written since the last sync is laid in first, on both sides: an undo made
right after an apply shows what it gives back.

Not here: counts by value and owner (review.py), the figures themselves (audit/effect.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import ibis
import pyarrow as pa
from sqlalchemy.engine import Engine

from leadpact import relabelled
from leadpact.audit import simulate
from leadpact.audit.effect import Effect, between
from leadpact.audit.facts import KEYS
from leadpact.workspace import Analysis
from leadpact.writeback import review
from leadpact.writeback.plan import Plan
from leadpact.writeback.repair import CONVERTED, UNDECIDED
from leadpact.writeback.review import DUE

SAID = (*KEYS, "person_id", "before", "after")
_WRITTEN = pa.schema([(name, pa.string()) for name in ("object", "record_id", "after")])


@dataclass(frozen=True)
class PlanEffect:
    """What a plan does. `effect.changed` records count; `fits` as in Review, after what was written since.

    `unmapped` of them get a value no stage of the pact claims. `since` records were written by LeadPact
    after the last sync, and are in the figures of both sides.
    """

    effect: Effect
    fits: dict[str, int]
    unmapped: int
    since: int

    def as_json(self) -> dict[str, Any]:
        """As `remap show --json` has it under `review.effect`."""
        return {**self.effect.as_json(), "fits": dict(self.fits), "unmapped": self.unmapped, "since": self.since}


def effect(engine: Engine, analysis: Analysis, plan: Plan) -> PlanEffect | None:
    """The effect of the statuses a plan changes; null where it changes none. Executes; changes nothing.

    In: an analysis at the moment of its sync, as Workspace.analyse opens it.
    """
    rows = review.table(engine, plan)
    if "status" not in rows.column("field").unique().to_pylist():
        return None
    today, since = _today(engine, analysis)
    matched = review.against_mirror(today, rows)
    kept = matched.filter(matched.fit == DUE).select(*SAID).order_by(*KEYS).to_pyarrow()
    world = simulate.relabelled(today, kept, analysis.pact, seq=simulate.SEQ + 1)
    mapped = {(object, value) for object in ("lead", "contact") for value in analysis.pact.status_map.of(object)}
    pairs = zip(kept.column("object").to_pylist(), kept.column("after").to_pylist(), strict=True)
    return PlanEffect(
        between(today, world, open=plan.skipped.get(UNDECIDED, 0), frozen=plan.skipped.get(CONVERTED, 0)),
        review.fits(today, rows),
        sum(1 for object, value in pairs if value and (object, value) not in mapped),
        since,
    )


def _today(engine: Engine, analysis: Analysis) -> tuple[Analysis, int]:
    """The company as LeadPact has left it since the last sync, and how many records that concerns."""
    last = {(row["object"], row["record_id"]): row["to_value"]
            for row in relabelled.written(engine, analysis.connection, since=analysis.synced_at)}  # fmt: skip
    if not last:
        return analysis, 0
    ours = pa.Table.from_pylist(
        [{"object": object, "record_id": record_id, "after": value} for (object, record_id), value in last.items()],
        schema=_WRITTEN,
    )
    written = ibis.memtable(ours)
    record = analysis.tables.record
    held = record.select(of_object="object", of_id="record_id", person_id="person_id", before="status")
    both = written.inner_join(held, (written.object == held.of_object) & (written.record_id == held.of_id))
    differs = both.filter(both.before.fill_null("") != both.after.fill_null(""))
    kept = differs.select(*SAID).order_by(*KEYS).to_pyarrow()
    world = simulate.relabelled(analysis, kept, analysis.pact)
    return replace(analysis, tables=world.tables), kept.num_rows
