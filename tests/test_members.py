"""Members: kept by person, united by nothing but the address, never without an administrator."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from config import members
from config.database import audit_trail, open_database
from config.errors import LeadPactError
from config.members import Member

NOW, LATER = datetime(2026, 3, 1, 9), datetime(2026, 3, 2, 9)


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return open_database(tmp_path)


def told(engine: sa.Engine) -> list[tuple[str, str, dict[str, object]]]:
    with engine.begin() as database:
        rows = database.execute(sa.select(audit_trail).order_by(audit_trail.c.id)).mappings().all()
    return [(row["actor"], row["action"], json.loads(row["detail"])) for row in rows]


def member(email: str, *roles: str, **rest: object) -> Member:
    return Member(email, frozenset(roles), **rest)  # type: ignore[arg-type]


def test_a_member_is_found_by_every_variant_of_the_address_and_by_no_other(engine: sa.Engine) -> None:
    members.save(engine, member("Ana@Acme.com", "sales", teams=frozenset({"EMEA"})), actor="root", now=NOW)
    for variant in ("ana@acme.com", " ANA+x@acme.com", "аna@acme.com"):
        found = members.find(engine, variant)
        assert found is not None and found.email == "Ana@Acme.com" and found.teams == {"EMEA"}
        assert found.territories is None and found.added_by == "root" and found.added_at == NOW
    assert members.find(engine, "ana@acme.co") is None
    changed = members.save(engine, member("ANA@acme.com", "viewer"), actor="bob", now=LATER)
    assert changed == member("Ana@Acme.com", "viewer", added_by="root", added_at=NOW)
    assert len(members.every(engine)) == 1
    with pytest.raises(LeadPactError, match=r"pact\.no_email"):
        members.find(engine, "ana")


def test_a_removed_member_stays_known_and_can_come_back(engine: sa.Engine) -> None:
    members.save(engine, member("a@x.com", "sales"), actor="root", now=NOW)
    members.remove(engine, "A+1@x.com", actor="bob", now=LATER)
    assert members.every(engine) == []
    assert [one.removed_at for one in members.every(engine, removed=True)] == [LATER]
    with pytest.raises(LeadPactError, match=r"member\.none"):
        members.remove(engine, "a@x.com", actor="bob", now=LATER)
    with pytest.raises(LeadPactError, match=r"member\.none"):
        members.remove(engine, "nobody@x.com", actor="bob", now=LATER)
    back = members.save(engine, member("a@X.com", "viewer"), actor="eve", now=LATER)
    assert (back.email, back.removed_at, back.added_by, back.added_at) == ("a@X.com", None, "eve", LATER)


def test_somebody_is_always_left_who_can_let_people_in(engine: sa.Engine) -> None:
    members.save(engine, member("a@x.com", "administrator"), actor="root", now=NOW)
    members.save(engine, member("b@x.com", "administrator"), actor="root", now=NOW)
    members.remove(engine, "a@x.com", actor="a@x.com", now=NOW)
    for besides in ((), ("B+1@x.com",)):  # who is also named elsewhere is no second person
        with pytest.raises(LeadPactError, match=r"member\.last_administrator"):
            members.remove(engine, "b@x.com", actor="b@x.com", now=NOW, besides=besides)
        with pytest.raises(LeadPactError, match=r"member\.last_administrator"):
            members.save(engine, member("b@x.com", "sales"), actor="b@x.com", now=NOW, besides=besides)
    members.save(engine, member("b@x.com", "sales"), actor="b@x.com", now=NOW, besides=("root@x.com",))


@pytest.mark.parametrize(
    "bad",
    [
        member("a@x.com"),
        member("a@x.com", "admin"),
        member("a@x.com", "sales", teams=frozenset()),
        member("a@x.com", "sales", territories=frozenset({" "})),
        member("a", "sales"),
    ],
)
def test_what_admits_nobody_or_nobody_knows_is_refused(engine: sa.Engine, bad: Member) -> None:
    with pytest.raises(LeadPactError):
        members.save(engine, bad, actor="root", now=NOW)
    assert members.every(engine, removed=True) == [] and told(engine) == []


def test_every_change_is_on_the_audit_trail_once(engine: sa.Engine) -> None:
    one = member("a@x.com", "sales", "marketing", territories=frozenset({"MX", "ES"}))
    members.save(engine, one, actor="root", now=NOW)
    members.save(engine, one, actor="root", now=LATER)  # nothing changed
    members.save(engine, member("a@x.com", "revops"), actor="bob", now=LATER)
    members.remove(engine, "a@x.com", actor="bob", now=LATER)
    open_scope = {"teams": None, "territories": None}
    assert told(engine) == [
        ("root", "member.added",
         {"email": "a@x.com", "roles": ["marketing", "sales"], "teams": None, "territories": ["ES", "MX"]}),
        ("bob", "member.changed", {"email": "a@x.com", "roles": ["revops"], **open_scope}),
        ("bob", "member.removed", {"email": "a@x.com"}),
    ]  # fmt: skip
