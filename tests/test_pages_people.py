"""The page People by role and in single-person mode; LeadPact asked for from another machine; the command `member`."""

from __future__ import annotations

import calendar
import json
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from config import members
from config.members import Member
from leadpact import admission_settings
from leadpact.cli import main
from leadpact.language import Language
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, prepare, settle_company, visit, words
from tests.conftest import ROOT
from ui import single_person

EN, ES = Language("en"), Language("es")
AUTH = {
    "redirect_uri": "http://127.0.0.1:8501/oauth2callback", "cookie_secret": "x" * 32, "client_id": "a",
    "client_secret": "b", "server_metadata_url": "https://id.acme.example/x",
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path / "home", monkeypatch)


def opened(email: str | None, lang: str = "en", page: str = "people", **claims: Any) -> AppTest:
    """The page with sign-in on, as seen by somebody the provider vouches for; null: by nobody."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.secrets = {"auth": AUTH, "access": {"administrators": ["root@acme.example"], "domains": ["acme.example"]}}
    if email is not None:
        at.user = {"is_logged_in": True, "email": email, "iat": int(time.time()), **claims}
    return visit(page, lang, again=at)


def keep(home: Path, email: str, *roles: str, **rest: Any) -> None:
    members.save(Workspace(home).database, Member(email, frozenset(roles), **rest), actor="root", now=AS_OF)


def test_an_administrator_gives_changes_and_takes_access(home: Path) -> None:
    settle_company(home)
    at = opened("root@acme.example")
    assert f"{EN('term.plan')}." in words(at)
    assert EN("page.people.one") in words(at) and not at.exception
    at.text_input(key="_people_email_0_new").input("ana@acme.example")
    at.checkbox(key="_people_role_sales_0_new").check()
    teams = at.multiselect(key="_people_teams_0_new")
    assert teams.options == ["sales"] and at.multiselect(key="_people_territories_0_new").options == ["ES"]
    teams.set_value(["sales"])
    at.button(key="_people_save").click().run()
    engine = Workspace(home).database
    found = members.find(engine, "ana@acme.example")
    assert found is not None and found.roles == {"sales"} and found.teams == {"sales"} and found.territories is None
    assert found.added_by == "root@acme.example"

    at.selectbox(key="_people_whom_1").select("ana@acme.example").run()
    at.checkbox(key="_people_role_sales_1_0").uncheck()
    at.button(key="_people_save").click().run()
    assert EN("member.bad_role", role="–", known=", ".join(members.ROLES)) in words(at)  # said, and nothing changed
    at.button(key="_people_remove").click().run()
    assert EN("page.people.removed", email="ana@acme.example") in words(at)
    assert members.every(engine) == []


def test_several_are_added_at_once_or_nobody(home: Path) -> None:
    keep(home, "known@acme.example", "viewer")
    at = opened("root@acme.example", "es")
    assert f"{ES('term.plan')}." in words(at), "the words of what roles allow are explained"
    for text, said in (
        ("ana@acme.example, nobody", ES("member.bad_addresses", found="nobody")),
        ("A <ana@acme.example>\nKNOWN@acme.example", ES("page.people.several.done", count=1, known=1)),
    ):
        at.text_area(key="_people_several_0").set_value(text)
        at.multiselect(key="_people_several_roles_0").set_value(["marketing"])
        at.button(key="_people_several_do").click().run()
        assert said in words(at)
    kept = {one.email: set(one.roles) for one in members.every(Workspace(home).database)}
    assert kept == {"ana@acme.example": {"marketing"}, "known@acme.example": {"viewer"}}


def test_others_see_their_own_roles_and_whom_to_ask(home: Path) -> None:
    keep(home, "vera@acme.example", "viewer", territories=frozenset({"MX"}))
    at = opened("vera@acme.example", "es")
    said = words(at)
    assert ES("role.viewer.may") in said and "MX" in said and "root@acme.example" in said
    assert not at.get("checkbox") and not at.get("multiselect")
    assert f"vera@acme.example · {ES('role.viewer')}" in said


@pytest.mark.parametrize(("email", "claims", "says"), [
    (None, {}, "sign.how"),
    ("new@acme.example", {}, "sign.refused.no_role"),
    ("root@other.example", {}, "sign.refused.domain"),
    ("root@acme.example", {"email_verified": False}, "sign.refused.unverified"),
    ("root@acme.example", {"iat": calendar.timegm(AS_OF.timetuple())}, "sign.over.expired"),
])  # fmt: skip
def test_before_somebody_may_come_in_nothing_is_read_or_drawn(
    home: Path, monkeypatch: pytest.MonkeyPatch, email: str | None, claims: dict[str, Any], says: str
) -> None:
    def read(*_: Any, **__: Any) -> Any:
        raise AssertionError("read before anybody was admitted")

    monkeypatch.setattr("leadpact.settings.connections", read)
    monkeypatch.setattr("leadpact.workspace.Workspace.mirror", read)
    at = opened(email, page="today", **claims)
    assert not at.exception and EN(says) in words(at)
    assert [one.value for one in at.title] == [":material/handshake: LeadPact"] and not at.sidebar.children
    assert ("root@acme.example" in words(at)) == (says in ("sign.refused.no_role", "sign.refused.unverified"))


def test_single_person_mode_shows_how_to_let_others_in(home: Path) -> None:
    for lang in (EN, ES):
        at = visit("people", lang.code)
        assert lang("page.people.setup.why") in words(at) and not at.exception
        assert any(lang("sign.single") in one.value for one in at.sidebar.markdown)
    at.text_input(key="_people_address").set_value("https://leadpact.acme.example").run()
    uri, block = (one.value for one in at.code)
    assert uri == "https://leadpact.acme.example/oauth2callback"
    found = tomllib.loads(block)
    assert len(found["auth"]["cookie_secret"]) == 64 and admission_settings.sign_in(found)


def test_a_quarter_of_an_hour_before_the_end_the_sidebar_says_so(home: Path) -> None:
    def warned(minutes: float, lang: Language) -> list[str]:
        at = opened("root@acme.example", lang.code, iat=int(time.time() - (12 * 60 - minutes) * 60))
        return [one.value.replace("\\", "") for one in at.sidebar.get("warning")]

    assert warned(15.5, EN) == []
    assert warned(14.5, EN) == [EN("sign.soon", count=14)]
    assert warned(0.5, ES) == [ES("sign.soon", count=1)]


@pytest.mark.parametrize(("address", "headers", "why"), [
    ("127.0.0.1", {"Host": "127.0.0.1:8501"}, None),
    ("localhost", {"Host": "localhost"}, None),
    ("::1", {"Host": "[::1]:8501"}, None),
    ("127.0.0.1", {"Host": "localhost:1", "X-Forwarded-For": "127.0.0.1, ::1"}, None),
    ("0.0.0.0", {"Host": "127.0.0.1"}, "address"),  # noqa: S104
    (None, {}, "address"),
    ("leadpact.acme.example", {}, "address"),
    ("127.0.0.1", {"Host": "leadpact.acme.example"}, "host"),
    ("127.0.0.1", {"Host": "127.0.0.1.evil.example:8501"}, "host"),
    ("127.0.0.1", {"Host": "localhost", "X-Forwarded-Host": "leadpact.acme.example"}, "host"),
    ("127.0.0.1", {"Host": "localhost", "X-Forwarded-For": "10.0.0.7"}, "proxy"),
    ("127.0.0.1", {"Host": "localhost", "X-Forwarded-For": "127.0.0.1, 10.0.0.7"}, "proxy"),
    ("127.0.0.1", {"Host": "localhost", "X-Real-Ip": "unknown"}, "proxy"),
    ("127.0.0.1", {"Host": "localhost", "Forwarded": "for=127.0.0.1"}, "proxy"),
    ("127.0.0.1", {"Host": "localhost", "Via": "1.1 proxy"}, "proxy"),
])  # fmt: skip
def test_what_is_this_machine(
    monkeypatch: pytest.MonkeyPatch, address: str | None, headers: dict[str, str], why: str | None
) -> None:
    options = {"server.address": address, "server.enableAgentApi": False}
    monkeypatch.setattr(single_person.st, "get_option", options.__getitem__)
    monkeypatch.setattr(type(single_person.st.context), "headers", headers)
    assert single_person.elsewhere() == why
    options["server.enableAgentApi"] = True
    assert single_person.elsewhere() == "address"


def test_another_machine_sees_no_data_unless_the_settings_say_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle_company(home)
    monkeypatch.setattr(single_person, "elsewhere", lambda: "address")
    at = visit("today")
    assert EN("sign.elsewhere.address") in words(at) and not at.sidebar.children and len(at.title) == 1
    secrets = home / "secrets.toml"
    secrets.write_text(secrets.read_text() + '[access]\nsingle_person = "network"\n')
    assert [one.value for one in visit("people").title] == [EN("page.people.title")]


def test_members_on_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        code = main(["--home", str(home), *words])
        return code, *capsys.readouterr()

    assert run("member", "add", "Ana@acme.example", "--role", "administrator", "--as", "me")[0] == 0
    more = ("--role", "sales", "--role", "viewer", "--team", "EMEA", "--territory", "ES", "--as", "me")
    assert run("member", "add", "ben@acme.example", *more)[0] == 0
    code, out, _ = run("member", "list", "--json")
    assert code == 0 and json.loads(out)["members"][1] == {
        "email": "ben@acme.example", "roles": ["viewer", "sales"], "teams": ["EMEA"], "territories": ["ES"],
        "ways": ["member"], "may_sign": ["sales"], "last_sign_in": None,
    }  # fmt: skip
    code, _, said = run("member", "remove", "ana@acme.example", "--as", "me")
    assert code == 2 and EN("member.last_administrator") in said
    assert run("member", "add", "ok@acme.example", "none", "--role", "sales", "--as", "me")[0] == 2
    assert run("member", "remove", "ben@acme.example", "--as", "me")[0] == 0
    code, out, _ = run("--lang", "es", "member", "list")
    assert "Ana@acme.example" in out and "ben@" not in out and "ok@" not in out and ES("role.administrator") in out
    (home / "bad.toml").write_text("[acess]\nadministrators = []\n")
    assert run("--secrets", str(home / "bad.toml"), "member", "list")[0] == 2
