"""The command `trail`: who did what and when, newest first, for people, programs and spreadsheets.

Not here: the audit trail itself (leadpact/trail.py, config/trail.py).
"""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

from leadpact import trail
from leadpact.audit.shown import shown
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.trail import Asked


def lines(context: Context, args: argparse.Namespace) -> Result:
    """The lines asked for. `--json` and `--out` have all of them, the table the newest."""
    say, engine = context.say, context.workspace.database
    asked = Asked(args.since, args.until, args.did, args.actor)
    notes = _written(context, asked, args.out) if args.out is not None else []
    if getattr(args, "json", False):
        return Result({"trail": [one.as_json() for one in trail.every(engine, asked)]}, notes=notes)
    found = list(islice(trail.every(engine, asked), args.most))
    rows = [[str(one.id), one.at.isoformat(" ", "seconds"), shown(one.actor), did(say, one.action), _detail(one)]
            for one in found]  # fmt: skip
    head = ["", *(say(f"trail.{name}") for name in ("at", "actor", "action", "detail"))]
    more = trail.count(engine, asked) - len(found)
    notes += [say("trail.more", count=more)] if more else []
    if not rows:
        return Result({"trail": []}, notes=[*notes, say("trail.none")])
    return Result({"trail": []}, [Section(say("trail.title"), head, rows)], notes)


def did(say: Language, action: str) -> str:
    """The action in the reader's language; its name where a later release has given it none."""
    key = f"trail.did.{action}"
    return say(key) if say.has(key) else action


def _detail(one: trail.Line) -> str:
    """What is short enough to read: numbers and names; hashes by their beginning."""
    parts = []
    for name, value in sorted(one.detail.items(), key=lambda item: (item[0] not in FIRST, item[0])):
        if isinstance(value, dict | list) or value is None:
            continue
        text = str(value)
        parts.append(f"{name}={text[:12] if name.endswith('hash') else text}")
    return shown(", ".join(parts))


def _written(context: Context, asked: Asked, file: Path) -> list[str]:
    try:
        file.write_text(trail.csv_of(context.workspace.database, asked), encoding="utf-8", newline="")
    except OSError as error:
        raise Misconfigured("cli.cannot_write", path=str(file), problem=error.strerror or "") from None
    count = trail.count(context.workspace.database, asked)
    return [context.say("trail.exported", count=count, path=str(file))]


FIRST = ("plan", "number", "connection")  # what a line is about
COMMANDS = {"trail": lines}
