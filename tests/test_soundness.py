"""What cannot be meant in a pact is said; what can be is left alone."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.document import default, read_yaml
from config.parts import Condition, ScoringRule
from leadpact.language import Language
from leadpact.pact_in_use import PactInUse
from leadpact.report.reviews import reviews
from leadpact.soundness import doubts
from leadpact.soundness_conditions import contradictory
from leadpact.soundness_points import most_points
from tests.command import called, exported
from tests.worlds import pact

DESIGN = read_yaml((Path(__file__).parent / "golden" / "pact" / "design.yaml").read_text(encoding="utf-8"), "design")


def condition(op: str, value: Any = None, field: str = "f_size") -> dict[str, Any]:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def keys(document: dict[str, Any], fields: list[str] | None = None) -> list[tuple[str, str]]:
    return [(one.key, str(one.params["path"])) for one in doubts(document, fields)]


@pytest.mark.parametrize(
    ("document", "key", "path"),
    [
        ({"status_map": {"lead": {"New": "a", " new": "b"}}}, "doubt.status_twice", "status_map.lead"),
        ({"flow": [["a", "a"]]}, "doubt.move_to_itself", "flow[0]"),
        ({"flow": [["a", "b"], ["a", "b"]]}, "doubt.move_twice", "flow[1]"),
        ({"stages": [{"key": "a", "kind": "nurture"}, {"key": "b", "kind": "sales"}],
          "flow": [["a", "b"], ["b", "a"]]}, "doubt.no_way_out", "flow"),
        ({"stages": [{"requires": [condition("eq", "A"), condition("ne", "a")]}]},
         "doubt.contradiction", "stages[0].requires"),
        ({"sales_ready": {"all": [condition("gt", 5), condition("lt", "5")]}},
         "doubt.contradiction", "sales_ready.all"),
        ({"lists": [{"when": [condition("filled"), condition("empty")]}]}, "doubt.contradiction", "lists[0].when"),
        ({"sales_ready": {"any": [condition("filled"), condition("empty")]}}, "doubt.always", "sales_ready.any"),
        ({"sales_ready": {"all": [condition("in", ["a", "B"]), condition("in", ["b", "A"])]}},
         "doubt.repeated", "sales_ready.all"),
        ({"sales_ready": {"threshold": 10}}, "doubt.no_rules", "sales_ready.threshold"),
        ({"calendars": {"office": {"timezone": "UTC", "hours": {}}}}, "calendar.no_hours", "calendars.office"),
        ({"calendars": {"office": {"timezone": "UTC", "hours": {"mon": ["10:00-09:00"]}}}},
         "calendar.ends_before_start", "calendars.office"),
        ({"routing": [{"when": [], "to": "a"}, {"when": [condition("filled")], "to": "b"}]},
         "doubt.shadowed", "routing[1]"),
        ({"commitments": {"sales": {"escalation": [{"at": 1, "tell": "a"}]}}}, "doubt.escalation", "commitments.sales"),
    ],
)  # fmt: skip
def test_each_is_named_with_its_path_in_every_language(document: dict[str, Any], key: str, path: str) -> None:
    assert (key, path) in keys(document)
    for code in ("en", "es", "es_419"):
        assert all(Language(code).error(one) for one in doubts(document))


def test_customers_may_stay_customers_and_stages_are_named_as_people_call_them() -> None:
    stages = [{"key": key, "label": key.upper(), "kind": kind} for key, kind in
              (("a", "nurture"), ("b", "sales"), ("won", "won"), ("up", "retained"), ("out", "untouched"))]  # fmt: skip
    document = {"stages": stages, "flow": [["a", "b"], ["b", "a"], ["a", "won"], ["won", "up"]]}
    assert keys(document) == []
    (found,) = doubts({**document, "flow": [["a", "b"], ["b", "a"], ["won", "up"]]})
    assert (found.key, found.params["stages"]) == ("doubt.no_way_out", "A, B")


def test_a_field_nobody_knows_is_said_only_where_the_records_are_known() -> None:
    document = {"sales_ready": {"all": [condition("filled", field="Indutry"), condition("filled", field="email")],
                                "opportunity": [{"id": "a", "question": "?", "field": "f_budgt"}]}}  # fmt: skip
    assert keys(document) == []
    found = doubts(document, ["email", "f_industry", "f_budget"])
    assert [one.params["near"] for one in found] == ["f_industry", "f_budget"]
    assert [one.params["path"] for one in found] == ["sales_ready.all", "sales_ready.opportunity[0]"]


NO_PACT: dict[str, Any] = {"stages": "none", "flow": [1], "routing": [2], "calendars": {"a": 3}}


@pytest.mark.parametrize("document", [DESIGN, default("en").model_dump(), default("es").model_dump(), {}, NO_PACT])
def test_a_sound_pact_and_what_is_no_pact_are_left_alone(document: dict[str, Any]) -> None:
    assert not [key for key, _ in keys(document) if key not in ("doubt.unreachable", "doubt.no_way_out")]


@pytest.mark.parametrize(
    "conditions",
    [
        [condition("gte", "2026-01-31"), condition("lte", "2026-01-31T09:00")],  # the same day
        [condition("contains", "a"), condition("contains", "b")],
        [condition("starts", "ab"), condition("starts", "A")],
        [condition("gt", 5), condition("lt", "many")],  # a number and a text: nobody can tell
        [condition("ne", "a"), condition("not_in", ["b"])],
        [condition("eq", 10), condition("in", ["10.0", "x"])],
    ],
)
def test_conditions_that_can_hold_together_are_no_contradiction(conditions: list[dict[str, Any]]) -> None:
    assert contradictory([Condition.model_validate(one) for one in conditions]) == []


NUMBER = st.integers(-3, 3)
TEST = st.one_of(
    st.tuples(st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), NUMBER),
    st.tuples(st.sampled_from(["in", "not_in"]), st.lists(NUMBER, min_size=1, max_size=3)),
    st.tuples(st.just("between"), st.lists(NUMBER, min_size=2, max_size=2)),
)
SIMPLE = {
    "eq": lambda x, v: x == v, "ne": lambda x, v: x != v, "gt": lambda x, v: x > v, "gte": lambda x, v: x >= v,
    "lt": lambda x, v: x < v, "lte": lambda x, v: x <= v, "in": lambda x, v: x in v, "not_in": lambda x, v: x not in v,
    "between": lambda x, v: v[0] <= x <= v[1],
}  # fmt: skip
DOMAIN = [half / 2 for half in range(-8, 9)]


@settings(max_examples=150, deadline=None)
@given(st.lists(TEST, min_size=1, max_size=4))
def test_what_is_called_contradictory_no_number_meets(tests: list[tuple[str, Any]]) -> None:
    met = any(all(SIMPLE[op](x, value) for op, value in tests) for x in DOMAIN)
    found = contradictory([Condition.model_validate(condition(op, value)) for op, value in tests])
    if found:
        assert not met
    named = any(op in ("eq", "in") for op, _ in tests)
    if not met and (named or all(op in ("gt", "gte", "lt", "lte", "between") for op, _ in tests)):
        assert found


def rule(number: int, op: str, value: Any, points: float, **more: Any) -> ScoringRule:
    when = condition(op, value)
    return ScoringRule.model_validate({"id": f"r{number}", "category": "fit", "when": when, "points": points, **more})


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(TEST, st.integers(-20, 20)), min_size=1, max_size=5))
def test_no_number_has_more_points_than_the_most_there_are(given_rules: list[tuple[tuple[str, Any], int]]) -> None:
    rules = [rule(at, op, value, points) for at, ((op, value), points) in enumerate(given_rules)]
    best = max(sum(points for (op, value), points in given_rules if SIMPLE[op](x, value)) for x in DOMAIN)
    most = most_points(rules)
    assert most is not None and most >= best


def test_two_industries_are_not_added_up_and_repeated_behaviour_without_a_cap_has_no_end() -> None:
    two = [rule(1, "eq", "Banking", 60), rule(2, "eq", "Retail", 40)]
    assert most_points(two) == 60
    visit = {"id": "v", "category": "behaviour", "when": {"activity": "web_visit"}, "points": 5, "per": "occurrence"}
    assert most_points([*two, ScoringRule.model_validate(visit)]) is None
    assert most_points([*two, ScoringRule.model_validate({**visit, "max_points": 15})]) == 75


def test_the_command_line_names_what_looks_wrong_and_writes_the_members_of_a_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = """
name: A
timezone: UTC
stages: [{key: mql, label: MQL, kind: qualified}, {key: won, label: Won, kind: won}]
status_map: {lead: {MQL: mql, mql: won}}
lists: [{id: mx, name: =Mexico, stages: [mql], when: [{field: country, op: eq, value: MX}], assignee: Ana}]
"""
    leads = "record_id,status,country\nl1,MQL,MX\nl2,MQL,ES\nl3,mql,MX\n"
    options = exported(tmp_path, {"leads": leads}, document)
    given_pact, out = ["--pact", str(tmp_path / "pact.yaml")], tmp_path / "members.csv"
    assert called(capsys, *options, "pact", "check", *given_pact, "--json")[0] == 1  # before the first sync
    called(capsys, *options, "sync", "acme")
    code, said, _ = called(capsys, *options, "pact", "check", *given_pact, "--json")
    assert code == 1 and [one["code"] for one in json.loads(said)["problems"]] == ["doubt.status_twice"]
    code, said, _ = called(capsys, *options, "pact", "members", *given_pact, "--json")
    assert code == 0 and [(one["id"], one["people"]) for one in json.loads(said)["lists"]] == [("mx", 1)]
    assert called(capsys, *options, "pact", "members", *given_pact, "--list", "mx")[0] == 2
    code, said, _ = called(
        capsys, *options, "pact", "members", *given_pact, "--list", "mx", "--out", str(out), "--json"
    )
    assert code == 0 and json.loads(said)["people"] == 1
    assert out.read_text(encoding="utf-8").splitlines()[1] == "'=Mexico,l1,,'=Mexico,Ana,MQL,MQL"
    code, _, error = called(capsys, *options, "pact", "members", *given_pact, "--list", "none", "--out", str(out))
    assert code == 2 and "Known: mx" in error


def test_a_review_is_reminded_of_two_weeks_before_it_is_due() -> None:
    used = pact(review={"definition_every_days": 180, "parts": {"sla": 30}}, owners={"sla": "Eva"})
    signed = PactInUse(used, 1, True, datetime(2026, 1, 1, 12))
    first, second = reviews(signed)
    assert (first.part, first.owner, first.day) == ("sla", "Eva", date(2026, 1, 31))
    assert (second.part, second.owner, second.day) == ("definition", None, date(2026, 6, 30))
    states = [first.state(date(2026, 1, day)) for day in (16, 17, 31)]
    assert states == ["later", "soon", "soon"] and first.state(date(2026, 2, 1)) == "late"
    assert [one.state(date(2027, 1, 1)) for one in reviews(PactInUse(used, None, False))] == ["unknown", "unknown"]
