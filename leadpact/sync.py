"""Connector to store: reads a source, whole or what changed, and publishes a generation.

The generation that serves is never touched: a draft is filled beside it and takes its place
when it is complete. Whatever goes wrong before that leaves the old one serving, and the next
sync starts from it.

Not here: how a source is read (connectors), where generations lie (store.py), how spells and
journeys are built (derive.py, called through `prepare`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy.engine import Engine

from leadpact import absent, history, joined, observed, persons, rejected, told
from leadpact.connector import Connector, Extract, Page
from leadpact.errors import SourceRefused
from leadpact.joined import Adders, Joined
from leadpact.model import DUCKDB, RECORD, TABLES, Table, is_custom
from leadpact.privacy import tombstones
from leadpact.store import SPILL, Mirror, configure, scalar, write_info

Progress = Callable[[str, int], None]
# a commit for every page would spend most of the time flushing; one for all would hold all in memory
ROWS_A_COMMIT = 500_000
NEVER = datetime(9999, 1, 1)  # a source without history is complete from never on


@dataclass(frozen=True)
class SyncResult:
    """What a sync did.

    `counts` are the rows the generation holds, by canonical table; `added` what other
    connections added, by name.
    """

    connection: str
    mode: str
    generation: int
    counts: Mapping[str, int]
    api_calls: int
    seconds: float
    rejected: int
    noticed: int
    added: Mapping[str, Joined] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The document the command line promises."""
        names = ("connection", "mode", "generation", "counts", "api_calls", "seconds")
        return {name: value for name, value in asdict(self).items() if name in names}


def sync(
    connector: Connector,
    mirror: Mirror,
    engine: Engine,
    *,
    now: datetime,
    full: bool = False,
    adds: Adders | None = None,
    prepare: Callable[[Path, int], None] | None = None,
    progress: Progress | None = None,
    subjects: bool = True,
) -> SyncResult:
    """Publishes the next generation of this connection.

    `now` (UTC, naive) becomes the generation's `as_of`. `adds` open sources, by connection,
    whose activities are joined to these records (joined.py). `prepare` builds the derived files of
    the draft before it is published. `progress` hears each table's name and rows so far. Without
    `subjects` those of activities are not stored. Raises Busy when another sync runs, and whatever
    the connector raises; nothing is published then.
    """
    began = time.monotonic()
    with mirror.writer():
        base = mirror.current()
        before = mirror.info(base) if base is not None else {}
        delta = not full and base is not None and connector.can.incremental and before.get("mark") is not None
        extract = connector.extract(since=before["mark"] if delta else None)
        # a mark that leads nowhere (another mapping, a field of another type) is answered with everything
        delta = delta and not extract.complete
        partial = mirror.draft(base if delta else None)
        draft = duckdb.connect(str(partial))
        try:
            configure(draft, mirror.folder / SPILL)
            pages = map(tombstones.of(engine, mirror.folder.name).page, extract.pages)
            extract = replace(extract, pages=pages if subjects else map(_without_subjects, pages))
            calls = _load(draft, extract, progress)
            _settle(draft, extract)
            has_history = "field_change" in extract.provided
            previous = mirror.path(base) if base is not None else None
            if previous and extract.complete and extract.scope and extract.scope == before.get("scope"):
                absent.keep(draft, engine, mirror.folder.name, previous=previous, now=now)
            noticed = observed.lay_in(
                draft, engine, mirror.folder.name, now=now, has_history=has_history, previous=previous
            )
            persons.assign(draft)
            added = joined.lay_in(draft, adds or {}, previous)
            since = extract.history_since if has_history else NEVER
            logged, untracked = extract.creation_logged, extract.untracked
            history.complete(draft, creation_logged=logged, history_since=since, untracked=untracked)
            counts = {name: _count(draft, name) for name in TABLES}
            left_out = _count(draft, "reject")
            told = subjects or any(one.joined for one in added.values())
            info = {**_info(connector, extract, added, now), "latest": _latest(draft), "subjects": told}
            write_info(draft, info)
            mode = "delta" if delta else "full"
            generation = (base or 0) + 1
            run = [generation, mode, now, info["mark"], json.dumps(counts), calls]
            draft.execute("INSERT INTO sync_run VALUES (?, ?, ?, ?, ?, ?)", run)
            draft.execute("CHECKPOINT")
        finally:
            draft.close()
        if prepare is not None:
            prepare(partial, generation)
        mirror.publish(partial)
    seconds = round(time.monotonic() - began, 3)
    return SyncResult(mirror.folder.name, mode, generation, counts, calls, seconds, left_out, noticed, added)


