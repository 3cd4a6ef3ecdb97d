"""A small company with a known truth about its leads: what makes them buy, what only looks like it.

Banks buy, and whoever visits the site. The colour of a lead says nothing. `f_contract` is filled
after the win, with a history; `f_verdict` without one.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from tests.rows import Rows, lead, moved

AS_OF = datetime(2026, 3, 1)
RULES: list[dict[str, Any]] = [
    {"id": "bank", "category": "fit", "when": {"field": "f_industry", "op": "eq", "value": "bank"}, "points": 20},
    {"id": "signed", "category": "fit", "when": {"field": "f_contract", "op": "filled"}, "points": 50},
    {"id": "verdict", "category": "fit", "when": {"field": "f_verdict", "op": "eq", "value": "Yes"}, "points": 30},
    {"id": "red", "category": "fit", "when": {"field": "f_colour", "op": "eq", "value": "Red"}, "points": 5},
    {"id": "mail", "category": "fit", "when": {"field": "email", "op": "filled"}, "points": 5},
    {"id": "visit", "category": "behaviour", "when": {"activity": "web_visit", "within_days": 30}, "points": 15},
    {"id": "meet", "category": "behaviour", "when": {"activity": "meeting"}, "points": 15},
    {"id": "ghost", "category": "fit", "when": {"field": "f_nothing", "op": "filled"}, "points": 5},
]


def tables(n: int = 400, seed: int = 1) -> dict[str, list[dict[str, Any]]]:
    """Leads of eleven months, qualified after ten days and decided twenty days later."""
    draw = random.Random(seed)  # noqa: S311 - a world, no secret
    record: list[dict[str, Any]] = []
    change: list[dict[str, Any]] = []
    activity: list[dict[str, Any]] = []
    for number in range(n):
        start = datetime(2025, 1, 1) + timedelta(days=draw.random() * 330)
        industry, visits = draw.choice(["Bank", "Retail", "Farm"]), draw.random() < 0.4
        won = draw.random() < 0.15 + 0.4 * (industry == "Bank") + 0.3 * visits
        name, qualified = f"l{number}", start + timedelta(days=10)
        end = qualified + timedelta(days=20)
        steps = [(start.isoformat(), "Subscriber"), (qualified.isoformat(), "MQL"),
                 (end.isoformat(), "Customer" if won else "Disqualified")]  # fmt: skip
        change += moved(name, *steps)
        contract = "Signed" if won and draw.random() < 0.9 else None
        verdict = ("Yes" if won else "No") if draw.random() < (0.9 if won else 0.3) else None
        record.append(
            lead(name, status=steps[-1][1], created_at=start.isoformat(), f_industry=industry, f_contract=contract,
                 f_verdict=verdict, f_colour=draw.choice(["Red", "Blue"]), email=f"{name}@x.example",
                 f_religion=industry)
        )  # fmt: skip
        if contract:
            change.append(changed(name, "f_contract", None, contract, end + timedelta(hours=1)))
        if visits:
            activity.append(did(f"v{number}", name, "web_visit", qualified - timedelta(days=2)))
        if won:
            activity.append(did(f"m{number}", name, "meeting", end + timedelta(days=2)))
    return {"record": record, "field_change": change, "activity": activity}


def changed(record: str, field: str, before: str | None, after: str | None, at: datetime) -> dict[str, Any]:
    return {"object": "lead", "record_id": record, "field": field, "from_value": before, "to_value": after,
            "at": at.isoformat(), "seq": 9, "evidence": "history"}  # fmt: skip


def did(activity: str, record: str, kind: str, at: datetime) -> dict[str, Any]:
    return {"activity_id": activity, "object": "lead", "record_id": record, "kind": kind, "subject": "Pricing",
            "at": at.isoformat()}  # fmt: skip


def rows(**changed: Any) -> Rows:
    return Rows(creation_logged=True, **{**tables(), **changed})
