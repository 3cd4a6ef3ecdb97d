"""A person's story, told one by one, against what the dashboards count; and how a person is found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from leadpact.metrics import person, sla
from leadpact.metrics.person_facts import Story
from leadpact.workspace import Analysis
from tests.rows import Rows, contact, lead, moved
from tests.worlds import NOW, World, pact


def told(one: Analysis, object: str, record_id: str) -> Story:
    found = person.story(one.tables, one.pact, one.as_of, object, record_id)
    assert found is not None
    return found


def stages(story: Story) -> list[str]:
    return [spell.stage for spell in story.spells]


CONVERTED = Rows(
    record=[
        lead("l1", name="Ana López", email="ana@acme.example", company="Acme", status="MQL", owner_id="u1",
             created_at="2026-01-05", converted_at="2026-01-12T10:00", converted_to="c1"),
        contact("c1", name="Ana López", email="ana@acme.example", status="SQL", owner_id="u2",
                created_at="2026-01-12T10:00", url="https://crm.example/c1"),
        lead("l2", name="Ben", status="MQL", created_at="2026-02-01"),
    ],
    field_change=[
        *moved("l1", ("2026-01-05", "Subscriber"), ("2026-01-10", "MQL"), ("2026-01-20", "Disqualified")),
        *moved("c1", ("2026-01-12T10:00", "SQL"), object="contact"),
        *moved("l2", ("2026-02-01", "MQL")),
        {"object": "lead", "record_id": "l1", "field": "owner_id", "from_value": "q1", "to_value": "u1",
         "at": "2026-01-11", "seq": 0, "evidence": "history", "actor_id": "u2"},
    ],
    activity=[
        {"activity_id": "a1", "object": "lead", "record_id": "l1", "kind": "call", "at": "2026-01-10T12:00",
         "actor_id": "u1", "completed": True},
        {"activity_id": "a2", "object": "lead", "record_id": "l2", "kind": "call", "at": "2026-02-05",
         "actor_id": "u1"},
    ],
    opportunity=[
        {"opportunity_id": "o1", "object": "contact", "record_id": "c1", "created_at": "2026-01-15", "amount": 100.0,
         "closed_at": "2026-01-25", "is_won": True, "is_closed": True, "owner_id": "u2"},
    ],
    owner=[{"owner_id": "u1", "name": "Sam", "team": "sdr"}, {"owner_id": "u2", "name": "Eva", "team": "sales"},
           {"owner_id": "q1", "name": "MQL queue", "is_queue": True}],
)  # fmt: skip


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    world = World(tmp_path_factory.mktemp("converted"))
    world.sync(CONVERTED)
    return world.analyse()


@pytest.mark.parametrize("key", [("lead", "l1"), ("contact", "c1")])
def test_every_record_of_a_person_opens_the_same_story(one: Analysis, key: tuple[str, str]) -> None:
    story = told(one, *key)
    assert story.person_id == "contact:c1" and story.absent is None
    assert [(record.object, record.why, record.into) for record in story.records] == [
        ("lead", "converted", "c1"), ("contact", "root", None)]  # fmt: skip
    assert story.face.record_id == "c1"


def test_the_timeline_goes_on_past_the_conversion_and_the_lead_stops_there(one: Analysis) -> None:
    story = told(one, "lead", "l1")
    assert stages(story) == ["subscriber", "mql", "sal", "customer"]  # never the lead's later Disqualified
    assert [spell.journey for spell in story.spells] == [1, 1, 1, 1]
    assert story.spells[-1].lasts and story.spells[-1].left_at is None
    assert [(deal.opportunity_id, deal.is_won, deal.owner) for deal in story.deals] == [("o1", True, "Eva")]


def test_nothing_of_another_person_is_told(one: Analysis) -> None:
    story = told(one, "lead", "l2")
    assert [record.record_id for record in story.records] == ["l2"] and story.records[0].why == "only"
    assert len(story.touches) == 1 and story.touches[0].actor == "Sam" and story.touches[0].team == "sdr"
    assert not story.deals and {change.record_id for change in story.changes} == {"l2"}


def test_clocks_are_the_ones_the_dashboard_counts(one: Analysis) -> None:
    counted = sla.clocks(one.tables, one.pact, one.as_of, one.pact.sla[0]).execute()
    for object, record_id in (("lead", "l1"), ("lead", "l2")):
        story = told(one, object, record_id)
        mine = counted[counted.person_id == story.person_id]
        assert [clock.state for clock in story.clocks] == list(mine.state)
        assert [clock.hours for clock in story.clocks] == [seconds / 3600 for seconds in mine.measured]


def test_a_touch_stopped_the_clock_in_twelve_hours(one: Analysis) -> None:
    clock = told(one, "lead", "l1").clocks[0]
    assert (clock.state, clock.stopped_by, clock.hours, clock.target_hours) == ("met", "touch", 12.0, 48)


def test_owners_of_a_change_have_names_and_an_unknown_one_keeps_its_id(one: Analysis) -> None:
    change = next(change for change in told(one, "lead", "l1").changes if change.field == "owner_id")
    assert (change.from_value, change.to_value, change.actor) == ("MQL queue", "Sam", "Eva")


def test_undated_changes_come_last_and_their_spell_has_no_beginning(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")], field_change=[]))
    story = told(world.analyse(), "lead", "ana")
    assert story.unknown_starts == 1 and story.spells[0].entered_at is None and story.changes[0].at is None
    assert not story.clocks  # a start we do not know starts no clock
    assert not story.touches_known


def test_a_record_the_source_did_not_deliver_is_said(world: World) -> None:
    world.sync(Rows(record=[lead("a", status="MQL", converted_to="gone"), lead("b", status="MQL", merged_into="a")]))
    story = told(world.analyse(), "lead", "b")
    assert story.person_id == "contact:gone" and story.absent == "contact:gone"
    assert {record.record_id: record.why for record in story.records} == {"a": "converted", "b": "merged"}
    assert story.face.record_id == "a"


def test_a_deleted_record_keeps_its_story_without_its_person(world: World) -> None:
    gone = lead("ana", name="Ana", email="ana@x.example", status="MQL", created_at="2026-01-01") | {
        "condition": "deleted"}  # fmt: skip
    world.sync(Rows(record=[gone], field_change=moved("ana", ("2026-01-01", "MQL"))))
    story = told(world.analyse(), "lead", "ana")
    assert story.face.name is None and story.face.email is None and stages(story) == ["mql"]


def test_nothing_after_the_moment_asked_about_is_told(world: World) -> None:
    world.sync(CONVERTED)
    past = world.analyse(as_of=datetime(2026, 1, 11))
    story = told(past, "lead", "l1")
    assert stages(story) == ["subscriber", "mql"] and story.spells[-1].lasts and not story.deals


def test_a_pact_without_sla_tells_a_story_without_clocks(world: World) -> None:
    world.sync(CONVERTED, used=pact(sla=[]))
    one = world.analyse(pact(sla=[]))
    assert told(one, "lead", "l1").clocks == () and one.as_of == NOW


def test_a_record_that_is_not_there_has_no_story(one: Analysis) -> None:
    assert person.story(one.tables, one.pact, one.as_of, "lead", "c1") is None


FOUND = Rows(
    record=[
        lead("00Q1", name="José García", email="jgarcia@uno.example", company="Peña & Hijos"),
        lead("00Q2", name="Josefina", email="j@100%.example", company="Uno"),
        lead("garcia", name="Zoe"),
        contact("00Q1", name="Otto", company="García Logística"),
    ]
)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    world = World(tmp_path_factory.mktemp("found"))
    world.sync(FOUND)
    return world.analyse()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00q1", [("lead", "00Q1"), ("contact", "00Q1")]),
        ("jgarcia@uno.example", [("lead", "00Q1")]),
        ("JOSE GARCIA", [("lead", "00Q1")]),
        ("jose", [("lead", "00Q1"), ("lead", "00Q2")]),
        ("pena", [("lead", "00Q1")]),
        ("garcia", [("lead", "garcia"), ("contact", "00Q1"), ("lead", "00Q1")]),  # the id itself, a beginning, a part
        ("%", [("lead", "00Q2")]),
        ("Peña   & hijos", [("lead", "00Q1")]),
        ("JOSÉ  garcía", [("lead", "00Q1")]),
        (".*", []),
        ("[", []),
        ("\\", []),
        ("_", []),
        ("", []),
        ("   ", []),
        ("'; drop table record; --", []),
    ],
)
def test_people_are_found(people: Analysis, text: str, expected: list[Any]) -> None:
    found = person.find(people.tables, text, 10).execute()
    assert list(zip(found.object, found.record_id, strict=True)) == expected


def test_no_more_are_found_than_asked_for(people: Analysis) -> None:
    assert len(person.find(people.tables, "o", 2).execute()) == 2
