"""Asking for rows: small results by the REST API, large ones by the Bulk API 2.0.

Salesforce's own count says which objects are large. Where it does not, the first answer of the REST
API tells, and a result above the threshold is given up after it and asked for in bulk. A small
result is complete before any of it is handed on, so that a page token which expires costs a second
try and no row.

Not here: which rows (reading.py), jobs (bulk.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

import pyarrow as pa

from connectors.salesforce import bulk
from connectors.salesforce.cells import texts
from connectors.salesforce.client import Client
from leadpact.errors import SourceRefused

CHUNK = 300  # ids in one question
ADDRESS = 15_000  # bytes of a question in an address, which may be 16,384 long
RESTARTS = 2
SORTED = 500_000


@dataclass(frozen=True)
class TooMany:
    """A result too large for the REST API."""

    total: int


def rows(
    client: Client, source: str, paths: Sequence[str], where: str = "", *, deleted: bool = False, order: str = "",
    in_order: bool = False, about: int = 0,
) -> Iterator[pa.Table]:  # fmt: skip
    """The rows of an object as tables of texts, a column for each path, at most 50,000 rows each.

    `deleted` reads what is in the bin or archived too. `order` is that of a small result; of a large one
    too where `in_order` asks for it, up to half a million rows: Salesforce splits larger ones by their ids,
    which is faster, and cannot then sort them. `about` is how many rows there are, as far as that is
    known: of many the REST API is not even asked. Raises SourceRefused, SourceUnreachable.
    """
    soql = select(source, paths, where)
    # a question of the REST API is part of the address; one of the Bulk API may be of any length
    most = client.settings.bulk_over
    fits = len(quote_plus(soql)) < ADDRESS and about <= most
    small = records(client, soql + order, deleted=deleted, most=most) if fits else TooMany(about)
    if isinstance(small, list):
        if small:
            yield texts(small, paths)
        return
    sort = order if in_order and small.total <= SORTED else ""
    for table in bulk.pages(client, soql + sort, deleted=deleted):
        yield table.select(list(paths))


def sizes(client: Client, objects: Sequence[str]) -> Mapping[str, int]:
    """About how many rows objects have, as Salesforce counted them last; of those it tells of."""
    try:
        found = client.get("limits/recordCount", sObjects=",".join(objects)) or {}
    except SourceRefused as error:
        if error.key not in ("salesforce.refused", "salesforce.not_permitted"):
            raise
        return {}
    return {str(one["name"]): int(one["count"]) for one in found.get("sObjects", ())}


def everything(client: Client, soql: str, *, deleted: bool = False) -> list[Any]:
    """All records of a question, by the REST API, however many."""
    found = records(client, soql, deleted=deleted, most=None)
    return found if isinstance(found, list) else []


def records(client: Client, soql: str, *, deleted: bool = False, most: int | None) -> list[Any] | TooMany:
    """All records of a question, by the REST API; where there are more than `most`, how many."""
    found: list[Any] = []
    for attempt in range(RESTARTS + 1):
        answer = client.query(soql, deleted=deleted)
        if most is not None and answer["totalSize"] > most:
            return TooMany(int(answer["totalSize"]))
        found = list(answer["records"])
        try:
            while not answer["done"]:
                answer = client.more(answer["nextRecordsUrl"])
                found += answer["records"]
        except SourceRefused as error:
            if error.key != "salesforce.page_expired" or attempt == RESTARTS:
                raise
            continue
        break
    return found


def by_ids(
    client: Client, source: str, paths: Sequence[str], column: str, ids: Sequence[str], where: str = "",
    *, deleted: bool = False,
) -> Iterator[pa.Table]:  # fmt: skip
    """The rows whose `column` is one of `ids`, asked for in chunks."""
    for start in range(0, len(ids), CHUNK):
        some = f"{column} IN ({listed(ids[start : start + CHUNK])})"
        soql = select(source, paths, both(some, where))
        if len(quote_plus(soql)) < ADDRESS:
            found = everything(client, soql, deleted=deleted)
            if found:
                yield texts(found, paths)
        else:
            yield from rows(client, source, paths, both(some, where), deleted=deleted)


def select(source: str, paths: Sequence[str], where: str = "") -> str:
    return f"SELECT {', '.join(paths)} FROM {source}" + (f" WHERE {where}" if where else "")  # noqa: S608 - SOQL reads only


def both(*conditions: str) -> str:
    """Conditions that must all hold; empty ones are none."""
    given = [one for one in conditions if one]
    return " AND ".join(f"({one})" for one in given) if len(given) > 1 else "".join(given)


def listed(values: Sequence[str]) -> str:
    """Texts as a SOQL list."""
    return ", ".join("'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" for value in values)


def moment(at: datetime) -> str:
    """A UTC moment as a SOQL literal."""
    return at.replace(microsecond=0).isoformat() + "Z"
