"""A company in which every record is recognisable, and all that a page gives a visitor: what it draws and its files.

Canaries of the team North begin with `Nrth`, those of South with `Sth`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest, local_script_runner

from config.members import Scope
from leadpact.language import Language
from tests.apptest import START, fill, prepare
from tests.rows import Rows, contact, lead, moved
from ui import access
from ui.access import Visitor

NORTH, SOUTH = "Nrth", "Sth"
TEAMS = {NORTH: ("u-north", "North", "ES"), SOUTH: ("u-south", "South", "MX")}
CANARY = re.compile(rb"(?:Nrth|Sth)zq\w+", re.IGNORECASE)
VIEWER = Visitor("viewer@acme.example", frozenset({"viewer"}))
OF_NORTH = Visitor("sales@acme.example", frozenset({"sales"}), Scope(teams=frozenset({"north "})))
IN_SPAIN = Visitor("rev@acme.example", frozenset({"revops"}), Scope(territories=frozenset({"ES"})))
ADMINISTRATOR = Visitor("admin@acme.example", frozenset({"administrator"}))
EVERYBODY = Visitor("all@acme.example", frozenset({"revops"}))
EN = Language("en")
STEPS = (
    [START, ("2025-11-02T09:00:00", "MQL"), ("2025-11-03T09:00:00", "SAL"), ("2025-12-01T09:00:00", "Customer")],
    [START, ("2025-11-05T09:00:00", "MQL"), ("2025-11-09T09:00:00", "SAL")],
    [START, ("2025-11-06T09:00:00", "MQL"), ("2025-11-07T09:00:00", "Left Voicemail")],
    [START, ("2026-02-20T09:00:00", "MQL")],
    [START, ("2026-03-02T09:00:00", "MQL")],
    [START, ("2025-11-08T09:00:00", "MQL"), ("2025-11-08T10:00:00", "Disqualified")],
)


def company() -> Rows:
    """Six leads of each team, of every fate, with a touch and a deal each; every field of theirs is a canary."""
    people, history, touches, deals = [], [], [], []
    for team, (owner, _, country) in TEAMS.items():
        for at, steps in enumerate(STEPS):
            mark = f"{team}zq{at}"
            people.append(lead(
                f"{mark}id", name=f"{mark}name", email=f"{mark}mail@acme.example", phone=f"+34 600 123 45{at} {mark}ph",
                company=f"{mark}company", source="Web", country=country, owner_id=owner, status=steps[-1][1],
                created_at=steps[0][0], url=f"https://crm.example/{mark}url",
            ))  # fmt: skip
            history += moved(f"{mark}id", *steps)
            touches.append({"activity_id": f"{mark}act", "object": "lead", "record_id": f"{mark}id", "kind": "call",
                            "at": "2025-11-10T12:00:00", "completed": True, "actor_id": owner,
                            "subject": f"{mark}subject"})  # fmt: skip
        first = f"{team}zq0"
        people.append(contact(f"{first}cid", name=f"{first}name", status=None, created_at="2026-01-10T09:00:00",
                              owner_id=owner, country=country))  # fmt: skip
        deals.append({"opportunity_id": f"{first}deal", "object": "lead", "record_id": f"{first}id", "amount": 100.0,
                      "currency": "EUR", "created_at": "2025-11-20T09:00:00", "closed_at": "2025-12-01T09:00:00",
                      "is_won": True, "is_closed": True, "owner_id": owner})  # fmt: skip
    owners = [{"owner_id": owner, "name": f"Owner {name}", "team": name, "is_active": True, "is_queue": False}
              for owner, name, _ in TEAMS.values()]  # fmt: skip
    values = [{"object": "lead", "value": value, "is_active": True}
              for value in ("New", "MQL", "SAL", "Customer", "Left Voicemail", "Disqualified")]  # fmt: skip
    return Rows(creation_logged=True, record=people, field_change=history, activity=touches, opportunity=deals,
                owner=owners, status_value=values)  # fmt: skip


@contextmanager
def given(monkeypatch: pytest.MonkeyPatch, who: Visitor) -> Iterator[list[bytes]]:
    """All that pages give this visitor, as bytes: every message to the browser, and every file they could save."""
    seen: list[bytes] = []

    def read(messages: list[Any]) -> Any:
        seen.extend(one.SerializeToString() for one in messages)
        return parse(messages)

    def button(label: str, data: Any = b"", *args: Any, **options: Any) -> Any:
        content = data() if callable(data) else data
        seen.append(content if isinstance(content, bytes) else str(content).encode())
        return draw(label, b"", *args, **options)

    parse, draw = local_script_runner.parse_tree_from_messages, st.download_button
    with monkeypatch.context() as patched:
        patched.setattr(local_script_runner, "parse_tree_from_messages", read)
        patched.setattr(st, "download_button", button)
        patched.setattr(access, "admit", lambda *_: who)
        yield seen


def told(seen: list[bytes]) -> set[str]:
    """The canaries in it."""
    return {found.decode() for one in seen for found in CANARY.findall(one)}


def behind(at: AppTest) -> bool:
    """Chooses the first people behind a figure, where the page offers any; whether it did."""
    for box in at.selectbox:
        if box.label == EN("ui.people.behind") and len(box.options) > 1:
            box.select_index(1).run()
            return True
    return False


def of_team(found: set[str], team: str) -> set[str]:
    return {one for one in found if one.lower().startswith(team.lower())}


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("canaries")
    fill(home, company())
    return home


@pytest.fixture
def home(synced: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(synced, monkeypatch)
