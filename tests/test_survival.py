"""Kaplan–Meier and Aalen–Johansen: small cases worked out by hand, and statsmodels as the oracle."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from leadpact.metrics.survival import cumulative_incidence, kaplan_meier, left_by, quantiles

CON = ibis.duckdb.connect()
QUARTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75}


def rows(expression: Any, *order: str) -> list[dict[str, Any]]:
    return CON.to_pyarrow(expression.order_by(*order) if order else expression).to_pylist()


def cases(durations: list[float | None], outcomes: list[int | None], groups: list[Any] | None = None) -> Any:
    return ibis.memtable(
        pa.table(
            {
                "d": pa.array(durations, pa.float64()),
                "o": pa.array(outcomes, pa.int64()),
                "g": pa.array(groups or ["all"] * len(durations), pa.string()),
            }
        )
    )


def curve(durations: list[float | None], outcomes: list[int | None], groups: list[Any] | None = None) -> Any:
    return kaplan_meier(cases(durations, outcomes, groups), by=["g"], duration="d", event="o")


def random_cases(seed: int, size: int, groups: int = 3, ties: bool = True) -> pd.DataFrame:
    """Durations with a group's own pace, ends of three kinds and censoring; ties by rounding."""
    rng = np.random.default_rng(seed)
    g = rng.integers(0, groups, size)
    ends = rng.exponential(10 * (1 + g), size)
    watched = rng.uniform(0, 40, size)
    d = np.minimum(ends, watched)
    o = np.where(ends <= watched, rng.choice([1, 2, 3], size, p=[0.5, 0.3, 0.2]), 0)
    return pd.DataFrame({"d": d.round(0 if ties else 9), "o": o, "g": [f"g{x}" for x in g]})


# --- Kaplan–Meier


def test_the_median_of_1_2_3_4_is_2():
    found = rows(quantiles(curve([1, 2, 3, 4], [1, 1, 1, 1]), ["g"], QUARTILES))
    assert found == [{"g": "all", "n": 4, "n_open": 0, "p25": 1, "median": 2, "p75": 3}]


