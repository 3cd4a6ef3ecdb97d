"""Intervals, tests and corrections: published or hand-worked numbers, and statsmodels as the oracle."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import survdiff
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

from leadpact.metrics.logrank import against_rest, log_rank
from leadpact.metrics.significance import benjamini_hochberg, two_proportions, wilson, wilson_columns
from leadpact.metrics.survival_rows import Rows
from tests.test_survival import CON, random_cases

# Remission of leukaemia in weeks (Freireich et al. 1963; Kalbfleisch & Prentice 2002): chi-square 16.79.
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
REMISSION = pd.DataFrame(
    {"d": PLACEBO + TREATED, "event": [True] * 21 + [True] * 9 + [False] * 12, "g": ["placebo"] * 21 + ["treated"] * 21}
)


# --- proportions

COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS)
def test_wilson_is_that_of_statsmodels(counts):
    successes, n = counts
    assert wilson(successes, n) == pytest.approx(proportion_confint(successes, n, method="wilson"), abs=1e-12)


def test_wilson_of_a_known_case():
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)  # Newcombe 1998, table I


def test_wilson_of_nothing_is_unknown_and_of_the_impossible_refused():
    assert wilson(0, 0) is None
    for impossible in ((2, 1), (-1, 3)):
        with pytest.raises(ValueError, match="no proportion"):
            wilson(*impossible)


def test_wilson_columns_are_wilson():
    pairs = [(0, 0), (0, 1), (1, 1), (0, 30), (30, 30), (7, 29), (812, 5345)]
    table = ibis.memtable(pd.DataFrame(pairs, columns=["k", "n"]))
    low, high = wilson_columns(table.k, table.n)
    found = CON.to_pyarrow(table.mutate(low=low, high=high).order_by("n", "k")).to_pylist()
    for row in found:
        expected = wilson(row["k"], row["n"]) or (None, None)
        assert (row["low"], row["high"]) == pytest.approx(expected, abs=1e-12)


def test_two_proportions_are_those_of_statsmodels():
    found = two_proportions(60, 400, 90, 420)
    _, p = proportions_ztest([60, 90], [400, 420])
    interval = confint_proportions_2indep(60, 400, 90, 420, method="newcomb", compare="diff")
    assert found is not None and not found.exact
    assert (found.p, found.low, found.high) == pytest.approx((p, *interval), abs=1e-9)
    assert found.difference == pytest.approx(60 / 400 - 90 / 420)


def test_few_cases_take_the_exact_test():
    found = two_proportions(3, 4, 1, 4)  # Fisher's tea tasting, two-sided: 34/70
    assert found is not None and found.exact and found.p == pytest.approx(34 / 70)


def test_two_proportions_say_nothing_where_there_is_nothing():
    assert two_proportions(0, 0, 3, 10) is None
    nobody = two_proportions(0, 50, 0, 60)
    assert nobody is not None and nobody.p is None and nobody.low < 0 < nobody.high


# --- many tests


def test_benjamini_hochberg_of_the_paper():
    """Their example (1995, section 3.2): 15 tests, of which 4 are kept at 0.05."""
    paper = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0000,
    ]
    assert (benjamini_hochberg(paper) <= 0.05).sum() == 4


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_benjamini_hochberg_is_that_of_statsmodels(p):
    np.testing.assert_allclose(benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1], atol=1e-12)


def test_tests_that_were_not_possible_do_not_count():
    found = benjamini_hochberg([0.01, None, 0.04, float("nan")])
    np.testing.assert_allclose(found[[0, 2]], [0.02, 0.04])
    assert np.isnan(found[[1, 3]]).all()
    assert benjamini_hochberg([None]).tolist() == pytest.approx([np.nan], nan_ok=True)
    assert benjamini_hochberg([]).size == 0


# --- log-rank


def fetched(frame: pd.DataFrame) -> Rows:
    return Rows.fetch(CON.create_table(ibis.util.gen_name("rows"), ibis.memtable(frame)), ["g"], "d", "event")


def test_log_rank_of_the_remission_data():
    found = log_rank(fetched(REMISSION))
    assert found.keys == (("placebo",), ("treated",)) and found.df == 1
    assert found.chi2 == pytest.approx(16.79, abs=0.005)
    assert found.observed.tolist() == [21, 9]
    assert found.expected == pytest.approx((10.75, 19.25), abs=0.005)


@pytest.mark.parametrize(("seed", "groups", "ties"), [(4, 2, True), (5, 3, True), (6, 5, False)])
def test_log_rank_is_that_of_statsmodels(seed, groups, ties):
    frame = random_cases(seed, 400, groups, ties)
    frame["event"] = frame["o"] > 0
    chi2, p = survdiff(frame["d"], frame["event"].astype(int), frame["g"])
    found = log_rank(fetched(frame))
    assert found.df == groups - 1
    assert found.chi2 == pytest.approx(chi2, rel=1e-9)
    assert found.p == pytest.approx(p, rel=1e-7)


def test_log_rank_in_pieces_is_the_same(monkeypatch):
    frame = random_cases(7, 500, 4, ties=False)
    frame["event"] = frame["o"] > 0
    whole = log_rank(fetched(frame))
    monkeypatch.setattr("leadpact.metrics.logrank.CELLS", 29)
    assert log_rank(fetched(frame)).chi2 == pytest.approx(whole.chi2, rel=1e-10)


@pytest.mark.parametrize(
    ("durations", "events", "groups"),
    [
        pytest.param([1, 2], [True, True], ["a", "a"], id="one group"),
        pytest.param([1, 2], [False, False], ["a", "b"], id="no events"),
        pytest.param([1, 1], [True, True], ["a", "b"], id="all leave at once"),
        pytest.param([1, 5], [False, True], ["a", "b"], id="one group gone before anything happens"),
        pytest.param([], [], [], id="nobody"),
    ],
)
def test_log_rank_says_nothing_where_no_test_is_possible(durations, events, groups):
    rows = fetched(
        pd.DataFrame(
            {
                "d": pd.Series(durations, dtype=float),
                "event": pd.Series(events, dtype=bool),
                "g": pd.Series(groups, dtype="str"),
            }
        )
    )
    found = log_rank(rows)
    assert found.chi2 is None and found.p is None
    assert np.isnan(against_rest(rows).p).all()


@pytest.mark.parametrize("ties", [True, False])
def test_each_group_against_the_rest_is_a_log_rank_test_of_its_own(ties):
    frame = random_cases(8, 700, 4, ties)
    frame["event"] = frame["o"] > 0
    found = against_rest(fetched(frame))
    assert found.keys == (("g0",), ("g1",), ("g2",), ("g3",))
    assert found.n.tolist() == frame.groupby("g").size().tolist()
    for place, (group,) in enumerate(found.keys):
        oracle = log_rank(fetched(frame.assign(g=np.where(frame["g"] == group, "a group", "the rest"))))
        assert found.expected[place] == pytest.approx(oracle.expected[0], rel=1e-10)
        chi2 = (found.observed[place] - found.expected[place]) ** 2 / found.variance[place]
        assert chi2 == pytest.approx(oracle.chi2, rel=1e-8)
        assert found.p[place] == pytest.approx(oracle.p, rel=1e-7)


def test_the_ratio_tells_the_slow_from_the_fast_with_an_interval():
    """Observed 21, expected 10.75, variance 6.26: exp(10.25/6.26) = 5.1 times as fast."""
    found = against_rest(fetched(REMISSION))
    assert found.p == pytest.approx([stats.chi2.sf(16.793, 1)] * 2, rel=1e-3)
    assert found.ratio[0] == pytest.approx(5.146, abs=0.01)
    assert found.ratio[0] * found.ratio[1] == pytest.approx(1)
    assert 1 < found.low[0] < found.ratio[0] < found.high[0]
    assert found.low[1] < found.ratio[1] < found.high[1] < 1


def test_a_group_that_is_everybody_has_no_rest():
    found = against_rest(fetched(REMISSION.assign(g="all")))
    assert np.isnan(found.p).all() and np.isnan(found.ratio).all()
