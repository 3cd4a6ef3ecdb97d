"""Drafts of a pact with every edit of them, and comments on its parts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN = sa.literal_column("state") == sa.literal_column("'open'")


def upgrade() -> None:
    op.create_table(
        "pact_draft",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("pact", sa.String(63), nullable=False),
        sa.Column("base", sa.String(64)),
        sa.Column("base_number", sa.Integer),
        sa.Column("seen", sa.Integer),
        sa.Column("start", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
    )
    op.create_index("uq_pact_draft_open", "pact_draft", ["pact"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "pact_draft_edit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("draft_id", sa.Integer, sa.ForeignKey("pact_draft.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("section", sa.String(255), nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("draft_id", "section", "revision", name="uq_pact_draft_edit_once"),
    )
    op.create_table(
        "pact_comment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("pact", sa.String(63), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("resolved_by", sa.String(320)),
        sa.Column("resolved_at", sa.DateTime),
    )
    op.create_index("ix_pact_comment_pact", "pact_comment", ["pact"])
