"""The command `member`: who may open LeadPact, as what; adding, changing and removing somebody.

Whoever can run it can read the home: it is trusted, and the audit trail says who they said they were.

Not here: what is kept (config/members.py), who is listed (leadpact/roster.py).
"""

from __future__ import annotations

import argparse

from config import members
from config.members import Member
from leadpact import admission_settings, roster, settings
from leadpact.admission_settings import Access
from leadpact.audit.shown import shown
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.roster import Known
from leadpact.writeback.actors import named

HEAD = ("email", "roles", "teams", "territories", "ways", "last")


def command(context: Context, args: argparse.Namespace) -> Result:
    """`list`, `add` or `remove`: each ends with everybody who may come in."""
    access, engine = _access(context), context.workspace.database
    notes = []
    if args.action != "list":
        actor = named(args.email)
        before = members.every(engine)  # and every address is looked at before the first is written
        for email in args.emails:
            Member(email, frozenset(members.ROLES)).who  # noqa: B018 - raises for what is no address
        for email in args.emails:
            if args.action == "remove":
                done = members.remove(engine, email, actor=actor, now=context.now, besides=access.administrators)
                notes.append(context.say("cli.member_removed", email=shown(done.email)))
            else:
                done = members.save(engine, _asked(email, args), actor=actor, now=context.now,
                                    besides=access.administrators)  # fmt: skip
                key = "cli.member_changed" if any(one.who == done.who for one in before) else "cli.member_added"
                notes.append(context.say(key, email=shown(done.email)))
    found = roster.everybody(engine, access)
    if not found:
        notes.append(context.say("cli.member_none"))
    say = context.say
    rows = [_row(context, one) for one in found]
    sections = [Section(say("cli.members"), [say(f"member.col.{name}") for name in HEAD], rows)] if rows else []
    return Result({"members": [one.as_json() for one in found]}, sections, notes)


def _access(context: Context) -> Access:
    """`[access]` of the secrets file the other commands read, so that a slip there is told here too."""
    found = admission_settings.document([context.secrets or settings.SECRETS])
    admission_settings.sign_in(found)
    return admission_settings.access_of(found)


def _asked(email: str, args: argparse.Namespace) -> Member:
    return Member(
        email,
        frozenset(args.role),
        None if args.team is None else frozenset(args.team),
        None if args.territory is None else frozenset(args.territory),
    )


def _row(context: Context, one: Known) -> list[str]:
    say = context.say

    def listed(names: frozenset[str] | None) -> str:
        return say("member.everything") if names is None else shown(", ".join(sorted(names)))

    roles = ", ".join(say(f"role.{role}") for role in members.ordered(one.roles))
    ways = ", ".join(say(f"member.way.{way}") for way in one.ways)
    return [shown(one.email), roles, listed(one.teams), listed(one.territories), ways, say.moment(one.last_at)]


COMMANDS = {"member": command}
