"""Health as a monitor asks for it: cheap, without a CRM, and writing nothing."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.database import FILE, open_database
from leadpact import health, model
from leadpact.commands import remap_values_arguments, scoring_arguments
from leadpact.scoring import rule_people
from leadpact.store import Mirror
from tests.command import called, document
from tests.test_backup import NOW, publish


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Synced at NOW."""
    found = tmp_path / "home"
    open_database(found).dispose()
    (found / "acme").mkdir()
    publish(Mirror.of(found, "acme"), 1)
    return found


def states(
    home: Path, url: str | None = None, hours: float = 1, most: float | None = None
) -> tuple[bool, str, list[str]]:
    limit = None if most is None else timedelta(hours=most)
    found = health.look(home, url, now=NOW + timedelta(hours=hours), max_age=limit)
    return found.ok, found.database, [one.state for one in found.connections]


def test_all_well_and_the_limit_itself_is_well(home: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    assert states(home) == (True, "ok", ["ok"])
    assert states(home, hours=26, most=26) == (True, "ok", ["ok"])
    assert states(home, hours=26.01, most=26) == (False, "ok", ["old"])
    after = {path: path.stat().st_mtime_ns for path in home.rglob("*") if not path.name.endswith(("-wal", "-shm"))}
    assert {path: at for path, at in after.items() if path.is_file()}.items() <= before.items()


def test_what_cannot_be_read(home: Path, tmp_path: Path) -> None:
    assert states(tmp_path / "nowhere") == (True, "none", []) and not (tmp_path / "nowhere").exists()
    Mirror.of(home, "acme").path(1).write_bytes(b"not a database" * 1000)
    assert states(home) == (False, "ok", ["unreadable"])
    (home / "acme" / "CURRENT").write_text("7", encoding="ascii")
    assert states(home) == (False, "ok", ["unreadable"])
    (home / FILE).write_bytes(b"not a database" * 1000)
    assert states(home) == (False, "away", ["unreadable"])
    assert states(home, "postgresql://a:pass@127.0.0.1:9/x")[1] == "away"


def test_a_newer_database(home: Path) -> None:
    engine = open_database(home)
    with engine.begin() as database:
        database.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert states(home) == (False, "newer", ["ok"])


def test_on_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--home", str(home), "--json"]
    found = document(called(capsys, "health", *words))
    age = datetime.now(UTC).replace(tzinfo=None) - NOW
    assert found["ok"] and abs(found["connections"][0]["age_seconds"] - age.total_seconds()) < 60
    assert found["connections"][0]["synced_at"] == "2026-03-01T09:00:00Z"
    assert called(capsys, "health", "acme", "--max-age", "24", *words)[0] == 1
    assert called(capsys, "health", "nobody", *words)[0] == 2
    assert called(capsys, "health", "--max-age", "0", *words)[0] == 2
    assert "necesita atención" in called(capsys, "health", "--max-age", "1", "--home", str(home), "--lang", "es")[1]


def test_the_probe_loads_nothing_of_the_analysis(home: Path) -> None:
    slow = ("ibis", "pandas", "scipy", "streamlit", "alembic")
    code = "import sys; from leadpact.cli import main; main(['health', '--home', sys.argv[1]]); "
    code += f"print(sorted(set({slow}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_choices_written_twice_to_start_quickly_are_equal() -> None:
    assert scoring_arguments.GROUPS == rule_people.GROUPS
    assert remap_values_arguments.OBJECTS == model.OBJECTS
