"""What holds for any history: order, sums, maturity, remaps, and no rate over the whole."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.metrics.cohorts import cohorts
from leadpact.metrics.compare import compare
from leadpact.metrics.funnel import MODES, Funnel, Scope, conversion
from leadpact.metrics.leaks import leaks
from leadpact.tables import Tables
from tests.engine import company
from tests.funnels import Histories, day, rows_of, tables_of
from tests.worlds import SMALL, pact

MOVES = ["Unknown", "Subscriber", "MQL", "Working", "Customer", "Re-Market", "Disqualified", "Spam", "Limbo"]
AS_OF, WINDOW = day(150), 20
SCOPES = [Scope(window_days=WINDOW, mode=mode) for mode in MODES]
GROUPS = ("web", "fair", None)
STAGES = SMALL["status_map"]["lead"]

quick = settings(max_examples=3, deadline=None)


@st.composite
def histories(draw: Any) -> Histories:
    """One to twelve people with one to six changes each, all before day 120."""
    found: Histories = {}
    for n in range(draw(st.integers(1, 12))):
        moves = draw(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(MOVES)), min_size=1, max_size=6))
        at, steps = 0, []
        for gap, status in moves:
            at += gap
            steps.append((day(at), status))
        found[f"r{n:02}"] = steps
    return found


def sources(people: Histories) -> dict[str, Any]:
    return {who: {"source": GROUPS[n % 3]} for n, who in enumerate(people)}


def everything(tables: Tables) -> list[Any]:
    """Every result the page of the funnel shows."""
    used = pact()
    found: list[Any] = [conversion(tables, used, AS_OF, scope) for scope in SCOPES]
    found.append(compare(tables, used, AS_OF, Scope(by="source"), "rest"))
    return [*found, cohorts(tables, used, AS_OF, Scope()), leaks(tables, used, AS_OF, Scope(by="source"))]


@quick
@given(people=histories(), seed=st.integers(0, 99))
def test_the_order_of_rows_is_irrelevant(people: Histories, seed: int) -> None:
    first, second = rows_of(people, **sources(people)), rows_of(people, **sources(people))
    for rows in second.tables.values():
        random.Random(seed).shuffle(rows)  # noqa: S311 - a shuffle, not a secret
    assert everything(company(first, pact())) == everything(company(second, pact()))


@quick
@given(people=histories())
def test_groups_add_up_to_the_total(people: Histories) -> None:
    tables, used = tables_of(people, **sources(people)), pact()
    for scope in SCOPES:
        whole, split = (conversion(tables, used, AS_OF, replace(scope, by=by)) for by in (None, "source"))
        assert (whole.coverage, whole.unknown, whole.invalid) == (split.coverage, split.unknown, split.invalid)
        for one in whole.steps:
            own = [step for step in split.steps if step.stage == one.stage]
            for name in ("entered", "converted", "lost", "pending", "mature_entered", "mature_converted"):
                assert sum(getattr(step, name) for step in own) == getattr(one, name)


@quick
@given(people=histories(), young=histories())
def test_an_immature_journey_never_changes_a_mature_rate(people: Histories, young: Histories) -> None:
    late = {
        f"young{who}": [(AS_OF - timedelta(days=WINDOW - 1) + (at - day(0)) / 100, status) for at, status in steps]
        for who, steps in young.items()
    }
    first, second = (tables_of(those) for those in (people, {**people, **late}))
    for scope in SCOPES:
        before, after = (conversion(tables, pact(), AS_OF, scope) for tables in (first, second))
        assert mature(before) == mature(after)


def mature(found: Funnel) -> list[tuple[Any, ...]]:
    return [(step.stage, step.mature_entered, step.mature_converted, step.mature_rate) for step in found.steps]


@quick
@given(people=histories())
def test_a_remap_found_in_the_journal_changes_no_journey(people: Histories) -> None:
    """Who stands in Subscriber or MQL is relabelled Working ten days before we look: no step is made."""
    told = {who: [STAGES.get(status) for _, status in steps] for who, steps in people.items()}
    asked = [who for who, stages in told.items() if stages[-1] in ("subscriber", "mql") and "sal" not in stages]
    before = journeys_of(tables_of(people))
    assert before == journeys_of(tables_of(people, extra=relabelled(people, asked, "remap")))
    if asked:  # the same changes made by a person are steps
        assert before != journeys_of(tables_of(people, extra=relabelled(people, asked, "history")))


def relabelled(people: Histories, asked: list[str], evidence: str) -> list[dict[str, Any]]:
    return [
        {"object": "lead", "record_id": who, "field": "status", "from_value": people[who][-1][1], "seq": 0,
         "to_value": "Working", "at": AS_OF - timedelta(days=10), "evidence": evidence}
        for who in asked
    ]  # fmt: skip


def journeys_of(tables: Tables) -> list[dict[str, Any]]:
    """Every journey: when it began and ended, how, and in how many moves."""
    found = tables.journey.order_by("person_id", "journey").execute()
    names = ["person_id", "journey", "entered_at", "ended_at", "end_kind", "moves"]
    return list(found[names].astype(object).where(found[names].notna(), None).to_dict("records"))


@quick
@given(people=histories())
def test_no_rate_is_over_the_whole_and_everybody_is_somewhere(people: Histories) -> None:
    tables = tables_of(people)
    for scope in SCOPES:
        found = conversion(tables, pact(), AS_OF, scope)
        for step in found.steps:
            assert step.entered == step.converted + step.lost + step.pending
            assert min(step.converted, step.lost, step.pending) >= 0
            rates = (step.rate_of_first, step.rate_of_previous, step.mature_rate)
            assert all(0 <= rate <= 1 for rate in rates if rate is not None)
        reached = [step.converted for step in found.steps]
        assert scope.mode == "visited" or reached == sorted(reached, reverse=True)
    for cell in cohorts(tables, pact(), AS_OF, Scope()).cells:
        assert cell.reached + cell.pending <= cell.size
