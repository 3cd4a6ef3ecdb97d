"""A day of repairs: some plans side by side in one CRM, each with faults, kills and edits of its own; and their undo.

Not here: what must hold (repair_days_judged.py), the CRMs (repair_world_*.py), how many days there are
(test_repair_protocols.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from config.database import open_database
from leadpact.errors import Misconfigured
from leadpact.writeback import journal, plans, progress, undoing
from leadpact.writeback.plan import Draft, Plan, Row, Tally
from tests.repair_days_judged import Judge, Story
from tests.repair_worlds import BUSY, DEATHS, KILLS, Call, clocks

RECORDS = 12  # of a plan: the pilot, and two more
QUIET_RUNS = 4


@dataclass
class Day(Judge):
    """The plans of one day in one world, `size` of them; `seed` says all that happens."""

    size: int = 10

    def __post_init__(self) -> None:
        self.random = Random(f"{self.world.name} {self.seed}")  # noqa: S311 - a schedule, no secret

    def through(self) -> list[str]:
        """Everything that is not as it must be, in words; nothing where all is well."""
        world, (old, new, _) = self.world, self.world.values
        before, began = world.held(), clocks(world.seen())
        start = world.now()
        ids = world.ids()
        assert len(ids) >= self.size * RECORDS, f"{world.name}: {len(ids)} records"
        stories = [Story(self._planned(some), some) for some in _parts(ids, self.size)]
        for story in stories:
            self._lived(story.plan, story, new)
            self._judged(story.plan, 0)
        self._only_statuses(before)
        self._relabelled(stories, [one.plan for one in stories], began, start)
        middle, at = len(world.log), world.now()
        for story in stories:
            story.undo = self._undo(story.plan)
            if story.undo is not None:
                self._lived(story.undo, story, old)
                self._judged(story.undo, middle)
        self._only_statuses(before)
        self._given_back(stories, before)
        self._relabelled(stories, [one.undo for one in stories if one.undo], began, at)
        return self.wrong

    def _planned(self, ids: Sequence[str]) -> Plan:
        world, (old, new, _) = self.world, self.world.values
        recipe = {"source": "set", "hash": "a" * 64, "type": world.name}
        draft = Draft(world.name, "status", "ana@acme.example", world.now(), 1, world.pact.hash,
                      {"lead.status": "choice"}, recipe=recipe)  # fmt: skip
        with world.process() as target:
            return plans.make(target.engine, draft, [Row("lead", one, "status", old, new, "STA03") for one in ids],
                              Tally(whole=1_000))  # fmt: skip

    def _undo(self, plan: Plan) -> Plan | None:
        try:
            with self.world.process() as target:
                return undoing.plan(target, plan.id, author="bob@acme.example", now=self.world.now())
        except Misconfigured:
            return None  # nothing was written

    # what happens

    def _lived(self, plan: Plan, story: Story, after: str) -> None:
        """The interrupted runs, what colleagues do between them, and quiet runs until the plan is done."""
        world, random = self.world, self.random
        for _ in range(random.choice((0, 1, 1, 2, 3))):
            for act in self._acts(plan, story, after, often=0.25):
                act()
            world.later()
            calls = [
                Call(self._fault(), self._acts(plan, story, after, often=0.2)) for _ in range(random.randint(1, 4))
            ]
            world.run(plan, calls, accept=random.random() < 0.7)
        told: Any = None
        for _ in range(QUIET_RUNS):
            told = world.run(plan, accept=True)
            if told is not None and told.state == journal.DONE:
                break
        if told is None or told.state != journal.DONE or told.unknown or told.left:
            self._say(plan, f"ended as {told and (told.state, told.unknown, told.left)}")

    def _fault(self) -> str:
        kinds = [*["ok"] * 6, *["refused"] * 2, *BUSY, *DEATHS, *KILLS]
        return self.random.choice(kinds)

    def _acts(self, plan: Plan, story: Story, after: str, *, often: float) -> list[Any]:
        if self.random.random() > often:
            return []
        kind = self.random.choice(("hers", "hers", "hers", "same", "pause", "cancel", "delete", "note"))
        one = self.random.choice([row.record_id for row in self._rows(plan)])
        ask = {"pause": progress.pause, "cancel": progress.cancel}.get(kind)
        if ask is not None:
            return [partial(self._ask, ask, plan)]
        return [partial(self._edit, story, kind, one, after)]

    def _edit(self, story: Story, kind: str, record_id: str, after: str) -> None:
        if record_id in self.gone:
            return
        story.edited = True
        if kind == "delete" and self.world.name != "demo":
            self.gone.add(record_id)
            self.world.delete(record_id)
        elif kind == "note":
            self.noted.add(record_id)
            self.world.note(record_id)
        else:
            self.world.edit(record_id, after if kind == "same" else self.world.values[2])

    def _ask(self, ask: Any, plan: Plan) -> None:
        """Somebody in another session."""
        engine = open_database(self.world.folder)
        try:
            ask(engine, plan, actor="bo@acme.example", door="app", now=self.world.now())
        except Misconfigured:
            return  # nothing was running
        finally:
            engine.dispose()


def _parts(ids: Sequence[str], many: int) -> list[Sequence[str]]:
    return [ids[at * RECORDS : (at + 1) * RECORDS] for at in range(many)]
