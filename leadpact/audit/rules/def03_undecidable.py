"""DEF03: the pact asks for something that no mapped field can decide, or that hardly anybody fills in.

Not here: records that lack what their stage requires (EVI01), deals that lack a criterion
(OPP01), scoring rules that never fire (SCO02).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.faults import near
from config.parts import Condition
from config.schema import Pact
from leadpact.audit.criteria import MUST, Use, filled, is_empty, judged, places, uses, values_in
from leadpact.audit.facts import Facts, rows_of
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.shown import shown
from leadpact.audit.target import stage_of
from leadpact.model import ACTIVITY_KINDS
from leadpact.scoring.conditions import column_of, holds
from leadpact.tables import Table

Stages = tuple[str, ...] | None
Group = tuple[Stages, Condition | None]
ACTIVITY, QUESTION = "activity:", "sales_ready.opportunity."


@dataclass(frozen=True)
class Empty:
    """Among the records in `stages` (null: all) of which `where` holds, how many have nothing in a field."""

    stages: Stages
    where: Condition | None
    empty: int
    of: int


def check(tables: Facts, pact: Pact, as_of: datetime, *, max_empty: float) -> Sequence[Found]:
    """One finding a criterion; `value` is the field, `activity:<kind>` or `sales_ready.opportunity.<id>`.

    No such column on the records (nor, for an opportunity's question, on the deals): an error
    where a stage, the green light or a question needs it. Never filled in; empty on more than
    `max_empty` of the active records that need it (in the stages that ask for it, or later; all
    of them for the score, then a note). A kind of activity the score counts and nobody logs.
    A question without a field is a note. Evidence `criteria`: where the pact asks for it.
    """
    named = list(uses(pact))
    found = [*_unnamed(pact, named), *_activities(tables, named)]
    known = _known(tables, named)
    used = filled(tables, pact)
    empties = _empties(tables, pact, named, known, max_empty)
    for field, own in _by_field(named).items():
        column = known[field]
        if column is None:
            if not _on_deals(tables, own):
                found.append(_missing(tables, field, own))
        elif not any(name == column for _, name in used):
            if tables.held and any(one.condition and one.condition.op != "empty" for one in own):
                found.append(_found(field, own, "empty", "fill", "warning"))
        elif field in empties:
            found.append(_mostly(field, own, empties[field]))
    return sorted(found, key=lambda one: one.value or "")


def _unnamed(pact: Pact, named: Sequence[Use]) -> list[Found]:
    asked = {one.id: shown(one.question) for one in pact.sales_ready.opportunity}
    own = [one for one in named if one.place == "question" and not (one.field or "").strip()]
    return [
        _found(f"{QUESTION}{one.name}", [one], "unnamed", "unnamed", "info", question=asked[one.name]) for one in own
    ]


def _activities(tables: Facts, named: Sequence[Use]) -> list[Found]:
    by: dict[str, list[Use]] = {}
    for one in named:
        if one.activity:
            by.setdefault(one.activity.strip().lower(), []).append(one)
    if not by:
        return []
    given = "activity" in tables.provided
    logged = _logged(tables) if given else frozenset()
    variant = "activity" if given else "no_activity"
    found = [
        _found(f"{ACTIVITY}{kind}", own, variant, variant if kind in ACTIVITY_KINDS else "kind", "warning", kind=kind)
        for kind, own in by.items()
        if kind not in logged
    ]
    if not tables.plain.subjects:
        asked = {kind: [one for one in own if one.subject] for kind, own in by.items() if kind in logged}
        found += [_found(f"{ACTIVITY}{kind}", own, "no_subject", "no_subject", "warning", kind=kind)
                  for kind, own in asked.items() if own]  # fmt: skip
    return found


def _logged(tables: Facts) -> frozenset[str]:
    kind = tables.activity.select(kind=tables.activity.kind.lower()).distinct()
    return frozenset(row["kind"] for row in rows_of(kind))


def _known(tables: Facts, named: Sequence[Use]) -> dict[str, str | None]:
    """The record's column of every field, under the spelling of its first use."""
    return {field: column_of(tables.record.columns, field) for field in _by_field(named)}


def _by_field(named: Sequence[Use]) -> dict[str, list[Use]]:
    """The uses by field, under the spelling of the first: case does not tell fields apart."""
    spelled: dict[str, str] = {}
    found: dict[str, list[Use]] = {}
    for one in named:
        if one.field and one.field.strip():
            found.setdefault(spelled.setdefault(one.field.strip().casefold(), one.field.strip()), []).append(one)
    return found


def _on_deals(tables: Facts, own: Sequence[Use]) -> bool:
    """Only questions ask for it, and the deals have it."""
    asked = all(one.place == "question" for one in own)
    return asked and column_of(tables.opportunity.columns, own[0].field or "") is not None


def _empties(
    tables: Facts, pact: Pact, named: Sequence[Use], known: Mapping[str, str | None], max_empty: float
) -> dict[str, Empty]:
    """By field, where most of it is missing: the worst of the groups of records that need it."""
    asked = {field: _groups(tables, own) for field, own in _by_field(named).items() if known[field]}
    fields = sorted(field for field, groups in asked.items() if groups)
    if not fields:
        return {}
    bound = {repr(where): where for field in fields for _, where in asked[field] if where is not None}
    wheres = {name: f"bound{at}" for at, name in enumerate(sorted(bound))}
    tests = {column: _holds(bound[name], pact) for name, column in wheres.items()}
    record = judged(tables, {**_tests([known[field] or "" for field in fields]), **tests})
    counted = {"of": record.count(), **{f"of_{column}": _count(record[column]) for column in tests}}
    for at in range(len(fields)):
        lacks = ~record[f"has{at}"]
        counted[f"n{at}"] = _count(lacks)
        counted.update({f"n{at}_{column}": _count(lacks & record[column]) for column in tests})
    rows = rows_of(record.group_by("object", "status").aggregate(**counted))
    found: dict[str, Empty] = {}
    for at, field in enumerate(fields):
        for stages, where in asked[field]:
            own = [row for row in rows if _in(pact, stages, row)]
            of = "" if where is None else f"_{wheres[repr(where)]}"
            one = Empty(stages, where, sum(row[f"n{at}{of}"] for row in own), sum(row[f"of{of}"] for row in own))
            before = found.get(field)
            if one.empty > max_empty * one.of and (before is None or one.empty * before.of > before.empty * one.of):
                found[field] = one
    return found


def _groups(tables: Facts, own: Sequence[Use]) -> list[Group]:
    """The groups of records that need it, each once; whom a field nobody has would name is not known."""
    found = {(one.stages or (), repr(one.where or "")): (one.stages, one.where) for one in own if one.judges_emptiness
             and (one.where is None or column_of(tables.record.columns, one.where.field))}  # fmt: skip
    return [found[key] for key in sorted(found)]


def _count(column: Any) -> Any:
    return column.cast("int64").sum()


def _holds(where: Condition, pact: Pact) -> Callable[[Table], Any]:
    return lambda table: holds(table, where, pact.zone)


def _in(pact: Pact, stages: Stages, row: Mapping[str, Any]) -> bool:
    """The records of this object and status are in one of the stages; in all of them for null."""
    return stages is None or (bool(row["status"]) and stage_of(pact, row["object"], row["status"]) in stages)


def _tests(columns: Sequence[str]) -> dict[str, Callable[[Table], Any]]:
    """`has<n>` for each column: there is something in it."""
    return {f"has{at}": _has(name) for at, name in enumerate(columns)}


def _has(name: str) -> Callable[[Table], Any]:
    return lambda table: ~is_empty(table[name])


def _missing(tables: Facts, field: str, own: Sequence[Use]) -> Found:
    columns = [name for name in tables.record.columns if name != "person_id"]
    close = near(field, columns)
    severity = "error" if any(one.place in MUST for one in own) else "warning"
    is_near = close in columns
    return _found(field, own, "", "near" if is_near else "", severity, near=close if is_near else "")


def _mostly(field: str, own: Sequence[Use], empty: Empty) -> Found:
    needing = [one for one in own if one.judges_emptiness]
    severity = "info" if all(one.place == "score" for one in needing) else "warning"
    share = empty.empty / empty.of
    params = {"of": empty.of, "share": round(100 * share)}
    evidence = {"empty": empty.empty, "of": empty.of, "share": share, "stages": list(empty.stages or ())}
    return _found(field, needing, "mostly", "fill", severity, empty.empty, evidence, **params)


def _found(
    value: str,
    own: Sequence[Use],
    message: str,
    suggestion: str,
    severity: Any,
    records: int = 0,
    evidence: Mapping[str, Any] | None = None,
    **params: Any,
) -> Found:
    told = [f"{one.place}:{one.name}" if one.name else one.place for one in own]
    return Found(
        value=value,
        records=records,
        severity=severity,
        message=message,
        suggestion=suggestion,
        params={"criteria": places(own), **params},
        evidence={**(evidence or {}), "criteria": list(dict.fromkeys(told))},
    )


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, max_empty: float) -> Table:
    """The records that lack the field; nobody where there is none, or nobody has it."""
    named = list(uses(pact))
    known = _known(tables, named)
    column = known.get(finding.value or "")
    if column is None or not finding.records:
        return tables.record.limit(0)
    empty = _empties(tables, pact, named, known, max_empty)[finding.value or ""]
    tests = _tests([column]) if empty.where is None else {**_tests([column]), "bound": _holds(empty.where, pact)}
    record = judged(tables, tests, None if empty.stages is None else values_in(pact, empty.stages))
    return record.filter(~record.has0) if empty.where is None else record.filter(~record.has0, record.bound)


RULE = Rule(
    code="DEF03",
    name="definition.undecidable",
    severity="warning",
    groups=("core", "definition"),
    fix="none",  # a field is mapped or filled in by people, and criteria are for both teams to change
    options={"max_empty": Option(float, default=0.5, min=0, max=1)},
    check=check,
    people=people,
)
