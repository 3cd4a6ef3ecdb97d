"""The audit of a large company, rule by rule: processor and wall seconds, and the peak memory.

    .venv/bin/python -m bench.bench_audit HOME [CONNECTION] [--again N] [--least SECONDS]

HOME is one that `bench_house --keep` or `sync` has filled. What several rules ask is measured
first, by itself; a rule's own seconds are what is left. The whole runs once before, so that
files are read and code is loaded ("first"), then N times ("again", the best counts).
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leadpact import audit
from leadpact.audit import record_types
from leadpact.audit.behaviour import behaviours
from leadpact.audit.facts import Facts
from leadpact.audit.registry import every
from leadpact.audit.runner import _has
from leadpact.workspace import Analysis, Workspace

SHARED: dict[str, Callable[[Facts], Any]] = {
    "records held": lambda facts: facts.held,
    "moves": lambda facts: facts.entered,
    "activities seen": lambda facts: facts.seen,
    "behaviour": lambda facts: behaviours(facts).worked,
}


def clocked(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Processor seconds, wall seconds, and what the work gave."""
    wall, cpu = time.monotonic(), time.process_time()
    result = work()
    return time.process_time() - cpu, time.monotonic() - wall, result


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def by_rule(analysis: Analysis, least: float) -> None:
    """Each shared part and each rule once, in the order they would run."""
    facts = Facts.of(analysis)
    total = 0.0
    for name, ask in SHARED.items():
        cpu, wall, _ = clocked(lambda ask=ask: ask(facts))  # type: ignore[misc]
        total += cpu
        print(f"{name:20} {cpu:6.2f} s processor {wall:6.2f} s wall")
    quick = 0.0
    for rule in every():
        if all(_has(facts, need) for need in rule.needs):
            settings = rule.settings({})
            cpu, wall, found = clocked(
                lambda rule=rule, settings=settings: record_types.check(  # type: ignore[misc]
                    rule, facts, analysis.pact, analysis.as_of, settings
                )
            )
            total += cpu
            if cpu >= least:
                print(f"{rule.code:20} {cpu:6.2f} s processor {wall:6.2f} s wall {len(found):5} findings")
            else:
                quick += cpu
    print(f"{'the other rules':20} {quick:6.2f} s processor")
    print(f"{'together':20} {total:6.2f} s processor")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("home", type=Path)
    options.add_argument("connection", nargs="?")
    options.add_argument("--again", type=int, default=2)
    options.add_argument("--least", type=float, default=0.05, help="seconds below which a rule is not listed")
    given = options.parse_args()
    workspace = Workspace(given.home)
    analysis = workspace.analyse(given.connection or workspace.synced()[0])
    first = clocked(lambda: audit.run(analysis))
    again = [clocked(lambda: audit.run(analysis))[:2] for _ in range(given.again)]
    print(f"{'audit, first':20} {first[0]:6.2f} s processor {first[1]:6.2f} s wall {len(first[2].findings):5} findings")
    if again:
        cpu, wall = (min(one[at] for one in again) for at in (0, 1))
        print(f"{'audit, again':20} {cpu:6.2f} s processor {wall:6.2f} s wall")
    print(f"{'peak memory':20} {peak_mb():6} MB")
    by_rule(analysis, given.least)


if __name__ == "__main__":
    main()
