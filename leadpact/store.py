"""The mirror of one connection: publish a generation, open it for reading.

A generation is a DuckDB file that never changes once published. `CURRENT` names the one that
serves and is replaced atomically, so that a crash at any moment leaves the old one serving
and a reader sees a whole generation or the one before. One writer at a time.

Not here: what is written into a generation (sync.py), spells and journeys (derive.py).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

from leadpact.errors import Busy, Misconfigured, NoMirror

CURRENT = "CURRENT"
SPILL = "spill"  # folder of a mirror in which DuckDB puts aside what does not fit in memory
_SPILLED = re.compile(r"duckdb_temp_(\d+)_")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
MEMORY_LIMIT = os.environ.get("LEADPACT_MEMORY_LIMIT", "900MB")
KEPT_GENERATIONS = 2
KEPT_DERIVED = 3
DERIVED_FORM = 4  # counts up when derived tables change their form: files of an earlier one are built anew


def quoted(path: Path) -> str:
    """The path as an SQL literal: ATTACH takes no parameters."""
    return "'" + str(path).replace("'", "''") + "'"


def configure(connection: duckdb.DuckDBPyConnection, spill: Path) -> None:
    """The house's limits: memory, two threads' worth of work, and nothing from the network."""
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    connection.execute(f"SET temp_directory = {quoted(spill)}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET TimeZone = 'UTC'")


@dataclass(frozen=True)
class Mirror:
    """The folder of one connection under LEADPACT_HOME. `keep` is how many generations stay when one is published."""

    folder: Path
    keep: int = KEPT_GENERATIONS

    @staticmethod
    def of(home: Path, connection: str) -> Mirror:
        """Raises Misconfigured for a name that could leave its own folder."""
        if not NAME.fullmatch(connection):
            raise Misconfigured("store.bad_name", name=connection)
        return Mirror(home / connection)

    def current(self) -> int | None:
        """The number of the generation that serves; null before the first sync."""
        try:
            text = (self.folder / CURRENT).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        return int(text)

    def path(self, generation: int) -> Path:
        return self.folder / f"crm-{generation}.duckdb"

    def derived_path(self, generation: int, journey_hash: str) -> Path:
        return self.folder / f"derived-{generation}-{journey_hash}-{DERIVED_FORM}.duckdb"

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        """Holds the writer's lock. Raises Busy at once when another process holds it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / "writer.lock", timeout=0)
        try:
            with lock:
                yield
        except Timeout:
            raise Busy("store.busy", connection=self.folder.name) from None

    def draft(self, base: int | None) -> Path:
        """A file for the next generation: a copy of `base`, or none yet. Leftovers of a crash go."""
        for leftover in (*self.folder.glob("*.partial*"), *_spilled_by_the_dead(self.folder / SPILL)):
            leftover.unlink(missing_ok=True)
        partial = self.folder / f"crm-{(self.current() or 0) + 1}.duckdb.partial"
        if base is not None:
            with self.path(base).open("rb") as source, partial.open("wb") as target:
                while block := source.read(1 << 24):
                    target.write(block)
        return partial

    def publish(self, partial: Path) -> int:
        """Makes the draft the generation that serves, in one atomic replace of CURRENT."""
        generation = (self.current() or 0) + 1
        _flush(partial)
        partial.rename(self.path(generation))
        pointer = self.folder / f"{CURRENT}.partial"
        pointer.write_text(str(generation), encoding="ascii")
        _flush(pointer)
        pointer.replace(self.folder / CURRENT)
        _flush(self.folder)
        self._prune(generation)
        return generation

    def _prune(self, generation: int) -> None:
        """Old generations go; a reader that has one open keeps it until it lets go."""
        for path in self.folder.glob("*.duckdb"):
            found = re.match(r"(?:crm|derived)-(\d+)", path.name)
            if found and int(found[1]) <= generation - self.keep:
                path.unlink(missing_ok=True)

    def keep_derived(self, generation: int, newest: Path) -> None:
        """Keeps the derived files of a generation to the last three used."""
        found = [p for p in self.folder.glob(f"derived-{generation}-*.duckdb") if p != newest]
        found.sort(key=lambda p: p.stat().st_mtime, reverse=True)
        for path in found[KEPT_DERIVED - 1 :]:
            path.unlink(missing_ok=True)

    def open(self, generation: int | None = None, derived: Path | None = None) -> duckdb.DuckDBPyConnection:
        """A read-only connection of this thread's own, with the mirror as `crm`.

        With `derived`, that file is attached as `derived`. Raises NoMirror before the first
        sync. Connections to one generation share one DuckDB instance (a cursor each).
        """
        number = generation if generation is not None else self.current()
        if number is None:
            raise NoMirror("store.no_mirror", connection=self.folder.name)
        return _instance(self.path(number), derived).cursor()

    def info(self, generation: int | None = None) -> Mapping[str, Any]:
        """What the generation says of itself: as_of, provided tables, capabilities, mark."""
        with contextlib.closing(self.open(generation)) as connection:
            return read_info(connection, "crm.info")


