"""The command `imports`: lists of records that came in at once, and where their people stand now.

Not here: what an imported block is (leadpact/audit/imports.py).
"""

from __future__ import annotations

import argparse
from typing import Any

from leadpact.audit import imports_list
from leadpact.audit.imports_list import PARTS, Block
from leadpact.audit.shown import shown
from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.language import Language
from leadpact.workspace import Analysis

COLUMNS = ("block", "when", "source", "by", *PARTS, "stands")


def imports(context: Context, args: argparse.Namespace) -> Result:
    found, say = analysis(context, args), context.say
    result = imports_list.imports(found)
    document: dict[str, Any] = {
        **heading(found),
        "coverage": result.coverage,
        "undated": result.undated,
        "activities_known": result.activities,
        **{part: result.total(part) for part in PARTS},
        "blocks": [one.as_json() for one in result.blocks],
    }
    head = [say(f"imports.{name}") for name in COLUMNS]
    rows = [_row(say, found, one) for one in result.blocks]
    notes = [say("imports.found", count=len(rows))]
    notes += [] if result.activities else [say("imports.no_activities")]
    notes.append(say("imports.undated", count=result.undated, coverage=say.percent(result.coverage)))
    if args.explain is not None:
        notes += explain(context, found, imports_list.people(found), args.explain)
    return Result(document, [Section("", head, rows)] if rows else [], [*notes, *standing(context, found)])


def _row(say: Language, found: Analysis, one: Block) -> list[str]:
    labels = {stage.key: stage.label for stage in found.pact.stages}
    stands = ", ".join(f"{labels.get(key, key)} {say.number(number)}" for key, number in one.stages.items())
    maker = one.maker or (say("imports.owner", name=one.owner) if one.owner else "–")
    counts = [say.number(getattr(one, part)) for part in PARTS]
    when = say.moment(one.first_at, found.pact.zone)
    return [str(one.number), when, shown(one.source) or "–", shown(maker), *counts, stands]


COMMANDS = {"imports": imports}