@pytest.mark.parametrize("size", [3, 7, 10, 30, 49, 100, 1000])
def test_a_quantile_is_not_lost_to_the_last_digit_of_a_product(size):
    """Without censoring survival after the k-th of n is (n − k)/n, whatever the floats say."""
    found = rows(quantiles(curve(list(range(1, size + 1)), [1] * size), ["g"], {"q": 0.3, "median": 0.5, "r": 0.9}))
    assert [found[0][name] for name in ("q", "median", "r")] == [-(-size * k // 10) for k in (3, 5, 9)]


def test_those_censored_at_a_time_are_at_risk_at_that_time():
    found = rows(curve([1, 1, 2, 2], [1, 0, 1, 0]), "t")
    assert [(row["t"], row["at_risk"], row["events"], row["censored"]) for row in found] == [(1, 4, 1, 1), (2, 2, 1, 1)]
    assert [row["survival"] for row in found] == pytest.approx([3 / 4, 3 / 8])


def test_zero_durations_count():
    found = rows(quantiles(curve([0, 0, 0, 5, 9], [1, 1, 1, 1, 0]), ["g"], QUARTILES))
    assert found == [{"g": "all", "n": 5, "n_open": 1, "p25": 0, "median": 0, "p75": 5}]


def test_survival_reaches_zero_when_the_last_leave_and_only_then():
    everybody, but_one = curve([1, 2, 2], [1, 1, 1]), curve([1, 2, 2], [1, 1, 0])
    assert [row["survival"] for row in rows(everybody, "t")] == pytest.approx([2 / 3, 0])
    assert rows(everybody, "t")[-1]["survival"] == 0.0
    assert [row["survival"] for row in rows(but_one, "t")] == pytest.approx([2 / 3, 1 / 3])


def test_a_quantile_never_reached_is_null():
    found = rows(quantiles(curve([1, 2, 3, 4], [1, 0, 0, 0]), ["g"], QUARTILES))
    assert found == [{"g": "all", "n": 4, "n_open": 3, "p25": 1, "median": None, "p75": None}]


def test_a_case_still_waiting_never_improves_the_median():
    before = rows(quantiles(curve([1, 2, 3, 4, 5], [1] * 5), ["g"], QUARTILES))[0]["median"]
    after = rows(quantiles(curve([1, 2, 3, 4, 5, 3.5], [1] * 5 + [0]), ["g"], QUARTILES))[0]["median"]
    assert after >= before


def test_unknown_durations_and_outcomes_are_left_out():
    found = rows(quantiles(curve([1, None, 2, 3], [1, 1, None, 0]), ["g"], QUARTILES))
    assert (found[0]["n"], found[0]["n_open"]) == (2, 1)


def test_a_null_group_is_a_group():
    found = rows(quantiles(curve([1, 2, 3], [1, 1, 0], [None, None, "a"]), ["g"], QUARTILES), "g")
    assert {row["g"]: row["n"] for row in found} == {None: 2, "a": 1}


def test_no_rows_give_no_curve_and_null_quantiles():
    empty = cases([], [])
    assert rows(kaplan_meier(empty, by=["g"], duration="d", event="o")) == []
    everybody = kaplan_meier(empty, by=[], duration="d", event="o")
    assert rows(quantiles(everybody, [], {"median": 0.5})) == [{"n": 0, "n_open": 0, "median": None}]


def test_left_by_counts_the_day_itself_and_is_null_where_nobody_was_watched():
    found = rows(left_by(curve([1, 7, 7, 8, 9], [1, 1, 0, 1, 0]), ["g"], {"d0": 0, "d7": 7, "d9": 9, "d10": 10}))[0]
    assert (found["d0"], found["d10"]) == (0.0, None)
    assert (found["d7"], found["d9"]) == pytest.approx((1 - 4 / 5 * 3 / 4, 1 - 4 / 5 * 3 / 4 / 2))
    assert rows(left_by(curve([1, 2], [1, 1]), ["g"], {"d10": 10}))[0]["d10"] == 1.0


@pytest.mark.parametrize("ties", [True, False])
def test_the_curve_and_its_error_are_those_of_statsmodels(ties):
    frame = random_cases(1, 900, ties=ties)
    frame["event"] = frame["o"] > 0
    found = CON.to_pandas(kaplan_meier(ibis.memtable(frame), by=["g"], duration="d", event="event").order_by("g", "t"))
    assert found.groupby("g").size().min() > 20
    for group, own in frame.groupby("g"):
        oracle = SurvfuncRight(own["d"], own["event"].astype(int))
        ours = found[(found["g"] == group) & (found["events"] > 0)]
        np.testing.assert_array_equal(ours["t"], oracle.surv_times)
        np.testing.assert_array_equal(ours["at_risk"], oracle.n_risk)
        np.testing.assert_array_equal(ours["events"], oracle.n_events)
        np.testing.assert_allclose(ours["survival"], oracle.surv_prob, rtol=1e-12, atol=1e-15)
        inner = (oracle.surv_prob > 0) & (oracle.surv_prob < 1)
        width = 1.959963984540054 * oracle.surv_prob_se / oracle.surv_prob / np.log(oracle.surv_prob)
        for bound, sign in (("ci_low", -1), ("ci_high", 1)):
            expected = oracle.surv_prob ** np.exp(sign * width)
            np.testing.assert_allclose(ours[bound][inner], expected[inner], rtol=1e-9)
            assert ours[bound][~inner].isna().all()


OUTCOMES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 3), st.sampled_from(["a", "b", None])), min_size=1, max_size=25
)


@settings(max_examples=25, deadline=None)
@given(people=OUTCOMES, data=st.data())
def test_row_order_is_irrelevant_groups_add_up_and_curves_fall(people, data):
    table, mixed = (
        cases(*(list(column) for column in zip(*order, strict=True)))
        for order in (people, data.draw(st.permutations(people)))
    )
    found, again = (rows(kaplan_meier(one, by=["g"], duration="d", event="o"), "g", "t") for one in (table, mixed))
    assert found == again
    assert sum(row["events"] + row["censored"] for row in found) == len(people)
    for group in {row["g"] for row in found}:
        shares = [row["survival"] for row in found if row["g"] == group]
        assert all(1 >= earlier >= later >= 0 for earlier, later in zip([1, *shares], shares, strict=False))


# --- Aalen–Johansen


def incidence(durations: list[float | None], outcomes: list[int | None], days: list[float]) -> list[dict[str, Any]]:
    table = cases(durations, outcomes)
    return rows(cumulative_incidence(table, by=[], duration="d", event_code="o", days=days), "days")


def test_competing_ends_are_not_censoring():
    """Of four, one is won on day 1, one lost on day 2, one won on day 3, one open on day 4.

    F(1) = 1/4; before day 3, S = 1/2, and 1 of the 2 at risk wins: F(3) = 1/4 + 1/2·1/2 = 1/2.
    With the loss as censoring, 1 − KM would say 1 − 3/4·1/2 = 5/8.
    """
    found = incidence([1, 2, 3, 4], [1, 2, 1, 0], [0, 1, 2, 3, 4])
    assert [row["probability"] for row in found] == pytest.approx([0, 1 / 4, 1 / 4, 1 / 2, 1 / 2])
    assert {row["n"] for row in found} == {4}
    assert found[0]["ci_low"] is None and found[0]["ci_high"] is None