_instances: dict[tuple[Any, ...], duckdb.DuckDBPyConnection] = {}
_guard = threading.Lock()
_MOST_INSTANCES = 8


def _instance(path: Path, derived: Path | None) -> duckdb.DuckDBPyConnection:
    with _guard:
        # a mirror that was deleted and read anew has the same names and other files
        key = tuple((one, *file_state(one)) for one in (path, derived) if one is not None)
        if any(one[1] == 0 for one in key):
            raise FileNotFoundError(str(path))
        if key in _instances:
            _instances[key] = _instances.pop(key)  # the one used longest ago goes first
            return _instances[key]
        connection = duckdb.connect()
        configure(connection, path.parent / SPILL)
        connection.execute(f"ATTACH {quoted(path)} AS crm (READ_ONLY)")
        if derived is not None:
            connection.execute(f"ATTACH {quoted(derived)} AS derived (READ_ONLY)")
        gone = [known for known in _instances if any(file_state(one[0]) != one[1:] for one in known)]
        for known in gone:  # their disk space comes free; cursors still in use keep their instance alive
            del _instances[known]
        while len(_instances) >= _MOST_INSTANCES:
            _instances.pop(next(iter(_instances)))
        _instances[key] = connection
        return connection


def _spilled_by_the_dead(folder: Path) -> Iterator[Path]:
    """What processes that were killed had put aside on disk: DuckDB removes its own, and names them by process."""
    for path in folder.glob("duckdb_temp_*"):
        found = _SPILLED.match(path.name)
        if found and not _lives(int(found[1])):
            yield path


def _lives(process: int) -> bool:
    """Whether a process of this machine runs; where that cannot be asked without harm, as if it did."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def file_state(path: Path) -> tuple[int, int]:
    """Inode and time of change; zeros for a file that is gone."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns


def scalar(connection: duckdb.DuckDBPyConnection, query: str, parameters: Any = None) -> Any:
    """The first value of the first row, the result read to its end; null for no row."""
    rows = connection.execute(query, parameters).fetchall()
    return rows[0][0] if rows else None


def write_info(connection: duckdb.DuckDBPyConnection, info: Mapping[str, Any]) -> None:
    connection.execute("CREATE OR REPLACE TABLE info (document VARCHAR)")
    connection.execute("INSERT INTO info VALUES (?)", [json.dumps(info, sort_keys=True)])


def read_info(connection: duckdb.DuckDBPyConnection, table: str = "info") -> Mapping[str, Any]:
    row = connection.execute(f"SELECT document FROM {table}").fetchone()
    found: Mapping[str, Any] = json.loads(row[0]) if row else {}
    return found


def _flush(path: Path) -> None:
    """What was written to this file or folder survives a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
