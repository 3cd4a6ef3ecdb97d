"""In a real browser, by a real provider: sign in, a role, sign out.

Not here: every other state (test_browser_sign_in_states.py).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browsing import MARKS, beside, browsed, expect, free_port, heading, served, told
from tests.oidc import provider, settings, sign_in

pytestmark = [*MARKS, pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib")]


def test_somebody_signs_in_sees_what_their_role_may_and_signs_out(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    sam = {"sub": "sam", "email": "sam@acme.example", "email_verified": True, "groups": ["SalesTeam"]}
    more = 'groups_claim = "groups"\n[access.groups]\nsales = ["SalesTeam"]'
    with provider(sam) as issuer:
        work = beside(tmp_path / "work", settings(f"http://127.0.0.1:{port}", issuer, more))
        with served(work, home, port) as url, browsed() as page:
            page.goto(f"{url}/people?connection=acme")
            told(page, "LeadPact never sees your password")
            expect(page.get_by_role("heading", name="People")).to_have_count(0)
            sign_in(page, "sam")
            heading(page, "People")  # where the link was going, not the first page
            told(page, "signs for Sales")
            told(page, "root@acme.example")
            expect(page.get_by_text("Give or change access")).to_have_count(0)
            page.get_by_role("button", name="Sign out").click()
            page.wait_for_url("**/oauth2/end_session**")
            page.goto(f"{url}/people")
            expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
