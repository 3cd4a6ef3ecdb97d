"""By how many days a group is slower: weighted cases, medians with their limits, restricted means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from leadpact.metrics.engines_effect import Weighted, slower
from leadpact.metrics.logrank import against_rest
from leadpact.metrics.survival_rows import Rows

CASES = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 12), st.booleans(), st.integers(1, 4)), min_size=2, max_size=40
)


@given(CASES)
@settings(max_examples=60, deadline=None)
def test_a_row_of_several_cases_is_several_rows(cases: list[tuple[str, int, bool, int]]) -> None:
    def rows(cases: list[tuple[str, int, bool, int]]) -> Rows:
        keys = tuple((key,) for key in sorted({case[0] for case in cases}))
        code = np.array([[key for (key,) in keys].index(case[0]) for case in cases])
        return Rows(("g",), keys, code, np.array([float(case[1]) for case in cases]),
                    np.array([case[2] for case in cases], dtype=np.int8))  # fmt: skip

    weight = np.array([float(case[3]) for case in cases])
    short = against_rest(rows(cases), weight=weight)
    long = against_rest(rows([case for case in cases for _ in range(case[3])]))
    for name in ("n", "observed", "expected", "variance", "ratio", "p"):
        np.testing.assert_allclose(getattr(short, name), getattr(long, name), rtol=1e-9, atol=1e-12, err_msg=name)


def test_the_median_and_its_limits_are_those_of_the_band() -> None:
    """Kalbfleisch & Prentice's placebo arm: median 8; statsmodels gives the same log-log limits."""
    weeks = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], dtype=float)
    curve = Weighted.of(weeks, np.ones(21, dtype=np.int8), np.ones(21))
    median, low, high = curve.median(0.95)
    with np.errstate(divide="ignore", invalid="ignore"):
        limits = SurvfuncRight(weeks, np.ones(21)).quantile_ci(0.5, method="cloglog")
    assert median == 8
    assert (low, high) == limits


def test_the_restricted_mean_is_the_area_under_the_curve() -> None:
    """1, 2, 3, 4 days: until day 3 the area is 1 + 3/4 + 2/4; its variance is that of min(T, 3)."""
    curve = Weighted.of(np.array([1.0, 2, 3, 4]), np.ones(4, dtype=np.int8), np.ones(4))
    mean, variance = curve.mean(3)
    assert mean == pytest.approx(2.25)
    assert variance == pytest.approx(np.var([1, 2, 3, 3]) / 4)


def test_where_a_median_is_not_reached_the_mean_until_a_horizon_says_it() -> None:
    days = np.repeat([1.0, 2.0, 50.0], 20)
    quick = Weighted.of(days, np.repeat([1, 1, 0], 20).astype(np.int8), np.ones(60))
    stuck = Weighted.of(days, np.repeat([1, 0, 0], 20).astype(np.int8), np.ones(60))
    found = slower(stuck, quick)
    assert found is not None and found.measure == "mean" and found.horizon == 50
    assert found.low is not None and found.low > 0


def test_nobody_watched_long_enough_gives_no_days() -> None:
    few = Weighted.of(np.array([0.0, 1.0]), np.array([0, 0], dtype=np.int8), np.ones(2))
    assert slower(few, few) is None
