"""The actions of `writeback` about fields: check, set, make.

Not here: the check itself (leadpact/writeback/setup.py), writing (writeback.py).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.crm_fields import Prepared
from leadpact.language import Language
from leadpact.writeback import setup, targets
from leadpact.writeback.actors import named
from leadpact.writeback.plan import Limits
from leadpact.writeback.setup import Need
from leadpact.writeback.target import Target

FINE = ("ok", "later")
FAILED = 1


def check(context: Context, target: Target, args: argparse.Namespace) -> Result:
    """Every field write-back needs, and how it stands. Writes nothing."""
    found = _needs(context, target)
    chosen = targets.load(target.engine, target.connection.name)
    say = context.say
    document = {
        "connection": target.connection.name,
        "writable": target.connection.writable,
        "limits": {"share": chosen.limits.share, "most": chosen.limits.most},
        "fields": [_need(one) for one in found],
    }
    rows = [
        [say(f"ui.object.{one.object}"), say(f"writeback.purpose.{one.purpose}"), one.field or "–",
         say(f"writeback.state.{one.state}")]
        for one in found
    ]  # fmt: skip
    head = [say(f"writeback.col.{name}") for name in ("object", "purpose", "field", "state")]
    notes = [] if target.connection.writable else [say("writeback.read_only", name=target.connection.name)]
    if any(one.making is not None for one in found):
        notes.append(say("writeback.can_make"))
    if any(one.state == "found" for one in found):
        notes.append(say("writeback.can_adopt"))
    return Result(document, [Section("", head, rows)], notes)


def choose(context: Context, target: Target, args: argparse.Namespace) -> Result:
    """Chooses fields and limits."""
    say, now = context.say, context.now
    if args.found:
        setup.adopt(target, _needs(context, target), author=args.email, now=now)
    chosen = targets.load(target.engine, target.connection.name)
    for object, purpose, name in args.fields:
        chosen = chosen.with_field(object, purpose, name or None)
    share, most = args.share or chosen.limits.share, args.most or chosen.limits.most
    chosen = replace(chosen, limits=Limits(share, most))
    targets.save(target.engine, target.connection.name, chosen, author=args.email, now=now)
    document = {
        "connection": target.connection.name,
        "fields": {object: dict(own) for object, own in chosen.fields.items() if own},
        "limits": {"share": share, "most": most},
    }
    return Result(document, notes=[say("writeback.kept", name=target.connection.name)])


def make(context: Context, target: Target, args: argparse.Namespace) -> Result:
    """Shows what would be made in the CRM, and makes it with `--yes`."""
    say = context.say
    if args.yes:
        named(args.email)
        target.check_writable()
    prepared = setup.prepare(target, _needs(context, target))
    if not args.yes:
        document = [{**_need(need), **_prepared(say, one)} for need, one in prepared]
        shown = "\n\n".join(preview(say, one) for _, one in prepared)
        notes = [say("writeback.make_dry")] if prepared else [say("writeback.nothing_to_make")]
        return Result({"connection": target.connection.name, "prepared": document}, plain=shown, notes=notes)
    done = list(setup.make(target, prepared, author=args.email, now=context.now))
    document = [{**_need(need), "outcome": made.kind, "code": made.code, "name": made.name} for need, made in done]
    impossible = [one for _, one in prepared if not one.possible]
    rows = [
        [say(f"ui.object.{need.object}"), say(f"writeback.purpose.{need.purpose}"), made.name or "–",
         say(f"writeback.made.{made.kind}") + (f" ({made.code})" if made.code else "")]
        for need, made in done
    ]  # fmt: skip
    head = [say(f"writeback.col.{name}") for name in ("object", "purpose", "field", "state")]
    notes = [preview(say, one) for one in impossible]
    if any(made.kind == "made" and need.purpose == targets.STATUS for need, made in done):
        notes.append(say("writeback.map_status"))
    notes += [say("writeback.make_again")] if done else [say("writeback.nothing_to_make")]
    failed = any(made.kind not in ("made", "exists") for _, made in done)
    return Result({"connection": target.connection.name, "made": document}, [Section("", head, rows)] if rows else [],
                  notes, exit_code=FAILED if failed else 0)  # fmt: skip


def preview(say: Language, one: Prepared) -> str:
    """What would be done for one field, and what would be sent."""
    lines = [say(one.message, **one.params), say(one.remedy, **one.params) if one.remedy else "", one.preview]
    return "\n".join(line for line in lines if line)


def _needs(context: Context, target: Target) -> list[Need]:
    return setup.needs(target, context.workspace.analyse(target.connection.name))


def _need(one: Need) -> dict[str, Any]:
    return {"object": one.object, "purpose": one.purpose, "field": one.field, "state": one.state}


def _prepared(say: Language, one: Prepared) -> dict[str, Any]:
    remedy = say(one.remedy, **one.params) if one.remedy else None
    return {"possible": one.possible, "message": say(one.message, **one.params), "remedy": remedy,
            "preview": one.preview}  # fmt: skip
