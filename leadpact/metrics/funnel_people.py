"""The people behind a funnel: what became of every journey at every step.

Numerator and denominator of every rate can be counted again from these rows.

Not here: who is in the cohort (funnel_cohort.py), the counts (funnel.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis

from config.schema import Pact
from leadpact.metrics.funnel_cohort import cohort, untouched_people
from leadpact.metrics.funnel_scope import Scope, step_keys
from leadpact.people import KEYS, SHOWN
from leadpact.tables import Table, Tables

OUTCOMES = ("converted", "lost", "pending")
OF_STEP = (*OUTCOMES, "entered", "mature")
OF_COHORT = ("counted", "unknown", "invalid", "untouched")
OF_ALL = ("all", "known")  # of every journey in scope: those without imputed changes are known
OWN = ("person_id", "journey", "entry", "group", "part", "imputed", "mature")


def outcomes(tables: Tables, pact: Pact, as_of: datetime, scope: Scope) -> Table:
    """What became of every journey of the cohort at every step, and who never was past an untouched stage.

    Out: object, record_id, person_id, journey, entry, group, part (`counted`, `unknown`,
    `invalid`, `untouched`), imputed, mature, and a column per stage (`columns` names them):
    `converted`, `lost`, `pending`, or null where the journey never came to that step. A journey
    entered a step where the column says anything; mature rates count the rows with `mature`.
    """
    people = cohort(tables, pact, as_of, scope)
    named = columns(pact, scope)
    told = people.mutate(**{name: outcome(people, scope, k) for k, name in enumerate(named)})
    told = told.mutate(journey=told.journey.cast("string")).select(*KEYS, *OWN, *named)
    waiting = _untouched(tables, pact, scope)
    types = told.schema()
    absent = {name: ibis.null(types[name]) for name in told.columns if name not in (*waiting.columns, "part")}
    rest = waiting.mutate(part=ibis.literal("untouched"), **absent)
    return ibis.union(told, rest.select(told.columns))


def columns(pact: Pact, scope: Scope) -> list[str]:
    """The column of every step: the stage's key, led by `stage_` where another column has that name."""
    taken = {*KEYS, *SHOWN, *OWN, "owner"}
    return [f"stage_{key}" if key in taken else key for key in step_keys(pact, scope)]


def outcome(people: Table, scope: Scope, k: int) -> Any:
    """`converted`, `lost` or `pending` at step k of a cohort; null where it never came to it."""
    reached = people[f"reached_{k}"]
    return ibis.cases(
        (~came(people, scope, k), ibis.null("string")),
        (reached, "converted"),
        (people.decided, "lost"),
        else_="pending",
    )


def final(people: Table, last: int) -> Any:
    """`converted`, `lost` or `pending` on the way to the last step, of every counted journey."""
    reached, counted = people[f"reached_{last}"], people.part == "counted"
    return ibis.cases(
        (~counted, ibis.null("string")), (reached, "converted"), (people.decided, "lost"), else_="pending"
    )


def came(people: Table, scope: Scope, k: int) -> Any:
    """Whether a journey of the cohort is in the denominator of step k."""
    counted = people.part == "counted"
    return counted if k == 0 or scope.mode == "visited" else counted & people[f"reached_{k - 1}"]


def behind(
    tables: Tables, pact: Pact, as_of: datetime, scope: Scope, stage: str, part: str, group: str | None = None
) -> Table:
    """The journeys one figure counts; none for a figure that cannot be.

    `stage` with one of OF_STEP; or no stage ("") with one of OF_COHORT, of OF_ALL, or of OUTCOMES:
    what became of the journey on its way to the last stage. `group` narrows to one, and "" to
    the unknown one. Out: object, record_id, person_id, entry, imputed.
    """
    names = (*KEYS, "person_id", "entry", "imputed")
    if part == "untouched":
        return _untouched(tables, pact, scope).mutate(imputed=ibis.null("boolean")).select(*names)
    people = cohort(tables, pact, as_of, scope)
    if group is not None:
        people = people.filter(people.group.isnull() if group == "" else people.group == group)
    keys = step_keys(pact, scope)
    if not stage and part in OF_COHORT:
        people = people.filter(people.part == part)
    elif not stage and part in OF_ALL:
        people = people.filter(~people.imputed) if part == "known" else people
    elif not stage and part in OUTCOMES:
        people = people.filter(final(people, len(keys) - 1) == part)
    elif stage in keys and part in OF_STEP:
        k = keys.index(stage)
        wanted = {"entered": came(people, scope, k), "mature": came(people, scope, k) & people.mature.fill_null(False)}
        people = people.filter(wanted[part] if part in wanted else outcome(people, scope, k) == part)
    else:
        people = people.filter(ibis.literal(False))
    return people.select(*names)


def _untouched(tables: Tables, pact: Pact, scope: Scope) -> Table:
    """Out: object, record_id (the first seen), person_id, entry."""
    people = untouched_people(tables, pact, scope)
    spell = tables.spell
    first = spell.group_by(of="person_id").aggregate(
        object=spell.object.argmin(spell.n), record_id=spell.record_id.argmin(spell.n)
    )
    return people.inner_join(first, people.person_id == first.of).select(*KEYS, "person_id", "entry")
