"""The rules part of the Scoring page: editing, faults at their row, hits, people, a lead tried, the draft.

Not here: what rules hit (test_scoring_rules.py), cells and rules (test_scoring_cells.py), that pages open.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from config import drafts, versions
from config.document import default, parse
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, prepare, settle_company, visit, words
from ui import scoring_rules_draft

RULES = [
    {"id": "web", "category": "fit", "points": 20, "when": {"field": "source", "op": "in", "value": ["Web"]}},
    {"id": "called", "category": "behaviour", "points": 5, "when": {"activity": "call"}, "group": "touch"},
]
PROPOSED = {"lead": {"New": "subscriber", "MQL": "mql", "SAL": "sal", "Customer": "customer",
                     "Disqualified": "disqualified"}}  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path, monkeypatch)


def agree(home: Path, rules: list[dict[str, Any]], **ready: Any) -> None:
    """A version with these rules."""
    document = default("en").model_dump(mode="json", exclude_defaults=True)
    made = {**document, "status_map": {**document["status_map"], **PROPOSED}, "scoring": {"rules": rules}}
    made["sales_ready"] = {"threshold": 20, **ready}
    versions.save(Workspace(home).database, parse(made), author="test", message="", now=AS_OF)


def draft(home: Path) -> Any:
    return drafts.newest(Workspace(home).database)


def edit(at: AppTest, cells: dict[int, dict[str, Any]]) -> AppTest:
    """Types into cells of the table: what its callback does (AppTest cannot click into a canvas)."""
    held = at.session_state[scoring_rules_draft._KEPT]
    rules = list(held.base)
    for row, changes in cells.items():
        rules[row] = scoring_rules_draft.cells.changed(rules[row], changes)
    at.session_state[scoring_rules_draft._KEPT] = scoring_rules_draft.replace(held, rules=tuple(rules))
    return at.run()


def hits(at: AppTest) -> dict[str, Any]:
    """Leads hit now, by rule."""
    frame = next(one.value for one in at.dataframe if "Leads hit now" in one.value.columns)
    return dict(zip(frame["Rule"], frame["Leads hit now"], strict=True))


@pytest.mark.parametrize(("lang", "advice"), [("en", "Add the first one"), ("es", "Añade la primera")])
def test_without_rules_and_without_data_it_says_what_to_do(lang: str, advice: str) -> None:
    at = visit("scoring", lang)
    assert not at.exception and advice in words(at)
    assert at.button(key="_scoring_add")


def test_rules_are_told_with_hits_conversion_and_people(home: Path) -> None:
    settle_company(home)
    agree(home, RULES)
    at = visit("scoring", rule="web", days=30)
    assert hits(at) == {"web": 5, "called": 1}
    assert "from MQL to Customer within 30 days, of 4 journeys old enough" in words(at)
    assert {metric.label: metric.value for metric in at.metric}["Green"] == "5"
    listed = next(one.value for one in at.dataframe if "email" in one.value.columns)
    assert set(listed["name"]) == {"Berta", "Dora", "Flor", "Hilda", "Julia"}
    assert all("@acme" not in str(email) for email in listed["email"])
    at.text_input(key="_scoring_try").set_value("ana").run()
    assert any(metric.label == "As edited here" and metric.value.startswith("5") for metric in at.metric)


def test_a_fault_stands_at_its_row_with_its_remedy_and_the_others_go_on_counting(home: Path) -> None:
    settle_company(home)
    agree(home, RULES)
    at = edit(visit("scoring"), {0: {"op": "between"}, 1: {"on": "activity:cal"}})
    said = words(at).replace("**", "")
    assert "Row 1 (web): The test and the value do not go together" in said
    assert "Row 2 (called): There is no activity of the kind “cal”. Did you mean: call?" in said
    assert hits(at) == {"called": 0}
    assert "Nobody can reach" not in said  # the rule that is being written may
    at = edit(at, {0: {"op": "in", "points": 3}})
    assert "All rules: Nobody can reach the threshold of 20: the rules give 8 points" in words(at).replace("**", "")


def test_what_is_saved_is_the_draft_and_never_the_version(home: Path) -> None:
    settle_company(home)
    agree(home, RULES)
    at = edit(visit("scoring", "es"), {0: {"points": 35, "value": "Web; Feria"}})
    assert "cambios sin guardar" in words(at) and draft(home) is None
    at.text_input(key="_scoring_author").set_value("olga@acme.example")
    at.button(key="_scoring_save").click().run()
    assert not at.exception and "Guardado en el borrador" in words(at)
    (first, second) = draft(home).document["scoring"]["rules"]
    assert (first["points"], first["when"]["value"], second["id"]) == (35, ["Web", "Feria"], "called")
    assert versions.history(Workspace(home).database)[0].pact.scoring.rules[0].points == 20
    assert drafts.edits(Workspace(home).database, draft(home).id)[0].author == "olga@acme.example"


def test_a_rule_is_added_with_values_from_the_data_moved_and_taken_away(home: Path) -> None:
    settle_company(home)
    agree(home, RULES)
    at = visit("scoring")
    at.button(key="_scoring_add").click().run()
    (box,) = (one for one in at.selectbox if str(one.key).endswith("_on"))
    assert "source" in box.options or any("Source" in one for one in box.options)
    box.set_value("source").run()
    (values,) = at.multiselect
    assert {one.split(" (")[0] for one in values.options} == {"Web", "Feria"}
    values.set_value(["Feria"]).run()
    next(one for one in at.button if str(one.key).endswith("_take")).click().run()
    rules = at.session_state[scoring_rules_draft._KEPT].rules
    assert rules[2] == {"id": "source-Feria", "category": "fit", "points": 10,
                        "when": {"field": "source", "op": "in", "value": ["Feria"]}}  # fmt: skip
    assert hits(at) == {"web": 5, "called": 1, "source-Feria": 5}
    at.selectbox(key="_scoring_one").set_value(2).run()
    at.button(key="_scoring_up").click().run()
    at.button(key="_scoring_remove").click().run()
    assert [rule["id"] for rule in at.session_state[scoring_rules_draft._KEPT].rules] == ["web", "called"]


def test_two_people_on_the_same_rule_decide_and_on_two_rules_both_stay(home: Path) -> None:
    agree(home, RULES)
    engine = Workspace(home).database
    at = edit(visit("scoring"), {0: {"points": 35}})
    other = drafts.begin(engine, author="sal", now=AS_OF)
    theirs = [{**RULES[0], "points": 50}, {**RULES[1], "points": 6}]
    drafts.edit(engine, other.id, section="scoring", value={"rules": theirs}, expected=0, author="sal", now=AS_OF)
    at.button(key="_scoring_save").click().run()
    assert "sal changed the same meanwhile" in words(at)
    assert draft(home).document["scoring"]["rules"][0]["points"] == 50
    at.button(key="_scoring_conflict_mine").click().run()
    assert [rule["points"] for rule in draft(home).document["scoring"]["rules"]] == [35, 6]


def test_a_visitor_without_the_role_saves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui import access

    agree(home, RULES)
    at = edit(visit("scoring"), {0: {"points": 35}})
    monkeypatch.setattr(access, "may", lambda visitor, act: False)
    at.button(key="_scoring_save").click().run()
    assert draft(home) is None
    assert "Your role may read the rules" in words(at)


def test_taking_every_rule_away_can_be_saved_too(home: Path) -> None:
    agree(home, RULES[:1])
    at = visit("scoring")
    at.button(key="_scoring_remove").click().run()
    assert not at.exception and "Add the first one" in words(at)
    at.button(key="_scoring_save").click().run()
    assert draft(home).document["scoring"] == {"rules": []}
