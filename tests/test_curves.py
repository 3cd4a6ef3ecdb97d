"""Curves to draw: statsmodels as the oracle for staying, a hand computation for reaching, and honest thinning."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import exp, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from leadpact.errors import Misconfigured
from leadpact.metrics import curves
from leadpact.metrics.curves import Curves, Line, Point, thinned
from leadpact.metrics.significance import z_of
from tests.rows import Rows, lead, moved
from tests.worlds import World

START = datetime(2026, 1, 1)
AS_OF = START + timedelta(days=100)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def of(world: World, histories: dict[str, list[tuple[Any, str]]], **records: Any) -> None:
    rows = [lead(w, status=s[-1][1], created_at=s[0][0], **records.get(w, {})) for w, s in histories.items()]
    changes = [row for who, steps in histories.items() for row in moved(who, *steps)]
    world.sync(Rows(creation_logged=True, record=rows, field_change=changes), now=AS_OF)


def staying(world: World, stage: str = "mql", **options: Any) -> Curves:
    found = world.analyse()
    return curves.staying(found.tables, found.pact, found.as_of, stage, **options)


def reaching(world: World, stage: str = "sal", **options: Any) -> Curves:
    found = world.analyse()
    return curves.reaching(found.tables, found.pact, found.as_of, stage, **options)


def at(points: tuple[Point, ...], days: float) -> Point:
    """The point in force at a day: a step holds its value until the next."""
    return [point for point in points if point.days <= days][-1]


def several(seed: int, size: int) -> tuple[dict[str, Any], list[float], list[int]]:
    """Histories with a stay in MQL each, and what they mean: days and outcome (0 open, 1 on, 2 lost)."""
    rng = np.random.default_rng(seed)
    histories: dict[str, Any] = {}
    days: list[float] = []
    outcomes: list[int] = []
    for number in range(size):
        begun, stay = int(rng.integers(0, 90)), int(rng.integers(0, 40))
        outcome = int(rng.choice([1, 2])) if begun + stay <= 100 else 0
        steps = [(day(begun), "MQL")]
        if outcome:
            steps.append((day(begun + stay), "Working" if outcome == 1 else "Disqualified"))
        histories[f"r{number}"] = steps
        days.append(stay if outcome else 100 - begun)
        outcomes.append(outcome)
    return histories, days, outcomes


def test_staying_and_its_band_are_those_of_statsmodels(world: World) -> None:
    histories, days, outcomes = several(3, 80)
    of(world, histories)
    (line,) = staying(world).lines
    oracle = SurvfuncRight(days, [int(outcome > 0) for outcome in outcomes])
    assert (line.n, line.n_open) == (80, outcomes.count(0))
    for t, survival, error in zip(oracle.surv_times, oracle.surv_prob, oracle.surv_prob_se, strict=True):
        point = at(line.steps, t)
        assert point.share == pytest.approx(survival, abs=1e-9)
        if 0 < survival < 1:
            width = z_of(0.95) * error / (survival * log(survival))
            assert (point.low, point.high) == pytest.approx((survival ** exp(-width), survival ** exp(width)), abs=1e-9)
        assert point.at_risk == sum(value >= t for value in days) or point.days < t


def test_reaching_is_that_of_statsmodels(world: World) -> None:
    histories, days, outcomes = several(4, 80)
    of(world, histories)
    (line,) = reaching(world).lines
    with np.errstate(divide="ignore", invalid="ignore"):  # it has no error where everybody left at once
        oracle = CumIncidenceRight(days, outcomes)
    for t, share, error in zip(oracle.times, oracle.cinc[0], oracle.cinc_se[0], strict=True):
        point = at(line.steps, t)
        assert point.share == pytest.approx(share, abs=1e-9)
        if 0 < share < 1 and not np.isnan(error):
            width = z_of(0.95) * error / (share * log(share))
            assert (point.low, point.high) == pytest.approx((share ** exp(-width), share ** exp(width)), abs=1e-6)


def test_reaching_worked_by_hand(world: World) -> None:
    """Five leads: lost on day 1, on to Sales on days 2 and 4, open for 3 and for 10 days.

    F(2) = 4/5 · 1/4 = 1/5. Day 3 takes one out of sight: F(4) = 1/5 + 3/5 · 1/2 = 1/2.
    """
    of(
        world,
        {
            "lost": [(day(0), "MQL"), (day(1), "Disqualified")],
            "two": [(day(0), "MQL"), (day(2), "Working")],
            "four": [(day(0), "MQL"), (day(4), "Working")],
            "three": [(day(97), "MQL")],
            "ten": [(day(90), "MQL")],
        },
    )
    found = reaching(world, days=(1, 2, 4, 10, 11))
    (line,) = found.lines
    assert [point.share for point in line.quoted] == [
        0,
        pytest.approx(0.2),
        pytest.approx(0.5),
        pytest.approx(0.5),
        None,
    ]
    assert [point.at_risk for point in line.quoted] == [5, 4, 2, 1, 0]
    assert (line.n, line.n_open, line.n_ended) == (5, 2, 1)
    assert [(point.days, point.share) for point in line.steps] == [
        (0, 0), (2, pytest.approx(0.2)), (4, pytest.approx(0.5)), (10, pytest.approx(0.5)),
    ]  # fmt: skip


def test_those_still_there_hold_the_curve_up(world: World) -> None:
    of(world, {"a": [(day(0), "MQL"), (day(2), "Working")], "b": [(day(90), "MQL")]})
    (line,) = staying(world, days=(1, 7, 30)).lines
    assert [(point.days, point.share, point.at_risk) for point in line.steps] == [(0, 1, 2), (2, 0.5, 2), (10, 0.5, 1)]
    assert [(point.share, point.at_risk) for point in line.quoted] == [(1, 2), (0.5, 1), (None, 0)]


def test_a_stay_of_no_time_is_a_step_at_the_start(world: World) -> None:
    of(world, {"a": [(day(0), "MQL"), (day(0), "Working")], "b": [(day(0), "MQL"), (day(3), "Working")]})
    (line,) = staying(world).lines
    assert [(point.days, point.share) for point in line.steps] == [(0, 0.5), (3, 0)]


def test_groups_are_the_largest_first_and_add_up(world: World) -> None:
    histories = {f"r{n}": [(day(0), "MQL"), (day(n + 1), "Working")] for n in range(5)}
    of(world, histories, **{f"r{n}": {"source": "big" if n < 3 else None} for n in range(5)})
    assert [(line.group, line.n) for line in staying(world, by="source").lines] == [("big", 3), (None, 2)]
    assert [(line.group, line.n) for line in reaching(world, by="source").lines] == [("big", 3), (None, 2)]


def test_what_is_not_known_is_left_out_and_counted(world: World) -> None:
    rows = [lead("ana", status="MQL", created_at=day(0)), lead("bob", status="MQL", created_at=day(0))]
    world.sync(Rows(creation_logged=True, record=rows, field_change=moved("ana", (day(0), "MQL"))), now=AS_OF)
    for found in (staying(world), reaching(world)):
        assert (found.unknown, found.coverage, found.lines[0].n) == (1, 0.5, 1)


def test_not_a_lead_is_not_on_the_way(world: World) -> None:
    of(world, {"spam": [(day(0), "MQL"), (day(1), "Spam")], "ana": [(day(0), "MQL")]})
    found = reaching(world)
    assert (found.invalid, found.lines[0].n) == (1, 1)


def test_nobody_gives_no_line(world: World) -> None:
    of(world, {"ana": [(day(0), "Unknown")]})
    assert (staying(world).lines, staying(world).coverage) == ((), None)
    assert (reaching(world).lines, reaching(world).coverage) == ((), None)


def test_days_of_a_range_are_those_of_entry(world: World) -> None:
    of(world, {"old": [(day(0), "MQL")], "new": [(day(31), "MQL")]})
    for found in (staying(world, start=date(2026, 2, 1)), reaching(world, start=date(2026, 2, 1))):
        assert [line.n for line in found.lines] == [1]
    assert staying(world, end=date(2026, 2, 1)).lines[0].steps[-1].days == 100


@pytest.mark.parametrize("stage", ["nowhere", "disqualified"])
def test_a_stage_that_cannot_be_reached_is_refused(world: World, stage: str) -> None:
    of(world, {"ana": [(day(0), "MQL")]})
    with pytest.raises(Misconfigured):
        reaching(world, stage)


def test_a_stage_the_pact_does_not_have_is_refused(world: World) -> None:
    of(world, {"ana": [(day(0), "MQL")]})
    with pytest.raises(Misconfigured):
        staying(world, "nowhere")
    assert isinstance(staying(world, "unmapped").lines, tuple)


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=900, unique=True), st.integers(2, 60))
@settings(max_examples=60, deadline=None)
def test_thinning_keeps_ends_and_order_and_few(times: list[int], points: int) -> None:
    t = np.array(sorted(times), dtype=float)
    kept = thinned(t, 1 - np.arange(len(t)) / len(t), points)
    assert kept[0] == 0 and kept[-1] == len(t) - 1
    assert (np.diff(kept) > 0).all() if len(kept) > 1 else True
    assert len(kept) <= max(points + 2, 1) or len(t) <= points


def test_points_that_are_drawn_have_the_values_of_the_whole_curve(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    histories, _, _ = several(5, 120)
    of(world, histories)
    whole: Line = staying(world).lines[0]
    kept = curves.thinned.__defaults__
    monkeypatch.setattr(curves.thinned, "__defaults__", (12,))
    few: Line = staying(world).lines[0]
    assert kept == (curves.POINTS,) and len(few.steps) <= 15 < len(whole.steps)
    assert set(few.steps) <= set(whole.steps)
