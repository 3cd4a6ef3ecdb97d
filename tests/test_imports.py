"""Imported lists: told from streams, the list as people read it, the command and the page."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.audit import imports_list
from leadpact.audit.facts import Facts
from leadpact.audit.imports import imported
from leadpact.audit.opt_in import opt_in_fields
from leadpact.cli import main
from tests.apptest import fill, prepare, visit
from tests.audit_cases import world
from tests.rows import Rows, lead
from tests.worlds import World

BEGAN = datetime(2026, 1, 5, 10, 1)
LIST: dict[str, Any] = {
    "leads": {
        "past": {"status": "Subscriber", "source": "Expo", "created_at": "2026-01-05T10:01", "email": "a@b.example",
                 "owner_id": "u1", "times": 40},
        "untouched": {"status": "Unknown", "source": "Expo", "created_at": "2026-01-05T10:03", "owner_id": "u1",
                      "times": 9},
        "blank": {"status": None, "source": "Expo", "created_at": "2026-01-05T10:04", "owner_id": "u2"},
        "lost": {"status": "Disqualified", "source": "Expo", "created_at": "2026-01-05T10:05", "owner_id": "u1",
                 "times": 4},
        "asked": {"status": "MQL", "source": "Expo", "created_at": "2026-01-05T10:05", "owner_id": "u1", "times": 2},
        "alone": {"status": "MQL", "source": "Web", "created_at": "2026-01-06T10:05"},
        "undated": {"status": "MQL"},
    },
    "activities": [{"record_id": "asked-0", "kind": "form", "at": "2026-01-06"}],
    "responses": [{"record_id": "asked-1", "response": "Registered", "at": "2026-01-06"}],
    "owners": {"u1": {"name": "Sara"}, "u2": {}},
}  # fmt: skip


def test_a_list_as_people_read_it() -> None:
    found = imports_list.imports(world(LIST))
    (block,) = found.blocks
    assert (block.object, block.source, block.owner, block.maker) == ("lead", "Expo", "Sara", None)
    assert (block.first_at, block.last_at) == (BEGAN, datetime(2026, 1, 5, 10, 5))
    assert {part: getattr(block, part) for part in imports_list.PARTS} == {
        "records": 56, "silent": 54, "past": 40, "untouched": 9, "mailable": 40,
    }  # fmt: skip
    assert block.stages == {"subscriber": 40, "unknown": 9, "disqualified": 4, "mql": 2, "unmapped": 1}
    assert (found.coverage, found.undated, found.activities) == (57 / 58, 1, True)


@pytest.mark.parametrize("part", imports_list.PARTS)
def test_the_people_of_every_part_are_those_counted(part: imports_list.Part) -> None:
    analysis = world(LIST)
    assert imports_list.people(analysis, 1, part).count().execute() == imports_list.imports(analysis).total(part)
    assert imports_list.people(analysis, 2, part).count().execute() == 0


def test_nothing_is_known_of_nobody() -> None:
    found = imports_list.imports(world({"leads": {}}))
    assert (found.blocks, found.coverage, found.undated, found.activities) == ((), None, 0, False)


def test_who_made_the_records_is_told_where_the_source_says_so() -> None:
    names = [f"l{n}" for n in range(50)]
    case = {
        "leads": {name: {"status": "Subscriber", "source": "Expo", "created_at": "2026-01-05T10:01"} for name in names},
        "history": {name: [["2026-01-05T10:01", "Subscriber"]] for name in names},
        "actors": dict.fromkeys(names, "api"),
        "activities": [],
    }
    (block,) = imports_list.imports(world(case)).blocks
    assert (block.maker, block.owner) == ("api", None)


def test_an_integration_that_makes_every_record_makes_no_list_of_a_quiet_stream() -> None:
    rows = {
        f"l{n}": {"status": "MQL", "source": "Web", "created_at": (BEGAN + timedelta(minutes=n)).isoformat()}
        for n in range(300)
    }
    case = {
        "leads": rows,
        "history": {name: [[row["created_at"], "MQL"]] for name, row in rows.items()},
        "actors": dict.fromkeys(rows, "api"),
        "activities": [],
    }
    assert imports_list.imports(world(case)).blocks == ()


def test_leads_of_a_web_form_at_a_fair_are_no_list() -> None:
    """Ninety in ten minutes, from one source, by one integration; and all of them filled in a form."""
    rows = {
        f"l{n}": {"status": "MQL", "source": "Fair", "created_at": (BEGAN + timedelta(seconds=4 * n)).isoformat()}
        for n in range(90)
    }
    forms = [{"record_id": name, "kind": "form", "at": row["created_at"]} for name, row in rows.items()]
    assert imports_list.imports(world({"leads": rows, "activities": forms})).blocks == ()
    assert len(imports_list.imports(world({"leads": rows, "activities": []})).blocks) == 1


def test_contacts_that_were_leads_are_not_imported_anew() -> None:
    contacts = {f"k{n}": {"status": "SQL", "source": "Expo", "created_at": "2026-01-05T10:01"} for n in range(60)}
    assert imports_list.imports(world({"contacts": contacts, "activities": []})).blocks[0].object == "contact"
    leads = {f"l{n}": {"status": "MQL", "converted_to": f"k{n}", "converted_at": "2026-01-05"} for n in range(60)}
    assert imports_list.imports(world({"leads": leads, "contacts": contacts, "activities": []})).blocks == ()


def test_fields_that_speak_of_an_opt_in() -> None:
    columns = ["f_opt_in", "f_email_optin", "f_consent", "f_opt_out", "f_no_consent", "f_opinion", "opt_in",
               "f_consentimiento_marketing"]  # fmt: skip
    assert opt_in_fields(columns) == ["f_opt_in", "f_email_optin", "f_consent", "f_consentimiento_marketing"]


@pytest.mark.thorough
@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 3600), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_a_block_is_whole_and_its_order_irrelevant(seconds: list[int], random: Any) -> None:
    """However an hour's records fall, blocks have at least the size asked for and share no record."""

    def found(order: list[int]) -> list[tuple[int, ...]]:
        rows = {
            f"l{n}": {"status": "MQL", "source": "Expo", "created_at": (BEGAN + timedelta(seconds=at)).isoformat()}
            for n, at in enumerate(order)
        }
        facts = Facts.of(world({"leads": rows, "activities": []}))
        got = imported(facts, world({"leads": {}}).pact.zone, block=5, min_share=0.8)
        members = got.members.to_pyarrow().to_pylist()
        assert len({row["record_id"] for row in members}) == len(members) == sum(run.records for run in got.runs)
        assert all(run.records >= 5 for run in got.runs)
        return [(run.records, run.silent) for run in got.runs]

    turned = list(seconds)
    random.shuffle(turned)
    assert found(seconds) == found(turned)


