"""Reading and writing Airtable at its own pace, against pyairtable looping by hand on the same server.

    python -m bench.bench_airtable [--leads N] [--changes N] [CASE …]

The loopback base (tests/airtable) runs in a process of its own, in real time, with Airtable's limits: 5 requests in
any second of a base, and 30 s in which everything is refused for whoever exceeds them. Each case is a process:

    unpaced  pyairtable as it comes: what it makes of the limit
    raw      pyairtable with a pause of a fifth of a second after every call, its records thrown away
    read     our connector's pages, thrown away
    sync     our connector into the mirror, published
    two      two of our readings at the same time, in one process
    write    changes of one field by our connector

`limit` is the time the same calls need at least (five at once, and a second before the next five) as a share of the
time they took. The server says how often the limit was met: never, but for `unpaced`.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from datetime import datetime
from pathlib import Path
from typing import Any

import pyairtable
import requests

from connectors.airtable import Airtable
from leadpact.connector import Change
from leadpact.workspace import Workspace
from tests.airtable import Base, RealClock, Server
from tests.airtable.base import Record
from tests.airtable.company import PEOPLE, STATUSES, company
from tests.airtable.fields import new_id, stamp

CASES = ("unpaced", "raw", "read", "sync", "two", "write")
NOW = datetime(2026, 3, 5)


def serve(leads: int) -> None:
    """The base, until the other side hangs up; a line in, what was met so far out."""
    clock = RealClock()
    made = company(clock, leads=0, contacts=0)  # type: ignore[arg-type]
    _fill(made.base, made.leads, leads)
    with Server(made.base, clock=clock) as server:
        fields = {"name": "Name", "email": "Email", "status": "Status", "owner_id": "Owner", "created_at": "Alta"}
        entry = {"source": made.leads.id, "to": "leads"}
        entry["fields"] = {column: made.leads.field(name).id for column, name in fields.items()}  # type: ignore[assignment]
        document = {"version": 1, "tables": [entry]}
        where = {"endpoint_url": server.url, "token": server.token, "base_id": made.base.id}
        print(json.dumps({**where, "table": made.leads.id, "mapping": json.dumps(document)}), flush=True)
        for _ in sys.stdin:
            told = {"met": server.limits.met, "calls": len(server.seen)}
            server.limits.met = 0
            server.seen.clear()
            server.limits._until.clear()
            server.limits._seen.clear()
            print(json.dumps(told), flush=True)


def _fill(base: Base, table: Any, leads: int) -> None:
    base.remember = False
    at = datetime(2026, 1, 15)
    ids = [table.field(name).id for name in ("Name", "Email", "Status", "Owner", "Employees", "Alta")]
    for number in range(leads):
        cells = [
            f"Persona {number}",
            f"p{number}@x.example",
            STATUSES[number % 4],
            PEOPLE[number % 2],
            number,
            stamp(at),
        ]
        record = Record(new_id("rec"), at, dict(zip(ids, cells, strict=True)))
        table.records[record.id] = record


@contextmanager
def served(leads: int) -> Iterator[tuple[dict[str, Any], Any]]:
    """The server's address, and how to hear what it met since it was last asked."""
    command = [sys.executable, "-m", "bench.bench_airtable", "--serve", "--leads", str(leads)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        where = json.loads(process.stdout.readline())

        def ask() -> dict[str, int]:
            assert process.stdin and process.stdout
            process.stdin.write("\n")
            process.stdin.flush()
            told: dict[str, int] = json.loads(process.stdout.readline())
            return told

        yield where, ask
        process.stdin.close()


# the cases, each in its own process


def connector(where: dict[str, Any]) -> Airtable:
    settings = {name: where[name] for name in ("endpoint_url", "token", "base_id")} | {"writable": True}
    return Airtable(settings, mapping=where["mapping"])


def by_hand(where: dict[str, Any], pause: float) -> int:
    """Records read before it ended, one way or another."""
    api = pyairtable.Api(where["token"], endpoint_url=where["endpoint_url"])
    rows = 0
    try:
        for page in api.table(where["base_id"], where["table"]).iterate(page_size=100):
            rows += len(page)
            time.sleep(pause)
    except requests.RequestException as error:
        print(f"{type(error).__name__}: the limit was met and not waited out", file=sys.stderr)
    return rows


def read(where: dict[str, Any]) -> int:
    return sum(page.rows.num_rows for page in connector(where).extract().pages if page.table == "record")


def two(where: dict[str, Any]) -> int:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(read(where))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(found)


def write(where: dict[str, Any], changes: int) -> int:
    made = connector(where)
    rows = next(page.rows for page in made.extract().pages if page.table == "record")
    where["began"] = time.monotonic()
    ids = rows["record_id"].to_pylist()[:changes]
    wanted = [Change("lead", one, "status", None, STATUSES[number % 4]) for number, one in enumerate(ids)]
    return sum(outcome.kind == "written" for outcome in made.write(wanted))


def run(case: str, where: dict[str, Any], changes: int) -> dict[str, Any]:
    """Rows, seconds and peak memory of one case."""
    before = _peak()
    where["began"] = time.monotonic()
    if case in ("unpaced", "raw"):
        rows = by_hand(where, 0.2 if case == "raw" else 0.0)
    elif case == "sync":
        with tempfile.TemporaryDirectory() as home:
            rows = Workspace(Path(home)).sync(connector(where), "bench", now=NOW).counts["record"]
    else:
        rows = {"read": read, "two": two}[case](where) if case != "write" else write(where, changes)
    return {"rows": rows, "seconds": time.monotonic() - where["began"], "peak": _peak(), "before": before}


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", default=[])
    parser.add_argument("--leads", type=int, default=4_000)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--at", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.leads)
        return
    if given.at:
        with redirect_stderr(sys.stderr):
            print(json.dumps(run(given.cases[0], json.loads(given.at), given.changes)))
        return
    print("case      records   seconds  records/s  requests  limit  429s  peak memory")
    with served(given.leads) as (where, ask):
        for case in given.cases or CASES:
            ask()
            command = [sys.executable, "-m", "bench.bench_airtable", case, "--at", json.dumps(where)]
            command += ["--changes", str(given.changes)]
            done = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
            met = ask()
            calls = met["calls"] if case != "write" else 1 + -(-done["rows"] // 10)  # the schema, then ten each
            least = max(-(-calls // 5) - 1, 0)
            print(
                f"{case:8} {done['rows']:>8,} {done['seconds']:>9.2f} {done['rows'] / done['seconds']:>10,.0f} "
                f"{met['calls']:>9} {least / done['seconds']:>6.0%} {met['met']:>5} {done['peak']:>6} MB "
                f"({done['before']} before)"
            )


if __name__ == "__main__":
    main()
