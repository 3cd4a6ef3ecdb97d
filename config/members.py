"""Members: who may open LeadPact, as what, and which teams' and territories' people they see.

A removed member stays in the table: whoever was removed is refused, also where a group would admit them.

Not here: who is signed in and what a role may do (ui/access.py), the ways in that the secrets file
names (leadpact/admission.py), which records a scope covers (leadpact/privacy/scope.py).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from config.errors import LeadPactError
from config.member_tables import member
from config.people import person
from config.trail import record

VIEWER, MARKETING, SALES, REVOPS, ADMINISTRATOR = ROLES = ("viewer", "marketing", "sales", "revops", "administrator")
ADDED, CHANGED, REMOVED = "member.added", "member.changed", "member.removed"
LONGEST = 255  # of the name of a team or a territory


@dataclass(frozen=True)
class Scope:
    """What lists of people are cut to. Null means everything; names are compared as the CRM writes them."""

    teams: frozenset[str] | None = None  # of the record's owner
    territories: frozenset[str] | None = None  # countries of the record


@dataclass(frozen=True)
class Member:
    """One person by e-mail. Null teams or territories: not restricted. `removed_at` (UTC) null: may come in."""

    email: str
    roles: frozenset[str]
    teams: frozenset[str] | None = None
    territories: frozenset[str] | None = None
    added_by: str = ""
    added_at: datetime | None = None
    removed_at: datetime | None = None

    @property
    def who(self) -> str:
        """What the address is compared by. Raises LeadPactError for what is no address."""
        return person(self.email)

    @property
    def scope(self) -> Scope:
        return Scope(self.teams, self.territories)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; roles in the order of ROLES, times with their zone."""
        return {"email": self.email, "roles": ordered(self.roles), "teams": _list(self.teams),
                "territories": _list(self.territories), "added_by": self.added_by or None,
                "added_at": _stamp(self.added_at), "removed_at": _stamp(self.removed_at)}  # fmt: skip


def every(engine: Engine, *, removed: bool = False) -> list[Member]:
    """All members by e-mail; with `removed`, those who were removed as well."""
    query = sa.select(member).order_by(member.c.who)
    with engine.begin() as database:
        rows = database.execute(query if removed else query.where(member.c.removed_at.is_(None))).mappings().all()
    return [_member(row) for row in rows]


def find(engine: Engine, email: str) -> Member | None:
    """The member with this address or a variant of it, removed ones too; null where there is none.

    Raises LeadPactError for what is no address.
    """
    with engine.begin() as database:
        return held(database, email)


def save(engine: Engine, one: Member, *, actor: str, now: datetime, besides: Collection[str] = ()) -> Member:
    """Adds a member, changes one, or lets a removed one in again. Returns it as kept.

    `besides` are administrators by another way (the secrets file). Raises LeadPactError for what is
    no address, for no role or an unknown one, for a scope that covers nothing, and where nobody
    would be administrator any more.
    """
    who = one.who
    _check(one)
    with engine.begin() as database:
        before = held(database, one.email)
        there = before is not None and before.removed_at is None
        if there and ADMINISTRATOR not in one.roles:
            _keep_one(database, who, besides)
        new = replace(one, email=one.email.strip(), added_by=actor, added_at=now)
        kept = replace(before if before is not None and there else new, roles=one.roles, teams=one.teams,
                       territories=one.territories, removed_at=None)  # fmt: skip
        row = {"who": who, "email": kept.email, "roles": json.dumps(ordered(kept.roles)),
               "teams": _text(kept.teams), "territories": _text(kept.territories), "added_by": kept.added_by,
               "added_at": kept.added_at, "removed_at": None}  # fmt: skip
        if before is None:
            database.execute(member.insert().values(row))
        else:
            database.execute(member.update().where(member.c.who == who).values(row))
        if not there or before != kept:
            record(database, now, actor, CHANGED if there else ADDED, _told(kept))
    return kept


def remove(engine: Engine, email: str, *, actor: str, now: datetime, besides: Collection[str] = ()) -> Member:
    """Removes a member: from the next run of a page on they see nothing. Returns the member as it was.

    `besides` as in `save`. Raises LeadPactError where there is no such member, or nobody would be
    administrator any more.
    """
    who = person(email)
    with engine.begin() as database:
        found = held(database, email)
        if found is None or found.removed_at is not None:
            raise LeadPactError("member.none", email=email.strip())
        _keep_one(database, who, besides)
        database.execute(member.update().where(member.c.who == who).values(removed_at=now))
        record(database, now, actor, REMOVED, {"email": found.email})
    return found


def ordered(roles: Iterable[str]) -> list[str]:
    """Roles from the least to the most."""
    return sorted(roles, key=ROLES.index)


def _check(one: Member) -> None:
    unknown = sorted(set(one.roles) - set(ROLES))
    if unknown or not one.roles:
        raise LeadPactError("member.bad_role", role=", ".join(unknown) or "–", known=", ".join(ROLES))
    for names in (one.teams, one.territories):
        if names is not None and (not names or any(not name.strip() or len(name) > LONGEST for name in names)):
            raise LeadPactError("member.bad_scope", email=one.email.strip())


def _keep_one(database: Connection, who: str, besides: Collection[str]) -> None:
    """Somebody must be left who can let people in."""
    query = sa.select(member.c.who, member.c.roles).where(member.c.removed_at.is_(None))
    held = {row.who for row in database.execute(query) if ADMINISTRATOR in json.loads(row.roles)}
    if who in held and not (held | {person(one) for one in besides}) - {who}:
        raise LeadPactError("member.last_administrator")


def held(database: Connection, email: str) -> Member | None:
    """As `find`, in a transaction there is already."""
    who = person(email)
    row = database.execute(sa.select(member).where(member.c.who == who)).mappings().one_or_none()
    return None if row is None else _member(row)


def _member(row: sa.RowMapping) -> Member:
    return Member(row["email"], frozenset(json.loads(row["roles"])), _set(row["teams"]), _set(row["territories"]),
                  row["added_by"], row["added_at"], row["removed_at"])  # fmt: skip


def _told(one: Member) -> dict[str, Any]:
    """What the audit trail says of a member."""
    return {"email": one.email, "roles": ordered(one.roles), "teams": _list(one.teams),
            "territories": _list(one.territories)}  # fmt: skip


def _list(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _text(names: frozenset[str] | None) -> str | None:
    return None if names is None else json.dumps(sorted(names))


def _set(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(json.loads(text))


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else f"{at.isoformat()}Z"
