"""The command `health`: one line and an exit code for a monitor, everything else as JSON.

Not here: what is looked at (leadpact/health.py).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import timedelta

from leadpact import health as healths
from leadpact.commands.place import Place
from leadpact.commands.result import Result
from leadpact.errors import Misconfigured

UNHEALTHY = 1


def health(place: Place, args: argparse.Namespace) -> Result:
    """Says how the home stands. Exit code 0 where all is well, else 1."""
    if args.max_age is not None and not args.max_age > 0:
        raise Misconfigured("health.bad_age")
    say = place.say
    limit = timedelta(hours=args.max_age) if args.max_age is not None else None
    found = healths.look(place.home, place.url, now=place.now, max_age=limit)
    if args.name is not None:
        own = [one for one in found.connections if one.connection == args.name]
        if not own:
            raise Misconfigured("store.no_mirror", connection=args.name)
        found = replace(found, connections=own)
    lines = [say("health.ok" if found.ok else "health.not_ok"), say(f"health.database.{found.database}")]
    for one in found.connections:
        hours = one.age.total_seconds() / 3600 if one.age is not None else None
        lines.append(say(f"health.mirror.{one.state}", name=one.connection, hours=say.number(hours, 1)))
    if not found.connections:
        lines.append(say("health.never"))
    return Result(found.as_json(), plain="\n".join(lines), exit_code=0 if found.ok else UNHEALTHY)


COMMANDS = {"health": health}
