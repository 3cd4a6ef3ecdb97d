"""The commands `pipeline`, `cycles`, `contribution` and `campaigns`: money, and who brought it.

Not here: the numbers (metrics/pipeline.py, cycles.py, contribution.py, campaigns.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import ibis

from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.funnel import group_cell
from leadpact.commands.result import Result, Section
from leadpact.language import Language
from leadpact.metrics import campaigns as responding
from leadpact.metrics import contribution as contributing
from leadpact.metrics import cycles as cycling
from leadpact.metrics import pipeline as money
from leadpact.metrics.campaigns_journeys import Asked, explained, journeys
from leadpact.metrics.pipeline_deals import deals


def pipeline(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    scope = {"start": args.start, "end": args.end, "by": args.by, "lookback_days": args.lookback}
    result = money.pipeline(found.tables, found.pact, found.as_of, **scope)
    say = context.say
    sections = [Section("", *_money(say, result.lines, args.by))]
    if result.campaigns:
        sections.append(Section(say("pipeline.campaigns_title"), *_money(say, result.campaigns, "campaign")))
    notes = _missing(say, result.missing)
    if "opportunity" not in result.missing:
        left_out = {"out_of_scope": result.out_of_scope, "undated": result.undated}
        notes.append(say("pipeline.left_out", **left_out, coverage=say.percent(result.coverage)))
    if result.campaigns:
        notes.append(say("pipeline.distinct", unknown=result.influence_unknown))
    rows = deals(found.tables, found.pact, found.as_of, **scope)
    notes += explain(context, found, rows, args.explain)
    return Result({**heading(found), **asdict(result)}, sections, [*notes, *standing(context, found)])


def _money(say: Language, lines: Sequence[money.Line], by: str | None) -> tuple[list[str], list[list[str]]]:
    """Head and rows: a row per line with its counts, then one per currency with its amounts."""
    campaign = by == "campaign" and all(line.part == "campaign" for line in lines)
    first = [] if campaign else [say("pipeline.part")]
    states = ("open", "won", "lost", "unknown")
    names = ("currency", "deals", *states, "share", "count_only")
    head = [*first, *([say("cli.group")] if by else []), *(say(f"pipeline.{name}") for name in names)]
    rows = []
    for line in lines:
        start = [] if campaign else [say(f"pipeline.part.{line.part}")]
        group = group_cell(say, line.group, by)
        counts = [say.number(getattr(line, name)) for name in ("deals", *states)]
        rows.append([*start, *group, say("pipeline.deals_row"), *counts, say.percent(line.share),
                     say.number(line.count_only)])  # fmt: skip
        for one in line.amounts:
            amounts = [say.number(round(getattr(one, name))) for name in states]
            currency = one.currency or say("pipeline.no_currency")
            rows.append([*("" for _ in (*start, *group)), currency, say.number(one.deals), *amounts, "", ""])
    return head, rows


def cycles(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    scope = {"start": args.start, "end": args.end, "by": args.by}
    result = cycling.cycles(found.tables, found.pact, found.as_of, **scope, days=args.days)
    say = context.say
    names = ("n", "open", "won", "lost", "p25_days", "median_days", "p75_days")
    days = sorted({float(day) for day in args.days})
    head = [say("cycles.kind"), *([say("cli.group")] if args.by else []), *(say(f"cycles.{name}") for name in names)]
    head += [say("cycles.won_within", days=day) for day in days]
    rows = [
        [
            say(f"cycles.kind.{one.kind}") + (" *" if one.small else ""),
            *group_cell(say, one.group, args.by),
            *(say.number(getattr(one, name)) for name in names[:4]),
            *(say.number(getattr(one, name), 1) for name in names[4:]),
            *(say.percent(at.won) for at in one.within),
        ]
        for one in result.cycles
    ]
    notes = _missing(say, result.missing)
    notes += [
        say("cycles.left_out", kind=say(f"cycles.kind.{one.kind}"), unknown=one.unknown, invalid=one.invalid,
            coverage=say.percent(one.coverage))
        for one in result.left_out
    ]  # fmt: skip
    if args.explain is not None:
        parts = [_of_kind(rows(found.tables, found.pact, found.as_of, **scope), kind)
                 for kind, rows in cycling.ROWS.items()]  # fmt: skip
        notes += explain(context, found, ibis.union(*parts), args.explain)
    return Result({**heading(found), **asdict(result)}, [Section("", head, rows)], [*notes, *standing(context, found)])


def _of_kind(rows: Any, kind: str) -> Any:
    """The rows of a kind with the columns both have: its own id is empty for the other."""
    both = {"journey": "int64", "opportunity_id": "string"}
    empty = {name: ibis.null(type) for name, type in both.items() if name not in rows.columns}
    names = ("object", "record_id", "person_id", "group", "part", "started_at", "ended_at", "days", "outcome")
    times = {"started_at": "timestamp", "ended_at": "timestamp"}
    return rows.mutate(kind=ibis.literal(kind), **empty).select("kind", *both, *names).cast(times)


def contribution(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    scope = {"stage": args.stage, "start": args.start, "end": args.end, "by": args.by}
    result = contributing.contribution(found.tables, found.pact, found.as_of, **scope)
    say = context.say
    head = [*([say("cli.group")] if args.by else []), *(say(f"contribution.{name}") for name in ("from", "n", "share"))]
    head.append(say("funnel.interval"))
    rows = [
        [
            *group_cell(say, line.group, args.by),
            say(f"contribution.from.{line.came_from}"),
            say.number(line.n),
            say.percent(line.share),
            _interval(say, line.ci_low, line.ci_high),
        ]
        for line in result.lines
    ]
    stage = found.pact.stage(result.stage).label
    notes = [
        say("contribution.existing", stage=stage, existing=result.existing, total=result.total),
        say("contribution.left_out", unknown=result.unknown, invalid=result.invalid,
            coverage=say.percent(result.coverage)),
    ]  # fmt: skip
    behind = contributing.entries(found.tables, found.pact, found.as_of, **scope)
    notes += explain(context, found, behind, args.explain)
    return Result({**heading(found), **asdict(result)}, [Section("", head, rows)], [*notes, *standing(context, found)])


def campaigns(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    asked = Asked(args.stage, args.landmark, args.window, args.split, args.credit, args.start, args.end)
    result = responding.campaigns(found.tables, found.pact, found.as_of, asked)
    say = context.say
    names = ("part", "n", "converted", "rate", "interval", "difference", "difference_interval")
    head = [say(f"campaigns.{name}") for name in names]
    rows = [
        [
            _named(say, one),
            say.number(one.n),
            say.number(one.converted),
            say.percent(one.rate),
            _interval(say, one.ci_low, one.ci_high),
            _points(say, one.difference),
            "–"
            if one.difference_low is None
            else f"{_points(say, one.difference_low)} – {_points(say, one.difference_high)}",
        ]
        for one in result.rates
    ]
    notes = _missing(say, result.missing)
    if not notes:
        stage = found.pact.stage(result.stage).label
        notes = [
            say("campaigns.rule", stage=stage, landmark=asked.landmark_days, window=asked.window_days),
            say("campaigns.association"),
            say("campaigns.left_out", early=result.early, young=result.young, unknown=result.unknown,
                invalid=result.invalid, coverage=say.percent(result.coverage)),
        ]  # fmt: skip
        if asked.credit == "any":
            notes.append(say("campaigns.overlap"))
    if args.explain is not None:
        behind = explained(journeys(found.tables, found.pact, found.as_of, asked), found.tables, asked)
        notes += explain(context, found, behind.drop("since", "place"), args.explain)
    document = {
        **heading(found),
        **asdict(result),
        "asked": {**asdict(asked), "start": _day(asked.start), "end": _day(asked.end)},
    }
    return Result(document, [Section("", head, rows)], [*notes, *standing(context, found)])


def _named(say: Language, one: responding.Rate) -> str:
    """What the journeys of a row have in common: the two sides by their names, campaigns by their own."""
    star = " *" if one.small else ""
    if one.part in ("all", "responded", "without"):
        return say(f"campaigns.part.{one.part}") + star
    return (one.group if one.group is not None else say("group.unknown")) + star


def _interval(say: Language, low: float | None, high: float | None) -> str:
    return f"{say.percent(low)} – {say.percent(high)}" if low is not None else "–"


def _points(say: Language, share: float | None) -> str:
    return "–" if share is None else say.number(100 * share, 1)


def _missing(say: Language, tables: Sequence[str]) -> list[str]:
    """A line for each table the source does not deliver: what rests on it is unknown, not zero."""
    return [say("pipeline.missing", table=say(f"table.{name}")) for name in tables]


def _day(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())


COMMANDS = {"pipeline": pipeline, "cycles": cycles, "contribution": contribution, "campaigns": campaigns}
