"""Findings over time: the audits made for the record, what each found, and what was set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "finding_suppression",
        sa.Column("connection", sa.String(80), primary_key=True),
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("object", sa.String(16)),
        sa.Column("value", sa.Text),
        sa.Column("record_type", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
    )
    once = ("connection", "line", "generation", "as_of", "pact_hash", "in_force")
    op.create_table(
        "audit_run",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("connection", sa.String(80), nullable=False),
        sa.Column("line", sa.String(255), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("as_of", sa.DateTime, nullable=False),
        sa.Column("pact_version", sa.Integer),
        sa.Column("pact_hash", sa.String(64), nullable=False),
        sa.Column("in_force", sa.Boolean, nullable=False),
        sa.Column("ran_at", sa.DateTime, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.UniqueConstraint(*once, name="uq_audit_run_once"),
    )
    op.create_table(
        "finding_seen",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("connection", sa.String(80), nullable=False),
        sa.Column("line", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("object", sa.String(16)),
        sa.Column("value", sa.Text),
        sa.Column("record_type", sa.Text),
        sa.Column("first_seen", sa.DateTime, nullable=False),
        sa.Column("last_seen", sa.DateTime, nullable=False),
        sa.UniqueConstraint("connection", "line", "fingerprint", name="uq_finding_seen_connection_line_fingerprint"),
    )
    op.create_table(
        "run_finding",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("audit_run.id"), primary_key=True),
        sa.Column("finding_id", sa.Integer, sa.ForeignKey("finding_seen.id"), primary_key=True),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
    )
    op.create_index("ix_run_finding_finding_id", "run_finding", ["finding_id"])
