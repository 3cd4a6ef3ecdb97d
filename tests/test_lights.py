"""The six classic errors as lights: each with its number, each leading to its finding, unknown never green."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import pytest

from leadpact import audit
from leadpact.audit.registry import every
from leadpact.audit.rule import Finding, NotChecked
from leadpact.audit.runner import Audit
from leadpact.language import Language, Text
from leadpact.metrics.quarrel import Quarrel
from leadpact.workspace import Analysis
from tests.audit_cases import world
from ui import lights
from ui.lights import RULES, Light, all_six

LANGUAGES = [Language(code) for code in ("en", "es", "es_419")]
CALM = Quarrel("follow-up", 0.9, 40, 0, 10, 20, 0.5, None, 0)
SCORING = {"rules": [{"id": "fit", "category": "fit", "when": {"field": "country", "op": "eq", "value": "MX"},
                      "points": 10}]}  # fmt: skip
CLEAN: dict[str, Any] = {
    "leads": {"ana": "Unknown", "bo": "Subscriber", "cy": "MQL"},
    "contacts": {"kim": "Customer"},
    "opportunities": [],
    "activities": [],
    "owners": {},
    "picklist": {"lead": ["Unknown", "Subscriber", "MQL"], "contact": ["Customer"]},
    "history": {"ana": [["2026-01-05", "Unknown"]]},
    "pact": {"scoring": SCORING},
    "version": 3,
    "in_force": True,
}


@functools.cache
def company() -> Analysis:
    """The clean one, built once."""
    return world(CLEAN)


def lit(*findings: Finding, unchecked: tuple[str, ...] = (), calm: Quarrel = CALM, **case: Any) -> dict[str, Light]:
    analysis = company() if not case else world({**CLEAN, **case})
    result = Audit(findings, tuple(NotChecked(code, "x.y", ("activity",)) for code in unchecked))
    return {one.name: one for one in all_six(analysis, result, calm)}


def finding(code: str, records: int = 5, severity: Any = "error", value: str | None = None, **more: Any) -> Finding:
    text = Text.of("audit.records.record", count=records)
    return Finding(code, "x.y", severity, more.pop("object", "lead"), value, records, text, text, **more)


def said(light: Light, language: Language = LANGUAGES[0]) -> str:
    return language.text(light.text)


def test_a_company_in_order_is_green_with_a_number_each() -> None:
    found = lit()
    assert [one.state for one in found.values()] == ["good"] * 6
    assert all(any(char.isdigit() for char in said(one)) for one in found.values())


def test_the_order_is_that_in_which_they_are_best_repaired() -> None:
    assert list(lit()) == ["definition", "bought", "actions", "contacts", "scoring", "sla"]


@pytest.mark.parametrize(
    ("light", "found", "state", "rule", "number"),
    [
        ("definition", finding("DEF02", 0, "warning"), "attention", "DEF02", "3"),
        ("bought", finding("STA11", 137, value="Subscriber"), "bad", "STA11", "137"),
        ("bought", finding("STA11", 0), "bad", "STA11", ""),
        ("bought", finding("STA15", 12, "warning"), "attention", "STA15", "12"),
        ("actions", finding("STA01", 148, value="Email sent"), "bad", "STA01", "148"),
        ("actions", finding("STA02", 9, value="Working - Contacted"), "bad", "STA02", "9"),
        ("actions", finding("STA01", 0, "warning", "Left voicemail"), "attention", "STA01", "1 value"),
        ("contacts", finding("CON01", 1, object="contact"), "bad", "CON01", "1"),
        ("contacts", finding("CON03", 44, object="contact"), "bad", "CON03", "44"),
        ("contacts", finding("CON02", 30, "warning", object="contact"), "attention", "CON02", "30"),
        ("scoring", finding("SCO01", 0, "warning"), "bad", "SCO01", "1"),
        ("scoring", finding("SCO01", 0, "info"), "attention", "SCO01", "1"),
        ("scoring", finding("SCO02", 0, "warning", "fit"), "attention", "SCO02", "1 of 1"),
        ("scoring", finding("SCO03", 120, "warning"), "attention", "SCO03", "120"),
        ("scoring", finding("SCO04", 40, "warning", "f_score"), "attention", "SCO04", "40"),
        ("sla", finding("SLA02", 70, "warning", "mql"), "bad", "SLA02", "70"),
        ("sla", finding("SLA03", 21, "warning"), "attention", "SLA03", "21"),
    ],
)
def test_each_error_is_told_by_its_finding(light: str, found: Finding, state: str, rule: str, number: str) -> None:
    six = lit(found)
    one = six[light]
    assert (one.state, one.page, one.rule) == (state, "findings", rule)
    assert number in said(one)
    assert {other.state for name, other in six.items() if name != light} == {"good"}
    for language in LANGUAGES:
        assert "{" not in said(one, language)


def test_what_is_unsigned_is_bad_and_leads_to_its_finding() -> None:
    one = lit(finding("DEF01", 0, "warning"), in_force=False)["definition"]
    assert (one.state, one.rule) == ("bad", "DEF01")


def test_lead_findings_of_the_contact_rules_are_not_contacts_without_a_status() -> None:
    assert lit(finding("CON03", 4, object="lead"))["contacts"].state == "good"


@pytest.mark.parametrize(
    ("unchecked", "light"),
    [("STA11", "bought"), ("STA01", "actions"), ("STA02", "actions"), ("CON01", "contacts"), ("CON03", "contacts"),
     ("SCO01", "scoring"), ("SLA02", "sla")],
)  # fmt: skip
def test_what_was_not_checked_is_never_green(unchecked: str, light: str) -> None:
    assert lit(unchecked=(unchecked,))[light].state == "unknown"


def test_an_empty_company_is_never_green_but_for_what_the_pact_says() -> None:
    six = lit(leads={}, contacts={}, history={}, calm=replace(CALM, clocks=0, in_time=None))
    assert {name for name, one in six.items() if one.state == "good"} == {"definition", "scoring"}


def test_a_crm_score_on_another_scale_leaves_the_light_green() -> None:
    assert lit(finding("SCO04", 40, "info", "f_score"))["scoring"].state == "good"


def test_without_rules_or_a_signature_nobody_knows_when_scoring_was_reviewed() -> None:
    assert lit(pact={})["scoring"].state == "unknown"
    assert lit(in_force=False)["scoring"].state == "unknown"


def test_an_sla_needs_a_policy_history_and_activities() -> None:
    assert lit(pact={"sla": [], "scoring": SCORING})["sla"].state == "bad"
    bare = {name: part for name, part in CLEAN.items() if name not in ("activities", "history")}
    analysis: Analysis = world(bare)
    light = all_six(analysis, Audit((), ()), CALM)[-1]
    assert light.state == "bad" and "history" in said(light)


def test_the_lights_follow_the_real_audit() -> None:
    analysis = world(
        {**CLEAN, "leads": {"ana": "Left voicemail", "bo": "MQL"}, "contacts": {"kim": None}, "journeys": True}
    )
    six = {one.name: one for one in all_six(analysis, audit.run(analysis), CALM)}
    assert six["actions"].state == "bad" and "1" in said(six["actions"])
    assert six["contacts"].state == "bad" and six["contacts"].rule == "CON01"


@pytest.mark.parametrize(
    "case", [CLEAN, {**CLEAN, "leads": {"ana": "Left voicemail", "bo": "MQL"}, "contacts": {"kim": None}}]
)
def test_the_rules_of_the_lights_alone_and_the_whole_audit_light_the_same(case: Any) -> None:
    analysis = world({**case, "journeys": True})
    part = audit.run(analysis, codes=tuple(RULES))
    rest = audit.run(analysis, codes=tuple(rule.code for rule in every() if rule.code not in RULES))
    whole = audit.run(analysis)
    assert audit.together([part, rest]) == audit.together([rest, part]) == whole
    assert all_six(analysis, part, CALM) == all_six(analysis, whole, CALM)


def test_a_light_asks_for_no_rule_that_was_not_run_for_it() -> None:
    with pytest.raises(KeyError):
        lights._of(Audit((), ()), "ROU01")
