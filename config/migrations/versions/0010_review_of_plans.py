"""Reviewing plans: approvals, requests to pause or cancel, progress; and what may only be added to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ONLY_ADDED_TO = ("audit_trail", "plan_event", "plan_approval", "plan_request")


def upgrade() -> None:
    op.add_column("plan_apply", sa.Column("approval", sa.Integer))
    op.create_table(
        "plan_approval",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan_id", sa.Integer, sa.ForeignKey("change_plan.id"), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("actor", sa.String(320), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_plan_approval_plan_id", "plan_approval", ["plan_id"])
    op.create_table(
        "plan_request",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("apply_id", sa.Integer, sa.ForeignKey("plan_apply.id"), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(320), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_plan_request_apply_id", "plan_request", ["apply_id"])
    op.create_table(
        "plan_progress",
        sa.Column("apply_id", sa.Integer, sa.ForeignKey("plan_apply.id"), primary_key=True, autoincrement=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("rate", sa.Float),
        sa.Column("left_seconds", sa.Float),
        sa.Column("waiting", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    for table in ONLY_ADDED_TO:
        _only_added_to(table)


def _only_added_to(table: str) -> None:
    """The database refuses to change or remove a row of this table, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is only added to'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_added_to()"
    )
