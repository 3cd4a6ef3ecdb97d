"""What a reader has seen or put away: the guided start hidden, the first finding read."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reader_note",
        sa.Column("who", sa.String(320), primary_key=True),
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
    )
