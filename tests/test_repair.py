"""Repairing statuses: plans from pairs, maps, findings and lists; the next sync shows a relabelling.

Not here: applying whatever befalls it (test_repair_apply.py, test_writeback_apply.py).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.demo import Demo
from leadpact.audit.facts import Facts
from leadpact.audit.valuemap import Row as Decision
from leadpact.audit.valuemap import ValueMap
from leadpact.connector import Extract, Page
from leadpact.crm_fields import Choice, CrmField
from leadpact.errors import Misconfigured
from leadpact.metrics import sla
from leadpact.pact_in_use import PactInUse
from leadpact.settings import Connection
from leadpact.store import Mirror
from leadpact.sync import sync
from leadpact.workspace import Analysis, Workspace
from leadpact.writeback import plans, repair, repair_keep, repair_list, repair_words, undoing
from leadpact.writeback.applying import apply
from leadpact.writeback.plan import Limits, Plan, Row
from leadpact.writeback.target import Target
from tests.command import called, document
from tests.rows import Rows, contact, lead, moved, table
from tests.worlds import World, pact
from tests.writeback_crm import COMPANY, NOW, SECRETS, Crm, Hours, made, settle_demo, target_of

USED = pact(status_map={
    "lead": {"Unknown": "unknown", "Subscriber": "subscriber", "MQL": "mql", "Working": "sal", "Left voicemail": "sal",
             "Customer": "customer", "Re-Market": "remarket"},
    "contact": {"SQL": "sal", "Customer": "customer", "Re-Market": "remarket"},
    "opportunity": {"created": "sal", "won": "customer", "lost": "remarket"},
}, scope={"country": ["MX"]})  # fmt: skip
VALUES = ("Subscriber", "MQL", "Working", "Left voicemail", "Customer", "Re-Market")
LISTED = [{"object": object, "value": value, "label": value, "is_active": True} for object, values in
          (("lead", VALUES), ("contact", ("SQL", "Customer", "Re-Market"))) for value in values]  # fmt: skip
HERE = {"country": "MX", "created_at": "2026-01-01"}
PEOPLE = Rows(
    creation_logged=True,
    status_value=LISTED,
    record=[
        *(lead(f"v{at}", status="Left voicemail", source="Web" if at else "Fair", **HERE) for at in range(3)),
        lead("gone", status="Left voicemail", **{**HERE, "condition": "deleted"}),
        lead("twin", status="Left voicemail", merged_into="v1", **HERE),
        lead("abroad", status="Left voicemail", country="ES"),
        lead("turned", status="Left voicemail", converted_at="2026-02-01", converted_to="won", **HERE),
        lead("plain", status="Subscriber", **HERE),
        contact("won", **HERE),
        contact("open", **HERE),
    ],
    field_change=[
        *[change for at in range(3) for change in
          moved(f"v{at}", ("2026-01-01", "Subscriber"), ("2026-01-05", "MQL"), ("2026-01-06", "Left voicemail"))],
        *moved("turned", ("2026-01-01", "Subscriber"), ("2026-01-05", "Customer"), ("2026-01-31", "Left voicemail")),
    ],
    opportunity=[{"opportunity_id": "o1", "object": "contact", "record_id": "won", "created_at": "2026-02-02",
                  "closed_at": "2026-02-03", "is_won": True, "is_closed": True}],
)  # fmt: skip


class Told(Crm):
    """The CRM of the apply tests, which tells its fields."""

    choices = VALUES
    retired: tuple[str, ...] = ()
    writable = True

    def fields(self, object: str) -> list[CrmField]:
        choices = tuple(Choice(one, one, one not in self.retired) for one in self.choices)
        return [
            CrmField(object, "Status", "Lead Status", "choice", self.writable, True, choices, "status"),
            CrmField(object, "note", "Note", "text", True),
            CrmField(object, "owner", "Owner", "text", True),
            CrmField(object, "stamp", "Last modified", "time", False, stamped=True),
        ]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repair")
    World(folder).sync(PEOPLE, used=USED)
    return folder


@pytest.fixture
def one(home: Path) -> Analysis:
    return Workspace(home).analyse("small", pact=PactInUse(USED, 3, True))


@pytest.fixture
def crm(tmp_path: Path) -> Told:
    found = Told(tmp_path / "crm.sqlite", batch=100)
    found.put_all([("lead", f"v{at}", "status", "Left voicemail") for at in range(3)])
    return found


@pytest.fixture
def target(tmp_path: Path, crm: Told) -> Target:
    return target_of(tmp_path, crm)


def rows(target: Target, plan: Plan) -> list[tuple[str, str | None, str | None, str]]:
    return [(row.record_id, row.before, row.after, row.reason) for _, row in plans.rows(target.engine, plan)]


def planned(target: Target, one: Analysis, *pairs: tuple[str, str], **given: Any) -> Plan:
    values, source = repair.of_pairs(Facts.of(one), "lead", pairs)
    return repair.plan(target, one, values, source, author="ana", now=NOW, **given)


def test_pairs_become_rows_and_what_cannot_be_written_is_set_apart(target: Target, one: Analysis, crm: Told) -> None:
    plan = planned(target, one, ("Left voicemail", "Working"))
    why = "set · pact v3"
    assert rows(target, plan) == [(f"v{at}", "Left voicemail", "Working", why) for at in range(3)]
    assert plan.skipped == {"converted": 1, "deleted": 1, "merged": 1, "scope": 1}
    assert (plan.kind, plan.whole, plan.draft.kinds) == ("status", 5, {"lead.status": "choice"})
    assert crm.written() == []
    assert planned(target, one, ("Left voicemail", "Working")).hash == plan.hash


def test_where_narrows_to_records_that_have_the_value_themselves(target: Target, one: Analysis) -> None:
    plan = planned(target, one, ("Left voicemail", "Working"), where={"source": "Fair"})
    assert ([row[0] for row in rows(target, plan)], plan.whole) == (["v0"], 5)
    with pytest.raises(Misconfigured) as found:
        planned(target, one, ("Left voicemail", "Working"), where={"planet": "Mars"})
    assert found.value.key == "workspace.no_field"


@pytest.mark.parametrize(
    ("pairs", "faults"),
    [
        ([("Left voicemial", "Working")], ["no_value"]),
        ([("Left voicemail", " ")], ["empty"]),
        ([("Left voicemail", "Left voicemail")], ["equal"]),
        ([("Left voicemail", "Working"), (" Left voicemail ", "MQL")], ["twice"]),
    ],
)
def test_pairs_that_make_no_sense_are_refused(one: Analysis, pairs: Any, faults: list[str]) -> None:
    with pytest.raises(Misconfigured) as found:
        repair.of_pairs(Facts.of(one), "lead", pairs)
    assert [detail.key for detail in found.value.details] == [f"repair.fault.{fault}" for fault in faults]


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"choices": VALUES[:2]}, "no_choice"),
        ({"retired": ("Working",)}, "inactive"),
        ({"writable": False}, "read_only"),
    ],
)
def test_the_crm_is_asked_before_anything_is_planned(
    target: Target, one: Analysis, crm: Told, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any], fault: str
) -> None:
    for name, value in told.items():
        monkeypatch.setattr(crm, name, value)
    with pytest.raises(Misconfigured) as found:
        planned(target, one, ("Left voicemail", "Working"))
    assert [detail.key for detail in found.value.details] == [f"repair.fault.{fault}"]
    assert plans.recent(target.engine, "acme") == []


def test_a_map_moves_what_it_decides_and_counts_what_it_leaves_to_people(target: Target, one: Analysis) -> None:
    values = ValueMap.of([
        Decision("lead", "Left voicemail", "MQL", previous="MQL", codes=("STA01",)), Decision("lead", "Subscriber"),
    ])  # fmt: skip
    plan = repair.plan(target, one, *repair.of_map(values, "map 4"), author="ana", now=NOW)
    assert rows(target, plan)[0] == ("v0", "Left voicemail", "MQL", "STA01 · map 4 · pact v3")
    assert (plan.changes, plan.skipped["undecided"]) == (3, 1)
    with pytest.raises(Misconfigured):
        repair.of_findings(values, ["STA99"])
    chosen, source = repair.of_findings(values, ["sta01"])
    assert (len(chosen.rows), source.name) == (1, "STA01")


def test_blank_contacts_follow_their_person(
    target: Target, one: Analysis, crm: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crm, "choices", ("Customer", "Re-Market"))
    values, source = repair.of_blank_contacts(Facts.of(one))
    plan = repair.plan(target, one, values, source, author="ana", now=NOW)
    assert [row[:3] for row in rows(target, plan)] == [("open", None, "Re-Market"), ("won", None, "Customer")]
    assert rows(target, plan)[0][3] == "CON02 · pact v3"


def test_a_list_is_taken_line_by_line_and_a_plan_can_be_read_back(target: Target, one: Analysis) -> None:
    text = "record_id;status;before\nv0;Working;\nv1;Working;MQL\nv2;MQL;Left voicemail\nnobody;MQL;\nturned;MQL;\n"
    wanted, source = repair_list.read(text.replace("v0;Working;\n", "plain;Subscriber;Subscriber\n"), "x.csv")
    plan = repair_list.plan(target, one, wanted, source, author="ana", now=NOW)
    assert [row[:3] for row in rows(target, plan)] == [("v2", "Left voicemail", "MQL")]
    assert plan.skipped == {"converted": 1, "gone": 1, "moved": 1, "same": 1}
    again, _ = repair_list.read(repair_words.csv_of(target.engine, plan), "out.csv")
    assert [(line.record_id, line.before, line.after) for line in again] == [("v2", "Left voicemail", "MQL")]
    with pytest.raises(Misconfigured) as found:
        repair_list.read("id,status,object\n,A,\nx,,\ny,B,deal\nz,C,\nz,C,\n", "x.csv")
    assert [detail.key.rpartition(".")[2] for detail in found.value.details] == [
        "no_id", "no_after", "bad_object", "twice"]  # fmt: skip


@pytest.mark.parametrize("value", ["=1+1", "'quoted", "-a5", "+a", "@x", "plain", "'=both", "007"])
def test_a_cell_is_never_a_formula_and_comes_back_letter_by_letter(value: str) -> None:
    text = repair_list.to_csv(["record_id", "status"], iter([["x", value]]))
    cell = list(csv.reader(io.StringIO(text)))[1][1]
    assert not cell.startswith(("=", "+", "-", "@"))
    (line,), _ = repair_list.read(text, "x.csv")
    assert line.after == value


def test_the_action_is_kept_in_a_field_by_a_plan_of_its_own(target: Target, one: Analysis, crm: Told) -> None:
    crm.put("lead", "v1", note="hers")
    plan = planned(target, one, ("Left voicemail", "Working"), ("Subscriber", "MQL"))
    kept = repair_keep.plan(target, one, plan.id, "note", author="ana", now=NOW)
    assert [row[:3] for row in rows(target, kept)] == [(f"v{at}", None, "Left voicemail") for at in (0, 2)]
    assert (kept.kind, kept.skipped, kept.whole) == ("keep", {"foreign": 1}, plan.whole)
    for field in ("nothing", "Status", "stamp"):
        with pytest.raises(Misconfigured):
            repair_keep.plan(target, one, plan.id, field, author="ana", now=NOW)


# the demo CRM, from plan to the next sync


@pytest.fixture
def demo(tmp_path: Path) -> tuple[Path, Callable[[datetime], Target]]:
    folder = settle_demo(tmp_path / "home")

    def at(now: datetime) -> Target:
        connector = Demo(COMPANY, state=folder / "demo" / "state", now=lambda: now)
        return Target.of(Workspace(folder), Connection("demo", "demo", COMPANY), connector)

    return folder, at


def facts_of(found: Analysis) -> dict[str, list[Any]]:
    """What a repair must not touch: journeys, their spells, and the clocks, without the names of stages."""
    tables, policy = found.tables, found.pact.sla[0]
    journeys = tables.journey.select("person_id", "journey", "entered_at", "ended_at").to_pyarrow().to_pylist()
    spells = tables.spell.select("person_id", "n", "entered_at", "left_at").to_pyarrow().to_pylist()
    clocks = sla.clocks(tables, found.pact, found.as_of, policy).select("person_id", "started_at")
    return {"journeys": sorted(map(str, journeys)), "spells": sorted(map(str, spells)),
            "clocks": sorted(map(str, clocks.to_pyarrow().to_pylist()))}  # fmt: skip


@pytest.mark.thorough  # four seconds; test_repair_protocols.py asks the same of ten plans at once
def test_after_the_next_sync_a_repair_is_a_relabelling_and_so_is_its_undo(
    demo: tuple[Path, Callable[[datetime], Target]],
) -> None:
    folder, at = demo
    space, start = Workspace(folder), datetime(2026, 3, 2)
    before = space.analyse("demo")
    held = Facts.of(before)
    (old,) = [one.value for one in held.held if (one.object, one.value) == ("lead", "Subscriber")]
    values, source = repair.of_pairs(held, "lead", [(str(old), "Nurture")])
    target = at(start)
    plan = repair.plan(target, before, values, source, author="ana", now=start)
    assert plan.changes > 3

    def go(one: Plan, now: datetime) -> None:
        done = apply(at(now), one.id, expected_hash=one.hash, actor="ana", door="cli", now=now,
                     limits=Limits(1.0, 1_000), watch=Hours().watch())  # fmt: skip
        assert (done.written, done.clean, done.state) == (one.changes, True, "done")
        assert done.pilot is not None
        assert (done.pilot.event, done.pilot.fields) == ("clean", {})

    go(plan, start)
    space.sync(at(start).connector, "demo", now=start + timedelta(days=1))
    after = space.analyse("demo")
    told = after.tables.field_change.filter(lambda t: t.evidence == "remap").to_pyarrow().to_pylist()
    assert {(row["record_id"], row["from_value"], row["to_value"]) for row in told} == {
        (record_id, before_, after_) for record_id, before_, after_, _ in rows(target, plan)}  # fmt: skip
    assert facts_of(after) == facts_of(before)
    undo = undoing.plan(at(start), plan.id, author="bob", now=start + timedelta(days=3))
    go(undo, start + timedelta(days=3))
    space.sync(at(start).connector, "demo", now=start + timedelta(days=4), full=True)
    back = space.analyse("demo")
    assert facts_of(back) == facts_of(before)
    assert back.tables.field_change.filter(lambda t: t.evidence == "remap").count().execute() == 2 * plan.changes


def test_the_command_line_plans_applies_and_undoes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = settle_demo(tmp_path / "home")
    (tmp_path / "secrets.toml").write_text(SECRETS.format(writable="true"), encoding="utf-8")
    base = ["--home", str(home), "--secrets", str(tmp_path / "secrets.toml"), "--json", "remap"]
    names = {"plan", "hash", "planned", "written", "conflicts", "failed", "unknown", "skipped"}
    out = tmp_path / "backup.csv"
    made = document(called(capsys, *base, "plan", "--object", "lead", "--set", "Subscriber=Nurture", "--out", str(out)))
    assert set(made) == names | {"automations"}
    assert (made["written"], out.read_text(encoding="utf-8-sig").count("Nurture")) == (0, made["planned"])
    again = document(called(capsys, *base, "plan", "--csv", str(out)))
    assert again["planned"] == made["planned"]
    who = ["--as", "ana@acme.example"]
    plan = [str(made["plan"]), made["hash"]]
    assert document(called(capsys, *base, "apply", *plan, *who))["written"] == 0
    shown = document(called(capsys, *base, "show", plan[0]))
    assert {name: shown[name] for name in names} == {name: made[name] for name in names}
    assert shown["review"]["effect"]["changed"] == shown["review"]["fits"]["due"] == made["planned"]
    assert called(capsys, *base, "apply", plan[0], "0" * 64, *who, "--yes")[0] == 2
    assert called(capsys, *base, "apply", *plan, "--yes")[0] == 2
    done = document(called(capsys, *base, "apply", *plan, *who, "--yes", "--force"))
    assert (done["written"], done["conflicts"]) == (made["planned"], 0)
    undone = document(called(capsys, *base, "undo", plan[0], *who, "--yes"))
    assert (undone["written"], undone["planned"]) == (made["planned"], made["planned"])
    listed = document(called(capsys, *base, "journal"))["plans"]
    assert [one["kind"] for one in listed] == ["undo", "status", "status"]
    assert called(capsys, *base, "plan", "--set", "Subscriber=Nowhere")[0] == 2
    assert json.dumps(listed)


class Seen(Told):
    """A CRM without history: what is read is what its records hold now."""

    def extract(self, since: str | None = None) -> Extract:
        held = {record_id: value for (_, record_id, field), value in self.all().items() if field == "status"}
        people = [lead(record_id, status=value, **HERE) for record_id, value in sorted(held.items())]
        pages = iter([Page("record", table("record", people)), Page("status_value", table("status_value", LISTED))])
        return Extract(pages, frozenset({"record", "status_value"}), True, lambda: None)


def history(mirror: Mirror) -> list[tuple[str, str, str | None, str | None]]:
    with duckdb.connect(str(mirror.path(mirror.current() or 0)), read_only=True) as crm:
        return crm.execute("""SELECT record_id, evidence, from_value, to_value FROM field_change
                              WHERE "at" IS NOT NULL ORDER BY record_id, "at", seq""").fetchall()


def test_where_the_source_has_no_history_the_journal_tells_and_real_moves_stay_moves(tmp_path: Path) -> None:
    crm = Seen(tmp_path / "crm.sqlite", batch=100)
    crm.put_all([("lead", f"v{at}", "status", "Left voicemail") for at in range(3)])
    target, mirror = target_of(tmp_path, crm), Mirror.of(tmp_path, "acme")
    days = [datetime(2026, 3, day) for day in range(1, 7)]
    sync(crm, mirror, target.engine, now=days[0])
    planned_rows = [Row("lead", f"v{at}", "status", "Left voicemail", "Working") for at in range(3)]
    plan = made(target, planned_rows, kind="status", recipe={"source": "set", "hash": "a"})
    crm.put("lead", "v2", status="MQL")  # a colleague's
    done = apply(target, plan.id, expected_hash=plan.hash, actor="ana", door="cli", now=days[1], waive="a trial",
                 limits=Limits(1.0, 9), watch=Hours().watch())  # fmt: skip
    assert (done.written, done.conflicts) == (2, 1)
    crm.put("lead", "v1", status="Customer")  # after ours, before the sync
    told = [
        ("v0", "remap", "Left voicemail", "Working"),
        ("v1", "remap", "Left voicemail", "Working"),
        ("v1", "observed", "Working", "Customer"),
        ("v2", "observed", "Left voicemail", "MQL"),
    ]
    for full, day in enumerate(days[2:4]):
        sync(crm, mirror, target.engine, now=day, full=bool(full))
        assert history(mirror) == told
    undo = undoing.plan(target, plan.id, author="bob", now=days[4])
    undone = apply(target, undo.id, expected_hash=undo.hash, actor="bob", door="cli", now=days[4],
                   watch=Hours().watch())  # fmt: skip
    assert (undone.written, undone.conflicts) == (1, 1)
    sync(crm, mirror, target.engine, now=days[5])
    assert history(mirror) == [told[0], ("v0", "remap", "Working", "Left voicemail"), *told[1:]]
