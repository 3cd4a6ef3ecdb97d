"""What is due for a digest: clocks against a brute-force oracle in elapsed and working hours; findings.

Not here: promises of months (test_digest_months.py).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from config.schema import Pact
from leadpact.audit import findings_log, suppression
from leadpact.audit.runner import run
from leadpact.digest import due
from tests.clock_worlds import START, at
from tests.rows import Rows, lead, moved
from tests.worlds import SMALL, World, pact

OFFICE = range(9, 17)  # of Monday to Friday
WEEK = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
BY_STAGE = {**SMALL["sla"][0], "stops": {"stages": ["sal"]}}
ESCALATION = [{"at": 0.5, "tell": "owner"}, {"at": 1.5, "tell": "manager"}]
AGREED: dict[str, Any] = {
    "calendars": {"office": {"timezone": "UTC", "hours": WEEK}},
    "sla": [BY_STAGE, {**BY_STAGE, "id": "office", "target": {"hours": 8, "clock": "working"}, "calendar": "office"}],
    "commitments": {"sales": {"follow_up": "office", "escalation": ESCALATION}},
}
# hours since a Monday at midnight: when it became an MQL, when it was accepted, when it was lost
LEADS: dict[str, tuple[int, int | None, int | None]] = {
    "waits": (9, None, None),
    "friday": (4 * 24 + 15, None, None),  # two office hours are left of the week
    "in_time": (9, 12, None),
    "late": (9, 90, None),
    "lost": (10, None, 60),
    "again": (9, None, None),  # and a second time, below
    "old": (-1200, -900, None),  # late, and long over
}
AGAIN = (30, 33, 200)  # accepted, back to nurture, an MQL once more


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Pact]:
    world, used = World(tmp_path_factory.mktemp("due") / "home"), pact(**AGREED)
    rows, changes = [], []
    for who, (start, accepted, lost) in LEADS.items():
        steps = [(at(start), "MQL"), *([(at(accepted), "Working")] if accepted else [])]
        steps += [(at(lost), "Disqualified")] if lost else []
        if who == "again":
            steps += [(at(AGAIN[0]), "Working"), (at(AGAIN[1]), "Subscriber"), (at(AGAIN[2]), "MQL")]
        rows.append(lead(who, status=steps[-1][1], created_at=steps[0][0], owner_id="u1", name=who.title()))
        changes += moved(who, *steps)  # type: ignore[arg-type]
    world.sync(Rows(creation_logged=True, record=rows, field_change=changes), now=at(2000), used=used)
    return world, used


def worked(start: float, end: float) -> float:
    """Office hours between two moments, counted one by one."""
    hours = (at(hour) for hour in range(int(start), int(end)))
    return float(sum(one.weekday() < 5 and one.hour in OFFICE for one in hours))


def expected(moment: int) -> dict[tuple[str, str, float], tuple[float, bool]]:
    """By policy, lead and start: the share used and whether it was stopped; by the words of docs/operations.md."""
    clocks = [(who, start, accepted or lost) for who, (start, accepted, lost) in LEADS.items() if who != "again"]
    found = {}
    for who, start, stop in [*clocks, ("again", 9, AGAIN[0]), ("again", AGAIN[2], None)]:
        if start > moment:
            continue
        stopped = stop is not None and stop <= moment
        end = float(stop if stopped and stop is not None else moment)
        for policy, hours, target, lowest in (
            ("follow-up", end - start, 48, 0.8),
            ("office", worked(start, end), 8, 0.5),
        ):
            share = hours / target
            recent = end > moment - due.LOOKS_BACK / timedelta(hours=1)
            if (share > 1 and recent) if stopped else share >= lowest:
                found[policy, who, float(start)] = (share, stopped)
    return found


@pytest.mark.parametrize("moment", [47, 57, 4 * 24 + 17, 250])
def test_clocks_near_and_past_their_target(company: tuple[World, Pact], moment: int) -> None:
    world, used = company
    found = due.breaches(world.analyse(used, as_of=at(moment)))
    told = {
        (one.policy, one.record_id, (one.started_at - START) / timedelta(hours=1)): (one.share, one.at is not None)
        for one in found
    }
    assert {key: (pytest.approx(share), stopped) for key, (share, stopped) in expected(moment).items()} == told
    assert len({one.identity for one in found}) == len(found)
    assert all(one.owner_id == "u1" and one.name == one.record_id.title() for one in found)
    assert {one.policy: dict(one.shares) for one in found}.get("office", {}) in ({}, {"owner": 0.5, "manager": 1.5})


def test_findings_that_are_new_matter_and_were_not_set_aside(world: World) -> None:
    now = datetime(2026, 3, 20)
    rows = [lead(str(n), status="Voicemail", created_at=datetime(2026, 3, 1)) for n in range(30)]
    world.sync(Rows(creation_logged=True, record=rows), now=now)
    analysis = world.workspace.analyse("small")
    findings_log.keep(world.workspace.database, analysis, run(analysis, codes=["STA01"]), now=now)
    action, *more = due.findings(world.workspace, analysis, now=now)
    assert not more and action.severity in due.TOLD_AT
    assert (action.finding.code, action.finding.value, action.since) == ("STA01", "Voicemail", now)
    later = now + due.LOOKS_BACK + timedelta(seconds=1)
    assert due.findings(world.workspace, analysis, now=later) == [], "it stood before this could be news"
    suppression.set_aside(world.workspace.database, "small", action.finding, reason="known", author="ana", door="cli",
                          now=now, zone=analysis.pact.zone, until=date(2026, 6, 1))  # fmt: skip
    assert due.findings(world.workspace, analysis, now=now) == []
