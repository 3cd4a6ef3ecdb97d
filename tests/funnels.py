"""Small companies for the tests of funnels: dated status histories in, tables out, all in memory."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from config.schema import Pact
from leadpact.tables import Tables
from tests.engine import company
from tests.rows import Rows, lead, moved
from tests.worlds import pact

START = datetime(2026, 1, 1)

Histories = dict[str, list[tuple[Any, str]]]


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def rows_of(histories: Histories, extra: list[dict[str, Any]] | None = None, **records: Any) -> Rows:
    """Leads with these histories; `records` adds fields by lead, `extra` further changes."""
    people = [
        lead(who, status=steps[-1][1], created_at=steps[0][0], **records.get(who, {}))
        for who, steps in histories.items()
    ]
    changes = [row for who, steps in histories.items() for row in moved(who, *steps)]
    return Rows(creation_logged=True, record=people, field_change=[*changes, *(extra or [])])


def tables_of(histories: Histories, used: Pact | None = None, **more: Any) -> Tables:
    """The tables of a company of leads with these histories."""
    return company(rows_of(histories, **more), used or pact())


def went(entry: float, *moves: tuple[float, str]) -> list[tuple[Any, str]]:
    """MQL on day `entry`, then (days later, status) each."""
    return [(day(entry), "MQL"), *((day(entry + after), status) for after, status in moves)]
