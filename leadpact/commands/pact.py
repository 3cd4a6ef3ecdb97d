"""The pact on the command line: show, history, export, import, sign, withdraw, retire.

Whoever can read the home is trusted here, and the record of a signature says so.

Not here: drafts (pact_drafts.py), differences and several pacts (pact_compare.py), their options (pact_arguments.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from config import lines, sources, versions
from config.document import dump, parse, read_file
from config.errors import LeadPactError
from config.schema import Pact
from config.versions import Signature, Version, Votes
from leadpact.commands import pact_comments, pact_compare, pact_drafts, pact_lists
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.language import Language
from leadpact.pact_in_use import PactInUse, standing_of


def pact(context: Context, args: argparse.Namespace) -> Result:
    return ACTIONS[args.action](context, args)


def _chosen(context: Context, args: argparse.Namespace) -> PactInUse:
    """The version asked for, else the one that computes now."""
    if args.version is not None:
        line = context.workspace.line
        found = versions.find(context.workspace.database, args.version, line)
        newest = versions.in_force(versions.history(context.workspace.database, line))
        return standing_of(found, newest is not None and newest.number == found.number)
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
    database, line = context.workspace.database, context.workspace.line
    found = versions.history(database, line)
    newest = versions.in_force(found)
    say = context.say
    rows = [
        [
            str(one.number),
            one.hash[:12],
            one.author,
            one.message,
            "; ".join(_signed(say, s) for s in one.all_signatures) or "–",
            _voted(versions.voted(database, one.hash, line)),
            say("cli.yes") if one is newest else "–",
        ]
        for one in found
    ]
    names = ("pact_version", "hash", "author", "pact_message", "signatures", "votes", "is_in_force")
    document = {"versions": [_version(one, one is newest, versions.voted(database, one.hash, line)) for one in found]}
    columns = [say(f"cli.{name}") for name in names]
    return Result(document, [Section("", columns, rows)], [] if rows else [say("cli.no_versions")])


def _version(one: Version, in_force: bool, votes: Mapping[str, Votes]) -> dict[str, Any]:
    return {
        "version": one.number,
        "hash": one.hash,
        "parent": one.parent,
        "author": one.author,
        "message": one.message,
        "created_at": one.created_at.isoformat() + "Z",
        "in_force": in_force,
        "signatures": [
            {
                "email": s.email,
                "team": s.team,
                "door": s.door,
                "signed_at": s.signed_at.isoformat() + "Z",
                "withdrawn_at": s.withdrawn_at.isoformat() + "Z" if s.withdrawn_at else None,
            }
            for s in one.all_signatures
        ],
        "votes": {team: {"voted": each.voted, "of": each.of} for team, each in votes.items()},
    }


def _signed(say: Language, one: Signature) -> str:
    text = f"{one.email} ({say(f'team.{one.team}')})"
    return text if one.stands else say("cli.withdrawn", signature=text)


def _voted(votes: Mapping[str, Votes]) -> str:
    shown = (f"{one.team}: {one.voted}/{'–' if one.of is None else one.of}" for one in votes.values())
    return ", ".join(shown) or "–"


def export(context: Context, args: argparse.Namespace) -> Result:
    used = _chosen(context, args)
    text = dump(used.pact)
    if used.version is not None:
        database = context.workspace.database
        text = sources.export(database, versions.find(database, str(used.version), used.line))
    return Result(used.pact.model_dump(mode="json", exclude_defaults=True), plain=text)


def bring(context: Context, args: argparse.Namespace) -> Result:
    if args.draft:
        return pact_drafts.set_file(context, args)
    database = context.workspace.database
    document, text = read_file(args.file)
    brought = parse(document, str(args.file))
    sources.keep(database, brought, text, now=context.now)
    saved = versions.save(
        database, brought, author=args.email, message=args.message, now=context.now, line=new_line(context)
    )
    document = {"version": saved.number, "hash": saved.hash, "in_force": saved.signed_by_both}
    return Result(document, notes=[context.say("cli.imported", version=str(saved.number), hash=saved.hash[:12])])


def new_line(context: Context) -> str:
    """The pact to save to: the one called so, or a new one of that name."""
    wanted = context.workspace.pact_name
    try:
        return context.workspace.line
    except LeadPactError:
        return lines.slug_of(str(wanted))


def sign(context: Context, args: argparse.Namespace) -> Result:
    version = _to_sign(context, args)
    database = context.workspace.database
    signed = versions.sign(database, version, email=args.email, team=args.team, door="cli", now=context.now)
    document = {"version": signed.number, "hash": signed.hash, "in_force": signed.signed_by_both}
    key = "cli.signed_in_force" if signed.signed_by_both else "cli.signed"
    return Result(document, notes=[context.say(key, version=str(signed.number), email=args.email)])


def withdraw(context: Context, args: argparse.Namespace) -> Result:
    version = _to_sign(context, args)
    found = versions.withdraw(
        context.workspace.database, version, email=args.email, door="cli", now=context.now, reason=args.reason
    )
    document = {"version": found.number, "hash": found.hash, "in_force": found.signed_by_both}
    note = context.say("cli.signature_withdrawn", version=str(found.number), email=args.email)
    return Result(document, notes=[note])


def _to_sign(context: Context, args: argparse.Namespace) -> Version:
    database, line = context.workspace.database, context.workspace.line
    found = versions.history(database, line)
    if not found:
        raise LeadPactError("pact.nothing_to_sign")
    return versions.find(database, args.version, line) if args.version else found[0]


def retire(context: Context, args: argparse.Namespace) -> Result:
    line = lines.find(context.workspace.database, args.name)
    lines.retire(context.workspace.database, line.slug, author=args.email, now=context.now)
    return Result({"retired": line.slug}, notes=[context.say("cli.retired", name=line.name)])


ACTIONS = {
    "show": show,
    "list": pact_compare.listed,
    "history": history,
    "diff": pact_compare.diff,
    "compare": pact_compare.compare,
    "export": export,
    "import": bring,
    "sign": sign,
    "members": pact_lists.members,
    "check": pact_lists.check,
    "withdraw": withdraw,
    "comments": pact_comments.remarks,
    "draft": pact_drafts.draft,
    "retire": retire,
}

COMMANDS = {"pact": pact}
