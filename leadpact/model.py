"""The canonical tables: the only schema in the house.

Every connector delivers these tables, every metric reads them. Timestamps are UTC
without zone in storage, ids are text, and the key of a CRM row is `(object, record_id)`.
Columns named `f_<slug>` are mapped CRM fields: `record` and `opportunity` may carry them.

Not here: how a source's columns become these (connectors), where they are kept (store.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Kind = Literal["text", "time", "flag", "whole", "number"]

ARROW: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "time": pa.timestamp("us"),
    "flag": pa.bool_(),
    "whole": pa.int64(),
    "number": pa.float64(),
}

DUCKDB: Mapping[Kind, str] = {
    "text": "VARCHAR",
    "time": "TIMESTAMP",
    "flag": "BOOLEAN",
    "whole": "BIGINT",
    "number": "DOUBLE",
}

LEAD, CONTACT, OPPORTUNITY = "lead", "contact", "opportunity"
OBJECTS = (LEAD, CONTACT)

CONDITIONS = ("active", "inactive", "deleted")
EVIDENCE = ("created", "history", "observed", "imputed", "remap")
ACTIVITY_KINDS = ("call", "email", "meeting", "message", "web_visit", "form", "event", "other")
TOUCH_KINDS = ("call", "email", "meeting", "message")


@dataclass(frozen=True)
class Column:
    """One column: its kind, whether it must be filled, whether it is personal data.

    `personal` columns are emptied when a record is deleted and masked on screen.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    personal: bool = False


@dataclass(frozen=True)
class Table:
    """One canonical table; `key` identifies a row, `custom` allows `f_<slug>` columns.

    `computed` columns are added when a generation is published; connectors never deliver them.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    custom: bool = False
    computed: tuple[Column, ...] = ()

    def column(self, name: str) -> Column:
        """The column called `name`; custom columns are text unless the mapping says more."""
        for column in self.columns:
            if column.name == name:
                return column
        if self.custom and is_custom(name):
            return Column(name)
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def arrow_schema(self, custom: Iterable[str] = ()) -> pa.Schema:
        """The table's Arrow schema, followed by the given custom columns as text."""
        fields = [pa.field(c.name, ARROW[c.kind]) for c in self.columns]
        fields += [pa.field(name, pa.string()) for name in custom]
        return pa.schema(fields)

    def empty(self) -> pa.Table:
        return self.arrow_schema().empty_table()


def is_custom(name: str) -> bool:
    return name.startswith("f_")


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


RECORD = Table(
    "record",
    (
        Column("object", required=True),
        Column("record_id", required=True),
        Column("name", personal=True),
        Column("status"),
        Column("condition", required=True),
        Column("created_at", "time"),
        *_text("owner_id", "source", "campaign"),
        Column("company", personal=True),
        Column("email", personal=True),
        Column("phone", personal=True),
        *_text("country", "preferred_channel", "record_type", "end_reason"),
        Column("converted_at", "time"),
        *_text("converted_to", "merged_into"),
        Column("url"),
    ),
    key=("object", "record_id"),
    custom=True,
    computed=(Column("person_id"),),
)

FIELD_CHANGE = Table(
    "field_change",
    (
        Column("object", required=True),
        Column("record_id", required=True),
        Column("field", required=True),
        *_text("from_value", "to_value"),
        Column("at", "time"),
        Column("seq", "whole", required=True),
        Column("actor_id"),
        Column("evidence", required=True),
    ),
    key=("object", "record_id", "field", "at", "seq", "to_value"),
)

ACTIVITY = Table(
    "activity",
    (
        Column("activity_id"),
        Column("object", required=True),
        Column("record_id", required=True),
        Column("kind", required=True),
        Column("direction"),
        Column("at", "time"),
        Column("completed", "flag"),
        Column("automated", "flag"),
        *_text("outcome", "actor_id"),
        Column("subject", personal=True),
    ),
    key=("activity_id",),
)

OPPORTUNITIES = Table(
    "opportunity",
    (
        Column("opportunity_id", required=True),
        *_text("object", "record_id", "type", "pipeline"),
        Column("amount", "number"),
        Column("currency"),
        Column("created_at", "time"),
        Column("closed_at", "time"),
        Column("is_won", "flag"),
        Column("is_closed", "flag"),
        Column("owner_id"),
    ),
    key=("opportunity_id",),
    custom=True,
)

OWNER = Table(
    "owner",
    (
        Column("owner_id", required=True),
        Column("name"),
        Column("team"),
        Column("is_active", "flag"),
        Column("is_queue", "flag"),
        Column("timezone"),
        Column("manager_id"),
    ),
    key=("owner_id",),
)

STATUS_VALUE = Table(
    "status_value",
    (
        Column("object", required=True),
        Column("value", required=True),
        Column("label"),
        Column("is_active", "flag"),
        Column("is_default", "flag"),
        Column("is_converted", "flag"),
        Column("position", "whole"),
        Column("record_type"),  # where the value is offered; null in every one
    ),
    key=("object", "value", "record_type"),
)

CAMPAIGN_TOUCH = Table(
    "campaign_touch",
    (
        Column("object", required=True),
        Column("record_id", required=True),
        Column("campaign", required=True),
        Column("response"),
        Column("at", "time"),
    ),
    key=("object", "record_id", "campaign", "at", "response"),
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        RECORD,
        FIELD_CHANGE,
        ACTIVITY,
        OPPORTUNITIES,
        OWNER,
        STATUS_VALUE,
        CAMPAIGN_TOUCH,
    )
}
