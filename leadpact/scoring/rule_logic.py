"""Conditions set against each other without any data: which can hold together, and how many points that makes.

Every condition on one field is tried on a few values that stand for all: the values it names, those
just beside them and between them, a blank, and one nobody named. The engine judges them, so that
what is told here is what the score does.

Not here: what to say of it (rule_checks.py), conditions themselves (conditions.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import inf
from zoneinfo import ZoneInfo

import ibis

from config.parts import Condition, Scalar, ScoringRule
from config.schema import Pact
from leadpact.scoring.conditions import DAY, number_of, satisfies
from leadpact.scoring.score import capped_number

RANGES = ("gt", "gte", "lt", "lte", "between")
LISTS = ("filled", "empty", "eq", "in", "ne", "not_in")
COMPARED = ("eq", "in", "starts", *RANGES)  # two of these on one field mean different leads, or the same twice
OTHER = "\u2047other"


@dataclass(frozen=True)
class Trial:
    """The values tried, and for each condition which of them satisfy it."""

    values: Sequence[str]
    holds: Sequence[frozenset[int]]

    def never(self, at: int) -> bool:
        return not self.holds[at]

    def together(self, *places: int) -> bool:
        return bool(frozenset.intersection(*(self.holds[at] for at in places)))


def tried(conditions: Sequence[Condition], zone: ZoneInfo) -> Trial:
    """Conditions of one field on the values that stand for all."""
    values = list(dict.fromkeys(_candidates(conditions)))
    table = ibis.memtable({"n": list(range(len(values))), "value": values}, schema={"n": "int64", "value": "string"})
    tests = {f"holds_{at}": satisfies(table.value, one.op, one.value, zone) for at, one in enumerate(conditions)}
    rows = table.select("n", **tests).to_pyarrow()
    places = rows["n"].to_pylist()
    found = [frozenset(n for n, holds in zip(places, rows[name].to_pylist(), strict=True) if holds) for name in tests]
    return Trial(values, found)


def exact(conditions: Collection[Condition]) -> bool:
    """Whether the values tried stand for all: lists and ranges of numbers or days; not parts of a text."""
    return all(
        one.op in LISTS
        or (one.op in RANGES and all(number_of(value) is not None or _day(value) for value in _scalars(one)))
        for one in conditions
    )


def most_points(pact: Pact, columns: Mapping[str, str | None]) -> float:
    """More than this no lead can have; infinite where something counts without a cap.

    `columns` is by rule id the field it is about, null for one nobody can decide; rules about
    activities are not in it.
    """
    fields: dict[str, list[ScoringRule]] = {}
    for rule in pact.scoring.rules:
        column = columns.get(rule.id)
        if isinstance(rule.when, Condition) and column is not None:
            fields.setdefault(column, []).append(rule)
    done = sum(_most(rule) for rule in pact.scoring.rules if not isinstance(rule.when, Condition))
    apart = done + sum(_of_field(rules, pact.zone) for rules in fields.values())
    decided = [one for one in pact.scoring.rules if not isinstance(one.when, Condition) or columns.get(one.id)]
    caps = {group.name: group.max_points for group in pact.scoring.groups}
    of_group: dict[str, float] = {}
    free = 0.0
    for rule in decided:
        if rule.group in caps:
            of_group[rule.group] = of_group.get(rule.group, 0.0) + _most(rule)
        else:
            free += _most(rule)
    return min(apart, free + sum(min(caps[name], total) for name, total in of_group.items()))


def _of_field(rules: Sequence[ScoringRule], zone: ZoneInfo) -> float:
    """The most one value of a field gives: rules that exclude each other do not add up."""
    conditions = [rule.when for rule in rules if isinstance(rule.when, Condition)]
    if not exact(conditions):
        return sum(_most(rule) for rule in rules)
    trial = tried(conditions, zone)
    points = [capped_number(rule) for rule in rules]
    return max(
        sum(one for one, holds in zip(points, trial.holds, strict=True) if n in holds) for n in range(len(trial.values))
    )


def _most(rule: ScoringRule) -> float:
    if rule.points <= 0:
        return 0.0
    if isinstance(rule.when, Condition) or rule.per == "once":
        return capped_number(rule)
    return inf if rule.max_points is None else rule.max_points


def _scalars(one: Condition) -> list[Scalar]:
    return one.value if isinstance(one.value, list) else [] if one.value is None else [one.value]


def _candidates(conditions: Sequence[Condition]) -> Iterator[str]:
    """Values that stand for all: as named, just beside and between; a blank; one nobody named."""
    yield from ("", OTHER, "!")
    numbers, days = set(), set()
    for value in (value for one in conditions for value in _scalars(one)):
        text = str(value)
        yield from (text, f"{text}a", f"a{text}", f"a{text}a")
        number = number_of(value)
        if number is not None:
            numbers.add(number)
        if _day(value):
            days.add(date.fromisoformat(text.strip()))
    ordered = sorted(numbers)
    for number in (*(beside for one in ordered for beside in (one - 1, one, one + 1)),
                   *((a + b) / 2 for a, b in pairwise(ordered))):  # fmt: skip
        yield f"{number:.10f}".rstrip("0").rstrip(".")
    for day in days:
        for step in (-1, 0, 1):
            moved = day.toordinal() + step
            if date.min.toordinal() <= moved <= date.max.toordinal():
                yield date.fromordinal(moved).isoformat()
    for first, last in pairwise(sorted(days)):
        yield (first + timedelta(days=(last - first).days // 2)).isoformat()


def _day(value: Scalar) -> bool:
    if not isinstance(value, str) or not DAY.match(value.strip()):
        return False
    try:
        date.fromisoformat(value.strip())
    except ValueError:
        return False
    return True
