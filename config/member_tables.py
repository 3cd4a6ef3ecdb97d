"""The tables of who may open LeadPact: members and their scope, sign-ins, sessions that were ended.

Not here: what the rows mean (members.py), opening the database (database.py).
"""

from __future__ import annotations

from sqlalchemy import Column, DateTime, String, Table, Text

from config.database import metadata

member = Table(
    "member",
    metadata,
    Column("who", String(320), primary_key=True),  # what the address is compared by (people.py)
    Column("email", String(320), nullable=False),  # as it was given
    Column("roles", Text, nullable=False),  # JSON list
    Column("teams", Text),  # JSON list; null: not restricted
    Column("territories", Text),  # the same
    Column("added_by", String(320), nullable=False),
    Column("added_at", DateTime, nullable=False),
    Column("removed_at", DateTime),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("who", String(320), primary_key=True),
    Column("email", String(320), nullable=False),
    Column("ways", Text, nullable=False),  # JSON list: how the last session was admitted
    Column("roles", Text, nullable=False),  # JSON list: what it was admitted as
    Column("at", DateTime, nullable=False),
)

ended_session = Table(
    "ended_session",
    metadata,
    Column("mark", String(64), primary_key=True),  # a hash
    Column("at", DateTime, nullable=False),
)
