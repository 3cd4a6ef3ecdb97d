"""The order of the work: every rule has its step, and a step is done only where everything was looked at."""

from __future__ import annotations

from typing import Any

import pytest

from config.document import default
from config.schema import Pact
from leadpact import audit
from leadpact.audit.registry import every
from leadpact.audit.rule import Finding, NotChecked
from leadpact.audit.runner import Audit
from leadpact.audit.steps import OF, RULES, STEPS, ordered, standing, step_of
from leadpact.language import Text
from tests.audit_cases import world


def finding(code: str, severity: Any = "error", records: int = 1, value: str | None = None) -> Finding:
    text = Text.of("audit.records.record", count=records)
    return Finding(code, "x.y", severity, "lead", value, records, text, text)


def audited(*findings: Finding, unchecked: tuple[str, ...] = ()) -> Audit:
    return Audit(findings, tuple(NotChecked(code, "x.y", ("activity",)) for code in unchecked))


@pytest.mark.parametrize("rule", every(), ids=lambda rule: rule.code)
def test_every_rule_has_a_step(rule: audit.Rule) -> None:
    assert step_of(rule.code) in STEPS


def test_no_rule_has_two_steps_and_the_order_is_that_of_the_work() -> None:
    codes = [code for own in RULES.values() for code in own]
    assert len(codes) == len(set(codes)) == len(OF)
    assert STEPS == ("definition", "statuses", "contacts", "scoring", "time", "velocity")


def test_a_step_is_to_do_while_an_error_or_a_warning_is_left() -> None:
    states = {one.step: one.state for one in standing(audited(finding("DEF01"), finding("CON02", "warning")))}
    assert states["definition"] == states["contacts"] == "todo"
    assert states["statuses"] == "done"


def test_notes_alone_leave_a_step_done() -> None:
    (first, *_) = standing(audited(finding("DEF01", "info")))
    assert (first.state, first.count("info"), first.count("error")) == ("done", 1, 0)


def test_what_could_not_be_checked_is_never_done() -> None:
    found = {one.step: one for one in standing(audited(unchecked=("CON03",)))}
    assert found["contacts"].state == "unknown" and found["contacts"].unchecked == ("CON03",)
    assert standing(audited(finding("CON01"), unchecked=("CON03",)))[2].state == "todo"


def test_the_scoring_of_a_pact_that_has_none_is_not_done() -> None:
    pact = default("en")
    rules = [{"id": "fit", "category": "fit", "when": {"field": "country", "op": "eq", "value": "MX"}, "points": 10}]
    scored = Pact.model_validate({**pact.model_dump(), "scoring": {"rules": rules}})
    assert [{one.step: one.state for one in standing(audited(), pact=each)}["scoring"] for each in (pact, scored)] == [
        "unknown",
        "done",
    ]


def test_a_step_without_any_rule_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    from leadpact.audit import steps

    monkeypatch.setattr(steps, "chosen", lambda _: ())
    assert {one.state for one in standing(audited())} == {"unknown"}


def test_within_a_step_severity_comes_before_records_and_records_before_worth() -> None:
    small, large = finding("STA01", records=3, value="a"), finding("STA01", records=9, value="b")
    rich = finding("STA01", records=3, value="c")
    mild = finding("STA02", "warning", 500, "d")
    worth = {rich.identity: 10.0}
    found = ordered([mild, small, large, rich], lambda one: worth.get(one.identity, 0.0))
    assert [one.value for one in found] == ["b", "c", "a", "d"]


def test_every_finding_is_in_exactly_one_step() -> None:
    case = {"leads": {"ana": "Left voicemail", "bo": None}, "contacts": {"kim": None}, "picklist": {"lead": ["MQL"]}}
    result = audit.run(world(case))
    steps = standing(result)
    assert sorted(one.identity for step in steps for one in step.findings) == sorted(
        one.identity for one in result.findings
    )
    assert sum(step.checked + len(step.unchecked) for step in steps) == len(every())
    assert steps[1].records == max(one.records for one in steps[1].findings)


def test_of_rules_that_did_not_run_nothing_is_known() -> None:
    found = {one.step: one for one in standing(audited(), codes=["STA01"])}
    assert found["contacts"].state == "unknown" and found["statuses"].checked == 1
