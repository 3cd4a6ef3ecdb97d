"""EVI01: the status claims more than the record shows: what its stage requires is not there.

Not here: requirements no field can decide (DEF03), the score's threshold (EVI02), touches (EVI03).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from config.parts import Condition, Stage
from config.schema import Pact
from leadpact.audit.criteria import columns_of, filled, judged
from leadpact.audit.facts import Facts, rows_of, status_in
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.sentences import counted_values
from leadpact.model import OBJECTS
from leadpact.scoring.conditions import holds
from leadpact.tables import Table

Needs = Mapping[tuple[str, str], Sequence[Condition]]  # by (object, value)


def check(tables: Facts, pact: Pact, as_of: datetime, *, rare: float) -> Sequence[Found]:
    """One finding a status value: active records that hold it and lack what its stage requires.

    A funnel stage before the win requires what it says and what the funnel stages before it
    say, except of a field it names itself; what such a stage wants empty is its own affair. Any
    other stage requires what it says: a sale proves itself. A requirement whose field no record
    of the object fills in is left to DEF03. A contact shows what any record of the person does.
    Values fewer than `rare` of whose records are concerned are one note an object (variant
    `few`, `value` null). Evidence `missing`: records by field; `requires`: the fields judged.
    """
    needs = _needs(tables, pact)
    rows = _rows(tables, pact, needs)
    often = [_found(tables, pact, row, needs) for row in rows if not _few(row, rare)]
    seldom = {object: [row for row in rows if row["object"] == object and _few(row, rare)] for object in OBJECTS}
    return [*often, *(_note(object, own) for object, own in seldom.items() if own)]


def _rows(tables: Facts, pact: Pact, needs: Needs) -> list[dict[str, Any]]:
    """object, status, of, records that lack something, and `missing` by field, where any does."""
    short = _short(tables, pact, needs)
    if short is None:
        return []
    fields = _fields(needs)
    counts = {f"n{at}": short[f"lacks{at}"].cast("int64").sum() for at in range(len(fields))}
    lacking = short.mutate(lacks=_any(short, fields))
    by = lacking.group_by("object", "status").aggregate(
        of=lacking.count(), records=lacking.lacks.cast("int64").sum(), **counts
    )
    return [
        {**row, "missing": {name: row[f"n{at}"] for at, name in enumerate(fields) if row[f"n{at}"]}}
        for row in sorted(rows_of(by), key=lambda row: (row["object"], row["status"]))
        if row["records"]
    ]


def _few(row: Mapping[str, Any], rare: float) -> bool:
    return bool(row["records"] < rare * row["of"])


def _found(tables: Facts, pact: Pact, row: Mapping[str, Any], needs: Needs) -> Found:
    value = tables.by_key[(row["object"], row["status"])]
    stage = pact.stage(pact.status_map.of(value.object)[value.value])
    missing = _sorted(row["missing"])
    return Found(
        object=value.object,
        value=value.value,
        label=value.label,
        records=row["records"],
        params={"stage": stage.label, "of": row["of"], "missing": counted_values(list(missing.items()))},
        evidence={
            "missing": missing,
            "of": row["of"],
            "share": row["records"] / row["of"],
            "stage": stage.key,
            "requires": [one.field for one in needs[(value.object, value.value)]],
        },
    )


def _note(object: str, rows: Sequence[Mapping[str, Any]]) -> Found:
    """The values of an object of which few records are concerned, in one."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(row["missing"])
    missing, statuses = _sorted(counts), _sorted({row["status"]: row["records"] for row in rows})
    records, of = sum(statuses.values()), sum(row["of"] for row in rows)
    return Found(
        object=object,
        records=records,
        severity="info",
        message="few",
        params={"of": of, "missing": counted_values(list(missing.items())), "values": len(rows)},
        evidence={"missing": missing, "of": of, "share": records / of, "statuses": statuses},
    )


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda part: (-part[1], part[0])))


def required(pact: Pact, stage: Stage) -> list[Condition]:
    """What a record in this stage has to show, the earliest requirement first."""
    open_funnel = [one for one in pact.funnel if one.kind != "won"]
    if stage not in open_funnel:
        return list(stage.requires)
    found: list[Condition] = []
    for one in open_funnel[: open_funnel.index(stage) + 1]:
        own = {condition.field.casefold() for condition in one.requires}
        kept = [known for known in found if known.field.casefold() not in own and known.op != "empty"]
        found = [*kept, *one.requires]
    return found


def _needs(tables: Facts, pact: Pact) -> Needs:
    """By object and value held, the requirements that the object's records can be judged by."""
    stages = {stage.key: required(pact, stage) for stage in pact.stages}
    column, used = columns_of(tables, pact), filled(tables, pact)
    found: dict[tuple[str, str], list[Condition]] = {}
    for value in tables.values:
        key = pact.status_map.of(value.object).get(value.value) if value.records else None
        own = [one for one in stages.get(key or "", []) if (value.object, column[one.field]) in used]
        if own:
            found[(value.object, value.value)] = own
    return found


def _fields(needs: Needs) -> list[str]:
    return sorted({one.field for conditions in needs.values() for one in conditions})


def _short(tables: Facts, pact: Pact, needs: Needs) -> Table | None:
    """The active records judged, with `lacks<n>` for each field in order; null where none is."""
    if not needs:
        return None
    values = {object: [value for of, value in needs if of == object] for object in OBJECTS}
    conditions = sorted({one.model_dump_json(): one for own in needs.values() for one in own}.items())
    tests = {f"holds{at}": _holds(one, pact) for at, (_, one) in enumerate(conditions)}
    place = {name: f"holds{at}" for at, (name, _) in enumerate(conditions)}
    record = judged(tables, tests, values)
    lacks = {}
    for at, field in enumerate(_fields(needs)):
        by: dict[str, dict[str, list[str]]] = {}
        for (object, value), own in needs.items():
            for one in own:
                if one.field == field:
                    by.setdefault(place[one.model_dump_json()], {}).setdefault(object, []).append(value)
        parts = [status_in(record, asked) & ~record[name] for name, asked in sorted(by.items())]
        lacks[f"lacks{at}"] = reduce(or_, parts)
    return record.mutate(**lacks)


def _holds(condition: Condition, pact: Pact) -> Any:
    return lambda table: holds(table, condition, pact.zone)


def _any(short: Table, fields: Sequence[str]) -> Any:
    return reduce(or_, [short[f"lacks{at}"] for at in range(len(fields))])


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, rare: float) -> Table:
    """The records that hold the value and lack something; of the note, those of its values."""
    needs = _needs(tables, pact)
    values = [finding.value]
    if finding.value is None:
        rows = _rows(tables, pact, needs)
        values = [row["status"] for row in rows if row["object"] == finding.object and _few(row, rare)]
    own = {key: conditions for key, conditions in needs.items() if key[0] == finding.object and key[1] in values}
    short = _short(tables, pact, own)
    return tables.record.limit(0) if short is None else short.filter(_any(short, _fields(own)))


RULE = Rule(
    code="EVI01",
    name="evidence.requirements",
    severity="warning",
    groups=("core", "evidence"),
    fix="review",  # the field may be missing, or the status wrong: only people know which
    options={"rare": Option(float, default=0.1, min=0, max=1)},
    check=check,
    people=people,
)
