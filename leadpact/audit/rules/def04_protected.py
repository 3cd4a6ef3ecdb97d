"""DEF04: the pact judges people by protected data.

Not here: which words are protected data (protected.yaml), records that have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.parts import ActivityCondition, Scalar
from config.schema import Pact
from leadpact.audit.criteria import Use, is_empty, places, uses
from leadpact.audit.facts import Facts, rows_of
from leadpact.audit.protected import Protected, of_field, of_values
from leadpact.audit.rule import Finding, Found, Rule
from leadpact.audit.shown import shown
from leadpact.language import Text
from leadpact.scoring.conditions import column_of
from leadpact.tables import Table

SUBJECT = "activity:"


@dataclass(frozen=True)
class Asked:
    """One use of protected data: the field (or `activity:<kind>` for a subject), where, and what is protected."""

    field: str
    use: Use
    protected: Protected
    by_value: bool


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """One finding a field (`value`), of all the places that ask for it: stages, green light, score, routing.

    Found by whole words of the field's name, of what the source calls it, or (variant `value`) of
    the values asked for. An error for special categories (religion, health …), a warning for age
    and gender. `records` are those with something in the field; 0 where there is no such field.
    """
    by: dict[str, list[Asked]] = {}
    for one in _asked(tables, pact):
        by.setdefault(one.field, []).append(one)
    filled = _filled(tables, list(by))
    return [_found(field, own, filled.get(field, 0)) for field, own in sorted(by.items())]


def _found(field: str, own: Sequence[Asked], records: int) -> Found:
    worst = min(own, key=lambda one: (one.protected.severity != "error", one.by_value))
    variant = "value" if worst.by_value else ""
    return Found(
        value=field,
        records=records,
        severity=worst.protected.severity,
        message=variant,
        params={
            "category": Text.of(f"audit.protected.{worst.protected.category}"),
            "word": shown(worst.protected.word),
            "criteria": places([one.use for one in own]),
        },
        evidence={
            "category": worst.protected.category,
            "words": sorted({one.protected.word for one in own}),
            "criteria": list(dict.fromkeys(f"{one.use.place}:{one.use.name}" for one in own)),
        },
    )


def _asked(tables: Facts, pact: Pact) -> Iterator[Asked]:
    for use in uses(pact):
        if use.field and use.field.strip():
            field = use.field.strip()
            condition = use.condition
            values = [] if condition is None or condition.value is None else _texts(condition.value)
            yield from _judged(field, use, _names(tables, field), values)
    for rule in pact.scoring.rules:
        if isinstance(rule.when, ActivityCondition) and rule.when.subject is not None:
            subject = rule.when.subject.value
            texts = [] if subject is None else _texts(subject)
            found = of_values([], texts)
            if found is not None:
                use = Use("score", rule.id, activity=rule.when.activity)
                yield Asked(f"{SUBJECT}{rule.when.activity.strip().lower()}", use, found, True)


def _judged(field: str, use: Use, names: Sequence[str], values: Sequence[str]) -> Iterator[Asked]:
    named = of_field(names)
    if named is not None:
        yield Asked(field, use, named, False)
        return
    valued = of_values(names, values)
    if valued is not None:
        yield Asked(field, use, valued, True)


def _names(tables: Facts, field: str) -> list[str]:
    """The field as the pact writes it, its column, and what the source calls it."""
    column = column_of(tables.record.columns, field)
    labels = tables.labels().get(column, []) if column else []
    return [field, *([column] if column else []), *labels]


def _texts(value: Scalar | list[Scalar]) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def _filled(tables: Facts, fields: Sequence[str]) -> dict[str, int]:
    """By field, how many records that count have something in it."""
    known = {field: column for field in fields if (column := column_of(tables.record.columns, field))}
    if not known:
        return {}
    record = tables.record
    counts = {f"n{at}": (~is_empty(record[column])).cast("int64").sum() for at, column in enumerate(known.values())}
    (row,) = rows_of(record.aggregate(**counts))
    return {field: row[f"n{at}"] or 0 for at, field in enumerate(known)}


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding) -> Table:
    """The records with something in the field."""
    column = column_of(tables.record.columns, finding.value or "")
    record = tables.record
    return record.limit(0) if column is None else record.filter(~is_empty(record[column]))


RULE = Rule(
    code="DEF04",
    name="definition.protected_data",
    severity="error",
    groups=("core", "definition"),
    fix="none",  # both teams take it out of the pact
    check=check,
    people=people,
)
