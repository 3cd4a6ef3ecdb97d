"""Canonical tables as a sync at a past moment would have read them: an oracle of `Tables.at`.

Written row by row in plain Python on purpose; shares nothing with the product.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

Row = dict[str, Any]


def truncated(tables: dict[str, pa.Table], moment: datetime) -> dict[str, pa.Table]:
    """What existed and had happened at `moment`: later rows gone, fields as they were then."""
    rows = {name: table.to_pylist() for name, table in tables.items()}
    later: dict[tuple[str, str, str], Row] = {}
    for change in sorted(
        (c for c in rows["field_change"] if _after(c["at"], moment)), key=lambda c: (c["at"], c["seq"])
    ):
        later.setdefault((change["object"], change["record_id"], change["field"]), change)
    kept = {
        **rows,
        "record": [_record(row, later, moment) for row in rows["record"] if not _after(row["created_at"], moment)],
        "field_change": [row for row in rows["field_change"] if not _after(row["at"], moment)],
        "activity": [row for row in rows["activity"] if not _after(row["at"], moment)],
        "campaign_touch": [row for row in rows["campaign_touch"] if not _after(row["at"], moment)],
        "opportunity": [_deal(row, moment) for row in rows["opportunity"] if not _after(row["created_at"], moment)],
    }
    return {name: pa.Table.from_pylist(kept[name], schema=table.schema) for name, table in tables.items()}


def _record(row: Row, later: dict[tuple[str, str, str], Row], moment: datetime) -> Row:
    """The record before the first later change of each of its fields."""
    found = dict(row)
    for field in ("status", "owner_id", "merged_into", "condition"):
        change = later.get((row["object"], row["record_id"], field))
        if change is not None:
            found[field] = change["from_value"]
    if _after(row["converted_at"], moment):
        found |= {"converted_at": None, "converted_to": None}
    if found["condition"] is None or (found["condition"] == "inactive" and not _gone(found)):
        found["condition"] = "active"
    return found


def _gone(row: Row) -> bool:
    return row["converted_to"] is not None or row["merged_into"] is not None


def _deal(row: Row, moment: datetime) -> Row:
    if not _after(row["closed_at"], moment) and row["closed_at"] is not None:
        return row
    return {**row, "closed_at": None, "is_won": False, "is_closed": False} if _after(row["closed_at"], moment) else row


def _after(at: datetime | None, moment: datetime) -> bool:
    return at is not None and at > moment
