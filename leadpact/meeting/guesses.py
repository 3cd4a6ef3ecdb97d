"""How often a code may be tried in vain: by one source, and by all together.

A room of twenty phones behind one address mistypes now and then; a machine that guesses does
nothing else. Those who are in a meeting already do not come past here.

Not here: the codes (codes.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from config.meetings import meeting_guess
from leadpact.errors import SourceRefused
from leadpact.meeting.codes import hashed

WITHIN = timedelta(minutes=10)
MOST_OF_ONE = 30
MOST_OF_ALL = 200


class TooManyGuesses(SourceRefused):
    """Too many wrong codes in the last minutes: nobody new is let in for a while."""


def check(connection: Connection, source: str, now: datetime) -> None:
    """Raises TooManyGuesses while too many wrong codes have come from `source`, or from everywhere."""
    recent = meeting_guess.c.at > now - WITHIN
    mine, whole = connection.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(sa.case((meeting_guess.c.source == hashed(source), 1), else_=0)), 0),
            sa.func.count(),
        ).where(recent)
    ).one()
    if mine >= MOST_OF_ONE or whole >= MOST_OF_ALL:
        raise TooManyGuesses("meeting.too_many_guesses", minutes=int(WITHIN.total_seconds() // 60))


def failed(connection: Connection, source: str, now: datetime) -> None:
    """Keeps a wrong code, and forgets those too old to count."""
    connection.execute(meeting_guess.delete().where(meeting_guess.c.at <= now - WITHIN))
    connection.execute(meeting_guess.insert().values(source=hashed(source), at=now))
