"""A mirror written anew without the people who were forgotten, and nothing of before kept.

DuckDB keeps the bytes of what was changed or removed until they are written over. So nothing is
changed: a new generation is written from the old one, row by row through emptied.py, and takes its
place as one of a sync does; a crash leaves the old one serving, and the next attempt begins anew.

Not here: who was forgotten (tombstones.py), publishing (leadpact/store.py).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa

from leadpact.model import TABLES, is_custom
from leadpact.privacy import emptied
from leadpact.privacy.tombstones import Forgotten, Key
from leadpact.store import Mirror, configure, quoted

Prepare = Callable[[Path, int], None]
_NUMBERED = re.compile(r"(?:crm|derived)-(\d+)")


def rewrite(mirror: Mirror, who: Forgotten, prepare: Prepare | None = None) -> int | None:
    """Publishes the generation that serves again, with `who` emptied, and removes every other one.

    `prepare` builds derived files of the draft before it is published; the caller holds the writer's
    lock. Returns the number of the new generation; null where there is no mirror.
    """
    current = mirror.current()
    if current is None:
        return None
    partial = mirror.draft(None)
    _write(mirror.path(current), partial, mirror.folder / "spill", who)
    for old in mirror.folder.glob(f"derived-{current + 1}-*"):
        old.unlink()  # of a sync that was killed before it published
    if prepare is not None:
        prepare(partial, current + 1)
    published = mirror.publish(partial)
    only(mirror, published)
    return published


def only(mirror: Mirror, generation: int) -> None:
    """Removes what belongs to any other generation, and drafts; a reader that has one open keeps it until it ends."""
    for path in mirror.folder.iterdir():
        found = _NUMBERED.match(path.name)
        if ".partial" in path.name or (found and int(found[1]) != generation):
            path.unlink(missing_ok=True)


def write_over(mirror: Mirror, who: Forgotten) -> None:
    """The same in a folder nobody reads (a backup laid out): the file keeps its number, derived ones go."""
    current = mirror.current()
    if current is None or not mirror.path(current).exists():
        return
    fresh = mirror.folder / f"crm-{current}.duckdb.partial"
    fresh.unlink(missing_ok=True)
    _write(mirror.path(current), fresh, mirror.folder / "spill", who)
    fresh.replace(mirror.path(current))
    for path in mirror.folder.glob("derived-*"):
        path.unlink()
    only(mirror, current)


def _write(source: Path, target: Path, spill: Path, who: Forgotten) -> None:
    with contextlib.closing(duckdb.connect(str(target))) as one:
        configure(one, spill)
        one.execute("SET preserve_insertion_order = true")  # which of two rows was read last is told by their order
        one.execute(f"ATTACH {quoted(source)} AS before (READ_ONLY)")
        who.register(one)
        tables = [row[0] for row in one.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'before' AND NOT internal ORDER BY 1"
        ).fetchall()]  # fmt: skip
        for name in tables:
            columns = [row[0] for row in one.execute(f'DESCRIBE before."{name}"').fetchall()]
            if name == "reject":
                _rejects(one, who)
            elif name in TABLES and emptied.concerns(columns):
                query = emptied.select(name, columns, source=f'before."{name}"')
                one.execute(f'CREATE TABLE "{name}" AS {query}', {"key": who.key})
            else:
                one.execute(f'CREATE TABLE "{name}" AS FROM before."{name}"')
        one.execute("DETACH before")
        one.execute("CHECKPOINT")


def _rejects(one: duckdb.DuckDBPyConnection, who: Forgotten) -> None:
    """Rows that could not be read are kept but for those that name somebody forgotten."""
    result, told = one.execute("SELECT rowid, raw, params FROM before.reject"), []
    while rows := result.fetchmany(10_000):
        told += [number for number, raw, params in rows if who.tells(raw) or who.tells(params)]
    one.register("told", pa.table({"number": pa.array(told, pa.int64())}))
    one.execute("CREATE TABLE reject AS SELECT * FROM before.reject WHERE rowid NOT IN (SELECT number FROM told)")
    one.unregister("told")


def personal(one: duckdb.DuckDBPyConnection) -> list[str]:
    """The columns of `crm.record` that tell of the person."""
    names = [row[0] for row in one.execute("DESCRIBE crm.record").fetchall()]
    return [name for name in names if name in emptied.PERSONAL or name == "url" or is_custom(name)]


def empty(draft: Path, who: Forgotten) -> None:
    """The same of a draft that is complete, in its place."""
    fresh = draft.with_suffix(".emptied.partial")
    fresh.unlink(missing_ok=True)
    _write(draft, fresh, draft.parent / "spill", who)
    fresh.replace(draft)


def held(file: Path, who: Forgotten) -> list[Key]:
    """The records of a mirror file that are forgotten and still hold something of the person."""
    with contextlib.closing(duckdb.connect()) as one:
        one.execute(f"ATTACH {quoted(file)} AS crm (READ_ONLY)")
        who.register(one)
        filled = " OR ".join(f'p."{name}" IS NOT NULL' for name in personal(one))
        query = f"""
            SELECT p.object, p.record_id FROM crm.record p
            JOIN forgotten f ON f.hash = sha256($key || ':' || p.object || ':' || p.record_id)
            WHERE f.alias IS NOT NULL OR {filled}"""  # noqa: S608 - names of the house
        rows = one.execute(query, {"key": who.key}).fetchall()
    return [(str(object), str(record_id)) for object, record_id in rows]
