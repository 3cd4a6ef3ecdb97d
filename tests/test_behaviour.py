"""How records behave in a status value: by hand on small companies, and properties of any history."""

from __future__ import annotations

import gc
import json
import weakref
from dataclasses import replace
from typing import Any

import pytest

from leadpact import audit
from leadpact.audit import actors
from leadpact.audit.behaviour import Behaviour, behaviours
from leadpact.audit.behaviour_told import duration, sentences
from leadpact.audit.facts import Facts
from leadpact.language import Language
from leadpact.tables import Tables
from tests.audit_cases import world
from tests.worlds import pact

EN, ES = Language("en"), Language("es")
KEYS = {"entries_90_days", "by", "stay", "left", "next", "next_stages", "beside", "later", "won"}


def of(case: dict[str, Any], value: str, object: str = "lead") -> Behaviour:
    facts = Facts.of(world(case))
    return behaviours(facts).of(object, value)


HISTORY: dict[str, Any] = {
    "as_of": "2026-03-01",
    "leads": {"ana": "MQL", "bo": "Working", "cy": "Working", "di": "MQL"},
    "history": {
        "ana": [["2025-10-01", "Working"], ["2025-10-03", "MQL"]],
        "bo": [["2026-01-01", "MQL"], ["2026-01-02", "Working"]],
        "cy": [["2026-02-01", "Working"]],
        "di": [["2026-02-01", "Working"], ["2026-02-05", "MQL"]],
    },
}


def test_entries_stays_and_ways_out_by_hand() -> None:
    found = of(HISTORY, "Working").evidence
    assert set(found) == KEYS
    assert found["entries_90_days"] == 3
    # 2 and 4 days finished; 28 and 58 days not: S = 3/4, then 1/2
    assert found["stay"] == {"n": 4, "open": 2, "median_days": 4.0}
    assert found["left"] == 2
    assert found["next"] == [{"value": "MQL", "n": 2, "share": 1.0}]
    assert found["next_stages"] == [{"stage": "mql", "n": 2, "share": 1.0}]


def test_exactly_ninety_days_ago_is_lately() -> None:
    case = {"as_of": "2026-03-01", "leads": {"ana": "MQL"}, "history": {"ana": [["2025-12-01", "MQL"]]}}
    assert of(case, "MQL").evidence["entries_90_days"] == 1
    assert of({**case, "as_of": "2026-03-01T00:00:01"}, "MQL").evidence["entries_90_days"] == 0


def test_a_lead_stays_until_its_conversion_and_that_is_no_leaving() -> None:
    case = {
        "as_of": "2026-03-01",
        "leads": {"ana": {"status": "MQL", "converted_at": "2026-01-11T08:00", "converted_to": "kim"}},
        "contacts": {"kim": "SQL"},
        "history": {"ana": [["2026-01-01T08:00", "MQL"]]},
    }
    stay = of(case, "MQL").stay
    assert stay is not None
    assert (stay.n, stay.open, stay.median_days) == (1, 1, None)


def test_a_change_the_crm_lost_ends_a_stay_of_unknown_length() -> None:
    case = {"leads": {"ana": "Working"}, "history": {"ana": [["2026-01-01", "New"], ["2026-01-05", "MQL"]]}}
    found = of(case, "MQL")
    assert found.entries is not None
    assert (found.entries.n, found.stay) == (1, None)
    assert of(case, "Working").entries is None


def test_changes_of_one_moment_keep_their_order() -> None:
    case = {
        "leads": {"ana": "SAL"},
        "history": {"ana": [["2026-01-01", "New"], ["2026-01-01", "MQL"], ["2026-01-01", "SAL"]]},
    }
    stay = of(case, "MQL").stay
    assert stay is not None
    assert (stay.n, stay.open, stay.median_days) == (1, 0, 0.0)


