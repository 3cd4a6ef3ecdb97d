"""Reading Salesforce by Bulk API 2.0 against simple-salesforce's own download of the same results.

    python -m bench.bench_salesforce [--leads N] [--rate MB …] [--cases CASE …]

The loopback org (tests/salesforce) runs in a process of its own: N leads with five rows of history
each. Its results are written once, before anything is measured, and served from files. Cases, each
in a process of its own, at every line rate asked for (megabytes of CSV a second; 0 is no limit):

    raw    simple-salesforce's bulk2 loop by hand: the pages of the same queries as text, thrown away
    read   our connector's pages, thrown away
    mirror our connector into a generation, published
    sync   the same with spells and journeys worked out, as the command line does it

The bar is 90 % of raw, and less than 1 GB for 200,000 leads. How far a machine can go beyond the
rate of a real line is what the last rate shows: there raw is nothing but copying.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from simple_salesforce import Salesforce

import connectors
from leadpact.settings import Connection
from leadpact.sync import sync as sync_only
from leadpact.workspace import Workspace

CASES = ("raw", "read", "mirror", "sync")
AS_OF = datetime(2026, 3, 4, 12)


@contextmanager
def served(leads: int) -> Iterator[tuple[dict[str, Any], Any]]:
    """The server's address, and how to set its rate and hear of its jobs."""
    command = [sys.executable, "-m", "tests.salesforce.large", str(leads)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        where = json.loads(process.stdout.readline())

        def tell(megabytes: float) -> dict[str, Any]:
            assert process.stdin and process.stdout
            process.stdin.write(f"{megabytes}\n")
            process.stdin.flush()
            told: dict[str, Any] = json.loads(process.stdout.readline())
            return told

        yield where, tell
        process.stdin.close()


# -- the cases, each in its own process -------------------------------------------------------------


def raw(settings: dict[str, Any], jobs: list[tuple[str, str, int]]) -> int:
    """The library's own loop over the pages of the same queries, as its documentation has it."""
    handler: Any = Salesforce(**settings, version="63.0").bulk2.Lead
    size = 0
    for operation, soql, _ in jobs:
        ask = handler.query_all if operation == "queryAll" else handler.query
        for page in ask(soql, max_records=50_000, wait=0.001):
            size += len(page)
    return size


def read(settings: dict[str, Any], folder: Path) -> int:
    return sum(page.rows.num_rows for page in _connector(settings, folder).extract().pages)


def mirror(settings: dict[str, Any], folder: Path) -> int:
    home = Workspace(folder)
    result = sync_only(_connector(settings, folder), home.mirror("bench"), home.database, now=AS_OF)
    return sum(result.counts.values())


def sync(settings: dict[str, Any], folder: Path) -> int:
    result = Workspace(folder).sync(_connector(settings, folder), "bench", now=AS_OF)
    return sum(result.counts.values())


def _connector(settings: dict[str, Any], folder: Path) -> Any:
    given = {**settings, "quota_share": 1.0}
    return connectors.connect(Connection("bench", "salesforce", given), state=folder / "state")


def run(case: str, document: str) -> None:
    """One case, in this process: rows or characters, seconds, peak memory, as JSON."""
    told = json.loads(document)
    with tempfile.TemporaryDirectory() as folder:
        began, busy = time.perf_counter(), time.process_time()
        if case == "raw":
            count = raw(told["settings"], told["jobs"])
        else:
            count = {"read": read, "mirror": mirror, "sync": sync}[case](told["settings"], Path(folder))
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"count": count, "seconds": seconds, "busy": busy, "peak": peak}))


def measured(case: str, where: dict[str, Any], jobs: Any) -> dict[str, Any]:
    document = json.dumps({"settings": where["settings"], "jobs": jobs})
    command = [sys.executable, "-m", "bench.bench_salesforce", "--case", case, "--document", document]
    environment = {**os.environ, "REQUESTS_CA_BUNDLE": where["bundle"]}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leads", type=int, default=200_000)
    parser.add_argument("--rate", type=float, nargs="*", default=[5, 20, 0])
    parser.add_argument("--cases", nargs="*", default=CASES[1:], choices=CASES[1:])
    for hidden in ("--case", "--document"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        run(given.case, given.document)
        return
    with served(given.leads) as (where, tell):
        tell(0)
        measured("read", where, None)  # the server writes its results
        jobs = tell(0)["jobs"]
        rows = sum(one[2] for one in jobs)
        print(f"{given.leads:,} leads, {len(jobs)} Bulk jobs of {rows:,} rows")
        for rate in given.rate:
            tell(rate)
            base = None
            for case in ("raw", *given.cases):
                found = measured(case, where, jobs)
                calls = tell(rate)["calls"]
                base = base or found["seconds"]
                size = f"{found['count'] / 1e6:.0f} MB of CSV" if case == "raw" else f"{found['count']:,} rows"
                print(
                    f"{rate or '∞':>5} MB/s  {case:6} {found['seconds']:6.1f} s ({found['busy']:5.1f} of processor)  "
                    f"{rows / found['seconds']:>9,.0f} rows/s  {base / found['seconds']:5.0%} of raw  "
                    f"{calls:>4} calls  peak {found['peak']:5.0f} MB  {size}"
                )


if __name__ == "__main__":
    main()
