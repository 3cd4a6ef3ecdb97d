"""What LeadPact knows against what the CRM holds now: only differences become rows of a plan.

A person's value is never overwritten: where a field holds what LeadPact did not write, the change
is set apart as `foreign`, unless it was asked for on purpose (`take`). What is unknown empties a
field only where LeadPact wrote what stands there. Read in chunks: nothing holds all records.

Not here: what is known (wanted.py), applying (applying.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leadpact.crm_fields import CrmField, Fielded
from leadpact.errors import Misconfigured
from leadpact.workspace import Analysis
from leadpact.writeback import ledger, plans, settling, targets, wanted
from leadpact.writeback.formats import KINDS, Formats
from leadpact.writeback.plan import WRITEBACK, Draft, Plan, Row, Tally
from leadpact.writeback.target import Progress, Target, Watch
from leadpact.writeback.targets import Targets
from leadpact.writeback.values import same

CHUNK = 2_000
FOREIGN, GONE, NO_CHOICE = APART = ("foreign", "gone", "no_choice")


@dataclass(frozen=True)
class Aim:
    """One field LeadPact writes: for what, what kind it is, and the only choices it takes (null: any)."""

    purpose: str
    field: str
    kind: str
    choices: frozenset[str] | None = None


def plan(
    target: Target, analysis: Analysis, *, author: str, now: datetime, take: bool = False, watch: Watch | None = None
) -> Plan:
    """Makes and keeps the plan of a write-back. Nothing is written to the CRM.

    What an interrupted apply left in doubt is settled first, by reading. Raises Misconfigured
    where no field is chosen or one cannot be written, and what reading the source raises.
    """
    chosen = targets.load(target.engine, target.connection.name)
    aims = aims_of(target, chosen)
    settling.settle_all(target, actor=author, now=now, watch=watch)
    kinds = {f"{object}.{one.field}": one.kind for object, own in aims.items() for one in own}
    draft = Draft(target.connection.name, WRITEBACK, author, now, analysis.used.version, analysis.pact.hash, kinds)
    tally = Tally()
    rows = differences(target, analysis, aims, tally, take=take, watch=watch or Watch())
    return plans.make(target.engine, draft, rows, tally)


def aims_of(target: Target, chosen: Targets) -> Mapping[str, list[Aim]]:
    """The fields to write by object, as the CRM describes them now.

    Raises Misconfigured where none is chosen, one is not there, may not be written, or is of a
    kind that cannot hold what it is for: a gate that is asked before anything is computed.
    """
    if not chosen.objects:
        raise Misconfigured("writeback.no_fields", name=target.connection.name)
    aims: dict[str, list[Aim]] = {}
    wrong = []
    for object in chosen.objects:
        described = described_fields(target, object)
        for purpose, name in chosen.of(object).items():
            if described is None:
                aims.setdefault(object, []).append(Aim(purpose, name, KINDS[purpose][0]))
                continue
            problem, one = fault(purpose, described.get(name))
            if problem is not None or one is None:
                wrong.append(Misconfigured(f"writeback.fault.{problem}", object=object, field=name, purpose=purpose))
                continue
            only = frozenset(each.value for each in one.choices if each.is_active) if one.kind == "choice" else None
            aims.setdefault(object, []).append(Aim(purpose, name, one.kind, only))
    if wrong:
        raise Misconfigured("writeback.faults", details=wrong, name=target.connection.name)
    return aims


def described_fields(target: Target, object: str) -> Mapping[str, CrmField] | None:
    """The CRM's fields of an object by name; null where this source does not tell its fields."""
    if not isinstance(target.connector, Fielded):
        return None
    return {one.name: one for one in target.connector.fields(object)}


def fault(purpose: str, one: CrmField | None) -> tuple[str | None, CrmField | None]:
    """Why a field cannot serve its purpose: `gone`, `kind`, `read_only`; null where it can."""
    if one is None:
        return "gone", None
    if one.kind not in KINDS[purpose]:
        return "kind", one
    if not one.writable and one.kind != "formula":
        return "read_only", one
    return None, one


def differences(
    target: Target, analysis: Analysis, aims: Mapping[str, list[Aim]], tally: Tally, *, take: bool, watch: Watch
) -> Iterator[Row]:
    """The rows of the plan, record by record. `tally` counts what was looked at and set apart."""
    known = wanted.what(analysis)
    formats = Formats.of(analysis.used)
    reason = "pact " + (f"v{analysis.used.version}" if analysis.used.version is not None else "draft")
    asked = pc.is_in(known["object"], value_set=pa.array(list(aims)))
    known = known.filter(asked)
    for object, own in aims.items():
        mine = known.filter(pc.equal(known["object"], object))
        for batch in mine.to_batches(max_chunksize=CHUNK):
            tally.whole += batch.num_rows
            yield from _chunk(target, object, own, batch.to_pylist(), formats, reason, tally, take=take)
            watch.progress(Progress(tally.whole, known.num_rows, dict(tally.skipped), None, None))


def _chunk(
    target: Target,
    object: str,
    aims: list[Aim],
    known: list[dict[str, Any]],
    formats: Formats,
    reason: str,
    tally: Tally,
    *,
    take: bool,
) -> Iterator[Row]:
    ids, fields = [row["record_id"] for row in known], [one.field for one in aims]
    now = target.connector.read(object, ids, fields)
    ours = ledger.values(target.engine, target.connection.name, object, fields, ids)
    for row in known:
        record_id = row["record_id"]
        current = now.get(record_id)
        if current is None:
            tally.skipped[GONE] += len(aims)
            continue
        for aim in aims:
            held, should = current.get(aim.field), formats.text(aim.purpose, aim.kind, row)
            mine = ours.get((record_id, aim.field))
            is_ours = mine is not None and same(aim.kind, held, mine)
            apart = _apart(aim, held, should, ours=is_ours, take=take)
            if apart is None:
                yield Row(object, record_id, aim.field, held or None, should, reason, is_ours, True)
            elif apart:
                tally.skipped[apart] += 1


def _apart(aim: Aim, held: str | None, should: str | None, *, ours: bool, take: bool) -> str | None:
    """Null where the field is to be written; else why not: nothing to do (empty), or what set it apart."""
    if same(aim.kind, held, should) or (should is None and not ours):
        return ""
    if held and not ours and not take:
        return FOREIGN
    if should is not None and aim.choices is not None and should not in aim.choices:
        return NO_CHOICE
    return None
