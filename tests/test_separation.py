"""How well a number tells winners from losers, against pairs counted one by one."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadpact.metrics.separation import Separation, separation

values = st.lists(st.integers(0, 5).map(float), min_size=2, max_size=12)


def asked(winners: Sequence[float], losers: Sequence[float]) -> Separation | None:
    every = {*winners, *losers}
    return separation((value, list(winners).count(value), list(losers).count(value)) for value in every)


def beats(one: float, other: float) -> float:
    return 1.0 if one > other else 0.5 if one == other else 0.0


@given(values, values)
def test_it_is_the_share_of_pairs_the_winner_wins(winners: list[float], losers: list[float]) -> None:
    found = asked(winners, losers)
    assert found is not None
    pairs = [beats(one, other) for one in winners for other in losers]
    assert found.auc == pytest.approx(sum(pairs) / len(pairs))
    assert (found.winners, found.losers) == (len(winners), len(losers))
    assert 0 <= found.low <= found.auc + 1e-9 and found.auc - 1e-9 <= found.high <= 1


@given(values, values)
def test_the_interval_is_delong_s(winners: list[float], losers: list[float]) -> None:
    found = asked(winners, losers)
    assert found is not None
    of_winner = [sum(beats(one, other) for other in losers) / len(losers) for one in winners]
    of_loser = [sum(beats(one, other) for one in winners) / len(winners) for other in losers]
    variance = sum(
        sum((value - found.auc) ** 2 for value in side) / (len(side) - 1) / len(side) for side in (of_winner, of_loser)
    )
    assert found.high == pytest.approx(min(1.0, found.auc + 1.959964 * sqrt(variance)), abs=1e-6)
    assert found.low == pytest.approx(max(0.0, found.auc - 1.959964 * sqrt(variance)), abs=1e-6)


def test_too_few_tell_nothing() -> None:
    assert separation([]) is None
    assert separation([(1.0, 1, 5)]) is None
    assert separation([(1.0, 5, 1)]) is None


def test_scores_that_are_all_the_same_are_chance_for_sure() -> None:
    assert separation([(0.0, 40, 60)]) == Separation(0.5, 0.5, 0.5, 40, 60)
