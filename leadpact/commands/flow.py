"""The commands `flow` and `trends`: moves, balances and paths, and what happened period by period.

Not here: what is counted (leadpact/metrics/flow.py, balance.py, flow_rework.py, paths.py, trends.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.language import Language
from leadpact.metrics import balance as balances
from leadpact.metrics import flow as flows
from leadpact.metrics import flow_rework, paths, trends
from leadpact.metrics.funnel import Scope
from leadpact.metrics.trends_spans import Every, before, spans
from leadpact.workspace import Analysis

BALANCE = ("group", "stage", "period", "until", "complete", "start", "entered", "left", "end", "unknown")


def flow(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    tables, pact, as_of = found.tables, found.pact, found.as_of
    asked: dict[str, Any] = {"start": args.start, "end": args.end, "by": args.by}
    moves = flows.flow(tables, pact, as_of, **asked)
    periods = balances.periods(pact, as_of, every=args.every, start=args.start, end=args.end)
    balance = balances.balance(tables, pact, as_of, periods, by=args.by)
    rework = flow_rework.rework(tables, pact, as_of, **asked)
    walked = paths.paths(tables, pact, as_of, unit=args.paths, top=args.top, **asked)
    document = {
        **heading(found),
        "coverage": moves.coverage,
        "unknown": moves.unknown,
        "moves": [one.as_json() for one in moves.moves],
        "stages": [_plain({name: getattr(one, name) for name in BALANCE}) for one in balance.stages],
        "balance_unknown": balance.unknown,
        "rework": [asdict(one) for one in rework.stages],
        "reentries": rework.reentries,
        "people_with_reentries": rework.people,
        "paths_of": walked.unit,
        "paths": [one.as_json() for one in walked.paths],
        "paths_total": walked.total,
        "distinct_paths": walked.distinct,
        "paths_with_loops": walked.repeated,
        "paths_unknown": walked.unknown,
    }
    say = context.say
    notes = [say("cli.unknown_left_out", unknown=moves.unknown, coverage=say.percent(moves.coverage))]
    if balance.unknown:
        notes.append(say("flow.balance_unknown", count=balance.unknown))
    notes.append(say("flow.paths_in_all", total=walked.total, distinct=walked.distinct, loops=walked.repeated))
    notes += explain(context, found, flows.moves(tables, pact, as_of, **asked), args.explain)
    sections = [
        _moves(say, found, moves, args.by),
        _balance(say, found, balance, args),
        _rework(say, found, rework, args.by),
        _paths(say, found, walked, args.by),
    ]
    return Result(document, sections, [*notes, *standing(context, found)])


def stage_name(say: Language, found: Analysis, key: str | None, outside: str = "flow.outside") -> str:
    """A stage as the pact calls it; what is not in the pact, in the reader's language."""
    if key is None:
        return say(outside)
    labels = {stage.key: stage.label for stage in found.pact.stages}
    return labels.get(key, say("stage.unmapped"))


def _moves(say: Language, found: Analysis, result: flows.Flow, by: str | None) -> Section:
    rows = [
        [
            *_group(say, one.group, by),
            stage_name(say, found, one.from_stage),
            stage_name(say, found, one.to_stage, "flow.gone"),
            say.number(one.moves),
            say.number(one.people),
            say.percent(one.share),
            say.number(one.loops),
            "–" if one.agreed is None else say("ui.yes" if one.agreed else "ui.no"),
            say.number(one.unknown),
        ]
        for one in result.moves
    ]
    names = ("from", "to", "moves", "people", "share", "loops", "agreed", "undated")
    return Section(say("flow.moves_title"), [*_head(say, by), *(say(f"flow.{name}") for name in names)], rows)


