"""What does not make sense in the rules of a pact: told at its place, with what to do.

Errors name what cannot work (a field that is not there, a condition nobody can meet, a threshold
nobody can reach), warnings what is surely not meant, notes what may be. None of it keeps a draft
from being saved.

Not here: the form of a pact (config/schema.py), rules that fire too often or never (audit, SCO02).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from config.faults import near
from config.parts import ActivityCondition, Condition, ScoringRule
from config.schema import Pact
from leadpact.language import Text
from leadpact.scoring.conditions import column_of, number_of
from leadpact.scoring.offers import Offers
from leadpact.scoring.rule_logic import COMPARED, exact, most_points, tried

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Remark:
    """One thing to look at. `place` is its path in the pact; `rule` the position of the rule, null for none."""

    level: Level
    place: str
    text: Text
    rule: int | None = None


def remarks(pact: Pact, offers: Offers | None = None) -> list[Remark]:
    """Everything about the rules, the threshold and the must-haves, the gravest first.

    Without `offers` (what the data has) only what the pact itself tells.
    """
    rules = pact.scoring.rules
    columns = {rule.id: _column(rule.when.field, offers) for rule in rules if isinstance(rule.when, Condition)}
    found = [
        *_fields(pact, columns, offers),
        *(remark for at, rule in enumerate(rules) for remark in _alone(at, rule, offers)),
        *_together(pact, columns),
        *_activities(rules),
        *_musts(pact, offers),
        *_threshold(pact, columns, offers),
        *_groups(pact),
    ]
    return sorted(found, key=lambda one: (LEVELS.index(one.level), one.rule is None, one.rule or 0))


def _column(field: str, offers: Offers | None) -> str | None:
    """The field by one name however it is written; null where the records have none of it."""
    if offers is None:
        plain = field.strip().casefold()
        return plain.removeprefix("f_")
    return column_of(_known(offers), field)


def _known(offers: Offers) -> list[str]:
    return [one.name for one in offers.fields]


def _fields(pact: Pact, columns: Mapping[str, str | None], offers: Offers | None) -> Iterator[Remark]:
    for at, rule in enumerate(pact.scoring.rules):
        if isinstance(rule.when, Condition) and columns[rule.id] is None and offers is not None:
            said = Text.of("scoring.check.no_field", field=rule.when.field, near=near(rule.when.field, _known(offers)))
            yield _at(at, "error", said, "when.field")
        elif isinstance(rule.when, Condition) and offers is not None:
            yield from _values(at, rule.when, offers)


def _values(at: int, when: Condition, offers: Offers) -> Iterator[Remark]:
    """The field is never filled, or holds none of the values asked for."""
    offer = offers.field(when.field)
    if offer is None:
        return
    if not offer.filled and when.op != "empty":
        yield _at(at, "warning", Text.of("scoring.check.never_filled", field=when.field), "when.field")
    elif offer.complete and when.op in ("eq", "in", "ne", "not_in"):
        held = [value for value, _ in offer.values]
        texts = {value.strip().lower() for value in held}
        numbers = {number_of(value) for value in held}
        for value in when.value if isinstance(when.value, list) else [when.value]:
            number = None if value is None else number_of(value)
            if str(value).strip().lower() not in texts and (number is None or number not in numbers):
                said = Text.of(
                    "scoring.check.no_value", field=when.field, value=str(value), near=near(str(value), held)
                )
                yield _at(at, "warning", said, "when.value")


def _alone(at: int, rule: ScoringRule, offers: Offers | None) -> Iterator[Remark]:
    """What one rule says of itself."""
    if rule.points == 0:
        yield _at(at, "warning", Text.of("scoring.check.no_points"), "points")
    if isinstance(rule.when, Condition):
        idle = [
            name for name, on in (("per", rule.per != "once"), ("half_life", rule.half_life_days is not None)) if on
        ]
        for name in idle:
            said = Text.of("scoring.check.idle_per" if name == "per" else "scoring.check.idle_half_life")
            yield _at(at, "note", said, "per" if name == "per" else "half_life_days")
    elif offers is not None and not offers.known:
        yield _at(at, "error", Text.of("scoring.check.no_activities"), "when.activity")
    elif offers is not None and offers.activity(rule.when.activity) is None:
        kinds = [one.kind for one in offers.activities]
        said = Text.of("scoring.check.no_activity", kind=rule.when.activity, near=near(rule.when.activity, kinds))
        yield _at(at, "warning", said, "when.activity")
    if rule.max_points is not None and rule.max_points < abs(rule.points):
        said = Text.of("scoring.check.low_cap", points=abs(rule.points), cap=rule.max_points)
        yield _at(at, "note", said, "max_points")


def _together(pact: Pact, columns: Mapping[str, str | None]) -> Iterator[Remark]:
    """Rules on one field: conditions nobody meets, that are the same, or that meet the same leads."""
    fields: dict[str, list[int]] = {}
    for at, rule in enumerate(pact.scoring.rules):
        column = columns.get(rule.id)
        if column is not None:
            fields.setdefault(column, []).append(at)
    for places in fields.values():
        conditions = [_condition(pact, at) for at in places]
        trial = tried(conditions, pact.zone)
        for number, at in enumerate(places):
            if trial.never(number):
                yield _at(at, "error", Text.of("scoring.check.never"), "when")
        for (a, first), (b, second) in combinations(enumerate(places), 2):
            one, other = pact.scoring.rules[first], pact.scoring.rules[second]
            same = _same(conditions[a], conditions[b])
            if same or (trial.holds[a] == trial.holds[b] and exact([conditions[a], conditions[b]])):
                yield _twice(second, one, other)
            elif {conditions[a].op, conditions[b].op} <= set(COMPARED) and trial.together(a, b):
                value = trial.values[min(trial.holds[a] & trial.holds[b])]
                yield _at(second, "note", Text.of("scoring.check.overlap", rule=one.id, value=value), "when")


def _activities(rules: Sequence[ScoringRule]) -> Iterator[Remark]:
    """Rules that count the same activities."""
    asked = [(at, rule, rule.when) for at, rule in enumerate(rules) if isinstance(rule.when, ActivityCondition)]
    for (_, one, a), (at, other, b) in combinations(asked, 2):
        if a.activity.strip().lower() != b.activity.strip().lower():
            continue
        if a.subject == b.subject:
            if a.within_days == b.within_days and one.per == other.per:
                yield _twice(at, one, other)
            else:
                yield _at(at, "note", Text.of("scoring.check.same_activity", rule=one.id), "when")
        elif a.subject is None or b.subject is None:
            yield _at(at, "note", Text.of("scoring.check.same_activity", rule=one.id), "when")


def _twice(at: int, one: ScoringRule, other: ScoringRule) -> Remark:
    if one.points * other.points < 0:
        return _at(at, "warning", Text.of("scoring.check.against", rule=one.id), "when")
    return _at(at, "warning", Text.of("scoring.check.twice", rule=one.id), "when")


def _musts(pact: Pact, offers: Offers | None) -> Iterator[Remark]:
    """Must-haves on fields that are not there, and those nobody can meet together."""
    ready = pact.sales_ready
    for part, conditions in (("all", ready.all), ("any", ready.any)):
        for at, one in enumerate(conditions):
            if offers is not None and _column(one.field, offers) is None:
                said = Text.of("scoring.check.no_must", field=one.field, near=near(one.field, _known(offers)))
                yield Remark("error", f"sales_ready.{part}[{at}].field", said)
    fields: dict[str, list[Condition]] = {}
    for one in ready.all:
        column = _column(one.field, offers)
        if column is not None:
            fields.setdefault(column, []).append(one)
    for column, own in fields.items():
        trial = tried(own, pact.zone)
        alone = any(trial.never(at) for at in range(len(own)))
        if alone or (exact(own) and not trial.together(*range(len(own)))):
            yield Remark("error", "sales_ready.all", Text.of("scoring.check.no_green", field=column))


def _threshold(pact: Pact, columns: Mapping[str, str | None], offers: Offers | None) -> Iterator[Remark]:
    threshold = pact.sales_ready.threshold
    if not pact.scoring.rules or threshold is None:
        return
    undecided = offers is not None and not offers.known
    kept = [rule for rule in pact.scoring.rules if isinstance(rule.when, Condition) or not undecided]
    decided = pact.model_copy(update={"scoring": pact.scoring.model_copy(update={"rules": kept})})
    most = most_points(decided, columns)
    if most < threshold:
        said = Text.of("scoring.check.unreachable", threshold=threshold, most=most)
        yield Remark("error", "sales_ready.threshold", said)
    elif threshold <= 0:
        yield Remark("warning", "sales_ready.threshold", Text.of("scoring.check.everybody", threshold=threshold))


def _groups(pact: Pact) -> Iterator[Remark]:
    used: Collection[str | None] = {rule.group for rule in pact.scoring.rules}
    for at, group in enumerate(pact.scoring.groups):
        if group.name not in used:
            said = Text.of("scoring.check.no_group", group=group.name)
            yield Remark("note", f"scoring.groups[{at}].name", said)


def _condition(pact: Pact, at: int) -> Condition:
    when = pact.scoring.rules[at].when
    if not isinstance(when, Condition):
        raise TypeError(at)
    return when


def _same(one: Condition, other: Condition) -> bool:
    return one.op == other.op and one.value == other.value


def _at(rule: int, level: Level, text: Text, part: str) -> Remark:
    return Remark(level, f"scoring.rules[{rule}].{part}", text, rule)
