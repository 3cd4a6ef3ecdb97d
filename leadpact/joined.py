"""Behaviours from elsewhere: activities another source gives are joined to the records of a CRM.

Web visits and e-mail opens often live in the marketing tool. A `files` connection with the
setting `adds_to` gives them; they are read with every sync of the CRM, whole, and take the place
of those read before. The record is named by its id or by its e-mail address.

What cannot be joined without guessing is left out and counted: nobody has the address, or
several people share it. A source out of reach keeps what it gave last.

Not here: reading the files (connectors), the records themselves (sync.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from leadpact import rejected
from leadpact.connector import Connector, Extract, Reject
from leadpact.errors import LeadPactError
from leadpact.model import ACTIVITY, TOUCH_KINDS
from leadpact.store import quoted, scalar

Adders = Mapping[str, Callable[[], Connector]]  # opened when read: one that cannot be is one of its faults

NOBODY, SEVERAL, KEPT = "joined.nobody", "joined.several", "joined.kept"


@dataclass(frozen=True)
class Joined:
    """What one source added: `rows` it gave, `joined` of them to a record; the others name
    `nobody` known, or an address `several` people have. `kept`: it could not be read, and its
    rows are those of the generation before. `touches`: calls, e-mails, meetings or messages by
    people are among them."""

    rows: int
    joined: int
    nobody: int
    several: int
    touches: bool
    kept: bool = False


def lay_in(draft: duckdb.DuckDBPyConnection, sources: Adders, previous: Path | None) -> dict[str, Joined]:
    """Replaces in `draft` the activities of each source by what it gives now; records and persons are there.

    `previous` is the mirror file of the generation that serves, null for the first one. Faults
    are listed among the rows that could not be read; none stops the sync.
    """
    found = {}
    for name, connect in sources.items():
        draft.execute("DELETE FROM activity WHERE starts_with(activity_id, ?)", [_prefix(name)])
        draft.execute("DELETE FROM reject WHERE starts_with(source, ?)", [_prefix(name)])
        try:
            _read(draft, name, connect().extract())
        except LeadPactError as error:
            _again(draft, name, previous)
            found[name] = Joined(0, _held(draft, name), 0, 0, _touches(draft, name), kept=True)
            rejected.add(draft, [_fault(name, KEPT, count=found[name].joined, reason=str(error.key))])
            continue
        one = found[name] = _join(draft, name)
        counts = {NOBODY: one.nobody, SEVERAL: one.several}
        rejected.add(draft, [_fault(name, problem, count=rows) for problem, rows in counts.items() if rows])
    return found


def _fault(name: str, problem: str, **params: Any) -> Reject:
    return Reject(_prefix(name), None, None, problem, {"source": name, **params})


def _prefix(name: str) -> str:
    """What the ids of a source's activities begin with in the mirror: they are told apart by it."""
    return f"{name}:"


def _read(draft: duckdb.DuckDBPyConnection, name: str, extract: Extract) -> None:
    """The source's activities as they come, numbered, in `given`; what it cannot read is listed."""
    draft.register("none_given", ACTIVITY.empty())
    draft.execute("CREATE OR REPLACE TEMP TABLE given AS SELECT * FROM none_given")
    draft.unregister("none_given")
    for page in extract.pages:
        rejected.add(draft, [replace(one, source=f"{_prefix(name)} {one.source}") for one in page.rejects])
        if page.table == ACTIVITY.name:
            draft.register("page", page.rows)
            draft.execute("INSERT INTO given BY NAME SELECT * FROM page")
            draft.unregister("page")


def _join(draft: duckdb.DuckDBPyConnection, name: str) -> Joined:
    """`given` into `activity`, each row with one record: of its id, else of the one person with its address."""
    draft.execute(_PREPARED, [_prefix(name)])
    draft.execute(_MATCHED)
    draft.execute(f"INSERT INTO activity BY NAME SELECT {_COLUMNS} FROM matched")
    rows, joined, several = (
        int(scalar(draft, query))
        for query in (
            "SELECT count(*) FROM prepared",
            "SELECT count(*) FROM matched",
            "SELECT count(*) FROM prepared SEMI JOIN shared USING (address) ANTI JOIN matched USING (activity_id)",
        )
    )
    return Joined(rows, joined, rows - joined - several, several, _touches(draft, name))


