"""Viewers see figures and no people; everybody else the people of their teams: on the screen and in every file.

Every page and part of it, with its files: test_whom_everywhere.py.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.database import audit_trail
from config.members import Scope
from leadpact.metrics import person
from leadpact.privacy import scope
from leadpact.workspace import Workspace
from tests import canaries
from tests.apptest import visit
from tests.canaries import NORTH, OF_NORTH, SOUTH, VIEWER, given, of_team, told
from tests.conftest import ROOT
from tests.test_sync import NOW
from ui.whom import Sight

home, synced = canaries.home, canaries.synced
# what reads rows of people in the app, and the modules that may: each goes through ui/whom.py, or only
# says what rows are behind a number, for `people.show` to cut and draw
READERS = {
    "person.find", "person.story", "review.profiles", "journal.standing", "repair_words.csv_of", "words.csv_of",
    "rejected.every", "lists.rows", "plans.rows", "people.listed",
}  # fmt: skip


def test_nobody_sees_more_than_they_may_on_screen_or_in_a_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for page, query in (("sla", {"view": "waiting"}), ("person", {"object": "lead", "record": "Nrthzq1id"})):
        with given(monkeypatch, VIEWER) as seen:
            visit(page, **query)
        assert told(seen) <= {"Nrthzq1id"}, page  # as it was asked for in the link
        with given(monkeypatch, OF_NORTH) as seen:
            visit(page, **query)
        assert of_team(told(seen), NORTH) and not of_team(told(seen), SOUTH), page


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


def test_a_scope_is_teams_and_territories(home: Path) -> None:
    one = Workspace(home).analyse("acme")
    tables = one.tables
    record = tables.record.select("object", "record_id").to_pyarrow().to_pylist()
    keys = [(row["object"], row["record_id"]) for row in record]
    stories = {key: person.story(tables, one.pact, NOW, *key) for key in (keys[0], keys[-1])}
    for asked, ids in (
        (None, 14), (Scope(), 14), (Scope(teams=frozenset({" NORTH"})), 7), (Scope(territories=frozenset({"mx"})), 7),
        (Scope(frozenset({"North"}), frozenset({"MX"})), 0), (Scope(teams=frozenset({"Nobody"})), 0),
    ):  # fmt: skip
        rows = scope.visible(tables, asked).to_pyarrow().to_pylist()
        assert len(rows) == ids
        seen = scope.of_keys(tables, keys, asked)
        assert seen == {(row["object"], row["record_id"]) for row in rows}
        for key, story in stories.items():
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


def test_what_is_made_at_a_click_is_made_for_who_may_still_be_here() -> None:
    """How that is asked: test_access.py."""
    found = 0
    for file in [*(ROOT / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("download_button"):
                (data,) = [ast.unparse(one.value) for one in node.keywords if one.arg == "data"]
                found += data.startswith("access.held(")
                assert "lambda" not in data or data.startswith("access.held("), f"{file.name}: {data}"
    assert found >= 8
