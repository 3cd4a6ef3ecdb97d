"""What a reader has seen or put away in the app: the guided start hidden, the first finding read.

`who` is the address a member is compared by; "" while nobody signs in: then it is of the whole home.

Not here: what the guided start is made of (ui/guide_facts.py), who may open the app (members.py).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Column, DateTime, String, Table
from sqlalchemy.engine import Connection, Engine

from config.database import metadata

FINDING_READ = "finding_read"  # a finding with its evidence was on the screen
GUIDE_HIDDEN = "guide_hidden"  # the guided start was put away

reader_note = Table(
    "reader_note",
    metadata,
    Column("who", String(320), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("at", DateTime, nullable=False),
)


def noted(connection: Connection, who: str) -> frozenset[str]:
    """The names noted of this reader, in the caller's transaction."""
    return frozenset(connection.execute(sa.select(reader_note.c.name).where(reader_note.c.who == who)).scalars())


def note(engine: Engine, who: str, name: str, now: datetime) -> None:
    """Notes it once; the first time stays."""
    try:
        with engine.begin() as connection:
            if name not in noted(connection, who):
                connection.execute(reader_note.insert().values(who=who, name=name, at=now))
    except sa.exc.IntegrityError:
        return  # another session of the same reader noted it in the same moment


def forget(engine: Engine, who: str, name: str) -> None:
    """As if it had never been noted."""
    with engine.begin() as connection:
        connection.execute(reader_note.delete().where(reader_note.c.who == who, reader_note.c.name == name))
