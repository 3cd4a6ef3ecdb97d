"""Pages under Streamlit's AppTest: a world of rows synced into a home of the test's own.

A page is opened as a first visitor would by deep link: app.py has run once, no widget exists.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from leadpact import settings
from leadpact.workspace import Workspace
from tests.conftest import ROOT
from tests.rows import Rows

AS_OF = datetime(2026, 3, 2, 15, 0)
SECRETS = '[connections.acme]\ntype = "files"\npath = "nowhere"\n'


def prepare(home: Path, monkeypatch: pytest.MonkeyPatch, secrets: str = SECRETS) -> Path:
    """A home and secrets file of the test's own, empty caches, and errors that are raised."""
    file = home / "secrets.toml"
    home.mkdir(parents=True, exist_ok=True)
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


def visit(page: str, lang: str = "en", *, again: AppTest | None = None, **query: Any) -> AppTest:
    """The page called `page`, opened in `lang` with these values in the URL."""
    at = again or AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["lang"] = lang
    for name, value in query.items():
        at.query_params[name] = str(value)
    at.switch_page(f"pages/{page}.py")
    return at.run()
