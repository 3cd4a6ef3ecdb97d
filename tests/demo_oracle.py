"""The design's definitions in plain Python, slow and obvious: what the demo's truth is held against.

Reads canonical tables as lists of dicts and a pact document; shares no code with the
generator or with leadpact/metrics.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]
ENDS = ("won", "recycled", "disqualified", "invalid")
STARTS = ("nurture", "qualified", "sales", "won")
RANK = {"lead": 0, "contact": 1, "opportunity": 2}


@dataclass
class Journey:
    """One journey: where it began, the stages it held, what ended it."""

    person: str
    source: str | None
    entry: datetime
    stages: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


class World:
    """Timelines of everybody whose history is known."""

    def __init__(self, tables: Mapping[str, Any], pact: Mapping[str, Any], until: datetime) -> None:
        self.rows = {name: table.to_pylist() for name, table in tables.items()}
        self.until = until
        self.kind = {stage["key"]: stage["kind"] for stage in pact["stages"]}
        self.map = pact["status_map"]
        self.types = pact["opportunities"]["types"]
        self.record = {(row["object"], row["record_id"]): row for row in self.rows["record"]}
        self.person = {key: self._person(key) for key in self.record}
        self.events = self._events()
        self.unknown = self._unknown()
        self.spells = {p: self._spells(rows) for p, rows in self.events.items() if p not in self.unknown}

    def _person(self, key: tuple[str, str]) -> str:
        row = self.record[key]
        while row["merged_into"] or row["converted_to"]:
            key = (row["object"], row["merged_into"]) if row["merged_into"] else ("contact", row["converted_to"])
            row = self.record[key]
        return ":".join(key)

    def _events(self) -> dict[str, list[tuple[datetime, int, int, str, str | None]]]:
        """By person: moment, rank, sequence, stage, source, in order."""
        merged = {
            (c["object"], c["record_id"]): c["at"] for c in self.rows["field_change"] if c["field"] == "merged_into"
        }
        found = defaultdict(list)
        for change in self.rows["field_change"]:
            key = (change["object"], change["record_id"])
            ends = self.record[key]["converted_at"] or merged.get(key)
            if change["field"] == "status" and (ends is None or change["at"] <= ends):
                stage = self.map[key[0]].get(change["to_value"], "unmapped")
                entry = (change["at"], RANK[key[0]], change["seq"], stage, self.record[key]["source"])
                found[self.person[key]].append(entry)
        for deal in self.rows["opportunity"]:
            key = (deal["object"], deal["record_id"])
            if deal["type"] not in self.types or key not in self.person:
                continue
            moments = [(deal["created_at"], "created")]
            if deal["is_closed"]:
                moments.append((deal["closed_at"], "won" if deal["is_won"] else "lost"))
            for step, (at, event) in enumerate(moments):
                entry = (at, RANK["opportunity"], step, self.map["opportunity"][event], self.record[key]["source"])
                found[self.person[key]].append(entry)
        return {person: sorted(rows, key=lambda row: row[:3]) for person, rows in found.items()}

    def _unknown(self) -> set[str]:
        told = {(c["object"], c["record_id"]) for c in self.rows["field_change"] if c["field"] == "status"}
        return {self.person[key] for key, row in self.record.items() if row["status"] is not None and key not in told}

    def _spells(self, rows: list[Any]) -> list[tuple[str, datetime, str | None]]:
        found: list[tuple[str, datetime, str | None]] = []
        for at, _, _, stage, source in rows:
            if not found or found[-1][0] != stage:
                found.append((stage, at, source))
        return found

    def journeys(self) -> list[Journey]:
        found = []
        for person, spells in self.spells.items():
            current, running = None, False
            for stage, at, source in spells:
                kind = self.kind.get(stage, "unmapped")
                again = kind == "won" and current is not None and current.kinds[-1] in ("won", "retained")
                if kind in STARTS and not running and not again:
                    current, running = Journey(person, source, at), True
                    found.append(current)
                if current is not None:
                    current.stages.append(stage)
                    current.kinds.append(kind)
                if kind in ENDS:
                    running = False
        return found

    def clocks(self, starts: str, after: list[str], kinds: list[str], target: timedelta) -> dict[str, dict[str, int]]:
        """States of the clocks by source of the person's record."""
        team = {row["owner_id"]: None if row["is_queue"] else row["team"] for row in self.rows["owner"]}
        touches = defaultdict(list)
        for act in self.rows["activity"]:
            human = act["completed"] and act["direction"] != "inbound" and not act["automated"]
            if act["kind"] in kinds and human and team.get(act["actor_id"]) in ("sdr", "sales"):
                touches[self.person[act["object"], act["record_id"]]].append(act["at"])
        states: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for person, spells in self.spells.items():
            for index, (stage, start, source) in enumerate(spells):
                if stage != starts:
                    continue
                later = spells[index + 1 :]
                stops = [at for name, at, _ in later[:1] if name in after]
                leaves = [at for name, at, _ in later[:1] if name not in after]
                stops += [at for at in touches[person] if at >= start]
                states[source or ""][self._state(start, stops, leaves, target)] += 1
        return states

    def _state(self, start: datetime, stops: list[datetime], leaves: list[datetime], target: timedelta) -> str:
        stop = min(stops, default=None)
        if leaves and (stop is None or leaves[0] < stop):
            return "breached" if leaves[0] - start > target else "withdrawn"
        if stop is not None:
            return "met" if stop - start <= target else "breached"
        return "overdue" if self.until - start > target else "running"
