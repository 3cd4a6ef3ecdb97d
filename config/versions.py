"""Versions of a pact: immutable, numbered, by hash; a line of them for each pact of the company.

A version is in force only with a Marketing *and* a Sales signature, by two people, on it and on its
very hash. Nothing edits a version; an edit is a new one with its parent and without signatures.

Not here: what a valid pact is (schema.py), signatures (signatures.py), several pacts beside each
other (lines.py), who may sign (ui: the role is checked there; on the command line whoever can read
the home is trusted, and `door` says so).
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from config import signatures
from config.database import pact_version
from config.document import parse
from config.errors import LeadPactError
from config.pact_tables import pact_line
from config.people import same_person
from config.schema import Pact
from config.scopes import must_not_share, same_name
from config.signatures import Door, Signature, Team, Votes, by_two_people
from config.trail import record

__all__ = ["FIRST", "Door", "Signature", "Team", "Version", "Votes", "record"]

FIRST = "main"  # the line of versions of a company's first pact


@dataclass(frozen=True)
class Version:
    """One immutable version. `document` is its canonical JSON, what `hash` is the hash of;
    `all_signatures` hold the withdrawn ones too, oldest first. Times are UTC."""

    number: int
    hash: str
    parent: int | None
    author: str
    message: str
    created_at: datetime
    document: str
    all_signatures: tuple[Signature, ...]
    line: str = FIRST

    @property
    def pact(self) -> Pact:
        """The validated pact. Raises BadPact where this release no longer takes it."""
        return _parsed(self.document, self.number)

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """Those that stand."""
        return tuple(one for one in self.all_signatures if one.stands)

    @property
    def intact(self) -> bool:
        """Whether the document is what the hash was made of."""
        return hashlib.sha256(self.document.encode()).hexdigest() == self.hash

    @property
    def signed_by_both(self) -> bool:
        """A standing Marketing and Sales signature, by two different people, on what it says."""
        return by_two_people(self.all_signatures) and self.intact

    @property
    def reviewed_at(self) -> datetime | None:
        """When somebody last signed it, which is when it was last read; null for an unsigned one."""
        return max((one.signed_at for one in self.signatures), default=None)


@functools.lru_cache(maxsize=256)
def _parsed(document: str, number: int) -> Pact:
    return parse(json.loads(document), f"version {number}")


def history(engine: Engine, line: str = FIRST) -> list[Version]:
    """All versions of one pact, newest first."""
    with engine.connect() as connection:
        return read(connection, line)


def read(connection: Connection, line: str = FIRST) -> list[Version]:
    """The same within the caller's transaction."""
    wanted = sa.select(pact_version).where(pact_version.c.line == line).order_by(pact_version.c.number.desc())
    rows = connection.execute(wanted).mappings().all()
    signed = signatures.read(connection, line)
    return [Version(**row, all_signatures=signed.get((row["number"], row["hash"]), ())) for row in rows]


def newest(connection: Connection, line: str = FIRST) -> Version | None:
    """The version saved last; null where there is none."""
    return next(iter(read(connection, line)), None)


def in_force(versions: Sequence[Version]) -> Version | None:
    """The newest version signed by both teams; null while there is none."""
    return next((version for version in versions if version.signed_by_both), None)


def computing(versions: Sequence[Version]) -> Version | None:
    """The version that numbers are computed under: the one in force, else the newest draft."""
    return in_force(versions) or next(iter(versions), None)


def find(engine: Engine, wanted: str, line: str = FIRST) -> Version:
    """The version with this number or hash (or beginning of a hash, at least six letters).

    Raises LeadPactError when there is none.
    """
    for version in history(engine, line):
        if wanted == str(version.number) or (len(wanted) >= 6 and version.hash.startswith(wanted)):
            return version
    raise LeadPactError("pact.no_version", wanted=wanted)


def save(engine: Engine, pact: Pact, *, author: str, message: str, now: datetime, line: str = FIRST) -> Version:
    """A new version whose parent is the newest one; the newest itself when nothing changed.

    Raises LeadPactError where its scope overlaps that of another pact.
    """
    with engine.begin() as connection:
        lock(connection)
        last = newest(connection, line)
        if last is None or last.hash != pact.hash:
            parent = last.number if last else None
            insert(connection, pact, author=author, message=message, now=now, parent=parent, line=line)
    return history(engine, line)[0]


