"""What people did, as points: the activities of a person up to a moment, read once for all rules.

The activities of all records of a person count for each of them: a visit logged on the lead is
the contact's too. Only dated ones count, and not what was planned and never done (`completed`
is false). Age is exact, in parts of a day.

Not here: what a rule asks of fields (conditions.py), the sum of a record (score.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import log
from typing import Any

import ibis

from config.parts import ActivityCondition, ScoringRule
from config.schema import Pact
from leadpact.scoring.conditions import satisfies
from leadpact.scoring.moments import KEYS
from leadpact.tables import Table, Tables

DAY = 86_400_000_000  # microseconds
Rules = Mapping[str, ScoringRule]  # column of points -> rule, all of them about activities


def points(tables: Tables, pact: Pact, rules: Rules, as_of: datetime, moments: Table | None = None) -> Table:
    """The points of every person with a matching activity, before the cap.

    `moments` (person_id, moment) asks for moments of their own; without it everybody is judged
    at `as_of`. Out: of_person, [of_moment,] and a column of points per rule: `points` for `once`
    (of the latest activity, where points fade), the sum of all for `occurrence`.
    """
    activity = _activities(tables, rules)
    if moments is None:
        own = activity.mutate(moment=ibis.timestamp(as_of.isoformat(" ")))
        keys = {"of_person": "person_id"}
    else:
        asked = moments.select(of="person_id", moment="moment").distinct()
        own = activity.inner_join(asked, activity.person_id == asked.of)
        keys = {"of_person": "person_id", "of_moment": "moment"}
    own = own.filter(own["at"] <= own.moment)
    own = own.mutate(age=own.moment.delta(own["at"], unit="microsecond"))
    reach = _longest(rules)
    if reach is not None:
        own = own.filter(own.age <= reach)
    weighed = own.select("person_id", "moment", **{name: _weight(own, rule, pact) for name, rule in rules.items()})
    return weighed.group_by(**keys).aggregate(
        **{
            name: rule.points * (weighed[name].sum() if rule.per == "occurrence" else weighed[name].max())
            for name, rule in rules.items()
        }
    )


def _activities(tables: Tables, rules: Rules) -> Table:
    """The activities of the kinds asked for: person_id, kind (lower case), subject, at."""
    kinds = sorted({_when(rule).activity.strip().lower() for rule in rules.values()})
    activity = tables.activity
    activity = activity.filter(
        activity.kind.lower().isin(kinds), activity["at"].notnull(), activity.completed.fill_null(True)
    )
    people = tables.record.select(*KEYS, "person_id")
    joined = activity.inner_join(people, KEYS)
    return joined.select("person_id", "subject", kind=joined.kind.lower(), at=joined["at"])


def _weight(own: Table, rule: ScoringRule, pact: Pact) -> Any:
    """What one activity counts for a rule: 0 where it does not match, 1, or less by its age."""
    when = _when(rule)
    matches = own.kind == when.activity.strip().lower()
    if when.subject is not None:
        matches = matches & satisfies(own.subject, when.subject.op, when.subject.value, pact.zone)
    if when.within_days is not None:
        matches = matches & (own.age <= round(when.within_days * DAY))
    weight: Any = ibis.literal(1.0)
    if rule.half_life_days is not None:
        weight = (own.age * (-log(2) / (rule.half_life_days * DAY))).exp()
    return ibis.ifelse(matches, weight, 0.0)


def _longest(rules: Rules) -> int | None:
    """The age in microseconds above which no rule looks; null where some rule looks at any."""
    limits = [_when(rule).within_days for rule in rules.values()]
    known = [round(days * DAY) for days in limits if days is not None]
    return max(known) if len(known) == len(limits) else None


def _when(rule: ScoringRule) -> ActivityCondition:
    if not isinstance(rule.when, ActivityCondition):
        raise TypeError(rule.id)
    return rule.when
