"""STA10: two values of one stage that neither wording nor behaviour tells apart.

Not here: values that mean the same by their words (STA06).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit import likeness
from leadpact.audit.behaviour import behaviours
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Option, Rule
from leadpact.audit.shown import shown
from leadpact.audit.target import stage_of
from leadpact.audit.values import StatusValue
from leadpact.model import OBJECTS

Fates = Mapping[str, int]
STAYS = "(stays)"


def check(
    tables: Facts, pact: Pact, as_of: datetime, *, min_records: int, max_difference: float, max_ratio: float
) -> Sequence[Found]:
    """States of one stage whose records meet the same fate in the same time: each beside one held by more.

    Fate: the stage they went to next, the value if in the same stage, or that they stay. Two
    values are told apart when the distributions differ by more than `max_difference` (total
    variation distance, 0 to 1), when half of the stays in one take more than `max_ratio` times
    as long as in the other, or when either has fewer than `min_records` fates. Evidence: `twin`,
    `difference`, `fates` of both.
    """
    fates = _fates(tables, pact)
    found = []
    for object in OBJECTS:
        for stage in pact.stages:
            left = [value for value in _states(tables, pact, object, stage.key) if _known(fates, value, min_records)]
            while left:
                first, *others = left
                left = []
                for value in others:
                    difference = _difference(fates[(object, first.value)], fates[(object, value.value)])
                    if (
                        difference > max_difference
                        or _alike(first, value)
                        or _in_other_time(tables, first, value, min_records, max_ratio)
                    ):
                        left.append(value)
                    else:
                        found.append(_found(value, first, stage.label, difference, fates))
    return found


def _states(tables: Facts, pact: Pact, object: str, stage: str) -> list[StatusValue]:
    """The values of a stage that are states and held, those held by most first."""
    own = [
        value
        for value in tables.values
        if value.object == object
        and value.records
        and stage_of(pact, object, value.value) == stage
        and tables.kind(value) == "state"
    ]
    return sorted(own, key=lambda value: (-value.records, value.value))


def _known(fates: Mapping[tuple[str, str], Fates], value: StatusValue, min_records: int) -> bool:
    return sum(fates.get((value.object, value.value), {}).values()) >= min_records


def _alike(one: StatusValue, other: StatusValue) -> bool:
    return likeness.meaning(one.wording) == likeness.meaning(other.wording)


def _in_other_time(tables: Facts, one: StatusValue, other: StatusValue, min_records: int, max_ratio: float) -> bool:
    """Records stay longer in one than in the other; false where it is not known of both."""
    stays = [behaviours(tables).of(value.object, value.value).stay for value in (one, other)]
    known = [stay for stay in stays if stay is not None and stay.n >= min_records]
    if len(known) < 2:
        return False
    medians = sorted(stay.median_days for stay in known if stay.median_days is not None)
    return len(medians) == 1 or (len(medians) == 2 and medians[1] > max_ratio * medians[0])


def _fates(tables: Facts, pact: Pact) -> dict[tuple[str, str], Fates]:
    """By object and value: how many records went where next, and how many stay."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for (object, before), moves in tables.moves.items():
        here = stage_of(pact, object, before)
        for after, times in moves.items():
            there = stage_of(pact, object, after)
            fate = f"={after}" if here == there else there or f"={after}"
            found.setdefault((object, before), Counter())[fate] += times
    for value in tables.values:
        if value.records:
            found.setdefault((value.object, value.value), Counter())[STAYS] += value.records
    return dict(found)


def _difference(one: Fates, other: Fates) -> float:
    """Total variation distance of two distributions, from 0 (the same) to 1."""
    first, second = sum(one.values()), sum(other.values())
    return sum(abs(one.get(key, 0) / first - other.get(key, 0) / second) for key in {*one, *other}) / 2


def _found(
    value: StatusValue,
    twin: StatusValue,
    stage: str,
    difference: float,
    fates: Mapping[tuple[str, str], Fates],
) -> Found:
    return Found(
        object=value.object,
        value=value.value,
        label=value.label,
        records=value.records,
        since=value.first_at,
        params={"twin": shown(twin.value, twin.label), "stage": stage},
        evidence={
            **value.evidence,
            "twin": twin.value,
            "difference": round(difference, 4),
            "fates": {one.value: dict(sorted(fates[(one.object, one.value)].items())) for one in (value, twin)},
        },
    )


RULE = Rule(
    code="STA10",
    name="status.indistinct",
    severity="info",
    groups=("core", "statuses", "definition"),
    needs=("history",),
    fix="review",
    options={
        "min_records": Option(int, default=100, min=10),
        "max_difference": Option(float, default=0.1, min=0, max=1),
        "max_ratio": Option(float, default=2, min=1),
    },
    check=check,
    per_record_type=True,
)
