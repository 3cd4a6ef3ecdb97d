"""Suggested points: a small scorecard fitted on past journeys, beside the team's own points.

Fitted on earlier journeys, whose outcome was known before the later ones began, and judged on
those later ones. Without dates it is cross-validated. Fields that know the outcome are left out
and named; fields on protected data are never looked at. Nothing is applied by itself: every rule
is a rule of the pact for people to take over.

Not here: which journeys (quality_cases.py), which tests (suggest_features.py,
suggest_activities.py), fitting (suggest_work.py, suggest_fit.py), rules of the pact (suggest_rules.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt

from config.parts import ScoringRule
from config.schema import Pact
from leadpact.audit.protected import of_field
from leadpact.metrics.separation import Separation
from leadpact.model import is_custom
from leadpact.scoring import leaks as leaking
from leadpact.scoring import moments, quality_cases
from leadpact.scoring.basis import Asked
from leadpact.scoring.leaks import Leak
from leadpact.scoring.quality import HALF_WIDTH, MIN_EACH
from leadpact.scoring.quality_late import late_fills
from leadpact.scoring.quality_measures import Better, better, needed, separates
from leadpact.scoring.quality_rules import scored_cases
from leadpact.scoring.suggest_features import Bools, Floats, Test
from leadpact.scoring.suggest_rules import rules_of, scale_of
from leadpact.scoring.suggest_work import ONLY_BLANK, Work, earlier_cases, later_cases
from leadpact.tables import Tables

FIELDS = ("source", "campaign", "country", "preferred_channel", "record_type")
MOST_RULES = 15
ANSWERS = ("fitted", "few", "nothing")


@dataclass(frozen=True)
class Suggested:
    """One rule of the scorecard. `hits` of all cases, `rate` of them reached, `rest` of the others.

    `rule` has the points of the card, `own` the same on the scale of the team's threshold.
    `then`: decided by what was known then; else the field has no history.
    """

    rule: ScoringRule
    own: ScoringRule
    hits: int
    rate: float | None
    rest: float | None
    then: bool


@dataclass(frozen=True)
class Suggestion:
    """The answer. `outcome`: `fitted`, `few` (too few outcomes), `nothing` (no test earns its place).

    `theirs` and `own` are the areas of card and team's points on the same held-back cases (later
    ones, or every fold's in turn), `better` their difference. `overlapping`: the later cases began
    before every outcome of the earlier was known. `left_out` leak, `doubts` do not surely,
    `protected` and `untracked` fields were not looked at. `intercept` and `slope`: points → probability.
    """

    asked: Asked
    outcome: Literal["fitted", "few", "nothing"]
    stages: tuple[str, ...]
    dated: bool
    cases: int
    reached: int
    needed: int
    fitted: int = 0
    judged: int = 0
    judged_reached: int = 0
    overlapping: bool = False
    rules: tuple[Suggested, ...] = ()
    intercept: float = 0.0
    slope: float = 0.0
    scale: int = 1
    theirs: Separation | None = None
    own: Separation | None = None
    better: Better | None = None
    own_left_out: tuple[str, ...] = ()
    left_out: tuple[Leak, ...] = ()
    doubts: tuple[Leak, ...] = ()
    protected: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()


def suggest(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    asked: Asked = Asked(known="now"),  # noqa: B008 - frozen
    *,
    most: int = MOST_RULES,
    labels: Mapping[str, Collection[str]] | None = None,
) -> Suggestion:
    """The scorecard of at most `most` rules. `labels`: what the source calls each column."""
    asked = quality_cases.checked(tables, pact, asked)
    found = quality_cases.cases(tables, pact, as_of, asked)
    names, protected = candidates(tables, pact, asked, labels or {})
    untracked = moments.untracked(tables, names) if names else ()
    used = [name for name in names if asked.known == "now" or name not in untracked]
    found, columns = quality_cases.columns(tables, found, as_of, used)
    reached = found.reached
    winners, losers = int(reached.sum()), int((~reached).sum())
    base = Suggestion(
        asked, "few", found.stages, found.dated, len(found), winners, needed(winners, losers, HALF_WIDTH),
        protected=protected, untracked=tuple(untracked),
    )  # fmt: skip
    if min(winners, losers) < MIN_EACH:
        return base
    open_to = [column for column in columns if column.name not in ONLY_BLANK]
    tracked = [name for name in used if name not in untracked]
    late = late_fills(tables, found, tracked)
    told = leaking.examined(open_to, reached, tracked=tracked, late=late, labels=labels)
    leaks = tuple(leak for leak in told if leak.leaks and leak.field not in asked.keep)
    base = replace(base, left_out=leaks, doubts=tuple(leak for leak in told if leak not in leaks))
    allowed = [column for column in columns if column.name not in {leak.field for leak in leaks}]
    work = Work(tables, found, allowed, reached, most)
    earlier, overlapping = earlier_cases(found, asked)
    if not found.dated:
        return _answer(base, work, pact, as_of, np.ones(len(found), dtype=bool), work.folded(), overlapping)
    return _answer(base, work, pact, as_of, earlier, None, overlapping)


def candidates(
    tables: Tables, pact: Pact, asked: Asked, labels: Mapping[str, Collection[str]]
) -> tuple[list[str], tuple[str, ...]]:
    """The columns that may be asked, and those on protected data that may not."""
    crm = moments.columns_of(tables, [pact.scoring.crm_field] if pact.scoring.crm_field else [])
    stored = [name for name in tables.record.columns if tables.record[name].type().is_string()]
    open_to = [name for name in stored if name in (*FIELDS, *ONLY_BLANK) or is_custom(name)]
    open_to = [name for name in open_to if name not in (*asked.drop, *crm)]
    protected = [name for name in open_to if of_field([name, *labels.get(name, ())]) is not None]
    return [name for name in open_to if name not in protected], tuple(protected)


def _answer(
    base: Suggestion, work: Work, pact: Pact, as_of: datetime, earlier: Bools, held: Floats | None, overlapping: bool
) -> Suggestion:
    made, tests, scores = work.fit(earlier)
    if made is None or scores is None:
        return replace(base, outcome="nothing", fitted=int(earlier.sum()))
    judged = later_cases(work.found) if held is None else np.ones(len(scores), dtype=bool)
    shown = scores if held is None else held
    reached = work.reached
    own, left_out = _own(work, pact, as_of, base.asked)
    both = judged & ~np.isnan(own)
    scale = scale_of(scores, own, pact.sales_ready.threshold)
    rules = rules_of(made, tests, pact, 1)
    scaled = rules_of(made, tests, pact, scale)
    suggested = [
        _suggested(rule, mine, test, reached, base.untracked)
        for rule, mine, test in zip(rules, scaled, tests, strict=True)
    ]
    suggested.sort(key=lambda one: -one.rule.points)
    return replace(
        base,
        outcome="fitted",
        fitted=int(earlier.sum()),
        judged=int(judged.sum()),
        judged_reached=int(reached[judged].sum()),
        overlapping=overlapping,
        rules=tuple(suggested),
        intercept=made.intercept,
        slope=made.slope,
        scale=scale,
        theirs=separates(shown[judged], reached[judged]),
        own=separates(own[both], reached[both]) if both.any() else None,
        better=better(own[both], shown[both], reached[both]) if both.any() else None,
        own_left_out=left_out,
    )


def _own(work: Work, pact: Pact, as_of: datetime, asked: Asked) -> tuple[Floats, tuple[str, ...]]:
    """The team's own score of the same cases, NaN where there is none, and its rules that may not be used."""
    n = len(work.found)
    if not pact.scoring.rules:
        return np.full(n, np.nan), ()
    own = scored_cases(work.tables, pact, as_of, asked, work.found)
    if len(own.cases) == n:
        return own.scores, tuple(own.left_out)
    keys = ["person_id", "journey"]
    place = {key: at for at, key in enumerate(zip(*(work.found.table[name].to_pylist() for name in keys), strict=True))}
    found = np.full(n, np.nan)
    rows = zip(*(own.cases.table[name].to_pylist() for name in keys), strict=True)
    found[[place[row] for row in rows]] = own.scores
    return found, tuple(own.left_out)


def _suggested(
    rule: ScoringRule, own: ScoringRule, test: Test, reached: npt.NDArray[np.bool_], untracked: Collection[str]
) -> Suggested:
    hit = test.gives > 0
    rate = float(reached[hit].mean()) if hit.any() else None
    rest = float(reached[~hit].mean()) if (~hit).any() else None
    return Suggested(rule, own, int(hit.sum()), rate, rest, test.subject not in untracked)
