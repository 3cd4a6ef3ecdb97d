"""Forgotten people recognised in a home by their tombstones: by the ids and addresses it still tells.

Not here: the tombstones (tombstones.py), what is erased (rows.py, mirrors.py, files.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from config.database import observed_change, observed_status
from config.plans import change_plan, plan_row, written_value
from config.privacy_tables import forgotten
from leadpact.privacy import mirrors, people, rows, tombstones
from leadpact.privacy.people import Found
from leadpact.privacy.tombstones import Forgotten, Key

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")


def within(database: Connection, connection: str, file: Path | None, *known: Forgotten) -> Found:
    """Their records in a mirror file (null: none) and in the database, with the words that file names them by.

    Addresses are found in what people wrote as well; a name alone only where a mirror file tells it.
    """
    keys: dict[Key, str | None] = {}
    for who in known:
        keys |= _told_of(database, connection, who)
    found = Found(connection)
    if file is not None:
        there = {key: alias for who in known for key, alias in mirrors.recognised(file, who).items()}
        found = people.exactly(file, connection, there) if there else found
    return replace(found, keys={**keys, **found.keys}, emails=found.emails | frozenset(_addresses(database, *known)))


def asked(database: Connection, connection: str, who: Forgotten) -> Forgotten:
    """Those somebody asked to forget: whoever was emptied for their age keeps what people wrote of them."""
    mine = sa.and_(forgotten.c.connection == connection, forgotten.c.why == "asked")
    asked = set(database.execute(sa.select(forgotten.c.hash).where(mine)).scalars())
    return replace(who, aliases={hash: alias for hash, alias in who.aliases.items() if hash in asked})


def _told_of(database: Connection, connection: str, who: Forgotten) -> dict[Key, str | None]:
    """The records the database itself tells of that are forgotten; with or without a mirror beside it."""
    if not who:
        return {}
    own = [sa.select(table.c.object, table.c.record_id).where(table.c.connection == connection)
           for table in (observed_status, observed_change, written_value)]  # fmt: skip
    plans = sa.select(change_plan.c.id).where(change_plan.c.connection == connection)
    own.append(sa.select(plan_row.c.object, plan_row.c.record_id).where(plan_row.c.plan_id.in_(plans)))
    keys = database.execute(sa.union(*own)).all()
    return {(object, one): who.aliases[who.hash(object, one)] for object, one in keys if who.has(object, one)}


def _addresses(database: Connection, *known: Forgotten) -> Iterator[str]:
    """Addresses in what people wrote that are forgotten ones."""
    for table, name in rows.TEXTS:
        for text in database.execute(sa.select(table.c[name])).scalars():
            for one in _ADDRESS.findall(text or ""):
                if any(who.has(tombstones.ADDRESS, one.rstrip(".!?").lower()) for who in known):
                    yield one.rstrip(".!?")
