"""The score of every record at a moment, its light, and what is missing to green.

The score is the sum of the rules' capped points, those of a group with a cap under that cap too. A
rule is *undecided* for a record where the field is not there or not known, or the source gives no
activities: its points are null, and a score none of whose rules is decided is null, not 0. Two must
be there for green: the threshold, and the must-haves.

Not here: single conditions (conditions.py), one record in words (explain.py), the meaning of the
pact's parts (config/parts.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any

import ibis

from config.parts import Condition, ScoringRule
from config.schema import Pact
from leadpact.metrics.timeline import governed
from leadpact.scoring import behaviour, moments
from leadpact.scoring.conditions import column_of, holds
from leadpact.scoring.moments import KEYS
from leadpact.tables import Table, Tables, is_blank

GREEN, AMBER, RED = LIGHTS = ("green", "amber", "red")
POINTS = "score"  # in `missing`: the points to the threshold
DIGITS = 6  # of points: what lies beyond is the engine's arithmetic, not the pact's
ALWAYS_DECIDED = ("filled", "empty")


def scores(tables: Tables, pact: Pact, as_of: datetime, at: Table | None = None) -> Table:
    """Every record that counts, with its score at `as_of`.

    Out: object, record_id, person_id, moment, score (null: no rule can be decided), light (null
    without a score or an agreed threshold), missing (null, or what is missing to green: `score`,
    `all.0` the first must-have, `any` none of the alternatives; separated by spaces). `at`
    (object, record_id, moment) asks for records at moments of their own (moments.records).
    """
    wide = measured(tables, pact, as_of, at)
    return wide.select(*KEYS, "person_id", "moment", "score", "light", "missing")


def hits(tables: Tables, pact: Pact, as_of: datetime, at: Table | None = None) -> Table:
    """A row per record and scoring rule, after half-life and cap.

    Out: object, record_id, person_id, moment, rule (its id), points (0: does not hold, or gives
    nothing any more; null: undecided).
    """
    wide = measured(tables, pact, as_of, at)
    names = points_of(pact)
    rules = ibis.memtable(
        [{"place": place, "rule": rule.id} for place, rule in enumerate(names.values())],
        schema={"place": "int64", "rule": "string"},
    )
    both = wide.select(*KEYS, "person_id", "moment", *names).cross_join(rules)
    which = [(place, both[name]) for place, name in enumerate(names)]
    found = both.place.cases(*which, else_=ibis.null("float64")) if which else ibis.null("float64")
    return both.select(*KEYS, "person_id", "moment", "rule", points=found)


def measured(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    at: Table | None = None,
    *,
    rules: Collection[str] | None = None,
    also: Sequence[str] = (),
) -> Table:
    """As `scores`, wide: with `points_<n>` of every scoring rule and `ready` (the must-haves hold).

    `rules` are the ids to count, all by default; `also` are more columns of the records, as then.
    """
    names = points_of(pact, rules)
    fields = [*fields_of(pact, names.values()), *also]
    base = moments.records(replace(tables, record=governed(tables.record, pact)), fields, as_of, at)
    judged = base.select(
        *KEYS,
        "person_id",
        "moment",
        *(name for name in moments.columns_of(tables, also) if name not in KEYS),
        **fit_points(base, names, pact),
        **{f"all_{place}": _must(base, one, pact) for place, one in enumerate(pact.sales_ready.all)},
        any_of=_any_of(base, pact),
    )
    done = with_behaviour(judged, tables, pact, names, as_of, at)
    return _lit(done.mutate(score=total(done, names, pact)), pact)


def untracked(tables: Tables, pact: Pact) -> tuple[str, ...]:
    """The fields of the score and the green light that are known as of now only (moments.untracked)."""
    return moments.untracked(tables, fields_of(pact, pact.scoring.rules))


def points_of(pact: Pact, rules: Collection[str] | None = None) -> Mapping[str, ScoringRule]:
    """The column of points of each scoring rule, in the pact's order."""
    return {
        f"points_{place}": rule for place, rule in enumerate(pact.scoring.rules) if rules is None or rule.id in rules
    }


def fields_of(pact: Pact, rules: Collection[ScoringRule]) -> list[str]:
    """The fields that must-haves and these rules ask for, each once."""
    asked = [rule.when for rule in rules if isinstance(rule.when, Condition)]
    where = [one.where for one in pact.sales_ready.all if one.where is not None]
    return list(dict.fromkeys(one.field for one in (*asked, *pact.sales_ready.all, *pact.sales_ready.any, *where)))


def fit_points(base: Table, names: Mapping[str, ScoringRule], pact: Pact) -> dict[str, Any]:
    """What the rules about fields give the records of moments.records, by column."""
    return {name: _fit(base, rule, pact) for name, rule in names.items() if isinstance(rule.when, Condition)}


def ready(base: Table, pact: Pact) -> Any:
    """Whether the must-haves hold for the records of moments.records."""
    return reduce(and_, (_must(base, one, pact) for one in pact.sales_ready.all), _any_of(base, pact))


