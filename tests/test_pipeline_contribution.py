"""What contacts contribute to qualified journeys, beside new leads."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.contribution import CAME_FROM, Contribution, contribution, entries, sales_stage
from tests.pipeline_worlds import NOW, day, deal
from tests.rows import Rows, contact, lead, moved
from tests.worlds import SMALL, World, pact


def asked(world: World, **options: Any) -> Contribution:
    found = world.analyse()
    return contribution(found.tables, found.pact, found.as_of, **options)


def told(result: Contribution) -> dict[tuple[str | None, str], int]:
    return {(line.group, line.came_from): line.n for line in result.lines if line.n}


@pytest.fixture
def filled(world: World) -> World:
    """A lead, a converted one, one on its contact before any lead, a contact's own deal, and a return."""
    records = [
        lead("ana", status="Working", created_at=day(0), source="Web"),
        lead("bob", status="MQL", created_at=day(0), converted_to="bob-c", converted_at=day(4)),
        contact("bob-c", status="SQL", created_at=day(4)),
        contact("carla", status="SQL", created_at=day(0), source="Web"),
        contact("dora", status="MQL", created_at=day(0)),
        lead("eva", status="Working", created_at=day(0)),
        lead("flor", status="Spam", created_at=day(0)),
        lead("gina", status="MQL", created_at=day(0)),
        lead("hilda", status="Customer", created_at=day(0)),
    ]
    changes = [
        *moved("ana", (day(0), "MQL"), (day(3), "Working")),
        *moved("bob", (day(0), "MQL")),
        *moved("bob-c", (day(5), "SQL"), object="contact"),
        *moved("carla", (day(0), "MQL"), (day(6), "SQL"), object="contact"),
        *moved("dora", (day(0), "MQL"), object="contact"),
        *moved("eva", (day(0), "MQL"), (day(2), "Re-Market"), (day(35), "Working")),
        *moved("flor", (day(0), "Working"), (day(1), "Spam")),
        *moved("gina", (day(0), "MQL")),
        *moved("hilda", (day(0), "MQL"), (day(33), "Customer")),
    ]
    deals = [deal("d", "dora", 7, object="contact")]
    world.sync(Rows(creation_logged=True, record=records, field_change=changes, opportunity=deals), now=NOW)
    return world


def test_leads_converted_contacts_and_returns_are_told_apart(filled: World) -> None:
    result = asked(filled)
    expected = {"lead": 2, "converted": 1, "contact": 2, "returning": 1}
    assert told(result) == {(None, origin): number for origin, number in expected.items()}
    assert (result.stage, result.total, result.existing, result.invalid, result.unknown) == ("sal", 6, 3, 1, 0)
    assert [line.share for line in result.lines] == [pytest.approx(n / 6) for n in expected.values()]


def test_a_skipped_stage_counts_as_reached(filled: World) -> None:
    """Hilda went from MQL straight to customer."""
    found = filled.analyse()
    rows = entries(found.tables, found.pact, found.as_of).execute().set_index("record_id")
    assert rows.loc["hilda", "reached_at"] == day(33)
    assert rows.loc["bob-c", "object"] == "contact"


def test_by_month_of_reaching_groups_add_up(filled: World) -> None:
    result = asked(filled, by="month")
    assert told(result) == {
        ("2026-01-01", "lead"): 1,
        ("2026-01-01", "converted"): 1,
        ("2026-01-01", "contact"): 2,
        ("2026-02-01", "lead"): 1,
        ("2026-02-01", "returning"): 1,
    }
    assert len(result.lines) == 2 * len(CAME_FROM)
    assert [line.of for line in result.lines] == [4] * 4 + [2] * 4
    assert told(asked(filled, by="source"))[("Web", "contact")] == 1


def test_the_range_is_the_day_of_reaching(filled: World) -> None:
    assert asked(filled, start=date(2026, 2, 1), end=date(2026, 3, 1)).total == 2


def test_another_stage_can_be_asked_for(filled: World) -> None:
    assert asked(filled, stage="customer").total == 1
    with pytest.raises(Misconfigured) as caught:
        asked(filled, stage="unknown")
    assert caught.value.key == "funnel.bad_anchor"


def test_a_stage_reached_at_no_known_time_is_unknown(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="Working")], field_change=[]))
    result = asked(world)
    assert (result.total, result.unknown, result.coverage) == (0, 1, 0)
    assert all(line.share is None and line.ci_low is None for line in result.lines)


def test_nobody_is_zero_of_zero(world: World) -> None:
    world.sync(Rows(record=[lead("a", status="Unknown")], field_change=[]))
    result = asked(world)
    assert (result.total, result.existing, result.coverage) == (0, 0, None)
    assert asked(world, by="source").lines == ()


def of_stages(*stages: tuple[str, str, str]) -> Pact:
    return pact(stages=[{"key": key, "label": label, "kind": kind} for key, label, kind in stages],
                status_map={"lead": {}}, sla=[])  # fmt: skip


def test_the_stage_is_the_one_the_pact_calls_sql_else_the_last_of_sales() -> None:
    assert sales_stage(pact()) == "sal"
    assert sales_stage(of_stages(("a", "SAL", "sales"), ("b", "Lead SQL", "sales"), ("c", "Deal", "sales"))) == "b"
    assert sales_stage(of_stages(("sql", "Listo", "sales"), ("c", "Negocio", "sales"))) == "sql"
    assert sales_stage(of_stages(("a", "MySQL user", "sales"), ("c", "Deal", "sales"), ("d", "Won", "won"))) == "c"
    assert sales_stage(of_stages(("a", "MQL", "qualified"), ("d", "Won", "won"))) == "a"
    with pytest.raises(Misconfigured):
        sales_stage(of_stages(("a", "Out", "disqualified")))
    assert SMALL["stages"][3]["key"] == "sal"
