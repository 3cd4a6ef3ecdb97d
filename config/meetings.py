"""The tables of meetings: sessions, who is in them, what is voted on, and the votes.

A vote is one row for each person, item and round: the database itself refuses a second one.

Not here: opening the database (database.py), what a meeting does (leadpact/meeting).
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from config.database import metadata

meeting = Table(
    "meeting",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(16), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("connection", String(80), nullable=False),
    Column("mode", String(16), nullable=False),  # "phones", or "hands": one screen, hands are counted
    Column("facilitator", String(320), nullable=False),
    Column("host_token", String(64), nullable=False),  # a hash; null is nobody's
    Column("opened_at", DateTime, nullable=False),
    Column("pact", String(63), nullable=False),  # the line of versions it is about
    Column("expires_at", DateTime, nullable=False),
    Column("started_at", DateTime),
    Column("closed_at", DateTime),
    Column("step", Integer, nullable=False),
    Column("step_at", DateTime),
    Column("agenda", Text, nullable=False),  # JSON: [[step, minutes]]
    Column("sheet", Text),  # JSON: the event sheet
    Column("outcome", Text),  # JSON: what went into which draft
    Column("revision", Integer, nullable=False),  # moves with everything that others should see
)

meeting_person = Table(
    "meeting_person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("meeting_id", Integer, ForeignKey("meeting.id"), nullable=False),
    Column("name", String(320), nullable=False),
    Column("name_key", String(320), nullable=False),
    Column("team", String(16), nullable=False),
    Column("email", String(320)),  # null where nobody signs in
    Column("token", String(64), nullable=False, unique=True),  # a hash
    Column("joined_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("removed_at", DateTime),
    UniqueConstraint("meeting_id", "name_key"),
    UniqueConstraint("meeting_id", "email"),
)

meeting_item = Table(
    "meeting_item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("meeting_id", Integer, ForeignKey("meeting.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # "criterion" or "lead"
    Column("category", String(16), nullable=False),
    Column("key", String(255), nullable=False),
    Column("label", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON
    Column("position", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("revealed_at", DateTime),
    UniqueConstraint("meeting_id", "kind", "key"),
)

meeting_vote = Table(
    "meeting_vote",
    metadata,
    Column("item_id", Integer, ForeignKey("meeting_item.id"), primary_key=True),
    Column("person_id", Integer, ForeignKey("meeting_person.id"), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("value", Integer, nullable=False),
    Column("at", DateTime, nullable=False),
)

meeting_hands = Table(
    "meeting_hands",
    metadata,
    Column("item_id", Integer, ForeignKey("meeting_item.id"), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("team", String(16), primary_key=True),
    Column("value", Integer, primary_key=True, autoincrement=False),
    Column("hands", Integer, nullable=False),
    Column("at", DateTime, nullable=False),
)

meeting_note = Table(
    "meeting_note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("meeting_id", Integer, ForeignKey("meeting.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # "decision" or "parked"
    Column("text", Text, nullable=False),
    Column("author", String(320), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("settled", Boolean, nullable=False),
)

meeting_guess = Table(
    "meeting_guess",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False),  # a hash of where it came from
    Column("at", DateTime, nullable=False),
    Index("ix_meeting_guess_at", "at"),
)