def _balance(say: Language, found: Analysis, result: balances.Balance, args: argparse.Namespace) -> Section:
    numbers = ("start", "entered", "left", "end", "unknown")
    rows = [
        [
            *_group(say, one.group, args.by),
            *([_period(say, one.period, one.complete)] if args.every else []),
            stage_name(say, found, one.stage),
            *(say.number(getattr(one, name)) for name in numbers),
        ]
        for one in result.stages
    ]
    head = [*_head(say, args.by), *([say("flow.period")] if args.every else []), say("flow.stage")]
    return Section(say("flow.balance_title"), [*head, *(say(f"flow.{name}") for name in numbers)], rows)


def _rework(say: Language, found: Analysis, result: flow_rework.Reworks, by: str | None) -> Section:
    numbers = ("entries", "people", "reentries", "people_again", "same_journey")
    rows = [
        [
            *_group(say, one.group, by),
            stage_name(say, found, one.stage) + (" *" if one.small else ""),
            *(say.number(getattr(one, name)) for name in numbers),
            say.percent(one.rate),
        ]
        for one in result.stages
    ]
    names = ("stage", *numbers, "rate_again")
    return Section(say("flow.rework_title"), [*_head(say, by), *(say(f"flow.{name}") for name in names)], rows)


def _paths(say: Language, found: Analysis, result: paths.Paths, by: str | None) -> Section:
    rows = [
        [
            *_group(say, one.group, by),
            " → ".join(stage_name(say, found, key) for key in one.stages),
            say.number(one.count),
            say.percent(one.share),
            ", ".join(f"{say(f'flow.end_{end}')} {say.number(count)}" for end, count in one.ends.items()),
        ]
        for one in result.paths
    ]
    names = ("path", "times", "share_of_all", "ends")
    title = say("flow.paths_title" if result.unit == "journey" else "flow.paths_title_people")
    return Section(title, [*_head(say, by), *(say(f"flow.{name}") for name in names)], rows)


def trend(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    tables, pact, as_of = found.tables, found.pact, found.as_of
    every: Every = args.every or "month"
    scope = Scope(window_days=args.window).checked(pact)
    asked = spans(pact, as_of, every, args.start, args.end)
    result = trends.trends(tables, pact, as_of, scope, asked)
    earlier = trends.trends(tables, pact, as_of, scope, before(asked, every))
    names = ("window_days", "coverage", "unknown", "invalid")
    document = {
        **heading(found),
        "every": every,
        **{name: getattr(result, name) for name in names},
        "periods": [_plain(asdict(one)) for one in result.periods],
        "before": [_plain(asdict(one)) for one in earlier.periods],
    }
    say = context.say
    keys = [stage.key for stage in pact.funnel]
    rows = [
        [
            _period(say, one.start, one.complete),
            say.number(one.started),
            *(say.number(stage.entries) for stage in one.stages),
            say.number(one.won),
            say.number(one.lost),
            _rate(say, one),
        ]
        for one in result.periods
    ]
    head = [say("flow.period"), say("trends.started"), *(stage_name(say, found, key) for key in keys)]
    head += [say("trends.won"), say("trends.lost"), say("trends.rate", stage=stage_name(say, found, keys[-1]))]
    notes = [
        say("trends.reading", days=result.window_days),
        say("cli.unknown_left_out", unknown=result.unknown, coverage=say.percent(result.coverage)),
        *explain(context, found, trends.events(tables, pact, asked), args.explain),
    ]
    return Result(document, [Section("", head, rows)], [*notes, *standing(context, found)])


def _rate(say: Language, one: trends.Period) -> str:
    last = one.stages[-1]
    if last.mature_rate is None:
        return say("trends.too_young") if one.started else "–"
    few = " *" if last.small else ""
    return f"{say.percent(last.mature_rate)} ({last.mature_converted}/{last.mature_entered}){few}"


def _period(say: Language, day: date | None, complete: bool) -> str:
    return say.day(day) + ("" if complete else f" {say('flow.unfinished')}")


def _group(say: Language, group: str | None, by: str | None) -> list[str]:
    return [] if by is None else [group if group is not None else say("group.unknown")]


def _head(say: Language, by: str | None) -> list[str]:
    return [] if by is None else [say("cli.group")]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Days as ISO text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


COMMANDS = {"flow": flow, "trends": trend}
