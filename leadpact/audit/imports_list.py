"""The imported blocks as people read them: when, from where, by whom, how many never interacted, where they stand.

Not here: what a block is (imports.py), the finding on those past the untouched stage (rules/sta11_no_zero.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import ibis

from config.schema import UNMAPPED
from leadpact.audit.facts import Facts, blank, rows_of, status_in
from leadpact.audit.imports import Imported, Run, imported, past
from leadpact.audit.registry import find
from leadpact.audit.target import stage_of, values_of_kind
from leadpact.model import OBJECTS
from leadpact.tables import Table
from leadpact.workspace import Analysis

RULE = "STA11"  # whose options say how large a block is, and how silent
MOST = 0.8  # of a block's records with one owner: whose they are
Part = Literal["records", "silent", "past", "untouched", "mailable"]
PARTS: tuple[Part, ...] = ("records", "silent", "past", "untouched", "mailable")


@dataclass(frozen=True)
class Block:
    """One imported block. Times are UTC, of its first and last record.

    `silent` never interacted; of those, `untouched` stand before the funnel and `past` in it or
    behind a win. `mailable` have an e-mail address. `maker` made the records, null where the CRM
    does not say; `owner` holds at least four in five of them now, null where nobody does; both
    by name, else id. `stages`: records by stage key, the most first.
    """

    number: int
    object: str
    source: str | None
    first_at: datetime
    last_at: datetime
    records: int
    silent: int
    past: int
    untouched: int
    mailable: int
    maker: str | None
    owner: str | None
    stages: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """As the command line promises it."""
        return {
            "block": self.number,
            "object": self.object,
            "source": self.source,
            "from": self.first_at.isoformat() + "Z",
            "to": self.last_at.isoformat() + "Z",
            "by": self.maker,
            "owner": self.owner,
            **{part: getattr(self, part) for part in PARTS},
            "stages": dict(self.stages),
        }


@dataclass(frozen=True)
class Imports:
    """Every block, in order of time. `coverage`: share of records whose creation is dated, null for no record.

    `activities`: the CRM delivers them; without, nobody knows who interacted.
    """

    blocks: tuple[Block, ...]
    coverage: float | None
    undated: int
    activities: bool

    def total(self, part: Part) -> int:
        return sum(getattr(one, part) for one in self.blocks)


def imports(analysis: Analysis) -> Imports:
    """The blocks among the records that count, by STA11's options. Executes."""
    facts = Facts.of(analysis)
    found = _found(analysis, facts)
    member = found.members
    silent = member.silent.cast("int64")
    by = member.group_by("block", "object", "status", "owner_id").aggregate(
        records=member.count(),
        silent=silent.sum(),
        mailable=member.mailable.cast("int64").sum(),
        first_at=member.created_at.min(),
        last_at=member.created_at.max(),
    )
    parts: dict[int, list[dict[str, Any]]] = {}
    for row in rows_of(by):
        parts.setdefault(row["block"], []).append(row)
    names = {row["owner_id"]: row["name"] or row["owner_id"] for row in rows_of(facts.owner.select("owner_id", "name"))}
    blocks = [_block(number, run, parts[number], analysis, names) for number, run in enumerate(found.runs, 1)]
    counted = rows_of(
        facts.record.aggregate(n=facts.record.count(), dated=facts.record.created_at.notnull().cast("int64").sum())
    )[0]
    coverage = counted["dated"] / counted["n"] if counted["n"] else None
    undated = counted["n"] - (counted["dated"] or 0)
    return Imports(tuple(blocks), coverage, undated, "activity" in facts.provided)


def _block(number: int, run: Run, rows: list[dict[str, Any]], analysis: Analysis, names: Mapping[str, str]) -> Block:
    stages: dict[str, int] = {}
    owners: dict[str, int] = {}
    for row in rows:
        value = None if blank(row["status"]) else row["status"]
        key = stage_of(analysis.pact, run.object, value) or UNMAPPED
        stages[key] = stages.get(key, 0) + row["records"]
        owners[row["owner_id"] or ""] = owners.get(row["owner_id"] or "", 0) + row["records"]
    far, near = (set(values[run.object]) for values in _places(analysis))
    total = sum(row["records"] for row in rows)
    owner, held = max(owners.items(), key=lambda item: (item[1], item[0]))
    return Block(
        number=number,
        object=run.object,
        source=run.source or None,
        first_at=min(row["first_at"] for row in rows),
        last_at=max(row["last_at"] for row in rows),
        records=total,
        silent=sum(row["silent"] for row in rows),
        past=sum(row["silent"] for row in rows if row["status"] in far),
        untouched=sum(row["silent"] for row in rows if row["status"] in near),
        mailable=sum(row["mailable"] for row in rows),
        maker=names.get(run.maker, run.maker) or None,
        owner=names.get(owner, owner) if owner and held >= MOST * total else None,
        stages=dict(sorted(stages.items(), key=lambda item: (-item[1], item[0]))),
    )


def people(analysis: Analysis, block: int | None = None, part: Part = "records") -> Table:
    """The records of one block, or of all, in one part of it.

    Out: object, record_id, person_id, block, silent, past, untouched, mailable.
    """
    facts = Facts.of(analysis)
    member = _found(analysis, facts).members
    far, near = (status_in(member, values) for values in _places(analysis))
    rows = member.select(
        "object", "record_id", "person_id", "block", "silent", "mailable",
        past=member.silent & far, untouched=member.silent & near, records=ibis.literal(True),
    )  # fmt: skip
    rows = rows.filter(rows[part]).drop("records")
    return rows if block is None else rows.filter(rows.block == block)


def _found(analysis: Analysis, facts: Facts) -> Imported:
    options = find(RULE).settings({})
    return imported(facts, analysis.pact.zone, block=int(options["block"]), min_share=options["min_share"])


def _places(analysis: Analysis) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """By object, the values past the untouched stage, and those of it."""
    pact = analysis.pact
    return past(pact), {object: values_of_kind(pact, object, ("untouched",)) for object in OBJECTS}
