"""Rules as cells and back: what nobody touched stays as it was written, what was typed is read as people mean it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.parts import ScoringRule
from ui.scoring_rules_cells import cells, changed, slug

FIT: dict[str, Any] = {"id": "size", "category": "fit", "points": 10.5, "when": {"field": "f_size", "op": "gte",
                                                                             "value": 50.0}}  # fmt: skip
DID: dict[str, Any] = {
    "id": "pricing", "category": "behaviour", "points": -5, "per": "occurrence", "max_points": 9, "group": "web",
    "half_life_days": 3.5, "when": {"activity": "web_visit", "subject": {"op": "in", "value": ["/a, b", 7]},
                                    "within_days": 30},
}  # fmt: skip


@pytest.mark.parametrize("rule", [FIT, DID, {**FIT, "when": {"field": "a", "op": "filled"}}])
def test_a_rule_nobody_touched_stays_as_it_was_written(rule: dict[str, Any]) -> None:
    assert changed(rule, {}) == rule
    assert ScoringRule.model_validate(changed(rule, {})) == ScoringRule.model_validate(rule)


@pytest.mark.parametrize(
    ("op", "typed", "value"),
    [
        ("in", "Banking; Retail, north ;", ["Banking", "Retail, north"]),
        ("between", "10;50", [10, 50]),
        ("eq", "007", "007"),
        ("eq", "7", 7),
        ("eq", "7.5", "7.5"),
        ("gte", "2026-01-31", "2026-01-31"),
        ("eq", "12345678901234567", "12345678901234567"),
        ("in", "", []),
        ("eq", "", None),
    ],
)
def test_what_is_typed_is_read_as_people_mean_it(op: str, typed: str, value: Any) -> None:
    assert changed(FIT, {"op": op, "value": typed})["when"] == {"field": "f_size", "op": op, "value": value}


def test_a_field_becomes_an_activity_and_back() -> None:
    done = changed(FIT, {"on": "activity:form", "op": None, "within_days": 7.0})
    assert (done["category"], done["when"]) == ("behaviour", {"activity": "form", "within_days": 7})
    back = changed(done, {"on": "country", "op": "filled"})
    assert (back["category"], back["when"]) == ("fit", {"field": "country", "op": "filled"})


def test_what_is_no_rule_yet_keeps_what_was_typed() -> None:
    half = changed({}, {"on": "country"})
    assert half["when"] == {"field": "country"} and "points" not in half
    assert changed(half, {"op": "in", "value": "MX", "points": 5.0})["when"]["value"] == ["MX"]
    assert cells({"id": 5, "when": "nonsense", "points": "many"})["points"] is None


def test_names_are_made_fit_and_never_taken_twice() -> None:
    assert [slug(name) for name in ("Tamaño > 100", "9 visitas", "!!", "ok_1")] == [
        "Tamano-100", "rule-9-visitas", "rule", "ok_1",
    ]  # fmt: skip
    assert slug("Web", ["Web", "Web-2"]) == "Web-3"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=90), st.text(max_size=30), st.sampled_from(["in", "eq", "between", "filled", "contains"]))
def test_whatever_is_typed_is_a_document_and_its_name_a_name(name: str, value: str, op: str) -> None:
    made = changed(FIT, {"id": name, "op": op, "value": value})
    assert cells(made)["id"] == made["id"] and len(made["id"]) <= 80
    fits = ScoringRule.model_validate({**made, "when": {"field": "a", "op": "filled"}})
    assert fits.id == made["id"]
    assert changed(made, {}) == made
