"""The Meeting page under AppTest: the door, one screen, blind phones, the way into a draft.

Not here: three browsers at once (test_browser_meeting.py), the meeting itself (test_meeting.py).
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from config import drafts
from config.errors import LeadPactError
from leadpact.language import Language
from leadpact.meeting import kept, sessions, voting
from leadpact.meeting.facts import Key, Meeting
from leadpact.workspace import Workspace
from tests.apptest import prepare, settle_company, visit, words
from ui import meeting_saving


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path / "home", monkeypatch)


def opened(at: AppTest, home: Path, mode: str = "hands", name: str = "Olga") -> tuple[AppTest, Meeting]:
    """A meeting opened on the page, with only the country to vote on."""
    at.text_input(key="_meeting_opener").input(name)
    at.radio(key="_meeting_mode").set_value(mode)
    for one in at.multiselect:
        if one.key and one.key.startswith("_meeting_what_"):
            one.set_value([key for key in one.value if key.startswith("country")])
    at.button(key="_meeting_open_now").click().run()
    (found,) = sessions.every(Workspace(home).database)
    return at, found


def test_nothing_is_saved_into_the_pact_a_meeting_is_not_about(home: Path) -> None:
    _, one = opened(visit("meeting"), home)
    page: Any = SimpleNamespace(used=SimpleNamespace(line=one.pact))
    meeting_saving.check_pact(page, one)
    page.used.line = "partners"
    with pytest.raises(LeadPactError, match=r"meeting\.other_pact"):
        meeting_saving.check_pact(page, one)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("data", ["empty", "company"])
def test_the_door_says_what_to_do(home: Path, lang: str, data: str) -> None:
    if data == "company":
        settle_company(home)
    at = visit("meeting", lang)
    assert not at.exception and len(at.title) == 1
    assert Language(lang)("page.meeting.past.none") in words(at)
    assert at.radio(key="_meeting_mode").value == "hands"  # nobody signs in here
    at.button(key="_meeting_open_now").click().run()
    assert Language(lang)("meeting.no_name") in words(at)


def test_a_wrong_code_is_said_and_opens_nothing(home: Path) -> None:
    at = visit("meeting", code="ABCD-EFGH")
    assert Language("en")("meeting.no_such_code") in words(at) and "code" not in at.query_params
    at = visit("meeting", again=at, host="made-up", me="made-up")
    assert not at.error and at.text_input(key="_meeting_code").value == ""


def test_one_screen_from_the_hands_to_the_draft_and_the_minutes(home: Path) -> None:
    settle_company(home)
    at, one = opened(visit("meeting"), home)
    assert at.query_params["host"] and one.mode == "hands"
    at.button(key="_meeting_start").click().run()
    at.button(key="_meeting_step_vote").click().run()
    assert kept.by_id(Workspace(home).database, one.id).step == 1  # type: ignore[union-attr]
    (item,) = kept.items(Workspace(home).database, one.id)
    for team, value, hands in (("marketing", 3, 4), ("sales", 3, 2), ("sales", 0, 1)):
        at.number_input(key=f"_meeting_hands_{item.id}_{team}_{value}").set_value(hands)
    at.button(key="_meeting_hands_now").click().run()
    (tally,) = voting.tallies(Workspace(home).database, one.id, "criterion")
    assert tally.values == {"marketing": {3: 4}, "sales": {3: 2, 0: 1}}
    at = visit("meeting", again=at, part="draft")
    at.button(key="_meeting_draft_save").click().run()
    draft = drafts.newest(Workspace(home).database)
    assert draft is not None and not drafts.faults(draft.document)
    (rule,) = draft.document["scoring"]["rules"]
    assert (rule["when"], rule["points"]) == ({"field": "country", "op": "filled"}, 20)
    assert draft.document["sales_ready"]["all"][-1] == {"field": "country", "op": "filled"}
    assert Language("en")("page.meeting.draft.open") in words(at)
    at = visit("meeting", "es", again=at, part="minutes")
    assert "País" in words(at) and "Olga" in words(at) and not at.exception


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_phone_votes_blind_and_sees_what_was_revealed(home: Path, lang: str) -> None:
    settle_company(home)
    host, one = opened(visit("meeting"), home, "phones")
    engine = Workspace(home).database
    made = sessions.join(engine, one.id, name="Ana", team="sales", email=None, now=one.opened_at)
    at = visit("meeting", lang, code=one.code, me=made.token)
    (item,) = kept.items(engine, one.id)
    key = f"_meeting_vote_{item.id}_1"
    control = next(each for each in at.get("button_group") if each.key == key)
    control.set_value(2).run()
    assert voting.mine(engine, one.id, Key(made.token)) == {item.id: 2}
    host = visit("meeting", again=host, part="votes")
    assert not host.dataframe and not at.dataframe  # nothing to see before the reveal
    host.button(key="_meeting_reveal_criterion").click().run()
    at = visit("meeting", lang, again=at, code=one.code, me=made.token)
    assert not at.exception
    (frame,) = [each.value for each in at.dataframe]
    assert 2.0 in frame.to_numpy().ravel().tolist()


def test_a_role_without_the_right_neither_votes_nor_moderates(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui import access

    _, one = opened(visit("meeting"), home, "phones")
    visitor = access.Visitor("leader@acme.example", frozenset({"leader"}))
    monkeypatch.setattr(access, "admit", lambda *_: visitor)
    at = visit("meeting", code=one.code)
    assert Language("en")("page.meeting.may_not_vote") in words(at)
    assert not [each for each in at.button if each.key in ("_meeting_join_now", "_meeting_open_now")]
    at = visit("meeting")
    assert not [each for each in at.button if (each.key or "").startswith(("_meeting_carry", "_meeting_open_now"))]
