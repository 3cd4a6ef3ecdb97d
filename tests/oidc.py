"""A real OpenID provider on this machine, and settings that sign people in by it.

Not here: what is tried with it (test_browser_sign_in*.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

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
