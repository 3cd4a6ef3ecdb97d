"""The same data under two pacts, side by side: funnel and SLA totals, each with the pact it is by.

And who governs what: how many records each of several pacts has, and how many none has.

Not here: the metrics (leadpact/metrics), which pact computes (workspace.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis

from config.schema import Pact
from leadpact.metrics import funnel as funnels
from leadpact.metrics import sla as clocks
from leadpact.metrics.funnel_scope import Scope
from leadpact.metrics.timeline import governed
from leadpact.tables import Tables
from leadpact.workspace import Analysis, PactInUse, Workspace


@dataclass(frozen=True)
class Side:
    """The totals under one pact: funnel steps over all journeys, and every SLA of that pact."""

    used: PactInUse
    as_of: datetime
    funnel: funnels.Funnel
    policies: tuple[clocks.PolicyResult, ...]

    def as_json(self) -> dict[str, Any]:
        steps = ("stage", "entered", "converted", "lost", "pending", "rate_of_first", "rate_of_previous")
        policies = ("policy", *clocks.STATES, "compliance", "median_hours", "p90_hours")
        return {
            "pact": self.used.as_json(),
            "as_of": self.as_of.isoformat() + "Z",
            "steps": [{name: getattr(one, name) for name in steps} for one in self.funnel.steps],
            "policies": [{name: getattr(one, name) for name in policies} for one in self.policies],
        }


@dataclass(frozen=True)
class Share:
    """How many records are in each pact's scope, in the order asked; `none` are in no scope, `more` in several."""

    of: tuple[int, ...]
    none: int
    more: int
    whole: int


def under(workspace: Workspace, connection: str, used: PactInUse, *, as_of: datetime | None = None) -> Side:
    """The totals under one pact. Raises NoMirror before the first sync."""
    found = workspace.analyse(connection, pact=used, as_of=as_of)
    return totals(found)


def totals(found: Analysis) -> Side:
    """The totals of an analysis that is open already."""
    funnel = funnels.conversion(found.tables, found.pact, found.as_of, Scope())
    policies = clocks.compliance(found.tables, found.pact, found.as_of) if found.pact.sla else ()
    return Side(found.used, found.as_of, funnel, policies)


def shares(tables: Tables, pacts: Sequence[Pact]) -> Share:
    """How many live records (not deleted, not merged away) are in the scope of each pact, of none, of several.

    A scope on a field the records do not have holds none of them.
    """
    record = tables.record
    record = record.filter(record.condition != "deleted", record.merged_into.isnull())
    keys = ["object", "record_id"]
    counts, marked = [], record.select(*keys, held=ibis.literal(0))
    for pact in pacts:
        if any(field not in record.columns for field in pact.scope):
            counts.append(0)
            continue
        mine = governed(record, pact).select(*keys, mine=ibis.literal(1))
        counts.append(int(mine.count().execute()))
        joined = marked.left_join(mine, keys)
        marked = joined.select(*(marked[key] for key in keys), held=marked.held + joined.mine.fill_null(0))
    whole, none, more = (
        marked.aggregate(
            whole=marked.count(), none=(marked.held == 0).sum().fill_null(0), more=(marked.held > 1).sum().fill_null(0)
        )
        .to_pyarrow()
        .to_pylist()[0]
        .values()
    )
    return Share(tuple(counts), int(none), int(more), int(whole))
