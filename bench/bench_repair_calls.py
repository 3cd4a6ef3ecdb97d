"""The calls a repair makes on Salesforce and on Airtable, beside the least that could do it.

    python -m bench.bench_repair_calls [--rows 2010]       (or: python -m bench.bench_repair --crm airtable)

The loopback servers count what arrives. The least is: every record read once just before it is written, and written
once, in the calls the API takes (Salesforce 200 records, Airtable 100 read and 10 written). Beside it each run makes a
few calls whatever its size: fields, schema, and the pilot, which reads all fields of its ten records before and after.
Airtable's seconds are by its own clock, five calls a second; nobody waits for them here.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from math import ceil
from pathlib import Path
from typing import Any

from leadpact.writeback import plans
from leadpact.writeback.plan import Draft, Plan, Row, Tally
from tests.repair_world_airtable import airtable
from tests.repair_world_salesforce import salesforce
from tests.repair_worlds import World

PILOT = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_010)
    rows = parser.parse_args().rows
    of_salesforce(rows)
    of_airtable(rows)


def of_salesforce(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name, salesforce(Path(name), rows) as world:
        plan = _planned(world)
        world.server.requests.clear()
        _applied(world, plan)
        met = Counter(f"{one.method} {one.path.partition('/services/data/v')[2][5:]}" for one in world.server.requests)
        batches = 1 + ceil((rows - PILOT) / 200)
        _say("Salesforce", rows, met, 2 * batches)


def of_airtable(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name, airtable(Path(name), rows, webhooks=False) as world:
        plan = _planned(world)
        server, clock = world.trial.server, world.trial.clock
        server.seen.clear()
        began = clock.monotonic()
        _applied(world, plan)
        met: Counter[str] = Counter()
        for method, path, _ in server.seen:
            met[f"{method} {'schema' if '/meta/' in path else 'records'}"] += 1
        batches = 1 + ceil((rows - PILOT) / 100)
        _say("Airtable", rows, met, batches + 1 + ceil((rows - PILOT) / 10))
        seconds = clock.monotonic() - began
        most = rows / ((batches + 1 + ceil((rows - PILOT) / 10)) / 5)
        print(f"  {rows / seconds:.1f} records a second; at five calls a second no more than {most:.1f}")
        print(f"  the limit was met {server.limits.met} times")


def _planned(world: World) -> Plan:
    old, new, _ = world.values
    draft = Draft(world.name, "status", "bench", world.now(), recipe={"source": "set", "type": world.name})
    rows = [Row("lead", one, "status", old, new) for one in world.ids()]
    with world.process() as target:
        return plans.make(target.engine, draft, rows, Tally(whole=len(rows)))


def _applied(world: World, plan: Plan) -> None:
    done: Any = world.run(plan)
    assert done.state == "done" and done.written == plan.changes, done


def _say(name: str, rows: int, met: Counter[str], least: int) -> None:
    calls = sum(met.values())
    print(f"{name}: {rows:,} records in {calls:,} calls; the least is {least:,} ({calls - least} more)")
    for kind, count in met.most_common():
        print(f"  {count:>6,}  {kind}")


if __name__ == "__main__":
    main()