def test_without_history_or_journeys_everything_is_unknown() -> None:
    found = of({"leads": {"ana": "MQL"}}, "MQL").evidence
    assert set(found) == KEYS
    assert [found[name] for name in ("entries_90_days", "by", "stay", "beside", "later", "won")] == [None] * 6
    assert (found["left"], found["next"], found["next_stages"]) == (0, [], [])


def test_a_value_nobody_ever_held_is_unknown_too() -> None:
    found = of(HISTORY, "Nobody's value").evidence
    assert (found["stay"], found["by"], found["left"]) == (None, None, 0)


def test_by_whom() -> None:
    case = {
        **HISTORY,
        "owners": {
            "u1": {"name": "Sara Díaz"},
            "u2": {"name": "Marketo Sync"},
            "q1": {"name": "Inbox", "is_queue": True},
        },
    }
    analysis = world(case)
    change = analysis.tables.field_change
    named = {"ana": "u1", "bo": "u2", "cy": "gone", "di": None}
    actor = change.record_id.cases(*((key, actor or "") for key, actor in named.items()), else_="").nullif("")
    tables = Tables(**{**vars(analysis.tables), "field_change": change.mutate(actor_id=actor)})
    facts = Facts.of(replace(analysis, tables=tables))
    found = behaviours(facts).of("lead", "Working").evidence
    assert found["by"] == {"person": 1, "integration": 1, "unknown": 2}


@pytest.mark.parametrize(
    ("name", "integration"),
    [("Integración CRM", True), ("API-User", True), ("Data Sync 2", True), ("Sara Díaz", False), ("Rob Botham", False)],
)
def test_names_that_integrations_have(name: str, integration: bool) -> None:
    assert actors.named(name) is integration


@pytest.mark.parametrize(
    ("changes", "hours", "kind"),
    [(500, 8, "integration"), (499, 1, "person"), (600, 10, "integration"), (599, 10, "person")],
)
def test_a_pace_nobody_keeps_up_is_an_integrations(changes: int, hours: int, kind: str) -> None:
    owner = {"owner_id": "u1", "name": "Sara", "is_queue": False}
    assert actors._kind("u1", owner, {"u1": (changes, hours)}) == kind
    assert actors._kind("x9", None, {"x9": (changes, hours)}) == (kind if kind == "integration" else None)


def _journeys(times: int, **more: Any) -> dict[str, Any]:
    return {
        "as_of": "2026-03-01",
        "journeys": True,
        "repeat": times,
        "pact": {
            "status_map": {"lead": {"MQL": "mql", "Hot": "mql", "Working": "sal", "Disqualified": "disqualified"}}
        },
        "leads": {"ana": "Working", "bo": "Disqualified", "cy": "Hot"},
        "history": {
            "ana": [["2025-10-01", "Hot"], ["2025-10-03", "Working"]],
            "bo": [["2025-10-01", "MQL"], ["2025-10-03", "Disqualified"]],
            "cy": [["2026-02-01", "Hot"]],
        },
        **more,
    }


def test_journeys_through_a_value_against_others_of_its_stage() -> None:
    found = of(_journeys(30), "Hot").evidence
    assert found["later"] == {
        "stage": "mql", "n": 30, "reached": 30, "others": 30, "others_reached": 0,
        "difference": 1.0, "low": pytest.approx(0.84, abs=0.03), "high": 1.0,
    }  # fmt: skip
    assert found["won"]["reached"] == 0


def test_fewer_than_thirty_journeys_tell_nothing() -> None:
    assert of(_journeys(29), "Hot").evidence["later"] is None


def test_a_journey_that_was_past_the_stage_already_is_on_neither_side() -> None:
    case = _journeys(30)
    case["history"]["ana"] = [["2025-10-01", "MQL"], ["2025-10-03", "Working"], ["2025-10-09", "Hot"]]
    prospects = of(case, "Hot").prospects
    assert prospects is not None
    assert (prospects.later.n, prospects.later.others) == (0, 30)


