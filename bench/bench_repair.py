"""Repairs on the demo CRM: planning, reviewing and applying so many rows, beside what each cannot do without.

    python -m bench.bench_repair --rows 55000
    python -m bench.bench_repair --crm salesforce --rows 2010      (or airtable: calls, see bench_repair_calls.py)

Ratios of one run, on one machine: planning to keeping the same rows, which it ends with; the review to
reading the plan; the effect to one computation of the same figures from scratch (derive and metrics,
once: the effect needs both sides); applying to the CRM's own reading and writing of the same records.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from bench import bench_repair_calls
from connectors.demo import Demo
from leadpact.audit.facts import Facts
from leadpact.derive import build
from leadpact.metrics import funnel, sla, velocity
from leadpact.metrics.funnel import Scope
from leadpact.settings import Connection
from leadpact.workspace import Workspace
from leadpact.writeback import plans, repair, review, review_effect
from leadpact.writeback.applying import apply
from leadpact.writeback.plan import Limits, Tally
from leadpact.writeback.target import Target, Watch

NOW = datetime(2026, 3, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=55_000)
    parser.add_argument("--crm", choices=("demo", "salesforce", "airtable"), default="demo")
    asked = parser.parse_args()
    rows = asked.rows
    if asked.crm != "demo":
        {"salesforce": bench_repair_calls.of_salesforce, "airtable": bench_repair_calls.of_airtable}[asked.crm](rows)
        return
    with tempfile.TemporaryDirectory() as name:
        _measured(Path(name), rows)


def _measured(home: Path, wanted: int) -> None:
    options = {"leads": int(wanted * 1.3), "until": "2026-03-01", "writable": True}
    connector = Demo(options, state=home / "demo" / "state", now=lambda: NOW)
    space = Workspace(home)
    space.sync(connector, "demo", now=NOW)
    target = Target.of(space, Connection("demo", "demo", options), connector)
    analysis = space.analyse("demo")
    held = [(one.object, one.value) for one in Facts.of(analysis).held]
    pairs = [(value, "Working") for object, value in held if object == "lead" and value not in (None, "Working")]
    values, source = repair.of_pairs(Facts.of(analysis), "lead", [(str(old), new) for old, new in pairs])

    planned, plan = _timed(lambda: repair.plan(target, analysis, values, source, author="bench", now=NOW))
    rows = [row for _, row in plans.rows(space.database, plan)]
    kept, _ = _timed(lambda: plans.make(space.database, plan.draft, rows, Tally(whole=plan.whole)))
    read, _ = _timed(lambda: review.table(space.database, plan))
    looked, _ = _timed(lambda: review.review(space.database, analysis, plan))
    effect, found = _timed(lambda: review_effect.effect(space.database, analysis, plan))
    scratch, _ = _timed(lambda: _from_scratch(space, analysis, home))
    assert found is not None
    applied, done = _timed(lambda: apply(target, plan.id, expected_hash=plan.hash, actor="bench", door="cli", now=NOW,
                                         limits=Limits(1.0, 10_000_000), watch=Watch()))  # fmt: skip
    raw, _ = _timed(lambda: _raw(connector, rows))
    print(f"{plan.changes:,} rows planned of {plan.whole:,} records; {done.written:,} written, state {done.state}")
    _line("planning", planned, kept, "keeping the rows")
    _line("review", looked, read, "reading the plan")
    _line("effect", effect, scratch, "one computation from scratch")
    _line("applying", applied, raw, "the CRM's own reading and writing")
    print(f"applying: {done.written / applied:,.0f} records a second")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def _from_scratch(space: Workspace, analysis: Any, home: Path) -> None:
    mirror = space.mirror("demo")
    build(mirror.path(analysis.generation), home / "scratch.duckdb", analysis.pact)
    funnel.conversion(analysis.tables, analysis.pact, analysis.as_of, Scope(window_days=90))
    velocity.velocity(analysis.tables, analysis.pact, analysis.as_of)
    sla.compliance(analysis.tables, analysis.pact, analysis.as_of)


def _raw(connector: Demo, rows: list[Any]) -> None:
    """What applying cannot do without: each record read once and written once, in the same batches."""
    size = max(connector.can.batch_size, 100)
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        connector.read("lead", [row.record_id for row in some], ["status"])
        list(connector.write([row.swapped.change for row in some]))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def _line(name: str, took: float, base: float, what: str) -> None:
    print(f"{name:<10}{took:8.2f} s   {took / base:6.2f} times {what} ({base:.2f} s)")


if __name__ == "__main__":
    main()
