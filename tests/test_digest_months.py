"""Promises a digest tells: behind in this month, broken in the last one; nightly, for each looks at two moments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.schema import Pact
from leadpact.digest import due
from leadpact.pact_in_use import PactInUse
from tests.rows import Rows, lead, moved
from tests.worlds import World, pact

MONTHLY: dict[str, Any] = {
    "commitments": {"marketing": {"mql_per_month": 10, "accepted_rate": 0.8}, "sales": {"follow_up": "follow-up"}}
}


def promised(world: World, now: datetime, used: Pact, signed: datetime | None) -> list[tuple[str, str, bool]]:
    analysis = world.workspace.analyse("small", pact=PactInUse(used, 1, signed is not None, signed), as_of=now)
    return [(one.which, one.month, one.ended) for one in due.commitments(world.workspace, analysis)]


def test_promises_behind_and_broken(world: World) -> None:
    used = pact(**MONTHLY)
    rows = [lead(f"m{n}", status="MQL", created_at=datetime(2026, 2, 10)) for n in range(3)]
    changes = [row for n in range(3) for row in moved(f"m{n}", (datetime(2026, 2, 10), "MQL"))]  # type: ignore[arg-type]
    crm = Rows(creation_logged=True, record=rows, field_change=changes, activity=[])
    world.sync(crm, now=datetime(2026, 3, 20), used=used)
    before = datetime(2025, 12, 15)
    assert promised(world, datetime(2026, 2, 3), used, before) == [("pace", "2026-01", True)], "too early for February"
    february = [("pace", "2026-02", False), ("follow_up", "2026-02", False)]
    assert promised(world, datetime(2026, 2, 20), used, None) == february
    over = [("pace", "2026-02", True), ("follow_up", "2026-02", True)]
    assert promised(world, datetime(2026, 3, 20), used, before) == [("pace", "2026-03", False), *over]
    # a promise made in the middle of a month is not held against it
    assert promised(world, datetime(2026, 3, 2), used, datetime(2026, 2, 10)) == []
    assert promised(world, datetime(2026, 3, 20), pact(), before) == []
