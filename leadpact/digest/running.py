"""One run of the digest of one connection: gather what is due, claim it, send it, settle it.

Everything is as of the mirror: what happened after the last sync is not known, so nobody is told
of a lead that was called since.

Not here: the parts themselves (the other modules of this package), the command (commands/digest.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Engine

from leadpact import logs
from leadpact.digest import claims, due
from leadpact.digest.compose import Message, Setting, compose
from leadpact.digest.due import Item
from leadpact.digest.levels import promised_share
from leadpact.digest.routing import KIND, Letter, Owner, Routed, key_of, route
from leadpact.digest.settings import KINDS, Settings
from leadpact.workspace import Analysis, Workspace

Send = Callable[[str, Message], bool]
FIRST = timedelta(days=1)  # what a channel's first digest looks back
SENT, FAILED, PLANNED = "sent", "failed", "planned"


@dataclass(frozen=True)
class Delivered:
    """One message: to whom, with how many lines, and what became of it (SENT, FAILED, or PLANNED by a dry run).

    `message` is null where it could not even be written.
    """

    channel: str
    recipient: str
    who: str | None
    lines: int
    outcome: str
    message: Message | None = field(repr=False)


@dataclass(frozen=True)
class Report:
    """A run. `no_address`, `no_channel`, `unowned`: who could not be told (routing.py); `in_doubt`: by crashes."""

    connection: str
    as_of: datetime
    delivered: tuple[Delivered, ...]
    no_address: tuple[str, ...]
    no_channel: tuple[str, ...]
    unowned: int
    in_doubt: claims.Doubts

    @property
    def failed(self) -> int:
        return sum(one.outcome == FAILED for one in self.delivered)

    def as_json(self) -> dict[str, Any]:
        return {
            "connection": self.connection,
            "as_of": self.as_of.isoformat() + "Z",
            "messages": [
                {"channel": one.channel, "recipient": one.recipient, "lines": one.lines, "outcome": one.outcome}
                for one in self.delivered
            ],
            "no_address": list(self.no_address),
            "no_channel": list(self.no_channel),
            "unowned": self.unowned,
            "in_doubt": dict(self.in_doubt.left),
        }


def run(
    workspace: Workspace, settings: Settings, connection: str, *, now: datetime, send: Send,
    only: Collection[str] = KINDS, dry: bool = False, as_of: datetime | None = None,
) -> Report:  # fmt: skip
    """Tells everybody what they should know and were not told. `dry`: only says so; `as_of` is for that."""
    analyses = [workspace.analyse(connection, pact=used, as_of=as_of) for used in workspace.pacts_in_use(connection)]
    routed = Routed()
    owners = _owners(analyses[0])
    for one in analyses:
        found = route(_gather(workspace, one, only, now), settings, connection, owners, promised_share(one.pact))
        _together(routed, found)
    first = analyses[0]
    pacts = {one.pact.name: one.used.draft for one in analyses}
    shared = Setting(connection, pacts, first.pact.zone, first.as_of, settings.base_url, owners)
    told, doubts = tell(workspace.database, routed, shared, now=now, send=send, dry=dry)
    counts = {name: sum(one.outcome == name for one in told) for name in (SENT, FAILED, PLANNED)}
    logs.event("digest", connection=connection, counts=counts)
    return Report(connection, first.as_of, told, tuple(sorted(routed.no_address)), tuple(sorted(routed.no_channel)),
                  routed.unowned, doubts)  # fmt: skip


def tell(engine: Engine, routed: Routed, shared: Setting, *, now: datetime, send: Send,
         dry: bool = False) -> tuple[tuple[Delivered, ...], claims.Doubts]:  # fmt: skip
    """Each letter without what was told before, in one message; and by recipient what a crash left in doubt."""
    doubts = claims.Doubts() if dry else claims.in_doubt(engine, shared.connection, now)
    deliver = _plan if dry else _deliver
    began = {name: _began(engine, shared.connection, name, now, keep=not dry) for name in sorted(routed.channels)}
    told = []
    for letter in routed.letters.values():
        since = _since(letter, began[letter.channel.name])
        told += list(deliver(engine, since, doubts.left.get(letter.recipient, 0), shared, now, send))
    return tuple(told), doubts


def _gather(workspace: Workspace, one: Analysis, only: Collection[str], now: datetime) -> Iterator[Item]:
    if "breaches" in only:
        yield from due.breaches(one)
    if "commitments" in only:
        yield from due.commitments(workspace, one)
    if "findings" in only:
        yield from due.findings(workspace, one, now=now)


def _owners(analysis: Analysis) -> dict[str, Owner]:
    rows = analysis.tables.owner.select("owner_id", "name", "team", "manager_id").to_pyarrow().to_pylist()
    return {row["owner_id"]: Owner(row["owner_id"], row["name"], row["team"], row["manager_id"]) for row in rows}


def _together(all_of_them: Routed, found: Routed) -> None:
    for recipient, letter in found.letters.items():
        if recipient in all_of_them.letters:
            all_of_them.letters[recipient].items.update(letter.items)
        else:
            all_of_them.letters[recipient] = letter
    all_of_them.no_address |= found.no_address
    all_of_them.no_channel |= found.no_channel
    all_of_them.unowned += found.unowned
    all_of_them.channels |= found.channels


def _began(engine: Engine, connection: str, channel: str, now: datetime, *, keep: bool) -> datetime:
    return claims.began(
        engine, connection, channel, key_of(connection, claims.BEGAN, (), channel), now - FIRST, keep=keep
    )


def _since(letter: Letter, start: datetime) -> Letter:
    """The letter without what was over before its channel began to tell."""
    items = {key: item for key, item in letter.items.items() if (due.happened(item) or start) >= start}
    return replace(letter, items=items)


def _deliver(
    engine: Engine, letter: Letter, doubtful: int, shared: Setting, now: datetime, send: Send
) -> Iterator[Delivered]:
    """Claims, sends, settles. A process that dies in between leaves the claim: it is never sent again."""
    kinds = {key: KIND[type(item)] for key, item in letter.items.items()}
    held = claims.claim(engine, shared.connection, letter.recipient, kinds, now)
    if not held.keys:
        return
    items = [item for key, item in letter.items.items() if key in held.keys]
    message, taken = None, False
    try:
        message = compose(letter, items, doubtful, shared)
        taken = send(letter.url, message)
    except Exception as error:  # noqa: BLE001 - the others still get theirs, and this one is tried again
        logs.incident(error, connection=shared.connection)
    claims.settle(engine, held, sent=taken, now=now)
    if taken and doubtful:
        claims.admit(engine, shared.connection, letter.recipient)
    yield Delivered(letter.channel.name, letter.recipient, letter.who, len(items), SENT if taken else FAILED, message)


def _plan(
    engine: Engine, letter: Letter, doubtful: int, shared: Setting, now: datetime, send: Send
) -> Iterator[Delivered]:
    """What `_deliver` would do. Claims and sends nothing."""
    free = claims.free(engine, letter.items)
    items = [item for key, item in letter.items.items() if key in free]
    if items:
        message = compose(letter, items, doubtful, shared)
        yield Delivered(letter.channel.name, letter.recipient, letter.who, len(items), PLANNED, message)
