"""The whole way of a large company: files → mirror → journeys → dashboards, measured once.

    .venv/bin/python -m bench.bench_house [--leads 1000000] [--keep DIR]

Prints seconds, rows per second and peak memory of `sync`, then the first and the warm time of
each dashboard's data, and the funnel's ratio to the same counts by plain pandas and by SQL
written by hand, all in this one run.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from connectors import connect
from connectors.demo import write_company
from leadpact import audit
from leadpact.metrics import funnel, quarrel, sla
from leadpact.settings import Connection
from leadpact.workspace import Workspace

UNTIL = datetime(2026, 11, 1)


def clocked(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result


def peak_mb(who: int = resource.RUSAGE_SELF) -> int:
    return resource.getrusage(who).ru_maxrss // 1024


def sync(folder: Path, home: Path) -> None:
    """Runs in a process of its own, so that its peak memory is its own."""

    connector = connect(Connection("big", "files", {"path": str(folder)}), state=home / "state")
    done = Workspace(home).sync(connector, "big", now=UNTIL, full=True)
    rows = sum(done.counts.values())
    print(f"sync             {done.seconds:8.1f} s  {rows:>12,} rows  {rows / done.seconds:>10,.0f} rows/s")
    print(f"sync peak memory {peak_mb():8,} MB")


def dashboards(home: Path) -> None:

    seconds, found = clocked(lambda: Workspace(home).analyse("big"))
    print(f"open             {seconds:8.2f} s")
    tables, pact, as_of = found.tables, found.pact, found.as_of
    scopes = {"": {}, " by source": {"by": "source"}, " by month": {"by": "month"}, " strict": {"mode": "strict"}}
    work: dict[str, Callable[[], Any]] = {
        f"funnel{name}": lambda more=more: funnel.conversion(tables, pact, as_of, funnel.Scope(window_days=90, **more))
        for name, more in scopes.items()
    }
    work["funnel from mql"] = lambda: funnel.conversion(tables, pact, as_of, funnel.Scope(window_days=90, anchor="mql"))
    work["sla"] = lambda: sla.compliance(tables, pact, as_of)
    work["sla by owner"] = lambda: sla.compliance(tables, pact, as_of, by="owner")
    work["waiting"] = lambda: sla.waiting(tables, pact, as_of).limit(50).execute()
    work["both complaints"] = lambda: quarrel.quarrel(tables, pact, as_of)
    work["audit"] = lambda: audit.run(found)
    for name, ask in work.items():
        first, _ = clocked(ask)
        again = min(clocked(ask)[0] for _ in range(3))
        print(f"{name:16} {first:8.2f} s first {again:8.2f} s again")
    print(f"reading peak     {peak_mb():8,} MB")
    compare(found)


def compare(found: Any) -> None:
    """The 90-day funnel by source: ours, SQL by hand on the same tables, plain pandas."""

    keys = [stage.key for stage in found.pact.funnel]
    scope = funnel.Scope(window_days=90, by="source")
    ours = min(clocked(lambda: funnel.conversion(found.tables, found.pact, found.as_of, scope))[0] for _ in range(3))
    home = next(Path(p) for p in sys.argv[2:] if Path(p).is_dir())
    mirror = Workspace(home).mirror("big")
    derived = mirror.derived_path(found.generation, found.pact.journey_hash)
    with mirror.open(found.generation, derived) as connection:
        reach = ", ".join(
            f"sum((least({', '.join('visited_' + k for k in keys[n:])}) <= entered_at + INTERVAL 90 DAY)::INT)"
            for n in range(len(keys))
        )
        query = (
            f"SELECT source, count(*), {reach} FROM derived.journey WHERE NOT imputed"
            " AND end_kind IS DISTINCT FROM 'invalid' GROUP BY source"
        )
        by_hand = min(clocked(lambda: connection.execute(query).fetchall())[0] for _ in range(3))
        frame = connection.execute("SELECT * FROM derived.journey").df()

    def pandas() -> Any:
        own = frame[~frame["imputed"] & (frame["end_kind"] != "invalid")]
        limit = own["entered_at"] + pd.Timedelta(days=90)
        flags = {key: (own[[f"visited_{k}" for k in keys[n:]]].min(axis=1) <= limit) for n, key in enumerate(keys)}
        return own.assign(**flags).groupby("source", dropna=False)[keys].sum()

    by_pandas, _ = clocked(pandas)
    print(f"funnel by source: ours {ours:.2f} s, SQL by hand {by_hand:.2f} s, pandas in memory {by_pandas:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        base = args.keep or Path(scratch)
        folder, home = base / "files", base / "home"
        if not folder.exists():
            seconds, counts = clocked(lambda: write_company(folder, args.leads, 7, until=UNTIL, format="parquet"))
            print(f"demo             {seconds:8.1f} s  {sum(counts.values()):>12,} rows")
        for part in ("sync", "dashboards"):
            command = [sys.executable, "-m", "bench.bench_house", part, str(home), str(folder)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["sync"]:
        sync(Path(sys.argv[3]), Path(sys.argv[2]))
    elif sys.argv[1:2] == ["dashboards"]:
        dashboards(Path(sys.argv[2]))
    else:
        main()
