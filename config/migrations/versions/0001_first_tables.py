"""The first tables: versions, signatures, connections, mappings, observed history, audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pact_version",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("parent", sa.Integer, sa.ForeignKey("pact_version.number")),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_pact_version_hash", "pact_version", ["hash"])
    op.create_table(
        "signature",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("team", sa.String(16), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("signed_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("hash", "email", name="uq_signature_hash_email"),
    )
    op.create_index("ix_signature_hash", "signature", ["hash"])
    for name, stamp in (("connection_setting", "changed_at"), ("mapping", "confirmed_at")):
        op.create_table(
            name,
            sa.Column("connection", sa.String(80), primary_key=True),
            sa.Column("document", sa.Text, nullable=False),
            sa.Column(stamp, sa.DateTime, nullable=False),
        )
    op.create_table(
        "observed_status",
        sa.Column("connection", sa.String(80), primary_key=True),
        sa.Column("object", sa.String(16), primary_key=True),
        sa.Column("record_id", sa.String(255), primary_key=True),
        sa.Column("value", sa.Text),
        sa.Column("seen_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "observed_change",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("connection", sa.String(80), nullable=False),
        sa.Column("object", sa.String(16), nullable=False),
        sa.Column("record_id", sa.String(255), nullable=False),
        sa.Column("field", sa.String(80), nullable=False),
        sa.Column("from_value", sa.Text),
        sa.Column("to_value", sa.Text),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_observed_change_connection", "observed_change", ["connection"])
    op.create_table(
        "audit_trail",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor", sa.String(320), nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
