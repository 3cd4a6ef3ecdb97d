"""Who was told what: claimed before it is sent, settled after, so that nobody is told twice.

    (none) ── claim ──▶ claimed ── sent ──▶ sent
                 ▲         ├──── failed ──▶ failed ── claim (a later run) …
                 └─────────┼────────────────┘
                           └── nobody settles it: the process died ──▶ unknown ── told ──▶ admitted

A claim is one transaction over a unique key, so of two processes one gets it. What a crash leaves in
doubt is never sent again: the next message says how many notices may not have arrived.

Not here: what a key stands for (routing.py), sending (sending.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from config.digest_tables import digest_sent

CLAIMED, SENT, FAILED, UNKNOWN, ADMITTED, BEGAN = "claimed", "sent", "failed", "unknown", "admitted", "began"
ABANDONED = timedelta(minutes=30)  # nobody sends one message for so long
SAID = timedelta(days=7)  # so long every run says what is in doubt, where no message comes that could
BATCH = 400


@dataclass(frozen=True)
class Claim:
    """What this run may send to one recipient: it holds these keys, and nobody else does."""

    token: str
    keys: frozenset[str]


@dataclass(frozen=True)
class Doubts:
    """By recipient, the notices a crash left in doubt and no message has admitted yet; `fresh` were found just now."""

    left: Mapping[str, int] = field(default_factory=dict)
    fresh: int = 0


def claim(engine: Engine, connection: str, recipient: str, kinds: Mapping[str, str], now: datetime) -> Claim:
    """Claims those of the keys (with their kinds) that nobody has told or is telling, in one transaction."""
    token, keys = uuid.uuid4().hex, sorted(kinds)
    same = {"connection": connection, "recipient": recipient, "state": CLAIMED, "claim": token, "at": now}
    with engine.begin() as database:
        for some in _batches(keys):
            _insert(database, [{**same, "key": key, "kind": kinds[key]} for key in some])
            again = sa.and_(digest_sent.c.key.in_(some), digest_sent.c.state == FAILED)
            database.execute(
                digest_sent.update().where(again).values(state=CLAIMED, claim=token, at=now, settled_at=None)
            )
        held = database.execute(sa.select(digest_sent.c.key).where(digest_sent.c.claim == token)).scalars().all()
    return Claim(token, frozenset(held))


def settle(engine: Engine, one: Claim, *, sent: bool, now: datetime) -> None:
    """What became of a claim: sent, or failed and free for a later run."""
    mine = sa.and_(digest_sent.c.claim == one.token, digest_sent.c.state == CLAIMED)
    with engine.begin() as database:
        database.execute(digest_sent.update().where(mine).values(state=SENT if sent else FAILED, settled_at=now))


def in_doubt(engine: Engine, connection: str, now: datetime) -> Doubts:
    """What crashes left in doubt. Marks what was abandoned; what was said for a week is admitted."""
    own = digest_sent.c.connection == connection
    left = sa.and_(own, digest_sent.c.state == CLAIMED, digest_sent.c.at < now - ABANDONED)
    doubtful = sa.and_(own, digest_sent.c.state == UNKNOWN)
    query = sa.select(digest_sent.c.recipient, sa.func.count()).where(doubtful).group_by(digest_sent.c.recipient)
    with engine.begin() as database:
        fresh = database.execute(digest_sent.update().where(left).values(state=UNKNOWN, settled_at=now)).rowcount
        old = sa.and_(doubtful, digest_sent.c.settled_at < now - SAID)
        database.execute(digest_sent.update().where(old).values(state=ADMITTED))
        return Doubts({row[0]: int(row[1]) for row in database.execute(query)}, int(fresh))


def admit(engine: Engine, connection: str, recipient: str) -> None:
    """A message said that notices may not have arrived: it is not said again."""
    doubtful = sa.and_(digest_sent.c.connection == connection, digest_sent.c.recipient == recipient,
                       digest_sent.c.state == UNKNOWN)  # fmt: skip
    with engine.begin() as database:
        database.execute(digest_sent.update().where(doubtful).values(state=ADMITTED))


def began(engine: Engine, connection: str, recipient: str, key: str, now: datetime, *, keep: bool) -> datetime:
    """When a channel began to tell: what was over before is not told. Kept the first time, unless only looked at."""
    query = sa.select(digest_sent.c.at).where(digest_sent.c.key == key)
    row = {"key": key, "connection": connection, "kind": BEGAN, "recipient": recipient, "state": BEGAN,
           "claim": "", "at": now, "settled_at": now}  # fmt: skip
    with engine.begin() as database:
        found: datetime | None = database.execute(query).scalar()
        if found is None and keep:
            _insert(database, [row])
            found = database.execute(query).scalar()
    return found or now


def free(engine: Engine, keys: Collection[str]) -> set[str]:
    """Those of the keys that a run now could claim. Changes nothing."""
    taken: set[str] = set()
    with engine.begin() as database:
        for some in _batches(sorted(keys)):
            query = sa.select(digest_sent.c.key).where(digest_sent.c.key.in_(some), digest_sent.c.state != FAILED)
            taken |= set(database.execute(query).scalars())
    return set(keys) - taken


def _insert(database: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Those that are not there; somebody else's row stays as it is."""
    make = postgresql.insert if database.dialect.name == "postgresql" else sqlite.insert
    if rows:
        database.execute(make(digest_sent).on_conflict_do_nothing(), list(rows))


def _batches(some: Sequence[str]) -> list[Sequence[str]]:
    return [some[start : start + BATCH] for start in range(0, len(some), BATCH)]
