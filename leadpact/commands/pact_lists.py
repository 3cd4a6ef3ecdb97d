"""`pact members`: who is on the lists of the pact, as members of a campaign; `pact check`: what in it looks wrong.

Not here: who is on a list (leadpact/lists.py), what looks wrong (leadpact/soundness.py).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from config.document import load
from config.schema import Pact
from leadpact import lists as pact_lists
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.errors import LeadPactError, Misconfigured, NoMirror
from leadpact.export import to_csv
from leadpact.pact_in_use import with_pact
from leadpact.soundness import doubts
from leadpact.workspace import Analysis

FOUND = 1


def members(context: Context, args: argparse.Namespace) -> Result:
    """Every list with its count; with `--list` and `--out`, the members of one as a file."""
    if (args.list is None) != (args.out is None):
        raise Misconfigured("cli.list_needs_out")
    found = _analysis(context, args.file)
    if args.list is not None:
        return _members(context, found, args.list, args.out)
    say = context.say
    rows, document = [], []
    for one in found.pact.lists:
        problem = None
        try:
            people: int | None = pact_lists.count(found, one)
        except LeadPactError as error:
            people, problem = None, say.error(error)
        document.append({"id": one.id, "name": one.name, "assignee": one.assignee, "campaign": one.campaign,
                         "people": people, "problem": problem})  # fmt: skip
        rows.append([one.id, one.name, one.assignee or "–", say.number(people), problem or ""])
    columns = [say(f"cli.{name}") for name in ("list", "name", "assignee", "people", "problem")]
    whole = {"pact": found.used.as_json(), "as_of": found.as_of.isoformat() + "Z", "lists": document}
    return Result(whole, [Section("", columns, rows)] if rows else [], [] if rows else [say("cli.no_lists")])


def _members(context: Context, found: Analysis, wanted: str, out: Path) -> Result:
    one = pact_lists.find(found.pact, wanted)
    rows = pact_lists.rows(found, one)
    try:
        out.write_text(to_csv(pact_lists.COLUMNS, rows), encoding="utf-8", newline="")
    except OSError as error:
        raise Misconfigured("cli.cannot_write", path=str(out), problem=error.strerror or "") from None
    document = {"pact": found.used.as_json(), "as_of": found.as_of.isoformat() + "Z", "list": one.id,
                "people": len(rows), "file": str(out)}  # fmt: skip
    return Result(document, notes=[context.say("cli.list_written", file=str(out), count=len(rows))])


def check(context: Context, args: argparse.Namespace) -> Result:
    """What looks wrong in the pact, with its path and remedy. Exit code 1 where anything does."""
    try:
        opened: Analysis | None = _analysis(context, args.file)
    except (NoMirror, Misconfigured):
        opened = None  # without data no field is called unknown
    fields = None if opened is None else list(opened.tables.record.columns)
    pact = opened.pact if opened is not None else _pact(context, args.file)
    found = doubts(json.loads(pact.canonical), fields)
    say = context.say
    problems: list[dict[str, Any]] = [
        {"path": str(one.params.get("path", "")), "code": one.key, "message": say.error(one)} for one in found
    ]
    rows = [[each["path"], each["message"]] for each in problems]
    section = Section("", [say("cli.path"), say("cli.problem")], rows)
    return Result({"hash": pact.hash, "problems": problems}, [section] if rows else [],
                  [] if rows else [say("cli.no_doubts")], exit_code=FOUND if rows else 0)  # fmt: skip


def _analysis(context: Context, file: Path | None) -> Analysis:
    name = context.connection()
    used = None if file is None else with_pact(context.workspace.pact_in_use(name), load(file))
    return context.workspace.analyse(name, pact=used)


def _pact(context: Context, file: Path | None) -> Pact:
    if file is not None:
        return load(file)
    try:
        name = context.connection()
    except LeadPactError:
        name = "demo"  # the default pact needs no values
    return context.workspace.pact_in_use(name).pact
