"""The people behind a number: any table of records, with what a person wants to see of each."""

from __future__ import annotations

from leadpact.tables import Table, Tables, with_owner

SHOWN = ("name", "email", "phone", "company", "status", "source", "country", "created_at", "url")
KEYS = ("object", "record_id")


def listed(rows: Table, tables: Tables) -> Table:
    """The rows (with object and record_id) with the record's own columns and its owner.

    Out: object, record_id, name, email, phone, company, status, owner, source, country,
    created_at, url, then the rows' other columns. Columns the rows already have win.
    """
    own = [name for name in rows.columns if name not in KEYS]
    record = with_owner(tables.record, tables.owner)
    wanted = [name for name in (*SHOWN, "owner") if name not in own]
    facts = record.select(of_object="object", of_id="record_id", **{name: record[name] for name in wanted})
    joined = rows.left_join(facts, (rows.object == facts.of_object) & (rows.record_id == facts.of_id))
    first = [
        name
        for name in ("name", "email", "phone", "company", "status", "owner", "source", "country", "created_at", "url")
        if name in joined.columns
    ]
    return joined.select(*KEYS, *first, *(name for name in own if name not in first))
