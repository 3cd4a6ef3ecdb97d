"""ROU03: a record handed over to Sales is owned by somebody other than routing names.

Not here: nobody can act on it (ROU01), what a condition means (scoring/conditions.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import ibis

from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, folded, rows_of, status_in
from leadpact.audit.rule import Finding, Found, Rule
from leadpact.audit.sentences import counted_values
from leadpact.audit.shown import shown
from leadpact.audit.target import values_of_kind
from leadpact.model import OBJECTS
from leadpact.scoring.conditions import holds
from leadpact.tables import Table

OPEN = ("qualified", "sales")
NAMED = 3


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """One finding an object: active records in a qualified or sales stage, with a known owner.

    The first route whose conditions all hold decides; where a field a route asks for is not
    mapped nobody can say, and the record is left out. `to` is an owner, queue or team, by id or
    name. Right is that owner, or anybody of that team. An owner whose team is not known, a
    person where routing names a queue (who took it from there), and a queue where it names a
    person or team (ROU01) are left out. Evidence `routes`: records by `to`; `of`: all judged.
    A note (no object) names the routes whose `to` the CRM does not know.
    """
    if not pact.routing:
        return []
    aims = _aims(tables, pact)
    lost = sorted({route.to for route, aim in zip(pact.routing, aims, strict=True) if not aim})
    found = [_unknown(lost)] if lost else []
    judged = _judged(tables, pact, aims)
    by = judged.group_by("object", "route").aggregate(of=judged.count(), records=(~judged.right).cast("int64").sum())
    rows = rows_of(by)
    for object in OBJECTS:
        own = sorted((row for row in rows if row["object"] == object), key=lambda row: row["route"])
        wrong: dict[str, int] = {}
        for row in own:
            if row["records"]:
                name = pact.routing[row["route"]].to
                wrong[name] = wrong.get(name, 0) + row["records"]
        if wrong:
            total = sum(row["of"] for row in own)
            ordered = dict(sorted(wrong.items(), key=lambda item: (-item[1], item[0])))
            found.append(
                Found(
                    object=object,
                    records=sum(wrong.values()),
                    params={"routes": counted_values(list(ordered.items()), most=NAMED), "of": total},
                    evidence={"routes": ordered, "of": total, "share": sum(wrong.values()) / total},
                )
            )
    return found


def _unknown(names: Sequence[str]) -> Found:
    said = ", ".join(shown(name) for name in names[:NAMED]) + (" …" if len(names) > NAMED else "")
    return Found(
        severity="info",
        message="unknown",
        suggestion="unknown",
        params={"names": said, "count": len(names)},
        evidence={"names": list(names)},
    )


def _aims(tables: Facts, pact: Pact) -> list[Mapping[str, set[str]]]:
    """For each route whom it names: `owners` and `queues` by id, `teams`; empty where the CRM knows none."""
    owner = rows_of(tables.owner.select("owner_id", "name", "team", "is_queue"))
    found: list[Mapping[str, set[str]]] = []
    for route in pact.routing:
        wanted = folded(route.to)
        named = [one for one in owner if wanted in (folded(one["owner_id"]), folded(one["name"] or ""))]
        aim = {
            "owners": {one["owner_id"] for one in named if not one["is_queue"]},
            "queues": {one["owner_id"] for one in named if one["is_queue"]},
            "teams": {one["team"] for one in owner if one["team"] and folded(one["team"]) == wanted},
        }
        found.append({name: own for name, own in aim.items() if own})
    return found


def _judged(tables: Facts, pact: Pact, aims: Sequence[Mapping[str, set[str]]]) -> Table:
    """The records whose owner can be told right or wrong: object, record_id, route (its place), right."""
    values = {object: values_of_kind(pact, object, OPEN) for object in OBJECTS}
    record = tables.standing
    record = record.filter(record.condition == "active", status_in(record, values), record.owner_id.notnull())
    branches: list[tuple[Any, Any]] = []
    for place, route in enumerate(pact.routing):
        match = ibis.literal(True)
        for condition in route.when:
            match = match & holds(record, condition, pact.zone)
        branches += [(match.isnull(), -1), (match, place)]
    record = record.select(*KEYS, "owner_id", route=ibis.cases(*branches, else_=-1).cast("int64"))
    owner = tables.owner.select(known_id="owner_id", team="team", queue=tables.owner.is_queue.fill_null(False))
    held = record.inner_join(owner, record.owner_id == owner.known_id)
    right = [(held.route == place, _right(held, aim)) for place, aim in enumerate(aims)]
    named = held.mutate(right=ibis.cases(*right, else_=ibis.null("boolean")))
    return named.filter(named.right.notnull()).select(*KEYS, "route", "right")


def _right(held: Table, aim: Mapping[str, set[str]]) -> Any:
    """Whether the owner is whom the route names; null where nobody can say."""
    if not aim:
        return ibis.null("boolean")
    known = held.owner_id.isin(sorted(aim.get("owners", set()) | aim.get("queues", set())))
    team = held.team.isin(sorted(aim["teams"])) if "teams" in aim else ibis.literal(False)
    if "queues" in aim:
        other = ibis.ifelse(held.queue, ibis.literal(False), ibis.null("boolean"))
    else:
        other = ibis.ifelse(held.queue, ibis.null("boolean"), ibis.literal(False))
    if "teams" in aim:
        other = ibis.ifelse(held.team.isnull(), ibis.null("boolean"), other)
    return ibis.ifelse(known | team.fill_null(False), ibis.literal(True), other)


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding) -> Table:
    """The records of one object owned by somebody else."""
    judged = _judged(tables, pact, _aims(tables, pact))
    return judged.filter(judged.object == finding.object, ~judged.right)


RULE = Rule(
    code="ROU03",
    name="routing.other_owner",
    severity="warning",
    groups=("core", "routing"),
    needs=("owner",),
    fix="none",  # LeadPact never changes an owner
    check=check,
    people=people,
)
