"""What clumsy users and unlucky machines do to repairs: clocks, disks, locks, lists, edits at the worst moment.

Not here: random schedules (test_repair_protocols.py), what befalls the CRM's calls (test_repair_apply.py).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from config.database import FILE
from leadpact import trail
from leadpact.connector import Change
from leadpact.errors import Misconfigured, SourceUnreachable
from leadpact.pact_in_use import PactInUse
from leadpact.trail import Asked
from leadpact.workspace import Workspace
from leadpact.writeback import journal, plans, repair_list, settling, undoing
from leadpact.writeback.applying import Unkept
from leadpact.writeback.plan import Draft, Plan, Row, Tally
from leadpact.writeback.target import Target
from tests.airtable.trial import Trial
from tests.repair_schedules import RECORDS, Told, company, go, repair
from tests.repair_world_demo import DemoWorld, demo
from tests.repair_worlds import LEADPACT, Call
from tests.rows import Rows, lead
from tests.worlds import World, pact
from tests.writeback_crm import NOW, Hours, made, target_of


@pytest.fixture
def crm(tmp_path: Path) -> Told:
    return company(tmp_path)


@pytest.fixture
def target(tmp_path: Path, crm: Told) -> Target:
    return target_of(tmp_path, crm)


def states(target: Target, plan: Plan) -> Counter[str | None]:
    return Counter(one.event for one in journal.standing(target.engine, plan))


# the machine


@pytest.mark.parametrize("off", [timedelta(days=-2), timedelta(hours=-1), timedelta(hours=5)])
def test_a_clock_that_was_set_makes_nobody_wait_for_hours_nor_write_twice(
    target: Target, crm: Told, off: timedelta
) -> None:
    plan = repair(target)
    crm.faults = ["ok", "dead_before"]
    with pytest.raises(SourceUnreachable):
        go(target, plan)
    hours = Hours()
    done = go(target, plan, now=NOW + off, watch=hours.watch())
    assert (done.state, done.written, done.clean) == ("done", RECORDS, True)
    assert hours.at <= settling.GRACE.total_seconds() + 5
    assert set(Counter(crm.written()).values()) == {1}


def full(folder: Path) -> Callable[[Any], None]:
    """The database takes nothing more, as on a full disk."""

    def limit(connection: Any) -> None:
        writing = (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE)
        connection.set_authorizer(lambda act, *_: sqlite3.SQLITE_DENY if act in writing else sqlite3.SQLITE_OK)

    return limit


def locked(folder: Path) -> Callable[[Any], None]:
    """Somebody's program keeps the database locked."""
    holder = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")

    def limit(connection: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 20")
        cursor.close()

    limit.holder = holder  # type: ignore[attr-defined]
    return limit


@pytest.mark.parametrize("ill", [full, locked])
@pytest.mark.parametrize("call", [0, 2])
def test_where_the_journal_cannot_be_written_nothing_more_is_sent_and_the_next_run_reads_first(
    tmp_path: Path, crm: Told, call: int, ill: Callable[[Path], Callable[[Any], None]]
) -> None:
    target = target_of(tmp_path, crm)
    plan = repair(target)
    limits: list[Any] = []

    def sicken(_: Any) -> None:
        if len(crm.written()) >= call and not limits:
            limits.append(ill(tmp_path))
            target.engine.dispose()
            sa.event.listen(target.engine, "connect", lambda connection, _: limits[0](connection))

    crm.meanwhile = sicken
    if call:  # inside a batch of five calls
        plain = crm._store
        crm._store = lambda changes: (plain(changes), sicken(crm))[0]  # type: ignore[method-assign]
    with pytest.raises(Unkept) as found:
        go(target, plan)
    assert found.value.key == "repair.journal_unkept"
    assert "l0" not in str(found.value) + repr(found.value.params)
    written = len(crm.written())
    assert written <= 10  # the batch in hand, and nothing after it
    holder = getattr(limits[0], "holder", None)
    if holder is not None:
        holder.close()
    crm.meanwhile = None
    crm.__dict__.pop("_store", None)
    healthy = target_of(tmp_path, crm)
    assert set(states(healthy, plan)) <= {"intent", None}
    done = go(healthy, plan)
    assert (done.state, done.written, done.clean) == ("done", RECORDS, True)
    assert set(Counter(crm.written()).values()) == {1}


def test_a_row_edited_in_the_database_is_refused_with_nothing_written(tmp_path: Path, crm: Told) -> None:
    target = target_of(tmp_path, crm)
    plan = repair(target)
    with closing(sqlite3.connect(tmp_path / FILE)) as file:
        file.execute("UPDATE plan_row SET after = 'Customer' WHERE number = 3")
        file.commit()
    with pytest.raises(Exception, match="tampered"):
        go(target, plan)
    assert crm.written() == []


# the user


def test_of_two_plans_for_the_same_records_the_second_finds_conflicts(target: Target, crm: Told) -> None:
    first = repair(target)
    rows = [Row("lead", f"l{at:02}", "status", "Old", "Other") for at in range(RECORDS)]
    second = made(target, rows, kind="status", recipe={"source": "set", "hash": "b", "type": "crm"})
    assert go(target, first).written == RECORDS
    done = go(target, second)
    assert (done.written, done.conflicts) == (0, RECORDS)
    undo = undoing.plan(target, first.id, author="bob", now=NOW)
    assert go(target, undo).written == RECORDS
    assert go(target, second).conflicts == RECORDS  # what was found stays found: another plan is to be made


def test_an_empty_plan_does_nothing(target: Target, crm: Told) -> None:
    plan = made(target, [], whole=0, kind="status", recipe={"source": "set", "type": "crm"})
    done = go(target, plan)
    assert (done.state, done.written, done.left, crm.written()) == ("done", 0, 0, [])


@pytest.mark.parametrize("value", ["New 🚀", "Neu ", " New", "=1+1", "'New", "N" * 300, "NEW", "Ñew\u0301", "a\nb"])
def test_any_text_is_written_and_given_back_letter_by_letter(target: Target, crm: Told, value: str) -> None:
    plan = made(target, [Row("lead", "l00", "status", "Old", value)], kind="status", recipe={"source": "x"})
    assert go(target, plan).written == 1
    assert crm.all()["lead", "l00", "status"] == value
    undo = undoing.plan(target, plan.id, author="bob", now=NOW)
    assert go(target, undo).written == 1
    assert crm.all()["lead", "l00", "status"] == "Old"


LONG, OTHER = "00Q5e0000000001EAA", "00Q5e00000000aBEAV"
LISTED = Rows(
    status_value=[{"object": "lead", "value": one, "label": one, "is_active": True} for one in ("MQL", "Working")],
    record=[lead(LONG, status="MQL"), lead(OTHER, status="MQL")],
)  # fmt: skip


def test_a_list_may_have_the_ids_of_a_report_which_are_shorter(tmp_path: Path, target: Target, crm: Told,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    world = World(tmp_path / "home")
    world.sync(LISTED, used=pact())
    one = Workspace(tmp_path / "home").analyse("small", pact=PactInUse(pact(), 1, True))
    monkeypatch.setattr(repair_list.repair_check, "kinds", lambda *_: {"lead.status": "choice"})

    def planned(*ids: str) -> tuple[list[str], dict[str, int]]:
        wanted, source = repair_list.read("id,status\n" + "".join(f"{one},Working\n" for one in ids), "x.csv")
        plan = repair_list.plan(target, one, wanted, source, author="ana", now=NOW)
        return [row.record_id for _, row in plans.rows(target.engine, plan)], dict(plan.skipped)

    assert planned(LONG[:15], OTHER) == ([LONG, OTHER], {})
    assert planned(OTHER[:15].swapcase()) == ([], {"gone": 1})  # upper and lower case tell records apart
    with pytest.raises(Misconfigured) as found:
        planned(LONG[:15], LONG)
    assert found.value.key == "repair.ids_twice"


# the worst moment


@pytest.fixture
def place(tmp_path: Path) -> Iterator[DemoWorld]:
    world = demo(tmp_path)
    world.begin()
    yield world


def test_a_colleagues_value_we_wrote_over_is_found_by_the_next_sync_and_given_back_by_an_undo(place: DemoWorld) -> None:
    old, new, hers = place.values
    ids = place.ids()[:14]
    draft = Draft("demo", "status", "ana@acme.example", place.now(), recipe={"source": "set", "type": "demo"})
    with place.process() as target:
        plan = plans.make(target.engine, draft, [Row("lead", one, "status", old, new) for one in ids], Tally(whole=100))
    # the fourth call holds the last records: one is edited when they have been read; of the third the answer is lost
    covered, lost = ids[12], ids[8]
    place.run(plan, [Call(), Call(), Call("dead_after")])
    place.edit(lost, hers)  # after our write, before anybody could look whether it arrived
    place.later()
    done = place.run(plan, [Call(acts=[lambda: place.edit(covered, hers)])], accept=True)
    assert done is not None
    assert (done.state, done.written, done.conflicts) == ("done", 13, 1)
    one = place.synced()
    table = one.tables.field_change
    told = table.filter((table.field == "status") & (table.evidence != "created")).to_pyarrow().to_pylist()

    def of(record_id: str) -> list[tuple[Any, ...]]:
        mine = sorted((row for row in told if row["record_id"] == record_id), key=lambda row: (row["at"], row["seq"]))
        return [(row["from_value"], row["to_value"], row["evidence"]) for row in mine][-2:]

    assert of(covered) == [(old, hers, "history"), (hers, new, "remap")]
    assert of(lost) == [(old, new, "remap"), (new, hers, "history")]
    with place.process() as target:
        rows = {one.row.record_id: (one.event, one.code) for one in journal.standing(target.engine, plan)}
        assert rows.pop(covered) == ("conflict", "overwrote")
        assert rows.pop(lost) == ("conflict", "moved")
        assert {event for event, _ in rows.values()} == {"written"}
        (run, *_) = journal.runs(target.engine, "demo")
        assert (run.counts or {}) == {"written": 12, "conflict": 2}
        (line,) = trail.every(target.engine, Asked(action="plan.overwrote"))
        assert line.detail["records"] == 1
    assert place.synced().generation > one.generation
    with place.process() as target:
        assert len(list(trail.every(target.engine, Asked(action="plan.overwrote")))) == 1  # told once
        undo = undoing.plan(target, plan.id, author="bob", now=place.now())
    given = place.run(undo, accept=True)
    assert given is not None
    assert (given.written, given.conflicts) == (13, 0)
    last = {seen.record_id: seen.after for seen in place.log if seen.who == LEADPACT}
    assert last.pop(covered) == hers
    assert {last[one] for one in ids if one not in (covered, lost)} == {old}


def test_airtable_is_asked_for_its_schema_once_in_a_while_and_whenever_something_does_not_fit(tmp_path: Path) -> None:
    with Trial(tmp_path, leads=3) as trial:
        crm, record = trial.connect(), trial.lead(0)
        crm.read("lead", [record.id], ["status"])
        list(crm.write([Change("lead", record.id, "status", "New", "MQL")]))
        assert trial.server.calls("GET", "/meta/") == 1
        (trial.leads.field("Status").options or {})["choices"].append({"id": "selNew", "name": "Added now"})
        (done,) = crm.write([replace(Change("lead", record.id, "status", "MQL", "Added now"))])
        assert done.kind == "written"
        assert trial.server.calls("GET", "/meta/") == 2
        trial.leads.drop("Owner")  # a field of the mapping
        assert crm.read("lead", [record.id], ["status"])[record.id]["status"] == "Added now"
        trial.clock.sleep(60)
        with pytest.raises(Misconfigured.__mro__[1]):
            crm.read("lead", [record.id], ["status"])
