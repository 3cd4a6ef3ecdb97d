"""The proposed target state: a value map from what the audit found, for people to edit.

Nothing is invented: where neither the pact, nor the history, nor the wording names a target,
the row says that people have to decide. Not every record of a value needs the same target:

- an action ("Left voicemail") hides the state the lead was in. Where the history tells, its
  records go back to the value before; where it does not, to the stage the pact gives the value;
- a status that stands before a sale, or none at all, follows the stage the person is in.

Not here: what is wrong (rules), the effect (simulate.py), the document (valuemap.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.proposal_rows import BLANK, UNMAPPED, VALUES, Draft, Trouble, kind_of, to_stage
from leadpact.audit.rule import Finding
from leadpact.audit.valuemap import Row, ValueMap
from leadpact.audit.valuemap_check import offered, settled
from leadpact.audit.valuemap_records import Asked, Cells, cells, counted
from leadpact.model import CONTACT
from leadpact.workspace import Analysis

SOLD = "CON03"


@dataclass(frozen=True)
class Proposal:
    """The map, and the counts it was made of (`cells`), from which an edited map is counted too."""

    map: ValueMap
    cells: Cells = field(repr=False)
    asked: Asked = field(repr=False)


def propose(analysis: Analysis, findings: Iterable[Finding]) -> Proposal:
    """A proposal for every status value the findings complain of. Executes: one query for all counts.

    Rows without any record, changeable or frozen, are left out, but for values left as they
    are that the pact has to learn.
    """
    tables = Facts.of(analysis)
    return propose_from(tables, analysis.pact, tuple(findings))


def propose_from(tables: Facts, pact: Pact, findings: Sequence[Finding]) -> Proposal:
    """As `propose`, for facts that are there already."""
    trouble = _trouble(findings)
    asked = _asked(tables, trouble, findings)
    known = cells(tables, asked)
    rows: list[Row] = []
    for object, value, kind in sorted(trouble):
        part = tables.of_type(object, kind) if kind else tables
        own = Draft(part, pact, trouble, known, kind).rows((object, value))
        apart = [] if kind else [name for name in _typed(tables, object) if (object, value, name) not in trouble]
        for name in apart:
            if any(cell["record_type"] == name for cell in known.of((object, value))):
                rows += _where_offered(own, Draft(tables.of_type(object, name), pact, trouble, known, name))
        rows += own
    rows += _sold(tables, pact, findings, {row.key for row in rows})
    made = counted(settled(ValueMap.of(rows), tables, pact), known)
    kept = (row for row in made.rows if row.records or row.frozen or (row.leave and row.stage))
    return Proposal(ValueMap.of(kept), known, asked)


def _typed(tables: Facts, object: str) -> tuple[str, ...]:
    """The record types of an object whose picklists differ; none where all are offered the same."""
    parted = any(row["object"] == object and row["record_type"] for row in tables.counts.listed)
    return tuple(tables.counts.types.get(object, {})) if parted else ()


def _where_offered(rows: Sequence[Row], draft: Draft) -> list[Row]:
    """Rows of a record type's own, where it is not offered what the rows of all types lead to."""
    aims = [(row.object, row.to) for row in rows if row.moves]
    if all(offered(draft.tables, object, to or "") for object, to in aims):
        return []
    return draft.rows(rows[0].group)


def _trouble(findings: Sequence[Finding]) -> Trouble:
    """The findings by object, value ("" for blank) and record type ("" for all), then by code.

    What holds for the whole object holds for a record type that is judged apart as well.
    """
    found: dict[tuple[str, str, str], dict[str, Finding]] = {}
    for one in findings:
        about = one.value if one.code in (*VALUES, UNMAPPED) else "" if one.code in BLANK else None
        if one.object is not None and about is not None:
            found.setdefault((one.object, about, one.record_type or ""), {}).setdefault(one.code, one)
    return {key: {**found.get((*key[:2], ""), {}), **own} for key, own in found.items()}


def _asked(tables: Facts, trouble: Trouble, findings: Sequence[Finding]) -> Asked:
    sold = {(one.object, name) for one in findings if one.code == SOLD and one.object for name in _statuses(one)}
    groups = {(object, value) for object, value, _ in trouble}
    history = {group for group in groups if group[1] and kind_of(tables, group) == "action"}
    return Asked(
        frozenset(groups | sold),
        by_type=frozenset((object, value) for object, value, kind in trouble if kind or _typed(tables, object)),
        by_previous=frozenset(history) if tables.history != "none" else frozenset(),
        by_standing=frozenset(sold | (groups & {(CONTACT, "")})),
    )


def _statuses(finding: Finding) -> list[str]:
    """The statuses that stand before the sale, as CON03 tells them; "" for blank."""
    return list(finding.evidence.get("statuses") or {})


def _sold(tables: Facts, pact: Pact, findings: Sequence[Finding], taken: set[Any]) -> Iterator[Row]:
    """Who bought, and whose status stands before the sale: a row per status and won stage."""
    for one in findings:
        for name in _statuses(one) if one.code == SOLD and one.object else []:
            for stage in pact.keys("won"):
                row = replace(to_stage(tables, pact, one.object or "", stage), value=name or None, standing=stage)
                row = replace(row, codes=(SOLD,), how="standing", sure="high" if row.to else None)
                if row.key not in taken:
                    yield row


def present(tables: Facts, pact: Pact, values: ValueMap, proposal: Proposal | None = None) -> ValueMap:
    """A map of people's own as it stands today: stages and new values settled, records counted.

    Executes a query where the proposal, if any is given, has not counted what the map asks.
    """
    asked = Asked.of(values.rows)
    known = proposal.cells if proposal is not None and proposal.asked >= asked else cells(tables, asked)
    return counted(settled(values, tables, pact), known)
