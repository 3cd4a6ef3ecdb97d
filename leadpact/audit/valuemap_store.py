"""The working value map of a connection in pact.db: versions by number and hash, none ever changed.

Not here: what is in a map (valuemap.py), who may save one (ui/access.py).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.database import value_map
from config.trail import record
from leadpact.audit.valuemap import ValueMap
from leadpact.audit.valuemap_file import from_rows
from leadpact.errors import Misconfigured

MOST_SHOWN = 50


@dataclass(frozen=True)
class Saved:
    """One version; `pact_hash` is of the pact it was made under."""

    number: int
    hash: str
    pact_hash: str
    author: str
    created_at: datetime
    map: ValueMap


def working(engine: Engine, connection: str) -> Saved | None:
    """The map saved last; null while there is none."""
    found = history(engine, connection, most=1)
    return found[0] if found else None


def history(engine: Engine, connection: str, *, most: int = MOST_SHOWN) -> list[Saved]:
    """The versions of a connection, newest first."""
    query = sa.select(value_map).where(value_map.c.connection == connection).order_by(value_map.c.number.desc())
    with engine.begin() as database:
        rows = database.execute(query.limit(most)).mappings().all()
    return [_saved(dict(row)) for row in rows]


def _saved(row: dict[str, Any]) -> Saved:
    own = from_rows(json.loads(row["document"]), f"value map {row['number']}")
    return Saved(row["number"], row["hash"], row["pact_hash"], row["author"], row["created_at"], own)


def save(
    engine: Engine, connection: str, values: ValueMap, *, pact_hash: str, author: str, now: datetime, after: int | None
) -> Saved:
    """A new version; the newest itself where nothing was decided differently.

    `after` is the number of the version the edits began from (null: there was none). Raises
    Misconfigured where somebody has saved another one since, and where nobody is named.
    """
    if not author.strip():
        raise Misconfigured("proposal.no_author")
    with engine.begin() as database:
        query = sa.select(value_map).where(value_map.c.connection == connection).order_by(value_map.c.number.desc())
        newest = database.execute(query.limit(1)).mappings().first()
        if newest is not None and newest["hash"] == values.hash:
            return _saved(dict(newest))
        if (newest["number"] if newest is not None else None) != after:
            by, number = (newest["author"], newest["number"]) if newest is not None else ("–", 0)
            raise Misconfigured("proposal.saved_meanwhile", author=by, number=str(number))
        number = (newest["number"] if newest is not None else 0) + 1
        document = json.dumps([asdict(row) for row in values.rows], ensure_ascii=False)
        given = {"connection": connection, "number": number, "hash": values.hash, "pact_hash": pact_hash,
                 "author": author.strip(), "created_at": now, "document": document}  # fmt: skip
        database.execute(value_map.insert().values(**given))
        record(database, now, author.strip(), "value_map.saved",
               {"connection": connection, "number": number, "hash": values.hash})  # fmt: skip
    return Saved(number, values.hash, pact_hash, author.strip(), now, values)
