"""The commands `forget` and `retain`: a person taken out of everything LeadPact holds; people kept too long emptied.

Whoever can read the home is trusted, as with every command: `--as` is the name that goes on the record.

Not here: what is erased, and how (leadpact/privacy).
"""

from __future__ import annotations

import argparse

from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.privacy import forget as forgetting
from leadpact.privacy import retention
from leadpact.privacy.forget import Erased, Wanted

LEFT = 1  # exit code: something that names the person is still there, and cannot be erased by LeadPact


def forget(context: Context, args: argparse.Namespace) -> Result:
    """Erases a person, or without `--yes` says what would be; with nobody named finishes what a crash has left."""
    say, space = context.say, context.workspace
    wanted = _wanted(args)
    if args.yes and not (args.actor or "").strip():
        raise Misconfigured("forget.nobody_named")
    waiting = forgetting.pending(space.database)
    done = forgetting.resume(space, context.now) if args.yes else []
    if wanted is None:
        if not waiting:
            raise Misconfigured("forget.whom")
        notes = [say("forget.resumed" if args.yes else "forget.waiting", count=len(waiting))]
        return Result({"erased": args.yes, "connections": [one.as_json() for one in done]}, notes=notes)
    names = [context.wanted] if context.wanted else space.synced()
    found = forgetting.find(space, wanted, [str(name) for name in names])
    if not found:
        raise Misconfigured("forget.not_found", connections=", ".join(map(str, names)) or "–")
    told = [
        forgetting.forget(space, one, actor=args.actor, door="cli", now=context.now, backups=args.backup)
        if args.yes else forgetting.look(space, one, args.backup)
        for one in found
    ]  # fmt: skip
    document = {"erased": args.yes, "connections": [one.as_json() for one in (*done, *told)]}
    notes = [line for one in told for line in _notes(say, one, erased=args.yes)]
    notes.append(say("forget.source") if args.yes else say("forget.dry"))
    sections = [_section(say, one) for one in told]
    code = LEFT if args.yes and any(one.left or one.quoted for one in told) else 0
    return Result(document, sections, notes, exit_code=code)


def retain(context: Context, args: argparse.Namespace) -> Result:
    """Empties people kept too long in every mirror, or without `--yes` says how many."""
    say, space = context.say, context.workspace
    rule = retention.of(context.secrets)
    names = [context.wanted] if context.wanted else space.synced()
    if args.yes and not (args.actor or "").strip():
        raise Misconfigured("forget.nobody_named")
    counts = {}
    for name in names:
        if args.yes:
            counts[str(name)] = retention.apply(space, str(name), rule, actor=args.actor, now=context.now)
        else:
            counts[str(name)] = len(retention.due(space, str(name), rule, context.now))
    document = {"erased": args.yes, "retain_generations": rule.generations, "retain_people_months": rule.people_months,
                "connections": counts}  # fmt: skip
    key = "retain.none" if rule.people_months is None else "retain.done" if args.yes else "retain.dry"
    notes = [say(key, connection=name, count=count, months=rule.people_months) for name, count in counts.items()]
    return Result(document, notes=notes)


def _wanted(args: argparse.Namespace) -> Wanted | None:
    """Whom, told in one way. Raises Misconfigured for half a key or two ways at once."""
    ways = [args.record is not None or args.object is not None, args.address is not None, args.person is not None]
    if sum(ways) > 1 or (ways[0] and not (args.record and args.object)):
        raise Misconfigured("forget.one_way")
    if ways[0]:
        return Wanted(key=(args.object, args.record))
    return Wanted(email=args.address, person_id=args.person) if any(ways) else None


def _section(say: Language, one: Erased) -> Section:
    rows = [
        (say("forget.in.mirror", table=say(f"table.{name}")), say.number(count)) for name, count in one.mirror.items()
    ]
    rows += [(say("forget.in.database", table=name), say.number(count)) for name, count in one.database.items()]
    rows += [(say("forget.in.exports", count=one.files), say.number(one.rows))] if one.files else []
    rows += [(say("forget.in.backup", path=path), say.number(count)) for path, count in one.backups.items()]
    rows += [(say("forget.in.aside"), say.number(one.aside))] if one.aside else []
    title = say("forget.of", connection=one.connection, people=one.people, count=one.records)
    return Section(title, [say("forget.where"), say("forget.rows")], rows)


def _notes(say: Language, one: Erased, *, erased: bool) -> list[str]:
    notes = [say("forget.quoted", place=place, count=count) for place, count in one.quoted.items()]
    notes += [say("forget.left", path=path) for path in one.left]
    return notes + ([say("forget.done", connection=one.connection)] if erased else [])


COMMANDS = {"forget": forget, "retain": retain}
