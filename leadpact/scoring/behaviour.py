"""What people did, as points: the activities of a person up to a moment, read once for all rules.

The activities of all records of a person count for each of them: a visit logged on the lead is
the contact's too. Only dated ones count, and not what was planned and never done (`completed`
is false). Age is exact, in parts of a day.

Not here: what a rule asks of fields (conditions.py), the sum of a record (score.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import reduce
from math import log
from operator import or_
from typing import Any

import ibis

from config.parts import ActivityCondition, ScoringRule
from config.schema import Pact
from leadpact.scoring.conditions import satisfies
from leadpact.scoring.moments import KEYS
from leadpact.tables import Table, Tables

DAY = 86_400_000_000  # microseconds
Rules = Mapping[str, ScoringRule]  # column of points -> rule, all of them about activities


def known(tables: Tables, rule: ScoringRule) -> bool:
    """Whether the source tells what a rule asks for: activities at all, and their subjects where it looks at them."""
    when = rule.when
    asks = isinstance(when, ActivityCondition) and when.subject is not None
    return "activity" in tables.provided and (tables.subjects or not asks)


def points(tables: Tables, pact: Pact, rules: Rules, as_of: datetime, moments: Table | None = None) -> Table:
    """The points of every person with a matching activity, before the cap.

    `moments` (person_id, moment) asks for moments of their own; without it everybody is judged
    at `as_of`. Out: of_person, [of_moment,] and a column of points per rule: `points` for `once`
    (of the latest activity, where points fade), the sum of all for `occurrence`.
    """
    moment = None if moments is not None else as_of
    activity = _activities(tables, rules, moment)
    if moments is None:
        own = activity.mutate(moment=ibis.timestamp(as_of.isoformat(" ")))
        keys = {"of_person": "person_id"}
    else:
        asked = moments.select(of="person_id", moment="moment").distinct()
        own = activity.inner_join(asked, (activity.person_id == asked.of) & (activity["at"] <= asked.moment))
        keys = {"of_person": "person_id", "of_moment": "moment"}
    own = own.mutate(age=own.moment.delta(own["at"], unit="microsecond"))
    weighed = own.select("person_id", "moment", **{name: _weight(own, rule, pact) for name, rule in rules.items()})
    return weighed.group_by(**keys).aggregate(
        **{
            name: rule.points * (weighed[name].sum() if rule.per == "occurrence" else weighed[name].max())
            for name, rule in rules.items()
        }
    )


def _activities(tables: Tables, rules: Rules, moment: datetime | None) -> Table:
    """The activities that some rule looks at: person_id, kind (lower case), subject, at."""
    activity = tables.activity
    activity = activity.filter(activity["at"].notnull(), activity.completed.fill_null(True))
    activity = activity.mutate(kind=activity.kind.lower())
    looked = []
    for kind, days in _reach(rules).items():
        test = activity.kind == kind
        if moment is not None and days is not None:
            since = moment - timedelta(microseconds=round(days * DAY))
            test = test & (activity["at"] >= ibis.timestamp(since.isoformat(" ")))
        looked.append(test)
    activity = activity.filter(reduce(or_, looked))
    if moment is not None:
        activity = activity.filter(activity["at"] <= ibis.timestamp(moment.isoformat(" ")))
    people = tables.record.select(*KEYS, "person_id")
    return activity.inner_join(people, KEYS).select("person_id", "kind", "subject", "at")


def _weight(own: Table, rule: ScoringRule, pact: Pact) -> Any:
    """What one activity counts for a rule: 0 where it does not match, 1, or less by its age."""
    when = _when(rule)
    weight: Any = ibis.literal(1.0)
    if rule.half_life_days is not None:
        weight = (own.age * (-log(2) / (rule.half_life_days * DAY))).exp()
    # from the inside out: an engine then looks at the subject of the right kind only
    if when.subject is not None:
        weight = ibis.ifelse(satisfies(own.subject, when.subject.op, when.subject.value, pact.zone), weight, 0.0)
    if when.within_days is not None:
        weight = ibis.ifelse(own.age <= round(when.within_days * DAY), weight, 0.0)
    return ibis.ifelse(own.kind == _kind(rule), weight, 0.0)


def _reach(rules: Rules) -> dict[str, float | None]:
    """How many days back each kind is looked at; null where some rule looks at any age."""
    found: dict[str, float | None] = {}
    for rule in rules.values():
        kind, days = _kind(rule), _when(rule).within_days
        known = found.get(kind, 0.0)
        found[kind] = None if days is None or known is None else max(days, known)
    return found


def _kind(rule: ScoringRule) -> str:
    return _when(rule).activity.strip().lower()


def _when(rule: ScoringRule) -> ActivityCondition:
    if not isinstance(rule.when, ActivityCondition):
        raise TypeError(rule.id)
    return rule.when
