"""From when the history of a status tells all: Salesforce keeps it from the day somebody switched it on.

Nobody tells that day; the first change of the status proves it. The rows a history writes when records
are created prove that it was on before, for the object: where they begin within a week before that
change, the status was on too, as far as anybody can tell. What is older than two years is not kept.

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
NEAR = timedelta(days=7)
CREATED = "created"


def since(client: Client, plan: Plan, now: datetime | None) -> Mapping[str, datetime | None]:
    """For each object with a history the moment from which its status changes are all there; null: never."""
    found: dict[str, datetime | None] = {}
    for name, history in plan.histories.items():
        status = plan.sources[name].columns.get("status")
        if status is None:
            continue
        first = _first(client, history, IN_HISTORY.get(status.name, status.name))
        if first is not None:
            made = _first(client, history, CREATED)
            first = made if made is not None and first - NEAR <= made < first else first
            first = max(first, now - KEPT) if now is not None else first
        found[name] = first
    return found


def _first(client: Client, history: str, field: str) -> datetime | None:
    """The moment of the first row there is of a field."""
    where = f"Field = {fetch.listed([field])}"
    soql = fetch.select(history, ["CreatedDate"], where) + " ORDER BY CreatedDate LIMIT 1"
    rows = texts(fetch.everything(client, soql, deleted=True), ["CreatedDate"])
    moments: list[datetime] = times(rows.column(0).combine_chunks()).to_pylist()
    return moments[0] if moments else None