def _info(connector: Connector, extract: Extract, added: Mapping[str, Joined], now: datetime) -> dict[str, Any]:
    # visits alone do not tell who was called: only a source of touches makes activities known
    told = {"activity"} if any(one.touches for one in added.values()) else set()
    return {
        "as_of": now.isoformat(),
        "source": connector.name,
        "provided": sorted(extract.provided | told),
        "adds": {name: asdict(one) for name, one in added.items()},
        "history_since": extract.history_since.isoformat() if extract.history_since else None,
        "creation_logged": extract.creation_logged,
        "mark": extract.mark(),
        "scope": extract.scope,
        "can": asdict(connector.can),
    }


def _latest(draft: duckdb.DuckDBPyConnection) -> str | None:
    """The last moment anything in the draft happened: reading as of later needs no cut."""
    last = scalar(
        draft,
        """
        SELECT max(last) FROM (
            SELECT max(created_at) AS last FROM record UNION ALL SELECT max("at") FROM field_change
            UNION ALL SELECT max("at") FROM activity UNION ALL SELECT max("at") FROM campaign_touch
            UNION ALL SELECT max(created_at) FROM opportunity
            UNION ALL SELECT max(closed_at) FROM opportunity WHERE is_closed OR is_won)""",
    )
    return last.isoformat() if last is not None else None


def _without_subjects(page: Page) -> Page:
    if page.table != "activity" or "subject" not in page.rows.column_names:
        return page
    place, nothing = page.rows.column_names.index("subject"), pa.nulls(page.rows.num_rows, pa.string())
    return replace(page, rows=page.rows.set_column(place, "subject", nothing))


def _load(draft: duckdb.DuckDBPyConnection, extract: Extract, progress: Progress | None) -> int:
    """Pages into tables, as they come; returns the calls the source counted."""
    for table in TABLES.values():
        columns = ", ".join(f'"{c.name}" {DUCKDB[c.kind]}' for c in (*table.columns, *table.computed))
        draft.execute(f"CREATE TABLE IF NOT EXISTS {table.name} ({columns})")
        for column in table.columns:  # the generation copied may be of an earlier release
            added = f'"{column.name}" {DUCKDB[column.kind]}'
            draft.execute(f"ALTER TABLE {table.name} ADD COLUMN IF NOT EXISTS {added}")
    draft.execute("""
        CREATE TABLE IF NOT EXISTS reject (source VARCHAR, line BIGINT, column_name VARCHAR, problem VARCHAR,
                                           params VARCHAR, raw VARCHAR, kept BOOLEAN);
        CREATE TABLE IF NOT EXISTS sync_run (generation BIGINT, mode VARCHAR, started_at TIMESTAMP,
                                             watermark VARCHAR, counts VARCHAR, calls BIGINT)""")
    told.begin(draft)
    if extract.complete:
        draft.execute("DELETE FROM reject")
    calls, done, open_rows = 0, dict.fromkeys(TABLES, 0), 0
    draft.execute("BEGIN TRANSACTION")
    for page in extract.pages:
        calls += page.calls
        _insert(draft, page, replace=not extract.complete)
        rejected.add(draft, page.rejects, known=not extract.complete)
        done[page.table] += page.rows.num_rows
        open_rows += page.rows.num_rows
        if open_rows >= ROWS_A_COMMIT:
            draft.execute("COMMIT")
            draft.execute("BEGIN TRANSACTION")
            open_rows = 0
        if progress is not None:
            progress(page.table, done[page.table])
    draft.execute("COMMIT")
    return calls


