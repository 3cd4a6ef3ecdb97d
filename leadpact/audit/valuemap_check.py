"""Whether a value map fits the CRM and the pact: every problem with its row and what to do.

Not here: whether a file can be read (valuemap_file.py), whether the fields can be written
(leadpact/writeback).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from config.faults import near
from config.schema import Pact
from leadpact.audit.facts import Facts, blank
from leadpact.audit.shown import shown
from leadpact.audit.target import stage_of
from leadpact.audit.valuemap import Row, ValueMap
from leadpact.errors import LeadPactError, Misconfigured

# catalogue `proposal.problem.<name>`
PROBLEMS = (
    "no_value", "only_spaces", "no_stage", "spaces", "converted", "moves_on", "too_long", "stage_needed", "other_stage",
)  # fmt: skip


def offered(tables: Facts, object: str, value: str) -> bool:
    """The value can be set: on offer in the picklist or, where none is known, used by records."""
    known = tables.by_key.get((object, value))
    return known is not None and (known.offered or object not in tables.picklists)


def settled(values: ValueMap, tables: Facts, pact: Pact) -> ValueMap:
    """The map with what follows from its decisions: `stage` by the pact where the row names none, and `create`."""
    found = []
    parts: dict[tuple[str, str], Facts] = {}
    for row in values.rows:
        aim = row.value if row.leave else row.to
        stage = None if row.open else row.stage or stage_of(pact, row.object, aim)
        kind = (row.object, row.record_type or "")
        part = parts.setdefault(kind, tables.of_type(*kind)) if row.record_type else tables
        create = row.moves and not offered(part, row.object, row.to or "")
        found.append(replace(row, stage=stage, create=create))
    return ValueMap.of(found)


def problems(values: ValueMap, tables: Facts, pact: Pact) -> list[LeadPactError]:
    """Why the map cannot be saved or simulated as it is; nothing for one that fits."""
    gone = {row.group: row for row in values.rows if row.rank == 0 and row.moves}
    return [
        LeadPactError(f"proposal.problem.{key}", object=row.object, value=_named(row), **params)
        for row in values.rows
        for key, params in _of(row, gone, tables, pact)
    ]


def checked(values: ValueMap, tables: Facts, pact: Pact, source: str) -> ValueMap:
    """The map, settled. Raises Misconfigured with one detail per problem."""
    wrong = problems(values, tables, pact)
    if wrong:
        raise Misconfigured("proposal.does_not_fit", details=wrong[:20], source=source)
    return settled(values, tables, pact)


def _named(row: Row) -> str:
    """The value and its conditions, as a sentence can quote them."""
    parts = [shown(row.value) or "∅", *(shown(one) for one in (row.record_type, row.previous, row.standing) if one)]
    return " / ".join(parts)


def _of(row: Row, gone: dict[tuple[str, str], Row], tables: Facts, pact: Pact) -> Iterator[tuple[str, dict[str, Any]]]:
    stages = [stage.key for stage in pact.stages]
    known = {value.value for value in tables.values if value.object == row.object}
    if row.value is not None and blank(row.value):
        yield "only_spaces", {}
    elif row.value is not None and row.value not in known:
        yield "no_value", {"near": near(row.value, known)}
    for name in (row.stage, row.standing):
        if name is not None and name not in stages:
            yield "no_stage", {"stage": shown(name), "near": near(name, stages)}
    if row.leave and row.stage and stage_of(pact, row.object, row.value) not in (None, row.stage):
        yield "other_stage", _stage(pact, row, row.value)
    if row.to is None or row.leave:
        return
    to = shown(row.to)
    target = tables.by_key.get((row.object, row.to))
    if blank(row.to) or (target is None and row.to != row.to.strip()):
        yield "spaces", {"to": to}
    elif target is not None and target.is_converted:
        yield "converted", {"to": to}
    elif row.moves and (row.object, row.to) in gone:
        yield "moves_on", {"to": to, "next": shown(gone[(row.object, row.to)].to)}
    if len(row.to) > 255:
        yield "too_long", {"to": to}
    claimed = stage_of(pact, row.object, row.to)
    if claimed is None and row.stage is None:
        yield "stage_needed", {"to": to, "known": ", ".join(stages)}
    elif claimed is not None and row.stage not in (None, claimed):
        yield "other_stage", _stage(pact, row, row.to)


def _stage(pact: Pact, row: Row, value: str | None) -> dict[str, Any]:
    claimed = stage_of(pact, row.object, value) or ""
    return {"to": shown(value), "stage": row.stage or "", "claimed": claimed}
