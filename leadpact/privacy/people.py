"""Whom to forget: every record of a person in a connection, and the words they can be recognised by.

Not here: what is erased of them (forget.py).
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from leadpact.privacy.tombstones import Key
from leadpact.store import quoted

LEAST_DIGITS = 7
LEAST_NAME = 5


@dataclass(frozen=True)
class Found:
    """The records of the people to forget in one connection, each with what is to stand for its id (null: the id).

    `names`, `emails`, `phones` as the mirror holds them; `people` is how many persons they are.
    """

    connection: str
    keys: Mapping[Key, str | None] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    people: int = 0

    def __bool__(self) -> bool:
        return bool(self.keys)

    @property
    def words(self) -> list[str]:
        """What names them in any text: addresses, phone numbers, names of several words; longest first."""
        told = {*self.emails, *(one for one in self.phones if len(re.sub(r"\D", "", one)) >= LEAST_DIGITS)}
        told |= {one for one in self.names if len(one) >= LEAST_NAME and " " in one}
        told |= {record_id for (_, record_id), alias in self.keys.items() if alias is not None}
        return sorted(told, key=lambda one: (-len(one), one))

    def names_them(self, text: str | None) -> bool:
        low = (text or "").casefold()
        return any(word.casefold() in low for word in self.words)


def of_keys(file: Path, connection: str, keys: Iterable[Key], aliases: Mapping[Key, str | None] | None = None) -> Found:
    """The persons that have these records, in a mirror file: all records of each."""
    return _found(file, connection, "SELECT object, record_id FROM wanted", list(keys), aliases)


def exactly(file: Path, connection: str, aliases: Mapping[Key, str | None]) -> Found:
    """These records of a mirror file and no other of the same persons, with what stands for their ids."""
    keys = list(aliases)
    return _found(file, connection, "SELECT object, record_id FROM wanted", keys, aliases, whole=False)


def of_email(file: Path, connection: str, address: str) -> Found:
    """The persons with a record of this address, without regard to case."""
    query = "SELECT object, record_id FROM crm.record WHERE lower(trim(email)) = (SELECT record_id FROM wanted)"
    return _found(file, connection, query, [("", address.strip().lower())], None)


def of_person(file: Path, connection: str, person_id: str) -> Found:
    """The person with this `person_id`."""
    query = "SELECT object, record_id FROM crm.record WHERE person_id = (SELECT record_id FROM wanted)"
    return _found(file, connection, query, [("", person_id.strip())], None)


def _found(
    file: Path, connection: str, query: str, wanted: list[Key], aliases: Mapping[Key, str | None] | None,
    *, whole: bool = True,
) -> Found:  # fmt: skip
    schema = pa.schema({"object": pa.string(), "record_id": pa.string()})
    table = pa.table([[one[0] for one in wanted], [one[1] for one in wanted]], schema=schema)
    with contextlib.closing(duckdb.connect()) as one:
        one.execute(f"ATTACH {quoted(file)} AS crm (READ_ONLY)")
        one.register("wanted", table)
        own = f"(object, record_id) IN ({query})"
        theirs = f"person_id IN (SELECT person_id FROM crm.record WHERE {own})" if whole else own  # noqa: S608
        rows = one.execute(f"""
            SELECT object, record_id, name, email, phone, person_id FROM crm.record
            WHERE {theirs}
            ORDER BY object, record_id""").fetchall()  # noqa: S608 - queries from above
    names, emails, phones = (frozenset(str(row[at]).strip() for row in rows if row[at]) for at in (2, 3, 4))
    personal = [word.casefold() for word in (*names, *emails, *phones) if len(word) >= LEAST_NAME]
    given = aliases or {}
    keys: dict[Key, str | None] = {}
    for object, record_id, *_ in rows:
        key = (str(object), str(record_id))
        names_them = "@" in key[1] or any(word in key[1].casefold() for word in personal)
        keys[key] = given.get(key) or (f"forgotten-{secrets.token_hex(8)}" if names_them else None)
    return Found(connection, keys, names, emails, phones, len({row[5] for row in rows}))
