"""Building what every dashboard reads: spells and journeys, for one generation and one pact.

They depend on the generation and on the hash of stages and status map only, so other edits of
the pact reuse them. A draft of a pact builds its own on demand.

Not here: what a spell or journey is (metrics), where files lie (store.py).
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import duckdb
import ibis
from filelock import FileLock

from config.schema import Pact
from leadpact.metrics import journeys, spells
from leadpact.model import TABLES
from leadpact.store import Mirror, configure, quoted, scalar
from leadpact.tables import Tables


def canonical(backend: ibis.BaseBackend, catalog: str) -> dict[str, ibis.Table]:
    """The canonical tables of an attached mirror, as expressions."""
    return {name: backend.table(name, database=(catalog, "main")) for name in TABLES}


def build(source: Path, target: Path, pact: Pact) -> None:
    """Writes the spells and journeys of the mirror file `source` under `pact` to `target`.

    `target` appears complete or not at all.
    """
    partial = target.with_suffix(".duckdb.partial")
    partial.unlink(missing_ok=True)
    with contextlib.closing(duckdb.connect()) as connection:
        configure(connection, target.parent / "spill")
        connection.execute(f"ATTACH {quoted(source)} AS crm (READ_ONLY)")
        connection.execute(f"ATTACH {quoted(partial)} AS derived")
        backend = ibis.duckdb.from_connection(connection)
        tables = Tables(**canonical(backend, "crm"))
        remapped = scalar(connection, "SELECT count(*) FROM crm.field_change WHERE evidence = 'remap'")
        spell = spells.spells(tables, pact, remaps=remapped > 0)
        backend.create_table("spell_only", spell, database=("derived", "main"))
        bare = backend.table("spell_only", database=("derived", "main"))
        backend.create_table("spell", journeys.assign(bare), database=("derived", "main"))
        whole = backend.table("spell", database=("derived", "main"))
        journey = journeys.journeys(whole, tables.record, pact)
        backend.create_table("journey", journey, database=("derived", "main"))
        connection.execute("DROP TABLE derived.main.spell_only")
        connection.execute("DETACH derived")
    partial.rename(target)


def ensure(mirror: Mirror, generation: int, pact: Pact) -> Path:
    """The derived file of a generation under a pact, built when it is not there yet."""
    target = mirror.derived_path(generation, pact.journey_hash)
    if not target.exists():
        with FileLock(target.with_suffix(".lock")):
            if not target.exists():
                build(mirror.path(generation), target, pact)
                mirror.keep_derived(generation, target)
    return target
