"""Differences of two pacts as people read them, in both languages; leaf by leaf for programs."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import diff
from config.schema import Pact
from leadpact.language import Language
from leadpact.pact_diff import by_section, differences, headline
from leadpact.pact_diff_words import FIELDS
from tests.worlds import SMALL

EN, ES = Language("en"), Language("es")
RULE = {"id": "fit", "category": "fit", "when": {"field": "country", "op": "eq", "value": "MX"}, "points": 20}
VISIT = {"id": "visit", "category": "behaviour", "points": 10,
         "when": {"activity": "web_visit", "subject": {"op": "contains", "value": "pricing"},
                  "within_days": 30}}  # fmt: skip
FULL: dict[str, Any] = {
    **SMALL,
    "sales_ready": {"threshold": 100, "all": [{"field": "email", "op": "filled"}]},
    "scoring": {"rules": [RULE]},
    "calendars": {"office": {"timezone": "UTC", "hours": {"mon": ["09:00-17:00"]}}},
    "commitments": {"marketing": {"mql_per_month": 400, "accepted_rate": 0.855}},
    "glossary": [{"term": "lead", "meaning": "somebody"}],
    "flow": [["unknown", "mql"], ["mql", "sal"]],
    "routing": [{"when": [{"field": "country", "op": "eq", "value": "MX"}], "to": "Team MX"}],
}  # fmt: skip


def edited(**sections: Any) -> dict[str, Any]:
    return {**copy.deepcopy(FULL), **sections}


def lines(after: dict[str, Any], say: Language = EN) -> list[str]:
    return [text for _, texts in by_section(differences(FULL, after), say) for text in texts]


def lead(**values: str | None) -> dict[str, Any]:
    found = {**SMALL["status_map"]["lead"], **values}
    return {**SMALL["status_map"], "lead": {value: stage for value, stage in found.items() if stage}}


STAGES = SMALL["stages"]
CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({"sales_ready": {**FULL["sales_ready"], "threshold": 80}}, ["threshold 100 → 80"]),
    ({"scoring": {"rules": [RULE, VISIT]}}, ["+ rule “visit”"]),
    ({"scoring": {"rules": [{**RULE, "points": 25, "max_points": 50}]}},
     ["rule “fit”: points 20 → 25", "rule “fit”: cap on points none → 50"]),
    ({"scoring": {"rules": [{**RULE, "when": VISIT["when"]}]}},
     ["rule “fit”: condition country is MX → an activity of kind “web_visit” "
      "where its subject contains “pricing”, in the last 30 days"]),
    ({"status_map": lead(Working="mql")}, ["status “Working” moved to MQL (was SAL)"]),
    ({"status_map": lead(Spam=None, Junk="spam")},
     ["status “Junk” now means Spam", "status “Spam” no longer mapped (was Spam)"]),
    ({"status_map": {**SMALL["status_map"], "opportunity": {"created": "sal", "won": "renewal"}}},
     ["opportunity won moved to Renewal (was Customer)", "opportunity lost no longer mapped (was Re-Market)"]),
    ({"stages": [*STAGES[:3], {**STAGES[3], "label": "Accepted", "kind": "qualified"}, *STAGES[4:]]},
     ["stage “Accepted”: name SAL → Accepted", "stage “Accepted”: kind with Sales → qualified"]),
    ({"stages": [STAGES[1], STAGES[0], *STAGES[2:]]},
     ["stages in a new order: " + ", ".join(s["label"] for s in [STAGES[1], STAGES[0], *STAGES[2:]])]),
    ({"stages": [{**STAGES[0], "requires": [{"field": "email", "op": "filled"}]}, *STAGES[1:]]},
     ["stage “Unknown”: criteria to enter + email is filled in"]),
    ({"sales_ready": {"threshold": 100, "all": [{"field": "email", "op": "filled"}, {
        "field": "phone", "op": "filled", "where": {"field": "source", "op": "eq", "value": "Event"}}]}},
     ["+ must-have “phone is filled in (only where source is Event)”"]),
    ({"sales_ready": {"threshold": 100, "all": []}}, ["− must-have “email is filled in”"]),
    ({"sales_ready": {**FULL["sales_ready"], "opportunity": [{"id": "budget", "question": "Is there a budget?"}]}},
     ["+ question “Is there a budget?”"]),
    ({"flow": [["mql", "sal"], ["sal", "customer"]]}, ["+ move “SAL → Customer”", "− move “Unknown → MQL”"]),
    ({"flow": [["mql", "sal"], ["unknown", "mql"]]}, ["moves in a new order: MQL → SAL, Unknown → MQL"]),
    ({"routing": []}, ["− routing rule “country is MX → Team MX”"]),
    ({"calendars": {"office": {"timezone": "Europe/Madrid",
                               "hours": {"mon": ["09:00-17:00"], "tue": ["09:00-14:00"]}}}},
     ["calendar “office”: time zone UTC → Europe/Madrid", "calendar “office”: tue + 09:00-14:00"]),
    ({"commitments": {"marketing": {"mql_per_month": 500, "accepted_rate": 0.8}}},
     ["Marketing: MQLs a month 400 → 500", "Marketing: accepted rate 85.5 % → 80 %"]),
    ({"glossary": [{"term": "lead", "meaning": "x" * 80}]}, ["term “lead”: meaning reworded"]),
    ({"timezone": "Europe/Madrid"}, ["time zone UTC → Europe/Madrid"]),
    ({"scope": {"record_type": ["B2B"]}}, ["+ scope “record_type = B2B”"]),
    ({"signatories": {"sales": ["bob@x.com"]}}, ["+ signatory “bob@x.com”"]),
    ({"sla": [{**SMALL["sla"][0], "target": {"hours": 24, "clock": "elapsed"},
               "stops": {"stages": ["sal", "customer"], "activities": ["call", "meeting"]}}]},
     ["SLA “follow-up”: hours 48 → 24", "SLA “follow-up”: stages + Customer", "SLA “follow-up”: activities − email"]),
    ({"opportunities": {"types": ["New"]}}, ["types none → New"]),
    ({}, []),
]  # fmt: skip


@pytest.mark.parametrize(("sections", "expected"), CASES)
def test_a_change_is_said_as_people_say_it(sections: dict[str, Any], expected: list[str]) -> None:
    assert sorted(lines(edited(**sections))) == sorted(expected)
    assert len(lines(edited(**sections), ES)) == len(expected)


def test_the_headline_says_the_few_and_counts_the_many() -> None:
    after = edited(
        sales_ready={**FULL["sales_ready"], "threshold": 80},
        scoring={"rules": [RULE, *({**RULE, "id": f"r{n}"} for n in range(3))]},
        status_map=lead(Working="mql"),
    )
    found = differences(FULL, after)
    assert headline(found, EN) == "Status “Working” moved to MQL (was SAL); threshold 100 → 80; +3 rules"
    assert headline(found, ES) == "Estado «Working» pasa a MQL (antes, SAL); umbral 100 → 80; +3 reglas"
    assert headline([], EN) == "Nothing differs"


def test_an_invalid_draft_is_told_apart_too() -> None:
    odd = edited(stages="none", scoring=[1], routing={"a": 1}, flow=[3], calendars=[1], colour="red",
                 sales_ready={"all": "x", "threshold": "many"}, status_map={"lead": 7},
                 sla=[{"id": "a"}, {"id": "a"}])  # fmt: skip
    for say in (EN, ES):
        assert headline(differences(FULL, odd), say)
        assert headline(differences(odd, FULL), say)


def test_leaves_go_by_key_and_an_order_of_its_own() -> None:
    after = edited(stages=[STAGES[1], {**STAGES[0], "label": "New"}, *STAGES[2:]], timezone="Europe/Madrid")
    found = {one.path: (one.before, one.after) for one in diff.changes(FULL, after)}
    assert found.pop("stages[]")[1][:2] == ["subscriber", "unknown"]
    assert found == {"stages[unknown].label": ("Unknown", "New"), "timezone": ("UTC", "Europe/Madrid")}
    assert diff.at(FULL, "stages[mql].label") == "MQL"
    assert diff.at(FULL, "scoring.rules[fit].when.field") == "country"
    assert diff.at(FULL, "routing[0].to") == "Team MX"
    assert diff.at(FULL, "stages[nobody].label") is None and diff.at(FULL, "") == FULL


json = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text("ab[].", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "key", "a", "when"]), inner, max_size=3)
    ),
    max_leaves=8,
)
documents = st.dictionaries(st.sampled_from([*Pact.model_fields, "colour"]), json, max_size=4)


@given(documents, documents)
def test_two_documents_differ_in_words_exactly_when_they_differ(one: dict[str, Any], other: dict[str, Any]) -> None:
    leaves = diff.changes(one, other)
    found = differences(one, other)
    assert not differences(one, copy.deepcopy(one)) and not diff.changes(one, copy.deepcopy(one))
    if found:
        assert leaves and headline(found, EN) and headline(found, ES)


def test_every_field_of_a_pact_has_a_name() -> None:
    def names(schema: Any) -> set[str]:
        if isinstance(schema, dict):
            own = set(schema.get("properties", {})) if schema.get("type") == "object" else set()
            return own.union(*(names(one) for one in schema.values()))
        return set().union(*(names(one) for one in schema)) if isinstance(schema, list) else set()

    known = names(Pact.model_json_schema())
    elsewhere = {"id", "key", "term", "from", "rules", "groups", "value", "op", "activity", "subject", "where",
                 "within_days", "lead", "contact", "opportunity", "marketing", "sales",
                 "created", "won", "lost", "at", "tell",
                 *Pact.model_fields}  # fmt: skip
    assert known - elsewhere - set(FIELDS) == set()
