"""The table of what digests told whom: so that nobody is told twice, and nothing is lost.

Not here: what the rows mean (leadpact/digest/claims.py), opening the database (database.py).
"""

from __future__ import annotations

from sqlalchemy import Column, DateTime, String, Table

from config.database import metadata

digest_sent = Table(
    "digest_sent",
    metadata,
    Column("key", String(64), primary_key=True),  # a hash of what was told, at which level, to whom
    Column("connection", String(80), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("recipient", String(400), nullable=False),  # a channel, and an owner's id; never an address
    Column("state", String(16), nullable=False),
    Column("claim", String(32), nullable=False),  # which run of which process
    Column("at", DateTime, nullable=False),  # of the claim
    Column("settled_at", DateTime),
)
