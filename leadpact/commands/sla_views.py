"""The views of the command `sla`: each gives rows for a policy, and the clocks behind them.

A view is its columns (name → how a cell is written), a function for its rows and one for the
clocks. The rows are what `--json` gives.

Not here: the numbers (leadpact/metrics/response*.py), the command itself (sla.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.parts import SlaPolicy
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.metrics import response, response_bands, response_when, sla
from leadpact.metrics.response_counts import Counts
from leadpact.metrics.sla import STATES
from leadpact.tables import Table
from leadpact.workspace import Analysis

RATE = ("compliance", "ci_low", "ci_high")
COUNTED = dict.fromkeys(STATES, "count")
INTERVAL = {"ci_low": "share", "ci_high": "share"}


@dataclass(frozen=True)
class Answer:
    """Rows of one policy, and what is said of all of them. `notes` gives lines for people."""

    rows: list[dict[str, Any]]
    coverage: float | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: Callable[[Language], Sequence[str]] = lambda say: ()


@dataclass(frozen=True)
class View:
    columns: Mapping[str, str]
    rows: Callable[[Analysis, SlaPolicy, argparse.Namespace], Answer]
    behind: Callable[[Analysis, SlaPolicy, argparse.Namespace], Table]


def cell(say: Language, row: Mapping[str, Any], name: str, kind: str) -> str:
    """One value, written; unknown is a dash, an unknown group is said, a rate of few cases has a star."""
    value = row[name]
    if name == "group" and value is None:
        return say("group.unknown")
    if value is None:
        return "–"
    writers: Mapping[str, Callable[[Any], str]] = {
        "count": say.number,
        "share": say.percent,
        "hours": lambda hours: say.number(hours, 2 if abs(hours) < 1 else 1),
        "day": say.day,
        "flag": lambda on: "✓" if on else "",
        "weekday": lambda day: say(f"sla.weekday.{day}"),
        "urgency": lambda word: say(f"sla.urgency.{word}"),
    }
    few = " *" if name in ("compliance", "rate") and row.get("small") else ""
    return writers.get(kind, str)(value) + few


def _measured(found: Analysis, policy: SlaPolicy, args: argparse.Namespace) -> response.Responses:
    return response.measure(found.tables, found.pact, found.as_of, policy, by=args.by)


def _responses(found: Analysis, policy: SlaPolicy, args: argparse.Namespace) -> Table:
    return response.responses(found.tables, found.pact, found.as_of, policy, args.by)


def _rates(counts: Counts) -> dict[str, Any]:
    low, high = counts.interval or (None, None)
    return {**{state: getattr(counts, state) for state in STATES}, "compliance": counts.compliance,
            "ci_low": low, "ci_high": high, "small": counts.small}  # fmt: skip


def _kept(found: Analysis, policy: SlaPolicy, args: argparse.Namespace) -> Answer:
    measured = _measured(found, policy, args)
    held = {one.group: one for one in sla.of_policy(found.tables, found.pact, found.as_of, policy, by=args.by)}
    rows = []
    for one in measured.groups:
        queue = held.get(one.group)
        counts = one.at(measured.target_hours)
        rates = _rates(counts)
        rows.append(
            {
                "group": one.group, "clocks": one.clocks, "due": counts.due, "kept": counts.met,
                **{name: rates[name] for name in (*RATE, "small")},
                "running": counts.running,
                "never_touched": one.never_touched if measured.touches_read else None,
                "median_first_touch_hours": one.quantile(0.5, touches=True) if measured.touches_read else None,
                "queued": queue and queue.queued, "queue_share": queue and queue.queue_share,
            }
        )  # fmt: skip
    return Answer(rows, measured.coverage, {"undated": measured.undated})


def _bins(found: Analysis, policy: SlaPolicy, args: argparse.Namespace) -> Answer:
    measured = _measured(found, policy, args)
    rows = [
        {"group": one.group, **{name: getattr(bin, name) for name in
         ("from_hours", "to_hours", "answered", "waiting", "left", "answered_by")}}
        for one in measured.groups
        for bin in one.bins(response.edges(policy))
    ]  # fmt: skip
    unknown = sum(one.unknown for one in measured.groups)
    return Answer(rows, measured.coverage, {"undated": measured.undated, "unknown": unknown})


def _targets(found: Analysis, policy: SlaPolicy, args: argparse.Namespace) -> Answer:
    if args.hours is not None and any(hours <= 0 for hours in args.hours):
        raise Misconfigured("sla.bad_hours")
    measured = _measured(found, policy, args)
    wanted = sorted({*(args.hours or response.edges(policy)), measured.target_hours})
    rows = [
        {"group": one.group, "hours": hours, "agreed": hours == measured.target_hours, **_rates(one.at(hours))}
        for one in measured.groups
        for hours in wanted
    ]
    return Answer(rows, measured.coverage, {"undated": measured.undated})


def _bands(found: Analysis, policy: SlaPolicy, args: argparse.Namespace) -> Answer:
    days = args.window if args.window is not None else response_bands.DAYS
    result = response_bands.conversion(found.tables, found.pact, found.as_of, policy, by=args.by, days=days)
    rows = []
    for band in result.bands:
        low, high = band.interval or (None, None)
        names = ("group", "stage", "from_hours", "to_hours", "n", "converted", "rate")
        rows.append({**{name: getattr(band, name) for name in names},
                     "ci_low": low, "ci_high": high, "young": band.young, "small": band.small})  # fmt: skip
    facts = {"days": days, "left_out": result.left_out}
    return Answer(rows, result.coverage, facts, lambda say: [say("sla.association", days=days)])


def _conversions(found: Analysis, policy: SlaPolicy, args: argparse.Namespace) -> Table:
    days = args.window if args.window is not None else response_bands.DAYS
    return response_bands.conversions(found.tables, found.pact, found.as_of, policy, by=args.by, days=days)


def _spans(unit: response_when.Unit) -> Callable[[Analysis, SlaPolicy, argparse.Namespace], Answer]:
    def rows(found: Analysis, policy: SlaPolicy, args: argparse.Namespace) -> Answer:
        result = response_when.when(found.tables, found.pact, found.as_of, policy, by=args.by)
        spans = [
            {"group": span.group, "start": span.start.isoformat(), "end": span.end.isoformat(),
             **_rates(span.counts), "young": span.young, "in_course": span.course,
             "at_least": span.at_least, "at_most": span.at_most}
            for span in result.spans if span.unit == unit
        ]  # fmt: skip
        return Answer(spans, result.coverage, {"undated": result.undated})

    return rows


def _cells(found: Analysis, policy: SlaPolicy, args: argparse.Namespace) -> Answer:
    result = response_when.when(found.tables, found.pact, found.as_of, policy, by=args.by)
    rows = [
        {
            "group": one.group,
            "weekday": one.weekday,
            "hour": one.hour,
            "clocks": one.counts.clocks,
            **_rates(one.counts),
        }
        for one in result.cells
    ]  # fmt: skip
    return Answer(rows, result.coverage, {"undated": result.undated})


def _starts(found: Analysis, policy: SlaPolicy, args: argparse.Namespace) -> Table:
    return response_when.starts(found.tables, found.pact, found.as_of, policy, args.by)


SPAN = {"group": "text", "start": "text", **COUNTED, "compliance": "share", **INTERVAL, "at_least": "share",
        "at_most": "share", "young": "flag"}  # fmt: skip
VIEWS: Mapping[str, View] = {
    "kept": View(
        {"group": "text", "due": "count", "kept": "count", "compliance": "share", **INTERVAL, "running": "count",
         "never_touched": "count", "median_first_touch_hours": "hours", "queued": "count",
         "queue_share": "share"}, _kept, _responses),
    "response": View(
        {"group": "text", "from_hours": "hours", "to_hours": "hours", "answered": "count", "waiting": "count",
         "left": "count", "answered_by": "share"}, _bins, _responses),
    "target": View(
        {"group": "text", "hours": "hours", "agreed": "flag", **COUNTED, "compliance": "share"}, _targets, _responses),
    "bands": View(
        {"group": "text", "stage": "text", "from_hours": "hours", "to_hours": "hours", "n": "count",
         "converted": "count", "rate": "share", **INTERVAL, "young": "count"}, _bands, _conversions),
    "weeks": View(SPAN, _spans("week"), _starts),
    "months": View(SPAN, _spans("month"), _starts),
    "hours": View(
        {"group": "text", "weekday": "weekday", "hour": "text", "clocks": "count", "met": "count",
         "compliance": "share", **INTERVAL}, _cells, _starts),
}  # fmt: skip