def company() -> Rows:
    listed = [
        lead(f"list-{n}", status="Subscriber", source="<b>Expo</b>", created_at=BEGAN, email=f"p{n}@x.example")
        for n in range(60)
    ]
    return Rows(record=[*listed, lead("ana", status="MQL", source="Web", created_at=BEGAN)], activity=[])


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    World(tmp_path / "home").sync(company())
    file = tmp_path / "people.csv"
    asked = ["--home", str(tmp_path / "home"), "--connection", "small", "imports"]
    assert main([*asked, "--json", "--explain", str(file)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == [
        "pact", "as_of", "coverage", "undated", "activities_known", "records", "silent", "past", "untouched",
        "mailable", "blocks",
    ]  # fmt: skip
    (block,) = document["blocks"]
    assert (block["source"], block["records"], block["past"], block["from"]) == (
        "<b>Expo</b>", 60, 60, "2026-01-05T10:01:00Z",
    )  # fmt: skip
    assert len(list(csv.DictReader(file.open(encoding="utf-8")))) == 60
    for language in ("en", "es"):
        assert main([*asked, "--lang", language]) == 0
        assert "60" in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_page_shows_the_lists_and_their_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    home = prepare(tmp_path / "home", monkeypatch)
    fill(home, company())
    at = visit("findings", lang, view="imports", block="1.records")
    assert not at.exception
    assert [one.value for one in at.metric][:4] == ["60", "60", "60", "60"]
    assert len(at.dataframe) == 2
    assert "60" in at.subheader[-1].value


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_page_without_a_list_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    home = prepare(tmp_path / "home", monkeypatch)
    fill(home, Rows(record=[lead("ana", status="MQL")]))
    at = visit("findings", lang, view="imports")
    assert not at.exception
    assert len(at.success) == len(at.warning) == 1
    assert not at.dataframe
