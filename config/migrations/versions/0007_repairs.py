"""Repairs: what a plan follows, on what grounds it went to production, and what its pilot changed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("change_plan", sa.Column("recipe", sa.Text))
    op.add_column("plan_apply", sa.Column("environment", sa.String(16)))
    op.add_column("plan_apply", sa.Column("waived", sa.Text))
    op.add_column("plan_apply", sa.Column("rehearsal", sa.Integer))
    op.create_table(
        "plan_pilot",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan_id", sa.Integer, sa.ForeignKey("change_plan.id"), nullable=False),
        sa.Column("apply_id", sa.Integer, sa.ForeignKey("plan_apply.id"), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_plan_pilot_plan_id", "plan_pilot", ["plan_id"])
