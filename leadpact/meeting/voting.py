"""Votes: one a person, item and round, changeable until revealed, and blind until then.

Blind means that a value nobody has revealed is never read: what is asked of the database is only
how many have voted. In one-screen mode the facilitator records the hands that everybody sees.

Not here: what follows from the votes (differ.py, outcome.py, agreement.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from config.meetings import meeting, meeting_hands, meeting_item, meeting_person, meeting_vote
from config.trail import record
from leadpact.meeting import kept
from leadpact.meeting.facts import TEAMS, VALUES, Item, Key, Tally
from leadpact.meeting.kept import Refused, hosted, moved

MOST_HANDS = 500


def cast(engine: Engine, meeting_id: int, key: Key, item_id: int, value: int | None, *, now: datetime) -> None:
    """One person's vote on one item, instead of the one they gave before; null takes it back.

    Raises Refused where the session is closed or expired, the key is nobody's, the item is of another
    meeting or already revealed, or the value is not on the scale.
    """
    with engine.begin() as database:
        kept.going(database, meeting_id, now)
        person = kept.person_with(database, meeting_id, key)
        if person is None:
            raise Refused("meeting.not_in")
        item = _item(database, meeting_id, item_id)
        if item.revealed_at is not None:
            raise Refused("meeting.revealed_already")
        _on_scale(item, value)
        mine = sa.and_(
            meeting_vote.c.item_id == item_id, meeting_vote.c.person_id == person.id,
            meeting_vote.c.round == item.round,
        )  # fmt: skip
        if value is None:
            database.execute(meeting_vote.delete().where(mine))
        elif not database.execute(meeting_vote.update().where(mine).values(value=value, at=now)).rowcount:
            new = {"item_id": item_id, "person_id": person.id, "round": item.round, "value": value, "at": now}
            database.execute(meeting_vote.insert().values(**new))
        database.execute(meeting_person.update().where(meeting_person.c.id == person.id).values(seen_at=now))


def hands(
    engine: Engine, meeting_id: int, host: Key, item_id: int, team: str, counts: Mapping[int, int], *, now: datetime
) -> None:
    """One-screen mode: how many hands of a team went up for each value, instead of what was kept before.

    Raises Refused for a meeting with phones, a value off the scale, or an impossible count.
    """
    with engine.begin() as database:
        row = hosted(database, meeting_id, host, now)
        item = _item(database, meeting_id, item_id)
        if row["mode"] != "hands" or team not in TEAMS:
            raise Refused("meeting.not_by_hands")
        for value, count in counts.items():
            _on_scale(item, value)
            if not 0 <= count <= MOST_HANDS:
                raise Refused("meeting.bad_hands", most=MOST_HANDS)
        mine = sa.and_(
            meeting_hands.c.item_id == item_id, meeting_hands.c.round == item.round, meeting_hands.c.team == team
        )
        database.execute(meeting_hands.delete().where(mine))
        for value, count in counts.items():
            if count:
                new = {"item_id": item_id, "round": item.round, "team": team, "value": value, "hands": count, "at": now}
                database.execute(meeting_hands.insert().values(**new))


def reveal(engine: Engine, meeting_id: int, host: Key, *, kind: str, now: datetime, item_id: int | None = None) -> int:
    """Shows everybody the votes on all items of a kind, or on one. Returns how many. Raises Refused."""
    with engine.begin() as database:
        row = hosted(database, meeting_id, host, now)
        which = [meeting_item.c.meeting_id == meeting_id, meeting_item.c.kind == kind]
        which += [meeting_item.c.revealed_at.is_(None)] + ([meeting_item.c.id == item_id] if item_id else [])
        count = database.execute(meeting_item.update().where(*which).values(revealed_at=now)).rowcount
        record(database, now, row["facilitator"], "meeting.revealed", {"meeting": meeting_id, "kind": kind, "n": count})
        moved(database, meeting_id)
    return int(count)


def again(engine: Engine, meeting_id: int, host: Key, item_id: int, *, now: datetime) -> None:
    """After talking about it: a new round on one item, blind again. The round before is kept. Raises Refused."""
    with engine.begin() as database:
        hosted(database, meeting_id, host, now)
        item = _item(database, meeting_id, item_id)
        new = {"round": item.round + 1, "revealed_at": None}
        database.execute(meeting_item.update().where(meeting_item.c.id == item_id).values(**new))
        moved(database, meeting_id)


def mine(engine: Engine, meeting_id: int, key: Key) -> dict[int, int]:
    """What this person has voted in the present round, by item; empty for nobody."""
    vote, item = meeting_vote, meeting_item
    with engine.begin() as database:
        person = kept.person_with(database, meeting_id, key)
        if person is None:
            return {}
        rows = database.execute(
            sa.select(vote.c.item_id, vote.c.value)
            .join(item, sa.and_(item.c.id == vote.c.item_id, item.c.round == vote.c.round))
            .where(vote.c.person_id == person.id)
        )
        return {row.item_id: row.value for row in rows}


def tallies(engine: Engine, meeting_id: int, kind: str) -> list[Tally]:
    """How every item of a kind stands, in order: how many voted, and the values only of what is revealed."""
    found = kept.items(engine, meeting_id, kind)
    with engine.begin() as database:
        by_hand = database.execute(sa.select(meeting.c.mode).where(meeting.c.id == meeting_id)).scalar() == "hands"
        voted = _counted(database, meeting_id, by_hand, values=False)
        values = _counted(database, meeting_id, by_hand, values=True)
    made = []
    for item in found:
        shown = by_hand or item.revealed_at is not None
        told: dict[str, dict[int, int]] | None = (
            {team: values.get((item.id, team), {}) for team in TEAMS} if shown else None
        )
        made.append(Tally(item, {team: sum(voted.get((item.id, team), {}).values()) for team in TEAMS}, told))
    return made


def progress(engine: Engine, meeting_id: int, kind: str) -> dict[str, dict[str, int]]:
    """By team: `people` in the meeting, `voted` of them at least once, `done` on every open item of the kind."""
    person, vote, item = meeting_person, meeting_vote, meeting_item
    of_kind = sa.and_(item.c.meeting_id == meeting_id, item.c.kind == kind)
    with engine.begin() as database:
        whole = database.execute(sa.select(sa.func.count()).select_from(item).where(of_kind)).scalar() or 0
        votes = (
            sa.select(vote.c.person_id, sa.func.count().label("n"))
            .join(item, sa.and_(item.c.id == vote.c.item_id, item.c.round == vote.c.round))
            .where(of_kind)
            .group_by(vote.c.person_id)
            .subquery()
        )
        rows = database.execute(
            sa.select(person.c.team, sa.func.coalesce(votes.c.n, 0).label("n"))
            .select_from(person.outerjoin(votes, votes.c.person_id == person.c.id))
            .where(person.c.meeting_id == meeting_id, person.c.removed_at.is_(None))
        ).all()
    found: dict[str, dict[str, int]] = {team: {"people": 0, "voted": 0, "done": 0} for team in TEAMS}
    for team, n in rows:
        found[team]["people"] += 1
        found[team]["voted"] += n > 0
        found[team]["done"] += bool(whole) and n >= whole
    return found


def _counted(
    database: Connection, meeting_id: int, by_hand: bool, *, values: bool
) -> dict[tuple[int, str], dict[int, int]]:
    """Votes by item and team; by value only of items revealed, else all under one."""
    item = meeting_item
    if by_hand:
        own = meeting_hands
        query = (
            sa.select(own.c.item_id, own.c.team, own.c.value, own.c.hands.label("n"))
            .join(item, sa.and_(item.c.id == own.c.item_id, item.c.round == own.c.round))
            .where(item.c.meeting_id == meeting_id)
        )
    else:
        vote, person = meeting_vote, meeting_person
        value: Any = vote.c.value if values else sa.literal(0)
        query = (
            sa.select(vote.c.item_id, person.c.team, value.label("value"), sa.func.count().label("n"))
            .join(item, sa.and_(item.c.id == vote.c.item_id, item.c.round == vote.c.round))
            .join(person, person.c.id == vote.c.person_id)
            .where(item.c.meeting_id == meeting_id, person.c.removed_at.is_(None))
            .group_by(vote.c.item_id, person.c.team, *([vote.c.value] if values else []))
        )
        if values:
            query = query.where(item.c.revealed_at.is_not(None))
    found: dict[tuple[int, str], dict[int, int]] = {}
    for row in database.execute(query):
        found.setdefault((row.item_id, row.team), {})[int(row.value)] = int(row.n)
    return found


def _item(database: Connection, meeting_id: int, item_id: int) -> Item:
    """The item, held until the transaction ends: a vote and its reveal never cross."""
    query = sa.select(meeting_item).where(meeting_item.c.id == item_id, meeting_item.c.meeting_id == meeting_id)
    row = database.execute(query.with_for_update()).mappings().first()
    if row is None:
        raise Refused("meeting.no_such_item")
    return kept.item_of(row)


def _on_scale(item: Item, value: int | None) -> None:
    if value is not None and value not in VALUES[item.kind]:
        raise Refused("meeting.off_scale", known=", ".join(map(str, VALUES[item.kind])))
