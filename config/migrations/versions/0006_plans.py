"""Writing to a CRM: plans of changes, the journal of applying them, what LeadPact wrote, its settings."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_plan",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("connection", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("hash", sa.String(64)),
        sa.Column("undoes", sa.Integer, sa.ForeignKey("change_plan.id")),
        sa.Column("pact_version", sa.Integer),
        sa.Column("pact_hash", sa.String(64)),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("whole", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
    )
    op.create_index("ix_change_plan_connection", "change_plan", ["connection"])
    op.create_table(
        "plan_row",
        sa.Column("plan_id", sa.Integer, sa.ForeignKey("change_plan.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("object", sa.String(16), nullable=False),
        sa.Column("record_id", sa.String(255), nullable=False),
        sa.Column("field", sa.String(255), nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("before_ours", sa.Boolean, nullable=False),
        sa.Column("after_ours", sa.Boolean, nullable=False),
        sa.UniqueConstraint("plan_id", "object", "record_id", "field", name="uq_plan_row_once"),
    )
    op.create_table(
        "plan_apply",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan_id", sa.Integer, sa.ForeignKey("change_plan.id"), nullable=False),
        sa.Column("actor", sa.String(320), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("forced", sa.Boolean, nullable=False),
        sa.Column("started_at", sa.DateTime, nullable=False),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("counts", sa.Text),
        sa.Column("unsettled", sa.Boolean, nullable=False),
    )
    op.create_index("ix_plan_apply_plan_id", "plan_apply", ["plan_id"])
    op.create_table(
        "plan_event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan_id", sa.Integer, sa.ForeignKey("change_plan.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("apply_id", sa.Integer, sa.ForeignKey("plan_apply.id"), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("code", sa.String(255)),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_plan_event_row", "plan_event", ["plan_id", "number", "id"])
    op.create_table(
        "written_value",
        sa.Column("connection", sa.String(80), primary_key=True),
        sa.Column("object", sa.String(16), primary_key=True),
        sa.Column("field", sa.String(255), primary_key=True),
        sa.Column("record_id", sa.String(255), primary_key=True),
        sa.Column("value", sa.Text),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "writeback_setting",
        sa.Column("connection", sa.String(80), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
    )
