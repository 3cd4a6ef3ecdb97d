"""Reading meetings from pact.db, and the checks that every act begins with, in its own transaction.

Not here: what is done (sessions.py, voting.py, notes.py).
"""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.engine import Connection, Engine

from config import meetings as tables
from leadpact.errors import Misconfigured
from leadpact.meeting.codes import hashed, same
from leadpact.meeting.facts import Item, Key, Meeting, Person

Row = RowMapping


class Refused(Misconfigured):
    """An act that this person may not do in this meeting, or not now."""


def meeting_of(row: Row) -> Meeting:
    return Meeting(
        **{
            name: row[name]
            for name in (
                "id", "code", "title", "connection", "mode", "facilitator", "opened_at", "expires_at", "started_at",
                "closed_at", "step", "step_at", "revision", "pact",
            )
        },
        agenda=tuple((str(step), int(minutes)) for step, minutes in json.loads(row["agenda"])),
        sheet=None if row["sheet"] is None else json.loads(row["sheet"]),
        outcome=None if row["outcome"] is None else json.loads(row["outcome"]),
    )  # fmt: skip


def item_of(row: Row) -> Item:
    names = ("id", "kind", "category", "key", "label", "position", "round", "revealed_at")
    return Item(**{name: row[name] for name in names}, detail=json.loads(row["detail"]))


def person_of(row: Row) -> Person:
    return Person(**{name: row[name] for name in ("id", "name", "team", "email", "joined_at", "seen_at")})


def by_id(engine: Engine, meeting_id: int) -> Meeting | None:
    """The meeting as it stands; null where there is none."""
    with engine.begin() as connection:
        row = connection.execute(sa.select(tables.meeting).where(tables.meeting.c.id == meeting_id)).mappings().first()
    return None if row is None else meeting_of(row)


def revision(engine: Engine, meeting_id: int) -> int:
    """The number that moves with everything others should see: one cheap read."""
    with engine.begin() as connection:
        return int(
            connection.execute(sa.select(tables.meeting.c.revision).where(tables.meeting.c.id == meeting_id)).scalar()
            or 0
        )


def items(engine: Engine, meeting_id: int, kind: str | None = None) -> list[Item]:
    """What is voted on, in order; of one kind where given."""
    item = tables.meeting_item
    query = sa.select(item).where(item.c.meeting_id == meeting_id).order_by(item.c.position, item.c.id)
    if kind is not None:
        query = query.where(item.c.kind == kind)
    with engine.begin() as connection:
        return [item_of(row) for row in connection.execute(query).mappings()]


def people(engine: Engine, meeting_id: int) -> list[Person]:
    """Everybody who joined and was not removed, in the order they came."""
    person = tables.meeting_person
    query = sa.select(person).where(person.c.meeting_id == meeting_id, person.c.removed_at.is_(None))
    with engine.begin() as connection:
        return [person_of(row) for row in connection.execute(query.order_by(person.c.id)).mappings()]


def going(connection: Connection, meeting_id: int, now: datetime) -> Row:
    """The row of a meeting that is open, held until the transaction ends. Raises Refused otherwise."""
    query = sa.select(tables.meeting).where(tables.meeting.c.id == meeting_id).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        raise Refused("meeting.no_such_code")
    if row["closed_at"] is not None:
        raise Refused("meeting.closed")
    if now >= row["expires_at"]:
        raise Refused("meeting.expired")
    return row


def hosts(row: Row, key: Key) -> bool:
    """Whether this key is the facilitator's."""
    if key.email is not None:
        return bool(row["facilitator"].casefold() == key.email.casefold())
    return same(key.token, row["host_token"])


def hosted(connection: Connection, meeting_id: int, key: Key, now: datetime) -> Row:
    """As `going`, for its facilitator only. Raises Refused for anybody else."""
    row = going(connection, meeting_id, now)
    if not hosts(row, key):
        raise Refused("meeting.not_the_facilitator")
    return row


def is_host(engine: Engine, meeting_id: int, key: Key) -> bool:
    """Whether this key opens the facilitator's side."""
    with engine.begin() as connection:
        row = connection.execute(sa.select(tables.meeting).where(tables.meeting.c.id == meeting_id)).mappings().first()
    return row is not None and hosts(row, key)


def person_with(connection: Connection, meeting_id: int, key: Key) -> Person | None:
    """Who this key is in the meeting; null for nobody, and for somebody who was removed."""
    person = tables.meeting_person
    if key.email is not None:
        mine = sa.func.lower(person.c.email) == key.email.lower()
    elif key.token is not None:
        mine = sa.and_(person.c.token == hashed(key.token), person.c.email.is_(None))
    else:
        return None
    query = sa.select(person).where(person.c.meeting_id == meeting_id, mine, person.c.removed_at.is_(None))
    row = connection.execute(query).mappings().first()
    return None if row is None else person_of(row)


def moved(connection: Connection, meeting_id: int) -> None:
    """Tells everybody's page that there is something new."""
    which = tables.meeting.c.id == meeting_id
    connection.execute(tables.meeting.update().where(which).values(revision=tables.meeting.c.revision + 1))
