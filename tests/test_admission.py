"""Who comes in: by which way, as what; who does not, and why; settings that cannot be understood let nobody in."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from config import sign_ins
from config.database import audit_trail, open_database
from config.members import Member, Scope
from leadpact import admission, admission_settings, roster, sign_in_setup
from leadpact.admission import Admission, Over, Refused
from leadpact.admission_settings import Access
from leadpact.errors import Misconfigured

NOW = datetime(2026, 3, 1, 9)
IAT = 1772355600  # NOW
ACCESS = Access(
    administrators=("Root@acme.com",), groups_claim="groups", groups={"sales": frozenset({"SalesTeam", "SDR"})}
)
OPEN = replace(ACCESS, default_role="viewer", domains=frozenset({"acme.com"}))


def member(email: str, *roles: str, removed: bool = False, **rest: Any) -> Member:
    return Member(email, frozenset(roles), removed_at=NOW if removed else None, **rest)


def judged(access: Access, kept: Member | None = None, **claims: Any) -> str:
    """`roles by ways`, or why not."""
    try:
        found = admission.admitted(access, {"email": "ana@acme.com", "email_verified": True, **claims}, kept)
    except Refused as refused:
        return refused.reason
    return f"{'+'.join(sorted(found.roles))} by {'+'.join(found.ways)}"


@pytest.mark.parametrize(("access", "kept", "claims", "so"), [
    (ACCESS, None, {}, "no_role"),
    (ACCESS, None, {"email": "root@ACME.com"}, "administrator by settings"),
    (ACCESS, member("Ana@acme.com", "revops"), {}, "revops by member"),
    (ACCESS, None, {"groups": ["Other", "SDR"]}, "sales by group"),
    (ACCESS, None, {"groups": "SalesTeam"}, "sales by group"),
    (ACCESS, None, {"groups": ["salesteam"]}, "no_role"),  # groups are compared as they are written
    (ACCESS, None, {"groups": {"SDR": True}}, "sales by group"),
    (ACCESS, None, {"groups": [["SDR"], 7, None]}, "no_role"),
    (ACCESS, None, {"roles": ["SDR"]}, "no_role"),
    (ACCESS, member("ana@acme.com", "marketing"), {"groups": ["SDR"]}, "marketing+sales by member+group"),
    (OPEN, None, {}, "viewer by default"),
    (OPEN, member("ana@acme.com", "sales"), {}, "sales by member"),
    (OPEN, None, {"email": "ana@acme.org"}, "domain"),
    (OPEN, None, {"email": "ana@eu.acme.com"}, "domain"),
    (OPEN, None, {"email": "ana@acme.com.evil.org"}, "domain"),
    # removed: by whichever way, unless the file names them
    (ACCESS, member("ana@acme.com", "sales", removed=True), {"groups": ["SDR"]}, "removed"),
    (OPEN, member("ana@acme.com", "sales", removed=True), {}, "removed"),
    (ACCESS, member("root@acme.com", "sales", removed=True), {"email": "root@acme.com"}, "administrator by settings"),
    # the provider does not vouch for the address
    (ACCESS, member("ana@acme.com", "sales"), {"email_verified": False}, "unverified"),
    (ACCESS, member("ana@acme.com", "sales"), {"email_verified": "false"}, "unverified"),
    (ACCESS, member("ana@acme.com", "sales"), {"email_verified": None}, "unverified"),
    (ACCESS, member("ana@acme.com", "sales"), {"email_verified": "true"}, "sales by member"),
    (ACCESS, None, {"email": None}, "no_email"),
    (ACCESS, None, {"email": ["root@acme.com"]}, "no_email"),
    (ACCESS, None, {"email": "root"}, "no_email"),
    (replace(ACCESS, email_claim="upn"), None, {"upn": "root@acme.com"}, "administrator by settings"),
    # what reads like a member's address may be another's mailbox
    (ACCESS, member("ana@acme.com", "sales"), {"email": "аna@acme.com"}, "variant"),
    (ACCESS, member("ana@acme.com", "sales"), {"email": "ana+x@acme.com"}, "variant"),
    (ACCESS, member("ana@acme.com", "sales"), {"email": "ana\u200b@acme.com", "groups": ["SDR"]}, "variant"),
    (ACCESS, None, {"email": "rооt@acme.com"}, "no_role"),
])  # fmt: skip
def test_who_comes_in_as_what(access: Access, kept: Member | None, claims: dict[str, Any], so: str) -> None:
    assert judged(access, kept, **claims) == so


def test_the_scope_kept_with_a_member_holds_for_the_roles_of_a_group_too() -> None:
    kept = member("ana@acme.com", "viewer", teams=frozenset({"EMEA"}))
    found = admission.admitted(ACCESS, {"email": "ana@acme.com", "groups": ["SDR"]}, kept)
    scope = Scope(frozenset({"EMEA"}), None)
    assert found == Admission("ana@acme.com", frozenset({"viewer", "sales"}), scope, ("member", "group"))
    assert admission.admitted(ACCESS, {"email": "b@acme.com", "groups": ["SDR"]}, None).scope == Scope()


@pytest.mark.parametrize(("claims", "hours", "so"), [
    ({"iat": IAT - 3600}, 2.0, timedelta(hours=1)),
    ({"iat": IAT - 7200}, 2.0, "expired"),  # exactly at the end it is over
    ({"iat": IAT - 3600, "exp": IAT - 10}, 2.0, timedelta(hours=1)),  # ID tokens live for minutes
    ({"exp": IAT + 60}, 2.0, timedelta(minutes=1)),
    ({"exp": IAT}, 2.0, "expired"),
    ({}, 2.0, "undated"),
    ({"iat": "yesterday", "exp": True}, 2.0, "undated"),
    ({"iat": 1e30}, 2.0, "undated"),
])  # fmt: skip
def test_a_session_ends(claims: dict[str, Any], hours: float, so: str | timedelta) -> None:
    access = replace(ACCESS, session_hours=hours)
    if isinstance(so, timedelta):
        assert admission.fresh(access, claims, NOW) == NOW + so
    else:
        with pytest.raises(Over) as over:
            admission.fresh(access, claims, NOW)
        assert over.value.reason == so


def test_a_mark_is_one_act_of_signing_in() -> None:
    one = {"iss": "i", "sub": "s", "iat": 1, "nonce": "n"}
    assert admission.mark(one) == admission.mark({**one, "name": "Ana"})
    assert len({admission.mark(one), *(admission.mark({**one, name: "x"}) for name in one)}) == 5
    assert admission.mark(one) != "s" and len(admission.mark(one)) == 64


def test_administrators_are_named_to_their_own_domain_only() -> None:
    kept = [member("Adam@acme.com", "administrator"), member("x@acme.com", "sales"), member("z@o.org", "administrator")]
    assert admission.askable(ACCESS, kept, "new@ACME.com") == ["Adam@acme.com", "Root@acme.com"]
    assert admission.askable(ACCESS, kept, "new@gmail.com") == [] == admission.askable(ACCESS, kept, None)


AUTH = {"redirect_uri": "https://l.acme.com/oauth2callback", "cookie_secret": "x" * 32}
OWN = {"client_id": "a", "client_secret": "b", "server_metadata_url": "https://id.acme.com/x"}


@pytest.mark.parametrize(("toml", "key"), [
    ("", None),
    ("[connections.auth]\ntype='files'", None),
    ("[access]\nsingle_person='network'", None),
    ("[Auth]\nclient_id='x'", "access.misspelt"),
    ("[oauth]\nclient_id='x'", "access.misspelt"),
    ("[auht]\nclient_id='x'", "access.misspelt"),
    ("[acess]\nadministrators=[]", "access.misspelt"),
    ("[access]\nadministrators=['a@x.com']", "access.no_auth"),
])  # fmt: skip
def test_a_slip_does_not_leave_the_door_open(toml: str, key: str | None) -> None:
    found = tomllib.loads(toml)
    if key is None:
        assert not admission_settings.sign_in(found)
    else:
        with pytest.raises(Misconfigured, match=key):
            admission_settings.sign_in(found)


@pytest.mark.parametrize(("access", "key"), [
    ({"adminstrators": ["a@x.com"]}, "unknown_option"),
    ({"administrators": "a@x.com"}, "not_a_list"),
    ({"administrators": ["ana"]}, "bad_option"),
    ({"administrators": ["a@x.com"], "domains": ["acme.com"]}, "administrator_outside"),
    ({"groups_claim": "groups"}, "half_groups"),
    ({"groups": {"sales": ["S"]}}, "half_groups"),
    ({"groups_claim": "g", "groups": {"admin": ["S"]}}, "bad_role"),
    ({"groups_claim": "g", "groups": {"sales": "S"}}, "not_a_list"),
    ({"groups": ["S"]}, "not_a_section"),
    ({"default_role": "viewer"}, "default_for_anybody"),
    ({"default_role": "boss", "domains": ["acme.com"]}, "bad_role"),
    ({"default_role": "administrator", "domains": ["acme.com"]}, "bad_option"),
    ({"domains": ["*"]}, "bad_option"),
    ({"domains": ["com"]}, "bad_option"),
    ({"session_hours": 0}, "bad_hours"),
    ({"session_hours": True}, "bad_hours"),
    ({"session_hours": 721}, "bad_hours"),
    ({"email_claim": ""}, "bad_option"),
    ({"single_person": "yes"}, "bad_option"),
    ("open", "not_a_section"),
])  # fmt: skip
def test_what_access_cannot_mean_lets_nobody_in(access: Any, key: str) -> None:
    with pytest.raises(Misconfigured, match=rf"access\.{key}"):
        admission_settings.access_of({"access": access})


def test_access_as_it_is_meant() -> None:
    found = admission_settings.access_of(tomllib.loads(
        "[access]\nadministrators=[' a@Acme.com ']\ndomains=['@ACME.com']\ndefault_role='viewer'\nsession_hours=8\n"
        "groups_claim='groups'\n[access.groups]\nsales=['S', 'T']\n"
    ))  # fmt: skip
    assert found == Access(("a@Acme.com",), "groups", {"sales": frozenset({"S", "T"})}, "viewer",
                           frozenset({"acme.com"}), 8.0)  # fmt: skip
    assert admission_settings.access_of({}) == Access()


@pytest.mark.parametrize(("auth", "so"), [
    ({**AUTH, **OWN}, ["default"]),
    ({**AUTH, "google": OWN, "okta": OWN}, ["google", "okta"]),
    ({**AUTH, **OWN, "okta": OWN}, ["default", "okta"]),
    ({**AUTH, **OWN, "client_kwargs": {"prompt": "login"}}, ["default"]),
    ({**AUTH, "redirect_uri": "http://127.0.0.1:8501/oauth2callback", **OWN}, ["default"]),
    ({**OWN}, "auth_missing"),
    ({**AUTH}, "auth_missing"),
    ({**AUTH, "google": {"client_id": "a"}}, "auth_missing"),
    ({**AUTH, **OWN, "client_secret": "<client secret>"}, "auth_missing"),
    ({**AUTH, **OWN, "cookie_secret": "short"}, "short_secret"),
    ({**AUTH, **OWN, "redirect_uri": "http://l.acme.com/oauth2callback"}, "bad_redirect"),
    ({**AUTH, **OWN, "redirect_uri": "https://l.acme.com/"}, "bad_redirect"),
    ({**AUTH, **OWN, "server_metadata_url": "http://id.acme.com/x"}, "bad_metadata"),
    ({**AUTH, "my_sso": OWN}, "provider_name"),
    ({**AUTH, **OWN, "server_metadata_url": "https://login.microsoftonline.com/common/v2.0/x"}, "any_tenant"),
    ("yes", "not_a_section"),
])  # fmt: skip
def test_what_auth_must_have(auth: Any, so: list[str] | str) -> None:
    if isinstance(so, list):
        assert admission_settings.providers({"auth": auth}) == so
    else:
        with pytest.raises(Misconfigured, match=rf"access\.{so}"):
            admission_settings.providers({"auth": auth})


def test_a_file_that_is_not_toml_lets_nobody_in(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text("[auth]\na = 1\n")
    assert admission_settings.document([one, tmp_path / "none.toml"]) == {"auth": {"a": 1}}
    two.write_text("[auth]\nsecret = 'canary\n")
    with pytest.raises(Misconfigured) as error:
        admission_settings.document([one, two])
    assert "canary" not in str(error.value)


@pytest.mark.parametrize("name", list(sign_in_setup.PROVIDERS))
def test_what_is_to_be_pasted_is_what_the_door_asks_for(name: str) -> None:
    words = {"client_id": "a", "client_secret": "b", "administrator": "c", "own": "d"}
    own = sign_in_setup.PROVIDERS[name].own or ""
    given = {"address": "https://l.acme.com/", "administrator": "a@acme.com", "secret": "f" * 64, "words": words}
    text = sign_in_setup.as_toml(name, own=own, **given)  # type: ignore[arg-type]
    found = tomllib.loads(text.replace("<a>", "a").replace("<b>", "b"))
    assert admission_settings.providers(found) == ["sso" if name == "other" else name]
    assert admission_settings.access_of(found).administrators == ("a@acme.com",)
    assert found["auth"]["redirect_uri"] == "https://l.acme.com/oauth2callback"
    with pytest.raises(Misconfigured):  # placeholders are no settings
        admission_settings.providers(tomllib.loads(text))
    for address in ("http://l.acme.com", "", "l acme", "https://a@evil.com", "ftp://x.com"):
        with pytest.raises(Misconfigured):
            sign_in_setup.as_toml(name, own=own, **{**given, "address": address})  # type: ignore[arg-type]


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return open_database(tmp_path)


def told(engine: sa.Engine) -> list[tuple[str, str]]:
    with engine.begin() as database:
        return [(row.action, row.actor) for row in database.execute(sa.select(audit_trail).order_by(audit_trail.c.id))]


def test_signing_in_out_and_in_vain_is_on_the_record_once(engine: sa.Engine) -> None:
    seen = sign_ins.Seen("ana@x.com", ("group",), frozenset({"sales"}), NOW)
    for minutes in (0, 5, 60):  # three sessions of one act: tabs, pages loaded anew
        at = replace(seen, at=NOW + timedelta(minutes=minutes))
        sign_ins.note(engine, at, began=NOW - timedelta(seconds=2))
    assert told(engine) == [("session.signed_in", "ana@x.com")]
    assert sign_ins.last(engine) == {"ana@x.com": replace(seen, at=NOW + timedelta(minutes=60))}
    sign_ins.note(engine, replace(seen, at=NOW + timedelta(hours=3)), began=NOW + timedelta(hours=3))
    for days, reason in ((0, "removed"), (0.5, "removed"), (0.5, "no_role"), (1.5, "removed")):
        sign_ins.refuse(engine, "eve@x.com", reason, now=NOW + timedelta(days=days))
    assert [actor for action, actor in told(engine)[2:]] == ["eve@x.com"] * 3

    assert sign_ins.standing(engine, "ana@x.com", "m") == (None, False)
    for _ in range(2):
        sign_ins.end(engine, "m", "ana@x.com", now=NOW, forget_before=NOW - timedelta(days=31))
    assert sign_ins.standing(engine, None, "m") == (None, True)
    assert told(engine)[-1] == ("session.signed_out", "ana@x.com") and len(told(engine)) == 6
    later = NOW + timedelta(days=32)
    sign_ins.end(engine, "n", "ana@x.com", now=later, forget_before=admission.forgettable(later))
    assert sign_ins.standing(engine, None, "m") == (None, False)


def test_everybody_is_listed_once_by_every_way(engine: sa.Engine) -> None:
    from config import members

    for one in (member("a@x.com", "sales"), member("gone@x.com", "sales"), member("root@acme.com", "marketing")):
        members.save(engine, one, actor="r", now=NOW)
    members.remove(engine, "gone@x.com", actor="r", now=NOW)
    for email, ways, roles in (
        ("g@x.com", ("group",), {"sales"}),
        ("gone@x.com", ("group",), {"sales"}),
        ("A@x.com", ("member",), {"sales"}),
        ("once@x.com", ("settings",), {"administrator"}),
    ):
        sign_ins.note(engine, sign_ins.Seen(email, ways, frozenset(roles), NOW), began=NOW)  # fmt: skip
    found = {one.email: (sorted(one.roles), one.ways, one.signs) for one in roster.everybody(engine, ACCESS)}
    assert found == {
        "a@x.com": (["sales"], ("member",), ("sales",)),
        "g@x.com": (["sales"], ("group",), ("sales",)),
        "root@acme.com": (["administrator", "marketing"], ("settings", "member"), ("marketing",)),
    }


@pytest.mark.parametrize(("text", "found", "wrong"), [
    ("a@x.com", ["a@x.com"], []),
    ("Ana <a@x.com>, \"B, C\" <b@x.com>;\nA@X.com\n", ["a@x.com", "b@x.com"], []),
    ("a@x.com b@x.com", ["a@x.com", "b@x.com"], []),
    ("ana", [], ["ana"]),
    ("", [], []),
])  # fmt: skip
def test_addresses_are_found_as_people_paste_them(text: str, found: list[str], wrong: list[str]) -> None:
    assert roster.addresses(text) == (found, wrong)
