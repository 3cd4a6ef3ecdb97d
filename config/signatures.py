"""Signatures on a version, their withdrawal, and how many of each team voted on it.

A signature is on one version and its hash: the same document saved again is another version and
has none of them. Rows are only added; a withdrawal is one more row, and so is signing again.

Not here: which version is in force (versions.py), whether two addresses are one person (people.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from config.database import signature
from config.errors import LeadPactError
from config.pact_tables import pact_vote, signature_withdrawal
from config.people import person
from config.trail import record

Team = Literal["marketing", "sales"]
TEAMS: tuple[Team, ...] = ("marketing", "sales")
Door = Literal["cli", "app"]


@dataclass(frozen=True)
class Signature:
    """One signature. `withdrawn_at` (UTC) is null while it stands."""

    email: str
    team: str
    door: str
    signed_at: datetime
    withdrawn_at: datetime | None = None

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None


@dataclass(frozen=True)
class Votes:
    """How many of a team voted on a version, of how many; `of` is null where nobody counted."""

    team: str
    voted: int
    of: int | None
    at: datetime


def by_two_people(signatures: Sequence[Signature]) -> bool:
    """A standing Marketing and a standing Sales signature, by two different people."""
    standing = [one for one in signatures if one.stands]
    return any(
        _person(one.email) != _person(other.email)
        for one in standing
        if one.team == "marketing"
        for other in standing
        if other.team == "sales"
    )


def _person(email: str) -> str:
    try:
        return person(email)
    except LeadPactError:  # signed under a name by an earlier release
        return email.casefold()


def read(connection: Connection, line: str) -> dict[tuple[int, str], tuple[Signature, ...]]:
    """All signatures of a pact, oldest first, by number and hash of the version they are on."""
    gone = sa.outerjoin(signature, signature_withdrawal, signature_withdrawal.c.signature_id == signature.c.id)
    wanted = sa.select(signature, signature_withdrawal.c.at.label("withdrawn_at")).select_from(gone)
    rows = connection.execute(wanted.where(signature.c.line == line).order_by(signature.c.id)).mappings()
    found: dict[tuple[int, str], list[Signature]] = {}
    for row in rows:
        one = Signature(row["email"], row["team"], row["door"], row["signed_at"], row["withdrawn_at"])
        found.setdefault((row["number"], row["hash"]), []).append(one)
    return {key: tuple(signatures) for key, signatures in found.items()}


def add(connection: Connection, where: Mapping[str, Any], *, email: str, team: str, door: str, now: datetime) -> None:
    """One more signature on the version `where` names (line, number, hash).

    Raises LeadPactError for no address, and when this person's signature stands there already,
    for whichever team: a person signs for one.
    """
    if team not in TEAMS:
        raise LeadPactError("pact.no_team", team=team, known=", ".join(TEAMS))
    who = person(email)
    turns = _turns(connection, where, who)
    if turns and turns[-1].withdrawn is None:
        raise LeadPactError("pact.signed_already", email=email, number=str(where["number"]))
    connection.execute(
        signature.insert().values(
            **where, email=email.strip(), who=who, turn=len(turns), team=team, door=door, signed_at=now
        )
    )
    record(connection, now, email.strip(), "pact.signed", {**where, "team": team, "door": door})


def withdraw(
    connection: Connection, where: Mapping[str, Any], *, email: str, door: str, now: datetime, reason: str = ""
) -> None:
    """The person's own signature no longer stands. Raises LeadPactError where there is none standing."""
    turns = _turns(connection, where, person(email))
    if not turns or turns[-1].withdrawn is not None:
        raise LeadPactError("pact.not_signed", email=email, number=str(where["number"]))
    connection.execute(
        signature_withdrawal.insert().values(
            signature_id=turns[-1].id, email=email.strip(), door=door, reason=reason.strip(), at=now
        )
    )
    detail = {**where, "team": turns[-1].team, "door": door, "reason": reason.strip()}
    record(connection, now, email.strip(), "pact.signature_withdrawn", detail)


def _turns(connection: Connection, where: Mapping[str, Any], who: str) -> Sequence[Any]:
    """This person's signatures on the version, oldest first, each with `withdrawn`."""
    gone = sa.outerjoin(signature, signature_withdrawal, signature_withdrawal.c.signature_id == signature.c.id)
    wanted = sa.select(signature.c.id, signature.c.team, signature_withdrawal.c.at.label("withdrawn")).select_from(gone)
    mine = wanted.where(*(signature.c[name] == value for name, value in where.items()), signature.c.who == who)
    return connection.execute(mine.order_by(signature.c.turn)).all()


def add_votes(
    connection: Connection, line: str, hash: str, *, team: str, voted: int, of: int | None, author: str, now: datetime
) -> None:
    """How many of a team voted on the document with this hash; the newest count is the one shown."""
    if team not in TEAMS:
        raise LeadPactError("pact.no_team", team=team, known=", ".join(TEAMS))
    if voted < 0 or (of is not None and of < voted):
        raise LeadPactError("pact.bad_votes", voted=str(voted), of=str(of))
    row = {"line": line, "hash": hash, "team": team, "voted": voted, "total": of}
    connection.execute(pact_vote.insert().values(**row, author=author, at=now))
    record(connection, now, author, "pact.votes_recorded", row)


def votes(connection: Connection, line: str, hash: str) -> dict[str, Votes]:
    """The newest count of each team that has one, by team."""
    wanted = sa.select(pact_vote).where(pact_vote.c.line == line, pact_vote.c.hash == hash).order_by(pact_vote.c.id)
    rows = connection.execute(wanted).mappings().all()
    return {row["team"]: Votes(row["team"], row["voted"], row["total"], row["at"]) for row in rows}
