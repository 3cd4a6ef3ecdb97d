"""The commands `velocity`, `reach` and `engines`: how long leads take, and who takes longer than the rest.

Not here: the numbers (metrics/velocity.py, metrics/reach.py, metrics/engines.py).
"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.funnel import group_cell
from leadpact.commands.result import Result, Section
from leadpact.language import Language
from leadpact.metrics import engines as engine
from leadpact.metrics import engines_rows
from leadpact.metrics import reach as reaching
from leadpact.metrics import velocity as speeds
from leadpact.metrics.engines_judge import Engine
from leadpact.workspace import Analysis

SMALLEST = 0.0001  # what is below is not written out


def velocity(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    result = speeds.velocity(found.tables, found.pact, found.as_of, by=args.by, start=args.start, end=args.end)
    document = {
        **heading(found),
        "coverage": result.coverage,
        "unknown": result.unknown,
        "stages": [asdict(one) for one in result.stages],
    }
    say = context.say
    rows = [
        [
            *group_cell(say, one.group, args.by),
            _stage(say, found, one.stage),
            say.number(one.n),
            say.number(one.n_open),
            *(say.number(value, 1) for value in (one.p25_days, one.median_days, one.p75_days)),
        ]
        for one in result.stages
    ]
    names = ("stage", "spells", "still_there", "p25_days", "median_days", "p75_days")
    head = [*([say("cli.group")] if args.by else []), *(say(f"velocity.{name}") for name in names)]
    left_out = say("cli.unknown_left_out", unknown=result.unknown, coverage=say.percent(result.coverage))
    behind = speeds.durations(found.tables, found.pact, found.as_of, args.by, args.start, args.end)
    notes = [left_out, *explain(context, found, behind, args.explain)]
    return Result(document, [Section("", head, rows)], [*notes, *standing(context, found)])


def reach(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    result = reaching.reach(
        found.tables, found.pact, found.as_of, stage=args.stage, days=args.days, by=args.by,
        start=args.start, end=args.end,
    )  # fmt: skip
    document = {
        **heading(found),
        "coverage": result.coverage,
        "unknown": result.unknown,
        "invalid": result.invalid,
        "reach": [asdict(one) for one in result.reach],
    }
    say = context.say
    rows = [
        [
            *group_cell(say, one.group, args.by),
            say.number(one.days),
            say.number(one.n),
            say.percent(one.probability),
            _between(say.percent(one.ci_low), say.percent(one.ci_high)) if one.ci_low is not None else "–",
        ]
        for one in result.reach
    ]
    names = ("days", "journeys", "probability", "interval")
    head = [*([say("cli.group")] if args.by else []), *(say(f"reach.{name}") for name in names)]
    left_out = say("cli.unknown_left_out", unknown=result.unknown, coverage=say.percent(result.coverage))
    behind = reaching.outcomes(found.tables, found.pact, found.as_of, args.stage, args.by, args.start, args.end)
    notes = [left_out, *explain(context, found, behind, args.explain)]
    return Result(document, [Section("", head, rows)], [*notes, *standing(context, found)])


def engines(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    window = engine.WINDOW if args.window is None else args.window
    by = engine.USUAL if args.by is None else (args.by,)
    result = engine.engines(
        found.tables, found.pact, found.as_of, by=by, stage=args.stage, window_days=window,
        start=args.start, end=args.end,
    )  # fmt: skip
    names = ("by", "window_days", "tested", "few", "immature", "coverage", "unknown")
    document = {
        **heading(found),
        **{name: getattr(result, name) for name in names},
        "engines": [asdict(one) for one in result.engines],
    }
    say = context.say
    rows = [_engine(say, found, one) for one in result.called]
    columns = ("what", "by", "group", "stage", "cases", "here", "rest", "difference", "interval", "ratio", "q")
    notes = [
        say("engines.tested", tested=result.tested, called=len(rows), few=result.few),
        *([say("engines.association")] if rows else []),
        say("engines.left_out", unknown=result.unknown, immature=result.immature, days=window,
            coverage=say.percent(result.coverage)),
    ]  # fmt: skip
    behind = engines_rows.cases(
        found.tables, found.pact, found.as_of, result.by, args.stage, window, args.start, args.end
    )
    notes += explain(context, found, behind, args.explain)
    sections = [Section("", [say(f"engines.{name}") for name in columns], rows)] if rows else []
    return Result(document, sections, [*notes, *standing(context, found)])


def _engine(say: Language, found: Analysis, one: Engine) -> list[str]:
    loss = one.kind == "loss"

    def written(value: float | None, between: bool = False) -> str:
        if value is None:
            return "–"
        if not loss:
            return say("engines.days", days=say.number(value, 1))
        return say("engines.points", points=say.number(100 * value, 1)) if between else say.percent(value)

    ratio = "–" if one.ratio is None else say.percent(one.ratio, 0)
    return [
        say(f"engines.{one.kind}"),
        say(f"ui.dim.{one.by}") if say.has(f"ui.dim.{one.by}") else one.by,
        one.group if one.group is not None else say("group.unknown"),
        _stage(say, found, one.stage),
        say.number(one.n),
        written(one.value),
        written(one.rest),
        written(one.difference, True),
        _between(written(one.low, True), written(one.high, True)) if one.low is not None else "–",
        ratio,
        f"< {say.number(SMALLEST, 4)}" if one.q < SMALLEST else say.number(one.q, 4),
    ]


def _between(low: str, high: str) -> str:
    return f"{low} – {high}"


def _stage(say: Language, found: Analysis, key: str) -> str:
    labels = {stage.key: stage.label for stage in found.pact.stages}
    return labels.get(key, say("stage.unmapped"))


COMMANDS = {"velocity": velocity, "reach": reach, "engines": engines}
