"""Every scoring rule on its own: what those it hits come to against the rest, and what it adds.

Not here: the score as a whole (quality.py), the signs of a leak (leaks.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from config.parts import Condition, ScoringRule
from config.schema import Pact
from leadpact.metrics.significance import two_proportions
from leadpact.scoring import behaviour, moments, quality_cases, score
from leadpact.scoring import leaks as leaking
from leadpact.scoring.basis import Asked
from leadpact.scoring.leaks import Leak
from leadpact.scoring.moments import KEYS
from leadpact.scoring.quality_cases import Cases
from leadpact.scoring.quality_late import late_fills
from leadpact.scoring.quality_measures import separates
from leadpact.tables import Tables

Floats = npt.NDArray[np.float64]
Verdict = Literal["leak", "untracked", "undecided", "never", "always", "few", "nothing", "against", "works"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
LEFT_OUT = ("leak", "untracked", "undecided")
MIN_EACH = 30  # hit and not hit
ALWAYS = 0.95


@dataclass(frozen=True)
class RuleQuality:
    """One rule. Rates are of the cases it can be decided for; intervals 95 % (Newcombe).

    `area`: of the rule's points alone; `gain`: what the area of the whole score loses without it.
    Null where it cannot be said. `leak` names why a rule is not trusted.
    """

    rule: str
    verdict: Verdict
    points: float
    decided: int = 0
    hits: int = 0
    reached: int = 0
    rate: float | None = None
    rest: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    area: float | None = None
    gain: float | None = None
    leak: Leak | None = None


@dataclass(frozen=True)
class Scored:
    """Cases in order with the points of every rule (NaN: undecided) and the score of those judged."""

    cases: Cases
    points: Mapping[str, Floats]
    scores: Floats
    left_out: Mapping[str, Verdict]
    leaks: tuple[Leak, ...]
    untracked: tuple[str, ...]
    judged_share: float
    gone: int


def scored(tables: Tables, pact: Pact, as_of: datetime, asked: Asked) -> Scored:
    """The past cases under the pact's rules, with only what may be used."""
    asked = quality_cases.checked(tables, pact, asked)
    return scored_cases(tables, pact, as_of, asked, quality_cases.cases(tables, pact, as_of, asked))


def scored_cases(tables: Tables, pact: Pact, as_of: datetime, asked: Asked, cases: Cases) -> Scored:
    """As `scored`, of cases found before."""
    rules = pact.scoring.rules
    fields = sorted({rule.when.field for rule in rules if isinstance(rule.when, Condition)})
    known = moments.columns_of(tables, fields)
    untracked = moments.untracked(tables, fields) if fields else ()
    own = quality_cases.tables_of(tables, cases)
    at = quality_cases.asked_of(cases)
    names = score.points_of(pact)
    wide = score.measured(own, pact, as_of, at, also=known)
    wide = wide.select(*KEYS, "moment", *names, **{f"at_{name}": wide[name].cast("string") for name in known})
    kept, rows = quality_cases.aligned(cases, wide.to_pyarrow())
    points = {
        rule.id: np.array(rows[name].to_pandas().to_numpy(dtype="float64", na_value=np.nan))
        for name, rule in names.items()
    }
    found: list[Leak] = []
    if known and len(kept):
        columns = [quality_cases.column(name, rows[f"at_{name}"]) for name in known]
        tracked = [name for name in known if name not in untracked]
        late = late_fills(tables, kept, tracked)
        found = leaking.examined(columns, kept.reached, tracked=tracked, late=late)
    left_out = {rule.id: why for rule in rules if (why := _left_out(tables, rule, asked, untracked, found)) is not None}
    judged = [rule for rule in rules if rule.id not in left_out]
    total = sum(map(_weight, rules))
    return Scored(
        kept,
        points,
        summed({rule.id: points[rule.id] for rule in judged}, pact, len(kept)),
        left_out,
        tuple(found),
        untracked,
        sum(map(_weight, judged)) / total if total else 0.0,
        len(cases) - len(kept),
    )


