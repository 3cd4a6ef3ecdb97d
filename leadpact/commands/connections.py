"""The command `connection`: those there are, and letting LeadPact write over one.

Whoever can read the home is trusted here, and the record says by which door a decision came.

Not here: what a decision does (leadpact/writing.py), testing a connection (source.py).
"""

from __future__ import annotations

import argparse
from typing import Any

from leadpact import settings, writing
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.language import Language
from leadpact.settings import Connection
from leadpact.writing import Decision


def connection(context: Context, args: argparse.Namespace) -> Result:
    """Lists the connections, or enables or disables writing over one and shows how it stands then."""
    known = context.connections()
    if args.action != "list":
        one = settings.choose(known, args.name)
        settings.decide_writing(context.workspace.database, one, enabled=args.action == "enable-writing",
                                actor=args.email, door="cli", now=context.now)  # fmt: skip
        known = {args.name: context.connections()[args.name]}
    return _shown(context, known)


def _shown(context: Context, known: dict[str, Connection]) -> Result:
    say = context.say
    decided = writing.decisions(context.workspace.database)
    synced = set(context.workspace.synced())
    documents, rows = [], []
    for name, one in sorted(known.items()):
        decision = decided.get(name)
        documents.append(_document(one, decision, name in synced))
        read = say("cli.synced_yes" if name in synced else "cli.synced_no")
        rows.append([name, *words(say, one), _who(context, one, decision), read])
    columns = [say(f"cli.{name}") for name in ("name", "type", "environment", "writing", "decided", "read")]
    return Result({"connections": documents}, [Section("", columns, rows)])


def words(say: Language, one: Connection) -> tuple[str, str, str]:
    """Its type, its environment, and whether LeadPact may write over it."""
    kind = f"setup.type.{one.type}"
    writes = say("setup.writable" if one.writable else "setup.read_only")
    return (say(kind) if say.has(kind) else one.type, say(f"setup.environment.{one.environment}"), writes)


def _document(one: Connection, decision: Decision | None, synced: bool) -> dict[str, Any]:
    decided = None if decision is None else {
        "enabled": decision.enabled, "by": decision.actor, "door": decision.door, "at": decision.at.isoformat() + "Z",
    }  # fmt: skip
    return {"name": one.name, "type": one.type, "environment": one.environment, "writable": one.writable,
            "decision": decided, "synced": synced}  # fmt: skip


def _who(context: Context, one: Connection, decision: Decision | None) -> str:
    """Who decided, or what did: the settings, or nobody yet."""
    say = context.say
    if one.stated is False:
        return say("cli.decided.locked")
    if decision is None:
        return say("cli.decided.settings") if one.stated else "–"
    who, at = decision.actor or say("ui.unknown"), say.moment(decision.at)
    if decision.enabled and not one.writable:
        return say("cli.decided.elsewhere", who=who, at=at)
    return say("cli.decided.by", who=who, at=at)


COMMANDS = {"connection": connection}
