"""Findings a company has set aside: with a reason, a name and an end, in pact.db outside the pact.

A suppression is of one finding (identity.py) of one connection; one of a whole object holds for
each of its record types. It holds until the end of its last day in the pact's zone; then the
finding is back by itself, and says who had set it aside. It never changes a pact, and so never
undoes a signature.

Not here: who may do this (ui/access.py; on the command line whoever can read the home).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.database import finding_suppression
from config.trail import record
from config.versions import Door
from leadpact.audit.identity import Identity, storable
from leadpact.audit.rule import Finding
from leadpact.errors import Misconfigured

DAYS = 90  # offered where nobody names an end
LONGEST_REASON = 1_000
LONGEST_NAME = 320
ATTEMPTS = 3


@dataclass(frozen=True)
class Suppression:
    """One finding set aside. `until` is the last day it holds, in the pact's zone."""

    identity: Identity
    reason: str
    author: str
    created_at: datetime
    until: date

    def holds(self, day: date) -> bool:
        return day <= self.until


@dataclass(frozen=True)
class SortedOut:
    """An audit's findings, those that count apart from those set aside.

    `back` are suppressions that have ended, of findings that count again, by fingerprint.
    """

    counted: tuple[Finding, ...]
    aside: tuple[tuple[Finding, Suppression], ...]
    back: Mapping[str, Suppression]


def today(now: datetime, zone: ZoneInfo) -> date:
    """The day it is in `zone` at `now` (UTC, naive)."""
    return now.replace(tzinfo=UTC).astimezone(zone).date()


def default_until(now: datetime, zone: ZoneInfo) -> date:
    """The last day of a suppression nobody gave another end: 90 days from today."""
    return today(now, zone) + timedelta(days=DAYS)


def sort_out(findings: Iterable[Finding], suppressions: Iterable[Suppression], day: date) -> SortedOut:
    """The findings of a run on `day`, each counted or set aside. Their order is kept."""
    known = {one.identity.fingerprint: one for one in suppressions}
    counted: list[Finding] = []
    aside: list[tuple[Finding, Suppression]] = []
    back: dict[str, Suppression] = {}
    for finding in findings:
        identity = Identity.of(finding)
        one = known.get(identity.fingerprint) or known.get(identity.wider.fingerprint)
        if one is not None and one.holds(day):
            aside.append((finding, one))
            continue
        counted.append(finding)
        if one is not None:
            back[identity.fingerprint] = one
    return SortedOut(tuple(counted), tuple(aside), back)


def every(engine: Engine, connection: str) -> list[Suppression]:
    """All of a connection, those that have ended too, in order of the finding."""
    query = sa.select(finding_suppression).where(finding_suppression.c.connection == connection)
    with engine.begin() as database:
        rows = database.execute(query).mappings().all()
    return sorted((_read(row) for row in rows), key=lambda one: one.identity.place)


def set_aside(
    engine: Engine,
    connection: str,
    identity: Identity,
    *,
    reason: str,
    author: str,
    door: Door,
    now: datetime,
    zone: ZoneInfo,
    until: date | None = None,
) -> Suppression:
    """Sets a finding aside, in place of what was said of it before; the audit trail keeps both.

    Without `until`, for 90 days. Raises Misconfigured without a reason or a name, where one of
    them is too long, and for a day that has passed in `zone`.
    """
    given = storable(reason.strip())
    name = _named(author)
    last = until or default_until(now, zone)
    if not given:
        raise Misconfigured("suppression.no_reason")
    if len(given) > LONGEST_REASON:
        raise Misconfigured("suppression.long_reason", most=LONGEST_REASON)
    if last < today(now, zone):
        raise Misconfigured("suppression.past", until=last.isoformat(), zone=zone.key)
    row = {**identity.columns, "reason": given, "author": name, "created_at": now, "until": last}
    detail = {**identity.as_json(), "connection": connection, "reason": given, "until": last.isoformat(), "door": door}
    for attempt in range(ATTEMPTS):
        try:
            with engine.begin() as database:
                # an update first: only the very first word on a finding can meet another one's
                if not database.execute(
                    finding_suppression.update().where(_is(connection, identity)).values(row)
                ).rowcount:
                    key = {"connection": connection, "fingerprint": identity.fingerprint}
                    database.execute(finding_suppression.insert().values({**key, **row}))
                record(database, now, name, "finding.set_aside", detail)
            break
        except sa.exc.IntegrityError:  # somebody else set it aside at the same moment: ours is the later word
            if attempt == ATTEMPTS - 1:
                raise
    return Suppression(identity, given, name, now, last)


def bring_back(
    engine: Engine, connection: str, identity: Identity, *, author: str, door: Door, now: datetime
) -> Suppression:
    """Ends a suppression before its day; returns what it was.

    Raises Misconfigured where this finding is not set aside, or without a name.
    """
    name = _named(author)
    mine = _is(connection, identity)
    with engine.begin() as database:
        row = database.execute(sa.select(finding_suppression).where(mine)).mappings().first()
        if row is None:
            raise Misconfigured("suppression.none", finding=" · ".join(part for part in identity.place if part))
        database.execute(finding_suppression.delete().where(mine))
        detail = {**identity.as_json(), "connection": connection, "until": row["until"].isoformat(), "door": door}
        record(database, now, name, "finding.brought_back", detail)
    return _read(row)


def _named(author: str) -> str:
    name = storable(author.strip())
    if not name:
        raise Misconfigured("suppression.no_name")
    if len(name) > LONGEST_NAME:
        raise Misconfigured("suppression.long_name", most=LONGEST_NAME)
    return name


def _is(connection: str, identity: Identity) -> sa.ColumnElement[bool]:
    return sa.and_(
        finding_suppression.c.connection == connection, finding_suppression.c.fingerprint == identity.fingerprint
    )


def _read(row: sa.RowMapping) -> Suppression:
    identity = Identity(row["code"], row["object"], row["value"], row["record_type"])
    return Suppression(identity, row["reason"], row["author"], row["created_at"], row["until"])
