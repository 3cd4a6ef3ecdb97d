"""Who was forgotten, as keyed hashes: what a sync brings of them again is emptied before it is stored.

A hash stands for a record's key or for an address it had; the key is this database's own. Whoever
holds the database can ask of a record they know whether it was forgotten, and cannot list who was.

Not here: what is left of a forgotten record (emptied.py), finding the records of a person (forget.py).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from config.privacy_tables import forgotten, privacy_key
from leadpact.connector import Page, Reject
from leadpact.privacy import emptied

Why = Literal["asked", "retention"]
Key = tuple[str, str]
ADDRESS = "address"  # stands where an object does: the hash of an e-mail address
_PLACE = "place in the page"
_CELLS = re.compile(r"[,;\t|\"{}\[\]\s]+")


@dataclass(frozen=True)
class Forgotten:
    """The tombstones of one connection: hash → what stands for the record's id, null where the id itself stays."""

    key: str
    aliases: Mapping[str, str | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.aliases)

    def hash(self, object: str, record_id: str) -> str:
        """The hash of a record's key; SQL says the same in emptied.py."""
        return hashlib.sha256(f"{self.key}:{object}:{record_id}".encode()).hexdigest()

    def has(self, object: str, record_id: str) -> bool:
        return self.hash(object, record_id) in self.aliases

    def tells(self, text: str | None) -> bool:
        """Whether a row as it came names somebody forgotten: by the id of a record, or by an address."""
        cells = {cell.strip("'") for cell in _CELLS.split(text or "") if len(cell) > 1}
        return any(
            self.has("lead", cell) or self.has("contact", cell) or ("@" in cell and self.has(ADDRESS, cell.lower()))
            for cell in cells
        )

    def page(self, page: Page) -> Page:
        """The page with everyone forgotten emptied, before anything of it is stored."""
        if not self.aliases:
            return page
        rejects: Sequence[Reject] = [one for one in page.rejects if not (self.tells(one.raw) or self._named(one))]
        rows = page.rows
        if rows.num_rows and emptied.concerns(rows.column_names):
            rows = self._emptied(page.table, rows)
        deleted = [(object, self._id(object, record_id)) for object, record_id in page.deleted]
        return replace(page, rows=rows, rejects=rejects, deleted=deleted, gone=self._gone(page.gone))

    def _emptied(self, table: str, rows: pa.Table) -> pa.Table:
        """The rows in their order, those about somebody forgotten emptied; of others only the keys are looked at."""
        if table == "record" and any(self.aliases.values()):
            told = pa.chunked_array([pa.repeat(True, rows.num_rows)])  # others may point to an id that is another now
        else:
            told = self._about(rows)
        if not pc.any(told).as_py():
            return rows
        rows = rows.append_column(_PLACE, pa.array(range(rows.num_rows), pa.int64()))
        self._memory.register("page", rows.filter(told))
        query = emptied.select(table, rows.column_names)
        fresh = self._memory.sql(query, params={"key": self.key}).to_arrow_table()
        both = pa.concat_tables([rows.filter(pc.invert(told)), fresh], promote_options="permissive")
        return both.sort_by(_PLACE).drop_columns([_PLACE])

    def _about(self, rows: pa.Table) -> pa.ChunkedArray:
        """Whether each row is about a record that was forgotten."""
        keys = pc.binary_join_element_wise(*(rows[name].cast(pa.string()) for name in ("object", "record_id")), ":")
        begun = hashlib.sha256(f"{self.key}:".encode())
        told = []
        for key in pc.unique(keys).to_pylist():
            if key is not None:
                one = begun.copy()
                one.update(key.encode())
                if one.digest() in self._digests:
                    told.append(key)
        return pc.is_in(keys, value_set=pa.array(told, pa.string()))

    @cached_property
    def _digests(self) -> frozenset[bytes]:
        return frozenset(map(bytes.fromhex, self.aliases))

    @cached_property
    def _memory(self) -> duckdb.DuckDBPyConnection:
        """One for all pages of a sync: Airtable's have a hundred rows."""
        memory = duckdb.connect()
        self.register(memory)
        return memory

    def _named(self, one: Reject) -> bool:
        return self.tells(" ".join(str(value) for value in one.params.values()))

    def _id(self, object: str, record_id: str) -> str:
        return self.aliases.get(self.hash(object, record_id)) or record_id

    def _gone(self, gone: pa.Table | None) -> pa.Table | None:
        if gone is None or "record_id" not in gone.column_names or not any(self.aliases.values()):
            return gone
        place = gone.column_names.index("record_id")
        objects = gone["object"].to_pylist() if "object" in gone.column_names else ["lead"] * gone.num_rows
        ids = [self._id(object, one) for object, one in zip(objects, gone["record_id"].to_pylist(), strict=True)]
        return gone.set_column(place, "record_id", pa.array(ids, pa.string()))

    def register(self, connection: duckdb.DuckDBPyConnection) -> None:
        """The tombstones as the view `forgotten` of a connection."""
        columns = {"hash": list(self.aliases), "alias": list(self.aliases.values())}
        schema = pa.schema({"hash": pa.string(), "alias": pa.string()})
        connection.register("forgotten", pa.table(columns, schema=schema))


