"""Meetings on Postgres: many vote at once, blind until revealed, one vote a person.

The same paths on SQLite are tested in test_meeting.py.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from config.database import open_database
from leadpact.meeting import kept, sessions, voting
from leadpact.meeting.facts import Key
from tests.test_meeting import NOW, comes, opened
from tests.together import together


def test_many_vote_at_once_on_postgres_and_none_is_lost(tmp_path: Path, postgres: str) -> None:
    engine = open_database(tmp_path, postgres)
    one, host = opened(engine)
    keys = [comes(engine, one, f"P{at}", "sales" if at % 2 else "marketing") for at in range(6)]
    items = kept.items(engine, one.id, "criterion")

    def votes(key: Key, at: int) -> None:
        for item in items:
            for value in (0, 3, at % 4):
                voting.cast(engine, one.id, key, item.id, value, now=NOW)

    # two taps of one phone at the same time as well
    assert together(*(partial(votes, key, at) for at, key in enumerate(keys) for _ in range(2))) == []
    assert all(each.values is None for each in voting.tallies(engine, one.id, "criterion"))
    voting.reveal(engine, one.id, host, kind="criterion", now=NOW)
    for tally in voting.tallies(engine, one.id, "criterion"):
        assert tally.voted == {"marketing": 3, "sales": 3} and tally.values is not None
    sessions.close(engine, one.id, host, now=NOW)
    assert voting.progress(engine, one.id, "criterion")["sales"] == {"people": 3, "voted": 3, "done": 3}
    engine.dispose()
