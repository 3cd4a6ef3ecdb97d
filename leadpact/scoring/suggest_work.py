"""Fitting cards on some of the cases: on the earlier ones, or on all but a fold.

Not here: which fields may be used, and what is said of a card (suggest.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leadpact.scoring.basis import Asked
from leadpact.scoring.quality import MIN_EACH
from leadpact.scoring.quality_cases import Cases
from leadpact.scoring.suggest_activities import activity_tests
from leadpact.scoring.suggest_features import Bools, Column, Floats, Test, blank_test, distinct, field_tests, frequent
from leadpact.scoring.suggest_fit import Card, card
from leadpact.tables import Tables

ONLY_BLANK = ("company", "email", "phone")  # name a person: asked only whether they are there
EARLIER = 0.7  # of the cases, by their moments
FOLDS = 5
SEED = 20_240_229


@dataclass(frozen=True)
class Work:
    """The cases, the columns that may be used, and how many rules a card may have."""

    tables: Tables
    found: Cases
    columns: Sequence[Column]
    reached: Bools
    most: int

    def fit(self, among: Bools) -> tuple[Card | None, list[Test], Floats | None]:
        """The card fitted on some cases, its tests, and the score it gives every case."""
        tests: list[Test] = []
        for column in self.columns:
            own = [blank_test(column)] if column.name in ONLY_BLANK else field_tests(column, among)
            tests += [test for test in own if frequent(test.gives[among])]
        tests = distinct([*tests, *activity_tests(self.tables, self.found, among)])
        if not tests:
            return None, [], None
        matrix = np.column_stack([test.gives for test in tests])
        made = card(matrix[among], self.reached[among], self.most)
        if made is None:
            return None, [], None
        return made, [tests[at] for at in made.columns], made.score(matrix)

    def folded(self) -> Floats:
        """What each case gets from a card fitted without it: the probability, comparable between folds."""
        fold = np.random.default_rng(SEED).permutation(len(self.found)) % FOLDS
        held = np.full(len(self.found), self.reached.mean())
        for one in range(FOLDS):
            made, _, scores = self.fit(fold != one)
            if made is not None and scores is not None:
                held[fold == one] = made.probability(scores)[fold == one]
        return held


def earlier_cases(found: Cases, asked: Asked) -> tuple[Bools, bool]:
    """The cases to fit on: those whose outcome was known when the later ones began, if they are enough."""
    if not found.dated or not len(found):
        return np.ones(len(found), dtype=bool), False
    moment = found.table["moment"].to_numpy().astype("datetime64[us]")
    begins = moment[int(EARLIER * len(found))]
    known = moment + np.timedelta64(round(asked.days * 86_400_000_000), "us") <= begins
    if min(int(found.reached[known].sum()), int((~found.reached[known]).sum())) >= MIN_EACH:
        return known, False
    return moment < begins, True


def later_cases(found: Cases) -> Bools:
    """The cases a card is judged on."""
    return np.arange(len(found)) >= int(EARLIER * len(found))
