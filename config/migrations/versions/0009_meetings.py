"""Meetings of both teams: sessions, people, what is voted on, votes, minutes."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(16), nullable=False),
        sa.UniqueConstraint("code", name="uq_meeting_code"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("connection", sa.String(80), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("facilitator", sa.String(320), nullable=False),
        sa.Column("host_token", sa.String(64), nullable=False),
        sa.Column("opened_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("started_at", sa.DateTime),
        sa.Column("closed_at", sa.DateTime),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("step_at", sa.DateTime),
        sa.Column("agenda", sa.Text, nullable=False),
        sa.Column("sheet", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.create_table(
        "meeting_person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("meeting_id", sa.Integer, sa.ForeignKey("meeting.id"), nullable=False),
        sa.Column("name", sa.String(320), nullable=False),
        sa.Column("name_key", sa.String(320), nullable=False),
        sa.Column("team", sa.String(16), nullable=False),
        sa.Column("email", sa.String(320)),
        sa.Column("token", sa.String(64), nullable=False),
        sa.UniqueConstraint("token", name="uq_meeting_person_token"),
        sa.Column("joined_at", sa.DateTime, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
        sa.Column("removed_at", sa.DateTime),
        sa.UniqueConstraint("meeting_id", "name_key", name="uq_meeting_person_meeting_id_name_key"),
        sa.UniqueConstraint("meeting_id", "email", name="uq_meeting_person_meeting_id_email"),
    )
    op.create_table(
        "meeting_item",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("meeting_id", sa.Integer, sa.ForeignKey("meeting.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("revealed_at", sa.DateTime),
        sa.UniqueConstraint("meeting_id", "kind", "key", name="uq_meeting_item_meeting_id_kind_key"),
    )
    op.create_table(
        "meeting_vote",
        sa.Column("item_id", sa.Integer, sa.ForeignKey("meeting_item.id"), primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("meeting_person.id"), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "meeting_hands",
        sa.Column("item_id", sa.Integer, sa.ForeignKey("meeting_item.id"), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("team", sa.String(16), primary_key=True),
        sa.Column("value", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hands", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "meeting_note",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("meeting_id", sa.Integer, sa.ForeignKey("meeting.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
    )
    op.create_table(
        "meeting_guess",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_meeting_note_meeting_id", "meeting_note", ["meeting_id"])
    op.create_index("ix_meeting_guess_at", "meeting_guess", ["at"])
