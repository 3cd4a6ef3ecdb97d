"""Sessions: opened by a facilitator, joined with a code, carried on after an interruption, closed.

All of it is in pact.db: a session outlives a browser, a phone that slept and a restart of the server.

Not here: votes (voting.py), who may facilitate (ui/access.py), how often a code is tried (guesses.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from config.meetings import meeting, meeting_item, meeting_person
from config.trail import record
from config.versions import FIRST
from leadpact.meeting import guesses, kept
from leadpact.meeting.agenda import AGENDA
from leadpact.meeting.codes import as_code, hashed, new_code, new_token
from leadpact.meeting.facts import MODES, TEAMS, Key, Meeting, NewItem, Person
from leadpact.meeting.kept import Refused, hosted, moved

DAYS = 14  # a session is open so long: votes can be cast before the meeting
SEEN_EVERY = timedelta(minutes=5)
LONGEST_NAME, LONGEST_TITLE, MOST_PEOPLE = 80, 200, 200


@dataclass(frozen=True)
class Opened:
    """A session and the secret of its facilitator's link, told once."""

    meeting: Meeting
    token: str


@dataclass(frozen=True)
class Joined:
    """Somebody in a session and the secret of their own link, told once; null for who signed in."""

    meeting: Meeting
    person: Person
    token: str | None


def open_session(
    engine: Engine, *, title: str, connection: str, mode: str, facilitator: str, items: Sequence[NewItem],
    now: datetime, signed_in: bool = False, pact: str = FIRST,
) -> Opened:  # fmt: skip
    """A new session about one of the pacts, with these items to vote on. Raises Refused without a title or a name."""
    title, facilitator = _said(title, "title", LONGEST_TITLE), _said(facilitator, "name", 320)
    if mode not in MODES:
        raise Refused("meeting.bad_mode", mode=mode, known=", ".join(MODES))
    token = new_token()
    with engine.begin() as database:
        made: Any = database.execute(
            meeting.insert().values(
                code=_free_code(database), title=title, connection=connection, mode=mode, facilitator=facilitator,
                host_token=hashed(new_token() if signed_in else token), opened_at=now,
                expires_at=now + timedelta(days=DAYS), step=0, agenda=json.dumps(AGENDA), revision=1,
                pact=pact,
            )
        ).inserted_primary_key  # fmt: skip
        number = int(made[0])
        add_items(database, number, items)
        record(database, now, facilitator, "meeting.opened", {"meeting": number, "mode": mode})
        row = database.execute(sa.select(meeting).where(meeting.c.id == number)).mappings().one()
    return Opened(kept.meeting_of(row), token)


def add_items(database: Connection, meeting_id: int, items: Sequence[NewItem]) -> int:
    """Adds items that are not in the meeting yet, after those that are. Returns how many."""
    mine = meeting_item.c.meeting_id == meeting_id
    there = {(row.kind, row.key) for row in database.execute(sa.select(meeting_item).where(mine))}
    last = database.execute(sa.select(sa.func.coalesce(sa.func.max(meeting_item.c.position), 0)).where(mine)).scalar()
    new = list({(one.kind, one.key): one for one in items if (one.kind, one.key) not in there}.values())
    for place, one in enumerate(new, start=int(last or 0) + 1):
        database.execute(
            meeting_item.insert().values(
                meeting_id=meeting_id, kind=one.kind, category=one.category, key=one.key[:255], label=one.label,
                detail=json.dumps(dict(one.detail)), position=place, round=1,
            )
        )  # fmt: skip
    return len(new)


def put(engine: Engine, meeting_id: int, host: Key, items: Sequence[NewItem], *, now: datetime) -> int:
    """The facilitator puts more on the table. Returns how many were new. Raises Refused."""
    with engine.begin() as database:
        hosted(database, meeting_id, host, now)
        added = add_items(database, meeting_id, items)
        if added:
            moved(database, meeting_id)
    return added


def find(engine: Engine, text: str, *, source: str, now: datetime) -> Meeting:
    """The session with the code somebody typed. Raises Refused for a wrong code, TooManyGuesses after many."""
    code = as_code(text)
    with engine.begin() as database:
        guesses.check(database, source, now)
        row = database.execute(sa.select(meeting).where(meeting.c.code == (code or ""))).mappings().first()
        if row is None:
            guesses.failed(database, source, now)
    if row is None:  # outside: what was counted must stay
        raise Refused("meeting.no_such_code")
    return kept.meeting_of(row)


