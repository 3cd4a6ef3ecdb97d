"""The command `scoring simulate`: the draft against the version in use, before anybody signs it.

Not here: the figures (leadpact/scoring/simulate.py), its options (scoring_arguments.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from config import drafts, versions
from config.document import parse
from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.commands.scoring_rules import basis_json
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.pact_in_use import PactInUse, with_pact
from leadpact.scoring import simulate_words as said
from leadpact.scoring import versus
from leadpact.scoring.basis import Asked
from leadpact.scoring.score import LIGHTS
from leadpact.scoring.simulate import Question, Side, Simulation, simulate
from leadpact.scoring.trade import Point
from leadpact.scoring.versus import RuleEffect
from leadpact.workspace import Analysis

LEFT_OUT = ("young", "unknown", "settled", "cut")
HEADS = ("version", "greens", "conversion", "recall", "lift")


def run(context: Context, args: argparse.Namespace) -> Result:
    """The draft is `--pact FILE`, else the open draft; it is put beside `--against`, else the version in use."""
    after = analysis(context, args)
    before = _against(context, after, args)
    if args.pact is None:
        after = _with_draft(context, after, before)
    if before.pact.hash == after.pact.hash:
        raise Misconfigured("simulate.same")
    asked = Asked(args.stage, args.goal, args.window, args.after, known=args.known)
    question = Question(args.months, args.capacity, asked)
    # the world is that of the version before: stages and spells as they are, not as they may become
    world = context.workspace.analyse(after.connection, pact=before, as_of=args.as_of, where=dict(args.where or []))
    told = simulate(world.tables, before.pact, after.pact, world.as_of, question)
    effects = versus.by_rule(world.tables, before.pact, after.pact, world.as_of)
    notes = [said.today(context.say, told), *said.weekly(context.say, told),
             *said.basis(context.say, before.pact, told), *said.unused(context.say, told),
             said.advice(context.say, told)]  # fmt: skip
    if args.explain is not None:
        rows = versus.disagreeing(world.tables, before.pact, after.pact, world.as_of)
        notes += explain(context, world, rows, args.explain)
    document = {**heading(after), "against": before.as_json(), **as_json(told, effects)}
    return Result(document, _sections(context.say, told, effects), [*notes, *standing(context, after)])


def _against(context: Context, found: Analysis, args: argparse.Namespace) -> PactInUse:
    used = context.workspace.pact_in_use(found.connection)
    if args.against is None:
        return used
    return with_pact(used, versions.find(context.workspace.database, args.against, used.line).pact)


def _with_draft(context: Context, found: Analysis, before: PactInUse) -> Analysis:
    draft = drafts.newest(context.workspace.database, found.used.line)
    if draft is not None:
        pact = parse(draft.document, "draft")
    else:
        newest = versions.history(context.workspace.database, found.used.line)
        if not newest or newest[0].hash == before.pact.hash:
            raise Misconfigured("simulate.no_draft")
        pact = newest[0].pact
    used = with_pact(found.used, pact)
    return context.workspace.analyse(found.connection, pact=used, as_of=found.as_of, where=found.conditions)


def as_json(told: Simulation, effects: tuple[RuleEffect, ...]) -> dict[str, Any]:
    """The simulation as the command's document has it; null where something cannot be said."""
    asked = told.question.asked.of(told.before.pact)
    return {
        "today": {
            "lights": [{"before": before, "after": after, "records": n}
                       for (before, after), n in sorted(told.lights.items(), key=str)],
            "gained": told.gained, "lost": told.lost, "kept": told.kept, "taken": told.taken,
            "rules": [asdict(one) for one in effects],
        },
        "weeks": [{"ends": end.isoformat() + "Z", "before": before, "after": after}
                  for end, before, after in zip(told.ends, told.before.weekly, told.after.weekly, strict=True)],
        "share": told.share,
        "capacity": told.question.capacity,
        "outcome": {
            "basis": basis_json(asked), "dated": told.dated, "known": asked.known,
            "cases": told.cases, "reached": told.reached,
            "left_out": {name: getattr(told, name) for name in LEFT_OUT},
            "before": _side(told.before), "after": _side(told.after),
        },
        "trade": [_point(one) for one in told.curve],
        "recommended": told.recommended and _point(told.recommended),
        "untracked": list(told.untracked),
    }  # fmt: skip


def _side(side: Side) -> dict[str, Any]:
    return {
        "threshold": side.pact.sales_ready.threshold, "already_green": side.already, "per_week": side.per_week,
        "judged_share": side.judged_share, "rules_left_out": list(side.left_out),
        "must_haves_left_out": list(side.unasked), "point": side.point and _point(side.point),
    }  # fmt: skip


def _point(one: Point) -> dict[str, Any]:
    ends: dict[str, float | None] = {}
    for name, interval in (("ci", one.converted.interval), ("recall", one.recall.interval)):
        ends[f"{name}_low"], ends[f"{name}_high"] = interval or (None, None)
    return {
        "threshold": one.threshold, "per_week": one.per_week, "greens": one.greens, "reached": one.reached,
        "conversion": one.converted.rate, "recall": one.recall.rate, "lift": one.lift, "small": one.small, **ends,
    }  # fmt: skip


def _sections(say: Language, told: Simulation, effects: tuple[RuleEffect, ...]) -> list[Section]:
    lights = [[say(f"simulate.was.{was or 'none'}"),
               *(say.number(told.lights.get((was, now), 0)) for now in (*LIGHTS, None))]
              for was in (*LIGHTS, None) if any(told.lights.get((was, now)) for now in (*LIGHTS, None))]  # fmt: skip
    sides = [[say(f"simulate.{name}"), *_cells(said.figures(say, side))]
             for name, side in (("before", told.before), ("after", told.after))]  # fmt: skip
    trade = [[say.number(one.threshold), say.number(one.per_week, 1), *_cells(said.of_point(say, one)),
              say("simulate.recommended") if one == told.recommended else ""] for one in told.curve]  # fmt: skip
    rules = [[one.rule, say.number(one.more), say.number(one.fewer), say.number(one.points, 1)] for one in effects]
    found = [
        Section(say("simulate.lights"), [say("simulate.col.was"), *(say(f"simulate.is.{now or 'none'}")
                                                                     for now in (*LIGHTS, None))], lights),
        Section(say("simulate.rules"), [say(f"simulate.col.{name}") for name in ("rule", "more", "fewer", "points")],
                rules),
        Section(say("simulate.outcome"), [say(f"simulate.col.{name}") for name in HEADS], sides),
        Section(say("simulate.trade"), [say(f"simulate.col.{name}")
                                        for name in ("threshold", "per_week", *HEADS[1:], "advice")], trade),
    ]  # fmt: skip
    return [one for one in found if one.rows]


def _cells(known: Mapping[str, str]) -> list[str]:
    return [known[name] for name in HEADS[1:]]
