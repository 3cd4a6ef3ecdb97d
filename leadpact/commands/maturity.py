"""The command that says how mature the process is.

Not here: the criteria (leadpact/maturity).
"""

from __future__ import annotations

import argparse

from leadpact import audit as auditing
from leadpact.audit import suppression
from leadpact.audit.runner import Audit
from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.language import Language
from leadpact.maturity.completeness import Filled
from leadpact.maturity.scorecard import Area, scorecard
from leadpact.maturity.words import level


def maturity(context: Context, args: argparse.Namespace) -> Result:
    """Every component and step with its level; `--explain` writes the records behind the findings it stands on."""
    found, say = analysis(context, args), context.say
    result = auditing.run(found)
    aside = suppression.every(context.workspace.database, found.connection)
    day = suppression.today(context.now, found.pact.zone)
    counted = Audit(suppression.sort_out(result.findings, aside, day).counted, result.not_checked)
    card = scorecard(found, counted)
    columns = [say(f"cli.maturity.{name}") for name in ("area", "level", "missing", "seen")]
    sections = [
        Section(say(f"maturity.{kind}"), columns, [row for one in card.areas if one.kind == kind
                                                   for row in _rows(say, one)])
        for kind in dict.fromkeys(one.kind for one in card.areas)
    ]  # fmt: skip
    sections.append(_completeness(say, card.completeness))
    notes = []
    if args.explain is not None:
        notes = explain(context, found, auditing.explain(found, counted.findings), args.explain)
    document = {**heading(found), **card.as_json(say)}
    return Result(document, sections, [*notes, *standing(context, found)])


def _rows(say: Language, one: Area) -> list[list[str]]:
    """The area with what is missing next, a line each."""
    rows = [["", "", say(f"maturity.must.{judged.key}"), say.text(judged.seen.text)] for judged in one.missing] or [
        ["", "", say("maturity.complete"), ""]
    ]
    rows[0][:2] = [say(f"maturity.area.{one.name}"), say.text(level(one))]
    return rows


def _completeness(say: Language, some: tuple[Filled, ...]) -> Section:
    columns = [say(f"cli.maturity.{name}") for name in ("field", "filled", "share")]
    rows = [
        [f"{say(f'ui.object.{one.object}')}: {_field(say, one.field)}",
         f"{say.number(one.filled)} / {say.number(one.records)}", say.percent(one.share)]
        for one in some
    ]  # fmt: skip
    return Section(say("cli.maturity.completeness"), columns, rows)


def _field(say: Language, name: str) -> str:
    key = f"maturity.field.{name}"
    return say(key) if say.has(key) else name


COMMANDS = {"maturity": maturity}
