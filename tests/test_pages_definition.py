"""The Definition page as an editor: what is saved, who may, and what becomes of two edits of one part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from config import drafts
from config.document import default
from leadpact import lists
from leadpact.errors import LeadPactError
from leadpact.export import to_csv
from leadpact.language import Language
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, prepare, settle_company, visit, words
from tests.rows import Rows, contact, lead
from tests.worlds import World, pact
from ui import (
    access,
    definition_conflict,
    definition_hours,
    definition_items,
    definition_known,
    definition_statuses,
    definition_view,
)
from ui.access import Visitor

PARTS = tuple(definition_view.ICONS)
Home = Callable[[str], Path]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home of this test's own: empty, or with the small company."""

    def made(data: str) -> Path:
        folder = prepare(tmp_path / "home", monkeypatch)
        if data == "full":
            settle_company(folder)
        return folder

    return made


def draft(home: Path) -> drafts.Draft | None:
    return drafts.newest(Workspace(home).database)


def open_stage(at: AppTest, place: int) -> None:
    at.button(key=f"_definition_stages_edit_{place}").click().run()


def save(at: AppTest) -> AppTest:
    return at.button(key="_definition_save").click().run()


def stage(home: Path, key: str) -> dict[str, Any]:
    found = draft(home)
    assert found is not None
    return next(one for one in found.document["stages"] if one["key"] == key)


@pytest.mark.parametrize("data", ["empty", "full"])
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_part_reads_and_nothing_is_written_by_reading(home: Home, lang: str, data: str) -> None:
    folder = home(data)
    at = None
    for part in PARTS:
        at = visit("definition", lang, again=at, view=part)
        assert not at.exception and len(at.title) == 1, part
        if part == "stages":
            assert Language(lang)("page.definition.begin.text") in words(at)
    assert draft(folder) is None


def test_a_stage_is_edited_in_place_with_values_of_the_data(home: Home) -> None:
    folder = home("full")
    at = visit("definition")
    open_stage(at, 4)
    at.text_input(key="_definition_author").input("Ana").run()
    at.text_area(key="_definition_edit_1_meaning").input("Fits, and asked.").run()
    at.button(key="_definition_edit_1_requires_add").click().run()
    at.selectbox(key="_definition_edit_1_requires_0_field").set_value("source").run()
    at.selectbox(key="_definition_edit_1_requires_0_op").set_value("in").run()
    values = at.multiselect(key="_definition_edit_1_requires_0_values")
    assert set(values.options) == {"Web", "Feria"}
    values.set_value(["Web"]).run()
    save(at)
    made = stage(folder, "mql")
    assert made["meaning"] == "Fits, and asked." and made["label"] == "MQL"
    assert made["requires"] == [{"field": "source", "op": "in", "value": ["Web"]}]
    found = draft(folder)
    assert found is not None and (found.author, found.revision) == ("Ana", 1)
    assert "Source is one of Web" in words(at)


def test_leaving_the_part_keeps_what_was_typed_and_cancelling_forgets_it(home: Home) -> None:
    folder = home("full")
    at = visit("definition")
    open_stage(at, 0)
    at.text_input(key="_definition_edit_1_label").input("Nobody yet").run()
    at = visit("definition", again=at, view="words")
    assert Language("en")("page.definition.edit.elsewhere") in words(at)
    at = visit("definition", again=at, view="stages")
    assert at.text_input(key="_definition_edit_1_label").value == "Nobody yet"
    at.button(key="_definition_cancel").click().run()
    assert draft(folder) is None and "Nobody yet" not in words(at)