def _insert(draft: duckdb.DuckDBPyConnection, page: Page, *, replace: bool) -> None:
    table = TABLES[page.table]
    present = {row[0] for row in draft.execute(f"SELECT column_name FROM (DESCRIBE {table.name})").fetchall()}
    for name in page.rows.column_names:
        if name not in present:
            if not (table.custom and is_custom(name)):
                raise ValueError(f"the connector sent {name}, which {table.name} does not have")
            draft.execute(f'ALTER TABLE {table.name} ADD COLUMN "{name}" VARCHAR')
    (_take_away if replace else absent.leave_out)(draft, page)
    draft.register("page", page.rows)
    if page.once:
        draft.execute("INSERT INTO told_once BY NAME SELECT * FROM page")
    elif replace:
        same = " AND ".join(f'{table.name}."{key}" IS NOT DISTINCT FROM page."{key}"' for key in table.key)
        draft.execute(f"DELETE FROM {table.name} USING page WHERE {same}")
    if not page.once:
        draft.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM page")
    draft.unregister("page")
    for object, record_id in page.deleted:
        draft.execute("UPDATE record SET condition = 'deleted' WHERE object = ? AND record_id = ?", [object, record_id])


def _take_away(draft: duckdb.DuckDBPyConnection, page: Page) -> None:
    """What a delta says is not there any more; rows LeadPact itself has noticed stay."""
    table = TABLES[page.table]
    own = " AND evidence <> 'observed'" if table.name == "field_change" else ""
    if page.anew:
        draft.execute(f"DELETE FROM {table.name} WHERE true{own}")
    if page.gone is not None and page.gone.num_rows:
        draft.register("gone", page.gone)
        names = page.gone.column_names
        same = " AND ".join(f'{table.name}."{name}" IS NOT DISTINCT FROM gone."{name}"' for name in names)
        draft.execute(f"DELETE FROM {table.name} USING gone WHERE {same}{own}")
        draft.unregister("gone")


def _settle(draft: duckdb.DuckDBPyConnection, extract: Extract) -> None:
    """One row per key (the one read last), conditions filled, deleted records emptied.

    Raises SourceRefused when a full reading brought no record at all: an empty source would
    otherwise replace a good generation.
    """
    for table in TABLES.values():
        if "record_id" in table.key and table.name != "record":
            continue
        _last_of_each(draft, table)
    draft.execute("UPDATE record SET condition = 'active' WHERE condition IS NULL")
    emptied = ", ".join(f"{column.name} = NULL" for column in RECORD.columns if column.personal)
    draft.execute(f"UPDATE record SET {emptied} WHERE condition = 'deleted'")
    if _count(draft, "record") == 0 and extract.complete:
        raise SourceRefused("sync.no_records")


def _last_of_each(draft: duckdb.DuckDBPyConnection, table: Table) -> None:
    key = ", ".join(f'"{name}"' for name in table.key)
    # a key may be partly empty (a value of every record type); a wholly empty one is none
    filled = "(" + " OR ".join(f'"{name}" IS NOT NULL' for name in table.key) + ")"
    draft.execute(f"""
        DELETE FROM {table.name} WHERE {filled} AND rowid NOT IN (
            SELECT max(rowid) FROM {table.name} WHERE {filled} GROUP BY {key})
        AND EXISTS (SELECT 1 FROM {table.name} WHERE {filled} GROUP BY {key} HAVING count(*) > 1)""")


def _count(draft: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(scalar(draft, f"SELECT count(*) FROM {table}"))
