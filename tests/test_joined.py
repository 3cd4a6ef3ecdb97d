"""Behaviours from elsewhere: joined by id or by e-mail address, replaced as a whole, never guessed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as searched
from hypothesis import strategies as st

from leadpact import rejected
from leadpact.cli import main
from leadpact.connector import Capabilities, Extract
from leadpact.errors import Misconfigured, SourceUnreachable
from leadpact.joined import Joined
from leadpact.settings import Connection, adders
from leadpact.store import scalar
from leadpact.sync import sync
from leadpact.workspace import Workspace
from tests.rows import Rows, lead

NOW = datetime(2026, 3, 1)


def contact(record_id: str, **fields: Any) -> dict[str, Any]:
    return {**lead(record_id, **fields), "object": "contact"}


def visit(who: str, at: str = "2026-02-01", **fields: Any) -> dict[str, Any]:
    return {"object": "lead", "record_id": who, "kind": "web_visit", "at": at, **fields}


def crm(*records: dict[str, Any], **tables: Any) -> Rows:
    return Rows(record=list(records), **tables)


class Tool(Rows):
    """A marketing tool's export; `broken` while it cannot be read."""

    broken = False

    def __init__(self, *activities: dict[str, Any]) -> None:
        super().__init__(activity=list(activities))

    def extract(self, since: str | None = None) -> Extract:
        if self.broken:
            raise SourceUnreachable("files.no_folder", path="/gone")
        return super().extract(since)


def joined(home: Path, source: Rows, tool: Rows, *, now: datetime = NOW) -> tuple[Joined, list[tuple[Any, ...]]]:
    """Syncs, and gives what was added and the activities in the mirror: object, record, kind, at."""
    space = Workspace(home)
    done = sync(source, space.mirror("crm"), space.database, now=now, adds={"web": lambda: tool})
    return done.added["web"], activities(space)


def activities(space: Workspace) -> list[tuple[Any, ...]]:
    mirror = space.mirror("crm")
    connection = mirror.open(mirror.current() or 0)
    rows: list[tuple[Any, ...]] = connection.execute(
        'SELECT object, record_id, kind, "at" FROM crm.activity ORDER BY ALL'
    ).fetchall()
    connection.close()
    return rows


def who(rows: list[tuple[Any, ...]]) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in rows]


def test_by_id_and_by_address_whatever_its_case(tmp_path: Path) -> None:
    source = crm(lead("ana", email="Ana@Acme.example "), lead("bo"))
    added, rows = joined(tmp_path, source, Tool(visit("ana@acme.example"), visit("bo"), visit(" ANA@acme.EXAMPLE")))
    assert who(rows) == [("lead", "ana"), ("lead", "ana"), ("lead", "bo")]
    assert added == Joined(3, 3, 0, 0, touches=False)


def test_an_id_is_of_a_contact_too(tmp_path: Path) -> None:
    _, rows = joined(tmp_path, crm(contact("kim")), Tool(visit("kim")))
    assert who(rows) == [("contact", "kim")]


def test_until_the_conversion_the_lead_from_then_on_the_contact(tmp_path: Path) -> None:
    converted = {"converted_at": datetime(2026, 2, 1), "converted_to": "kim"}
    source = crm(lead("ana", email="ana@acme.example", **converted), contact("kim", email="ana@acme.example"))
    tool = Tool(*(visit("ana@acme.example", at) for at in ("2026-01-31T23:59", "2026-02-01", "2026-02-02")))
    _, rows = joined(tmp_path, source, tool)
    assert who(rows) == [("contact", "kim"), ("contact", "kim"), ("lead", "ana")]


def test_an_address_of_several_people_is_not_guessed(tmp_path: Path) -> None:
    source = crm(lead("ana", email="team@acme.example"), lead("bo", email="team@acme.example"))
    added, rows = joined(tmp_path, source, Tool(visit("team@acme.example"), visit("bo"), visit("nobody@acme.example")))
    assert who(rows) == [("lead", "bo")]
    assert (added.rows, added.joined, added.several, added.nobody) == (3, 1, 1, 1)
    mirror = Workspace(tmp_path).mirror("crm")
    told = {one.problem: one.params for one in rejected.summary(mirror, mirror.current() or 0)}
    assert told == {
        "joined.nobody": {"source": "web", "count": 1},
        "joined.several": {"source": "web", "count": 1},
    }


def test_merged_and_deleted_records_have_no_address(tmp_path: Path) -> None:
    source = crm(
        lead("old", email="ana@acme.example", merged_into="ana"),
        lead("ana", email="ana@acme.example"),
        {**lead("gone", email="gone@acme.example"), "condition": "deleted"},
    )
    added, rows = joined(tmp_path, source, Tool(visit("ana@acme.example"), visit("gone@acme.example")))
    assert who(rows) == [("lead", "ana")]
    assert added.nobody == 1


