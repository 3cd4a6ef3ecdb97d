"""The commands `scoring quality` and `scoring suggest`: how good the points were, and a scorecard fitted on the past.

Not here: the figures (leadpact/scoring/quality.py, suggest.py), the rows as text (scoring_quality_rows.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from leadpact.commands import scoring_quality_rows as rows
from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.commands.scoring_rules import basis_json
from leadpact.errors import Misconfigured
from leadpact.metrics.separation import Separation
from leadpact.scoring import quality_people, suggest_take
from leadpact.scoring.basis import Asked
from leadpact.scoring.leaks import Leak
from leadpact.scoring.quality import Calibration, Quality, quality
from leadpact.scoring.suggest import Suggestion, suggest
from leadpact.workspace import Analysis

LEFT_OUT = ("young", "unknown", "invalid", "settled", "cut", "gone", "unscored")


def run(context: Context, args: argparse.Namespace) -> Result:
    """Either action: `args.action` says which."""
    found = analysis(context, args)
    asked = Asked(
        anchor=args.stage,
        goal=args.goal,
        days=args.window,
        after_days=args.after,
        known=args.known or ("then" if args.action == "quality" else "now"),
        keep=tuple(args.keep or ()),
        drop=tuple(args.drop or ()),
    )
    return _quality(context, found, asked, args) if args.action == "quality" else _suggest(context, found, asked, args)


def _quality(context: Context, found: Analysis, asked: Asked, args: argparse.Namespace) -> Result:
    say = context.say
    told = quality(found.tables, found.pact, found.as_of, asked)
    document = {**heading(found), **_asked(asked, told), **quality_json(told)}
    basis = rows.basis(say, found.pact, asked, told) if told.rules else []
    notes = [*basis, *rows.standing(say, told)]
    if args.explain is not None:
        behind = quality_people.behind(found.tables, found.pact, found.as_of, asked)
        notes += explain(context, found, behind, args.explain)
    sections = [
        Section(say("quality.bands"), rows.heads(say, rows.BANDS), rows.bands(say, told)),
        Section(say("quality.quarters"), rows.heads(say, rows.QUARTERS), rows.quarters(say, told)),
        Section(say("quality.rules"), rows.heads(say, rows.RULES), rows.rules(say, told)),
        Section(say("leak.title"), rows.heads(say, rows.LEAKS), rows.leaks(say, told.leaks)),
    ]
    return Result(document, [one for one in sections if one.rows], [*notes, *standing(context, found)])


def _suggest(context: Context, found: Analysis, asked: Asked, args: argparse.Namespace) -> Result:
    say = context.say
    labels = found.labels()
    told = suggest(found.tables, found.pact, found.as_of, asked, most=args.most, labels=labels)
    notes = [*rows.basis(say, found.pact, asked, told), *rows.beside(say, told)]
    document = {**heading(found), **_asked(asked, told), **suggestion_json(told)}
    if args.take:
        notes.append(_take(context, found, told, args))
    if args.explain is not None:
        behind = quality_people.behind(found.tables, found.pact, found.as_of, asked)
        notes += explain(context, found, behind, args.explain)
    sections = [
        Section(say("suggest.rules"), rows.heads(say, rows.SUGGESTED), rows.suggested(say, told)),
        Section(say("leak.title"), rows.heads(say, rows.LEAKS), rows.leaks(say, (*told.left_out, *told.doubts))),
    ]
    return Result(document, [one for one in sections if one.rows], [*notes, *standing(context, found)])


def _take(context: Context, found: Analysis, told: Suggestion, args: argparse.Namespace) -> str:
    if not args.email:
        raise Misconfigured("suggest.who")
    known = {one.own.id: one.own for one in told.rules}
    missing = [name for name in args.take if name not in known]
    if missing:
        raise Misconfigured("suggest.no_rule", rule=", ".join(missing), known=", ".join(known))
    chosen = [known[name] for name in args.take]
    engine, line = context.workspace.database, found.used.line
    suggest_take.take(engine, chosen, found.pact, author=args.email, now=context.now, pact=line)
    return context.say("suggest.taken", count=len(chosen))


def _asked(asked: Asked, told: Quality | Suggestion) -> dict[str, Any]:
    return {
        "basis": basis_json(told.asked), "known": asked.known, "dated": told.dated,
        "cases": told.cases, "reached": told.reached, "needed": told.needed,
    }  # fmt: skip


def quality_json(told: Quality) -> dict[str, Any]:
    """The figures as the command's document has them; null where they cannot be said."""
    return {
        "left_out": {name: getattr(told, name) for name in LEFT_OUT},
        "enough": told.enough,
        "judged_share": told.judged_share,
        **_area("auc", told.separation),
        "bands": [{**asdict(band), "small": band.small} for band in told.bands],
        "falls": [{"band": place, "sure": sure} for place, sure in told.falls],
        "calibration": None if told.calibration is None else _calibration(told.calibration),
        "quarters": [
            {"quarter": one.label, "n": one.n, "reached": one.reached, "rate": one.rate, "ci_low": one.ci_low,
             "ci_high": one.ci_high, **_area("auc", one.separation), "psi": one.shift and one.shift.psi,
             "psi_usual": one.shift and one.shift.usual, "moved": one.moved, "small": one.small}
            for one in told.quarters
        ],
        "rules": [{**asdict(one), "leak": one.leak and list(one.leak.signs)} for one in told.rules],
        "leaks": _leaks(told.leaks),
        "untracked": list(told.untracked),
    }  # fmt: skip


def suggestion_json(told: Suggestion) -> dict[str, Any]:
    """The scorecard as the command's document has it: rules as the pact writes them."""
    return {
        "outcome": told.outcome, "fitted": told.fitted, "judged": told.judged,
        "judged_reached": told.judged_reached, "overlapping": told.overlapping,
        "validation": "later" if told.dated else "cross",
        **_area("auc", told.theirs), **_area("own_auc", told.own),
        "better": told.better and {**asdict(told.better), "sure": told.better.sure},
        "intercept": told.intercept, "slope": told.slope, "scale": told.scale,
        "rules": [
            {"rule": one.rule.model_dump(mode="json", exclude_defaults=True), "points": one.rule.points,
             "own_scale": one.own.points, "hits": one.hits, "rate": one.rate, "rest": one.rest, "known_then": one.then}
            for one in told.rules
        ],
        "left_out": _leaks(told.left_out), "doubts": _leaks(told.doubts), "protected": list(told.protected),
        "untracked": list(told.untracked), "own_left_out": list(told.own_left_out),
    }  # fmt: skip


def _area(name: str, one: Separation | None) -> dict[str, float | None]:
    values = (None, None, None) if one is None else (one.auc, one.low, one.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))


def _calibration(one: Calibration) -> dict[str, Any]:
    told = asdict(one)
    return {**told, "curve": [{"points": points, "probability": share} for points, share in one.curve]}


def _leaks(found: Sequence[Leak]) -> list[dict[str, Any]]:
    return [{**asdict(one), "leaks": one.leaks} for one in found]
