"""A small company with deals and campaign responses: days from START, leads by status.

Not here: what is asked of it (test_pipeline*.py, test_campaigns.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from leadpact.metrics.pipeline import Pipeline, pipeline
from leadpact.metrics.pipeline_deals import deals
from tests.rows import Rows, lead, moved
from tests.worlds import World

START = datetime(2026, 1, 1)
NOW = datetime(2026, 3, 1)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def deal(
    name: str,
    who: str | None,
    created: float | None,
    closed: float | None = None,
    won: bool | None = None,
    *,
    amount: float | None = 100,
    currency: str | None = "EUR",
    object: str = "lead",
    **more: Any,
) -> dict[str, Any]:
    """A deal of a record: open without `closed`, else won or lost."""
    return {
        "opportunity_id": name, "object": object if who else None, "record_id": who, "amount": amount,
        "currency": currency, "created_at": None if created is None else day(created),
        "closed_at": None if closed is None else day(closed), "is_won": bool(won), "is_closed": won is not None, **more,
    }  # fmt: skip


def touch(who: str, campaign: str, at: float | None, response: str | None = "Responded") -> dict[str, Any]:
    when = None if at is None else day(at)
    return {"object": "lead", "record_id": who, "campaign": campaign, "response": response, "at": when}


def of(
    world: World,
    histories: dict[str, list[tuple[float, str]]],
    opportunity: list[dict[str, Any]] | None,
    touches: list[dict[str, Any]] | None = None,
    *,
    used: Any = None,
    **records: Any,
) -> None:
    """Leads with dated statuses, and their deals; null leaves the table undelivered."""
    rows = [
        lead(who, status=steps[-1][1], created_at=day(steps[0][0]), **records.get(who, {}))
        for who, steps in histories.items()
    ]
    changes = [row for who, steps in histories.items() for row in moved(who, *((day(at), to) for at, to in steps))]
    tables = {"opportunity": opportunity, "campaign_touch": touches}
    given_ = {name: table for name, table in tables.items() if table is not None}
    world.sync(Rows(creation_logged=True, record=rows, field_change=changes, **given_), now=NOW, used=used)


def asked(world: World, used: Any = None, **options: Any) -> Pipeline:
    found = world.analyse(used, as_of=options.pop("as_of", None), where=options.pop("where", None))
    return pipeline(found.tables, found.pact, found.as_of, **options)


def told(world: World, used: Any = None, **options: Any) -> dict[str, Any]:
    """Every deal with its origin, journey, state and influence."""
    found = world.analyse(used)
    rows = deals(found.tables, found.pact, found.as_of, **options).execute().set_index("opportunity_id")
    return {str(name): row for name, row in rows.iterrows()}
