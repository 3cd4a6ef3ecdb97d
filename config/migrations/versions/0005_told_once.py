"""Changes a source tells only once (webhook payloads) are kept beside those seen between two syncs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # null: seen between two syncs, as all rows before this release are
    op.add_column("observed_change", sa.Column("evidence", sa.String(16)))
    op.add_column("observed_change", sa.Column("actor_id", sa.String(255)))
