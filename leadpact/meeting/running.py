"""The meeting as it runs: its start, its steps, what is decided and what is parked.

Not here: the clock (agenda.py), votes (voting.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.meetings import meeting, meeting_note
from config.trail import record
from leadpact.meeting.facts import Key, Note
from leadpact.meeting.kept import Refused, hosted, moved

NOTES = ("decision", "parked")
LONGEST_NOTE = 2000


def start(engine: Engine, meeting_id: int, host: Key, *, now: datetime) -> None:
    """The hour begins; a meeting starts once. Raises Refused."""
    with engine.begin() as database:
        row = hosted(database, meeting_id, host, now)
        if row["started_at"] is None:
            values = {"started_at": now, "step": 0, "step_at": now}
            database.execute(meeting.update().where(meeting.c.id == meeting_id).values(**values))
            record(database, now, row["facilitator"], "meeting.started", {"meeting": meeting_id})
            moved(database, meeting_id)


def move(engine: Engine, meeting_id: int, host: Key, *, to: int, now: datetime) -> None:
    """On to another step of the agenda, or back. Raises Refused before the start and for no step."""
    with engine.begin() as database:
        row = hosted(database, meeting_id, host, now)
        if row["started_at"] is None or not 0 <= to < len(json.loads(row["agenda"])):
            raise Refused("meeting.no_step")
        if row["step"] != to:
            database.execute(meeting.update().where(meeting.c.id == meeting_id).values(step=to, step_at=now))
            moved(database, meeting_id)


def note(engine: Engine, meeting_id: int, host: Key, *, kind: str, text: str, now: datetime) -> None:
    """Keeps a decision or parks something. Raises Refused for an empty one."""
    plain = text.strip()[:LONGEST_NOTE]
    if kind not in NOTES or not plain:
        raise Refused("meeting.empty_note")
    with engine.begin() as database:
        row = hosted(database, meeting_id, host, now)
        values = {"kind": kind, "text": plain, "author": row["facilitator"], "at": now, "settled": False}
        database.execute(meeting_note.insert().values(meeting_id=meeting_id, **values))


def settle(engine: Engine, meeting_id: int, host: Key, note_id: int, *, settled: bool, now: datetime) -> None:
    """Something parked has been dealt with, or not after all. Raises Refused."""
    with engine.begin() as database:
        hosted(database, meeting_id, host, now)
        mine = sa.and_(meeting_note.c.meeting_id == meeting_id, meeting_note.c.id == note_id)
        database.execute(meeting_note.update().where(mine).values(settled=settled))


def notes(engine: Engine, meeting_id: int) -> list[Note]:
    """Decisions and what is parked, in the order they came."""
    query = sa.select(meeting_note).where(meeting_note.c.meeting_id == meeting_id).order_by(meeting_note.c.id)
    with engine.begin() as database:
        rows = database.execute(query).mappings().all()
    return [Note(**{name: row[name] for name in ("id", "kind", "text", "author", "at", "settled")}) for row in rows]


def keep_sheet(engine: Engine, meeting_id: int, host: Key, sheet: Mapping[str, Any], *, now: datetime) -> None:
    """The event sheet as agreed so far. Raises Refused."""
    _keep(engine, meeting_id, host, now, sheet=json.dumps(dict(sheet)))


def keep_outcome(engine: Engine, meeting_id: int, host: Key, outcome: Mapping[str, Any], *, now: datetime) -> None:
    """What of the votes went into which draft. Raises Refused."""
    _keep(engine, meeting_id, host, now, outcome=json.dumps(dict(outcome)))


def _keep(engine: Engine, meeting_id: int, host: Key, now: datetime, **values: str) -> None:
    with engine.begin() as database:
        hosted(database, meeting_id, host, now)
        database.execute(meeting.update().where(meeting.c.id == meeting_id).values(**values))
