"""Records as they were at a moment, as far as the history of their fields tells.

A field whose changes are known is taken as it was then; one without history is taken as it is
known now, and `untracked` names it: it may tell of what happened only later.

Not here: what is asked of the fields (conditions.py), what people did (behaviour.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import ibis

from leadpact.scoring.conditions import column_of
from leadpact.tables import Table, Tables, with_owner

KEYS = ("object", "record_id")
CONDITION, MERGED = "condition", "merged_into"
OWNER_NAMES = ("owner", "team", "manager")  # what a pact may ask of an owner besides the id
NEVER_CHANGES = ("object", "record_id", "person_id", "created_at", "converted_at")  # or say themselves since when
OF_FIELD = {"owner": "owner_id"}  # the name of a change -> the column it changes


def columns_of(tables: Tables, fields: Collection[str]) -> list[str]:
    """The columns that these fields of the pact mean, in order; those the records do not have are left out."""
    known = [*tables.record.columns, *(name for name in OWNER_NAMES if name not in tables.record.columns)]
    found = (column_of(known, field) for field in fields)
    return sorted({name for name in found if name is not None})


def records(tables: Tables, fields: Collection[str], as_of: datetime, moments: Table | None = None) -> Table:
    """The records that counted then: in being, neither deleted nor merged into another.

    `moments` (object, record_id, moment: UTC) asks for records at moments of their own, each as
    often as it stands there; without it every record is taken at `as_of`. Out: object, record_id,
    person_id, moment, and the columns of `fields`.
    """
    columns = [name for name in columns_of(tables, fields) if name not in (*KEYS, "person_id")]
    stored = [name for name in columns if name in tables.record.columns]
    owned = [name for name in columns if name not in tables.record.columns]
    kept = dict.fromkeys([*stored, CONDITION, MERGED, *(["owner_id"] if owned else [])])
    record = tables.record.select(*KEYS, "person_id", *kept, born_at="created_at")
    if moments is None:
        base = record.mutate(moment=ibis.timestamp(as_of.isoformat(" ")))
    else:
        asked = moments.select(asked_object="object", asked_id="record_id", moment="moment")
        base = asked.inner_join(record, (asked.asked_object == record.object) & (asked.asked_id == record.record_id))
        base = base.drop("asked_object", "asked_id")
    base = base.filter(base.born_at.isnull() | (base.born_at <= base.moment))
    if "converted_at" in kept:
        known = base.converted_at <= base.moment
        base = base.mutate(converted_at=ibis.ifelse(known, base.converted_at, ibis.null("timestamp")))
    told = [name for name in kept if record[name].type().is_string()]
    change = _changes(tables, told)
    if moments is None:
        first = _first(change.filter(change.changed_at > ibis.timestamp(as_of.isoformat(" "))), told, [])
    else:
        asked = base.select(*KEYS, "moment")
        mine = (asked.object == change.change_object, asked.record_id == change.change_id)
        first = _first(asked.inner_join(change, [*mine, asked.moment < change.changed_at]), told, ["moment"])
    then = _as_then(base, first, told)
    alive = then.filter((then[CONDITION] != "deleted") | then[CONDITION].isnull(), then[MERGED].isnull())
    if owned:
        alive = with_owner(alive, tables.owner)
    return alive.select(*KEYS, "person_id", "moment", *columns)


def untracked(tables: Tables, fields: Collection[str]) -> tuple[str, ...]:
    """Which of these fields' columns have no history at all: they are known as of now only. Runs one query."""
    columns = [name for name in columns_of(tables, fields) if name not in NEVER_CHANGES]
    if not columns:
        return ()
    changes = all_changes(tables)
    found = changes.filter(changes["at"].notnull()).select("field").distinct().to_pyarrow()["field"].to_pylist()
    known = {OF_FIELD.get(name, name) for name in found}
    return tuple(name for name in columns if ("owner_id" if name in OWNER_NAMES else name) not in known)


def all_changes(tables: Tables) -> Table:
    """Every change of a field, those after the moment the tables were cut at too."""
    return tables.field_change if tables.later is None else ibis.union(tables.field_change, tables.later)


def _changes(tables: Tables, columns: Sequence[str]) -> Table:
    """The dated changes of these columns: change_object, change_id, column, from_value, changed_at, seq."""
    names = [name for name in (*columns, *OF_FIELD) if OF_FIELD.get(name, name) in columns]
    change = all_changes(tables)
    change = change.filter(change.field.isin(names), change["at"].notnull(), change.evidence != "remap")
    return change.select(
        "from_value",
        "seq",
        change_object="object",
        change_id="record_id",
        column=change.field.cases(*OF_FIELD.items(), else_=change.field),
        changed_at="at",
    )


def _first(later: Table, columns: Sequence[str], moment: list[str]) -> Table:
    """What each column was before the first of these changes: of_object, of_id[, of_moment], was_…, moved_…."""
    keys = ["change_object", "change_id", *moment]
    order = ibis.window(group_by=[*keys, "column"], order_by=["changed_at", "seq"])
    first = later.mutate(place=ibis.row_number().over(order)).filter(lambda t: t.place == 0)
    named = {"of_object": "change_object", "of_id": "change_id", **{f"of_{name}": name for name in moment}}
    return first.group_by(**named).aggregate(
        **{f"was_{name}": first.from_value.max(where=first.column == name) for name in columns},
        **{f"moved_{name}": (first.column == name).any() for name in columns},
    )


def _as_then(base: Table, first: Table, columns: Sequence[str]) -> Table:
    """The records with each column as it was before its first later change."""
    matches = [base.object == first.of_object, base.record_id == first.of_id]
    if "of_moment" in first.columns:
        matches.append(base.moment == first.of_moment)
    joined = base.left_join(first, matches)
    return joined.mutate(**{name: _then(joined, name) for name in columns}).select(base.columns)


def _then(joined: Table, name: str) -> Any:
    return ibis.ifelse(joined[f"moved_{name}"].fill_null(False), joined[f"was_{name}"], joined[name])
