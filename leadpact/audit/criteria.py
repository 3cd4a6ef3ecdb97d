"""The criteria a pact names, where it names them, and what the records of a person say of them.

A criterion is a field (or a kind of activity) that a stage, the green light, the score, the
routing or a list asks for. What a person's lead says counts for the contact it became.

Not here: what a condition means (scoring/conditions.py), what is wrong with one (rules).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Literal

import ibis

from config.parts import ActivityCondition, Condition, Stage
from config.schema import Pact
from leadpact.audit.facts import Facts, rows_of
from leadpact.audit.sentences import listed
from leadpact.audit.shown import shown
from leadpact.language import Text
from leadpact.model import CONTACT, OBJECTS
from leadpact.scoring.conditions import column_of
from leadpact.tables import Table, is_blank

Place = Literal["stage", "ready", "where", "any", "question", "score", "routing", "list"]
MUST: tuple[Place, ...] = ("stage", "ready", "where", "question")
WORKED = ("qualified", "sales")
NAMED = 3  # places a sentence names


@dataclass(frozen=True)
class Use:
    """One place of the pact that asks for a criterion.

    `condition` is null for a question and an activity. `stages` are those in which records have
    to have it; null: every record. `where`: only records of which that holds have to. The place
    `where` is such a condition itself. An opportunity's question may name no field. `subject`: an
    activity is asked for by what its subject says.
    """

    place: Place
    name: str
    field: str | None = None
    activity: str | None = None
    subject: bool = False
    condition: Condition | None = None
    stages: tuple[str, ...] | None = None
    where: Condition | None = None

    @property
    def said(self) -> Text:
        """Where it is asked for, in words."""
        place = "ready" if self.place in ("any", "where") else self.place
        return Text.of(f"audit.use.{place}", name=shown(self.name))

    @property
    def judges_emptiness(self) -> bool:
        """An empty field leaves it undecided. A score's `filled` is decided by it; alternatives stand in for one.

        Whom a must-have binds is decided by an empty field too: nobody it does not name.
        """
        op = self.condition.op if self.condition else None
        return (
            op != "empty" and self.place not in ("any", "question", "where") and (self.place, op) != ("score", "filled")
        )


def uses(pact: Pact) -> Iterator[Use]:
    """Every use of a criterion, in the order of the document."""
    worked = tuple(pact.keys(*WORKED))
    for stage in pact.stages:
        for one in stage.requires:
            yield Use("stage", stage.label, one.field, condition=one, stages=_from(pact, stage))
    yield from _ready(pact, worked)
    for question in pact.sales_ready.opportunity:
        yield Use("question", question.id, question.field)
    for rule in pact.scoring.rules:
        if isinstance(rule.when, ActivityCondition):
            yield Use("score", rule.id, activity=rule.when.activity, subject=rule.when.subject is not None)
        else:
            yield Use("score", rule.id, rule.when.field, condition=rule.when)
    for route in pact.routing:
        for one in route.when:
            yield Use("routing", route.to, one.field, condition=one, stages=worked)
    for each in pact.lists:
        for one in each.when:
            yield Use("list", each.name, one.field, condition=one, stages=tuple(each.stages) or None)


def _ready(pact: Pact, worked: tuple[str, ...]) -> Iterator[Use]:
    """Must-haves, whom each binds, and alternatives of the green light."""
    for must in pact.sales_ready.all:
        yield Use("ready", "", must.field, condition=must, stages=worked, where=must.where)
        if must.where is not None:
            yield Use("where", "", must.where.field, condition=must.where, stages=worked)
    for one in pact.sales_ready.any:
        yield Use("any", "", one.field, condition=one, stages=worked)


def places(own: Sequence[Use]) -> Text:
    """The places in words, each once: `the stage SQL, the green light and more`."""
    said = list({(one.place, one.name): one.said for one in own}.values())
    return listed([*said[:NAMED], *([Text.of("audit.more")] if len(said) > NAMED else [])])


def _from(pact: Pact, stage: Stage) -> tuple[str, ...]:
    """The stage and the open funnel stages after it; a stage outside the open funnel alone."""
    order = [one.key for one in pact.funnel if one.kind != "won"]
    return tuple(order[order.index(stage.key) :]) if stage.key in order else (stage.key,)


def columns_of(tables: Facts, pact: Pact) -> Mapping[str, str | None]:
    """The record's column of every field the pact names, by the field as written; null where there is none."""
    return {one.field: column_of(tables.record.columns, one.field) for one in uses(pact) if one.field}


def filled(tables: Facts, pact: Pact) -> frozenset[tuple[str, str]]:
    """(object, column) of the criteria where at least one record that counts has something: what is kept up at all."""
    columns = tuple(sorted({name for name in columns_of(tables, pact).values() if name}))
    known: frozenset[tuple[str, str]] = tables.once(("filled", columns), lambda: _filled(tables.record, columns))
    return known


def _filled(record: Table, columns: Sequence[str]) -> frozenset[tuple[str, str]]:
    if not columns:
        return frozenset()
    by = record.group_by("object").aggregate(**{name: (~is_empty(record[name])).any() for name in columns})
    return frozenset((row["object"], name) for row in rows_of(by) for name in columns if row[name])


def is_empty(column: Any) -> Any:
    """Nothing in it: null, or a text of spaces."""
    return is_blank(column) if column.type().is_string() else column.isnull()


def values_in(pact: Pact, stages: Sequence[str]) -> dict[str, list[str]]:
    """By object, the raw values of these stages; a blank status is no value."""
    return {
        object: [value for value, key in pact.status_map.of(object).items() if key in stages and value]
        for object in OBJECTS
    }


def judged(
    tables: Facts, tests: Mapping[str, Callable[[Table], Any]], values: Mapping[str, Collection[str]] | None = None
) -> Table:
    """The active records that count for a person, with each test's answer: it, or for a contact
    any record of the person, passes.

    A test takes a table of records and gives a column of true and false. `values`: only records
    that hold one of these, by object. Out: object, record_id, person_id, status, the tests.
    """
    every, names = tables.every_record, ["object", "record_id", "person_id", "status"]
    parts = []
    # each object by itself: only contacts, the fewer, are looked up among the person's other records
    for object in OBJECTS:
        own = tables.record.filter(tables.record.object == object, tables.record.condition == "active")
        own = own if values is None else own.filter(own.status.isin(list(values.get(object, ()))))
        parts.append(own.select(*names, **{name: test(own) for name, test in tests.items()}))
    leads, contacts = parts
    leads = leads.anti_join(every.filter(every.object == CONTACT).select("person_id"), "person_id")
    failing = contacts.filter(reduce(or_, [~contacts[name] for name in tests]))
    others = every.semi_join(failing, "person_id")
    others = others.select("person_id", **{name: test(others) for name, test in tests.items()})
    theirs = others.group_by(of_person="person_id").aggregate(
        **{f"any_{name}": others[name].any() for name in tests},
    )
    joined = contacts.left_join(theirs, contacts.person_id == theirs.of_person)
    both = {name: joined[name] | joined[f"any_{name}"].fill_null(False) for name in tests}
    return ibis.union(leads, joined.mutate(**both).select(*leads.columns))
