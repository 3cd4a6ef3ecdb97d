"""Who owns records: users, and the queues records wait in. Few enough to be read whole each time.

Not here: owners of single records (records.py), their changes (changes.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from connectors.salesforce import fetch
from connectors.salesforce.client import Client
from connectors.salesforce.plan import Plan
from connectors.salesforce.rows import Rows, canonical
from connectors.salesforce.schema import Schema
from leadpact.model import OWNER

QUEUES = ("Id", "Name")


def pages(client: Client, plan: Plan, schema: Schema, zone: object) -> Iterator[pa.Table]:
    """Users, then queues."""
    source = plan.sources.get("User")
    if source is not None:
        for table in fetch.rows(client, "User", source.paths, order=" ORDER BY Id"):
            rows = Rows(source, table, zone)  # type: ignore[arg-type]
            yield users(rows.only(rows.meant()))
    if schema.object("Group") is not None:
        for table in fetch.rows(client, "Group", QUEUES, "Type = 'Queue'", order=" ORDER BY Id"):
            yield queues(table)


def users(rows: Rows) -> pa.Table:
    columns = {name: rows.words(name) for name in ("owner_id", "name", "team", "timezone", "manager_id")}
    columns |= {"is_active": rows.flag("is_active"), "is_queue": pa.scalar(False)}
    return canonical(OWNER, columns, len(rows))


def queues(table: pa.Table) -> pa.Table:
    columns = {
        "owner_id": table.column("Id").combine_chunks(),
        "name": table.column("Name").combine_chunks(),
        "is_active": pa.scalar(True),
        "is_queue": pa.scalar(True),
    }
    return canonical(OWNER, columns, table.num_rows)
