"""Record types: what is said once, what stands apart, and that companies without them see no difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.files import Files
from leadpact import audit
from leadpact.audit import counts
from leadpact.audit.facts import Facts
from leadpact.audit.registry import every
from leadpact.audit.rule import TYPE_RECORDS, Finding
from leadpact.language import Language
from tests.audit_cases import rows, world
from tests.rows import Rows, lead
from tests.worlds import World

EN, ES = Language("en"), Language("es")
JUDGED = [rule.code for rule in every() if rule.per_record_type]
ONE: dict[str, Any] = {code: {TYPE_RECORDS: 1} for code in JUDGED}
TWO: dict[str, Any] = {
    "leads": {
        "ana": {"status": "Working", "record_type": "Direct", "times": 2},
        "bo": {"status": "Working", "record_type": "Partner", "times": 3},
        "cy": {"status": "Left voicemail", "record_type": "Direct"},
        "di": {"status": "Left voicemail", "record_type": None, "times": 2},
        "ed": {"status": "Disqualified", "record_type": "Partner"},
    },
    "contacts": {"kim": "Elsewhere"},
    "picklist": {
        "lead": [
            {"value": "Working", "record_type": "Direct", "is_active": False},
            {"value": "Left voicemail", "record_type": "Direct"},
            {"value": "Working", "record_type": "Partner"},
            {"value": "Waiting List", "record_type": "Partner"},
        ],
        "contact": ["SQL"],
    },
}


def found(case: dict[str, Any], codes: list[str] | None = None) -> dict[str, Finding]:
    return {one.identity: one for one in audit.run(world(case), codes=codes, options=ONE).findings}


def test_what_differs_stands_apart_and_says_so_in_both_languages() -> None:
    result = audit.run(world(TWO), codes=["STA04"], options=ONE)
    (row,) = result.as_json(EN)
    assert (row["value"], row["records"], row["record_type"]) == ("Working", 2, "Direct")
    assert row["message"].startswith("Record type “Direct”: “Working”")
    assert result.as_json(ES)[0]["message"].startswith("Tipo de registro «Direct»: ")
    assert result.findings[0].identity == "STA04:lead@Direct:Working"


def test_only_findings_of_one_record_type_carry_the_key() -> None:
    for row in audit.run(world(TWO), options=ONE).as_json(EN):
        assert ("record_type" in row) == row["message"].startswith("Record"), row


def test_wording_is_judged_once_with_the_records_of_each_type() -> None:
    one = found(TWO, ["STA01"])["STA01:lead:Left voicemail"]
    assert (one.records, one.record_type) == (3, None)
    assert one.evidence["record_types"] == {"none": 2, "Direct": 1}


def test_a_company_without_record_types_has_the_same_findings_as_ever() -> None:
    plain = {
        "leads": {key: {**given, "record_type": None} for key, given in TWO["leads"].items()},
        "picklist": {"lead": ["Working", "Left voicemail", "Waiting List"]},
    }
    one_type = {**plain, "leads": {key: {**given, "record_type": "Direct"} for key, given in TWO["leads"].items()}}
    assert found(plain) == found(one_type)
    for finding in found(plain).values():
        assert finding.record_type is None
        assert "record_types" not in finding.evidence
        assert "@" not in finding.identity


def test_identities_of_a_type_and_of_the_whole_never_meet() -> None:
    def identity(value: str, record_type: str | None) -> str:
        rule = next(one for one in every() if one.code == "STA14")
        return rule.finding(audit.rule.Found("lead", value, record_type=record_type)).identity

    names = [identity("A:B", None), identity("B", "A"), identity("B", "lead:A"), identity("A:B", "lead"),
             identity("B", "lead%3AA"), identity("B", "none")]  # fmt: skip
    assert len(set(names)) == len(names)


def test_the_people_of_a_type_are_those_of_that_type_and_the_file_names_it(tmp_path: Path) -> None:
    home = World(tmp_path)
    home.sync(rows(TWO))
    analysis = home.analyse()
    result = audit.run(analysis, codes=JUDGED, options=ONE)
    for finding in result.findings:
        people = audit.people(analysis, finding, options=ONE).to_pyarrow().to_pylist()
        assert len(people) == finding.records, finding.identity
    told = audit.explain(analysis, result.findings, options=ONE).to_pyarrow().to_pylist()
    assert {(row["record_id"], row["record_type"]) for row in told if row["code"] == "STA04"} == {
        ("ana-0", "Direct"),
        ("ana-1", "Direct"),
    }
    assert {row["record_type"] for row in told if row["object"] == "contact"} == {""}


def test_row_order_is_irrelevant() -> None:
    turned = {**TWO, "leads": dict(reversed(TWO["leads"].items()))}
    turned["picklist"] = {name: list(reversed(own)) for name, own in TWO["picklist"].items()}
    assert found(turned) == found(TWO)


@pytest.mark.parametrize("types", [2, 12])
def test_many_record_types_cost_the_questions_of_one(types: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = counts.rows_of

    def counted(table: Any) -> list[dict[str, Any]]:
        asked.append("")
        return real(table)

    monkeypatch.setattr(counts, "rows_of", counted)
    leads = {f"l{n}": {"status": "MQL", "record_type": f"T{n % types}", "times": 2} for n in range(24)}
    audit.run(world({"leads": leads, "history": {}, "picklist": {"lead": ["MQL", "SQL"]}}), codes=JUDGED, options=ONE)
    assert len(asked) == 4  # the types, who holds what, the moves, the picklist


def test_a_field_of_very_many_values_is_no_record_type() -> None:
    few, many = ({f"l{n}": {"status": "MQL", "record_type": f"T{n}"} for n in range(count)} for count in (50, 51))
    assert len(Facts.of(world({"leads": few})).types()["lead"]) == 50
    assert Facts.of(world({"leads": many})).types() == {}


def test_a_mirror_of_an_earlier_release_is_read_and_synced(tmp_path: Path) -> None:
    home = World(tmp_path)
    source = Rows(
        record=[lead("ana", status="MQL", record_type="Direct"), lead("bo", status="MQL", record_type="Partner")],
        status_value=[{"object": "lead", "value": "MQL", "is_active": True}],
    )
    home.sync(source)
    with duckdb.connect(str(home.workspace.mirror("small").path(1))) as mirror:
        mirror.execute("ALTER TABLE status_value DROP COLUMN record_type")
    assert [row["record_type"] for row in Facts.of(home.analyse()).counts.listed] == [None]
    home.sync(source)
    assert [row["record_type"] for row in Facts.of(home.analyse()).counts.listed] == [None]


def test_the_same_value_twice_for_a_record_type_is_one_row(tmp_path: Path) -> None:
    home = World(tmp_path)
    value = {"object": "lead", "value": "MQL", "is_active": True}
    home.sync(
        Rows(
            record=[lead("ana", status="MQL")],
            status_value=[
                {**value, "record_type": "A", "is_active": False},
                {**value, "record_type": "A"},
                {**value, "is_active": False},
                value,
            ],
        )
    )
    kept = [(row["record_type"], row["is_active"]) for row in Facts.of(home.analyse()).counts.listed]
    assert sorted(kept, key=str) == [("A", True), (None, True)]


def test_files_name_the_record_type_of_a_value(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("record_id,status,record_type\na,Working,Direct\nb,Working,Partner\n")
    (tmp_path / "status_values.csv").write_text(
        "object,value,record_type\nlead,Working,Direct\nlead,MQL,Partner\nlead,MQL,Direct\n"
    )
    home = World(tmp_path / "home")
    home.sync(Files({"path": str(tmp_path)}))
    result = audit.run(home.analyse(), codes=["STA14"], options=ONE)
    assert [(one.value, one.record_type) for one in result.findings] == [("Working", "Partner")]


def test_json_of_a_type_is_plain(tmp_path: Path) -> None:
    assert json.dumps(audit.run(world(TWO), options=ONE).as_json(ES))
