"""Completeness of identification data: how many records have an e-mail, a company, a source …

Counted are the records that count (in scope, neither deleted nor merged). A field no record of
any object has is not known to be mapped at all: its share is null rather than 0.

Not here: what share is enough (criteria.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.parts import Condition
from config.schema import Pact
from leadpact.audit.facts import counting, is_blank, rows_of
from leadpact.model import OBJECTS, is_custom
from leadpact.tables import Tables

FIELDS = ("email", "phone", "company", "country", "source", "owner_id", "status")


@dataclass(frozen=True)
class Filled:
    """One field of one object: `filled` of `records` have it; `share` is null for 0 of 0 and where
    no record of any object has the field (it may not be mapped)."""

    object: str
    field: str
    filled: int
    records: int
    share: float | None


def completeness(tables: Tables, pact: Pact) -> tuple[Filled, ...]:
    """By object, then field: FIELDS and the mapped fields the pact's must-haves name. One query."""
    record = counting(tables.record, pact)
    names = [name for name in (*FIELDS, *must_haves(pact)) if name in record.columns]
    sums = {name: _filled(record[name]).cast("int64").sum() for name in names}
    rows = {row["object"]: row for row in rows_of(record.group_by("object").aggregate(records=record.count(), **sums))}
    ever = {name for name in names if any(row[name] for row in rows.values())}
    return tuple(
        Filled(object, name, int(rows[object][name]), int(rows[object]["records"]),
               rows[object][name] / rows[object]["records"] if name in ever else None)
        for object in OBJECTS if object in rows for name in names
    )  # fmt: skip


def must_haves(pact: Pact) -> list[str]:
    """The mapped CRM fields (`f_…`) that stages, the green light or a deal's criteria ask for, once each."""
    asked = [one.field for one in conditions(pact)]
    asked += [one.field for one in pact.sales_ready.opportunity if one.field]
    return [name for name in dict.fromkeys(asked) if is_custom(name)]


def conditions(pact: Pact) -> Iterator[Condition]:
    """Every condition a stage or the green light puts on a field."""
    yield from pact.sales_ready.all
    yield from pact.sales_ready.any
    for stage in pact.stages:
        yield from stage.requires


def _filled(column: Any) -> Any:
    return ~is_blank(column) if column.type().is_string() else column.notnull()
