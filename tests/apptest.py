"""Pages under Streamlit's AppTest: a small company of rows with known numbers, in a home of the test's own.

Tests find widgets by key. A page is opened as by deep link: app.py has not run before it.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from leadpact import settings
from leadpact.workspace import Workspace
from tests.conftest import ROOT
from tests.homes import copied
from tests.rows import Rows, contact, lead, moved

AS_OF = datetime(2026, 3, 2, 15, 0)
# at every start Streamlit reads what all installed packages say of themselves, to find components: once will do
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)

SECRETS = '[connections.acme]\ntype = "files"\npath = "nowhere"\n'


def prepare(home: Path, monkeypatch: pytest.MonkeyPatch, secrets: str = SECRETS) -> Path:
    """A home and secrets file of the test's own, empty caches, and errors that are raised."""
    home.mkdir(parents=True, exist_ok=True)
    file = home / "secrets.toml"
    file.write_text(secrets, encoding="utf-8")
    monkeypatch.setenv("LEADPACT_HOME", str(home))
    monkeypatch.setenv("LEADPACT_RAISE", "1")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(settings, "SECRETS", file)
    st.cache_data.clear()
    st.cache_resource.clear()
    return home


def fill(home: Path, world: Rows, *, connection: str = "acme", now: datetime = AS_OF) -> None:
    """Syncs a world of rows as the mirror of `connection`."""
    Workspace(home).sync(world, connection, now=now)


@functools.cache
def _company_home() -> Path:
    """The company below, synced once for every test of this process."""
    folder = Path(tempfile.mkdtemp(prefix="leadpact-company-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    fill(folder, company())
    return folder


def settle_company(home: Path) -> None:
    """Puts the synced company into a home of the test's own."""
    copied(_company_home(), home)


def visit(page: str, lang: str = "en", *, again: AppTest | None = None, **query: Any) -> AppTest:
    """The page called `page`, opened in `lang` with these values in the URL."""
    at = again if again is not None else AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    at.query_params["lang"] = lang
    for name, value in query.items():
        at.query_params[name] = str(value)
    at.switch_page(f"pages/{page}.py")
    return at.run()


def words(at: AppTest) -> str:
    """Everything the page says, in one text; Markdown escapes taken out."""
    kinds = ("title", "subheader", "markdown", "caption", "error", "warning", "info", "success")
    return (
        "\n".join(element.value for kind in kinds for element in at.get(kind)).replace("\\", "").replace("\u2060", "")
    )


def company(**changed: Any) -> Rows:
    """Ten leads by the default pact: ten subscribers, six MQL, three accepted, one customer.

    Dora's clock ran out; Eva's runs; both were never called. Three leads hold an action as their
    status, one contact has no status. Names that a spreadsheet would run are among them.
    """
    names = ["Ana", "Berta", "Carla", "Dora", "Eva", "Flor", "Gina", "Hilda", "Irma", "Julia"]
    people = [
        lead(
            name.lower(), name="=1+1" if name == "Carla" else name, email=f"{name.lower()}@acme.example",
            phone="+34 600 123 45" + str(at), source="Web" if at % 2 else "Feria", country="ES", owner_id="u1",
            created_at="2025-11-01T09:00:00", url=f"https://crm.example/{name.lower()}",
            status=STATUS.get(name, "New"), company="Acme",
        )
        for at, name in enumerate(names)
    ]  # fmt: skip
    people.append(contact("ana-c", name="Ana", status=None, created_at="2026-01-10T09:00:00"))
    history = [row for name in names for row in moved(name.lower(), *STEPS.get(name, [("2025-11-01T09:00:00", "New")]))]
    tables: dict[str, Any] = {
        "record": people,
        "field_change": history,
        "activity": [
            {"activity_id": "a1", "object": "lead", "record_id": "ana", "kind": "call", "at": "2025-11-02T12:00:00",
             "completed": True, "actor_id": "u1"}
        ],
        "owner": [{"owner_id": "u1", "name": "Olga", "team": "sales", "is_active": True, "is_queue": False}],
        "status_value": [
            {"object": "lead", "value": value, "is_active": True}
            for value in ("New", "MQL", "SAL", "Customer", "Left Voicemail", "Disqualified")
        ],
    }  # fmt: skip
    return Rows(
        creation_logged=True, **{name: rows for name, rows in {**tables, **changed}.items() if rows is not None}
    )


START = ("2025-11-01T09:00:00", "New")
STATUS = {
    "Ana": "Customer", "Berta": "SAL", "Carla": "Left Voicemail", "Dora": "MQL", "Eva": "MQL",
    "Flor": "Disqualified", "Gina": "Disqualified",
}  # fmt: skip
STEPS: dict[str, list[tuple[str, str | None]]] = {
    "Ana": [START, ("2025-11-02T09:00:00", "MQL"), ("2025-11-03T09:00:00", "SAL"), ("2025-12-01T09:00:00", "Customer")],
    "Berta": [START, ("2025-11-05T09:00:00", "MQL"), ("2025-11-09T09:00:00", "SAL")],
    "Carla": [START, ("2025-11-06T09:00:00", "MQL"), ("2025-11-07T09:00:00", "Left Voicemail")],
    "Dora": [START, ("2026-02-20T09:00:00", "MQL")],
    "Eva": [START, ("2026-03-02T09:00:00", "MQL")],
    "Flor": [START, ("2025-11-08T09:00:00", "MQL"), ("2025-11-08T10:00:00", "Disqualified")],
    "Gina": [START, ("2025-11-20T09:00:00", "Disqualified")],
}
