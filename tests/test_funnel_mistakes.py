"""What other systems get wrong in a funnel (CRM_FACTS, mistakes 1, 2, 5 and 6), one dated case each.

Returning leads, young journeys and the 100/50/25 oracle are in test_funnel.py.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from leadpact.metrics.cohorts import cohorts
from leadpact.metrics.funnel import Funnel, Scope, Step, conversion
from tests.engine import company
from tests.funnels import Histories, day, tables_of, went
from tests.rows import Rows, contact, lead, moved
from tests.worlds import pact

FEBRUARY = Scope(start=date(2026, 2, 1), end=date(2026, 3, 1))


def funnel(histories: Histories, scope: Scope = Scope(), *, as_of: float = 80, **records: Any) -> Funnel:  # noqa: B008
    return conversion(tables_of(histories, **records), pact(), day(as_of), scope)


def step(found: Funnel, stage: str) -> Step:
    return next(one for one in found.steps if one.stage == stage)


def test_1_a_stage_entered_three_times_is_reached_once() -> None:
    back_and_forth = went(0, (1, "Working"), (2, "MQL"), (3, "Working"), (4, "MQL"), (5, "Working"))
    found = step(funnel({"ana": back_and_forth, "eve": went(0)}), "sal")
    assert (found.entered, found.converted, found.rate_of_first) == (2, 1, 0.5)


def test_1_those_lost_today_stay_below_the_line() -> None:
    """Counting only who is still there would say 1 of 1."""
    found = funnel({"won": went(0, (5, "Customer")), **{f"lost{n}": went(0, (9, "Disqualified")) for n in range(3)}})
    assert (step(found, "customer").entered, step(found, "sal").lost, step(found, "sal").rate_of_first) == (1, 3, 0.25)


def test_1_a_deleted_record_stays_below_the_line() -> None:
    rows = [
        lead("ana", status="MQL", created_at=day(0)),
        lead("gone", status="MQL", created_at=day(0)) | {"condition": "deleted"},
    ]
    changes = moved("ana", (day(0), "MQL"), (day(1), "Working")) + moved("gone", (day(0), "MQL"))
    tables = company(Rows(creation_logged=True, record=rows, field_change=changes), pact())
    found = step(conversion(tables, pact(), day(80), Scope()), "sal")
    assert (found.entered, found.converted, found.lost) == (2, 1, 1)


def test_1_the_contact_made_later_opens_no_second_date_of_entry() -> None:
    """By the contact's creation it would count in February, and February could convert more than entered."""
    rows = [
        lead("ana", status="Working", created_at=day(5), converted_at=day(40), converted_to="ana-c"),
        contact("ana-c", status="Customer", created_at=day(40)),
        lead("eve", status="MQL", created_at=day(35)),
    ]
    changes = [
        *moved("ana", (day(5), "MQL"), (day(8), "Working")),
        *moved("ana-c", (day(40), "SQL"), (day(45), "Customer"), object="contact"),
        *moved("eve", (day(35), "MQL")),
    ]
    tables = company(Rows(creation_logged=True, record=rows, field_change=changes), pact())
    january = Scope(start=date(2026, 1, 1), end=date(2026, 2, 1))
    first, second = (conversion(tables, pact(), day(80), scope) for scope in (january, FEBRUARY))
    assert (step(first, "mql").entered, step(first, "customer").converted) == (1, 1)
    assert (step(second, "mql").entered, step(second, "customer").converted) == (1, 0)


def test_2_a_month_converts_only_those_who_entered_in_it() -> None:
    """Three of January won in February, one entered in February: 3 won beside 1 new would read 300 %."""
    histories = {f"old{n}": went(5, (35, "Customer")) for n in range(3)} | {"new": went(40)}
    found = step(funnel(histories, FEBRUARY), "mql")
    assert (found.entered, found.converted) == (1, 1)
    assert step(funnel(histories, FEBRUARY), "customer").converted == 0
    cells = {(cell.period, cell.stage): cell for cell in cohorts(tables_of(histories), pact(), day(80), Scope()).cells}
    assert cells[(date(2026, 1, 1), "customer")].share == 1
    assert cells[(date(2026, 2, 1), "customer")].share == 0


def test_5_a_conversion_after_the_range_counts_and_a_young_journey_is_no_loss() -> None:
    histories = {"late": went(40, (30, "Customer")), "young": went(58), "lost": went(41, (3, "Disqualified"))}
    found = step(funnel(histories, FEBRUARY), "sal")
    assert (found.entered, found.converted, found.lost, found.pending) == (3, 1, 1, 1)
    windowed = step(funnel(histories, Scope(start=FEBRUARY.start, end=FEBRUARY.end, window_days=60), as_of=102), "sal")
    assert (windowed.mature_entered, windowed.mature_converted, windowed.pending) == (2, 1, 1)
    assert windowed.mature_rate == 0.5  # not 1 of the 2 decided plus a young one called lost: 0.333


def test_6_each_rate_stands_beside_the_counts_it_is_made_of() -> None:
    paths = ["Subscriber", "MQL", "Working"]
    histories: Histories = {
        f"r{n:03}": [(day(at), status) for at, status in enumerate(paths[: 1 + (n < 50) + (n < 25)])]
        for n in range(100)
    }
    found = funnel(histories, Scope(window_days=30))
    shown = [(one.converted, one.rate_of_first, one.rate_of_previous, one.mature_rate) for one in found.steps[:3]]
    assert shown == [(100, 1, 1, 1), (50, 0.5, 0.5, 0.5), (25, 0.25, 0.5, 0.5)]
    for one in found.steps:
        assert one.entered == one.converted + one.lost + one.pending
        assert one.rate_of_previous == one.converted / one.entered
        assert one.rate_of_first == one.converted / found.steps[0].entered