def test_a_journey_entered_ninety_days_ago_exactly_counts() -> None:
    case = _journeys(30)
    case["history"]["cy"] = [["2025-12-01", "Hot"]]
    assert of(case, "Hot").evidence["later"]["n"] == 60
    case["history"]["cy"] = [["2025-12-01T00:00:01", "Hot"]]
    assert of(case, "Hot").evidence["later"]["n"] == 30


def test_the_second_journey_of_a_person_is_judged_by_itself() -> None:
    case = _journeys(30)
    case["pact"]["status_map"]["lead"]["Re-Market"] = "remarket"
    case["history"]["bo"] = [
        ["2025-08-01", "Hot"], ["2025-08-02", "Re-Market"], ["2025-10-01", "MQL"], ["2025-10-03", "Disqualified"],
    ]  # fmt: skip
    prospects = of(case, "Hot").prospects
    assert prospects is not None
    assert (prospects.later.n, prospects.later.reached, prospects.later.others) == (60, 30, 30)


def test_row_order_is_irrelevant() -> None:
    turned = {
        **HISTORY,
        "leads": dict(reversed(HISTORY["leads"].items())),
        "history": dict(reversed(HISTORY["history"].items())),
    }
    for value in ("MQL", "Working"):
        assert of(turned, value).evidence == of(HISTORY, value).evidence


def test_findings_about_values_carry_it_and_json_holds_it() -> None:
    case = {**HISTORY, "journeys": True, "leads": {**HISTORY["leads"], "ed": "Left voicemail", "flo": None}}
    findings = audit.run(world(case)).findings
    about = [one for one in findings if one.code.startswith("STA") and one.value is not None]
    assert about
    for one in about:
        assert set(one.evidence["behaviour"]) == KEYS
        assert json.loads(json.dumps(one.evidence["behaviour"])) == one.evidence["behaviour"]
    assert all("behaviour" not in one.evidence for one in findings if one.value is None)


def test_the_words_say_what_is_known_and_nothing_else() -> None:
    case = _journeys(30, leads={"ana": "Working", "bo": "Disqualified", "cy": "Hot", "di": "Left voicemail"})
    found = audit.run(world(case), codes=["STA01", "STA09", "STA06"]).findings
    voicemail = next(one for one in found if one.value == "Left voicemail")
    assert sentences(EN, voicemail, pact()) == [("Entered", "30 times")]
    for language in (EN, ES):
        labels = [label for label, _ in sentences(language, voicemail, pact())]
        assert len(set(labels)) == len(labels) > 0


def test_words_for_every_part_in_both_languages() -> None:
    case = _journeys(30, owners={"u1": {"name": "Sara"}})
    case["activities"] = [{"record_id": "ana", "kind": "call", "at": "2025-10-03T00:05"}]
    case["picklist"] = {"lead": ["MQL"]}
    (hot, *_) = [one for one in audit.run(world(case), codes=["STA14"]).findings if one.value == "Hot"]
    english = dict(sentences(EN, hot, pact(**case["pact"])))
    assert english["How long"] == "half of the stays are over within 2 days (60 stays, 30 of them not ended)"
    assert english["Where next"] == "of 30 moves out of it, to “Working” 100%; by stage: SAL 100%"
    assert english["Further on"].startswith("100% of the 30 journeys through it reached a later stage, against 0%")
    assert english["By whom"] == "the CRM does not say who set it"
    assert len(sentences(ES, hot, pact(**case["pact"]))) == len(english)


@pytest.mark.parametrize(
    ("days", "said"), [(0, "1 minute"), (0.03, "43 minutes"), (0.5, "12 hours"), (1.9, "46 hours"), (2, "2 days")]
)
def test_days_as_people_say_them(days: float, said: str) -> None:
    assert EN.text(duration(EN, days)) == said


def test_what_was_computed_goes_with_the_facts() -> None:
    facts = Facts.of(world(HISTORY))
    found = behaviours(facts)
    assert behaviours(facts) is found
    assert found.of("lead", "MQL").entries is not None
    gone = weakref.ref(found)
    gc.disable()
    try:
        del found, facts
        assert gone() is None
    finally:
        gc.enable()