NOBODY = Forgotten("")


def newest(engine: Engine) -> int:
    """A number that grows whenever anybody is forgotten, in any connection; 0 while nobody was."""
    with engine.connect() as database:
        return int(database.execute(sa.select(sa.func.max(forgotten.c.id))).scalar_one() or 0)


def of(engine: Engine, connection: str) -> Forgotten:
    """Who was forgotten in a connection."""
    with engine.begin() as database:
        return read(database, connection)


def read(database: Connection, connection: str) -> Forgotten:
    """As `of`, within a transaction."""
    rows = database.execute(sa.select(forgotten.c.hash, forgotten.c.alias).where(forgotten.c.connection == connection))
    found = {row.hash: row.alias for row in rows}
    key = database.execute(sa.select(privacy_key.c.key)).scalar() if found else None
    return Forgotten(str(key), found) if key else NOBODY


@dataclass(frozen=True)
class Kept:
    """Every tombstone of a database with the key they are hashed by: what another database takes over."""

    key: Mapping[str, Any] | None = None
    rows: Sequence[Mapping[str, Any]] = ()

    def of(self, connection: str) -> Forgotten:
        found = {row["hash"]: row["alias"] for row in self.rows if row["connection"] == connection}
        return Forgotten(str(self.key["key"]), found) if self.key and found else NOBODY


def kept(database: Connection) -> Kept:
    """All there are; none in a database of an earlier release."""
    if not sa.inspect(database).has_table(forgotten.name):
        return Kept()
    key = database.execute(sa.select(privacy_key)).mappings().first()
    rows = database.execute(sa.select(*(one for one in forgotten.c if one.name != "id")))
    return Kept(dict(key) if key else None, [dict(row) for row in rows.mappings()])


def take_over(database: Connection, other: Kept) -> int | None:
    """Puts another database's tombstones beside those here; how many were new.

    Null, and nothing is done, where this one hashes by a key of its own: hashes do not say whose they are.
    """
    if other.key is None:
        return 0
    own = database.execute(sa.select(privacy_key.c.key)).scalar()
    if own is None:
        database.execute(privacy_key.insert().values(**other.key))
    elif own != other.key["key"]:
        return None
    here = {(row.connection, row.hash) for row in database.execute(sa.select(forgotten.c.connection, forgotten.c.hash))}
    fresh = [dict(row) for row in other.rows if (row["connection"], row["hash"]) not in here]
    if fresh:
        database.execute(forgotten.insert(), fresh)
    return len(fresh)


def keyed(database: Connection, now: datetime) -> Forgotten:
    """Nobody yet, under the key of this database, which is made on first use."""
    key = database.execute(sa.select(privacy_key.c.key)).scalar()
    if key is None:
        key = secrets.token_hex(32)
        database.execute(privacy_key.insert().values(id=1, key=key, made_at=now))
    return Forgotten(str(key))


def add(
    database: Connection, connection: str, keys: Mapping[Key, str | None], addresses: Iterable[str], *, why: Why,
    now: datetime,
) -> int:  # fmt: skip
    """Keeps tombstones for records (key → alias) and addresses; how many are new."""
    one = keyed(database, now)
    wanted: dict[str, str | None] = {one.hash(*key): alias for key, alias in keys.items()}
    wanted |= dict.fromkeys((one.hash(ADDRESS, address.strip().lower()) for address in addresses), None)
    known = set(read(database, connection).aliases)
    rows: list[dict[str, Any]] = [
        {"connection": connection, "hash": hash, "alias": alias, "why": why, "at": now}
        for hash, alias in wanted.items()
        if hash not in known
    ]
    if rows:
        database.execute(forgotten.insert(), rows)
    return len(rows)
