"""Write-back: what LeadPact knows of every open record, against what the CRM holds; fields chosen, checked and made.

Not here: applying a plan whatever befalls it (test_writeback_apply.py), the page (test_pages_writeback.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.demo import Demo
from leadpact.cli import main
from leadpact.crm_fields import Choice, CrmField, Equippable, Making
from leadpact.errors import Misconfigured
from leadpact.pact_in_use import PactInUse
from leadpact.settings import Connection
from leadpact.workspace import Analysis, Workspace
from leadpact.writeback import difference, journal, settling, setup, targets, undoing, wanted
from leadpact.writeback.applying import Report, apply
from leadpact.writeback.formats import Formats
from leadpact.writeback.plan import Limits, Plan
from leadpact.writeback.target import Target
from leadpact.writeback.targets import Targets
from tests.homes import copied
from tests.rows import Rows, contact, lead, moved
from tests.worlds import World, pact
from tests.writeback_crm import NOW, Crm, Hours, company, in_a_process, settle_demo, target_of

RULES = {
    "scoring": {"rules": [
        {"id": "fit", "category": "fit", "when": {"field": "country", "op": "eq", "value": "MX"}, "points": 60.5},
        {"id": "mail", "category": "fit", "when": {"field": "email", "op": "filled"}, "points": 40},
    ]},
    "sales_ready": {"threshold": 100, "all": [{"field": "company", "op": "filled"}]},
}  # fmt: skip
PEOPLE = Rows(
    creation_logged=True,
    record=[
        lead("green", status="MQL", country="MX", email="a@x.example", company="Acme", created_at="2026-01-01"),
        lead("amber", status="MQL", country="MX", email="b@x.example", created_at="2026-01-01"),
        lead("red", status="Unheard of", country="ES", created_at="2026-01-01"),
        lead("old", status="Subscriber", country="MX"),
        lead("turned", status="MQL", converted_at="2026-02-01T10:00:00", converted_to="c1", created_at="2026-01-01"),
        contact("c1", status="Customer", country="MX", created_at="2026-02-01T10:00:00"),
        lead("twin", status="MQL", merged_into="green"),
        lead("gone", status="MQL", condition="deleted"),
    ],
    field_change=[
        *moved("green", ("2026-01-01", "Subscriber"), ("2026-02-03T04:05:06.789", "MQL")),
        *moved("amber", ("2026-01-01", "Subscriber"), ("2026-01-05", "MQL"), ("2026-01-06", "Subscriber"),
               ("2026-01-07", "MQL")),
        *moved("red", ("2026-01-01", "Subscriber"), ("2026-01-09", "Unheard of")),
        *moved("turned", ("2026-01-01", "Subscriber"), ("2026-01-20", "MQL")),
        *moved("c1", ("2026-02-01T10:00:00", "SQL"), ("2026-02-05", "Customer"), object="contact"),
    ],
)  # fmt: skip
STAGES = ("Subscriber", "MQL", "SAL", "Customer")
ALL = Limits(1.0, 1_000)


class Described(Crm):
    """The CRM of the apply tests, which also tells its fields."""

    kinds: Any = {"score": "number", "light": "choice", "stage": "choice", "since": "time", "version": "text"}
    stages: Sequence[str] = STAGES
    frozen: Sequence[str] = ()

    def fields(self, object: str) -> list[CrmField]:
        words = {"light": ("Green", "Amber", "Red"), "stage": self.stages}
        return [
            CrmField(object, f"x_{name}", name, kind, name not in self.frozen, kind == "choice",
                     tuple(Choice(word, word) for word in words.get(name, ())))
            for name, kind in self.kinds.items()
        ]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    World(folder).sync(PEOPLE, used=pact(**RULES))
    return folder


@pytest.fixture
def crm(tmp_path: Path) -> Described:
    found = Described(tmp_path / "crm.sqlite", batch=100)
    for record_id in ("green", "amber", "red", "old", "turned"):
        found.put("lead", record_id, name="Somebody")
    found.put("contact", "c1", name="Somebody")
    return found


@pytest.fixture
def target(tmp_path: Path, crm: Described) -> Target:
    found = target_of(tmp_path, crm)
    chosen = Targets()
    for object in ("lead", "contact"):
        for purpose in targets.WRITTEN:
            chosen = chosen.with_field(object, purpose, f"x_{purpose}")
    targets.save(found.engine, "acme", chosen, author="ana", now=NOW)
    return found


def analysis(home: Path, version: int | None = 3, **changed: Any) -> Analysis:
    used = PactInUse(pact(**{**RULES, **changed}), version, version is not None)
    return Workspace(home).analyse("small", pact=used)


def planned(target: Target, one: Analysis, **given: Any) -> Plan:
    return difference.plan(target, one, author="ana", now=NOW, **given)


def written(target: Target, one: Analysis, **given: Any) -> Report:
    plan = planned(target, one, **given)
    return applied(target, plan)


def applied(target: Target, plan: Plan) -> Report:
    return apply(target, plan.id, expected_hash=plan.hash, actor="ana", door="cli", now=NOW, limits=ALL,
                 watch=Hours().watch())  # fmt: skip


def held(crm: Crm, record_id: str, object: str = "lead") -> dict[str, str | None]:
    return {field[2:]: value for (of, one, field), value in crm.all().items()
            if (of, one) == (object, record_id) and field.startswith("x_")}  # fmt: skip


def test_what_is_known_of_every_open_record(home: Path) -> None:
    rows = {row["record_id"]: row for row in wanted.what(analysis(home)).to_pylist()}
    assert list(rows) == ["c1", "amber", "green", "old", "red"]  # not converted, merged away or deleted
    assert rows["green"] == {
        "object": "lead", "record_id": "green", "governed": True, "score": 100.5, "light": "green", "stage": "mql",
        "since": datetime(2026, 2, 3, 4, 5, 6, 789000),
    }  # fmt: skip
    assert (rows["amber"]["light"], rows["amber"]["since"]) == ("amber", datetime(2026, 1, 7))
    assert (rows["red"]["stage"], rows["red"]["since"], rows["red"]["light"]) == (None, None, "red")  # unmapped
    assert (rows["old"]["stage"], rows["old"]["since"]) == ("subscriber", None)  # nobody recorded when
    assert (rows["c1"]["stage"], rows["c1"]["since"]) == (
        "customer",
        datetime(2026, 2, 5),
    )  # the person's, after conversion


def test_of_records_outside_the_scope_nothing_is_said(home: Path) -> None:
    rows = {row["record_id"]: row for row in wanted.what(analysis(home, scope={"country": ["MX"]})).to_pylist()}
    assert [rows["red"][name] for name in ("governed", "score", "light", "stage", "since")] == [False, *[None] * 4]
    assert rows["green"]["governed"]


@pytest.mark.parametrize(
    ("purpose", "kind", "known", "text"),
    [
        ("score", "number", 99.999, "99"), ("score", "text", -0.5, "-1"), ("score", "number", None, None),
        ("light", "choice", "green", "Verde"), ("stage", "choice", "sal", "SAL"), ("stage", "text", "gone", None),
        ("since", "time", datetime(2026, 1, 2, 3, 4, 5, 6), "2026-01-02T03:04:05"),
        ("since", "text", datetime(2026, 1, 2, 3, 4, 5), "2026-01-01 21:04"),
        ("version", "text", None, "v3 borrador"), ("version", "number", None, "3"),
    ],
)  # fmt: skip
def test_each_kind_of_field_gets_its_text(purpose: str, kind: str, known: Any, text: str | None) -> None:
    formats = Formats.of(PactInUse(pact(language="es", timezone="America/Mexico_City"), 3, False))
    assert formats.text(purpose, kind, {"governed": True, purpose: known}) == text


def test_it_is_written_once_and_then_there_is_nothing_to_write(home: Path, target: Target, crm: Described) -> None:
    done = written(target, analysis(home))
    assert done.clean
    assert held(crm, "green") == {"score": "100", "light": "Green", "stage": "MQL", "since": "2026-02-03T04:05:06",
                                  "version": "v3"}  # fmt: skip
    assert held(crm, "c1", "contact")["stage"] == "Customer"
    assert held(crm, "old") == {"score": "60", "light": "Red", "stage": "Subscriber", "version": "v3"}
    assert held(crm, "turned") == {}
    assert crm.all()["lead", "green", "name"] == "Somebody"
    sent = len(crm.written())
    again = planned(target, analysis(home))
    assert (again.changes, again.whole, again.skipped) == (0, 5, {})
    assert applied(target, again).written == 0
    assert len(crm.written()) == sent


def test_what_becomes_unknown_empties_only_what_leadpact_wrote(home: Path, target: Target, crm: Described) -> None:
    written(target, analysis(home))
    crm.put("lead", "amber", x_stage="MQL!")
    crm.put("lead", "red", x_stage="By hand")
    # the pact no longer claims MQL: nothing is known of where these stand
    status_map = {"lead": {"Subscriber": "subscriber"}, "contact": {"Customer": "customer"}}
    done = written(target, analysis(home, status_map=status_map))
    assert (held(crm, "green")["stage"], held(crm, "green")["since"]) == (None, None)
    assert (held(crm, "amber")["stage"], held(crm, "red")["stage"]) == ("MQL!", "By hand")
    assert done.clean
    undo = undoing.plan(target, done.plan.id, author="bob", now=NOW)
    assert applied(target, undo).clean
    assert held(crm, "green")["stage"] == "MQL"
    crm.put("lead", "green", x_stage="A person's")
    assert planned(target, analysis(home)).skipped == {"foreign": 2}  # hers, and the one of amber


def test_a_field_somebody_else_uses_is_left_alone_unless_asked_for(home: Path, target: Target, crm: Described) -> None:
    crm.put("lead", "green", x_score="7", x_light="Green")
    done = written(target, analysis(home))
    assert (done.plan.skipped, done.skipped) == ({"foreign": 1}, 1)
    assert held(crm, "green")["score"] == "7"
    assert written(target, analysis(home)).plan.changes == 0
    taken = written(target, analysis(home), take=True)
    assert (taken.written, held(crm, "green")["score"]) == (1, "100")
    # from now on it is ours, and given back it is not
    applied(target, undoing.plan(target, taken.plan.id, author="bob", now=NOW))
    assert planned(target, analysis(home)).skipped == {"foreign": 1}


def test_the_crm_may_write_our_values_in_its_own_manner(home: Path, target: Target, crm: Described) -> None:
    written(target, analysis(home))
    crm.put("lead", "green", x_score="100.0", x_since="2026-02-03T04:05:06.000+0000")
    assert planned(target, analysis(home)).changes == 0
    cooler = {**RULES["scoring"], "rules": RULES["scoring"]["rules"][:1]}
    done = written(target, analysis(home, scoring=cooler))
    assert (done.conflicts, held(crm, "green")["score"]) == (0, "60")


def test_what_was_written_without_an_answer_is_still_ours(
    home: Path, target: Target, crm: Described, tmp_path: Path
) -> None:
    plan = planned(target, analysis(home))
    target.engine.dispose()
    crm.faults = ["killed_after"]
    assert in_a_process(lambda: applied(target_of(tmp_path, crm), plan)) == -9
    crm.faults = []
    again = planned(target, analysis(home), watch=Hours().watch())
    assert again.changes == 0, "the plan before was settled first: what it wrote is no stranger's"
    assert journal.counted(target.engine, plan) == {"written": plan.changes}
    assert settling.settle_all(target, actor="ana", now=NOW) == 0
    written(target, analysis(home, version=4))
    assert held(crm, "green")["version"] == "v4"


def test_values_the_list_lacks_and_records_that_are_gone_are_set_apart(
    home: Path, target: Target, crm: Described
) -> None:
    crm.stages = ("MQL",)
    crm.remove("lead", "amber")
    done = written(target, analysis(home))
    assert done.plan.skipped == {"gone": 5, "no_choice": 2}
    assert done.clean
    assert "stage" not in held(crm, "old")


@pytest.mark.parametrize(
    ("change", "problem"),
    [({"frozen": ("score",)}, "read_only"), ({"kinds": {**Described.kinds, "score": "flag"}}, "kind"),
     ({"kinds": {"light": "choice"}}, "gone")],
)  # fmt: skip
def test_a_field_that_cannot_be_written_stops_the_plan_before_it_is_made(
    home: Path, target: Target, crm: Described, change: dict[str, Any], problem: str
) -> None:
    for name, value in change.items():
        setattr(crm, name, value)
    with pytest.raises(Misconfigured) as found:
        planned(target, analysis(home))
    assert {one.key for one in found.value.details} == {f"writeback.fault.{problem}"}


def test_fields_are_chosen_with_care(target: Target) -> None:
    for object, purpose, name in (("lead", "score", "status"), ("lead", "owner", "x"), ("deal", "score", "x"),
                                  ("lead", "light", "x_score")):  # fmt: skip
        with pytest.raises(Misconfigured):
            targets.load(target.engine, "acme").with_field(object, purpose, name)
    chosen = targets.load(target.engine, "acme").with_field("lead", "score", None)
    targets.save(target.engine, "acme", chosen, author="ana", now=NOW)
    assert "score" not in targets.load(target.engine, "acme").of("lead")
    with pytest.raises(Misconfigured):
        targets.save(target.engine, "acme", chosen, author=" ", now=NOW)
    with pytest.raises(Misconfigured):
        Limits(share=0)


# the set-up check, and the demo company as a CRM that makes fields


@pytest.fixture
def demo(home: Path, tmp_path: Path) -> Target:
    own = copied(home, tmp_path / "home")
    options = {"leads": 50, "until": "2026-03-01", "writable": True}
    made = Demo(options, state=own / "small" / "state", now=lambda: datetime(2026, 3, 10))
    return Target.of(Workspace(own), Connection("small", "demo", options), made)


def test_missing_fields_are_shown_made_and_chosen(home: Path, demo: Target) -> None:
    assert isinstance(demo.connector, Equippable)
    one = analysis(home)
    first = setup.needs(demo, one)
    assert {need.state for need in first} == {"missing", "later"}
    assert {(need.object, need.purpose) for need in first if need.state == "later"} == {
        ("lead", "days"), ("contact", "days")}  # fmt: skip
    prepared = setup.prepare(demo, first)
    assert [need.purpose for need, _ in prepared][:5] == ["score", "light", "stage", "since", "version"]
    assert "field: LeadPact_Score" in prepared[0][1].preview
    with pytest.raises(Misconfigured):
        list(setup.make(demo, prepared, author="", now=NOW))
    assert {made.kind for _, made in setup.make(demo, prepared, author="ana", now=NOW)} == {"made"}
    again = setup.prepare(demo, setup.needs(demo, one))
    assert [need.purpose for need, _ in again] == ["days", "days"]
    assert {made.kind for _, made in setup.make(demo, again, author="ana", now=NOW)} == {"made"}
    assert {need.state for need in setup.needs(demo, one)} == {"ok"}
    assert {made.kind for _, made in setup.make(demo, prepared, author="ana", now=NOW)} == {"exists"}
    # a stage that came later is added to the lists, and nothing else there is touched
    later = analysis(home, stages=[*pact().model_dump()["stages"], {"key": "new", "label": "Brand new", "kind": "won"}])
    lacking = [need for need in setup.needs(demo, later) if need.state == "choices"]
    assert [need.making.choices for need in lacking if need.making] == [("Brand new",)] * 2
    for _ in setup.make(demo, setup.prepare(demo, lacking), author="ana", now=NOW):
        pass
    (stage,) = [field for field in demo.connector.fields("lead") if field.name == "LeadPact_Stage"]
    assert [choice.value for choice in stage.choices][-2:] == ["Spam", "Brand new"]


def test_fields_of_our_name_are_found_and_a_read_only_connection_makes_none(home: Path, demo: Target) -> None:
    one = analysis(home)
    prepared = setup.prepare(demo, setup.needs(demo, one))
    shut = Target(demo.engine, Connection("small", "demo", {}), demo.connector, demo.folder)
    with pytest.raises(Misconfigured):
        list(setup.make(shut, prepared, author="ana", now=NOW))
    assert {made.kind for made in demo.connector.make([item for _, item in prepared])} == {"made"}  # type: ignore[attr-defined]
    assert {need.state for need in setup.needs(demo, one) if need.purpose != "days"} == {"found"}
    assert setup.adopt(demo, setup.needs(demo, one), author="ana", now=NOW) == 10
    assert {need.state for need in setup.needs(demo, one)} == {"ok", "missing"}


def test_contacts_without_a_status_are_offered_one(tmp_path: Path, crm: Described) -> None:
    world = World(tmp_path / "other")
    world.sync(Rows(record=[lead("a", status="MQL"), contact("b")]))
    needs = setup.needs(target_of(tmp_path, crm), world.analyse())
    (status,) = [need for need in needs if need.purpose == "status"]
    assert status.making is not None
    assert (status.making.object, status.making.name, status.making.kind) == ("contact", "Contact Status", "choice")
    assert status.making.choices == ("MQL", "SQL", "Customer")


def test_the_demo_crm_keeps_its_made_fields_strictly(demo: Target) -> None:
    crm: Any = demo.connector
    wanted_fields = [Making("field", "lead", "Points", kind="number"), Making("field", "lead", "From", kind="time"),
                     Making("field", "lead", "Word", kind="choice", choices=("A",)), Making("field", "lead", "status"),
                     Making("retire", "lead", "status", choices=("New",))]  # fmt: skip
    assert [one.kind for one in crm.make(crm.prepare(wanted_fields))] == ["made"] * 3 + ["refused"] * 2
    days = Making("field", "lead", "Days", kind="formula", days_since="From")
    assert [one.kind for one in crm.make(crm.prepare([days]))] == ["made"]
    open_lead = next(row for _, table in crm._crm().whole(0) if "converted_at" in table.column_names
                     for row in table.to_pylist() if not row["converted_at"] and row["condition"] == "active"
                     and not row["merged_into"])["record_id"]  # fmt: skip
    from leadpact.connector import Change

    tried = [("Points", "x"), ("Points", "7"), ("From", "soon"), ("From", "2026-03-01T00:00:00"), ("Word", "B"),
             ("Days", "1")]  # fmt: skip
    outcomes = [next(iter(crm.write([Change("lead", open_lead, field, None, value)]))) for field, value in tried]
    assert [(one.kind, one.code) for one in outcomes] == [
        ("refused", "INVALID_VALUE"), ("written", None), ("refused", "INVALID_VALUE"), ("written", None),
        ("refused", "INVALID_VALUE"), ("refused", "INVALID_VALUE"),
    ]  # fmt: skip
    assert crm.read("lead", [open_lead], ["Points", "Days"]) == {open_lead: {"Points": "7", "Days": "9"}}
    assert list(crm.extract(since=crm.extract().mark()).pages) == []


# the command line


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, Any]]:
    folder = tmp_path / "company"
    folder.mkdir()
    settle_demo(folder / "home")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    secrets = folder / "secrets.toml"

    def done(*words: str, writable: bool = True) -> tuple[int, Any]:
        text = (
            f'[connections.demo]\ntype = "demo"\nleads = 60\nuntil = "2026-03-01"\nwritable = {str(writable).lower()}\n'
        )
        secrets.write_text(text, encoding="utf-8")
        capsys.readouterr()
        code = main(["--home", "home", "--secrets", "secrets.toml", "--json", "writeback", *words])
        out = capsys.readouterr()
        return code, json.loads(out.out) if out.out else out.err

    return done


AS = ("--as", "ana@acme.example")
KEYS = {"plan", "hash", "planned", "written", "conflicts", "failed", "unknown", "skipped"}


def test_the_command_line_writes_only_when_told_to(run: Callable[..., tuple[int, Any]]) -> None:
    code, checked = run("check")
    assert (code, {one["state"] for one in checked["fields"]}) == (0, {"missing", "later"})
    assert run("plan")[0] == 2  # no field is chosen
    assert len(run("make")[1]["prepared"]) == 10
    assert run("make", "--yes")[0] == 2  # nobody is named
    assert run("make", "--yes", *AS, writable=False)[0] == 2
    assert run("make", "--yes", *AS)[0] == 0
    code, plan = run("plan", "--out", "backup.csv")
    assert code == 0
    assert plan.keys() >= KEYS
    assert (plan["planned"] > 0, plan["written"], plan["left"]) == (True, 0, plan["planned"])
    assert len(Path("backup.csv").read_text(encoding="utf-8").splitlines()) == plan["planned"] + 1
    reviewed = (str(plan["plan"]), plan["hash"])
    assert run("apply", *reviewed)[1]["written"] == 0  # a dry run
    assert run("apply", *reviewed, "--yes")[0] == 2
    assert run("apply", str(plan["plan"]), "--yes", *AS)[0] == 2  # without the hash
    code, error = run("apply", *reviewed, "--yes", *AS)
    assert code == 2
    assert "100 %" in error  # above the limits, with the arithmetic
    code, done = run("apply", *reviewed, "--yes", "--force", *AS)
    assert (code, done["written"], done["left"]) == (0, plan["planned"], 0)
    assert run("set", "--share", "100%", "--most", "1000", *AS)[1]["limits"] == {"share": 1.0, "most": 1000}
    code, nightly = run("apply", "--yes", *AS)
    assert (code, nightly["planned"]) == (0, 0)
    code, undone = run("undo", str(plan["plan"]), "--yes", *AS)
    assert (code, undone["written"], undone["conflicts"]) == (0, plan["planned"], 0)
    code, told = run("journal")
    assert [one["kind"] for one in told["plans"]] == ["undo", "writeback", "writeback"]
    assert told["plans"][0]["undoes"] == plan["plan"]
    assert told["plans"][2]["runs"][0]["forced"]
    code, rows = run("journal", str(plan["plan"]))
    assert {row["outcome"] for row in rows["changes"]} == {"written"}
    assert run("apply", *reviewed, "--yes", "--force", *AS, writable=False)[0] == 2


def test_the_command_line_ends_with_one_where_a_colleague_was_there_first(
    run: Callable[..., tuple[int, Any]],
) -> None:
    from leadpact.connector import Change

    assert run("make", "--yes", *AS)[0] == 0
    plan = run("plan")[1]
    row = next(
        row for row in run("journal", str(plan["plan"]))[1]["changes"] if row["field"] == "LeadPact_Pact_Version"
    )
    (outcome,) = company(Path("home")).write(
        [Change(row["object"], row["record_id"], row["field"], None, "a colleague's")]
    )
    assert outcome.kind == "written"
    code, done = run("apply", str(plan["plan"]), plan["hash"], "--yes", "--force", *AS)
    assert (code, done["conflicts"], done["written"]) == (1, 1, plan["planned"] - 1)