def test_the_variance_worked_out_by_hand():
    """Two at risk, one wins on day 1: F = 1/2; Var = S(0)²·(n−d)/n·d/n² = 1/8 (the other terms vanish).

    The interval is 0.5^exp(±1.96·√(1/8)/(0.5·log 0.5)).
    """
    found = incidence([1, 2], [1, 2], [1])[0]
    width = 1.959963984540054 * np.sqrt(1 / 8) / (0.5 * np.log(0.5))
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((0.5 ** np.exp(-width), 0.5 ** np.exp(width)))


def test_a_time_nobody_was_watched_for_is_null_and_not_a_flat_line():
    assert [row["probability"] for row in incidence([1, 2, 3], [1, 2, 0], [3, 3.01])] == pytest.approx([1 / 3, None])
    over = incidence([1, 2, 3], [1, 2, 2], [3, 100])
    assert [row["probability"] for row in over] == pytest.approx([1 / 3, 1 / 3])


def test_wins_at_once_count_from_day_zero():
    assert incidence([0, 0, 5, 6], [1, 2, 1, 0], [0])[0]["probability"] == pytest.approx(1 / 4)


def test_every_group_answers_for_every_day_the_null_group_too():
    table = cases([1, 2, 3, 9], [1, 2, 0, 2], ["a", None, "a", "b"])
    found = rows(cumulative_incidence(table, by=["g"], duration="d", event_code="o", days=[2, 7, 7]), "g", "days")
    assert [(row["g"], row["days"], row["n"], row["probability"]) for row in found] == [
        ("a", 2, 2, 0.5),
        ("a", 7, 2, None),
        ("b", 2, 1, 0),
        ("b", 7, 1, 0),
        (None, 2, 1, 0),
        (None, 7, 1, 0),
    ]


def test_no_rows_and_no_days():
    assert incidence([], [], [7]) == [{"n": 0, "days": 7, "probability": None, "ci_low": None, "ci_high": None}]
    assert incidence([None], [1], [7])[0]["n"] == 0
    with pytest.raises(ValueError, match="at least one"):
        incidence([1], [1], [])


@pytest.mark.parametrize("ties", [True, False])
def test_incidence_and_its_error_are_those_of_statsmodels(ties):
    frame = random_cases(2, 1200, ties=ties)
    days = [0.0, 1.0, 3.5, 7.0, 20.0, 30.0]
    found = CON.to_pandas(
        cumulative_incidence(ibis.memtable(frame), by=["g"], duration="d", event_code="o", days=days).order_by(
            "g", "days"
        )
    )
    for group, own in frame.groupby("g"):
        # The oracle numbers causes without gaps; which of the others competes is all one.
        oracle = CumIncidenceRight(own["d"].to_numpy(), own["o"].clip(upper=2).to_numpy())
        ours = found[found["g"] == group]
        place = np.searchsorted(oracle.times, days, side="right") - 1
        expected = np.where(place >= 0, oracle.cinc[0][place], 0.0)
        np.testing.assert_allclose(ours["probability"], expected, rtol=1e-10, atol=1e-14)
        error = oracle.cinc_se[0][place]
        inner = (expected > 0) & (expected < 1)
        assert inner.sum() >= 5
        with np.errstate(all="ignore"):
            width = 1.959963984540054 * error / expected / np.log(expected)
        np.testing.assert_allclose(ours["ci_low"][inner], (expected ** np.exp(-width))[inner], rtol=1e-8)
        np.testing.assert_allclose(ours["ci_high"][inner], (expected ** np.exp(width))[inner], rtol=1e-8)


def test_causes_add_up_to_everybody_who_left():
    frame = random_cases(3, 600)
    parts = []
    for cause in (1, 2, 3):
        table = ibis.memtable(frame.assign(o=frame["o"].map(lambda o, c=cause: 0 if o == 0 else 1 if o == c else 2)))
        found = cumulative_incidence(table, by=["g"], duration="d", event_code="o", days=[5, 20])
        parts.append(CON.to_pandas(found.order_by("g", "days"))["probability"])
    all_causes = kaplan_meier(ibis.memtable(frame.assign(event=frame["o"] > 0)), by=["g"], duration="d", event="event")
    left = CON.to_pandas(left_by(all_causes, ["g"], {"a": 5, "b": 20}).order_by("g"))
    np.testing.assert_allclose(sum(parts), left[["a", "b"]].to_numpy().ravel(), rtol=1e-12)
