"""Twenty people at once on the demo company of 100,000 leads, filters moving, syncs publishing.

    .venv/bin/python -m bench.bench_sessions [--home DIR] [--sessions 20] [--seconds 120] [--think 6] [--json]

Starts the app as it is served and speaks Streamlit's own protocol to it, session by session (tabs.py);
`--chromium 1` adds a real browser. First each page alone, cold and warm, with the CPU the server spent on
it; then everybody together while syncs, delta and full, publish one generation after the other (the first
`--settle` seconds, when all is cold, are told apart); then what was seen at a past moment is asked for
again alone and compared word for word. A run is timed from the request to the end of its script.
`--home` is made where it is not there, and never changed.

Exit code 1 where a page showed an error, or something of another session.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench import identity, mixing, served, session_home
from bench.served import Server
from bench.tabs import LONGEST, Tab
from bench.visitors import Visitor

ALONE: tuple[tuple[str, dict[str, str]], ...] = (
    ("today", {}), ("funnel", {"window": "90"}), ("funnel", {"window": "90", "by": "source"}),
    ("funnel", {"view": "flow"}), ("velocity", {}), ("sla", {}), ("findings", {}), ("definition", {}),
    ("scoring", {}), ("meeting", {}), ("connection", {}), ("fixes", {}), ("person", {}),
)  # fmt: skip
WARM = 5
MOST_REPEATED = 40
GAP_SECONDS = 10.0  # between two syncs


def _tab(server: Server, number: int) -> Tab:
    headers, protocols = identity.signed_in(server.address, identity.address_of(number))
    return Tab(server.address, headers=headers, protocols=protocols)


async def alone(server: Server) -> list[dict[str, Any]]:
    """Every page by itself: the first time in seconds, then warm, and the CPU of the server for one run."""
    found = []
    async with _tab(server, 3) as tab:
        for page, query in ALONE:
            asked = {"lang": "en", "pact": "main", **query}
            first = await tab.open(page, **asked)
            await tab.open(page, **asked)
            cpu, warm = server.cpu(), []
            for _ in range(WARM):
                warm.append((await tab.open(page, **asked)).finished or 0.0)
            found.append({"page": page, "query": query, "first": first.finished, "warm": statistics.median(warm),
                          "cpu": (server.cpu() - cpu) / WARM, "errors": first.errors})  # fmt: skip
    return found


async def together(server: Server, options: argparse.Namespace) -> tuple[list[Visitor], dict[str, Any]]:
    """All visitors for so many seconds, with syncs beside them; what the machine did meanwhile."""
    settled = time.monotonic() + options.settle
    end = settled + options.seconds
    visitors = [Visitor(number, server.address, options.think, options.seed) for number in range(options.sessions)]
    cpu, began = server.cpu(), time.monotonic()
    watch = asyncio.create_task(server.watched())
    syncs = asyncio.create_task(syncing(server.home, end))
    headers, _ = identity.signed_in(server.address, identity.address_of(options.sessions))
    cookies = dict(pair.split("=", 1) for pair in headers["Cookie"].split("; "))
    real = asyncio.create_task(served.chromium(server.address, end, options.chromium, cookies))
    await asyncio.gather(*(one.stay(lambda: time.monotonic() > end) for one in visitors))
    facts = {
        "settled": settled,
        "syncs": await syncs,
        "chromium": await real,
        "cpu_cores": (server.cpu() - cpu) / (time.monotonic() - began),
    }
    watch.cancel()
    return visitors, facts


async def syncing(home: Path, end: float) -> list[dict[str, Any]]:
    """Delta, delta, full, and again: each a process, as the schedule runs them."""
    done: list[dict[str, Any]] = []
    while time.monotonic() < end - GAP_SECONDS:
        await asyncio.sleep(GAP_SECONDS)
        full, began = len(done) % 3 == 2, time.monotonic()
        running = session_home.syncing(home, full=full)
        code = await asyncio.to_thread(running.wait)
        done.append({"mode": "full" if full else "delta", "seconds": time.monotonic() - began, "code": code})
    return done


async def repeated(server: Server, visitors: Iterable[Visitor]) -> tuple[int, list[str]]:
    """What was seen at a past moment under load, asked for alone: how many views, and what differs."""
    kept = {address: (one, run) for one in visitors for address, run in one.kept.items()}
    found = []
    some = list(kept.values())[:MOST_REPEATED]
    for visitor, run in some:
        async with _tab(server, visitor.number) as tab:
            again = await tab.open(run.page, **mixing.parse(run.query))
        differ = mixing.differences(run.texts, again.texts)
        found += [f"visitor {visitor.number}: {run.page}?{run.query}: {one}" for one in differ[:5]]
    return len(some), found


def summed(seconds: list[float]) -> dict[str, float]:
    """Quantiles of run times, in seconds; `under` is the share under one second."""
    ordered = sorted(seconds)
    at = {f"p{share}": ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))] for share in (50, 95, 99)}
    return {"n": len(ordered), **at, "max": ordered[-1], "under": sum(one < 1 for one in ordered) / len(ordered)}


def measured(visitors: list[Visitor], settled: float) -> dict[str, Any]:
    """Run times of everybody, by page and by what was done; those before `settled` apart."""
    runs = [(what, run) for one in visitors for what, run in one.runs]
    groups: dict[str, list[float]] = defaultdict(list)
    for what, run in runs:
        names = ("all", f"page {run.page}", f"did {what}") if run.began >= settled else ("settling",)
        for name in names:
            groups[name].append(run.finished if run.finished is not None else LONGEST)
    return {name: summed(seconds) for name, seconds in sorted(groups.items())}


async def main_async(options: argparse.Namespace, work: Path) -> dict[str, Any]:
    home = session_home.copied(session_home.prepared(options.home or work / "prepared", options.leads), work / "home")
    identity.admit(home, options.sessions + 1, session_home.NOW)
    with served.started(work, home, identity.settings) as server:
        single = await alone(server)
        before = server.rss()
        visitors, facts = await together(server, options)
        loaded = server.rss()
        views, differ = await repeated(server, visitors)
        errors = [f"{run.page}?{run.query}: {text}" for one in visitors for _, run in one.runs for text in run.errors]
        mixed = [text for one in visitors for text in one.mixed]
        memory = {"before": before, "after": loaded, "peak": server.peak, "over_time": server.memory}
        return {
            "command": " ".join(["python -m bench.bench_sessions", *sys.argv[1:]]),
            "machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0]},
            "alone": single,
            "together": measured(visitors, facts.pop("settled")),
            **facts,
            "memory_mb": memory,
            "views_repeated": views,
            "errors": errors,
            "mixed": mixed,
            "differences": differ,
            "log": server.said(),
        }


def show(found: dict[str, Any]) -> None:
    print(f"{found['machine']['cores']} cores, load {found['machine']['load']:.1f} at the end")
    print(f"\n{'alone':34}{'first':>8}{'warm':>8}{'CPU':>8}   seconds")
    for one in found["alone"]:
        name = f"{one['page']} {' '.join('='.join(pair) for pair in one['query'].items())}"
        print(f"{name:34}{one['first'] or LONGEST:8.2f}{one['warm']:8.3f}{one['cpu']:8.3f}")
    print(f"\n{'together':34}{'n':>6}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}  under 1 s")
    for name, one in found["together"].items():
        print(
            f"{name:34}{one['n']:6}{one['p50']:8.2f}{one['p95']:8.2f}{one['p99']:8.2f}{one['max']:8.2f}{one['under']:10.1%}"
        )
    print(f"\nserver: {found['cpu_cores']:.2f} cores; memory {found['memory_mb']}")
    print("syncs: " + ", ".join(f"{one['mode']} {one['seconds']:.0f} s" for one in found["syncs"]))
    print(f"browser: {found['chromium']}")
    for name in ("errors", "mixed", "differences"):
        print(f"{name}: {len(found[name])}")
        for text in found[name][:10]:
            print(f"  {text}")
    print(f"{found['views_repeated']} views repeated alone; log: {found['log']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="made where it is not there; without it, one for this run")
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--settle", type=float, default=45, help="seconds before that, when all is cold; told apart")
    parser.add_argument("--think", type=float, default=6, help="mean seconds between a page and the next act")
    parser.add_argument("--chromium", type=int, default=1, help="real browsers beside them")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leadpact-sessions-") as scratch:
        found = asyncio.run(main_async(options, Path(scratch)))
    if options.json:
        print(json.dumps(found, indent=1))
    else:
        show(found)
    sys.exit(1 if found["errors"] or found["mixed"] or found["differences"] else 0)


if __name__ == "__main__":
    main()
