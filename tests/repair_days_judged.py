"""What must hold after the plans of a day, told from the log of the server: who wrote which status, in order.

Not here: what happened (repair_days.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from config.database import open_database
from leadpact.writeback import journal, plans
from leadpact.writeback.journal import ALREADY, CONFLICT, REFUSED, WRITTEN, Standing
from leadpact.writeback.plan import Plan, Row
from tests.repair_worlds import LEADPACT, World, clocks


@dataclass
class Story:
    """One plan of the day and its undo; `edited`: a colleague came in the way."""

    plan: Plan
    ids: Sequence[str]
    edited: bool = False
    undo: Plan | None = None


@dataclass
class Judge:
    """Looks after a day: `wrong` is what is not as it must be, `overwritten` how often nobody could help it."""

    world: World
    seed: int
    wrong: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    noted: set[str] = field(default_factory=set)
    overwritten: int = 0

    def _say(self, plan: Plan, what: str) -> None:
        self.wrong.append(f"{self.world.name} seed {self.seed}, {plan.kind} {plan.id}: {what}")

    def _rows(self, plan: Plan) -> list[Row]:
        engine = open_database(self.world.folder)
        try:
            return [row for _, row in plans.rows(engine, plan)]
        finally:
            engine.dispose()

    def _standing(self, plan: Plan) -> list[Standing]:
        engine = open_database(self.world.folder)
        try:
            return list(journal.standing(engine, plan))
        finally:
            engine.dispose()

    def _judged(self, plan: Plan, since: int) -> None:
        held = {key: own for (_, key), own in self.world.held().items()}
        for one in self._standing(plan):
            wrong = self._fault_of(one, since)
            events = [seen for seen in self.world.log if seen.record_id == one.row.record_id]
            should = events[-1].after if events else one.row.before
            if one.row.record_id not in self.gone and self.world.status(held[one.row.record_id]) != should:
                wrong = f"the server holds another status than its log says, {should}"
            if wrong:
                self._say(plan, f"{one.row.record_id} is {one.event} ({one.code}): {wrong}; {events}")

    def _fault_of(self, one: Standing, since: int) -> str | None:
        """What is wrong with the end of one row, told from the server's log."""
        row, log = one.row, self.world.log
        mine = [at for at in range(len(log)) if log[at].record_id == row.record_id]
        if since:  # an undo: what comes after the write it takes back
            before = [at for at in mine if at < since and log[at].who == LEADPACT]
            first = before[-1] if before else next(at for at in mine if log[at].after == row.before)
            mine = [at for at in mine if at > first]
        ours = [at for at in mine if log[at].who == LEADPACT]
        theirs = [at for at in mine if log[at].who != LEADPACT]
        gone = row.record_id in self.gone
        if len(ours) > 1:
            return "written more than once"
        if ours and log[ours[0]].before != row.before and not self._unseen(ours[0]):
            return "a colleague's value was overwritten although it had been there when the record was read"
        if not theirs and not gone and one.event != WRITTEN:
            return "nobody kept it from being written"
        by_others = any(log[at].after == row.after for at in theirs)
        right = {
            # where a colleague has just done the same, a server may log nothing of ours: it changed nothing
            WRITTEN: bool(ours) or by_others,
            ALREADY: not ours and by_others,
            CONFLICT: gone if one.code == "gone" else bool(theirs),
            REFUSED: gone,
        }.get(str(one.event), False)
        return None if right else "not the truth"

    def _unseen(self, at: int) -> bool:
        """Whether the edit before our write fell between our reading of the record and the write."""
        log = self.world.log
        record_id = log[at].record_id
        edit = max(n for n in range(at) if log[n].record_id == record_id)
        return not any(edit < length <= at and record_id in ids for length, ids in self.world.reads)

    def _only_statuses(self, before: dict[Any, Any]) -> None:
        """Nothing but the statuses the log tells of is another than before, in any table."""
        held, told = self.world.held(), {one.record_id for one in self.world.log}
        for key, own in before.items():
            now = held.get(key)
            was = self._linked(own)
            if now is None or key[1] in self.gone:
                if key[1] not in self.gone:
                    self.wrong.append(f"{self.world.name}: {key} is not there any more")
                continue
            for name in was.keys() | now.keys():
                changed = was.get(name) != now.get(name)
                if changed and not (name in self.world.status_names and key[1] in told) and key[1] not in self.noted:
                    self.wrong.append(f"{self.world.name} seed {self.seed}: {key} has another {name}")
        self.wrong += [f"{self.world.name}: {key} is new" for key in held.keys() - before.keys()]

    def _linked(self, own: dict[str, Any]) -> dict[str, Any]:
        """Without links to records that are not there any more: the CRM drops them itself."""
        told = {name: [one for one in value if one not in self.gone] if isinstance(value, list) else value
                for name, value in own.items()}  # fmt: skip
        return {name: value for name, value in told.items() if value != []}

    def _given_back(self, stories: Sequence[Story], before: dict[Any, Any]) -> None:
        """After an undo nobody came in the way of, everything is as it was."""
        held = self.world.held()
        quiet = {one for story in stories if not story.edited for one in story.ids}
        for key, own in before.items():
            if key[1] in quiet and held[key] != own:
                self.wrong.append(f"{self.world.name} seed {self.seed}: {key} was not given back")

    def _relabelled(self, stories: Sequence[Story], applied: Sequence[Plan], began: Any, start: Any) -> None:
        """The next sync: ours are relabellings; no journey ended, no clock began of those nobody edited."""
        one = self.world.synced()
        table = one.tables.field_change
        found = table.filter((table.field == "status") & table["at"].notnull()).to_pyarrow().to_pylist()
        told: dict[str, list[Any]] = {}
        for change in sorted(found, key=lambda row: (row["at"], row["seq"])):
            told.setdefault(change["record_id"], []).append(
                (change["from_value"], change["to_value"], change["evidence"])
            )
        for plan in applied:
            for standing in self._standing(plan):
                self._told(plan, standing, told.get(standing.row.record_id, []))
        quiet = {one for story in stories if not story.edited for one in story.ids}
        people = one.tables.record.filter(lambda t: t.record_id.isin(list(quiet))).person_id.to_pyarrow().to_pylist()
        now = clocks(one)
        for name, rows in now.items():
            if name == "journeys":
                same = [
                    sorted(str(row) for row in some if row["person_id"] in set(people)) for some in (rows, began[name])
                ]
                if same[0] != same[1]:
                    self.wrong.append(f"{self.world.name} seed {self.seed}: journeys are others than before")
            elif any(row["person_id"] in set(people) and row["started_at"] >= start for row in rows):
                self.wrong.append(f"{self.world.name} seed {self.seed}: a clock of {name} began")

    def _told(self, plan: Plan, one: Standing, told: list[Any]) -> None:
        """Every write of ours is told once, as a relabelling; of what was overwritten the journal knows."""
        row, log = one.row, self.world.log
        ours = [
            seen for seen in log if seen.record_id == row.record_id and seen.who == LEADPACT and seen.after == row.after
        ]
        if not ours or row.record_id in self.gone or not (self.world.history or one.event == WRITTEN):
            return
        mine = ours[-1]
        if mine.before == row.after:
            return  # a colleague had just done the same: nothing was covered, and her change is the one that is told
        if mine.before != row.before and self.world.history:
            self.overwritten += 1
            if (one.event, one.code) != (CONFLICT, "overwrote"):
                self._say(plan, f"{row.record_id}: nobody noticed that {mine.before} was overwritten")
        marked = told.count((mine.before, row.after, "remap"))
        if marked != 1:
            self._say(plan, f"{row.record_id}: our write is told {marked} times as a relabelling; {told}; {one.event}")
