"""The pilot: the first records of a repair are written, and all their fields read again.

Automations of a CRM change other fields when one is written. Before the first records all their
fields are read, and what they held is kept as hashes (so that a killed run can still compare);
afterwards they are read again. If anything but the planned fields differs, the plan stops until
somebody has seen which fields of how many records, and accepts it. What the CRM stamps itself
with every write, or works out, is named and not counted.

Not here: the batches (applying.py), rehearsals on a sandbox (rehearsal.py).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import plan_pilot
from config.trail import record
from leadpact.crm_fields import CrmField, Fielded
from leadpact.errors import Misconfigured
from leadpact.writeback import journal
from leadpact.writeback.journal import WRITTEN
from leadpact.writeback.plan import REPAIRS, Plan, Row
from leadpact.writeback.target import Now, Target, Watch

RECORDS = 10
SETTLES = 5.0  # seconds: automations that run after the write has been answered
READ, CLEAN, CHANGED, ACCEPTED = EVENTS = ("read", "clean", "changed", "accepted")
GONE = "–"  # the record itself is not there any more
Key = tuple[str, str]


@dataclass(frozen=True)
class Found:
    """How the pilot of a plan stands. `fields`: in how many of its `records` each field changed, by label."""

    event: str
    records: int
    fields: Mapping[str, int]
    stamped: Sequence[str]
    at: datetime


def needed(plan: Plan) -> bool:
    """A repair, and what takes one back."""
    return plan.kind in REPAIRS or bool(plan.draft.recipe)


def standing(engine: Engine, plan: Plan) -> Found | None:
    """How the pilot stands; null before it began."""
    row = _last(engine, plan)
    if row is None:
        return None
    told = json.loads(row["detail"])
    return Found(row["event"], told.get("records", 0), told.get("fields", {}), told.get("stamped", []), row["at"])


def _last(engine: Engine, plan: Plan) -> sa.RowMapping | None:
    query = sa.select(plan_pilot).where(plan_pilot.c.plan_id == plan.id).order_by(plan_pilot.c.id.desc()).limit(1)
    with engine.begin() as database:
        return database.execute(query).mappings().first()


def check(target: Target, plan: Plan) -> None:
    """Raises Misconfigured where a plan needs a pilot and this source does not tell its fields."""
    if needed(plan) and not target.connector.can.copies and not isinstance(target.connector, Fielded):
        raise Misconfigured("writeback.no_fields_told", name=target.connection.name, type=target.connection.type)


@dataclass
class Pilot:
    """The pilot within one run of a plan. `open`: the next batch is one."""

    target: Target
    plan: Plan
    run: int
    now: Now
    watch: Watch
    open: bool = field(init=False)

    def __post_init__(self) -> None:
        self.open = needed(self.plan) and not self.target.connector.can.copies  # nothing runs upon a copy

    def resume(self, actor: str, *, accept: bool) -> bool:
        """Whether the run may go on from where an earlier one ended; `accept`s what that one found.

        An interrupted pilot is judged now, after its rows were settled. Raises what reading raises.
        """
        last = _last(self.target.engine, self.plan) if self.open else None
        if last is None:
            return True
        if last["event"] == READ:
            return self._judged(json.loads(last["detail"]))
        if last["event"] == CHANGED and not accept:
            return False
        if last["event"] == CHANGED:
            self._note(ACCEPTED, json.loads(last["detail"]))
            told = {"plan": self.plan.id, "fields": json.loads(last["detail"])["fields"]}
            with self.target.engine.begin() as database:
                record(database, self.now(), actor, "plan.pilot_accepted", told)
        self.open = False
        return True

    def before(self, rows: Sequence[Row]) -> None:
        """Reads all fields of the records that are written next, and keeps what they held."""
        if not self.open:
            return
        names, labels, stamped = self._fields(rows)
        keys = list(dict.fromkeys((row.object, row.record_id) for row in rows))
        held = [[*key, own] for key, own in self._read(keys, names).items()]
        self._note(READ, {"held": held, "names": names, "labels": labels, "stamped_names": stamped})

    def after(self) -> bool:
        """Whether nothing but the planned fields changed, as far as the pilot has written."""
        if not self.open:
            return True
        last = _last(self.target.engine, self.plan)
        return last is None or self._judged(json.loads(last["detail"]))

    def _judged(self, told: dict[str, Any]) -> bool:
        held: dict[Key, Any] = {(object, record_id): own for object, record_id, own in told["held"]}
        written = self._written(set(held))
        if not written:  # all were refused or had moved: the next records are the pilot
            return True
        if self.target.connection.environment != "demo":
            self.watch.sleep(SETTLES)
        now = self._read(written, told["names"])
        changed: Counter[str] = Counter()
        for key in written:
            after = now.get(key)
            if after is None:
                changed[GONE] += 1
                continue
            changed.update(name for name, value in held[key].items() if after.get(name) != value)
        stamps, labels = set(told["stamped_names"]), told["labels"]
        fields = {labels.get(name, name): count for name, count in sorted(changed.items()) if name not in stamps}
        stamped = sorted(labels.get(name, name) for name in changed if name in stamps)
        detail = {"records": len(written), "fields": fields, "stamped": stamped}
        self._note(CHANGED if fields else CLEAN, detail)
        self.open = False
        return not fields

    def _written(self, keys: set[Key]) -> list[Key]:
        """Which of these records hold what was planned: it was written to them."""
        found: dict[Key, None] = {}
        seen: set[Key] = set()
        for one in journal.standing(self.target.engine, self.plan):
            key = (one.row.object, one.row.record_id)
            if key not in keys and seen == keys:  # rows of a record follow one another
                break
            if key in keys:
                seen.add(key)
                if one.event == WRITTEN:
                    found[key] = None
        return list(found)

    def _fields(self, rows: Sequence[Row]) -> tuple[dict[str, list[str]], dict[str, str], list[str]]:
        """By object the fields to compare; their labels; those that a write changes by itself."""
        planned = {(row.object, row.field) for row in rows}
        names: dict[str, list[str]] = {}
        labels: dict[str, str] = {}
        stamped = []
        for object in dict.fromkeys(row.object for row in rows):
            for one in self._described(object):
                if (object, one.name) in planned or (one.column and (object, one.column) in planned):
                    continue
                names.setdefault(object, []).append(one.name)
                labels[one.name] = one.name if one.label in ("", one.name) else f"{one.label} ({one.name})"
                if one.stamped or one.kind == "formula":
                    stamped.append(one.name)
        return names, labels, stamped

    def _described(self, object: str) -> Sequence[CrmField]:
        connector = self.target.connector
        return connector.fields(object) if isinstance(connector, Fielded) else ()

    def _read(self, keys: Sequence[Key], names: Mapping[str, Sequence[str]]) -> dict[Key, dict[str, str | None]]:
        """What these records hold in these fields, as hashes; a record that is gone is left out."""
        found = {}
        for object, own in names.items():
            ids = [record_id for one, record_id in keys if one == object]
            for record_id, values in self.target.connector.read(object, ids, own).items() if ids else ():
                found[object, record_id] = {name: self._hash(name, values[name]) for name in own}
        return found

    def _hash(self, name: str, value: str | None) -> str | None:
        if not value:
            return None
        return hashlib.sha256(f"{self.plan.hash}\0{name}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()[:20]

    def _note(self, event: str, detail: Mapping[str, Any]) -> None:
        given = {"plan_id": self.plan.id, "apply_id": self.run, "event": event, "at": self.now()}
        text = json.dumps(detail, ensure_ascii=False)
        with self.target.engine.begin() as database:
            database.execute(plan_pilot.insert().values(**given, detail=text))
            if event not in (READ, ACCEPTED):  # accepting is on the record with a name, above
                record(database, self.now(), "leadpact", f"plan.pilot_{event}", {"plan": self.plan.id, **detail})
