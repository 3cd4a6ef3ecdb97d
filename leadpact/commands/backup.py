"""The commands `backup` and `restore`: everything of a home into one file, and back.

Not here: what is kept and how (leadpact/backup).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from leadpact import backup as backups
from leadpact.commands.place import Place
from leadpact.commands.result import Result


def backup(place: Place, args: argparse.Namespace) -> Result:
    """Writes a backup and says what is in it."""
    say = place.say
    made = backups.backup(place.home, place.url, args.file, now=place.now,
                          mirrors=not args.without_mirrors, force=args.force)  # fmt: skip
    size = say.number(made.bytes / 1e6, 1)
    notes = [say("backup.made", path=str(made.file), count=made.files, size=size)]
    notes += _connections(place, made.connections)
    if made.schema is None:
        notes.append(say("backup.no_database"))
    if not made.mirrors:
        notes.append(say("backup.without"))
    return Result(made.as_json(), notes=[*notes, say("backup.personal")])


def restore(place: Place, args: argparse.Namespace) -> Result:
    """Restores a backup, or (`--check`) only says whether it could."""
    say = place.say
    if args.check:
        header = backups.verify(args.file)
        notes = [say("backup.sound", path=str(args.file), at=str(header.get("taken_at", "–")))]
        return Result({"file": str(args.file), **header}, notes=[*notes, *_connections(place, header["connections"])])
    done = backups.restore(place.home, place.url, args.file, now=place.now, force=args.force)
    notes = [say("backup.restored", home=str(done.home), at=done.taken_at), *_connections(place, done.connections)]
    if done.migrated_from:
        notes.append(say("backup.migrated", before=done.migrated_from, after=done.schema))
    if done.replaced:
        notes.append(say("backup.replaced", path=str(done.replaced)))
    if not done.mirrors:
        notes.append(say("backup.sync_again"))
    if done.forgotten != 0:
        unknown = done.forgotten is None
        notes.append(say("backup.forgotten_unknown") if unknown else say("backup.forgotten", count=done.forgotten))
    return Result(done.as_json(), notes=notes)


def _connections(place: Place, found: Mapping[str, int]) -> list[str]:
    return [place.say("backup.mirror", name=name, generation=str(number)) for name, number in sorted(found.items())]


COMMANDS = {"backup": backup, "restore": restore}
