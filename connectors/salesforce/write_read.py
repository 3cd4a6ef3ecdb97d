"""Single records as they stand now: what a plan compares before it writes, and after.

Collections retrieve takes 2,000 ids a call; a value that lies on a related record (`Account.Name`)
is asked for by a query.

Not here: reading whole tables (reading.py), values (write_values.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.salesforce.client import Client
from connectors.salesforce.fields import Fields
from connectors.salesforce.plan import SOBJECTS
from connectors.salesforce.schema import Field
from leadpact.errors import SourceRefused, SourceUnreachable

MOST, CELLS = 2_000, 20_000  # ids a call; and values a call, so that an answer stays of some megabytes
NO_FIELD = "salesforce_write.no_field"
QUERY_IDS = 300  # ids in a query travel in its URL


def read(
    client: Client, fields: Fields, object: str, ids: Sequence[str], names: Sequence[str]
) -> dict[str, dict[str, str | None]]:
    """The values of `names` as text, by id as asked for; a record that is gone is left out.

    Raises SourceRefused for a field there is not, or that this user cannot see.
    """
    if object not in SOBJECTS:
        raise SourceRefused("salesforce_write.no_object", object=object)
    known = {record_id: fields.record_id(object, record_id) for record_id in dict.fromkeys(ids)}
    wanted = {asked: full for asked, full in known.items() if full is not None}
    try:
        return _read(client, fields, object, wanted, names)
    except SourceRefused as refusal:
        # made or removed since the org was described, perhaps
        if refusal.key != NO_FIELD and refusal.params.get("code") != "INVALID_FIELD":
            raise
        fields.forget()
        return _read(client, fields, object, wanted, names)


def _read(
    client: Client, fields: Fields, object: str, wanted: Mapping[str, str], names: Sequence[str]
) -> dict[str, dict[str, str | None]]:
    found = {name: fields.find(object, name) for name in names}
    for name, field in found.items():
        if field is None:
            raise SourceRefused(NO_FIELD, name=name, object=SOBJECTS[object])
    places = {name: field for name, field in found.items() if field is not None}
    found_rows = rows(client, SOBJECTS[object], list(dict.fromkeys(wanted.values())), list(places.values()))
    told = {}
    for asked, full in wanted.items():
        if full in found_rows:
            told[asked] = {
                name: fields.text(object, name, one, _at(found_rows[full], one.name)) for name, one in places.items()
            }
    return told


def rows(client: Client, sobject: str, ids: Sequence[str], places: Sequence[Field]) -> dict[str, dict[str, Any]]:
    """The records there are, by id; of those gone nothing is said."""
    names = list(dict.fromkeys(["Id", *(one.name for one in places if "." not in one.name)]))
    related = list(dict.fromkeys(one.name for one in places if "." in one.name))
    size = max(1, min(MOST, CELLS // len(names)))
    found: dict[str, dict[str, Any]] = {}
    for part in _parts(ids, size):
        answer = client.post(f"composite/sobjects/{sobject}", {"ids": part, "fields": names})
        if not isinstance(answer, list) or len(answer) != len(part):
            raise SourceUnreachable("salesforce.garbled", host=client.host)
        for row in answer:
            if row is None:
                continue
            if not row.keys() >= set(names):
                # a value that is not told is not an empty one
                raise SourceUnreachable("salesforce.garbled", host=client.host)
            found[row["Id"]] = dict(row)
    for part in _parts(list(found), QUERY_IDS) if related else ():
        listed = ",".join(f"'{one}'" for one in part)
        soql = f"SELECT Id,{','.join(related)} FROM {sobject} WHERE Id IN ({listed})"  # noqa: S608 - checked ids and names
        for row in _queried(client, soql):
            found[row["Id"]] |= row
    return found


def _queried(client: Client, soql: str) -> Iterator[Mapping[str, Any]]:
    page = client.query(soql)
    yield from page["records"]
    while not page["done"]:
        page = client.more(page["nextRecordsUrl"])
        yield from page["records"]


def _parts(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])


def _at(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
