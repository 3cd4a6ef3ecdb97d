"""What the tables of a base hold: by the schema, and a page of records for shapes and values.

One call for the schema and one for each table. Samples are masked; values are shown of selects, and
of texts that repeat like one.

Not here: the proposal (leadpact/mapping/propose.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.airtable import cells
from connectors.airtable.client import Client
from connectors.airtable.faults import Refused, Unanswered, as_ours
from connectors.airtable.plan import PEOPLE
from connectors.airtable.schema import (
    CREATED,
    DATED,
    ID,
    NUMBERS,
    RECORD_CREATED,
    RECORD_ID,
    SELECTS,
    FieldDef,
    Schema,
    TableDef,
)
from leadpact.mapping import SourceColumn, SourceTable
from leadpact.mapping.described import ContentKind
from leadpact.mapping.masks import SHOWN, few, masked

UNTOLD = frozenset({"multipleAttachments", "button", "manualSort"})  # nothing of them fits a column
_WHOLE = frozenset({"autoNumber", "count", "rating"})
_MANY_WORDS = frozenset({"multilineText", "richText", "aiText"})
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def describe(client: Client, schema: Schema) -> list[SourceTable]:
    """Every table of the base, named by its id; one that cannot be read with its problem."""
    return [_table(client, table) for table in schema.tables]


def _table(client: Client, table: TableDef) -> SourceTable:
    try:
        page = client.api.get(client.table(table.id).urls.records, options={"page_size": 100, "use_field_ids": True})
    except (Refused, Unanswered) as error:
        said = as_ours(error, client.settings.host, table.name)
        return SourceTable(table.id, problem=said.key, params=said.params, label=table.name)
    raws: Sequence[Mapping[str, Any]] = page["records"]
    fields = [one for one in table.fields if one.type not in UNTOLD]
    columns = [_column(one, [raw["fields"].get(one.id) for raw in raws]) for one in fields]
    columns.insert(0, SourceColumn(ID, "text", len(raws), len(raws), label=RECORD_ID.name, own="key"))
    when = len({raw[CREATED] for raw in raws})
    columns.append(
        SourceColumn(CREATED, "time", len(raws), when, ("ymd",), label=RECORD_CREATED.name, own="created")
    )  # fmt: skip
    rows = None if page.get("offset") else len(raws)
    return SourceTable(table.id, tuple(columns), rows, len(raws), label=table.name)


def _column(one: FieldDef, found: Sequence[Any]) -> SourceColumn:
    said = [text for cell in found if (text := _text(cell, one)) is not None]
    counted, kind = Counter(said), _kind(one)
    offered = one.choices if one.type in (*SELECTS, "multipleSelects") else []
    listed = one.type not in _MANY_WORDS and kind == "text" and few(counted) and not _personal(one)
    values = offered or [word for word, _ in counted.most_common() if listed]
    shown = list(offered or counted)[:SHOWN]
    plain = bool(values) or kind != "text"
    email = one.shows == "email" or (
        bool(said) and sum(bool(_EMAIL.fullmatch(text)) for text in said) > 0.8 * len(said)
    )
    watches = one.watches[0] if len(one.watches) == 1 else "*"
    return SourceColumn(
        one.id,
        kind,
        len(said),
        len(counted),
        ("ymd",) if kind == "time" else (),
        tuple(values),
        tuple(text if plain else masked(text) for text in shown),
        email,
        label=one.name,
        links=one.links,
        people=one.shows in PEOPLE,
        watches=watches if one.type == "lastModifiedTime" else None,
    )


def _text(cell: Any, one: FieldDef) -> str | None:
    try:
        return cells.text(cell, one)
    except cells.Unreadable:
        return None


def _personal(one: FieldDef) -> bool:
    return one.shows in ("email", "phoneNumber") or bool(one.links) or one.shows in PEOPLE


def _kind(one: FieldDef) -> ContentKind:
    if one.shows in DATED:
        return "time"
    if one.shows == "checkbox":
        return "flag"
    if one.shows in _WHOLE or (one.shows == "number" and one.options.get("precision") == 0):
        return "whole"
    return "number" if one.shows in NUMBERS else "text"
