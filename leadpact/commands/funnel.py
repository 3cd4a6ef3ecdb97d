"""The command `funnel`: how many journeys reach each stage, and with `--compare` against what.

Not here: the counts (metrics/funnel.py), when a comparison is fair (metrics/compare.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.language import Language
from leadpact.metrics import compare as comparing
from leadpact.metrics import funnel as funnels
from leadpact.metrics import funnel_people
from leadpact.metrics.compare import Comparison, Gap
from leadpact.metrics.funnel import Scope
from leadpact.metrics.periods import Period
from leadpact.workspace import Analysis

COUNTS = ("entered", "converted", "lost", "pending")
RATES = ("rate_of_first", "rate_of_previous", "mature_rate")
LEFT_OUT = ("coverage", "untouched", "unknown", "invalid")


def scope_of(args: argparse.Namespace) -> Scope:
    """The scope the options ask for; what a command does not offer is at its default."""
    return Scope(
        start=args.start,
        end=args.end,
        window_days=args.window,
        mode=getattr(args, "mode", "beyond"),
        anchor=getattr(args, "anchor", None),
        by=getattr(args, "by", None),
    )


def funnel(context: Context, args: argparse.Namespace) -> Result:
    found, scope, say = analysis(context, args), scope_of(args), context.say
    tables, pact, as_of = found.tables, found.pact, found.as_of
    result = funnels.conversion(tables, pact, as_of, scope)
    document: dict[str, Any] = {
        **heading(found),
        **{name: getattr(result, name) for name in LEFT_OUT},
        "steps": [asdict(step) for step in result.steps],
    }
    notes = [say("cli.left_out", untouched=result.untouched, unknown=result.unknown, invalid=result.invalid,
                 coverage=say.percent(result.coverage))]  # fmt: skip
    short = funnels.reachable(pact, scope)
    hidden = [stage.label for stage in pact.funnel if stage not in short.funnel]
    # programs get every stage of the pact; people only those somebody can enter
    listed = pact if getattr(args, "json", False) else short
    shown = result if listed is pact else funnels.conversion(tables, short, as_of, scope)
    if hidden:
        notes.append(say("cli.hidden", count=len(hidden), stages=", ".join(hidden)))
    sections = [Section("", *_table(say, found, shown))]
    if args.compare:
        compared = comparing.compare(tables, listed, as_of, scope, args.compare)
        document["comparison"] = comparison_json(compared)
        sections.append(Section(*_comparison(say, found, compared)))
        notes.append(say("compare.corrected"))
    if args.explain is not None:
        notes += explain(context, found, funnel_people.outcomes(tables, pact, as_of, scope), args.explain)
    return Result(document, sections, [*notes, *standing(context, found)])


def _table(say: Language, found: Analysis, result: funnels.Funnel) -> tuple[list[str], list[list[str]]]:
    scope = result.scope
    columns = [*COUNTS, "rate_of_first", "rate_of_previous"]
    columns += ["mature_rate", "interval"] if scope.window_days else []
    rows = [_row(say, found, step, scope.by, columns) for step in result.steps]
    head = ([say("cli.group")] if scope.by else []) + [say("cli.stage"), *(say(f"funnel.{name}") for name in columns)]
    return head, rows


def _row(say: Language, found: Analysis, step: funnels.Step, by: str | None, columns: list[str]) -> list[str]:
    shown: Mapping[str, str] = {
        **{name: say.number(getattr(step, name)) for name in COUNTS},
        **{name: say.percent(getattr(step, name)) for name in RATES},
        "interval": f"{say.percent(step.ci_low)} – {say.percent(step.ci_high)}" if step.ci_low is not None else "–",
    }
    small = " *" if step.small else ""
    label = found.pact.stage(step.stage).label
    return [*group_cell(say, step.group, by), label + small, *(shown[name] for name in columns)]


def group_cell(say: Language, group: str | None, by: str | None) -> list[str]:
    """The cell of the group, where there is one: unknown is said, not left blank."""
    return [] if by is None else [group if group is not None else say("group.unknown")]


def comparison_json(found: Comparison) -> dict[str, Any]:
    """What `--compare` adds: the two periods, the days given to both, and every step's two sides."""
    period = None if found.period is None else [found.period.start.isoformat(), found.period.end.isoformat()]
    before = None if found.before is None else [found.before.start.isoformat(), found.before.end.isoformat()]
    names = ("young", "young_before", "unknown", "invalid", "coverage", "coverage_before")
    return {
        "against": found.against,
        "period": period,
        "before": before,
        "window_days": found.scope.window_days,
        **{name: getattr(found, name) for name in names},
        "steps": [
            {
                "group": one.group,
                "stage": one.stage,
                **{
                    f"{name}_{side}": getattr(own, name)
                    for side, own in (("now", one.now), ("other", one.other))
                    for name in ("cohort", "entered", "converted", "rate_of_first", "rate_of_previous")
                },
                **gap_json("of_first", one.of_first),
                **gap_json("of_previous", one.of_previous),
            }
            for one in found.steps
        ],
    }


def gap_json(name: str, gap: Gap | None) -> dict[str, Any]:
    """A difference of rates under `name`, all of it null where there is none."""
    return {
        name: None
        if gap is None
        else {"difference": gap.difference, "ci_low": gap.low, "ci_high": gap.high, "p": gap.p, "clear": gap.clear}
    }


def _comparison(say: Language, found: Analysis, one: Comparison) -> tuple[str, list[str], list[list[str]]]:
    days = one.scope.window_days
    if one.period is None or one.before is None:
        title = say("compare.title_rest", days=days, young=one.young)
    else:
        title = say("compare.title_before", days=days, young=one.young, now=period_words(say, one.period),
                    before=period_words(say, one.before))  # fmt: skip
    first = one.scope.mode == "visited"
    head = [*([say("cli.group")] if one.scope.by else []), say("cli.stage"), say("compare.now"),
            say(f"compare.{one.against}"), say("compare.difference"), say("funnel.interval"),
            say("compare.evidence")]  # fmt: skip
    rows = []
    for step in one.steps:
        gap = step.of_first if first else step.of_previous
        sides = ((side.converted, side.cohort if first else side.entered) for side in (step.now, step.other))
        rates = [f"{say.percent(part / whole if whole else None)} ({say.number(part)}/{say.number(whole)})"
                 for part, whole in sides]  # fmt: skip
        label = found.pact.stage(step.stage).label + (" *" if step.small else "")
        rows.append([*group_cell(say, step.group, one.scope.by), label, *rates, *gap_cells(say, gap)])
    return title, head, rows


def period_words(say: Language, period: Period) -> str:
    """A period from its first day to its last."""
    return f"{say.day(period.start)} – {say.day(period.end - timedelta(days=1))}"


def gap_cells(say: Language, gap: Gap | None) -> list[str]:
    """Difference, interval and evidence; dashes where there is none to speak of."""
    if gap is None:
        return ["–", "–", say("compare.none")]
    points = [say("compare.points", value=say.number(100 * value, 1)) for value in (gap.difference, gap.low, gap.high)]
    return [points[0], f"{points[1]} – {points[2]}", say("compare.clear" if gap.clear else "compare.unclear")]


COMMANDS = {"funnel": funnel}