# the same row twice in a file is two activities: a number tells them apart, whatever the order of rows
_PREPARED = """
    CREATE OR REPLACE TEMP TABLE prepared AS
    WITH marked AS (
        SELECT *, md5(CAST(ROW(record_id, kind, direction, "at", completed, automated, outcome, actor_id, subject)
                           AS VARCHAR)) AS content
        FROM given WHERE record_id IS NOT NULL),
    numbered AS (SELECT *, row_number() OVER (PARTITION BY content) AS again FROM marked)
    SELECT * EXCLUDE (content, again) REPLACE (? || coalesce(activity_id, content || '-' || again) AS activity_id),
           lower(trim(record_id)) AS address
    FROM numbered
    QUALIFY row_number() OVER (
        PARTITION BY coalesce(activity_id, content || '-' || again) ORDER BY "at" DESC NULLS LAST) = 1"""

_MATCHED = """
    CREATE OR REPLACE TEMP TABLE addressed AS
    SELECT lower(trim(email)) AS address, object, record_id, person_id, converted_at, created_at
    FROM record WHERE email IS NOT NULL AND trim(email) <> '' AND condition <> 'deleted' AND merged_into IS NULL;
    CREATE OR REPLACE TEMP TABLE shared AS
    SELECT address FROM addressed GROUP BY address HAVING count(DISTINCT person_id) > 1;
    CREATE OR REPLACE TEMP TABLE matched AS
    WITH by_id AS (
        SELECT p.activity_id, r.object, r.record_id
        FROM prepared p JOIN record r ON r.record_id = p.record_id
        QUALIFY row_number() OVER (PARTITION BY p.activity_id ORDER BY r.object = p.object DESC, r.object) = 1),
    by_address AS (
        SELECT p.activity_id, a.object, a.record_id
        FROM prepared p JOIN addressed a USING (address) ANTI JOIN shared USING (address)
        ANTI JOIN by_id ON by_id.activity_id = p.activity_id
        QUALIFY row_number() OVER (
            PARTITION BY p.activity_id
            ORDER BY CASE WHEN a.object = 'lead' AND (a.converted_at IS NULL OR p."at" < a.converted_at) THEN 0
                          WHEN a.object = 'contact' THEN 1 ELSE 2 END,
                     a.created_at DESC NULLS LAST, a.record_id) = 1),
    owner_of AS (SELECT * FROM by_id UNION ALL SELECT * FROM by_address)
    SELECT p.* REPLACE (o.object AS object, o.record_id AS record_id)
    FROM prepared p JOIN owner_of o ON o.activity_id = p.activity_id"""

_COLUMNS = ", ".join(f'"{column.name}"' for column in ACTIVITY.columns)


def _again(draft: duckdb.DuckDBPyConnection, name: str, previous: Path | None) -> None:
    """What the source gave last, out of the generation that serves, for records that are still there."""
    if previous is None:
        return
    draft.execute(f"ATTACH {quoted(previous)} AS before (READ_ONLY)")
    draft.execute(
        f"""INSERT INTO activity BY NAME SELECT {_COLUMNS} FROM before.activity SEMI JOIN record
            USING (object, record_id) WHERE starts_with(activity_id, ?)""",
        [_prefix(name)],
    )
    draft.execute("DETACH before")


def _held(draft: duckdb.DuckDBPyConnection, name: str) -> int:
    return int(scalar(draft, "SELECT count(*) FROM activity WHERE starts_with(activity_id, ?)", [_prefix(name)]))


def _touches(draft: duckdb.DuckDBPyConnection, name: str) -> bool:
    query = """
        SELECT count(*) > 0 FROM activity
        WHERE starts_with(activity_id, ?) AND list_contains(?, kind) AND NOT coalesce(automated, false)"""
    return bool(scalar(draft, query, [_prefix(name), list(TOUCH_KINDS)]))
