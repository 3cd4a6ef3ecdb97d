"""The score of every record at a moment, its light, and what is missing to green.

The score is the sum of the rules' capped points. A rule is *undecided* for a record where the
field is not there or not known, or the source gives no activities: its points are null, and a
score none of whose rules is decided is null, not 0. Two must be there for green: the threshold,
and the must-haves.

Not here: single conditions (conditions.py), one record in words (explain.py), the meaning of the
pact's parts (config/parts.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
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
    base = _with_behaviour(base, tables, pact, names, as_of, at)
    kept = moments.columns_of(tables, also)
    base = base.select(
        *KEYS,
        "person_id",
        "moment",
        *(name for name in kept if name not in KEYS),
        **{name: _points(base, pact, rule, name) for name, rule in names.items()},
        **{f"all_{place}": _must(base, one, pact) for place, one in enumerate(pact.sales_ready.all)},
        any_of=reduce(
            or_, (_must(base, one, pact) for one in pact.sales_ready.any), ibis.literal(not pact.sales_ready.any)
        ),
    )
    return _lit(base.mutate(score=_sum([base[name] for name in names])), pact)


def points_of(pact: Pact, rules: Collection[str] | None = None) -> Mapping[str, ScoringRule]:
    """The column of points of each scoring rule, in the pact's order."""
    return {
        f"points_{place}": rule for place, rule in enumerate(pact.scoring.rules) if rules is None or rule.id in rules
    }


def fields_of(pact: Pact, rules: Collection[ScoringRule]) -> list[str]:
    """The fields that must-haves and these rules ask for, each once."""
    asked = [rule.when for rule in rules if isinstance(rule.when, Condition)]
    return list(dict.fromkeys(one.field for one in (*asked, *pact.sales_ready.all, *pact.sales_ready.any)))


def _with_behaviour(
    base: Table, tables: Tables, pact: Pact, names: Mapping[str, ScoringRule], as_of: datetime, at: Table | None
) -> Table:
    rules = {name: rule for name, rule in names.items() if not isinstance(rule.when, Condition)}
    if not rules or "activity" not in tables.provided:
        return base
    done = behaviour.points(tables, pact, rules, as_of, None if at is None else base)
    matches = [base.person_id == done.of_person]
    if at is not None:
        matches.append(base.moment == done.of_moment)
    return base.left_join(done, matches)


def _points(base: Table, pact: Pact, rule: ScoringRule, name: str) -> Any:
    """What a rule gives a record, capped and rounded; null where it is undecided."""
    if isinstance(rule.when, Condition):
        decided = _decided(base, rule.when)
        given = ibis.ifelse(holds(base, rule.when, pact.zone), float(rule.points), 0.0)
        found = given if decided is True else ibis.ifelse(decided, given, ibis.null("float64"))
    elif name in base.columns:
        found = base[name].fill_null(0.0)
    else:
        return ibis.null("float64")
    return capped(found, rule).round(DIGITS)


def capped(points: Any, rule: ScoringRule) -> Any:
    """At most `max_points`; points taken away, at most so many of them."""
    if rule.max_points is None:
        return points
    over = points > rule.max_points if rule.points > 0 else points < -rule.max_points
    return ibis.ifelse(over, float(rule.max_points if rule.points > 0 else -rule.max_points), points)


def _decided(base: Table, condition: Condition) -> Any:
    """Whether the condition can be judged: the field is there, and known where its value matters."""
    name = column_of(base.columns, condition.field)
    if name is None:
        return ibis.literal(False)
    if condition.op in ALWAYS_DECIDED:
        return True
    column = base[name]
    return ~is_blank(column) if column.type().is_string() else column.notnull()


def _must(base: Table, condition: Condition, pact: Pact) -> Any:
    return holds(base, condition, pact.zone).fill_null(False)


def _sum(points: Sequence[Any]) -> Any:
    if not points:
        return ibis.null("float64")
    known = reduce(or_, (one.notnull() for one in points))
    total = reduce(lambda a, b: a + b, (one.fill_null(0.0) for one in points))
    return ibis.ifelse(known, total.round(DIGITS), ibis.null("float64"))


def _lit(base: Table, pact: Pact) -> Table:
    """Adds `ready`, `light` and `missing`."""
    places = [f"all.{place}" for place in range(len(pact.sales_ready.all))]
    ready = reduce(and_, (base[place.replace(".", "_")] for place in places), base.any_of)
    threshold = pact.sales_ready.threshold
    if threshold is None:
        nothing = {"light": ibis.null("string"), "missing": ibis.null("string")}
        return base.mutate(ready=ready, **nothing)
    base = base.mutate(ready=ready, reached=base.score >= threshold)
    light = ibis.cases(
        (base.score.isnull(), ibis.null("string")),
        (base.reached & base.ready, GREEN),
        (base.reached | base.ready, AMBER),
        else_=RED,
    )
    lacks = [
        (POINTS, ~base.reached),
        *((place, ~base[place.replace(".", "_")]) for place in places),
        ("any", ~base.any_of),
    ]
    said = reduce(lambda a, b: a + b, (ibis.ifelse(lack.fill_null(False), f" {name}", "") for name, lack in lacks))
    return base.mutate(light=light, missing=said.strip().nullif("")).drop("reached")
