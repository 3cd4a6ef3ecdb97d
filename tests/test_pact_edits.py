"""Edits of a pact as pure functions: read back as they were made, and nothing else changed."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from config import edits
from config.document import default, dump, parse, read_yaml
from config.drafts import faults
from config.merge import merge
from config.schema import Pact
from tests.worlds import SMALL, pact

DESIGN: dict[str, Any] = read_yaml(
    (Path(__file__).parent / "golden" / "pact" / "design.yaml").read_text(encoding="utf-8"), "design"
)
DOCS = Path(__file__).resolve().parent.parent / "docs"
MORE: dict[str, Any] = {
    "content_map": [{"from": "mql", "to": "sal", "content": ["Case study"]}],
    "lists": [{"id": "mx", "name": "Mexico", "stages": ["mql"], "assignee": "Ana", "campaign": "Fair"}],
    "owners": {"sla": "Ana"},
    "review": {"definition_every_days": 90, "parts": {"sla": 30}},
    "commitments": {"marketing": {"mql_per_month": 5, "escalation": [{"at": 0.8, "tell": "Eva"}]}},
}


def test_what_is_new_in_the_format_is_left_out_of_the_hash_where_nobody_uses_it() -> None:
    # the hash of the small pact as it was before these options existed
    assert pact().hash == "d8f2dd8177f96cad2a2b0d01635837cde97c84b1f94634978acdcf7f7e7866cb"
    assert pact(**MORE).hash != pact().hash


def options(model: type[BaseModel]) -> set[str]:
    """Every option of a part and of the parts in it, as the file calls them."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(field.alias or name)
        inside = [field.annotation]
        while inside:
            kind = inside.pop()
            inside += get_args(kind)
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found |= options(kind)
    return found


def test_every_option_of_the_pact_is_in_its_document() -> None:
    said = (DOCS / "pact-format.md").read_text(encoding="utf-8") + (DOCS / "scoring.md").read_text(encoding="utf-8")
    assert sorted(name for name in options(Pact) if not re.search(rf"\b{name}\b", said)) == []


def test_the_new_parts_are_read_back_from_the_file_as_they_were() -> None:
    whole = pact(**MORE)
    assert parse(read_yaml(dump(whole), "again"), "again").hash == whole.hash
    assert "from: mql" in dump(whole)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"content_map": [MORE["content_map"][0]] * 2}, "pact.twice_transition"),
        ({"lists": [MORE["lists"][0]] * 2}, "pact.twice_list"),
        ({"lists": [{"id": "a", "name": "A", "stages": ["nowhere"]}]}, "pact.unknown_stage"),
        ({"content_map": [{"from": "mql", "to": "nowhere"}]}, "pact.unknown_stage"),
        ({"owners": {"weather": "Ana"}}, "pact.fault.not_one_of"),
        ({"review": {"parts": {"sla": 0}}}, "pact.fault.range"),
        ({"commitments": {"sales": {"escalation": [{"at": 0, "tell": "Ana"}]}}}, "pact.fault.range"),
    ],
)
def test_a_new_part_that_cannot_be_is_named(changes: dict[str, Any], key: str) -> None:
    assert [one.key for one in faults({**SMALL, **changes})] == [key]


def test_a_stage_that_goes_takes_values_moves_and_content_with_it() -> None:
    document = {**SMALL, **MORE, "flow": [["mql", "sal"], ["subscriber", "mql"], ["subscriber", "sal"]]}
    before = copy.deepcopy(document)
    found = edits.without_stage(document, "mql")
    assert set(found) == {"stages", "status_map", "flow", "content_map"}
    assert "mql" not in {one["key"] for one in found["stages"]} and found["content_map"] is None
    assert "MQL" not in found["status_map"]["lead"] and found["flow"] == [["subscriber", "sal"]]
    assert document == before


def test_values_are_led_elsewhere_and_nowhere() -> None:
    found = edits.led(SMALL, {("lead", "MQL"): None, ("lead", "New"): "subscriber", ("contact", "SQL"): "customer"})
    mapped = found["status_map"]
    assert "MQL" not in mapped["lead"] and mapped["lead"]["New"] == "subscriber"
    assert mapped["contact"] == {"MQL": "mql", "SQL": "customer", "Customer": "customer"}
    assert mapped["opportunity"] == SMALL["status_map"]["opportunity"]


