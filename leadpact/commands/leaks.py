"""The command `leaks`: the stages that lose more journeys than in the period before.

Not here: the counts (metrics/leaks.py).
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.funnel import gap_cells, gap_json, group_cell, period_words, scope_of
from leadpact.commands.result import Result, Section
from leadpact.language import Language
from leadpact.metrics import leaks as leaking
from leadpact.metrics.leaks import Leak
from leadpact.metrics.leaks_rows import stands
from leadpact.workspace import Analysis

LEFT_OUT = ("coverage", "young", "unknown", "invalid")


def leaks(context: Context, args: argparse.Namespace) -> Result:
    found, scope, say = analysis(context, args), scope_of(args), context.say
    result = leaking.leaks(found.tables, found.pact, found.as_of, scope)
    document = {
        **heading(found),
        "period": [result.period.start.isoformat(), result.period.end.isoformat()],
        "before": [result.before.start.isoformat(), result.before.end.isoformat()],
        "within_days": result.within_days,
        **{name: getattr(result, name) for name in LEFT_OUT},
        "leaks": [{**asdict(one), **gap_json("gap", one.gap)} for one in result.leaks],
    }
    head = [*([say("cli.group")] if scope.by else []), say("leaks.from"), say("compare.now"), say("compare.before"),
            say("leaks.excess"), say("compare.difference"), say("funnel.interval"), say("compare.evidence"),
            say("leaks.reason")]  # fmt: skip
    rows = [_row(say, found, one, scope.by) for one in result.leaks]
    title = say("leaks.title", days=result.within_days, now=period_words(say, result.period),
                before=period_words(say, result.before))  # fmt: skip
    left_out = say("leaks.left_out", young=result.young, unknown=result.unknown, invalid=result.invalid,
                   coverage=say.percent(result.coverage))  # fmt: skip
    notes = [say("compare.corrected"), left_out]
    if args.explain is not None:
        notes += explain(context, found, stands(found.tables, found.pact, found.as_of, scope), args.explain)
    return Result(document, [Section(title, head, rows)], [*notes, *standing(context, found)])


def _row(say: Language, found: Analysis, one: Leak, by: str | None) -> list[str]:
    def rate(lost: int, entered: int) -> str:
        return f"{say.percent(lost / entered if entered else None)} ({say.number(lost)}/{say.number(entered)})"

    excess = "–" if one.excess is None else say.number(one.excess, 1)
    label = found.pact.stage(one.stage).label + (" *" if one.small else "")
    return [*group_cell(say, one.group, by), label, rate(one.lost, one.entered),
            rate(one.lost_before, one.entered_before), excess, *gap_cells(say, one.gap),
            _reason(say, found, one)]  # fmt: skip


def _reason(say: Language, found: Analysis, one: Leak) -> str:
    """The most frequent end of this period, with its reason where one is told."""
    first = next((reason for reason in one.reasons if reason.lost), None)
    if first is None:
        return "–"
    labels: dict[str, Any] = {stage.key: stage.label for stage in found.pact.stages}
    end = labels.get(first.end_stage, say("leaks.deleted"))
    told = f"{end}: {first.reason}" if first.reason else end
    return f"{told} ({say.number(first.lost)})"


COMMANDS = {"leaks": leaks}
