"""Details of a proposed entry that no header names: links between tables, date forms, words for "blank".

Not here: which table is which (propose.py), status dates and own fields (status_dates.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadpact.mapping.described import SourceColumn, SourceTable
from leadpact.mapping.recognise import KEY, Match, words
from leadpact.mapping.targets import Target
from leadpact.mapping.vocabulary import fold


def links(table: SourceTable, target: Target, records: Mapping[str, str]) -> list[Match]:
    """Columns that refer to a table of records: whom a row is about, or the contact a lead became."""
    if target.name == "contacts" or (target.dated and "contacts" not in records.values()):
        return []
    wanted, to = ("converted_to", ("contacts",)) if target.dated else ("record_id", ("leads", "contacts"))
    if wanted not in target.names:
        return []
    linked = [one for of in to for one in table.columns if one.links and records.get(one.links) == of]
    return [Match(wanted, one.name, 1.0, KEY) for one in linked]


def won(table: SourceTable, matches: Mapping[str, Match]) -> bool:
    """A table of deals with a date of winning and nothing that says won or lost holds won deals."""
    closed = matches.get("closed_at")
    told = {"is_won", "is_closed"} & set(matches)
    column = table.column(closed.header) if closed else None
    said = set(fold(column.shown).split()) if column else set()
    return closed is not None and not told and bool({"won", "ganado", "ganho", "venta", "venda"} & said)


def date_forms(table: SourceTable, guesses: Mapping[tuple[str | int, ...], Match]) -> dict[str, str]:
    """The forms the sample decided, where they are not ISO: the next file may leave them open."""
    headers = {one.header for one in guesses.values()}
    return {
        column.name: column.date_forms[0]
        for column in table.columns
        if column.name in headers and len(column.date_forms) == 1 and column.date_forms[0] in ("dmy", "mdy")
    }


def blanks(columns: Sequence[SourceColumn]) -> list[str]:
    """Words such as "Select" that stand in picklists for "never filled in"."""
    known = {fold(word) for word in words()["blank"]}
    return sorted({value for column in columns for value in column.values if fold(value) in known})
