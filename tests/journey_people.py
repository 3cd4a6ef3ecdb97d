"""A company's people and its identity provider, for journeys in which everybody signs in.

The provider is a real one on loopback (oidc-provider-mock): the app finds it by its metadata, redirects to
it, and reads roles from a claim of the groups somebody is in.

Not here: what roles may do (ui/access.py), the journeys (test_journey_pact.py, test_journey_leader.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oidc_provider_mock

from tests.browsing import WAIT, Page, beside, expect, free_port, served
from tests.journey import BROWSER, settled

AUTH = """
[auth]
redirect_uri = "{address}/oauth2callback"
cookie_secret = "of-a-journey-and-of-nobody-else-0123456789"
client_id = "leadpact"
client_secret = "of-a-journey"
server_metadata_url = "{provider}/.well-known/openid-configuration"

[access]
groups_claim = "groups"

[access.groups]
viewer = ["Leaders"]
marketing = ["Marketing"]
sales = ["Sales"]
revops = ["RevOps"]
"""


@dataclass(frozen=True)
class Person:
    email: str
    group: str
    lang: str = "en"


@contextmanager
def signed_in_app(folder: Path, home: Path, secrets: str, people: Sequence[Person]) -> Iterator[str]:
    """The app with sign-in, and its provider, who knows these people; gives the app's address."""
    known = [
        oidc_provider_mock.User(
            sub=one.email, claims={"email": one.email, "email_verified": True, "groups": [one.group]}
        )
        for one in people
    ]
    with oidc_provider_mock.run_server_in_thread(user_claims=known) as provider:
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        text = AUTH.format(address=address, provider=f"http://localhost:{provider.server_port}")
        with served(beside(folder, secrets + text), home, port) as found:
            yield found


def sign_in(browser: Any, one: Person, address: str, **context: Any) -> Page:
    """That person in a browser of their own, from the door through the provider to the page of `address`."""
    own = browser.new_context(locale=BROWSER[one.lang], accept_downloads=True, **context)
    own.set_default_timeout(WAIT)
    own.route(re.compile(r"https://.*"), lambda route: route.abort())  # the provider's page asks for a font
    page: Page = own.new_page()
    page.goto(address)
    door = page.get_by_test_id("stMain").get_by_role("button").first
    expect(door).to_be_visible(timeout=WAIT)
    settled(page)
    door.click()
    page.get_by_role("button", name=one.email, exact=True).click()
    page.wait_for_url(re.compile(re.escape(address.split("?", maxsplit=1)[0])))
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=WAIT)
    settled(page)
    return page
