"""Which of the company's pacts a meeting is about; until now it was the first one."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meeting", sa.Column("pact", sa.String(63), nullable=False, server_default="main"))
