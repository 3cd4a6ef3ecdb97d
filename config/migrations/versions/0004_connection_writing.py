"""Whether an administrator let LeadPact write over a connection: who, when, and to which CRM."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connection_writing",
        sa.Column("connection", sa.String(80), primary_key=True),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("target", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(320), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
