"""In a real browser, by a real provider: everybody who may not come in, and everybody who may not stay."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from config import members
from tests.browsing import MARKS, WAIT, another_site, browsed, expect, heading, told
from tests.oidc import NOW, App, authorize, sign_in, signed_in_app

pytestmark = [*MARKS, pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib")]

PEOPLE: list[dict[str, Any]] = [
    {"sub": "root", "email": "root@acme.example", "email_verified": True},
    {"sub": "ana", "email": "ana@acme.example", "email_verified": True},
    {"sub": "new", "email": "new@acme.example", "email_verified": True},
    {"sub": "else", "email": "new@other.example", "email_verified": True},
    {"sub": "sly", "email": "root@acme.example", "email_verified": False},
    {"sub": "like", "email": "ana+1@acme.example", "email_verified": True},
    {"sub": "mute"},
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with signed_in_app(tmp_path_factory.mktemp("sign-in"), *PEOPLE) as found:
        yield found


@pytest.mark.parametrize(("sub", "says"), [
    ("new", "You have no role in LeadPact yet."),
    ("else", "You have no role in LeadPact yet."),
    ("sly", "your e-mail address is not verified"),
    ("like", "Access was given to another spelling of your address."),
    ("mute", "The provider did not tell LeadPact your e-mail address."),
])  # fmt: skip
def test_who_may_not_come_in_is_told_why_and_sees_nothing(app: App, sub: str, says: str) -> None:
    app.lets_in("ana@acme.example", "sales")
    with browsed() as page:
        page.goto(f"{app.url}/person?connection=acme&object=lead&record=ana")
        sign_in(page, sub)
        told(page, says)
        assert "root@acme.example" not in page.content() or sub in ("new", "sly", "like")  # of their own domain
        assert not page.get_by_role("heading", name="Person").count() and "Today" not in page.content()
        page.get_by_text("Español").click()
        expect(page.get_by_role("button", name="Cerrar sesión")).to_be_visible()
    email = next(one for one in PEOPLE if one["sub"] == sub).get("email")
    assert email is None or app.noted("session.refused").count(email) == 1


def test_a_role_that_changes_and_a_person_who_is_removed_count_at_once(app: App) -> None:
    app.lets_in("ana@acme.example", "sales")
    with browsed() as page:
        page.goto(f"{app.url}/definition?connection=acme")
        sign_in(page, "ana")
        heading(page, "Definition")
        told(page, "ana@acme.example · Sales")
        app.lets_in("ana@acme.example", "viewer")
        page.get_by_role("link", name="Funnel").click()
        told(page, "ana@acme.example · Viewer")
        members.remove(app.engine, "ana@acme.example", actor="root", now=NOW)
        page.get_by_role("link", name="SLA").click()
        told(page, "Your access to LeadPact was taken away.")
        assert not page.get_by_role("link", name="Today").count()


def test_signing_out_counts_in_every_tab_and_the_next_person_is_another(app: App) -> None:
    app.lets_in("ana@acme.example", "sales")
    with browsed() as page:
        page.goto(f"{app.url}/people?connection=acme")
        sign_in(page, "root")
        told(page, "Give or change access")
        other = page.context.new_page()
        other.goto(f"{app.url}/people?connection=acme")
        told(other, "Give or change access")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/oauth2/end_session**")
        other.get_by_role("link", name="Funnel").click()
        told(other, "You signed out. Sign in again to go on.")
        sign_in(other, "ana")
        heading(other, "Funnel")
        told(other, "ana@acme.example · Sales")
        page.goto(f"{app.url}/people")
        told(page, "signs for Sales")
        assert not page.get_by_text("Give or change access").count()
    assert app.noted("session.signed_out") == ["root@acme.example"]
    assert app.noted("session.signed_in").count("root@acme.example") == 1  # not once for each tab


def test_a_session_that_is_over_asks_to_sign_in_again_and_comes_back(app: App) -> None:
    before = app.secrets.read_text()
    with browsed() as page:
        page.goto(f"{app.url}/definition?connection=acme")
        sign_in(page, "root")
        heading(page, "Definition")
        page.locator(".st-key-_definition_stages_edit_0 button").click()
        page.get_by_label("What it means", exact=True).fill("Half a sentence")
        page.keyboard.press("Tab")
        page.wait_for_timeout(1500)  # it has gone to the server
        app.secrets.write_text(before.replace("[access]", "[access]\nsession_hours = 0.0005"))
        try:
            time.sleep(2)
            page.get_by_role("button", name="Save to the draft").click()
            told(page, "Your session is over.")
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url("**/oauth2/authorize**")
            app.secrets.write_text(before)
            authorize(page, "root")
            heading(page, "Definition")
            assert "connection=acme" in page.url
            expect(page.get_by_label("What it means", exact=True)).to_have_value("Half a sentence", timeout=WAIT)
        finally:
            app.secrets.write_text(before)


@pytest.mark.parametrize("change", [("[access]", "[acess]"), ("administrators", "adminstrators"), ("[auth]", "[auth")])
def test_a_slip_in_the_settings_shuts_the_door_on_everybody(app: App, change: tuple[str, str]) -> None:
    before = app.secrets.read_text()
    with browsed() as page:
        page.goto(f"{app.url}/people")
        sign_in(page, "root")
        told(page, "Give or change access")
        app.secrets.write_text(before.replace(*change, 1))
        try:
            page.get_by_role("link", name="Funnel").click()
            told(page, "Nobody can come in until this is put right")
            assert "Give or change access" not in page.content() and "0123456789abcdef" not in page.content()
        finally:
            app.secrets.write_text(before)


def test_a_frame_of_another_site_shows_no_data_and_a_way_out(app: App) -> None:
    with browsed() as page:
        page.goto(f"{app.url}/people")
        sign_in(page, "root")
        told(page, "Give or change access")
        inside = f"{app.url}/person?embed=true&connection=acme&object=lead&record=ana"
        with another_site(f"<iframe src={json.dumps(inside)} width=400 height=600></iframe>") as site:
            page.goto(site)
            frame = page.frame_locator("iframe")
            expect(frame.get_by_role("link", name="Open in LeadPact")).to_be_visible(timeout=WAIT)
            assert "Ana" not in frame.locator("body").inner_text()