def summed(points: Mapping[str, Floats], pact: Pact, n: int) -> Floats:
    """The score as score.scores counts it from the points of some rules; NaN where none is decided."""
    if not points:
        return np.full(n, np.nan)
    caps = score.caps_of(pact)
    groups: dict[str | None, Floats] = {}
    known = np.zeros(n, dtype=bool)
    for rule in pact.scoring.rules:
        if rule.id in points:
            group = rule.group if rule.group in caps else None
            groups[group] = groups.get(group, np.zeros(n)) + np.nan_to_num(points[rule.id])
            known |= ~np.isnan(points[rule.id])
    total = np.zeros(n)
    for group, own in groups.items():
        total += own if group is None else np.clip(own, -caps[group], caps[group])
    return np.where(known, total.round(score.DIGITS), np.nan)


def verdicts(found: Scored, pact: Pact) -> tuple[RuleQuality, ...]:
    """A verdict on every rule, in the pact's order."""
    return tuple(_verdict(found, pact, rule) for rule in pact.scoring.rules)


def _left_out(
    tables: Tables, rule: ScoringRule, asked: Asked, untracked: tuple[str, ...], leaks: list[Leak]
) -> Verdict | None:
    if not isinstance(rule.when, Condition):
        return None if behaviour.known(tables, rule) else "undecided"
    column = next(iter(moments.columns_of(tables, [rule.when.field])), None)
    if column is None:
        return "undecided"
    if column not in asked.keep and any(leak.field == column and leak.leaks for leak in leaks):
        return "leak"
    return "untracked" if asked.known == "then" and column in untracked else None


def _weight(rule: ScoringRule) -> float:
    """The points at stake: at most `max_points`; of one occurrence, where nothing caps it."""
    return abs(rule.points) if rule.max_points is None else rule.max_points


def _verdict(found: Scored, pact: Pact, rule: ScoringRule) -> RuleQuality:
    own, reached = found.points[rule.id], found.cases.reached
    decided = ~np.isnan(own)
    hit = decided & (np.nan_to_num(own) != 0)
    counts: dict[str, Any] = {"decided": int(decided.sum()), "hits": int(hit.sum()), "reached": int(reached[hit].sum())}
    left_out = found.left_out.get(rule.id)
    column = rule.when.field.casefold() if isinstance(rule.when, Condition) else None
    leak = next((one for one in found.leaks if column and one.field.casefold() in (column, f"f_{column}")), None)
    if left_out == "undecided" or not counts["decided"]:
        return RuleQuality(rule.id, "undecided", rule.points, **counts)
    missed = decided & ~hit
    told = two_proportions(counts["reached"], counts["hits"], int(reached[missed].sum()), int(missed.sum()))
    area = separates(own[decided], reached[decided])
    return RuleQuality(
        rule.id,
        left_out or _judged(rule, counts, int(missed.sum()), None if told is None else (told.low, told.high)),
        rule.points,
        **counts,
        rate=counts["reached"] / counts["hits"] if counts["hits"] else None,
        rest=float(reached[missed].mean()) if missed.any() else None,
        difference=None if told is None else told.difference,
        low=None if told is None else told.low,
        high=None if told is None else told.high,
        area=None if area is None else area.auc,
        gain=None if left_out else _gain(found, pact, rule.id),
        leak=leak,
    )


def _judged(rule: ScoringRule, counts: dict[str, int], missed: int, told: tuple[float, float] | None) -> Verdict:
    if counts["decided"] < MIN_EACH:
        return "few"
    if not counts["hits"]:
        return "never"
    if counts["hits"] >= ALWAYS * counts["decided"]:
        return "always"
    if min(counts["hits"], missed) < MIN_EACH or told is None:
        return "few"
    low, high = told if rule.points > 0 else (-told[1], -told[0])
    return "works" if low > 0 else "against" if high < 0 else "nothing"


def _gain(found: Scored, pact: Pact, rule: str) -> float | None:
    """The area of the score less that without this rule, on the cases that have both."""
    others = {name: own for name, own in found.points.items() if name not in found.left_out and name != rule}
    rest = summed(others, pact, len(found.cases))
    both = ~np.isnan(rest) & ~np.isnan(found.scores)
    reached = found.cases.reached[both]
    whole, without = separates(found.scores[both], reached), separates(rest[both], reached)
    return None if whole is None or without is None else whole.auc - without.auc
