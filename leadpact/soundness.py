"""What in a pact is valid as a document and cannot be meant: said while it is written.

Conditions that contradict each other, a status mapped twice, a field nobody knows, a calendar
without hours, a threshold no lead can reach, moves that lead nowhere. Works on the plain document,
valid or not: parts that are no parts of a pact are skipped here and named by its validation.

Not here: conditions against each other (soundness_conditions.py), what is valid (config/schema.py),
what the data say of the pact (audit rules).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from config.faults import near
from config.parts import END_KINDS, CalendarEntry, Condition, ScoringRule
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.metrics.calendar_hours import WorkCalendar
from leadpact.soundness_conditions import contradictory, field_key, repeated
from leadpact.soundness_points import most_points

OBJECTS = ("lead", "contact")


@dataclass(frozen=True)
class Group:
    """Conditions that are asked together, and where they stand. `all`: every one has to hold."""

    path: str
    conditions: Sequence[Condition]
    all: bool = True


def doubts(document: Mapping[str, Any], fields: Collection[str] | None = None) -> list[LeadPactError]:
    """Every doubt, each naming its `path`, in the order of the document. Empty where nothing is odd.

    `fields` are the columns records have; without them no field is called unknown.
    """
    return [
        *_statuses(document),
        *_moves(document),
        *_conditions(document, fields),
        *_threshold(document),
        *_calendars(document),
        *_routes(document),
        *_promises(document),
    ]


def groups(document: Mapping[str, Any]) -> Iterator[Group]:
    """Every group of conditions of the document but the scoring's."""
    for at, stage in enumerate(_items(document, "stages")):
        yield Group(f"stages[{at}].requires", _read(stage.get("requires")))
    ready = _part(document, "sales_ready")
    yield Group("sales_ready.all", _read(ready.get("all")))
    for at, one in enumerate(_items(ready, "all")):
        if isinstance(one.get("where"), Mapping):  # binds some records only: against nothing but whom it binds
            plain = {name: value for name, value in one.items() if name != "where"}
            yield Group(f"sales_ready.all[{at}]", _read([plain, one["where"]]))
    yield Group("sales_ready.any", _read(ready.get("any")), all=False)
    for name in ("routing", "lists"):
        for at, one in enumerate(_items(document, name)):
            yield Group(f"{name}[{at}].when", _read(one.get("when")))


def _statuses(document: Mapping[str, Any]) -> Iterator[LeadPactError]:
    """A value that stands twice, written differently, and leads to different stages."""
    for object in OBJECTS:
        seen: dict[str, tuple[str, Any]] = {}
        for value, stage in _part(_part(document, "status_map"), object).items():
            key = " ".join(unicodedata.normalize("NFKC", str(value)).casefold().split())
            first, led = seen.setdefault(key, (value, stage))
            if led != stage:
                yield LeadPactError("doubt.status_twice", path=f"status_map.{object}", value=value, first=first,
                                    stage=str(stage), led=str(led))  # fmt: skip


def _moves(document: Mapping[str, Any]) -> Iterator[LeadPactError]:
    """Moves to oneself, moves that stand twice, and stages from which no agreed move leads to an end."""
    moves = [tuple(one) for one in document.get("flow") or () if isinstance(one, list) and len(one) == 2]
    for at, move in enumerate(moves):
        if move[0] == move[1]:
            yield LeadPactError("doubt.move_to_itself", path=f"flow[{at}]", stage=move[0])
        elif move in moves[:at]:
            yield LeadPactError("doubt.move_twice", path=f"flow[{at}]", first=move[0], last=move[1])
    kinds = {str(one.get("key")): one.get("kind") for one in _items(document, "stages")}
    names = {str(one.get("key")): str(one.get("label") or one.get("key")) for one in _items(document, "stages")}
    ends = {key for key, kind in kinds.items() if kind in (*END_KINDS, "retained")}  # customers may stay customers
    while grown := {start for start, end in moves if end in ends and start not in ends}:
        ends |= grown
    stuck = [key for key in kinds if key not in ends and any(key in move for move in moves)]
    if stuck:
        yield LeadPactError("doubt.no_way_out", path="flow", stages=", ".join(names[key] for key in stuck))


