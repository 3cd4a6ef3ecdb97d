"""The audit's machinery: order, identity, options, people, and values nobody should trust."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadpact import audit
from leadpact.audit import rules as rules_package
from leadpact.audit.registry import every, find
from leadpact.audit.rule import HISTORY, SEVERITIES, Option
from leadpact.audit.shown import shown
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.model import TABLES
from tests.audit_cases import rows, world
from tests.worlds import World

EN, ES = Language("en"), Language("es")
MESSY: dict[str, Any] = {
    "journeys": True,
    "leads": {
        "ana": "Left voicemail",
        "bo": "Left voicemail",
        "cy": "Working - Contacted",
        "di": None,
        "ed": {"status": "MQL", "name": "Ed Vega", "email": "ed@example.com", "company": "Vega", "source": "web",
               "owner_id": "u1", "url": "https://crm.example/ed"},
        "flo": {"status": "SQL", "converted_to": "kim", "converted_at": "2026-01-10", "condition": "inactive"},
    },
    "contacts": {"kim": None, "lou": "SQL"},
    "history": {"ed": [["2026-01-05", "Left voicemail"], ["2026-01-06T10:00", "MQL"]]},
    "opportunities": [{"object": "contact", "record_id": "kim", "is_won": True, "closed_at": "2026-02-01"}],
    "owners": {"u1": {"name": "Sara"}},
    "picklist": {"lead": ["MQL", "SQL", "Left voicemail", "Waiting List"]},
}  # fmt: skip


def test_the_worst_comes_first_and_the_order_is_total() -> None:
    findings = audit.run(world(MESSY)).findings
    keys = [(SEVERITIES.index(f.severity), -f.records, f.code, f.object or "", f.value or "") for f in findings]
    assert keys == sorted(keys)
    assert len({finding.identity for finding in findings}) == len(findings) > 8


def test_row_order_is_irrelevant() -> None:
    before = audit.run(world(MESSY))
    shuffled = dict(MESSY)
    for name in ("leads", "contacts"):
        entries = list(MESSY[name].items())
        shuffled[name] = dict(entries[2::3] + entries[::3] + entries[1::3])
    shuffled["picklist"] = {"lead": MESSY["picklist"]["lead"][::-1]}
    assert audit.run(world(shuffled)) == before


def test_json_has_exactly_the_keys_promised_in_both_languages() -> None:
    result = audit.run(world(MESSY))
    for language in (EN, ES):
        for row in result.as_json(language):
            assert list(row) == [
                "code", "name", "severity", "object", "value", "records", "message", "suggestion",
            ]  # fmt: skip
            assert isinstance(row["records"], int)
    english, spanish = (result.as_json(language)[0]["message"] for language in (EN, ES))
    assert english != spanish


def test_a_rule_is_found_by_code_name_and_case() -> None:
    assert find("sta01") is find("status.action") is find("STA01")
    with pytest.raises(Misconfigured) as raised:
        find("STA99")
    assert raised.value.params["name"] == "STA99"
    assert "STA01" in raised.value.params["known"]


def test_only_the_rules_asked_for_run() -> None:
    result = audit.run(world(MESSY), codes=["status.action", "STA01", "con01"])
    assert {finding.code for finding in result.findings} == {"STA01"}


def test_codes_names_and_aliases_are_unique_and_needs_exist() -> None:
    rules = every()
    names = [name.casefold() for rule in rules for name in (rule.code, rule.name, *rule.aliases)]
    assert len(set(names)) == len(names)
    assert all(need in {*TABLES, HISTORY} for rule in rules for need in rule.needs)
    files = {path.stem.split("_")[0] for path in Path(str(rules_package.__file__)).parent.glob("[a-z]*.py")}
    assert files == {rule.code.lower() for rule in rules}


def test_what_the_crm_does_not_give_is_not_checked_rather_than_clean() -> None:
    result = audit.run(world({"leads": {"ana": "MQL"}}))
    unchecked = {one.code: one.needs for one in result.not_checked}
    assert unchecked["CON03"] == ("opportunity",)
    assert unchecked["STA14"] == ("status_value",)
    message = next(one.message for one in result.not_checked if one.code == "STA14")
    assert EN.text(message) == "Not checked: this CRM gives no picklist values."
    assert ES.text(message) == "No comprobado: este CRM no entrega valores de las listas."


@pytest.mark.parametrize("given", [{"max_days": 0}, {"max_days": 1.5}, {"max_days": "9"}, {"max_days": True}, {"x": 1}])
def test_a_bad_option_is_refused_by_name(given: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured) as raised:
        audit.run(world(MESSY), codes=["STA05"], options={"status.unused": given})
    assert raised.value.params["rule"] == "STA05"
    assert EN.error(raised.value)


def test_every_option_default_is_within_its_own_range() -> None:
    for rule in every():
        for name, option in rule.options.items():
            assert option.checked(rule.code, name, option.default) == option.default
    assert Option(float, 1.0).range == "–"
    assert Option(int, 1, max=4).range == "≤ 4"
    assert Option(int, 1, min=1, max=4).range == "1–4"


def test_the_people_behind_a_finding_go_through_the_whole_house(tmp_path: Path) -> None:
    home = World(tmp_path)
    home.sync(rows(MESSY))
    analysis = home.analyse()
    result = audit.run(analysis)
    found = {finding.identity: finding for finding in result.findings}
    assert result.findings == audit.run(world(MESSY)).findings
    people = {name: audit.people(analysis, finding).to_pyarrow().to_pylist() for name, finding in found.items()}
    for name, finding in found.items():
        assert len(people[name]) == finding.records, name
    (kim,) = people["CON03:contact:"]
    assert list(kim) == [
        "object", "record_id", "person_id", "name", "email", "company", "status", "owner", "source", "since", "url",
    ]  # fmt: skip
    assert (kim["object"], kim["record_id"], kim["person_id"]) == ("contact", "kim", "contact:kim")
    assert [row["record_id"] for row in people["STA13:lead:"]] == ["di"]


def test_many_findings_are_explained_at_once() -> None:
    analysis = world(MESSY)
    findings = audit.run(analysis).findings
    rows = audit.explain(analysis, findings).to_pyarrow().to_pylist()
    assert len(rows) == sum(finding.records for finding in findings)
    assert {"object": "contact", "record_id": "kim", "code": "CON03", "value": "", "record_type": ""} in rows
    assert {"object": "lead", "record_id": "ana", "code": "STA01", "value": "Left voicemail", "record_type": ""} in rows
    assert audit.explain(analysis, []).to_pyarrow().num_rows == 0


def test_people_carry_owner_source_and_since(tmp_path: Path) -> None:
    case = {**MESSY, "picklist": {"lead": ["SQL"]}}
    analysis = world(case)
    finding = next(f for f in audit.run(analysis, codes=["STA14"]).findings if f.value == "MQL")
    (ed,) = audit.people(analysis, finding).to_pyarrow().to_pylist()
    assert (ed["name"], ed["email"], ed["company"], ed["owner"], ed["source"]) == (
        "Ed Vega", "ed@example.com", "Vega", "Sara", "web",
    )  # fmt: skip
    assert str(ed["since"]) == "2026-01-06 10:00:00"
    assert ed["url"] == "https://crm.example/ed"


def test_a_crm_without_contacts_is_audited() -> None:
    result = audit.run(world({**MESSY, "contacts": {}, "opportunities": []}))
    assert {finding.object for finding in result.findings} == {"lead", None}


def test_a_picklist_of_400_values_finds_each_once() -> None:
    values = [f"Left voicemail {number}" for number in range(400)]
    case = {
        "leads": {f"lead-{n}": values[n % 400] for n in range(1000)},
        "picklist": {"lead": [*values, "MQL"]},
    }
    result = audit.run(world(case), codes=["STA01", "STA05", "STA09"])
    actions = [finding for finding in result.findings if finding.code == "STA01"]
    assert sorted(finding.value or "" for finding in actions) == sorted(values)
    assert sum(finding.records for finding in actions) == 1000
    assert [finding.value for finding in result.findings if finding.code == "STA05"] == ["MQL"]


def test_one_value_only() -> None:
    result = audit.run(world({"leads": {"ana": "MQL", "bo": "MQL"}, "picklist": {"lead": ["MQL"]}}))
    assert [finding.value for finding in result.findings if finding.value is not None] == []


STRANGE = (
    "x" * 255,
    "Left voicemail " + "é" * 240,
    "اتصال هاتفي",
    "\u202egpj.exe",
    "Left\x00voicemail\x1b[31m",
    "line\nbreak\tand tab",
    "<script>alert(1)</script>",
    "<b>Left voicemail</b>",
    '=HYPERLINK("http://example.com")',
    "+1+cmd|' /C calc'!A0",
    "{0.__class__} {value} %s %(x)s",
    "' OR 1=1; --",
    "📞",
    "\ufeffMQL",
    "\u00a0",
    " ",
)


@pytest.mark.parametrize("value", STRANGE, ids=[ascii(value)[:24] for value in STRANGE])
def test_strange_values_are_carried_as_they_are_and_shown_harmless(value: str) -> None:
    analysis = world({"leads": {"ana": value, "bo": "MQL"}, "picklist": {"lead": ["MQL"]}})
    result = audit.run(analysis)
    undefined = [finding for finding in result.findings if finding.code == "STA14"]
    if not value.strip():
        assert undefined == []
        assert any(finding.code == "STA13" and finding.records == 1 for finding in result.findings)
        return
    assert [finding.value for finding in undefined] == [value]
    assert [row["record_id"] for row in audit.people(analysis, undefined[0]).to_pyarrow().to_pylist()] == ["ana"]
    for language in (EN, ES):
        message = language.text(undefined[0].message)
        assert all(char.isprintable() or char in "\u2068\u2069" for char in message)
        assert len(message) < 200


def test_shown_text() -> None:
    assert shown(None) == ""
    assert shown("Left\x00 voice\u202email\n") == "Left voicemail"
    assert shown("a" * 81) == "a" * 79 + "…"
    assert len(shown("ا" * 255)) == 82
    assert shown("10", "Contacted") == "Contacted (10)"
    assert shown("MQL", "MQL") == "MQL"
    assert shown("👩\u200d💻") == "👩\u200d💻"
