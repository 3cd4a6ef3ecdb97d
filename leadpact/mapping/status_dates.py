"""Date columns that tell of statuses, and the CRM's own fields: the rest of a proposed entry.

Not here: the canonical columns (recognise.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from leadpact.mapping.described import SourceColumn, SourceTable
from leadpact.mapping.document import is_slug
from leadpact.mapping.recognise import plain, words
from leadpact.mapping.vocabulary import flag, fold

MOST_OWN = 50  # fields of its own that are proposed for one table
_ACRONYMS = ("mql", "sql", "sal", "aql", "maql", "bdmal", "pql", "sqo")
_OF_STATUS = {
    "mql": "MQL",
    "mqls": "MQL",
    "marketing qualified leads": "MQL",
    "marketing qualified lead": "MQL",
    "sql": "SQL",
    "sqls": "SQL",
    "sales qualified leads": "SQL",
    "sal": "SAL",
    "sals": "SAL",
}


def status_dates(table: SourceTable, matched: Mapping[str, str]) -> list[tuple[str, str]]:
    """(header, status) for every date column called after a status, in the table's order.

    A table of one status without any such column ("MQLs", with the date they came) tells that
    status at its creation date.
    """
    known = {fold(value): value for column in (status_column(table, matched),) if column for value in column.values}
    found = [(name, known.get(status, _shown(status))) for name, status in _called_after_status(table, matched)]
    if found or "status" in matched or "created_at" not in matched:
        return found
    key = table.column(matched.get("record_id", ""))
    called = f" {plain(table.shown)} {plain(key.shown if key else '')} "
    of = next((status for word, status in _OF_STATUS.items() if f" {word} " in called), None)
    return [(matched["created_at"], of)] if of else []


def status_column(table: SourceTable, matched: Mapping[str, str]) -> SourceColumn | None:
    """The column of the current status: of several that could be, the one whose values the dates are called after."""
    dated = {status for _, status in _called_after_status(table, matched)}
    called = {plain(word) for word in words()["columns"]["status"]} | {"status"}
    could = [column for column in table.columns if column.kind == "text" and plain(column.shown) in called]
    shared = {column.name: len(dated & {fold(value) for value in column.values}) for column in could}
    best = max(could, key=lambda column: shared[column.name], default=None)
    if best is None or not shared[best.name]:
        return table.column(matched["status"]) if "status" in matched else None
    return best


def _called_after_status(table: SourceTable, matched: Mapping[str, str]) -> list[tuple[str, str]]:
    named = set(matched.values())
    known = {plain(word) for name in ("created_at", "converted_at") for word in (name, *words()["columns"][name])}
    return [
        (column.name, status)
        for column in table.columns
        if column.kind in ("time", "blank")
        and not column.own
        and column.watches is None
        and column.name not in named
        and plain(column.shown) not in known
        and (status := _status(column.shown))
    ]


def _status(header: str) -> str | None:
    """The status a date column is called after, folded: `Fecha MQL` → mql; null when it is after none."""
    called = rest = plain(header)
    around = sorted((plain(word) for word in words()["dated"]), key=len, reverse=True)
    while (
        cut := next(
            (
                cut
                for word in around
                for cut in (rest.removeprefix(f"{word} "), rest.removesuffix(f" {word}"))
                if cut != rest
            ),
            None,
        )
    ) is not None:
        rest = cut
    if rest == called:
        return called if called in _ACRONYMS else None
    undated = any(f" {plain(word)} " in f" {rest} " for word in words()["undated"])
    return None if undated or rest in around else rest


def _shown(status: str) -> str:
    return status.upper() if status in _ACRONYMS else status.capitalize()


def status_since(table: SourceTable, status: str | None) -> str | None:
    """The column that dates the last change of the status column alone; null without one."""
    watching = (column.name for column in table.columns if status is not None and column.watches == status)
    return next(watching, None)


def only_status(table: SourceTable) -> dict[str, list[str]]:
    """For a log of changes of many fields: the rows that are about the status, as an entry's `where`."""
    called = {plain(word) for word in words()["changed_field"]}
    fields = {plain(word) for word in words()["columns"]["status"]} | {"status"}
    for column in table.columns:
        about = [value for value in column.values if plain(value) in fields]
        if plain(column.shown) in called and about and len(about) < len(column.values):
            return {column.name: about}
    return {}


def flag_status(table: SourceTable, taken: Set[str]) -> tuple[str, Mapping[str, str]] | None:
    """A yes/no column such as "Converted" as the status, with a value for either; null without one."""
    known = {plain(word) for word in words()["flagged"]}
    column = next(
        (
            column
            for column in table.columns
            if column.kind == "flag" and column.name not in taken and plain(column.name) in known
        ),
        None,
    )
    if column is None:
        return None
    name = column.shown.strip().capitalize()
    return column.name, {value: name if flag(value) else "Open" for value in column.values}


def custom_fields(table: SourceTable, taken: Set[str]) -> dict[str, str]:
    """`f_<slug>` for each remaining column that can group or qualify records; free text is left out.

    A CRM with hundreds of fields is not copied whole: picklists first, then what else tells most.
    """
    personal = {plain(word) for word in words()["personal"]}
    could = [
        column
        for column in table.columns
        if not (column.own or column.watches or column.name in taken or plain(column.shown) in personal)
        and _groups(column)
    ]
    best = {column.name for column in sorted(could, key=_use)[:MOST_OWN]}
    fields: dict[str, str] = {}
    for column in could:
        if column.name not in best:
            continue
        if is_slug(column.shown):
            fields[column.shown] = column.name
            continue
        slug = "f_" + (re.sub(r"[^a-z0-9]+", "_", plain(column.shown)).strip("_")[:50] or "field")
        fields[slug if slug not in fields else f"{slug}_{len(fields)}"] = column.name
    return fields


def _use(column: SourceColumn) -> int:
    return 0 if column.values else {"flag": 1, "whole": 2, "number": 2}.get(column.kind, 3)


def _groups(column: SourceColumn) -> bool:
    if column.kind == "blank":
        return False
    return (column.kind != "text" and not column.unique) or column.distinct <= max(column.filled * 0.5, 20)
