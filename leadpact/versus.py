"""The same data under two pacts, side by side: funnel, SLA, days in each stage and lights, each with the pact it is by.

And who governs what: how many records each of several pacts has, and how many none has.

Not here: the metrics (leadpact/metrics), which pact computes (workspace.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ibis

from config.schema import Pact
from leadpact.metrics import funnel as funnels
from leadpact.metrics import sla as clocks
from leadpact.metrics.funnel_scope import Scope
from leadpact.metrics.timeline import governed
from leadpact.metrics.velocity import StageVelocity, velocity
from leadpact.pact_in_use import PactInUse
from leadpact.scoring import score
from leadpact.scoring.score import LIGHTS
from leadpact.scoring.versus import waiting
from leadpact.tables import Tables
from leadpact.workspace import Analysis, Workspace

EVERYTHING = Scope()


@dataclass(frozen=True)
class Side:
    """The totals under one pact: funnel steps, days in each stage, every SLA of that pact, and the lights.

    `lights` are the records Sales does not have yet by light (null: without a score); empty where the
    pact has no threshold.
    """

    used: PactInUse
    as_of: datetime
    funnel: funnels.Funnel
    stages: tuple[StageVelocity, ...]
    policies: tuple[clocks.PolicyResult, ...]
    lights: Mapping[str | None, int]

    def as_json(self) -> dict[str, Any]:
        steps = ("stage", "entered", "converted", "lost", "pending", "rate_of_first", "rate_of_previous")
        stages = ("stage", "n", "n_open", "median_days")
        policies = ("policy", *clocks.STATES, "compliance", "median_hours", "p90_hours")
        return {
            "pact": self.used.as_json(),
            "as_of": self.as_of.isoformat() + "Z",
            "steps": [{name: getattr(one, name) for name in steps} for one in self.funnel.steps],
            "stages": [{name: getattr(one, name) for name in stages} for one in self.stages],
            "policies": [{name: getattr(one, name) for name in policies} for one in self.policies],
            "lights": {name or "none": self.lights.get(name, 0) for name in (*LIGHTS, None)} if self.lights else {},
        }


@dataclass(frozen=True)
class Share:
    """How many records are in each pact's scope, in the order asked; `none` are in no scope, `more` in several."""

    of: tuple[int, ...]
    none: int
    more: int
    whole: int


def under(
    workspace: Workspace,
    connection: str,
    used: PactInUse,
    *,
    as_of: datetime | None = None,
    where: Mapping[str, str] | None = None,
    scope: Scope = EVERYTHING,
) -> Side:
    """The totals under one pact. Raises NoMirror before the first sync, Misconfigured as Scope.checked says."""
    return totals(workspace.analyse(connection, pact=used, as_of=as_of, where=where), scope)


def totals(found: Analysis, scope: Scope = EVERYTHING) -> Side:
    """The totals of an analysis that is open already, of the cohort `scope` asks for and never split.

    The days of the scope are those of entry: of the journey, into the stage, of the clock's start.
    """
    tables, pact, as_of = found.tables, found.pact, found.as_of
    scope = replace(scope, by=None)
    funnel = funnels.conversion(tables, pact, as_of, scope)
    stages = velocity(tables, pact, as_of, start=scope.start, end=scope.end).stages
    clocked = found.between(scope.start, scope.end).tables
    policies = clocks.compliance(clocked, pact, as_of) if pact.sla else ()
    return Side(found.used, as_of, funnel, stages, policies, _lights(found))


def together(scope: Scope, pacts: Sequence[Pact]) -> Scope:
    """The scope as it can be asked of all of them: measured from its stage only where each has it."""
    known = all(scope.anchor in {stage.key for stage in pact.funnel} for pact in pacts)
    return scope if known else replace(scope, anchor=None)


def _lights(found: Analysis) -> dict[str | None, int]:
    """How many records that Sales does not have yet show which light at the moment of the analysis."""
    if found.pact.sales_ready.threshold is None:
        return {}
    tables = waiting(found.tables)
    tables = replace(tables, record=governed(tables.record, found.pact))
    lit = score.scores(tables, found.pact, found.as_of)
    rows = lit.group_by("light").aggregate(n=lit.count()).to_pyarrow().to_pylist()
    return {row["light"]: int(row["n"]) for row in rows}


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
