"""Sessions that somebody signed out of: over in every tab, whatever cookie is left."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_session",
        sa.Column("mark", sa.String(64), primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
    )
