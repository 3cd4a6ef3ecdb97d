"""The command `digest`: who should know what, told once; or, dry, only said.

Not here: what is due and who is told (leadpact/digest), when it runs (tick.py; docs/operations.md).
"""

from __future__ import annotations

import argparse

from leadpact.commands.context import Context
from leadpact.commands.result import Result, printable
from leadpact.digest import sending
from leadpact.digest.running import FAILED, Report, run
from leadpact.digest.settings import KINDS, SECTION, Settings, read, tried
from leadpact.errors import Misconfigured

NOT_SENT = 1


def digest(context: Context, args: argparse.Namespace) -> Result:
    """Sends what is due. Exit code 1 where a message could not be sent, or a crash left some in doubt, said once."""
    settings = read(context.secrets)
    if settings is None:
        raise Misconfigured("digest.none", section=SECTION)
    if args.as_of is not None and not args.dry_run:
        raise Misconfigured("digest.past_is_dry")
    name = context.connection()
    only = [args.only] if args.only else KINDS
    if not args.dry_run:
        check_urls(settings)
    found = run(context.workspace, settings, name, now=context.now, send=sending.send, only=only,
                dry=args.dry_run, as_of=args.as_of)  # fmt: skip
    document = {**found.as_json(), "dry_run": args.dry_run}
    if args.dry_run:
        document["messages"] = [
            {**shown, "subject": one.message.subject, "text": one.message.text} if one.message else shown
            for shown, one in zip(document["messages"], found.delivered, strict=True)
        ]
    return Result(document, plain="\n".join(lines(context, found)), exit_code=code(found))


def check_urls(settings: Settings) -> None:
    """Raises Misconfigured naming the first channel whose URL nobody can read, before anything is claimed."""
    for channel in settings.channels:
        if not sending.readable(tried(channel)):
            raise Misconfigured("digest.bad_url", option=f"channels.{channel.name}.url")


def code(found: Report) -> int:
    return NOT_SENT if found.failed or found.in_doubt.fresh else 0


def lines(context: Context, found: Report) -> list[str]:
    """A run for people: each message, then who could not be told."""
    say = context.say
    told = []
    for one in found.delivered:
        who = f"{one.channel} · {one.who}" if one.who else one.channel
        told.append(say(f"digest.did.{one.outcome}", who=who, count=one.lines))
        if one.message is not None and one.outcome not in (FAILED, "sent"):
            told += ["", *(f"    {line}" for line in (one.message.subject, *one.message.text.splitlines())), ""]
    if not told:
        told.append(say("digest.nothing"))
    if found.no_address:
        told.append(say("digest.no_address", count=len(found.no_address), who=", ".join(found.no_address)))
    if found.no_channel:
        told.append(say("digest.no_channel", who=", ".join(found.no_channel)))
    if found.unowned:
        told.append(say("digest.unowned", count=found.unowned))
    told += [say("digest.in_doubt", who=who, count=count) for who, count in found.in_doubt.left.items()]
    return [printable(line) for line in told]


COMMANDS = {"digest": digest}
