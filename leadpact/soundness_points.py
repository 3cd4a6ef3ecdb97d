"""The most points a lead can have by a set of rules, for a threshold nobody reaches to be seen before it is signed.

Rules on one field are tried against every value they name, so that two industries are not added
up. Where that cannot be decided the answer errs upwards: a threshold called unreachable is so.

Not here: what a lead scores (leadpact/scoring/score.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from config.parts import ActivityCondition, Condition, Scalar, ScoringRule
from leadpact.scoring.conditions import number_of
from leadpact.soundness_conditions import by_field, field_key, meets

FRESH = "\0"  # a text no pact names
PLAIN = ("filled", "empty", "eq", "ne", "in", "not_in")
ORDERED = ("gt", "gte", "lt", "lte", "between")


def most_points(rules: Sequence[ScoringRule]) -> float | None:
    """The most points one lead can have; null where repeated behaviour without a cap has no end."""
    total = 0.0
    for rule in rules:
        if isinstance(rule.when, ActivityCondition) and rule.points > 0:
            if rule.per == "occurrence" and rule.max_points is None:
                return None
            total += _worth(rule)
    fields = by_field(rule.when for rule in rules if isinstance(rule.when, Condition))
    for name in fields:
        own = [(rule.when, _worth(rule)) for rule in rules
               if isinstance(rule.when, Condition) and field_key(rule.when.field) == name]  # fmt: skip
        total += _most_of_field(own)
    return total


def _worth(rule: ScoringRule) -> float:
    """Its points at most. A cap holds negative points as well."""
    if rule.max_points is None:
        return rule.points
    most = rule.max_points if rule.per == "occurrence" else min(abs(rule.points), rule.max_points)
    return most if rule.points > 0 else -most


def _most_of_field(rules: Sequence[tuple[Condition, float]]) -> float:
    conditions = [one for one, _ in rules]
    if not all(_decided(one) for one in conditions):
        return sum(points for _, points in rules if points > 0)
    blank = sum(points for one, points in rules if one.op == "empty")
    return max(blank, *(sum(points for one, points in rules if meets(value, one)) for value in _tried(conditions)))


def _decided(one: Condition) -> bool:
    values = one.value if isinstance(one.value, list) else [] if one.value is None else [one.value]
    return one.op in PLAIN or (one.op in ORDERED and all(number_of(value) is not None for value in values))


def _tried(conditions: Iterable[Condition]) -> list[Scalar]:
    """Every value the conditions name, the numbers just beside each, and one that none names."""
    named = [
        value
        for one in conditions
        for value in (one.value if isinstance(one.value, list) else [] if one.value is None else [one.value])
    ]
    beside = [
        number + step * max(1.0, abs(number)) * 1e-6
        for value in named
        if (number := number_of(value)) is not None
        for step in (-1, 1)
    ]
    return [FRESH, *named, *beside]