def join(engine: Engine, meeting_id: int, *, name: str, team: str, email: str | None, now: datetime) -> Joined:
    """Somebody comes in. Who signed in comes back as who they are; a name is taken once.

    Raises Refused where the session is closed or expired, has one screen only, or the name is taken.
    """
    name = _said(name, "name", LONGEST_NAME)
    if team not in TEAMS:
        raise Refused("meeting.which_team")
    with engine.begin() as database:
        row = kept.going(database, meeting_id, now)
        if row["mode"] != "phones":
            raise Refused("meeting.one_screen")
        mine = meeting_person.c.meeting_id == meeting_id
        if email is not None:
            there = kept.person_with(database, meeting_id, Key(email=email))
            if there is not None:
                return Joined(kept.meeting_of(row), there, None)
        taken = sa.or_(
            meeting_person.c.name_key == _key(name),
            sa.func.lower(meeting_person.c.email) == (email or "").lower(),
        )
        if database.execute(sa.select(meeting_person.c.id).where(mine, taken)).first():
            raise Refused("meeting.name_taken")
        count = database.execute(sa.select(sa.func.count()).select_from(meeting_person).where(mine)).scalar()
        if int(count or 0) >= MOST_PEOPLE:
            raise Refused("meeting.full", most=MOST_PEOPLE)
        token = new_token()
        number: Any = database.execute(
            meeting_person.insert().values(
                meeting_id=meeting_id, name=name, name_key=_key(name), team=team, email=email, token=hashed(token),
                joined_at=now, seen_at=now,
            )
        ).inserted_primary_key  # fmt: skip
        person = Person(int(number[0]), name, team, email, now, now)
        return Joined(kept.meeting_of(row), person, None if email is not None else token)


def with_token(engine: Engine, token: str) -> Meeting | None:
    """The session a link belongs to, the facilitator's or somebody's own; null for none. A token is not guessed."""
    of_person = sa.select(meeting_person.c.meeting_id).where(meeting_person.c.token == hashed(token))
    which = sa.or_(meeting.c.host_token == hashed(token), meeting.c.id.in_(of_person))
    with engine.begin() as database:
        row = database.execute(sa.select(meeting).where(which)).mappings().first()
    return None if row is None else kept.meeting_of(row)


def who(engine: Engine, meeting_id: int, key: Key) -> Person | None:
    """Who this key is in the meeting; null for nobody, and for somebody who was removed."""
    with engine.begin() as database:
        return kept.person_with(database, meeting_id, key)


def seen(engine: Engine, meeting_id: int, person: Person, *, now: datetime) -> None:
    """Somebody's page is open: kept every few minutes, so that the minutes can say who was there."""
    if now - person.seen_at < SEEN_EVERY:
        with engine.begin() as database:
            started = database.execute(sa.select(meeting.c.started_at).where(meeting.c.id == meeting_id)).scalar()
        if started is None or person.seen_at >= started:
            return
    with engine.begin() as database:
        database.execute(meeting_person.update().where(meeting_person.c.id == person.id).values(seen_at=now))


def remove(engine: Engine, meeting_id: int, host: Key, person_id: int, *, now: datetime) -> None:
    """Takes somebody out who should not be in: their votes count no more. Raises Refused."""
    with engine.begin() as database:
        row = hosted(database, meeting_id, host, now)
        mine = sa.and_(meeting_person.c.meeting_id == meeting_id, meeting_person.c.id == person_id)
        database.execute(meeting_person.update().where(mine).values(removed_at=now))
        record(database, now, row["facilitator"], "meeting.removed", {"meeting": meeting_id, "person": person_id})
        moved(database, meeting_id)


def close(engine: Engine, meeting_id: int, host: Key, *, now: datetime) -> None:
    """Ends the session: no more votes, nobody joins; what was not revealed stays unseen. Raises Refused."""
    with engine.begin() as database:
        row = hosted(database, meeting_id, host, now)
        database.execute(meeting.update().where(meeting.c.id == meeting_id).values(closed_at=now))
        record(database, now, row["facilitator"], "meeting.closed", {"meeting": meeting_id})
        moved(database, meeting_id)


def take_over(engine: Engine, meeting_id: int, *, facilitator: str, now: datetime, signed_in: bool = False) -> Opened:
    """Somebody else facilitates from now on, or the same person whose link is lost; the old link is worth nothing.

    Who may is asked before (ui/access.py). It is on the record, and everybody's page shows the new name.
    An expired session is open for another day. Raises Refused for a closed one.
    """
    facilitator, token = _said(facilitator, "name", 320), new_token()
    with engine.begin() as database:
        row = database.execute(sa.select(meeting).where(meeting.c.id == meeting_id).with_for_update()).mappings().one()
        if row["closed_at"] is not None:
            raise Refused("meeting.closed")
        expires = max(row["expires_at"], now + timedelta(days=1))
        new = {"facilitator": facilitator, "host_token": hashed(new_token() if signed_in else token)}
        database.execute(meeting.update().where(meeting.c.id == meeting_id).values(**new, expires_at=expires))
        record(database, now, facilitator, "meeting.taken_over", {"meeting": meeting_id, "from": row["facilitator"]})
        moved(database, meeting_id)
        again = database.execute(sa.select(meeting).where(meeting.c.id == meeting_id)).mappings().one()
    return Opened(kept.meeting_of(again), token)


def every(engine: Engine) -> list[Meeting]:
    """All sessions, the newest first."""
    with engine.begin() as database:
        rows = database.execute(sa.select(meeting).order_by(meeting.c.id.desc())).mappings().all()
    return [kept.meeting_of(row) for row in rows]


def _free_code(database: Connection) -> str:
    while True:
        code = new_code()
        if not database.execute(sa.select(meeting.c.id).where(meeting.c.code == code)).first():
            return code


def _said(text: str, what: str, most: int) -> str:
    plain = " ".join(text.split())[:most]
    if not plain:
        raise Refused("meeting.no_title" if what == "title" else "meeting.no_name")
    return plain


def _key(name: str) -> str:
    return name.casefold()
