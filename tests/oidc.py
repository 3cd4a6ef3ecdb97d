"""A real OpenID provider on this machine, and settings that sign people in by it.

Not here: what is tried with it (test_browser_sign_in*.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config import members
from config.members import Member
from leadpact import trail
from leadpact.workspace import Workspace
from tests.apptest import settle_company
from tests.browsing import beside, free_port, served

NOW = datetime(2026, 3, 1, 9)
SECRET = "0123456789abcdef0123456789abcdef"


@contextmanager
def provider(*people: Mapping[str, Any]) -> Iterator[str]:
    """Its address. Each of `people` are the claims of one person, `sub` among them."""
    mock = pytest.importorskip("oidc_provider_mock")
    users = [mock.User(sub=one["sub"], claims={k: v for k, v in one.items() if k != "sub"}) for one in people]
    with mock.run_server_in_thread(user_claims=users) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def sign_in(page: Any, sub: str, button: str = "Sign in") -> None:
    """Through the door by its button."""
    page.get_by_role("button", name=button, exact=True).click()
    authorize(page, sub)


def authorize(page: Any, sub: str) -> None:
    """At the provider's own page, and back."""
    page.wait_for_url("**/oauth2/authorize**")
    page.locator("input[name=sub]").fill(sub)
    page.get_by_role("button", name="Authorize", exact=True).click()
    page.wait_for_url(lambda url: "/oauth2" not in url)


def settings(app: str, issuer: str, more: str = "") -> str:
    """`[auth]` for the app at `app`, `[access]` naming root@acme.example, then `more`."""
    return f"""
[auth]
redirect_uri = "{app}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "leadpact"
client_secret = "-"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
[access]
administrators = ["root@acme.example"]
{more}
[connections.acme]
type = "files"
path = "nowhere"
"""


class App:
    """The running app, its data, and the file its settings are in."""

    def __init__(self, url: str, home: Path, secrets: Path) -> None:
        self.url, self.home, self.secrets = url, home, secrets
        self.engine = Workspace(home).database

    def lets_in(self, email: str, *roles: str) -> None:
        members.save(self.engine, Member(email, frozenset(roles)), actor="root", now=NOW)

    def noted(self, action: str) -> list[str]:
        return [one.actor for one in trail.every(self.engine) if one.action == action]


@contextmanager
def signed_in_app(folder: Path, *people: Mapping[str, Any]) -> Iterator[App]:
    """The app with the small company as its data, served to who signs in as one of `people`."""
    home, port = folder / "home", free_port()
    settle_company(home)
    with provider(*people) as issuer:
        work = beside(folder / "work", settings(f"http://127.0.0.1:{port}", issuer))
        with served(work, home, port) as url:
            yield App(url, home, work / ".streamlit" / "secrets.toml")
