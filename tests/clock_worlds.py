"""SLA clocks for tests: histories in hours since one Monday, calls likewise, and what is measured of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from config.parts import SlaPolicy
from config.schema import Pact
from leadpact.workspace import Analysis
from tests.rows import Rows, lead, moved
from tests.worlds import SMALL, World, pact

START = datetime(2026, 1, 5)  # a Monday
History = Mapping[str, Sequence[tuple[float | timedelta, str]]]


def at(moment: float | timedelta) -> datetime:
    """Hours since the Monday as a moment."""
    return START + (moment if isinstance(moment, timedelta) else timedelta(hours=moment))


def call(who: str, moment: float | timedelta, number: int = 0) -> dict[str, Any]:
    return {"activity_id": f"{who}-{number}", "object": "lead", "record_id": who, "kind": "call", "at": at(moment)}


def fill(
    world: World,
    histories: History,
    calls: Mapping[str, Sequence[float | timedelta]] | None = None,
    *,
    as_of: float = 24 * 30,
    used: Pact | None = None,
    fields: Mapping[str, Mapping[str, Any]] | None = None,
    **tables: list[dict[str, Any]],
) -> Analysis:
    """A world with these leads, opened. `calls` null: the source gives no activities."""
    own = fields or {}
    rows = [
        lead(who, status=steps[-1][1], created_at=at(steps[0][0]), **own.get(who, {}))
        for who, steps in histories.items()
    ]
    changes = [row for who, steps in histories.items() for row in moved(who, *((at(t), s) for t, s in steps))]
    if calls is not None:
        tables["activity"] = [call(who, when, n) for who, times in calls.items() for n, when in enumerate(times)]
    world.sync(Rows(creation_logged=True, record=rows, field_change=changes, **tables), now=at(as_of), used=used)
    return world.analyse(used)


def policy(found: Analysis) -> SlaPolicy:
    return found.pact.sla[0]


def long_pact(**changes: Any) -> Pact:
    """The small pact with a stage SQL between accepted and customer."""
    stages = [*SMALL["stages"]]
    stages.insert(4, {"key": "sql", "label": "SQL", "kind": "sales"})
    status_map = {**SMALL["status_map"], "lead": {**SMALL["status_map"]["lead"], "SQL": "sql"}}
    return pact(stages=stages, status_map=status_map, **changes)
