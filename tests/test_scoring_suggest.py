"""Suggested points: what is fitted, what is never looked at, and what becomes of it in a draft."""

from __future__ import annotations

from datetime import datetime
from itertools import product
from typing import Any

import ibis
import numpy as np
import pytest

from config import drafts
from config.parts import Condition
from leadpact.errors import Misconfigured
from leadpact.scoring.basis import Asked
from leadpact.scoring.conditions import holds
from leadpact.scoring.suggest import Suggestion, suggest
from leadpact.scoring.suggest_features import Column, distinct, field_tests, round_two
from leadpact.scoring.suggest_fit import MOST_POINTS, card, logistic_line
from leadpact.scoring.suggest_take import take
from tests.scored_world import AS_OF, RULES, rows
from tests.worlds import World, pact

SCORED = pact(scoring={"rules": RULES[:1]}, sales_ready={"threshold": 20})


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("suggest"))
    world.sync(rows(), now=AS_OF)
    return world


@pytest.fixture(scope="module")
def told(small: World) -> Suggestion:
    found = small.analyse(SCORED)
    return suggest(found.tables, found.pact, found.as_of, Asked(days=60, known="now"))


def test_what_makes_leads_buy_gets_points_and_nothing_else(told: Suggestion) -> None:
    assert told.outcome == "fitted"
    subjects = {str(one.rule.when.model_dump()["field" if one.then is False else "activity"]) for one in told.rules}
    assert subjects == {"f_industry", "web_visit"}
    assert all(one.rule.points == int(one.rule.points) for one in told.rules)
    assert len({one.rule.id for one in told.rules} | {"bank"}) == len(told.rules) + 1


def test_leaks_and_protected_fields_are_left_out_and_named(told: Suggestion) -> None:
    assert {leak.field for leak in told.left_out} == {"f_contract", "f_verdict"}
    assert told.protected == ("f_religion",)


def test_it_is_judged_on_later_journeys_beside_the_team_s_points(told: Suggestion) -> None:
    assert told.fitted + told.judged <= told.cases == 400
    assert told.judged == 120 and not told.overlapping
    assert told.theirs is not None and told.own is not None and told.better is not None
    assert told.theirs.auc - told.own.auc == pytest.approx(told.better.difference)
    assert told.theirs.low > 0.6


def test_rules_go_one_by_one_into_a_draft_and_nowhere_else(small: World, told: Suggestion) -> None:
    engine, when = small.workspace.database, datetime(2026, 3, 2)
    before = small.workspace.pact_in_use("small").pact.hash
    visit = next(one.own for one in told.rules if one.then)
    first = take(engine, [visit], SCORED, author="ana@acme.example", now=when)
    again = take(engine, [visit], SCORED, author="ana@acme.example", now=when)
    rules = again.document["scoring"]["rules"]
    assert [one["id"] for one in rules] == [visit.id] and first.id == again.id
    assert drafts.faults(again.document) == []
    assert small.workspace.pact_in_use("small").pact.hash == before
    with pytest.raises(Misconfigured):
        take(engine, [], SCORED, author="ana@acme.example", now=when)


def test_too_few_outcomes_suggest_nothing(small: World) -> None:
    found = small.analyse(SCORED, as_of=datetime(2025, 4, 20))
    few = suggest(found.tables, found.pact, found.as_of)
    assert (few.outcome, few.rules) == ("few", ()) and few.needed > 50


VALUES = ["Bank", "bank", None, "10", "9", "10.0", "Farm", "0.50", "2026-01-31", "NO"]


def test_a_test_gives_what_the_engine_s_condition_gives() -> None:
    texts = [VALUES[at % len(VALUES)] for at in range(400)]
    numbers = [str(at % 37) if at % 5 else None for at in range(400)]
    base = ibis.memtable({"f_text": texts, "f_number": numbers, "at": list(range(400))})
    for name, values in (("f_text", texts), ("f_number", numbers)):
        found = field_tests(Column(name, values))
        assert len(found) >= 4
        for test in found:
            assert isinstance(test.when, Condition)
            engine = base.select("at", said=holds(base, test.when)).order_by("at").to_pyarrow()["said"].to_pylist()
            assert engine == (test.gives > 0).tolist(), test.when


def test_of_two_opposite_tests_the_rarer_one_is_kept() -> None:
    column = Column("f_optin", ["Yes"] * 60 + ["No"] * 340)
    (kept,) = distinct(field_tests(column))
    assert isinstance(kept.when, Condition) and kept.when.value == "Yes"


def test_a_running_number_is_no_quantity() -> None:
    assert field_tests(Column("f_number", [str(660_000 + at) for at in range(400)])) == []


@pytest.mark.parametrize(("value", "rounded"), [(1287.0, 1300.0), (0.1234, 0.12), (0.0, 0.0), (-54.6, -55.0)])
def test_thresholds_are_numbers_people_write(value: float, rounded: float) -> None:
    assert round_two(value) == rounded


def planted(seed: int, truth: list[int], n: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    tests = (draw.random((n, len(truth))) < 0.4).astype(float)
    chance = 1 / (1 + np.exp(-(tests @ np.array(truth) * 0.5 - 1.0)))
    return tests, draw.random(n) < chance


def loss_of(tests: np.ndarray, reached: np.ndarray, points: Any) -> float:
    values, place = np.unique(tests @ np.array(points, dtype=float), return_inverse=True)
    cases = np.bincount(place).astype(float)
    return logistic_line(values, cases, np.bincount(place, weights=reached).astype(float))[0]


def test_whole_points_are_as_good_as_any_that_are_tried() -> None:
    """Against all cards of three tests with up to six points each way."""
    tests, reached = planted(5, [4, -2, 1])
    found = card(tests, reached, 3)
    assert found is not None
    best = min(loss_of(tests, reached, points) for points in product(range(-6, 7), repeat=3) if any(points))
    assert found.loss <= best + 2e-4
    assert all(0 < abs(points) <= MOST_POINTS for points in found.points)


def test_tests_that_say_nothing_are_not_taken() -> None:
    tests, reached = planted(6, [4, 0, 0, 0, 0, 0])
    found = card(tests, reached, 15)
    assert found is not None and found.columns == (0,)
    noise, _ = planted(7, [0] * 6)
    assert card(noise, np.arange(1500) % 3 == 0, 15) is None
    assert card(tests, np.ones(1500, dtype=bool), 15) is None


def test_at_most_so_many_rules() -> None:
    tests, reached = planted(8, [4, 3, 3, -3, 2, -2], n=3000)
    found = card(tests, reached, 2)
    assert found is not None and len(found.columns) == 2
