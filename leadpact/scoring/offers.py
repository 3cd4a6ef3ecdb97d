"""What a scoring rule can be about: the fields there are and their values, the activities and their subjects.

Values of personal fields are not offered, nor subjects of mails and calls, which name people.

Not here: what a rule may say (config/parts.py), whether it makes sense (rule_checks.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis

from leadpact.model import RECORD, is_custom
from leadpact.scoring import moments
from leadpact.scoring.moments import OWNER_NAMES
from leadpact.tables import Table, Tables, is_blank, with_owner

MOST_VALUES = 200
MOST_DISTINCT = 5000  # a field of more different values is no list to choose from
FEWEST = 2  # times a subject occurs before it is offered
TELLING = ("web_visit", "form", "event", "other")  # kinds whose subject is a page, a form or an event
HIDDEN = ("record_id", "person_id", "condition", "merged_into", "converted_to", "url", "owner_id")

Counted = tuple[str, int]


@dataclass(frozen=True)
class FieldOffer:
    """A field a rule may name: in how many records it is filled, its most held values.

    `complete`: these are all values there are. `tracked`: its past is known.
    """

    name: str
    filled: int
    values: tuple[Counted, ...]
    complete: bool
    tracked: bool


@dataclass(frozen=True)
class ActivityOffer:
    """A kind of activity, how many there are, and the subjects that occur most."""

    kind: str
    count: int
    subjects: tuple[Counted, ...]


@dataclass(frozen=True)
class Offers:
    """`known` is false where the source delivers no activities."""

    records: int
    fields: tuple[FieldOffer, ...]
    activities: tuple[ActivityOffer, ...]
    known: bool

    def field(self, name: str) -> FieldOffer | None:
        wanted = name.strip().casefold()
        by = {one.name.casefold(): one for one in self.fields}
        return by.get(wanted) or by.get(f"f_{wanted}")

    def activity(self, kind: str) -> ActivityOffer | None:
        return next((one for one in self.activities if one.kind == kind.strip().lower()), None)


def offers(tables: Tables) -> Offers:
    """Everything a rule can be about in these tables. Executes."""
    record = with_owner(tables.record, tables.owner)
    names = [name for name in record.columns if name not in HIDDEN and (name in RECORD.names or is_custom(name)
                                                                         or name in OWNER_NAMES)]  # fmt: skip
    untracked = set(moments.untracked(tables, names))
    filled = {f"n{at}": _filled(record, name) for at, name in enumerate(names)}
    several = {f"d{at}": record[name].approx_nunique() for at, name in enumerate(names)}
    counts = record.aggregate(all=record.count(), **filled, **several).to_pyarrow().to_pylist()[0]
    found = []
    for at, name in enumerate(names):
        listed = _listed(name) and (counts[f"d{at}"] or 0) <= MOST_DISTINCT
        values = _values(record, name) if listed and record[name].type().is_string() else ()
        complete = listed and len(values) < MOST_VALUES and record[name].type().is_string()
        found.append(FieldOffer(name, counts[f"n{at}"] or 0, values, complete, name not in untracked))
    known = "activity" in tables.provided
    return Offers(counts["all"], tuple(found), _activities(tables) if known else (), known)


def _listed(name: str) -> bool:
    return is_custom(name) or name in OWNER_NAMES or not RECORD.column(name).personal


def _filled(record: Table, name: str) -> ibis.Expr:
    column = record[name]
    blank = is_blank(column) if column.type().is_string() else column.isnull()
    return (~blank).cast("int64").sum()


def _values(record: Table, name: str) -> tuple[Counted, ...]:
    held = record.filter(~is_blank(record[name])).group_by(value=name).aggregate(n=lambda t: t.count())
    rows = held.order_by(held.n.desc(), "value").limit(MOST_VALUES).to_pyarrow().to_pylist()
    return tuple((row["value"], row["n"]) for row in rows)


def _activities(tables: Tables) -> tuple[ActivityOffer, ...]:
    activity = tables.activity.mutate(kind=tables.activity.kind.lower())
    kinds = activity.group_by("kind").aggregate(n=activity.count())
    told = activity.filter(activity.kind.isin(TELLING), ~is_blank(activity.subject))
    subjects = told.group_by("kind", "subject").aggregate(n=told.count())
    subjects = subjects.filter(subjects.n >= FEWEST)
    top = subjects.order_by(subjects.n.desc(), "kind", "subject").limit(MOST_VALUES * len(TELLING))
    by: dict[str, list[Counted]] = {}
    for row in top.to_pyarrow().to_pylist():
        by.setdefault(row["kind"], []).append((row["subject"], row["n"]))
    rows = kinds.filter(kinds.kind.notnull()).order_by(kinds.n.desc(), "kind").to_pyarrow().to_pylist()
    return tuple(ActivityOffer(row["kind"], row["n"], tuple(by.get(row["kind"], ())[:MOST_VALUES])) for row in rows)
