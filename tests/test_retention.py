"""People nothing happens with any more are emptied by a sync; who comes back is read again; settings that cannot be."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config import versions
from leadpact import settings
from leadpact.errors import Misconfigured
from leadpact.privacy import retention
from leadpact.privacy.retention import Retention, before
from leadpact.workspace import Workspace
from tests.command import called, document
from tests.rows import Rows, lead, moved
from tests.worlds import pact

NOW = datetime(2026, 3, 31, 9)
OLD, RECENT = "2024-01-05T09:00:00", "2026-03-05T09:00:00"
NAMES = {
    "old": [(OLD, "Disqualified")],
    "recent": [(OLD, "MQL"), (RECENT, "Disqualified")],
    "open": [(OLD, "MQL")],
    "customer": [(OLD, "Customer")],
    "bought": [(OLD, "Unknown")],
    "left": [(OLD, "MQL")],
}


def company(**called: str) -> Rows:
    """Six people by fate; `called` are touches by person: when."""
    people = [lead(name, name=f"Person {name}", email=f"{name}@acme.example", status=steps[-1][1], created_at=OLD,
                   source="Web", **({"condition": "inactive"} if name == "left" else {}))
              for name, steps in NAMES.items()]  # fmt: skip
    history = [row for name, steps in NAMES.items() for row in moved(name, *steps)]
    touches: list[dict[str, Any]] = [
        {"activity_id": f"a-{name}", "object": "lead", "record_id": name, "kind": "call", "at": at, "completed": True}
        for name, at in called.items()
    ]
    return Rows(creation_logged=True, record=people, field_change=history, activity=touches)


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "secrets.toml"
    file.write_text('[connections.small]\ntype = "files"\npath = "nowhere"\n', encoding="utf-8")
    monkeypatch.setattr(settings, "SECRETS", file)
    return file


def names(space: Workspace) -> dict[str, str | None]:
    rows = space.analyse("small").tables.record.select("record_id", "name").to_pyarrow().to_pylist()
    return {row["record_id"]: row["name"] for row in rows}


def test_a_sync_empties_who_is_due_and_nobody_else(
    tmp_path: Path, secrets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space = Workspace(tmp_path / "home")
    versions.save(space.database, pact(), author="test", message="", now=NOW)
    space.sync(company(), "small", now=NOW)
    assert all(names(space).values())
    assert retention.due(space, "small", Retention(people_months=12), NOW) == [
        ("lead", "bought"), ("lead", "left"), ("lead", "old")
    ]  # fmt: skip
    dry = document(called(capsys, "--home", str(space.home), "--secrets", str(secrets), "retain", "--json"))
    assert dry["connections"] == {"small": 0} and dry["retain_people_months"] is None
    with secrets.open("a", encoding="utf-8") as file:
        file.write("[privacy]\nretain_people_months = 12\nretain_generations = 1\n")
    before_it = space.analyse("small").tables.spell.count().execute()
    space.sync(company(), "small", now=NOW)
    assert {name for name, called in names(space).items() if called is None} == {"bought", "left", "old"}
    assert space.analyse("small").tables.spell.count().execute() == before_it
    assert [path.name for path in sorted((space.home / "small").glob("crm-*.duckdb"))] == ["crm-2.duckdb"]
    assert b"Person old" not in (space.home / "small" / "crm-2.duckdb").read_bytes()


@pytest.mark.thorough
def test_who_is_active_again_is_read_in_full(tmp_path: Path, secrets: Path) -> None:
    secrets.write_text("[privacy]\nretain_people_months = 12\n", encoding="utf-8")
    space = Workspace(tmp_path / "home")
    versions.save(space.database, pact(), author="test", message="", now=NOW)
    space.sync(company(), "small", now=NOW)
    space.sync(company(old=RECENT), "small", now=NOW)  # somebody called: no longer due
    space.sync(company(old=RECENT), "small", now=NOW)
    assert {name for name, called in names(space).items() if called is None} == {"bought", "left"}


def test_so_many_months_ago() -> None:
    assert before(datetime(2026, 3, 31, 9), 1) == datetime(2026, 2, 28, 9)
    assert before(datetime(2026, 3, 31, 9), 15) == datetime(2024, 12, 31, 9)


@pytest.mark.parametrize("value", ["0", "-1", "true", '"12"', "1.5", "100000"])
def test_a_number_that_cannot_be_is_refused(secrets: Path, value: str) -> None:
    secrets.write_text(f"[privacy]\nretain_people_months = {value}\n", encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"retain\.bad_number"):
        retention.of()
