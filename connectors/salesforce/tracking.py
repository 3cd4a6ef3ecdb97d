"""From when the history of a status tells all: Salesforce keeps it from the day somebody switched it on.

Nobody tells that day; the first change there is proves it. What is older than two years is not kept.

Not here: the changes themselves (changes.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from connectors.salesforce import fetch
from connectors.salesforce.cells import texts, times
from connectors.salesforce.client import Client
from connectors.salesforce.plan import Plan
from connectors.salesforce.standard import IN_HISTORY

KEPT = timedelta(days=730)


def since(client: Client, plan: Plan, now: datetime | None) -> Mapping[str, datetime | None]:
    """For each object with a history the moment from which its status changes are all there; null: never."""
    found: dict[str, datetime | None] = {}
    for name, history in plan.histories.items():
        status = plan.sources[name].columns.get("status")
        if status is None:
            continue
        field = IN_HISTORY.get(status.name, status.name)
        where = f"Field = {fetch.listed([field])}"
        soql = fetch.select(history, ["CreatedDate"], where) + " ORDER BY CreatedDate LIMIT 1"
        rows = texts(fetch.everything(client, soql, deleted=True) or [], ["CreatedDate"])
        first = times(rows.column(0).combine_chunks()).to_pylist()
        found[name] = max(first[0], now - KEPT) if first and now is not None else (first or [None])[0]
    return found