def _conditions(document: Mapping[str, Any], fields: Collection[str] | None) -> Iterator[LeadPactError]:
    known = None if fields is None else {field_key(name): name for name in fields}
    for group in groups(document):
        clash = contradictory(group.conditions) if group.all else []
        if clash:
            yield LeadPactError("doubt.contradiction", path=group.path, field=clash[0].field)
        twice = repeated(group.conditions)
        if twice is not None:
            yield LeadPactError("doubt.repeated", path=group.path, field=twice.field)
        ops = {(field_key(one.field), one.op) for one in group.conditions}
        always = next((name for name, op in ops if op == "filled" and (name, "empty") in ops and not group.all), None)
        if always is not None:
            yield LeadPactError("doubt.always", path=group.path, field=always)
        if known is not None:
            for name in dict.fromkeys(one.field for one in group.conditions if field_key(one.field) not in known):
                yield LeadPactError("doubt.unknown_field", path=group.path, field=name, near=_near(name, known))
    if known is not None:
        for at, one in enumerate(_items(_part(document, "sales_ready"), "opportunity")):
            asked = one.get("field")
            if isinstance(asked, str) and asked.strip() and field_key(asked) not in known:
                yield LeadPactError("doubt.unknown_field", path=f"sales_ready.opportunity[{at}]", field=asked,
                                    near=_near(asked, known))  # fmt: skip


def _threshold(document: Mapping[str, Any]) -> Iterator[LeadPactError]:
    threshold = _part(document, "sales_ready").get("threshold")
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)):
        return
    rules = []
    for one in _items(_part(document, "scoring"), "rules"):
        try:
            rules.append(ScoringRule.model_validate(one))
        except ValidationError:
            return  # its fault is named; what it would give is not known
    most = most_points(rules)
    if most is not None and threshold > most:
        key = "doubt.unreachable" if rules else "doubt.no_rules"
        yield LeadPactError(key, path="sales_ready.threshold", threshold=threshold, most=most)


def _calendars(document: Mapping[str, Any]) -> Iterator[LeadPactError]:
    for name, one in _part(document, "calendars").items():
        try:
            entry = CalendarEntry.model_validate(one)
            hours = {str(day): blocks for day, blocks in entry.hours.items()}
            WorkCalendar.parse(name, timezone=entry.timezone, hours=hours, holidays=entry.holidays,
                               region=entry.region, days_off=entry.days_off)  # fmt: skip
        except ValidationError:
            continue  # named by the document's validation
        except Misconfigured as error:
            yield LeadPactError(error.key, **{**error.params, "path": f"calendars.{name}"})


def _routes(document: Mapping[str, Any]) -> Iterator[LeadPactError]:
    """A route that an earlier one always takes the leads of."""
    routes = [{_same(one) for one in _read(route.get("when"))} for route in _items(document, "routing")]
    for at, own in enumerate(routes):
        first = next((place for place, other in enumerate(routes[:at]) if other <= own), None)
        if first is not None:
            yield LeadPactError("doubt.shadowed", path=f"routing[{at}]", number=at + 1, first=first + 1)


def _promises(document: Mapping[str, Any]) -> Iterator[LeadPactError]:
    """Somebody to be told of a promise nobody made."""
    given = _part(document, "commitments")
    marketing, sales = _part(given, "marketing"), _part(given, "sales")
    if sales.get("escalation") and not sales.get("follow_up"):
        yield LeadPactError("doubt.escalation", path="commitments.sales")
    if marketing.get("escalation") and marketing.get("mql_per_month") is None and not marketing.get("accepted_rate"):
        yield LeadPactError("doubt.escalation", path="commitments.marketing")


def _same(one: Condition) -> tuple[Any, ...]:
    values = one.value if isinstance(one.value, list) else [one.value]
    return field_key(one.field), one.op, tuple(sorted(str(value).strip().casefold() for value in values))


def _read(given: Any) -> list[Condition]:
    found = []
    for one in given if isinstance(given, list) else ():
        try:
            found.append(Condition.model_validate(one))
        except ValidationError:
            continue  # named by the document's validation
    return found


def _near(name: str, known: Mapping[str, str]) -> str:
    close = near(field_key(name), known)
    return known.get(close, "–")


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def _items(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = document.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
