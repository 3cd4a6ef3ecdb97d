"""Every golden case of every rule: tests/golden/rules/<CODE>.yaml."""

from __future__ import annotations

from typing import Any

import pytest

from leadpact import audit
from leadpact.audit.registry import every
from leadpact.language import Language
from tests.audit_cases import cases, moment, world

CASES = cases()
LANGUAGES = [Language(code) for code in ("en", "es", "es_419")]


@pytest.mark.parametrize(
    ("code", "case"), [pytest.param(code, case, id=f"{code}-{name}") for code, name, case in CASES]
)
def test_golden_case(code: str, case: dict[str, Any]) -> None:
    analysis = world(case)
    found = audit.run(analysis, codes=[code], options={code: case.get("options", {})})
    assert [list(one.needs) for one in found.not_checked] == case.get("not_checked", [])
    assert len(found.findings) == len(case["finds"]), [one.identity for one in found.findings]
    for finding, wanted in zip(found.findings, case["finds"], strict=True):
        _same(finding, wanted)
    for language in LANGUAGES:
        assert all(one["message"] and one["suggestion"] for one in found.as_json(language))
    if "people" in case:
        ids = [row["record_id"] for one in found.findings for row in _people(analysis, one, case)]
        assert sorted(ids) == case["people"]
        assert sum(one.records for one in found.findings) == len(ids)


def _people(analysis: Any, finding: audit.Finding, case: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        audit.people(analysis, finding, options={finding.code: case.get("options", {})}).to_pyarrow().to_pylist()
    )
    return rows


def _same(finding: audit.Finding, wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        if name == "evidence":
            for part, known in value.items():
                assert finding.evidence[part] == known, part
        elif name == "since":
            assert finding.since == moment(value)
        elif name == "message":
            assert Language("en").text(finding.message) == value
        else:
            assert getattr(finding, name) == value, name


@pytest.mark.parametrize("rule", every(), ids=lambda rule: rule.code)
def test_every_rule_has_cases_that_find_and_cases_that_do_not(rule: audit.Rule) -> None:
    own = [case for code, _, case in CASES if code == rule.code]
    assert any(case["finds"] for case in own)
    assert any(not case["finds"] and "not_checked" not in case for case in own)
    if rule.needs:
        assert any("not_checked" in case for case in own)
