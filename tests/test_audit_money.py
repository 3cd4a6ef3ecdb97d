"""Money behind findings: deals of the persons, each once; currencies never added; unknown is not zero."""

from __future__ import annotations

from typing import Any

import pytest

from leadpact import audit
from leadpact.audit.money import Amount, Money, affected, at_once, known, of_finding, of_values
from leadpact.audit.rule import Finding
from leadpact.metrics.pipeline import pipeline
from leadpact.workspace import Analysis
from tests.audit_cases import world

VOICE = "Left voicemail"


def deal(record_id: str, **fields: Any) -> dict[str, Any]:
    return {"object": "lead", "record_id": record_id, "created_at": "2026-01-10", "is_won": False, "is_closed": False,
            "amount": 100.0, "currency": "EUR", **fields}  # fmt: skip


def company(*deals: dict[str, Any], **more: Any) -> Analysis:
    leads = {"ana": VOICE, "bo": VOICE, "cy": "MQL", "di": None}
    return world({"leads": leads, "opportunities": list(deals), "picklist": {"lead": ["MQL", VOICE]}, **more})


def found(analysis: Analysis, code: str = "STA01") -> Finding:
    (one,) = [one for one in audit.run(analysis, codes=[code]).findings if one.records]
    return one


def test_open_and_won_deals_of_the_holders_are_added_by_currency() -> None:
    analysis = company(
        deal("ana"), deal("ana", amount=50.0, is_won=True, is_closed=True, closed_at="2026-02-01"),
        deal("bo", amount=1000.0, currency="mxn"), deal("cy", amount=7.0),
        deal("bo", amount=9.0, is_closed=True, closed_at="2026-02-01"),
    )  # fmt: skip
    one = found(analysis)
    wanted = Money(2, 1, 0, (Amount("MXN", 1000.0, 0.0), Amount("EUR", 100.0, 50.0)))
    assert of_values(analysis, [one]) == {one.identity: wanted}
    assert wanted.deals == 3 and wanted.weight == 1000.0
    assert wanted.as_json()["amounts"][1] == {"currency": "EUR", "open": 100.0, "won": 50.0}


def test_value_by_value_or_one_by_one_it_is_the_same() -> None:
    analysis = company(deal("ana"), deal("bo", amount=None), deal("cy", amount=7.0))
    one = found(analysis)
    assert at_once(one)
    assert of_values(analysis, [one])[one.identity] == of_finding(analysis, one)


def test_a_finding_with_people_of_its_own_is_told_too() -> None:
    analysis = company(deal("di", amount=30.0))
    one = found(analysis, "STA13")
    assert not at_once(one) and of_values(analysis, [one]) == {}
    assert affected(analysis, [one]) == {one.identity: Money(1, 0, 0, (Amount("EUR", 30.0, 0.0),))}


def test_a_deal_without_amount_or_currency_is_counted_and_not_added() -> None:
    analysis = company(deal("ana"), deal("ana", amount=None), deal("bo", currency=None), deal("bo", currency="  "))
    one = found(analysis)
    assert of_values(analysis, [one])[one.identity] == Money(4, 0, 3, (Amount("EUR", 100.0, 0.0),))


def test_a_crm_that_names_no_currency_has_only_one() -> None:
    analysis = company(deal("ana", currency=None), deal("bo", currency=None, amount=5.0))
    one = found(analysis)
    assert of_values(analysis, [one])[one.identity] == Money(2, 0, 0, (Amount(None, 105.0, 0.0),))


def test_two_records_of_one_person_count_a_deal_once() -> None:
    leads = {"ana": {"status": VOICE, "converted_to": "kim"}, "bo": {"status": VOICE, "merged_into": "cy"}, "cy": VOICE}
    deals = [deal("ana"), deal("kim", object="contact"), deal("bo"), deal("cy")]
    analysis = world({"leads": leads, "contacts": {"kim": VOICE}, "opportunities": deals,
                      "picklist": {"lead": [VOICE], "contact": [VOICE]}})  # fmt: skip
    findings = audit.run(analysis, codes=["STA01"]).findings
    own = of_values(analysis, findings)
    assert {one.object: own[one.identity].open for one in findings} == {"lead": 4, "contact": 2}


def test_without_deals_in_the_crm_nothing_is_said_and_without_any_deal_zero_is() -> None:
    silent = world({"leads": {"ana": VOICE}, "picklist": {"lead": [VOICE]}})
    one = found(silent)
    assert not known(silent) and of_finding(silent, one) is None and affected(silent, [one]) == {}
    none = company()
    assert affected(none, [found(none)]) == {found(none).identity: Money()}


def test_a_deal_closed_later_is_open_and_one_created_later_is_not_there() -> None:
    analysis = company(
        deal("ana", is_won=True, is_closed=True, closed_at="2026-03-05"), deal("bo", created_at="2026-03-02"),
        as_of="2026-03-01",
    )  # fmt: skip
    one = found(analysis)
    assert of_values(analysis, [one])[one.identity] == Money(1, 0, 0, (Amount("EUR", 100.0, 0.0),))


def test_it_is_never_more_than_the_whole_pipeline() -> None:
    deals = [deal(who, amount=float(at)) for at, who in enumerate(["ana", "bo", "cy", "di", "ana"])]
    analysis = world({"leads": {"ana": VOICE, "bo": VOICE, "cy": "MQL", "di": None}, "opportunities": deals,
                      "picklist": {"lead": ["MQL", VOICE]}, "journeys": True})  # fmt: skip
    whole = pipeline(analysis.tables, analysis.pact, analysis.as_of).line("all")
    for one in affected(analysis, audit.run(analysis).findings).values():
        assert one.deals <= whole.deals
        assert one.weight <= whole.amount("EUR").total


def test_of_no_findings_there_is_no_money() -> None:
    assert affected(company(deal("ana")), []) == {}


@pytest.mark.parametrize("value", ["", "x" * 255, "' OR 1=1; --", "=1+1"])
def test_strange_values_are_only_values(value: str) -> None:
    analysis = world({"leads": {"ana": value or "y"}, "opportunities": [deal("ana")], "picklist": {"lead": ["MQL"]}})
    findings = audit.run(analysis, codes=["STA14"]).findings
    assert [one.open for one in of_values(analysis, findings).values()] == [1]
