"""Plans that repair statuses: from pairs of values, a value map, findings, blank contacts, or a list of records.

A value map says where the records of a value go (audit/valuemap.py); pairs and rules become one.
Values are those of the last sync; every one is read again just before it is written. What cannot
or need not be written is set apart, with its count: converted leads, deleted and merged records,
those outside the pact's scope or waiting for a decision, and those the CRM says it would refuse.

Not here: asking whether the CRM takes it (repair_check.py), lists of records (repair_list.py),
keeping the old text (repair_keep.py), applying (applying.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ibis

from leadpact.audit.facts import KEYS, Facts, is_blank, is_frozen, rows_of, status_in
from leadpact.audit.target import best_value, stage_of
from leadpact.audit.valuemap import Row as Decision
from leadpact.audit.valuemap import ValueMap
from leadpact.audit.valuemap_records import Asked, cells, counted, decided
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.metrics.timeline import governed
from leadpact.model import CONTACT, OBJECTS
from leadpact.tables import Table, with_owner
from leadpact.workspace import Analysis
from leadpact.writeback import plans, repair_barriers, repair_check
from leadpact.writeback.plan import STATUS, Draft, Plan, Row, Tally
from leadpact.writeback.target import Target

FIELD = "status"
CONVERTED, DELETED, MERGED, SCOPE, UNDECIDED, MOVED, SAME, GONE = APART = (
    "converted", "deleted", "merged", "scope", "undecided", "moved", "same", "gone",
)  # fmt: skip
BLANK_RULE = "CON02"
CHUNK = 5_000


@dataclass(frozen=True)
class Source:
    """What a repair follows: `set`, `map`, `findings`, `blank` or `csv`; its name for people; a hash of what it says.

    The recipe leaves the name out: the same map has another number on another connection.
    """

    kind: str
    name: str
    hash: str

    def recipe(self, target: Target) -> Mapping[str, str]:
        return {"source": self.kind, "hash": self.hash, "type": target.connection.type}


def of_pairs(facts: Facts, object: str, pairs: Sequence[tuple[str, str]]) -> tuple[ValueMap, Source]:
    """The map of `--set Old=New` pairs; an empty old value is a blank status.

    Raises Misconfigured for an object there is not, an old value nobody holds and no list has, a value
    named twice, and an empty new one.
    """
    if object not in OBJECTS:
        raise Misconfigured("repair.no_object", object=object, known=", ".join(OBJECTS))
    pact = _pact(facts)
    rows: list[Decision] = []
    wrong: list[LeadPactError] = []
    for old, new in pairs:
        problem = repair_check.pair(facts, object, old, new, {row.value or "" for row in rows})
        if problem is not None:
            wrong.append(problem)
            continue
        value, to = repair_check.known(facts, object, old), repair_check.known(facts, object, new)
        rows.append(Decision(object, value or None, to, stage_of(pact, object, to)))
    if wrong or not rows:
        raise Misconfigured("repair.bad_pairs", details=wrong)
    said = sorted([row.object, row.value or "", row.to or ""] for row in rows)
    return ValueMap.of(rows), Source("set", "set", _hash(said))


def of_blank_contacts(facts: Facts) -> tuple[ValueMap, Source]:
    """Blank contact statuses by rule: of a person who has won the customers' value, of all others Re-Market's.

    Raises Misconfigured where the pact has no such stage, or no contact status stands for it.
    """
    pact = _pact(facts)
    values: dict[str, str] = {}
    for kind in ("won", "recycled"):
        found = [best_value(facts, pact, CONTACT, key) for key in pact.keys(kind)]
        value = next((one for one in found if one), None)
        if value is None:
            raise Misconfigured("repair.no_contact_value", kind=kind)
        values[kind] = value
    rows = [
        Decision(CONTACT, None, values["won"], standing=key, codes=(BLANK_RULE,))
        for key in pact.keys("won", "retained")
    ]
    rows.append(Decision(CONTACT, None, values["recycled"], codes=(BLANK_RULE,)))
    return ValueMap.of(rows), Source("blank", BLANK_RULE, _hash(sorted(values.items())))


def of_map(values: ValueMap, name: str) -> tuple[ValueMap, Source]:
    """A value map as people saved it."""
    return values, Source("map", name, values.hash)


def of_findings(values: ValueMap, codes: Sequence[str]) -> tuple[ValueMap, Source]:
    """The proposed rows of these findings. Raises Misconfigured where no proposal names one of them."""
    wanted = {code.strip().upper() for code in codes}
    unknown = sorted(wanted - {code for row in values.rows for code in row.codes})
    if unknown:
        raise Misconfigured("repair.no_finding", codes=", ".join(unknown))
    chosen = ValueMap.of(row for row in values.rows if wanted & set(row.codes))
    return chosen, Source("findings", " ".join(sorted(wanted)), chosen.hash)


def plan(
    target: Target,
    analysis: Analysis,
    values: ValueMap,
    source: Source,
    *,
    author: str,
    now: datetime,
    where: Mapping[str, str] | None = None,
) -> Plan:
    """Makes and keeps the plan of a value map. Nothing is written to the CRM.

    `where` are fields of the records themselves (`owner` and `team` by name too). Raises Misconfigured
    where a field or value cannot be written, with one detail each, and what reading the source raises.
    """
    facts = Facts.of(analysis)
    aims = {(row.object, row.to) for row in values.moving if row.to is not None}
    kinds = repair_check.kinds(target, facts, aims)
    chosen = within(analysis, facts.record, where or {})
    mine = replace(facts, record=chosen)
    tally = Tally(whole=sum(facts.count(object) for object in sorted({object for object, _ in aims})))
    set_apart(analysis, facts, values, where or {}, tally)
    waiting = ValueMap(tuple(row for row in values.rows if row.open))
    if waiting.rows:
        told = counted(values, cells(mine, Asked.of(values.rows)))
        tally.skipped[UNDECIDED] += sum(row.records for row in told.rows if row.open)
    draft = draft_of(target, analysis, source, kinds, author=author, now=now)
    rows = repair_barriers.sift(target, _rows(analysis, mine, values, source), tally)
    return plans.make(target.engine, draft, rows, tally)


def draft_of(
    target: Target, analysis: Analysis, source: Source, kinds: Mapping[str, str], *, author: str, now: datetime
) -> Draft:
    """What a status plan is made for."""
    used = analysis.used
    return Draft(target.connection.name, STATUS, author, now, used.version, used.pact.hash, kinds,
                 recipe=source.recipe(target))  # fmt: skip


def reason(analysis: Analysis, codes: str, source: Source) -> str:
    """Why a record changes: rule codes, the map or list, the version of the pact."""
    version = f"pact v{analysis.used.version}" if analysis.used.version is not None else "pact draft"
    return " · ".join(part for part in (codes, source.name if source.name != codes else "", version) if part)


def _rows(analysis: Analysis, facts: Facts, values: ValueMap, source: Source) -> Iterator[Row]:
    found = decided(values, facts).select(*KEYS, "before", "after", "reason").order_by(*KEYS).to_pyarrow()
    for batch in found.to_batches(max_chunksize=CHUNK):
        for row in batch.to_pylist():
            codes = row["reason"].partition(" @")[0].strip("-")
            why = reason(analysis, codes, source)
            yield Row(row["object"], row["record_id"], FIELD, row["before"], row["after"], why)


def within(analysis: Analysis, record: Table, where: Mapping[str, str]) -> Table:
    """The records that have these values themselves; an empty value asks for those where it is unknown."""
    if not where:
        return record
    named = with_owner(record, analysis.tables.owner)
    try:
        for field, value in where.items():
            column = named[field]
            named = named.filter(column.isnull() if value == "" else column.cast("string") == value)
    except (KeyError, ibis.common.exceptions.IbisTypeError, AttributeError) as error:
        raise Misconfigured("workspace.no_field", fields=", ".join(where)) from error
    return record.semi_join(named.select(*KEYS), KEYS)


def set_apart(analysis: Analysis, facts: Facts, values: ValueMap, where: Mapping[str, str], tally: Tally) -> None:
    """Counts the records that hold a value that moves, and cannot be written. One query."""
    record = analysis.tables.record
    of: dict[str, list[str]] = {object: [] for object in OBJECTS}
    blank = ibis.literal(False)
    for object, value in sorted({row.group for row in values.moving}):
        if value:
            of[object].append(value)
        else:
            blank = blank | ((record.object == object) & is_blank(record.status))
    held = within(analysis, record.filter(status_in(record, of) | blank), where)
    why = why_not(held, governed(record, analysis.pact), facts.as_of)
    for row in rows_of(why.group_by("why").aggregate(n=why.count())):
        if row["why"] is not None:
            tally.skipped[row["why"]] += row["n"]


def why_not(record: Table, in_scope: Table, as_of: datetime) -> Table:
    """The records with `why` they cannot be written; null where they can."""
    inside = in_scope.select(in_object="object", in_id="record_id")
    joined = record.left_join(inside, (record.object == inside.in_object) & (record.record_id == inside.in_id))
    why: Any = ibis.cases(
        (joined.condition == "deleted", DELETED),
        (joined.merged_into.notnull(), MERGED),
        (is_frozen(joined, as_of), CONVERTED),
        (joined.in_id.isnull(), SCOPE),
        else_=ibis.null("string"),
    )
    return joined.mutate(why=why)


def _pact(facts: Facts) -> Any:
    if facts.used is None:
        raise ValueError("no pact")
    return facts.used.pact


def _hash(said: object) -> str:
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
