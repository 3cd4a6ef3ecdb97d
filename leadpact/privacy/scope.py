"""Which records a visitor may see one by one: those of their teams and territories. Figures stay whole.

The integration user of a CRM sees everything, so what it read follows nobody's rights there; this
is the one place that says whom a list may name.

Not here: who has which scope (config/members.py), applying it to lists (ui/whom.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

import ibis

from config.members import Scope
from leadpact.tables import Table, Tables, with_owner

KEYS = ["object", "record_id"]


def restricted(scope: Scope | None) -> bool:
    """Whether it leaves anybody out."""
    return scope is not None and (scope.teams is not None or scope.territories is not None)


def visible(tables: Tables, scope: Scope | None) -> Table:
    """The records within a scope. Out: object, record_id.

    The owner's team is one of the scope's, and the record's country one of its territories, each where
    the scope has any; compared without regard to case and spaces around. A record whose owner has no
    team, or that has no country, is in no scope that asks for one.
    """
    record = tables.record
    if scope is not None and scope.teams is not None:
        record = with_owner(record, tables.owner)
        record = record.filter(_among(record.team, scope.teams))
    if scope is not None and scope.territories is not None:
        record = record.filter(_among(record.country, scope.territories))
    return record.select(*KEYS)


def cut(rows: Table, tables: Tables, scope: Scope | None) -> Table:
    """The rows (with object and record_id) that are about a record within the scope."""
    return rows.semi_join(visible(tables, scope), KEYS) if restricted(scope) else rows


def within(tables: Tables, scope: Scope | None) -> Tables:
    """The tables with only these records: for looking people up, never for figures."""
    return replace(tables, record=cut(tables.record, tables, scope)) if restricted(scope) else tables


def of_keys(tables: Tables, keys: Iterable[tuple[str, str]], scope: Scope | None) -> frozenset[tuple[str, str]]:
    """Those of the keys that are within the scope."""
    wanted = frozenset(keys)
    if not restricted(scope) or not wanted:
        return wanted
    seen = visible(tables, scope)
    rows = seen.filter(seen.record_id.isin(sorted({record_id for _, record_id in wanted}))).to_pyarrow().to_pylist()
    return wanted & {(row["object"], row["record_id"]) for row in rows}


def covers(scope: Scope | None, team: str | None, country: str | None) -> bool:
    """The same of one record whose owner's team and country are known."""
    if scope is None:
        return True
    return all(
        names is None or (value is not None and _said(value) in set(map(_said, names)))
        for names, value in ((scope.teams, team), (scope.territories, country))
    )


def _among(column: Table, names: Collection[str]) -> Table:
    return column.strip().lower().isin(sorted(map(_said, names))).fill_null(ibis.literal(False))


def _said(name: str) -> str:
    return name.strip().lower()