class Incremental(Rows):
    """A CRM that tells what changed: after the first time, nothing."""

    def __init__(self, **tables: Any) -> None:
        super().__init__(**tables)
        self.can = Capabilities(activities="activity" in tables, incremental=True)

    def extract(self, since: str | None = None) -> Extract:
        found = super().extract(since)
        pages = iter(()) if since else found.pages
        return Extract(pages=pages, provided=found.provided, complete=since is None, mark=lambda: "1")


def test_each_sync_takes_them_anew_and_leaves_the_crms_own(tmp_path: Path) -> None:
    own = {"activity_id": "00T1", "object": "lead", "record_id": "ana", "kind": "call", "at": "2026-01-05"}
    source = Incremental(record=[lead("ana")], activity=[own])
    tool = Tool(visit("ana"), visit("ana"), visit("ana", activity_id="v1"))
    assert [row[2] for row in joined(tmp_path, source, tool)[1]] == ["call", *["web_visit"] * 3]
    tool.tables["activity"] = [visit("ana", activity_id="v1"), visit("ana", "2026-02-09", activity_id="v1")]
    added, rows = joined(tmp_path, source, tool)
    # a delta: the call stays, of the visits only what the tool gives now, one of each id
    assert [row[2:] for row in rows] == [("call", datetime(2026, 1, 5)), ("web_visit", datetime(2026, 2, 9))]
    assert added.rows == 1
    # what could not be joined is listed once, however often it was read
    tool.tables["activity"] = [visit("nobody")]
    for _ in range(2):
        joined(tmp_path, source, tool)
    mirror = Workspace(tmp_path).mirror("crm")
    assert [one.rows for one in rejected.summary(mirror, mirror.current() or 0)] == [1]


def test_a_source_out_of_reach_keeps_what_it_gave(tmp_path: Path) -> None:
    source, tool = crm(lead("ana"), lead("bo")), Tool(visit("ana"), visit("bo"))
    joined(tmp_path, source, tool)
    tool.broken = True
    source.tables["record"].pop()
    added, rows = joined(tmp_path, source, tool)
    assert who(rows) == [("lead", "ana")]
    assert (added.kept, added.joined) == (True, 1)
    tool.broken = False
    assert joined(tmp_path, source, tool)[0].kept is False


def test_visits_alone_do_not_make_touches_known(tmp_path: Path) -> None:
    def provided(*given: dict[str, Any]) -> bool:
        joined(tmp_path, crm(lead("ana")), Tool(*given))
        mirror = Workspace(tmp_path).mirror("crm")
        return "activity" in mirror.info(mirror.current() or 0)["provided"]

    assert not provided(visit("ana"))
    assert not provided(visit("ana"), visit("ana", kind="email", automated=True))
    assert provided(visit("ana"), visit("ana", kind="call"))


@searched(max_examples=4, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_rows_says_nothing(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    rows = [visit("ana", f"2026-02-0{1 + number // 2}", subject="/pricing") for number in range(6)]
    ids = []
    for given_rows in (rows, [rows[number] for number in order]):
        home = tmp_path_factory.mktemp("home")
        joined(home, crm(lead("ana")), Tool(*given_rows))
        connection = Workspace(home).mirror("crm").open(1)
        ids.append(connection.execute("SELECT activity_id FROM crm.activity ORDER BY 1").fetchall())
        assert scalar(connection, "SELECT count(DISTINCT activity_id) FROM crm.activity") == 6
        connection.close()
    assert ids[0] == ids[1]


def connections(**of: Mapping[str, Any]) -> dict[str, Connection]:
    return {name: Connection(name, "files", options) for name, options in of.items()}


def test_who_adds_to_whom() -> None:
    found = connections(crm={}, web={"adds_to": "crm"}, ads={"adds_to": "crm"}, lost={"adds_to": "nowhere"})
    assert [one.name for one in adders(found, "crm")] == ["ads", "web"]
    with pytest.raises(Misconfigured) as alone:
        adders(found, "web")
    assert alone.value.key == "joined.alone"
    with pytest.raises(Misconfigured) as unknown:
        adders(found, "lost")
    assert unknown.value.key == "joined.unknown"


SECRETS = """
[connections.crm]
type = "files"
path = "{folder}/crm"
[connections.web]
type = "files"
path = "{folder}/web"
adds_to = "crm"
"""


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, file, text in (
        ("crm", "leads.csv", "record_id,status,email,created_at\n1,New,ana@acme.example,2026-01-01\n"),
        ("web", "activities.csv", "record_id,kind,at\nana@acme.example,web_visit,2026-02-01\nx,form,2026-02-02\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text(text, encoding="utf-8")
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(SECRETS.format(folder=tmp_path), encoding="utf-8")
    shared = ["--home", str(tmp_path / "home"), "--secrets", str(secrets)]
    assert main([*shared, "sync", "crm", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["activity"] == 1
    assert main([*shared, "sync", "crm"]) == 0
    assert "web: 1 activity joined to its person, of 2 read." in " ".join(capsys.readouterr().out.split())
    assert main([*shared, "check", "web"]) == 0
    assert main([*shared, "sync", "web"]) == 2
    assert "Sync crm instead" in " ".join(capsys.readouterr().err.split())
