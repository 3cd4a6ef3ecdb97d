"""The command `proposal`: the proposed value map, or one of your own, and its simulated effect.

Not here: how it is proposed (audit/proposal.py), the words of the effect's tables (proposal_effect.py).
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from leadpact import audit
from leadpact.audit import proposal as proposing
from leadpact.audit import suppression, valuemap_file, valuemap_store
from leadpact.audit.effect import effect
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Finding
from leadpact.audit.shown import shown
from leadpact.audit.valuemap import Row, ValueMap
from leadpact.audit.valuemap_check import checked
from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.proposal_effect import sections
from leadpact.commands.result import Result, Section
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.workspace import Analysis

COLUMNS = ("object", "value", "when", "to", "stage", "records", "frozen", "sure", "findings")


def proposal(context: Context, args: argparse.Namespace) -> Result:
    found, say = analysis(context, args), context.say
    tables = Facts.of(found)
    made = proposing.propose_from(tables, found.pact, _counted(context, found))
    origin, values = _map(context, args, found, tables, made)
    simulated = effect(found, values) if args.simulate else None
    document = {
        **heading(found),
        "map": {**origin, "hash": values.hash, "records": values.records, "rows": [_json(row) for row in values.rows]},
        "pact_additions": [asdict(one) for one in values.additions(found.pact)],
        "simulation": None if simulated is None else simulated.as_json(),
    }
    notes = [*_notes(say, values), *_additions(say, found, values), *_written(say, values, args.out)]
    if args.explain is not None:
        notes += explain(context, found, values.changes(tables), args.explain)
    title = say(f"proposal.title.{origin['source']}")
    head = [say(f"proposal.col.{name}") for name in COLUMNS]
    table = Section(title, head, [cells(say, found, row, split) for row, split in with_split(values)])
    tables_of = [table] if values.rows else []
    told = [] if simulated is None else sections(say, found, simulated)
    return Result(document, [*tables_of, *told], [*notes, *standing(context, found)])


def _counted(context: Context, found: Analysis) -> tuple[Finding, ...]:
    """The findings, without those that people have set aside."""
    aside = suppression.every(context.workspace.database, found.connection)
    day = suppression.today(context.now, found.pact.zone)
    return suppression.sort_out(audit.run(found).findings, aside, day).counted


def _map(
    context: Context, args: argparse.Namespace, found: Analysis, tables: Facts, made: proposing.Proposal
) -> tuple[dict[str, Any], ValueMap]:
    """The map in question and where it comes from: a file, the working map brought up to date, the proposal."""
    if args.map is not None:
        given = checked(valuemap_file.load(args.map), tables, found.pact, str(args.map))
        return {"source": "file", "number": None}, proposing.present(tables, found.pact, given, made)
    saved = valuemap_store.working(context.workspace.database, found.connection)
    if saved is None:
        return {"source": "proposal", "number": None}, made.map
    current = saved.map.refreshed(made.map)
    return {"source": "working", "number": saved.number}, proposing.present(tables, found.pact, current, made)


def _json(row: Row) -> dict[str, Any]:
    return {**asdict(row), "codes": list(row.codes)}


def with_split(values: ValueMap) -> list[tuple[Row, bool]]:
    """Every row, and whether its value has others."""
    return [(row, len(rows) > 1) for rows in values.groups().values() for row in rows]


def cells(say: Language, found: Analysis, row: Row, split: bool) -> list[str]:
    """A row of the map as people read it."""
    stages = {stage.key: stage.label for stage in found.pact.stages}
    return [
        say(f"ui.object.{row.object}"),
        shown(row.value) or say("proposal.blank"),
        conditions(say, found, row, split),
        target(say, row),
        shown(stages.get(row.stage or "", row.stage)) or "–",
        say.number(row.records),
        say.number(row.frozen),
        say(f"proposal.sure.{row.sure}") if row.sure else say(f"proposal.how.{row.how or 'none'}"),
        " ".join(row.codes),
    ]


def conditions(say: Language, found: Analysis, row: Row, split: bool) -> str:
    """Which of the value's records a row is about; `all others` where other rows take some."""
    stages = {stage.key: stage.label for stage in found.pact.stages}
    parts = [
        say("proposal.when.standing", stage=shown(stages.get(row.standing, row.standing))) if row.standing else "",
        say("proposal.when.previous", value=shown(row.previous)) if row.previous else "",
        say("proposal.when.record_type", type=shown(row.record_type)) if row.record_type else "",
    ]
    return ", ".join(part for part in parts if part) or (say("proposal.when.rest") if split else "–")


def target(say: Language, row: Row) -> str:
    """Where the records go, or that they stay, or that people decide."""
    if row.leave:
        return say("proposal.leave")
    if row.to is None:
        return say("proposal.open")
    return say("proposal.new", value=shown(row.to)) if row.create else shown(row.to)


def _notes(say: Language, values: ValueMap) -> list[str]:
    if not values.rows:
        return [say("proposal.nothing")]
    waiting = sum(row.records for row in values.rows if row.open)
    frozen = sum(row.frozen for row in values.rows)
    return [say("proposal.summary", records=values.records, open=waiting, frozen=frozen)]


def _additions(say: Language, found: Analysis, values: ValueMap) -> list[str]:
    """The pact edit that goes with the map."""
    added = values.additions(found.pact)
    lines = [f"  {say(f'ui.object.{one.object}')}: {shown(one.value)} → {one.stage}" for one in added]
    return [say("proposal.additions", count=len(added)), *lines] if added else []


def _written(say: Language, values: ValueMap, file: Path | None) -> list[str]:
    if file is None:
        return []
    as_csv = file.suffix.lower() == ".csv"
    if not as_csv and file.suffix.lower() not in (".yaml", ".yml"):
        raise Misconfigured("proposal.out_name", path=str(file))
    text = valuemap_file.to_csv(values) if as_csv else valuemap_file.to_yaml(values)
    try:
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise Misconfigured("cli.cannot_write", path=str(file), problem=error.strerror or "") from None
    return [say("proposal.written", path=str(file), count=len(values.rows))]


COMMANDS = {"proposal": proposal}
