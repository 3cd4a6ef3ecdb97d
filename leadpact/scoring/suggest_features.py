"""The tests a suggested scorecard may choose from: what a field says, whether it is filled, how large it is.

Every test is a condition the pact can hold, and judges a row as leadpact/scoring/conditions.py does.

Not here: which fields may be used at all (leaks.py), activities (suggest_activities.py), the
choice among the tests (suggest_fit.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor, log10

import numpy as np
import numpy.typing as npt

from config.parts import ActivityCondition, Condition
from leadpact.scoring.conditions import GREENWICH, NUMBER, moments_of

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
MIN_SHARE = 0.005  # of the cases that pass a test, and that do not
MIN_CASES = 20
MOST_VALUES = 40  # of one field, the most frequent
QUANTILES = 12  # thresholds of a number
NUMERIC = 0.9  # of what is filled: then a text is a column of numbers
MIN_NUMBERS = 5  # different ones: fewer are categories
ALL_DIFFERENT = 0.95  # of the cases filled


@dataclass(frozen=True)
class Column:
    """One field's value in every case, as text without spaces around it; null where blank."""

    name: str
    values: Sequence[str | None]

    @cached_property
    def filled(self) -> Bools:
        return np.array([value is not None for value in self.values], dtype=bool)

    @cached_property
    def codes(self) -> tuple[npt.NDArray[np.int64], list[str]]:
        """A number for each different value, as `eq` tells them apart; −1 where blank. And the values as first written.

        Case aside, and numbers as numbers: `10` is `10.0`.
        """
        places: dict[str, int] = {}
        shown: list[str] = []
        found = np.full(len(self.values), -1, dtype=np.int64)
        for at, value in enumerate(self.values):
            if value is None:
                continue
            key = f"#{float(value)}" if re.match(NUMBER, value) else value.lower()
            if key not in places:
                places[key] = len(shown)
                shown.append(value)
            found[at] = places[key]
        return found, shown

    @cached_property
    def numbers(self) -> Floats | None:
        """The values as numbers, NaN where blank or none; null where the field is not one of numbers."""
        read = [float(value) if value is not None and re.match(NUMBER, value) else np.nan for value in self.values]
        found = np.array(read, dtype=np.float64)
        known = ~np.isnan(found)
        filled = int(self.filled.sum())
        if not filled or known.sum() < NUMERIC * filled or len(np.unique(found[known])) < MIN_NUMBERS:
            return None
        return found


@dataclass(frozen=True)
class Test:
    """One test of the pact, and what it gives each case: 0 or 1, or a count up to `cap`."""

    __test__ = False  # pytest: not a class of tests

    when: Condition | ActivityCondition
    gives: Floats
    cap: int = 1

    @property
    def subject(self) -> str:
        """What is tested: a field, or a kind of activity."""
        return self.when.field if isinstance(self.when, Condition) else f"activity:{self.when.activity}"


def field_tests(column: Column, among: Bools | None = None) -> list[Test]:
    """The tests of one field: blank, each frequent value, and at least a number at each threshold.

    Which ones there are is decided on the cases `among` (null: all); each gives every case its value.
    """
    filled = column.filled
    among = np.ones(len(filled), dtype=bool) if among is None else among
    found = [_test(column, "empty", None, ~filled)]
    numbers = column.numbers
    codes, shown = column.codes
    if numbers is not None and not identifies(codes, shown):
        cuts = edges(numbers[among])
        found += [_test(column, "gte", plainly(edge), np.nan_to_num(numbers, nan=-np.inf) >= edge) for edge in cuts]
    elif numbers is None:
        for code, _ in Counter(codes[among & (codes >= 0)].tolist()).most_common(MOST_VALUES):
            if moments_of(shown[code], GREENWICH) is None:  # a day says nothing about the next lead
                found.append(_test(column, "eq", shown[code], codes == code))
    return [test for test in found if frequent(test.gives[among])]


def blank_test(column: Column) -> Test:
    """Whether a field is blank: all that may be asked of what names a person."""
    return _test(column, "empty", None, ~column.filled)


def identifies(codes: npt.NDArray[np.int64], shown: Sequence[str]) -> bool:
    """Whether (nearly) every case has a whole number of its own: a running number, no quantity."""
    filled = int((codes >= 0).sum())
    return len(shown) >= ALL_DIFFERENT * filled and all(value.isdigit() for value in shown[:MOST_VALUES])


def _test(column: Column, op: str, value: str | float | None, passes: Bools) -> Test:
    when = Condition.model_validate({"field": column.name, "op": op, "value": value})
    return Test(when, passes.astype(np.float64))


def frequent(gives: Floats) -> bool:
    """Whether enough cases pass a test, and enough do not."""
    passing = int((gives > 0).sum())
    least = max(MIN_CASES, MIN_SHARE * len(gives))
    return passing >= least and len(gives) - passing >= least


def edges(numbers: Floats) -> list[float]:
    """Thresholds at even shares of the cases, rounded to two digits as people would write them."""
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return []
    cuts = np.quantile(known, np.linspace(0, 1, QUANTILES + 1)[1:-1])
    lowest = float(known.min())
    rounded = {round_two(float(cut)) for cut in cuts} | {float(one) for one in np.unique(known)[1:4]}
    return sorted(edge for edge in rounded if lowest < edge <= known.max())


def plainly(value: float) -> float | int:
    """The number as people write it: whole ones without a decimal point."""
    return int(value) if value.is_integer() else value


def round_two(value: float) -> float:
    """To two significant digits: 1,287 → 1,300, 0.123 → 0.12."""
    if value == 0:
        return 0.0
    return round(value, 1 - floor(log10(abs(value))))


def distinct(tests: Sequence[Test]) -> list[Test]:
    """Each once that gives every case the same as another, or just the opposite.

    Of two opposites the one fewer cases pass is kept: a rule is about the exception. Else the first.
    """
    kept: dict[bytes, Test] = {}
    for test in tests:
        name = min(test.gives.tobytes(), (1.0 - test.gives).tobytes())
        if name not in kept or test.gives.sum() < kept[name].gives.sum():
            kept[name] = test
    return list(kept.values())
