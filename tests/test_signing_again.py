"""Signing in again after a session ended: back to the page, its values and what was being edited; nobody else's.

Not here: the same in a real browser (test_browser_sign_in_states.py).
"""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from config.members import Scope
from leadpact.admission import Admission
from tests.conftest import ROOT
from ui import signing

QUERY = {"connection": "acme", "section": "stages"}
WORK = {"_pact_open": {"part": "stages", "now": "half a sentence"}, "_pact_turn": 3}


class Streamlit:
    """What signing.py asks of Streamlit, of one browser; each sign-in begins with nothing in `session_state`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = 0.0
        self.session_state: dict[str, Any] = {}
        self.query_params = SimpleNamespace(to_dict=lambda: dict(QUERY))
        kept: dict[str, Any] = {}
        monkeypatch.setattr(signing, "st", self)
        monkeypatch.setattr(signing, "_returns", lambda: kept)
        monkeypatch.setattr(signing, "_browser", lambda: "a browser")
        monkeypatch.setattr(signing, "claims", lambda: {"is_logged_in": True})
        monkeypatch.setattr(signing, "time", SimpleNamespace(monotonic=lambda: self.clock))
        monkeypatch.setattr(signing.sign_ins, "note", lambda *_, **__: None)
        monkeypatch.setattr(signing.admission, "began", lambda _: None)
        monkeypatch.setattr(signing.sources, "workspace", lambda: SimpleNamespace(database=None))

    def signs_in(self, email: str, mark: str) -> None:
        admitted = Admission(email, frozenset({"sales"}), Scope(), ("member",))
        signing.begin(signing.Session(admitted, datetime(2026, 3, 1), mark), {})

    def goes_and_comes_back(self, after: float, email: str) -> tuple[str, dict[str, str]] | None:
        """The session is over, the button leads to the provider, and the browser begins anew."""
        signing.remember("definition")
        self.session_state, self.clock = {}, self.clock + after
        where = signing.going()
        self.signs_in(email, "second")
        return where


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Streamlit:
    made = Streamlit(monkeypatch)
    made.signs_in("ana@acme.example", "first")
    made.session_state |= {**WORK, "_visitor_note": "not work"}
    return made


def test_the_same_person_finds_page_values_and_work(browser: Streamlit) -> None:
    assert browser.goes_and_comes_back(60, "ana@acme.example") == ("definition", QUERY)
    assert WORK.items() <= browser.session_state.items() and "_visitor_note" not in browser.session_state
    assert signing.going() is None, "told once"


@pytest.mark.parametrize(("after", "email"), [(60, "ben@acme.example"), (901, "ana@acme.example")])
def test_another_person_or_much_later_finds_nothing_of_it(browser: Streamlit, after: float, email: str) -> None:
    browser.goes_and_comes_back(after, email)
    assert not WORK.keys() & browser.session_state.keys()


def test_what_is_carried_is_what_the_editors_keep() -> None:
    code = "".join((ROOT / "ui" / f"{name}.py").read_text(encoding="utf-8") for name in (
        "definition_draft", "scoring_rules_draft", "findings_target_draft", "mapping_state"))  # fmt: skip
    assert all(f'"{name}"' in code for name in signing.WORK)