def lock(connection: Connection) -> None:
    """Keeps other writers of versions out until the transaction ends (SQLite has one writer anyway)."""
    connection.execute(sa.select(pact_line.c.slug).order_by(pact_line.c.slug).with_for_update()).all()


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
    _admit(connection, pact, line, author, now)
    mine = sa.select(sa.func.max(pact_version.c.number)).where(pact_version.c.line == line)
    number = (connection.execute(mine).scalar() or 0) + 1
    connection.execute(
        pact_version.insert().values(
            line=line,
            number=number,
            hash=pact.hash,
            parent=parent,
            author=author,
            message=message,
            document=pact.canonical,
            created_at=now,
        )
    )
    record(connection, now, author, "pact.saved", {"line": line, "number": number, "hash": pact.hash})
    return number


def sign(engine: Engine, version: Version, *, email: str, team: Team, door: Door, now: datetime) -> Version:
    """The version with one more signature on it and its hash.

    Raises LeadPactError when this person has signed it already (a person signs for one team), is
    not among the signatories the pact names for that team, or the version is not what was read;
    and where it would come into force beside another pact with the same records.
    """
    with engine.begin() as connection:
        lock(connection)
        kept = _as_read(connection, version)
        named = kept.pact.signatories.get(team, [])
        if named and not any(same_person(email, name) for name in named):
            raise LeadPactError("pact.not_a_signatory", email=email, team=team)
        signatures.add(connection, _where(kept), email=email, team=team, door=door, now=now)
        signed = _as_read(connection, version)
        if signed.signed_by_both:
            for other in _others(connection, signed.line):
                force = in_force(other)
                if force is not None:
                    must_not_share(signed.pact, force.pact)
    return find(engine, str(version.number), version.line)


def withdraw(engine: Engine, version: Version, *, email: str, door: Door, now: datetime, reason: str = "") -> Version:
    """The version without this person's own signature; that it stood, and when it went, is kept.

    Raises LeadPactError where no signature of theirs stands on it.
    """
    with engine.begin() as connection:
        lock(connection)
        where = _where(_as_read(connection, version))
        signatures.withdraw(connection, where, email=email, door=door, now=now, reason=reason)
    return find(engine, str(version.number), version.line)


def record_votes(
    engine: Engine,
    hash: str,
    *,
    team: Team,
    voted: int,
    of: int | None = None,
    author: str,
    now: datetime,
    line: str = FIRST,
) -> None:
    """How many of a team voted on the document with this hash; a later count replaces it in sight.

    Raises LeadPactError for fewer than none, or more than there are.
    """
    with engine.begin() as connection:
        signatures.add_votes(connection, line, hash, team=team, voted=voted, of=of, author=author, now=now)


def voted(engine: Engine, hash: str, line: str = FIRST) -> dict[str, Votes]:
    """How many of each team voted on the document with this hash, by team; empty where nobody did."""
    with engine.connect() as connection:
        return signatures.votes(connection, line, hash)


def _admit(connection: Connection, pact: Pact, line: str, author: str, now: datetime) -> None:
    """Lets a new version of a line in, and makes the line where it is new.

    Raises LeadPactError where another pact has its name, or a record of its scope.
    """
    for other in _others(connection, line):
        if same_name(other[0].pact.name, pact.name):
            raise LeadPactError("pact.name_taken", name=pact.name)
        must_not_share(pact, other[0].pact)
    row = connection.execute(sa.select(pact_line).where(pact_line.c.slug == line)).mappings().first()
    if row is None:
        connection.execute(pact_line.insert().values(slug=line, author=author, created_at=now))
        record(connection, now, author, "pact.line_made", {"line": line})
    elif row["retired_at"] is not None:
        raise LeadPactError("pact.line_retired", name=pact.name)


def _others(connection: Connection, line: str) -> list[list[Version]]:
    """The versions of every other pact that is not retired and has some, newest first."""
    wanted = sa.select(pact_line.c.slug).where(pact_line.c.retired_at.is_(None), pact_line.c.slug != line)
    found = [read(connection, slug) for slug in connection.execute(wanted.order_by(pact_line.c.slug)).scalars()]
    return [versions for versions in found if versions]


def _as_read(connection: Connection, version: Version) -> Version:
    """The version as the database has it. Raises LeadPactError where it is another than was read."""
    kept = next((one for one in read(connection, version.line) if one.number == version.number), None)
    if kept is None or kept.hash != version.hash or not kept.intact:
        raise LeadPactError("pact.not_as_read", number=str(version.number))
    return kept


def _where(version: Version) -> dict[str, Any]:
    return {"line": version.line, "number": version.number, "hash": version.hash}
