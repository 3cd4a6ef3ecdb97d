"""Commands that compute: audit, velocity, reach. Each asks one engine and hands back its numbers."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from config.document import load
from leadpact import audit as auditing
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.errors import Misconfigured
from leadpact.export import to_csv
from leadpact.language import Language
from leadpact.metrics import reach as reaching
from leadpact.metrics import velocity as speeds
from leadpact.people import listed
from leadpact.tables import Table
from leadpact.workspace import Analysis, PactInUse, with_pact

LEVELS = {"none": 0, "error": 1, "warning": 2, "info": 3}


def analysis(context: Context, args: argparse.Namespace) -> Analysis:
    """The generation an analysis command reads, under the pact and the cut it names."""
    name = context.connection()
    used: PactInUse | None = None
    if args.pact is not None:
        pact = load(args.pact)
        used = with_pact(context.workspace.pact_in_use(name), pact)
    return context.workspace.analyse(name, pact=used, as_of=args.as_of, where=dict(args.where or []))


def heading(found: Analysis) -> dict[str, Any]:
    """What every analysis document begins with."""
    return {"pact": found.used.as_json(), "as_of": found.as_of.isoformat() + "Z"}


def standing(context: Context, found: Analysis) -> list[str]:
    """The line under every table: which pact, as of when, and that a draft is a draft."""
    say = context.say
    key = "cli.in_force" if found.used.in_force else "cli.draft"
    when = say.moment(found.as_of, found.pact.zone)
    return [say(key, name=found.pact.name, version=str(found.used.version or "–"), when=when, zone=found.pact.timezone)]


def explain(context: Context, found: Analysis, rows: Table, file: Path | None) -> list[str]:
    """Writes the people behind a result as CSV where asked to, and says how many."""
    if file is None:
        return []
    table = listed(rows, found.tables).execute()
    text = to_csv(list(table.columns), table.itertuples(index=False, name=None))
    try:
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise Misconfigured("cli.cannot_write", path=str(file), problem=error.strerror or "") from None
    return [context.say("cli.explained", count=len(table), path=str(file))]


def audit(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    result = auditing.run(found)
    say = context.say
    notes = [say("cli.not_checked", code=one.code, needs=", ".join(one.needs)) for one in result.not_checked]
    if args.explain is not None:
        notes += explain(context, found, auditing.explain(found, result.findings), args.explain)
    document = {
        **heading(found),
        "findings": result.as_json(say),
        "not_checked": [{"code": one.code, "name": one.name, "needs": list(one.needs)} for one in result.not_checked],
    }
    rows = [
        [one.code, say(f"severity.{one.severity}"), say.number(one.records), say.text(one.message)]
        for one in result.findings
    ]
    columns = [say(f"cli.{name}") for name in ("code", "severity", "records", "finding")]
    level = LEVELS[args.fail_on]
    failed = any(LEVELS[one.severity] <= level for one in result.findings)
    summary = [say("cli.findings", count=len(rows)), *notes, *standing(context, found)]
    return Result(document, [Section("", columns, rows)], summary, exit_code=1 if failed else 0)


def velocity(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    result = speeds.velocity(found.tables, found.pact, found.as_of, by=args.by)
    document = {
        **heading(found),
        "coverage": result.coverage,
        "unknown": result.unknown,
        "stages": [asdict(one) for one in result.stages],
    }
    say = context.say
    labels = {stage.key: stage.label for stage in found.pact.stages}
    rows = [
        [
            *_group(say, one.group, args.by),
            labels.get(one.stage, say("stage.unmapped")),
            say.number(one.n),
            say.number(one.n_open),
            *(say.number(value, 1) for value in (one.p25_days, one.median_days, one.p75_days)),
        ]
        for one in result.stages
    ]
    names = ("stage", "spells", "still_there", "p25_days", "median_days", "p75_days")
    head = [*([say("cli.group")] if args.by else []), *(say(f"velocity.{name}") for name in names)]
    left_out = say("cli.unknown_left_out", unknown=result.unknown, coverage=say.percent(result.coverage))
    rows_behind = speeds.durations(found.tables, found.pact, found.as_of, args.by)
    notes = [left_out, *explain(context, found, rows_behind, args.explain)]
    return Result(document, [Section("", head, rows)], [*notes, *standing(context, found)])


def reach(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args)
    result = reaching.reach(found.tables, found.pact, found.as_of, stage=args.stage, days=args.days, by=args.by)
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
            *_group(say, one.group, args.by),
            say.number(one.days),
            say.number(one.n),
            say.percent(one.probability),
            f"{say.percent(one.ci_low)} – {say.percent(one.ci_high)}" if one.ci_low is not None else "–",
        ]
        for one in result.reach
    ]
    names = ("days", "journeys", "probability", "interval")
    head = [*([say("cli.group")] if args.by else []), *(say(f"reach.{name}") for name in names)]
    left_out = say("cli.unknown_left_out", unknown=result.unknown, coverage=say.percent(result.coverage))
    rows_behind = reaching.outcomes(found.tables, found.pact, found.as_of, args.stage, args.by)
    notes = [left_out, *explain(context, found, rows_behind, args.explain)]
    return Result(document, [Section("", head, rows)], [*notes, *standing(context, found)])


def _group(say: Language, group: str | None, by: str | None) -> list[str]:
    """The cell of the group, where there is one: unknown is said, not left blank."""
    return [] if by is None else [group if group is not None else say("group.unknown")]


COMMANDS = {"audit": audit, "velocity": velocity, "reach": reach}
