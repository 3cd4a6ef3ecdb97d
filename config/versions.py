"""Versions of the pact and the signatures on them: immutable, numbered, by hash.

A version is in force only with a Marketing *and* a Sales signature, by two people, on that
very hash. Nothing edits a version; an edit is a new one with its parent.

Not here: what a valid pact is (schema.py), who may sign (ui: the role is checked there; on
the command line whoever can read the home is trusted, and `door` says so).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from config.database import pact_version, signature
from config.document import parse
from config.errors import LeadPactError
from config.schema import Pact
from config.trail import record

Team = Literal["marketing", "sales"]
Door = Literal["cli", "app"]
FIRST = "main"  # the line of versions of a company's first pact


@dataclass(frozen=True)
class Signature:
    email: str
    team: str
    door: str
    signed_at: datetime


@dataclass(frozen=True)
class Version:
    """One immutable version. `in_force` is true for at most one: the newest signed by both."""

    number: int
    hash: str
    parent: int | None
    author: str
    message: str
    created_at: datetime
    pact: Pact
    signatures: tuple[Signature, ...]

    @property
    def signed_by_both(self) -> bool:
        """A Marketing and a Sales signature, by two different people."""
        return any(
            one.email.casefold() != other.email.casefold()
            for one in self.signatures
            if one.team == "marketing"
            for other in self.signatures
            if other.team == "sales"
        )

    @property
    def reviewed_at(self) -> datetime | None:
        """When somebody last signed it, which is when it was last read; null for an unsigned one."""
        return max((one.signed_at for one in self.signatures), default=None)


def history(engine: Engine, line: str = FIRST) -> list[Version]:
    """All versions of one pact, newest first."""
    with engine.connect() as connection:
        return _history(connection)


def newest(connection: Connection, line: str = FIRST) -> Version | None:
    """The version saved last; null where there is none."""
    return next(iter(_history(connection)), None)


def _history(connection: Connection) -> list[Version]:
    rows = connection.execute(sa.select(pact_version).order_by(pact_version.c.number.desc())).mappings().all()
    signed = connection.execute(sa.select(signature).order_by(signature.c.id)).mappings().all()
    return [
        Version(
            number=row["number"],
            hash=row["hash"],
            parent=row["parent"],
            author=row["author"],
            message=row["message"],
            created_at=row["created_at"],
            pact=parse(json.loads(row["document"]), f"version {row['number']}"),
            signatures=tuple(
                Signature(s["email"], s["team"], s["door"], s["signed_at"]) for s in signed if s["hash"] == row["hash"]
            ),
        )
        for row in rows
    ]


def in_force(versions: list[Version]) -> Version | None:
    """The newest version signed by both teams; null while there is none."""
    return next((version for version in versions if version.signed_by_both), None)


def find(engine: Engine, wanted: str, line: str = FIRST) -> Version:
    """The version with this number or hash (or beginning of a hash, at least six letters).

    Raises LeadPactError when there is none.
    """
    for version in history(engine, line):
        if wanted == str(version.number) or (len(wanted) >= 6 and version.hash.startswith(wanted)):
            return version
    raise LeadPactError("pact.no_version", wanted=wanted)


def save(engine: Engine, pact: Pact, *, author: str, message: str, now: datetime, line: str = FIRST) -> Version:
    """A new version whose parent is the newest one; the newest itself when nothing changed."""
    with engine.begin() as connection:
        last = newest(connection, line)
        if last is None or last.hash != pact.hash:
            parent = last.number if last else None
            insert(connection, pact, author=author, message=message, now=now, parent=parent, line=line)
    return history(engine, line)[0]


def insert(
    connection: Connection,
    pact: Pact,
    *,
    author: str,
    message: str,
    now: datetime,
    parent: int | None,
    line: str = FIRST,
) -> int:
    """The number of a new version, in the caller's transaction; it goes on the record."""
    highest = connection.execute(sa.select(sa.func.max(pact_version.c.number))).scalar()
    number = (highest or 0) + 1
    connection.execute(
        pact_version.insert().values(
            number=number,
            hash=pact.hash,
            parent=parent,
            author=author,
            message=message,
            document=pact.canonical,
            created_at=now,
        )
    )
    record(connection, now, author, "pact.saved", {"number": number, "hash": pact.hash})
    return number


def sign(engine: Engine, version: Version, *, email: str, team: Team, door: Door, now: datetime) -> Version:
    """The version with one more signature on its hash.

    Raises LeadPactError when this person has signed it already (a person signs for one team),
    or is not among the signatories the pact names for that team.
    """
    named = version.pact.signatories.get(team, [])
    if named and email.casefold() not in {name.casefold() for name in named}:
        raise LeadPactError("pact.not_a_signatory", email=email, team=team)
    with engine.begin() as connection:
        mine = sa.and_(signature.c.hash == version.hash, sa.func.lower(signature.c.email) == email.lower())
        if connection.execute(sa.select(signature.c.id).where(mine)).first():
            raise LeadPactError("pact.signed_already", email=email, number=str(version.number))
        connection.execute(
            signature.insert().values(hash=version.hash, email=email, team=team, door=door, signed_at=now)
        )
        record(connection, now, email, "pact.signed", {"hash": version.hash, "team": team, "door": door})
    return find(engine, str(version.number))
