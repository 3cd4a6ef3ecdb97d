"""Viewers see figures and no people; everybody else the people of their teams: on the screen and in every file."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.database import audit_trail
from config.members import Scope
from leadpact.metrics import person
from leadpact.privacy import scope
from leadpact.workspace import Workspace
from tests.apptest import fill, prepare, visit, words
from tests.canaries import (
    ADMINISTRATOR,
    EVERYBODY,
    IN_SPAIN,
    NORTH,
    OF_NORTH,
    SOUTH,
    VIEWER,
    behind,
    company,
    given,
    told,
)
from tests.conftest import ROOT
from tests.forgettable import holding
from tests.test_sync import NOW
from ui.whom import Sight

PARTS = (
    ("today", {}),
    ("sla", {"view": "waiting"}),
    ("funnel", {}),
    ("person", {"object": "lead", "record": "Nrthzq1id"}),
)
# what reads rows of people in the app, and the modules that may: each goes through ui/whom.py, or only
# says what rows are behind a number, for `people.show` to cut and draw
READERS = {
    "person.find", "person.story", "review.profiles", "journal.standing", "repair_words.csv_of", "words.csv_of",
    "rejected.every", "lists.rows", "plans.rows", "people.listed",
}  # fmt: skip


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("canaries")
    fill(home, company())
    return home


@pytest.fixture
def home(synced: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(synced, monkeypatch)


def of_team(found: set[str], team: str) -> set[str]:
    return {one for one in found if one.lower().startswith(team.lower())}


def test_nobody_sees_more_than_they_may_on_screen_or_in_a_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: set[str] = set()
    for page, query in PARTS:
        with given(monkeypatch, VIEWER) as seen:
            at = visit(page, **query)
            behind(at)
        assert not of_team(told(seen), NORTH) - {"Nrthzq1id"} and not of_team(told(seen), SOUTH), page
        with given(monkeypatch, OF_NORTH) as seen:
            at = visit(page, **query)
            behind(at)
        assert of_team(told(seen), NORTH) and not of_team(told(seen), SOUTH), page
        whole |= told(seen)
    assert {"Nrthzq4name", "Nrthzq4id", "Nrthzq1subject"} - whole <= {"Nrthzq1subject"}
    with given(monkeypatch, EVERYBODY) as seen:
        visit("sla", view="waiting")
    assert of_team(told(seen), SOUTH) and of_team(told(seen), NORTH)


def test_a_viewer_is_told_why_and_the_number_stays(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with given(monkeypatch, VIEWER):
        said = words(visit("sla", view="waiting"))
    assert "2 records" in said and "You see figures here, and no names" in said and "RevOps" in said
    with given(monkeypatch, VIEWER):
        said = words(visit("person", "es", object="lead", record="Nrthzq1id"))
    assert "Aquí ves cifras, sin nombres" in said


def test_a_list_says_how_many_it_leaves_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with given(monkeypatch, IN_SPAIN):
        said = words(visit("sla", view="waiting"))
    assert "1 more is counted in the figures" in said and "the countries ES" in said


def test_a_person_of_another_team_is_not_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with given(monkeypatch, OF_NORTH) as seen:
        at = visit("person", object="lead", record="Sthzq1id")
        at.text_input(key="_person_search").set_value("zq1").run()
    found = told(seen)
    assert of_team(found, SOUTH) == {"Sthzq1id"}  # as it was asked for in the link
    assert "Nrthzq1name" in found


def test_addresses_in_full_are_for_who_may_and_on_the_record(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with given(monkeypatch, OF_NORTH) as seen:
        at = visit("sla", view="waiting")
        assert not any("mail" in one for one in told(seen))
        at.toggle(key="_sla_waiting_reveal").set_value(True).run()
        assert "Nrthzq4mail" in told(seen)
    with Workspace(home).database.begin() as database:
        rows = database.execute(sa.select(audit_trail).where(audit_trail.c.action == "people.unmasked")).all()
    assert rows[0].actor == OF_NORTH.email and '"records": 1' in rows[0].detail
    assert not any("zq" in row.detail for row in rows)
    blind = replace(OF_NORTH, roles=frozenset({"viewer"}))
    with given(monkeypatch, blind):
        assert not [one for one in visit("sla", view="waiting").toggle if "reveal" in str(one.key)]


def test_what_is_cached_for_one_is_never_given_to_another() -> None:
    team, other = Scope(teams=frozenset({"A", "B"})), Scope(teams=frozenset({"B", "A"}))
    assert repr(Sight(scope=team)) == repr(Sight(scope=other)) != repr(Sight(scope=Scope(teams=frozenset({"A"}))))
    assert (
        len({repr(Sight(*of)) for of in ((True, True, team), (True, False, team), (False, False, team), (True,))}) == 4
    )


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        (None, 14), (Scope(), 14), (Scope(teams=frozenset({" NORTH"})), 7), (Scope(territories=frozenset({"mx"})), 7),
        (Scope(frozenset({"North"}), frozenset({"MX"})), 0), (Scope(teams=frozenset({"Nobody"})), 0),
    ],
)  # fmt: skip
def test_a_scope_is_teams_and_territories(home: Path, asked: Scope | None, ids: int) -> None:
    tables = Workspace(home).analyse("acme").tables
    rows = scope.visible(tables, asked).execute()
    assert len(rows) == ids == scope.cut(tables.record, tables, asked).count().execute()
    keys = [(row.object, row.record_id) for row in tables.record.select("object", "record_id").execute().itertuples()]
    seen = scope.of_keys(tables, keys, asked)
    assert seen == frozenset(rows.itertuples(index=False, name=None))
    for key in keys[:3]:
        story = person.story(tables, Workspace(home).pact_in_use("acme").pact, NOW, *key)
        assert story is not None
        assert any(scope.covers(asked, one.team, one.country) for one in story.records) is (key in seen)


def test_every_part_of_the_app_that_reads_people_goes_by_the_one_gate() -> None:
    """A new module that reads rows of people is listed here by hand, when somebody has looked at it."""
    files = [*(ROOT / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")]
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    alone = {file.stem for file, text in texts.items() if _reads(text) and "whom." not in text}
    assert alone == BEHIND | SHOWN_OF_ONE | NO_PEOPLE


# tables behind a number, handed to people.show
BEHIND = {
    "funnel_pipeline_campaigns", "funnel_pipeline_contacts", "funnel_pipeline_cycles", "funnel_pipeline_money",
    "funnel_trends_rows", "scoring_simulate",
}  # fmt: skip
# drawn where somebody else has asked already: pages/person.py, ui/meeting_profile.py
SHOWN_OF_ONE = {"person_embedded", "person_forget", "person_view", "meeting_leads"}
NO_PEOPLE = {"definition_conditions", "fixes_table", "figures", "sample_files"}


def _reads(text: str) -> bool:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and (node.attr == "record_id" or ast.unparse(node) in READERS):
            return True
        if isinstance(node, ast.Constant) and node.value == "record_id":
            return True
    return False


def test_the_switch_for_addresses_is_drawn_in_one_place() -> None:
    for file in (ROOT / "ui").glob("*.py"):
        assert file.stem == "whom" or "ui.people.reveal" not in file.read_text(encoding="utf-8"), file


def test_an_administrator_forgets_somebody_and_nobody_else_can(
    synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = prepare(Path(shutil.copytree(synced, tmp_path / "home")), monkeypatch)
    where = {"object": "lead", "record": "Nrthzq3id"}
    with given(monkeypatch, EVERYBODY):
        assert not [one for one in visit("person", **where).text_input if one.key == "_person_forget_typed"]
    with given(monkeypatch, ADMINISTRATOR):
        at = visit("person", **where)
        at.text_input(key="_person_forget_typed").set_value("another")
        at.button(key="_person_forget_do").click().run()
        assert at.error and "Nrthzq3name" in words(at)
        at.text_input(key="_person_forget_typed").set_value("Nrthzq3id")
        at.button(key="_person_forget_do").click().run()
        assert "Forgotten: 1 record" in words(at) and "Nrthzq3name" not in words(at)
    assert not holding(home, "Nrthzq3name", "Nrthzq3mail", "Nrthzq3company", "Nrthzq3subject")
    assert holding(home, "Nrthzq4name")