def with_behaviour(
    judged: Table, tables: Tables, pact: Pact, names: Mapping[str, ScoringRule], as_of: datetime, at: Table | None
) -> Table:
    """Adds the points of the rules about activities; null where the source gives none."""
    every = {name: rule for name, rule in names.items() if not isinstance(rule.when, Condition)}
    rules = {name: rule for name, rule in every.items() if behaviour.known(tables, rule)}
    judged = judged.mutate(**{name: ibis.null("float64") for name in every if name not in rules})
    if not rules:
        return judged
    people = None if at is None else at.inner_join(tables.record.select(*KEYS, "person_id"), KEYS)
    done = behaviour.points(tables, pact, rules, as_of, people)
    matches = [judged.person_id == done.of_person]
    if at is not None:
        matches.append(judged.moment == done.of_moment)
    joined = judged.left_join(done, matches)
    given = {name: capped(joined[name].fill_null(0.0), rule).round(DIGITS) for name, rule in rules.items()}
    return joined.select(*judged.columns, **given)


def _fit(base: Table, rule: ScoringRule, pact: Pact) -> Any:
    """What a rule about a field gives each record, capped; null where it is undecided."""
    condition = rule.when
    name = column_of(base.columns, condition.field) if isinstance(condition, Condition) else None
    if name is None or not isinstance(condition, Condition):
        return ibis.null("float64")
    given = ibis.ifelse(holds(base, condition, pact.zone), capped_number(rule), 0.0)
    if condition.op in ALWAYS_DECIDED:
        return given
    column = base[name]
    known = ~is_blank(column) if column.type().is_string() else column.notnull()
    return ibis.ifelse(known, given, ibis.null("float64"))


def capped_number(rule: ScoringRule) -> float:
    """What a rule gives at once: its points, at most `max_points` of them."""
    most = abs(rule.points) if rule.max_points is None else min(abs(rule.points), rule.max_points)
    return round(float(most if rule.points > 0 else -most), DIGITS)


def capped(points: Any, rule: ScoringRule) -> Any:
    """At most `max_points`; points taken away, at most so many of them."""
    if rule.max_points is None:
        return points
    over = points > rule.max_points if rule.points > 0 else points < -rule.max_points
    return ibis.ifelse(over, float(rule.max_points if rule.points > 0 else -rule.max_points), points)


def _must(base: Table, condition: Condition, pact: Pact) -> Any:
    """Whether a must-have holds; one for some records only (`where`) holds for all others."""
    found = holds(base, condition, pact.zone).fill_null(False)
    where = getattr(condition, "where", None)
    return found if where is None else found | ~holds(base, where, pact.zone).fill_null(False)


def _any_of(base: Table, pact: Pact) -> Any:
    """Whether one of the alternatives holds; true where none are asked."""
    tests = [_must(base, one, pact) for one in pact.sales_ready.any]
    return reduce(or_, tests) if tests else ibis.literal(True)


def total(done: Table, names: Mapping[str, ScoringRule], pact: Pact) -> Any:
    """The points of all rules, those of a group with a cap under it; null where none is decided."""
    if not names:
        return ibis.null("float64")
    known = reduce(or_, (done[name].notnull() for name in names))
    parts = []
    caps = caps_of(pact)
    for group in dict.fromkeys(rule.group if rule.group in caps else None for rule in names.values()):
        own = [name for name, rule in names.items() if (rule.group if rule.group in caps else None) == group]
        given = reduce(lambda a, b: a + b, (done[name].fill_null(0.0) for name in own))
        parts.append(given if group is None else given.clip(lower=-caps[group], upper=caps[group]))
    return ibis.ifelse(known, reduce(lambda a, b: a + b, parts).round(DIGITS), ibis.null("float64"))


def caps_of(pact: Pact) -> Mapping[str, float]:
    """The groups of rules that have a cap together, with it."""
    return {group.name: group.max_points for group in pact.scoring.groups}


@dataclass(frozen=True)
class Cut:
    """A group of rules whose points together were more than its cap: what they gave, and what counts of it."""

    group: str
    given: float
    counted: float


def cuts(pact: Pact, points: Mapping[str, float | None]) -> tuple[Cut, ...]:
    """The groups whose cap takes something of these points (by rule id; null: undecided)."""
    found = []
    for name, most in caps_of(pact).items():
        own = [points.get(rule.id) or 0.0 for rule in pact.scoring.rules if rule.group == name]
        given = round(sum(own), DIGITS)
        counted = max(-most, min(most, given))
        if counted != given:
            found.append(Cut(name, given, counted))
    return tuple(found)


def _lit(base: Table, pact: Pact) -> Table:
    """Adds `ready`, `light` and `missing`."""
    places = [f"all.{place}" for place in range(len(pact.sales_ready.all))]
    ready = reduce(and_, (base[place.replace(".", "_")] for place in places), base.any_of)
    threshold = pact.sales_ready.threshold
    if threshold is None:
        nothing = {"light": ibis.null("string"), "missing": ibis.null("string")}
        return base.mutate(ready=ready, **nothing)
    base = base.mutate(ready=ready, reached=base.score >= threshold)
    # one look at each: engines evaluate a CASE's operand anew for every branch
    level = (base.reached.cast("int8") + base.ready.cast("int8")).cast("int32")
    light = ibis.array([RED, AMBER, GREEN])[level]
    lacks = [
        (POINTS, ~base.reached),
        *((place, ~base[place.replace(".", "_")]) for place in places),
        ("any", ~base.any_of),
    ]
    said = reduce(lambda a, b: a + b, (ibis.ifelse(lack.fill_null(False), f" {name}", "") for name, lack in lacks))
    return base.mutate(light=light, missing=said.strip().nullif("")).drop("reached")
