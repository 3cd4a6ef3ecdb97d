"""Random schedules of faults, kills and edits against repairs and their undo, through the real client libraries.

A day is ten plans side by side in one CRM, each with a schedule of its own (repair_days.py). `make test` lives one day
on the demo CRM, one on the loopback Salesforce and one on the loopback Airtable; `make test-faults` as many as
LEADPACT_SCHEDULES asks for. How many it were, and what was found, stands in the last lines.

Not here: schedules on a CRM of the tests' own, each shrunk to the shortest (test_repair_apply.py).
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leadpact.writeback import plans
from leadpact.writeback.plan import Draft, Row, Tally
from tests.repair_days import RECORDS, Day
from tests.repair_world_airtable import AirtableWorld, airtable
from tests.repair_world_demo import demo
from tests.repair_world_salesforce import salesforce
from tests.repair_worlds import LEADPACT, Call, Seen, World

PLANS = 10
DAYS = max(1, int(os.environ.get("LEADPACT_SCHEDULES", "30")) // (3 * PLANS))
tried = {"schedules": 0, "violations": 0, "overwritten": 0}


class Log(list[Seen]):
    """The server's log, which does something when the eleventh status is written: the first after the pilot."""

    def __init__(self, then: Callable[[], None] | None) -> None:
        super().__init__()
        self._then = then

    def append(self, seen: Seen) -> None:
        super().append(seen)
        if self._then is not None and len(self) == 11:
            self._then()


@contextmanager
def demo_world(folder: Path, leads: int) -> Iterator[World]:
    yield demo(folder)


WORLDS: dict[str, Callable[[Path, int], AbstractContextManager[World]]] = {
    "demo": demo_world, "salesforce": salesforce, "airtable": airtable,
}  # fmt: skip
days = settings(max_examples=DAYS, deadline=None, derandomize=True, phases=[Phase.generate], database=None,
                suppress_health_check=list(HealthCheck))  # fmt: skip


@pytest.mark.parametrize("name", WORLDS)
def test_after_any_day_the_crm_the_journal_and_the_history_agree(name: str) -> None:
    @days
    @given(st.integers(0, 1_000_000))
    def lived(seed: int) -> None:
        with tempfile.TemporaryDirectory() as folder, WORLDS[name](Path(folder), PLANS * RECORDS) as world:
            world.begin()
            day = Day(world, seed, size=PLANS)
            wrong = day.through()
        tried["schedules"] += PLANS
        tried["violations"] += len(wrong)
        tried["overwritten"] += day.overwritten
        assert wrong == []

    lived()


@pytest.mark.parametrize("name", ["salesforce", "airtable"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_that_is_really_killed_is_taken_up_by_the_next(tmp_path: Path, name: str, when: str) -> None:
    with WORLDS[name](tmp_path, RECORDS) as world:
        if isinstance(world, AirtableWorld):  # the clock of the other process is not the server's
            world.trial.server.limits.allow = lambda token, base: True
        ids, (old, new, _) = world.ids(), world.values
        draft = Draft(name, "status", "ana@acme.example", world.now(), recipe={"source": "set", "type": name})
        with world.process() as target:
            plan = plans.make(target.engine, draft, [Row("lead", one, "status", old, new) for one in ids],
                              Tally(whole=1_000))  # fmt: skip
        child = os.fork()
        if child == 0:
            world.run(plan)
            os._exit(0)

        def kill() -> None:
            os.kill(child, signal.SIGKILL)

        # the pilot is through; the second call is not done any more, or done and never answered
        world.calls = [Call(), Call(f"dead_{when}", [kill] if when == "before" else [])]
        world.log = Log(kill if when == "after" else None)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
        world.calls = []
        world.later()
        done = world.run(plan)
        assert done is not None
        assert (done.state, done.written, done.clean) == ("done", RECORDS, True)
        assert sorted(seen.record_id for seen in world.log if seen.who == LEADPACT) == sorted(ids)


def test_how_many_schedules_were_tried(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{tried['schedules']} schedules of faults on three CRMs, {tried['violations']} violations; "  # noqa: T201 - the report
              f"{tried['overwritten']} edits between reading and writing, noticed afterwards")  # fmt: skip
    assert tried["violations"] == 0