def test_who_may_not_edit_is_offered_nothing_and_refused_where_it_happens(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home("full")
    at = visit("definition")
    open_stage(at, 0)
    viewer = Visitor("eva@acme.example", frozenset({"viewer"}))
    monkeypatch.setattr(access, "admit", lambda page, lang: viewer)
    save(at)  # drawn while they still could
    assert at.error and draft(folder) is None
    again = visit("definition")
    assert not [button for button in again.button if button.key and "_edit" in button.key]
    assert Language("en")("page.definition.edit.may_not") in words(again)
    monkeypatch.setattr(access, "admit", lambda page, lang: Visitor("ana@acme.example", frozenset({"sales"})))
    allowed = visit("definition")
    open_stage(allowed, 0)
    save(allowed.text_input(key="_definition_edit_1_label").input("Nobody yet").run())
    found = draft(folder)
    assert found is not None and found.author == "ana@acme.example"


@pytest.mark.parametrize(("side", "label"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_two_edits_of_one_stage_are_both_kept_until_somebody_chooses(home: Home, side: str, label: str) -> None:
    folder = home("full")
    one, other = visit("definition"), visit("definition")
    open_stage(one, 4)
    open_stage(other, 4)
    save(other.text_input(key="_definition_edit_1_label").input("Theirs").run())
    open_stage(other, 1)
    save(other.text_input(key="_definition_edit_2_label").input("Elsewhere").run())
    save(one.text_input(key="_definition_edit_1_label").input("Mine").run())
    said = words(one) + "\n".join(code.value for code in one.code)
    assert "label: Mine" in said and "label: Theirs" in said and "label: MQL" in said
    assert stage(folder, "mql")["label"] == "Theirs"  # nothing of mine is saved yet
    one.button(key=f"_definition_conflict_{side}").click().run()
    assert stage(folder, "mql")["label"] == label and stage(folder, "subscriber")["label"] == "Elsewhere"
    assert not one.error and not [button for button in one.button if button.key == "_definition_conflict_mine"]


def test_what_is_wrong_stands_at_its_part_and_the_draft_keeps_it(home: Home) -> None:
    folder = home("full")
    at = visit("definition", view="ready")
    at.button(key="_definition_threshold_edit").click().run()
    at.number_input(key="_definition_edit_1_points").set_value(100.0).run()
    say = Language("en")
    assert say("doubt.no_rules", threshold=100) in words(at)  # said before it is saved
    save(at)
    found = draft(folder)
    assert found is not None
    ready = {"threshold": 100, "all": [{"field": "f_nonsense", "op": "filled"}]}
    engine = Workspace(folder).database
    drafts.edit(engine, found.id, section="sales_ready", value=ready, expected=1, author="cli", now=AS_OF)
    at.run()
    assert say("doubt.unknown_field", field="f_nonsense", near="–") in words(at)
    at = visit("definition", again=at, view="promises")
    at.button(key="_definition_calendars_add").click().run()
    at.text_input(key="_definition_edit_2_name").input("office").run()
    for day in ("mon", "tue", "wed", "thu", "fri"):
        at.text_input(key=f"_definition_edit_2_{day}").input("")
    save(at.run())
    assert say("calendar.no_hours", calendar="office") in words(at)
    found = draft(folder)
    assert found is not None and "office" in found.document["calendars"]


def test_a_word_on_offer_is_defined_and_no_longer_offered(home: Home) -> None:
    home("empty")
    at = visit("definition", "es", view="words")
    at.button(key="_definition_glossary_offer_opportunity").click().run()
    save(at)
    assert "Oportunidad: Lead" in words(at).replace("**", "")
    assert "_definition_glossary_offer_opportunity" not in {button.key for button in at.button}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_list_put_back_as_it_was_read_changes_nothing(language: str) -> None:
    documents = [default(language), pact(calendars={"a": {"timezone": "UTC", "hours": {"mon": ["09:00-10:00"]}}},
                                         content_map=[{"from": "mql", "to": "sal", "content": ["A"]}])]  # fmt: skip
    kinds = [
        kind
        for name in ("stages", "content", "glossary", "ready", "routing", "lists", "sla")
        for kind in vars(__import__(f"ui.definition_{name}", fromlist=["_"])).values()
        if isinstance(kind, definition_items.Items)
    ]
    assert len(kinds) >= 9
    for document in (one.model_dump(mode="json", exclude_defaults=True) for one in documents):
        for kind in kinds:
            made = kind.put_back(document, kind.path, kind.listed(document, kind.path))
            assert made == {name: document.get(name) for name in made}, kind.name
            assert set(made) == {kind.path[0]}


def test_values_no_stage_claims_come_first_whatever_else_is_there() -> None:
    value = definition_known.Value
    values = (value("lead", "MQL", 9, True, None), value("contact", "", 1, False, None),
              value("lead", "Nobody", 0, False, None), value("lead", "Call", 3, False, None))  # fmt: skip
    found = definition_statuses.rows({"status_map": {"lead": {"MQL": "mql", "Old": "sal"}}}, values)
    assert [(one.value, stage) for one, stage in found] == [
        ("Call", None), ("", None), ("MQL", "mql"), ("Old", "sal"),
    ]  # fmt: skip


def test_a_conflict_shows_only_what_differs() -> None:
    sides = ({"key": "a", "label": "A"}, {"key": "a", "label": "B"}, {"key": "a", "label": "A", "content": ["x"]})
    assert definition_conflict.differing(*sides) == ({"label": "A"}, {"label": "B"}, {"label": "A", "content": ["x"]})
    assert definition_conflict.differing(None, {"a": 1}, 3) == (None, {"a": 1}, 3)


def test_hours_are_read_as_people_type_them() -> None:
    assert [definition_hours.block(text) for text in ("9-14", "9.30 – 18:00", "08h-24", "all day")] == [
        "09:00-14:00", "09:30-18:00", "08:00-24:00", "all day",
    ]  # fmt: skip


def test_a_list_counts_people_once_and_its_file_runs_nothing(world: World) -> None:
    rows = Rows(
        record=[
            lead("l1", status="MQL", country="MX", created_at="2026-01-01", converted_to="c1"),
            contact("c1", status="MQL", country="ES", created_at="2026-01-05"),
            lead("=l2", status="MQL", country="mx ", created_at="2026-01-01"),
            lead("l3", status="Subscriber", country="MX", created_at="2026-01-01"),
            lead("l4", status="MQL", created_at="2026-01-01"),
        ]
    )
    when = [{"field": "country", "op": "eq", "value": "MX"}]
    named = {"id": "mx", "name": "+Mexico", "stages": ["mql"], "when": when}
    used = pact(lists=[named, {"id": "lost", "name": "Lost", "when": [{"field": "f_no", "op": "filled"}]}])
    world.sync(rows, used=used)
    one = world.analyse(used)
    made = lists.rows(one, used.lists[0])
    assert [(row[1], row[2]) for row in made] == [(None, "c1"), ("=l2", None)]  # the contact stands for its lead
    assert lists.count(one, used.lists[0]) == 2
    assert to_csv(lists.COLUMNS, made).splitlines()[2].startswith("'+Mexico,'=l2,,'+Mexico,")
    with pytest.raises(LeadPactError) as caught:
        lists.members(one, used.lists[1])
    assert caught.value.key == "lists.unknown_field"
