"""The working value map in pact.db, and the command that proposes, checks and simulates one."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.database import audit_trail, open_database
from leadpact.audit import valuemap_store
from leadpact.audit.valuemap import Row, ValueMap
from leadpact.audit.valuemap_file import from_csv, from_yaml, to_yaml
from leadpact.cli import main
from leadpact.errors import Misconfigured
from tests.apptest import prepare, settle_company

NOW = datetime(2026, 3, 2)
MINE = ValueMap.of([Row("lead", "=cmd|' /C calc'!A0", to="MQL", edited=True), Row("contact", None, to="Re-Market")])


def test_versions_are_numbered_and_none_is_lost(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    assert valuemap_store.working(engine, "acme") is None
    first = valuemap_store.save(engine, "acme", MINE, pact_hash="p", author=" Ana ", now=NOW, after=None)
    other = ValueMap.of([*MINE.rows, Row("lead", "B", leave=True)])
    second = valuemap_store.save(engine, "acme", other, pact_hash="p", author="Eva", now=NOW + timedelta(1), after=1)
    assert [(one.number, one.author, one.map) for one in valuemap_store.history(engine, "acme")] == [
        (2, "Eva", other), (1, "Ana", MINE),
    ]  # fmt: skip
    assert valuemap_store.working(engine, "acme") == second and first.hash == MINE.hash
    assert valuemap_store.working(engine, "other") is None
    with engine.begin() as database:
        assert len(database.execute(sa.select(audit_trail)).all()) == 2


def test_saving_what_is_saved_makes_no_version(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    valuemap_store.save(engine, "acme", MINE, pact_hash="p", author="Ana", now=NOW, after=None)
    again = valuemap_store.save(engine, "acme", MINE, pact_hash="p", author="Eva", now=NOW, after=None)
    assert (again.number, again.author) == (1, "Ana")


def test_nobody_overwrites_what_somebody_else_saved_meanwhile(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    valuemap_store.save(engine, "acme", MINE, pact_hash="p", author="Ana", now=NOW, after=None)
    with pytest.raises(Misconfigured) as caught:
        valuemap_store.save(engine, "acme", ValueMap(), pact_hash="p", author="Eva", now=NOW, after=None)
    assert caught.value.params == {"author": "Ana", "number": "1"}
    with pytest.raises(Misconfigured, match="no_author"):
        valuemap_store.save(engine, "acme", ValueMap(), pact_hash="p", author=" ", now=NOW, after=1)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = prepare(tmp_path / "home", monkeypatch)
    settle_company(folder)
    return folder


def test_the_command_proposes_writes_and_simulates(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Carla's voicemail goes back to MQL, which she has then never left."""
    out = tmp_path / "map.csv"
    assert main(["proposal", "--simulate", "--json", "--out", str(out), "--explain", str(tmp_path / "who.csv")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found)[:3] == ["pact", "as_of", "map"]
    assert found["map"]["source"] == "proposal" and found["map"]["number"] is None
    (row,) = [one for one in found["map"]["rows"] if one["value"] == "Left Voicemail"]
    assert (row["to"], row["previous"], row["records"], row["codes"][0]) == ("MQL", "MQL", 1, "STA01")
    stages = {one["stage"]: (one["before"], one["after"]) for one in found["simulation"]["stages"]}
    assert stages["mql"] == (2, 3)
    assert from_csv(out.read_text(encoding="utf-8"), "map.csv").hash == found["map"]["hash"]
    assert "carla" in (tmp_path / "who.csv").read_text(encoding="utf-8")
    for lang in ("en", "es"):
        assert main(["--lang", lang, "proposal", "--map", str(out)]) == 0
        assert "Left Voicemail" in capsys.readouterr().out


def test_the_command_takes_a_map_and_says_what_is_wrong_with_it(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "mine.yaml"
    given.write_text(to_yaml(ValueMap.of([Row("lead", "Left Voicemail", to="SAL")])), encoding="utf-8")
    assert main(["proposal", "--map", str(given), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["to"], one["stage"], one["records"]) for one in found["map"]["rows"]] == [("SAL", "sal", 1)]
    assert found["simulation"] is None
    given.write_text(to_yaml(ValueMap.of([Row("lead", "Left Voicemial", to="SAL")])), encoding="utf-8")
    assert main(["proposal", "--map", str(given)]) == 2
    assert "Left Voicemail" in capsys.readouterr().err
    assert main(["proposal", "--out", str(tmp_path / "map.xlsx")]) == 2


def test_the_command_goes_on_from_the_working_map(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    engine = open_database(home)
    mine = ValueMap.of([Row("lead", "Left Voicemail", to="SAL", stage="sal", edited=True)])
    valuemap_store.save(engine, "acme", mine, pact_hash="p", author="Ana", now=NOW, after=None)
    out = tmp_path / "map.yaml"
    assert main(["proposal", "--json", "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["map"]["source"], found["map"]["number"]) == ("working", 1)
    own = [one for one in found["map"]["rows"] if one["value"] == "Left Voicemail"]
    assert [(one["to"], one["edited"], one["records"]) for one in own] == [("SAL", True, 1)]
    assert from_yaml(out.read_text(encoding="utf-8"), "map.yaml").hash == found["map"]["hash"]
