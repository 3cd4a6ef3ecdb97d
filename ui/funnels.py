"""The funnel as the page asks for it: stages nobody can enter left out, and the people behind.

Not here: cohorts and rates (leadpact/metrics/funnel.py), how it is drawn (funnel_view.py).
"""

from __future__ import annotations

import ibis

from config.schema import Pact
from leadpact.metrics.funnel import Funnel, Scope, cohort, conversion, reachable
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui.choice import Choice

PARTS = ("converted", "pending", "lost", "mature")
LEFT_OUT = ("unknown", "invalid")  # chosen with an empty stage


def compute(analysis: Analysis, scope: Scope, whole: bool) -> Funnel:
    """The funnel of a scope; with `whole`, of every stage of the pact."""
    return conversion(analysis.tables, _pact(analysis, scope, whole), analysis.as_of, scope)


def behind(analysis: Analysis, scope: Scope, whole: bool, choice: Choice) -> Table:
    """The journeys a bar counts; none for a bar that cannot be. Out: object, record_id, person_id, entry, imputed."""
    pact = _pact(analysis, scope, whole)
    people = cohort(analysis.tables, pact, analysis.as_of, scope)
    if choice.group is not None:
        people = people.filter(people.group.isnull() if choice.group == "" else people.group == choice.group)
    if choice.part in LEFT_OUT:
        people = people.filter(people.part == choice.part)
    else:
        people = _of_step(people.filter(people.part == "counted"), pact, scope, choice)
    return people.select("object", "record_id", "person_id", "entry", "imputed")


def _of_step(people: Table, pact: Pact, scope: Scope, choice: Choice) -> Table:
    keys = [stage.key for stage in pact.funnel]
    keys = keys[keys.index(scope.anchor) :] if scope.anchor else keys
    if choice.of not in keys or choice.part not in PARTS:
        return people.filter(ibis.literal(False))
    k = keys.index(choice.of)
    if k > 0 and scope.mode != "visited":
        people = people.filter(people[f"reached_{k - 1}"])
    reached = people[f"reached_{k}"]
    wanted = {
        "converted": reached,
        "lost": ~reached & people.decided,
        "pending": ~reached & ~people.decided,
        "mature": people.mature.fill_null(False),
    }
    return people.filter(wanted[choice.part])


def _pact(analysis: Analysis, scope: Scope, whole: bool) -> Pact:
    return analysis.pact if whole else reachable(analysis.pact, scope)
