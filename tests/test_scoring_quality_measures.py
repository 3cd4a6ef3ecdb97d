"""Single figures of quality against counts one by one, resampling and brute force."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.metrics.significance import z_of
from leadpact.scoring import bands as banded
from leadpact.scoring import quality_measures as measures
from leadpact.scoring.quality import quarter

outcomes = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=6, max_size=24).filter(
    lambda rows: sum(won for _, won in rows) >= 2 and sum(not won for _, won in rows) >= 2
)


def arrays(rows: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([float(score) for score, _ in rows]), np.array([won for _, won in rows])


def pairs(scores: np.ndarray, reached: np.ndarray) -> float:
    beats = [1.0 if a > b else 0.5 if a == b else 0.0 for a in scores[reached] for b in scores[~reached]]
    return sum(beats) / len(beats)


@given(outcomes)
def test_the_area_is_the_share_of_pairs(rows: list[tuple[int, bool]]) -> None:
    scores, reached = arrays(rows)
    found = measures.separates(scores, reached)
    assert found is not None and found.auc == pytest.approx(pairs(scores, reached))


def sample(seed: int, n: int = 240) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    reached = draw.random(n) < 0.4
    shared = draw.normal(size=n) + reached
    return np.round(shared + 0.7 * draw.normal(size=n), 1), np.round(shared, 1), reached


def resampled(first: np.ndarray, second: np.ndarray, reached: np.ndarray) -> np.ndarray:
    draw, found = np.random.default_rng(1), []
    winners, losers = np.flatnonzero(reached), np.flatnonzero(~reached)
    for _ in range(400):
        at = np.concatenate([draw.choice(winners, len(winners)), draw.choice(losers, len(losers))])
        areas = [measures.separates(one[at], reached[at]) for one in (first, second)]
        found.append([one.auc for one in areas if one is not None])
    return np.array(found)


def test_delong_s_intervals_agree_with_the_bootstrap() -> None:
    first, second, reached = sample(3)
    areas = resampled(first, second, reached)
    one = measures.separates(first, reached)
    told = measures.better(first, second, reached)
    assert one is not None and told is not None
    assert (one.high - one.low) / 2 / z_of(0.95) == pytest.approx(areas[:, 0].std(), rel=0.15)
    assert (told.high - told.low) / 2 / z_of(0.95) == pytest.approx((areas[:, 1] - areas[:, 0]).std(), rel=0.15)
    assert told.difference == pytest.approx(pairs(second, reached) - pairs(first, reached))
    # the same leads under both scores: the interval is narrower than of two scores of different leads
    apart = sqrt(areas[:, 0].var() + areas[:, 1].var())
    assert (told.high - told.low) / 2 / z_of(0.95) < 0.95 * apart


def test_a_score_is_not_better_than_itself() -> None:
    first, _, reached = sample(4)
    told = measures.better(first, first * 3 + 1, reached)
    assert told is not None and (told.difference, told.low, told.high) == pytest.approx((0, 0, 0))
    assert not told.sure
    assert measures.better(first[:3], first[:3], np.array([True, False, False])) is None


def rising(cases: list[int], won: list[int]) -> list[float]:
    """The nearest rising shares, by trying every way to part the values into blocks."""
    n, best, answer = len(cases), float("inf"), [0.0]
    for size in range(n):
        for cuts in combinations(range(1, n), size):
            blocks = list(zip((0, *cuts), (*cuts, n), strict=True))
            shares = [sum(won[a:b]) / sum(cases[a:b]) for a, b in blocks]
            if any(a > b + 1e-12 for a, b in pairwise(shares)):
                continue
            flat = [share for share, (a, b) in zip(shares, blocks, strict=True) for _ in range(a, b)]
            error = sum(c * (w / c - s) ** 2 for c, w, s in zip(cases, won, flat, strict=True))
            if error < best - 1e-12:
                best, answer = error, flat
    return answer


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), min_size=1, max_size=7))
def test_isotonic_shares_are_the_nearest_that_rise(rows: list[tuple[int, int]]) -> None:
    cases, won = [c for c, _ in rows], [min(c, w) for c, w in rows]
    found = measures.isotonic(np.arange(len(rows)) + 0.0, np.array(cases) + 0.0, np.array(won) + 0.0)
    assert found.tolist() == pytest.approx(rising(cases, won))


def test_murphy_s_parts_add_up_to_the_brier_score() -> None:
    groups = [(10, 1, 0.2), (20, 9, 0.5), (10, 9, 0.8)]
    forecast = np.repeat([said for _, _, said in groups], [n for n, _, _ in groups])
    reached = np.concatenate([np.arange(n) < won for n, won, _ in groups])
    parts = measures.decomposed(groups)
    score = measures.brier(forecast, reached)
    assert parts.reliability - parts.resolution + parts.uncertainty == pytest.approx(score)
    assert measures.calibration_error(groups) == pytest.approx((10 * 0.1 + 20 * 0.05 + 10 * 0.1) / 40)


def test_a_shift_is_told_from_chance() -> None:
    same = measures.shift([50, 50], [500, 500])
    assert same is not None and same.psi == pytest.approx(0, abs=1e-4) and same.usual > 0
    moved = measures.shift([500, 500], [100, 900])
    assert moved is not None
    assert moved.psi == pytest.approx((0.1 - 0.5) * log(0.1 / 0.5) + (0.9 - 0.5) * log(0.9 / 0.5), rel=0.02)
    assert moved.psi > moved.usual
    assert measures.shift([0, 0], [3, 4]) is None and measures.shift([5], [5]) is None
    empty = measures.shift([10, 0], [5, 5])
    assert empty is not None and np.isfinite(empty.psi)


def test_how_many_winners_an_interval_takes() -> None:
    n = measures.needed(100, 400, 0.05)

    def half(winners: int) -> float:
        area, losers = 0.75, 4 * winners
        q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
        spread = area * (1 - area) + (winners - 1) * (q1 - area**2) + (losers - 1) * (q2 - area**2)
        return z_of(0.95) * sqrt(spread / winners / losers)

    assert half(n) <= 0.05 < half(n - 1)
    assert measures.needed(0, 0, 0.05) > n  # as many losers as winners tell less than four to one


@given(st.lists(st.integers(-5, 30).map(float), min_size=1, max_size=300), st.integers(0, 30))
def test_bands_part_all_cases_in_order(scores: list[float], threshold: int) -> None:
    given_ = np.array(scores)
    found = banded.bands(given_, given_ > 3, banded.edges(given_, float(threshold)))
    assert sum(band.n for band in found) == len(scores)
    assert sum(band.reached for band in found) == sum(score > 3 for score in scores)
    assert all(below.high < band.low for below, band in pairwise(found))
    assert [band.step for band in found][:1] == [None]


def test_a_band_ends_at_the_threshold() -> None:
    scores = np.repeat(np.arange(20.0), 20)
    assert 13.0 in banded.edges(scores, 13.0)
    assert banded.edges(np.repeat([1.0, 5.0], 40), 3.0).tolist() == [5.0]


def test_where_conversion_falls_it_is_said_whether_surely() -> None:
    scores = np.repeat([0.0, 10.0, 20.0], 100)
    reached = np.concatenate([np.arange(100) < won for won in (60, 10, 8)])
    found = banded.bands(scores, reached, banded.edges(scores))
    assert banded.falls(found) == [(1, True), (2, False)]
    assert [band.step for band in found] == [None, "falls", "level"]


def test_a_quarter_is_of_the_pact_s_zone() -> None:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    new_year = datetime(2026, 1, 1, 3)
    assert quarter(new_year, ZoneInfo("UTC")) == "2026-Q1"
    assert quarter(new_year, ZoneInfo("America/Mexico_City")) == "2025-Q4"
