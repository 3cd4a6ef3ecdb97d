"""Who signed in, out and in vain: the last sign-in of each person, sessions that were ended, lines on the audit trail.

A session is known by a mark, a hash that tells nothing (leadpact/admission.py makes it).

Not here: who may come in (members.py), whether a session is too old (leadpact/admission.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from config.database import audit_trail
from config.member_tables import ended_session, sign_in
from config.members import Member, held
from config.people import person
from config.trail import record

SIGNED_IN, SIGNED_OUT, REFUSED = "session.signed_in", "session.signed_out", "session.refused"
ONCE_EVERY = timedelta(hours=24)  # one line for somebody who tries the same in vain again


@dataclass(frozen=True)
class Seen:
    """The last sign-in of one person: as whom, by which ways, when (UTC)."""

    email: str
    ways: tuple[str, ...]
    roles: frozenset[str]
    at: datetime


def standing(engine: Engine, email: str | None, mark: str) -> tuple[Member | None, bool]:
    """What is kept of the address or a variant of it, and whether the session was ended: one look, for every run."""
    with engine.begin() as database:
        over = database.execute(sa.select(ended_session.c.at).where(ended_session.c.mark == mark)).first()
        return (held(database, email) if email is not None else None), over is not None


def note(engine: Engine, seen: Seen, *, began: datetime | None) -> None:
    """Keeps a sign-in as the person's last. The audit trail gets a line for each act of signing in, not each session.

    `began` is when the person signed in, as the provider says.
    """
    who = person(seen.email)
    row = {"who": who, "email": seen.email, "ways": json.dumps(list(seen.ways)),
           "roles": json.dumps(sorted(seen.roles)), "at": seen.at}  # fmt: skip
    with engine.begin() as database:
        before = database.execute(sa.select(sign_in.c.at).where(sign_in.c.who == who)).scalar()
        if before is None:
            database.execute(sign_in.insert().values(row))
        else:
            database.execute(sign_in.update().where(sign_in.c.who == who).values(row))
        if before is None or began is None or before < began:
            record(database, seen.at, seen.email, SIGNED_IN, {"door": "app", "ways": list(seen.ways)})


def end(engine: Engine, mark: str, email: str, *, now: datetime, forget_before: datetime) -> None:
    """Ends a session everywhere its cookie still is; once on the audit trail. Marks older than `forget_before` go."""
    with engine.begin() as database:
        database.execute(ended_session.delete().where(ended_session.c.at < forget_before))
        if database.execute(sa.select(ended_session.c.at).where(ended_session.c.mark == mark)).first() is None:
            database.execute(ended_session.insert().values(mark=mark, at=now))
            record(database, now, email, SIGNED_OUT, {"door": "app"})


def refuse(engine: Engine, email: str, reason: str, *, now: datetime) -> None:
    """Puts on the record who was refused and why, once a day for the same person and reason."""
    detail = {"door": "app", "reason": reason}
    with engine.begin() as database:
        if not _told(database, email, detail, now - ONCE_EVERY):
            record(database, now, email, REFUSED, detail)


def last(engine: Engine) -> dict[str, Seen]:
    """The last sign-in of everybody who ever came in, by what addresses are compared by."""
    with engine.begin() as database:
        rows: Sequence[sa.RowMapping] = database.execute(sa.select(sign_in)).mappings().all()
    return {
        row["who"]: Seen(row["email"], tuple(json.loads(row["ways"])), frozenset(json.loads(row["roles"])), row["at"])
        for row in rows
    }


def _told(database: Connection, email: str, detail: dict[str, str], since: datetime) -> bool:
    column = audit_trail.c
    same = (column.action == REFUSED, column.actor == email, column.detail == json.dumps(detail, sort_keys=True))
    return database.execute(sa.select(column.id).where(*same, column.at >= since).limit(1)).first() is not None
