"""The command `scoring rules`: every rule with the leads it hits and how those convert.

Not here: the numbers (scoring/rule_table.py), what does not make sense (scoring/rule_checks.py).
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.funnel import gap_cells, gap_json
from leadpact.commands.result import Result, Section
from leadpact.language import Language
from leadpact.metrics.rate import Rate
from leadpact.scoring import quality_words, rule_people, words
from leadpact.scoring.basis import Basis
from leadpact.scoring.offers import offers
from leadpact.scoring.rule_checks import Remark, remarks
from leadpact.scoring.rule_table import RuleRow, RuleTable, rule_table
from leadpact.workspace import Analysis

HEAD = ("rule", "asks", "points", "hits", "share", "hit", "miss", "difference", "interval", "evidence")
LEFT_OUT = ("young", "undated", "invalid", "settled", "gone", "cut")


def run(context: Context, args: argparse.Namespace) -> Result:
    found, say = analysis(context, args), context.say
    tables, pact, as_of = found.tables, found.pact, found.as_of
    asked = Basis(args.stage, args.goal, args.window, args.after)
    result = rule_table(tables, pact, as_of, asked)
    told = remarks(pact, offers(tables))
    document = {
        **heading(found),
        "basis": basis_json(result.basis),
        "threshold": pact.sales_ready.threshold,
        **{name: getattr(result, name) for name in ("records", "scored", "highest")},
        "lights": dict(result.lights),
        "journeys": {**_rate(result.all), **{name: getattr(result, name) for name in LEFT_OUT}},
        "untracked": list(result.untracked),
        "rules": [_json(row) for row in result.rows],
        "remarks": [{"level": one.level, "place": one.place, "message": say.text(one.text)} for one in told],
    }
    notes = [*_basis(say, found, result), *_remarks(say, told)]
    if args.explain is not None:
        rows = rule_people.rules_of(tables, pact, as_of)
        if args.rule is not None:
            rows = rule_people.people(tables, pact, as_of, args.rule, args.group, asked)
        notes += explain(context, found, rows, args.explain)
    head = [say(f"scoring.col.{name}") for name in HEAD]
    section = Section(say("scoring.title"), head, [_row(say, row) for row in result.rows])
    return Result(document, [section], [*notes, *standing(context, found)])


def basis_json(asked: Basis) -> dict[str, Any]:
    """How leads convert, as every document of `scoring` has it."""
    return {"stage": asked.anchor, "goal": asked.goal, "days": asked.days, "after_days": asked.after_days}


def _json(row: RuleRow) -> dict[str, Any]:
    return {
        "rule": row.rule.id,
        "category": row.rule.category,
        "group": row.rule.group,
        "points": row.rule.points,
        "hits": row.hits,
        "decided": row.decided,
        "undecided": row.undecided,
        "points_given": row.points,
        "share_of_points": row.share,
        "hit": _rate(row.hit),
        "miss": _rate(row.miss),
        **gap_json("difference", row.gap),
        "unknown": row.unknown,
        "small": row.small,
        "as_known_now": row.as_known_now,
        "alike": None if row.twin is None else {"rule": row.twin, "share": row.alike},
    }


def _rate(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval or (None, None)
    return {**asdict(rate), "rate": rate.rate, "ci_low": low, "ci_high": high}


def _row(say: Language, row: RuleRow) -> list[str]:
    mark = " *" if row.as_known_now else ""
    return [
        f"{row.rule.id}{mark}",
        say.text(words.rule(row.rule)),
        say.number(row.rule.points, 0 if row.rule.points.is_integer() else 1),
        f"{say.number(row.hits)} ({say.percent(row.hits / row.decided if row.decided else None)})",
        say.percent(row.share),
        _shown(say, row.hit),
        _shown(say, row.miss),
        *gap_cells(say, row.gap),
    ]


def _shown(say: Language, rate: Rate) -> str:
    return f"{say.percent(rate.rate)} ({say.number(rate.converted)}/{say.number(rate.n)})"


def _basis(say: Language, found: Analysis, result: RuleTable) -> list[str]:
    """What the conversion is measured on, and what was left out of it."""
    if not result.rows:
        return [say("score.no_rules")]
    lines = [
        quality_words.rules(say, found.pact, result),
        say("scoring.left_out", **{name: getattr(result, name) for name in LEFT_OUT}),
    ]
    if result.untracked:
        lines.append(say("scoring.starred", fields=", ".join(result.untracked)))
    return lines


def _remarks(say: Language, told: list[Remark]) -> list[str]:
    return [say("scoring.remark", level=say(f"scoring.level.{one.level}"), place=one.place, what=say.text(one.text))
            for one in told]  # fmt: skip
