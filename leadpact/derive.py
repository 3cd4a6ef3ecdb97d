"""Building what every dashboard reads: spells, journeys and touches, for one generation and one pact.

They depend on the generation and on the hash of stages and status map only, so other edits of
the pact reuse them. A draft of a pact builds its own on demand.

Not here: what a spell or journey is (metrics), where files lie (store.py).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import ibis
from filelock import FileLock
from ibis.expr.operations import DatabaseTable, Namespace
from ibis.expr.schema import Schema

from config.schema import Pact
from leadpact.engine import Ibis
from leadpact.metrics import journeys, ownership, spells, touches
from leadpact.model import TABLES
from leadpact.model import Table as Spec
from leadpact.store import SPILL, Mirror, configure, quoted, scalar
from leadpact.tables import Table, Tables

DERIVED = ("spell", "journey", "touch", "untouched", "holding")
MOST_SCHEMAS = 64  # files whose columns are remembered: asking takes longer than many a query
SCRATCH = ("spell_only", "spell_parted", "spell_owned")

_schemas: dict[tuple[Path, int, int, str], Mapping[str, Schema]] = {}


def canonical(backend: ibis.BaseBackend, catalog: str, *, file: Path | None = None) -> dict[str, ibis.Table]:
    """The canonical tables of an attached mirror, as expressions.

    A column that came with a later release than the mirror is there, and null. `file` is what
    is attached, where it will not change any more: its schema is then asked for once.
    """
    return {name: _whole(table, TABLES[name]) for name, table in _attached(backend, catalog, TABLES, file).items()}


def derived(backend: ibis.BaseBackend, catalog: str, *, file: Path) -> dict[str, ibis.Table]:
    """The derived tables of an attached file, as expressions."""
    return _attached(backend, catalog, DERIVED, file)


def _attached(
    backend: ibis.BaseBackend, catalog: str, names: Iterable[str], file: Path | None
) -> dict[str, ibis.Table]:
    database = (catalog, "main")
    if file is None:
        return {name: backend.table(name, database=database) for name in names}
    status = file.stat()
    key = (file, status.st_mtime_ns, status.st_size, catalog)
    if key not in _schemas:
        _schemas[key] = {name: backend.table(name, database=database).schema() for name in names}
        while len(_schemas) > MOST_SCHEMAS:
            _schemas.pop(next(iter(_schemas)), None)
    where = Namespace(catalog=catalog, database="main")
    return {name: DatabaseTable(name, schema, backend, where).to_expr() for name, schema in _schemas[key].items()}


def _whole(table: Table, spec: Spec) -> Table:
    types = {"text": "string", "time": "timestamp", "flag": "boolean", "whole": "int64", "number": "float64"}
    missing = [column for column in spec.columns if column.name not in table.columns]
    return table.mutate(**{column.name: ibis.null(types[column.kind]) for column in missing}) if missing else table


def build(source: Path, target: Path, pact: Pact) -> None:
    """Writes the derived tables of the mirror file `source` under `pact` to `target`.

    `target` appears complete or not at all.
    """
    partial = target.with_suffix(".duckdb.partial")
    partial.unlink(missing_ok=True)
    with contextlib.closing(duckdb.connect()) as connection:
        configure(connection, target.parent / SPILL)
        connection.execute(f"ATTACH {quoted(source)} AS crm (READ_ONLY)")
        connection.execute(f"ATTACH {quoted(partial)} AS derived")
        backend = Ibis.from_connection(connection)
        remapped = scalar(connection, "SELECT count(*) FROM crm.field_change WHERE evidence = 'remap'")

        def keep(name: str, table: Table) -> Table:
            return backend.keep(name, table, "derived")

        derive(Tables(**canonical(backend, "crm")), pact, keep=keep, remaps=remapped > 0)
        for name in SCRATCH:
            connection.execute(f"DROP TABLE derived.main.{name}")
        connection.execute("DETACH derived")
    partial.rename(target)


def derive(tables: Tables, pact: Pact, *, keep: Callable[[str, Table], Table], remaps: bool = True) -> Tables:
    """The tables with what is derived from them. `keep(name, table)` stores a step and reads it back.

    The steps are stored because the next ones read each several times; SCRATCH names those
    nothing reads afterwards. Any engine will do.
    """
    held = keep("holding", ownership.holding(tables))
    bare = keep("spell_only", spells.spells(tables, pact, remaps=remaps))
    parted = keep("spell_parted", journeys.assign(bare))
    owned = keep("spell_owned", ownership.with_owner_at(parted, held, "entered_at"))
    journey = keep("journey", journeys.journeys(owned, tables.record, pact))
    spell = keep("spell", journeys.with_origin(owned, journey, tables.record))
    return replace(
        tables,
        spell=spell,
        journey=journey,
        touch=keep("touch", touches.all_touches(tables)),
        untouched=keep("untouched", journeys.untouched(spell)),
        holding=held,
    )


def ensure(mirror: Mirror, generation: int, pact: Pact) -> Path:
    """The derived file of a generation under a pact, built when it is not there yet."""
    target = mirror.derived_path(generation, pact.journey_hash)
    if not target.exists():
        with FileLock(target.with_suffix(".lock")):
            if not target.exists():
                build(mirror.path(generation), target, pact)
                mirror.keep_derived(generation, target)
    return target
