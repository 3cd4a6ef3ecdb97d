"""The tables of writing to a CRM: plans, what was done of them, and what LeadPact wrote where.

A plan and its rows never change once its hash is set; `plan_event`, `plan_overwritten`,
`plan_approval` and `plan_request` are only ever added to. The state of a row is its last event
(leadpact/writeback/journal.py).

Not here: opening the database (database.py), what a plan is (leadpact/writeback).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from config.database import metadata

change_plan = Table(
    "change_plan",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("connection", String(80), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("hash", String(64)),  # null while it is being made: nobody can apply half a plan
    Column("undoes", Integer, ForeignKey("change_plan.id")),
    Column("pact_version", Integer),
    Column("pact_hash", String(64)),
    Column("author", String(320), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("records", Integer, nullable=False),
    Column("whole", Integer, nullable=False),  # the records that were looked at
    Column("skipped", Text, nullable=False),  # JSON: reason -> changes set apart
    Column("kinds", Text, nullable=False),  # JSON: object.field -> kind of field
    Column("recipe", Text),  # JSON: what a repair follows, with its hash; null for other plans
    Column("kept_hash", String(64)),  # of what is left of the rows, where those of a person were erased; else null
)

plan_row = Table(
    "plan_row",
    metadata,
    Column("plan_id", Integer, ForeignKey("change_plan.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("object", String(16), nullable=False),
    Column("record_id", String(255), nullable=False),
    Column("field", String(255), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("reason", Text, nullable=False),
    Column("before_ours", Boolean, nullable=False),  # the value of that side is one LeadPact wrote
    Column("after_ours", Boolean, nullable=False),
    UniqueConstraint("plan_id", "object", "record_id", "field", name="uq_plan_row_once"),
)

plan_apply = Table(
    "plan_apply",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan_id", Integer, ForeignKey("change_plan.id"), nullable=False, index=True),
    Column("actor", String(320), nullable=False),
    Column("door", String(16), nullable=False),
    Column("forced", Boolean, nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
    Column("state", String(16), nullable=False),
    Column("counts", Text),  # JSON: changes of the plan by their last event, when the run ended
    Column("unsettled", Boolean, nullable=False),  # some outcome is not known, or was not when its process died
    Column("environment", String(16)),  # what the connection pointed at
    Column("waived", Text),  # why a repair went to production without a rehearsal
    Column("rehearsal", Integer),  # the plan that was its rehearsal
    Column("approval", Integer),  # the line of plan_approval it stands on
)

plan_approval = Table(
    "plan_approval",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan_id", Integer, ForeignKey("change_plan.id"), nullable=False, index=True),
    Column("event", String(16), nullable=False),  # approved, withdrawn: the last one holds
    Column("hash", String(64), nullable=False),
    Column("records", Integer, nullable=False),
    Column("actor", String(320), nullable=False),
    Column("door", String(16), nullable=False),
    Column("at", DateTime, nullable=False),
)

plan_request = Table(
    "plan_request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("apply_id", Integer, ForeignKey("plan_apply.id"), nullable=False, index=True),
    Column("what", String(16), nullable=False),  # pause, cancel: asked of a run by somebody else
    Column("actor", String(320), nullable=False),
    Column("door", String(16), nullable=False),
    Column("at", DateTime, nullable=False),
)

plan_progress = Table(
    "plan_progress",
    metadata,
    Column("apply_id", Integer, ForeignKey("plan_apply.id"), primary_key=True, autoincrement=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("rate", Float),  # changes a second
    Column("left_seconds", Float),
    Column("waiting", Boolean, nullable=False),
    Column("at", DateTime, nullable=False),
)

plan_pilot = Table(
    "plan_pilot",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan_id", Integer, ForeignKey("change_plan.id"), nullable=False, index=True),
    Column("apply_id", Integer, ForeignKey("plan_apply.id"), nullable=False),
    Column("event", String(16), nullable=False),  # read, clean, changed, accepted
    Column("detail", Text, nullable=False),  # JSON: hashes of values before, or which fields changed of how many
    Column("at", DateTime, nullable=False),
)

plan_event = Table(
    "plan_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan_id", Integer, ForeignKey("change_plan.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("apply_id", Integer, ForeignKey("plan_apply.id"), nullable=False),
    Column("event", String(16), nullable=False),
    Column("code", String(255)),
    Column("at", DateTime, nullable=False),
    Index("ix_plan_event_row", "plan_id", "number", "id"),
)

plan_overwritten = Table(
    "plan_overwritten",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan_id", Integer, ForeignKey("change_plan.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("value", Text),  # what a colleague had entered after our reading; null where they had emptied it
    Column("at", DateTime, nullable=False),  # when it was found out
    UniqueConstraint("plan_id", "number", name="uq_plan_overwritten_row"),
)

written_value = Table(
    "written_value",
    metadata,
    Column("connection", String(80), primary_key=True),
    Column("object", String(16), primary_key=True),
    Column("field", String(255), primary_key=True),
    Column("record_id", String(255), primary_key=True),
    Column("value", Text),
    Column("at", DateTime, nullable=False),
)

writeback_setting = Table(
    "writeback_setting",
    metadata,
    Column("connection", String(80), primary_key=True),
    Column("document", Text, nullable=False),  # JSON: fields by object and purpose, limits
    Column("author", String(320), nullable=False),
    Column("changed_at", DateTime, nullable=False),
)
