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
from leadpact.store import SPILL, Mirror, configure, quoted

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
    _write(mirror.path(current), partial, mirror.folder / SPILL, who)
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
    _write(mirror.path(current), fresh, mirror.folder / SPILL, who)
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
        for name in _tables(one):
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


def _tables(one: duckdb.DuckDBPyConnection) -> list[str]:
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'before' AND NOT internal ORDER BY 1"
    return [row[0] for row in one.execute(query).fetchall()]


def _told(one: duckdb.DuckDBPyConnection, who: Forgotten) -> list[int]:
    """The rows that could not be read and name somebody forgotten."""
    result, told = one.execute("SELECT rowid, raw, params FROM before.reject"), []
    while rows := result.fetchmany(10_000):
        told += [number for number, raw, params in rows if who.tells(raw) or who.tells(params)]
    return told


def _rejects(one: duckdb.DuckDBPyConnection, who: Forgotten) -> None:
    """Rows that could not be read are kept but for those that name somebody forgotten."""
    told = _told(one, who)
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
    _write(draft, fresh, draft.parent / SPILL, who)
    fresh.replace(draft)


def changes(file: Path, who: Forgotten) -> bool:
    """Whether anything of a mirror file would be another, or gone, once `who` is emptied."""
    with contextlib.closing(duckdb.connect()) as one:
        configure(one, file.parent / SPILL)
        one.execute(f"ATTACH {quoted(file)} AS before (READ_ONLY)")
        who.register(one)
        for name in _tables(one):
            columns = [row[0] for row in one.execute(f'DESCRIBE before."{name}"').fetchall()]
            if name == "reject":
                if _told(one, who):
                    return True
            elif name in TABLES and emptied.concerns(columns):
                theirs = f"""(SELECT r.* FROM before."{name}" r SEMI JOIN forgotten f
                              ON f.hash = sha256($key || ':' || r.object || ':' || r.record_id))"""  # noqa: S608
                left = emptied.select(name, columns, source=theirs)
                query = f"SELECT 1 FROM (FROM {theirs} EXCEPT ALL {left}) LIMIT 1"  # noqa: S608 - names of the house
                if one.execute(query, {"key": who.key}).fetchall():
                    return True
    return False


def recognised(file: Path, who: Forgotten) -> dict[Key, str | None]:
    """The records of a mirror file that are forgotten, under the ids the CRM gives them, with what stands for those."""
    if not who or not _has_records(file):
        return {}
    with contextlib.closing(duckdb.connect()) as one:
        one.execute(f"ATTACH {quoted(file)} AS crm (READ_ONLY)")
        who.register(one)
        rows = one.execute("""
            SELECT p.object, p.record_id, f.alias FROM crm.record p
            JOIN forgotten f ON f.hash = sha256($key || ':' || p.object || ':' || p.record_id)""",
            {"key": who.key}).fetchall()  # fmt: skip
    return {(str(object), str(record_id)): alias for object, record_id, alias in rows}


def _has_records(file: Path) -> bool:
    with contextlib.closing(duckdb.connect()) as one:
        one.execute(f"ATTACH {quoted(file)} AS before (READ_ONLY)")
        return "record" in _tables(one)


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