def test_moves_keep_their_place_and_new_ones_follow() -> None:
    document = {"flow": [["b", "c"], ["a", "b"]]}
    assert edits.with_moves(document, {"a": ["b", "c"], "b": ["c"]}) == {"flow": [["b", "c"], ["a", "b"], ["a", "c"]]}
    assert edits.with_moves(document, {}) == {"flow": None}


def test_the_content_map_follows_the_agreed_moves_of_the_funnel_and_shows_the_gaps() -> None:
    open_funnel = edits.transitions(SMALL)
    assert [one[:2] for one in open_funnel] == [("subscriber", "mql"), ("mql", "sal"), ("sal", "customer")]
    assert all(content is None for *_, content in open_funnel)
    agreed = {**SMALL, **MORE, "flow": [["mql", "sal"], ["mql", "remarket"], ["subscriber", "sal"]]}
    assert edits.transitions(agreed) == [("mql", "sal", ["Case study"]), ("subscriber", "sal", None)]


def test_what_a_calendar_or_a_clock_is_called_is_changed_where_it_is_named() -> None:
    document = {"sla": [{"id": "a", "calendar": "old"}, {"id": "b"}], "commitments": {"sales": {"follow_up": "a"}}}
    assert edits.renamed_calendar(document, "old", "new") == {"sla": [{"id": "a", "calendar": "new"}, {"id": "b"}]}
    assert edits.renamed_policy(document, "a", "z") == {"commitments": {"sales": {"follow_up": "z"}}}
    assert edits.renamed_calendar(document, "none", "new") == edits.renamed_policy(document, "b", "z") == {}


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "made"),
    [
        ({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 3, "b": 4}, {"a": 2, "b": 4}),
        ([{"key": "a", "x": 1}, {"key": "b"}], [{"key": "a", "x": 2}, {"key": "b"}],
         [{"key": "a", "x": 3}, {"key": "b", "y": 1}], [{"key": "a", "x": 2}, {"key": "b", "y": 1}]),
        ([1, 2], [1, 3], [1, 4], [1, 3]),  # both put something in place of the same item
        ([1, 2], [1, 2, 3], [1, 2, 4], [1, 2, 3, 4]),
        (1, 2, 3, 2),
        (None, {"a": 1}, {"b": 1}, {"b": 1, "a": 1}),
    ],
)  # fmt: skip
def test_in_a_conflict_only_the_part_both_changed_is_mine(base: Any, mine: Any, theirs: Any, made: Any) -> None:
    assert edits.taking_mine("section", base, mine, theirs) == made


ITEM = st.fixed_dictionaries({"key": st.sampled_from("abcd"), "x": st.integers(0, 2)})
LISTS = st.lists(ITEM, max_size=4, unique_by=lambda one: one["key"])


@settings(max_examples=60, deadline=None)
@given(LISTS, LISTS, LISTS)
def test_taking_a_side_agrees_with_the_merge_and_invents_nothing(base: Any, mine: Any, theirs: Any) -> None:
    made = edits.taking_mine("stages", base, mine, theirs)
    found = merge("stages", base, mine, theirs)
    if not found.clashes:
        assert made == found.value
    keys = [one["key"] for one in made]
    assert len(keys) == len(set(keys))
    assert all(one in mine or one in theirs for one in made)
    changed = [one for one in mine if one not in base]
    assert all(one in made for one in changed)  # nothing of mine is lost


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_stage_put_back_or_moved_there_and_back_leaves_the_default_as_it_was(language: str) -> None:
    document = default(language).model_dump(mode="json", exclude_defaults=True)
    stages = edits.items(document, ("stages",))
    for at, stage in enumerate(stages):
        assert edits.put(stages, at, edits.compact(stage)) == stages
        moved = edits.put(stages, at, stage, 0)
        assert moved[0] == stage and edits.put(moved, 0, stage, at) == stages
    assert edits.with_moves(document, edits.moves_of(document))["flow"] == document.get("flow")
    assert edits.led(document, {})["status_map"] == document["status_map"]


def test_a_key_is_made_of_the_label_and_is_new() -> None:
    assert edits.new_key("¡Señal de Compra!", []) == "senal_de_compra"
    assert edits.new_key("MQL", ["mql", "mql_2"]) == "mql_3"
    assert edits.new_key("株式", [], "stage") == "stage"
