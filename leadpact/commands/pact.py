"""The pact on the command line: show, history, diff, export, import, sign.

Whoever can read the home is trusted here, and the record of a signature says so.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from config import versions
from config.document import dump, load
from config.errors import LeadPactError
from config.schema import Pact
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.workspace import PactInUse


def pact(context: Context, args: argparse.Namespace) -> Result:
    return ACTIONS[args.action](context, args)


def _chosen(context: Context, args: argparse.Namespace) -> PactInUse:
    """The version asked for, else the one that computes now."""
    if args.version is not None:
        found = versions.find(context.workspace.database, args.version)
        newest = versions.in_force(versions.history(context.workspace.database))
        force = newest is not None and newest.number == found.number
        return PactInUse(found.pact, found.number, force, found.reviewed_at if force else None)
    try:
        name = context.connection()
    except LeadPactError:
        name = "demo"  # with several connections and none synced, the default pact needs no values
    return context.workspace.pact_in_use(name)


def show(context: Context, args: argparse.Namespace) -> Result:
    used = _chosen(context, args)
    say = context.say
    rows = [
        [stage.key, stage.label, say(f"stage_kind.{stage.kind}"), ", ".join(_values(used.pact, stage.key))]
        for stage in used.pact.stages
    ]
    columns = [say("cli.stage"), say("cli.label"), say("cli.kind"), say("cli.mapped_values")]
    key = "cli.pact_in_force" if used.in_force else "cli.pact_draft"
    note = say(key, name=used.pact.name, version=str(used.version or "–"), hash=used.pact.hash[:12])
    document = {**used.pact.model_dump(mode="json", exclude_defaults=True), "pact": used.as_json()}
    return Result(document, [Section("", columns, rows)], [note])


def _values(pact: Pact, stage: str) -> list[str]:
    """The raw values of a stage, each once however many objects use it."""
    named = (pact.status_map.of(object).items() for object in ("lead", "contact"))
    return list(dict.fromkeys(value for pairs in named for value, key in pairs if key == stage))


def history(context: Context, args: argparse.Namespace) -> Result:
    found = versions.history(context.workspace.database)
    newest = versions.in_force(found)
    say = context.say
    document = {
        "versions": [
            {
                "version": one.number,
                "hash": one.hash,
                "parent": one.parent,
                "author": one.author,
                "message": one.message,
                "created_at": one.created_at.isoformat() + "Z",
                "in_force": one is newest,
                "signatures": [
                    {"email": s.email, "team": s.team, "door": s.door, "signed_at": s.signed_at.isoformat() + "Z"}
                    for s in one.signatures
                ],
            }
            for one in found
        ]
    }
    rows = [
        [
            str(one.number),
            one.hash[:12],
            one.author,
            one.message,
            ", ".join(f"{s.email} ({say(f'team.{s.team}')})" for s in one.signatures) or "–",
            say("cli.yes") if one is newest else "–",
        ]
        for one in found
    ]
    columns = [say(f"cli.{name}") for name in ("version", "hash", "author", "message", "signatures", "is_in_force")]
    return Result(document, [Section("", columns, rows)], [] if rows else [say("cli.no_versions")])


def diff(context: Context, args: argparse.Namespace) -> Result:
    a, b = (versions.find(context.workspace.database, wanted) for wanted in (args.a, args.b))
    before, after = (_flat(json.loads(one.pact.canonical)) for one in (a, b))
    changes = [
        {"path": path, "before": before.get(path), "after": after.get(path)}
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    ]
    say = context.say
    rows = [[str(c["path"]), _plain(c["before"]), _plain(c["after"])] for c in changes]
    columns = [say("cli.path"), say("cli.before"), say("cli.after")]
    return Result({"a": a.number, "b": b.number, "changes": changes}, [Section("", columns, rows)])


def _flat(part: Any, path: str = "") -> dict[str, Any]:
    """Every leaf by its path; stages, rules and policies by their key or id, not their place."""
    if isinstance(part, dict):
        return {p: v for name, value in part.items() for p, v in _flat(value, f"{path}.{name}".lstrip(".")).items()}
    if isinstance(part, list) and all(isinstance(one, dict) for one in part) and part:
        found: dict[str, Any] = {}
        for at, one in enumerate(part):
            found |= _flat(one, f"{path}[{one.get('key') or one.get('id') or one.get('term') or at}]")
        return found
    return {path: part}


def _plain(value: Any) -> str:
    return "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def export(context: Context, args: argparse.Namespace) -> Result:
    pact = _chosen(context, args).pact
    return Result(pact.model_dump(mode="json", exclude_defaults=True), plain=dump(pact))


def bring(context: Context, args: argparse.Namespace) -> Result:
    saved = versions.save(
        context.workspace.database, load(args.file), author=args.email, message=args.message, now=context.now
    )
    document = {"version": saved.number, "hash": saved.hash, "in_force": saved.signed_by_both}
    return Result(document, notes=[context.say("cli.imported", version=str(saved.number), hash=saved.hash[:12])])


def sign(context: Context, args: argparse.Namespace) -> Result:
    database = context.workspace.database
    found = versions.history(database)
    if not found:
        raise LeadPactError("pact.nothing_to_sign")
    version = versions.find(database, args.version) if args.version else found[0]
    signed = versions.sign(database, version, email=args.email, team=args.team, door="cli", now=context.now)
    document = {"version": signed.number, "hash": signed.hash, "in_force": signed.signed_by_both}
    key = "cli.signed_in_force" if signed.signed_by_both else "cli.signed"
    return Result(document, notes=[context.say(key, version=str(signed.number), email=args.email)])


ACTIONS = {
    "show": show,
    "history": history,
    "diff": diff,
    "export": export,
    "import": bring,
    "sign": sign,
}

COMMANDS = {"pact": pact}
