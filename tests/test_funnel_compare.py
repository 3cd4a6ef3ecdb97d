"""Two funnels compared: only at equal age, and silent where the evidence is not there."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from leadpact.errors import Misconfigured
from leadpact.metrics.compare import Compared, Comparison, compare, equal_age
from leadpact.metrics.funnel import Scope, conversion
from leadpact.metrics.periods import Period
from tests.funnels import Histories, day, tables_of, went
from tests.test_cli import document, run  # noqa: F401 - a fixture
from tests.worlds import pact

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 2)
SECOND = Scope(start=FEBRUARY, end=MARCH)


def of(
    histories: Histories, scope: Scope = SECOND, *, as_of: float = 60, against: Any = "before", **more: Any
) -> Comparison:
    return compare(tables_of(histories, **more), pact(), day(as_of), scope, against)


def step(found: Comparison, stage: str, group: str | None = None) -> Compared:
    return next(one for one in found.steps if one.stage == stage and one.group == group)


def month(first: float, accepted: int, of_all: int, after: float = 2) -> Histories:
    """`of_all` leads entering from day `first` on, 20 a day at most; the first `accepted` go on to Sales."""
    return {
        f"r{first:g}-{n}": went(first + n % 5, (after, "Working")) if n < accepted else went(first + n % 5)
        for n in range(of_all)
    }


def test_a_clear_change_is_called_one() -> None:
    found = of({**month(0, 40, 60), **month(31, 12, 60)})
    sal = step(found, "sal")
    assert (sal.now.entered, sal.now.converted, sal.other.entered, sal.other.converted) == (60, 12, 60, 40)
    assert sal.of_previous is not None and sal.of_previous.clear
    assert sal.of_previous.difference == pytest.approx(-28 / 60)
    assert sal.of_previous.low < sal.of_previous.difference < sal.of_previous.high < 0


def test_a_small_change_is_left_to_chance() -> None:
    gap = step(of({**month(0, 32, 60), **month(31, 28, 60)}), "sal").of_previous
    assert gap is not None and not gap.clear and gap.low < 0 < gap.high


def test_young_journeys_never_make_a_period_look_worse() -> None:
    """The same rate in both; but half of this period's leads came five days ago and had no time yet."""
    found = of({**month(0, 30, 60), **month(31, 15, 30), **month(54, 0, 30)})
    sal = step(found, "sal")
    assert (sal.now.entered, sal.now.converted, found.young) == (30, 15, 30)
    assert sal.of_previous is not None and sal.of_previous.difference == 0
    whole = conversion(tables_of({**month(31, 15, 30), **month(54, 0, 30)}), pact(), day(60), SECOND)
    assert next(one for one in whole.steps if one.stage == "sal").rate_of_first == 0.25  # what it would have said


def test_what_came_after_the_days_given_counts_on_neither_side() -> None:
    late = month(0, 40, 60, after=20)  # in time to be seen by now, but this period could not have done it
    sal = step(of({**late, **month(31, 20, 60)}), "sal")
    assert (sal.other.converted, sal.now.converted) == (0, 20)


def test_a_period_that_is_all_too_young_compares_nothing() -> None:
    found = of({**month(0, 30, 60), **month(50, 10, 40)}, Scope(start=FEBRUARY, end=MARCH, window_days=45))
    sal = step(found, "sal")
    assert (found.young, sal.now.cohort, sal.of_first, sal.of_previous) == (40, 0, None, None)
    assert sal.now.rate_of_first is None


def test_nothing_before_compares_nothing() -> None:
    sal = step(of(month(31, 10, 40)), "sal")
    assert (sal.other.cohort, sal.of_previous) == (0, None)


