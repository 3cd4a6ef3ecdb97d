"""The tables of who was forgotten: keyed hashes, never a name, an address or an id in plain.

Not here: what the rows mean (leadpact/privacy), opening the database (database.py).
"""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Integer, String, Table, Text, UniqueConstraint

from config.database import metadata

privacy_key = Table(
    "privacy_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1: there is one
    Column("key", String(64), nullable=False),
    Column("made_at", DateTime, nullable=False),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("connection", String(80), nullable=False),
    Column("hash", String(64), nullable=False),  # of a record's key, or of an address it had
    Column("alias", String(64)),  # what stands for a record id that was itself personal; else null
    Column("why", String(16), nullable=False),  # "asked", or "retention"
    Column("at", DateTime, nullable=False),
    UniqueConstraint("connection", "hash", name="uq_forgotten_once"),
)

forgetting = Table(
    "forgetting",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("connection", String(80), nullable=False),
    Column("state", String(16), nullable=False),  # "pending" until everything is erased, then "done"
    Column("records", Integer, nullable=False),
    Column("backups", Text, nullable=False),  # JSON: the backup files to rewrite
    Column("actor", String(320), nullable=False),
    Column("door", String(16), nullable=False),
    Column("began_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
)
