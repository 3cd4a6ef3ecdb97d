"""What commands that compute have in common."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from config.document import load
from leadpact.commands.context import Context
from leadpact.errors import Misconfigured
from leadpact.export import to_csv
from leadpact.pact_in_use import PactInUse, with_pact
from leadpact.people import listed
from leadpact.tables import Table
from leadpact.workspace import Analysis


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