def test_the_days_given_are_the_window_else_thirty_or_fewer_for_a_short_and_recent_period() -> None:
    assert equal_age(Scope(window_days=45), Period(JANUARY, MARCH), MARCH) == 45
    assert equal_age(Scope(), Period(JANUARY, date(2026, 4, 1)), date(2026, 4, 1)) == 30
    assert equal_age(Scope(), Period(JANUARY, date(2026, 1, 15)), date(2026, 1, 15)) == 7
    assert equal_age(Scope(), Period(JANUARY, date(2026, 1, 15)), date(2026, 1, 27)) == 12
    assert equal_age(Scope(), Period(JANUARY, date(2026, 1, 15)), MARCH) == 30
    assert equal_age(Scope(), Period(JANUARY, date(2026, 1, 2)), JANUARY) == 1
    assert equal_age(Scope(), None, MARCH) == 30


def test_without_dates_it_is_the_last_ninety_days() -> None:
    found = of(month(0, 3, 6), Scope(), as_of=60)
    assert found.period == Period(date(2025, 12, 3), date(2026, 3, 3))
    assert found.before == Period(date(2025, 9, 4), date(2025, 12, 3))


def test_few_cases_are_marked() -> None:
    assert step(of({**month(0, 3, 29), **month(31, 3, 40)}), "sal").small
    assert not step(of({**month(0, 3, 30), **month(31, 3, 30)}), "sal").small


def test_a_stage_of_its_own_has_no_step_before_to_compare() -> None:
    found = of({**month(0, 30, 60), **month(31, 20, 60)}, Scope(start=FEBRUARY, end=MARCH, mode="visited"))
    assert all(one.of_previous is None for one in found.steps)
    assert step(found, "sal").of_first is not None


def test_each_group_is_compared_with_all_others() -> None:
    histories = {**month(0, 50, 60), **month(10, 10, 60)}
    sources = {who: {"source": "web" if who.startswith("r0-") else "fair"} for who in histories}
    found = of(histories, Scope(by="source", window_days=20), against="rest", **sources)
    web, fair = step(found, "sal", "web"), step(found, "sal", "fair")
    assert (web.now, web.other) == (fair.other, fair.now)
    assert (web.now.entered, web.now.converted) == (60, 50)
    assert web.of_previous is not None and web.of_previous.clear
    assert found.period is None and found.coverage == 1


def test_groups_against_their_own_period_before() -> None:
    histories = {**month(0, 10, 20), **month(31, 5, 20)}
    sources = {who: {"source": None if int(who.rsplit("-", 1)[1]) % 2 else "web"} for who in histories}
    found = of(histories, Scope(start=FEBRUARY, end=MARCH, by="source"), **sources)
    assert {one.group for one in found.steps} == {"web", None}
    assert sum(step(found, "mql", group).now.entered for group in ("web", None)) == 20
    assert sum(step(found, "mql", group).other.entered for group in ("web", None)) == 20


def test_groups_need_something_to_split_by() -> None:
    with pytest.raises(Misconfigured) as caught:
        of(month(0, 1, 2), Scope(), against="rest")
    assert caught.value.key == "compare.no_split"


def test_an_empty_company_compares_nothing() -> None:
    found = of({"cold": [(day(0), "Unknown")]})
    assert (found.steps, found.young, found.coverage) == ((), 0, None)


def test_the_command_adds_a_comparison_only_when_asked(run: Any) -> None:  # noqa: F811
    run("sync", "acme")
    plain = document(run("funnel", "--json", "--pact", "pact.yaml"))
    asked = document(run("funnel", "--json", "--pact", "pact.yaml", "--compare", "--from", "2026-01-06"))
    assert set(asked) - set(plain) == {"comparison"}
    assert asked["comparison"]["against"] == "before"
    assert asked["comparison"]["period"][0] == "2026-01-06"
    assert {"group", "stage", "entered_now", "entered_other", "of_first", "of_previous"} <= set(
        asked["comparison"]["steps"][0]
    )
    code, out, err = run("funnel", "--pact", "pact.yaml", "--compare", "rest")
    assert (code, out) == (2, "") and "--by source" in err
    assert "El resto" in run("--lang", "es", "funnel", "--pact", "pact.yaml", "--compare", "rest", "--by", "source")[1]
    assert json.dumps(asked)
