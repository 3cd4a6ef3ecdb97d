"""The one door an analysis enters by: a home, a connection, a pact and a moment.

The command line and every page open an Analysis here; nothing else opens the store for
reading or decides which pact computes.

Not here: settings and secrets (settings.py), what is computed (metrics, audit).
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import ibis
from sqlalchemy.engine import Engine

from config import lines, versions
from config.database import open_database
from config.document import default
from config.propose import propose
from config.schema import Pact
from config.versions import FIRST
from leadpact import logs
from leadpact.audit.classifier.own import NO_WORDS, OwnWords, own_words
from leadpact.connector import Connector
from leadpact.derive import build, canonical, ensure
from leadpact.derive import derived as derived_tables
from leadpact.engine import Ibis
from leadpact.errors import Misconfigured, NoMirror
from leadpact.joined import Adders
from leadpact.mapping.codec import loads
from leadpact.mapping.document import MappingDocument
from leadpact.pact_in_use import PactInUse, computing
from leadpact.settings import mapping_of
from leadpact.store import CURRENT, Mirror, quoted, read_info
from leadpact.sync import Progress, SyncResult, sync
from leadpact.tables import OF_OWNER, OF_PEOPLE, OF_TIME, PEOPLE, Kept, Table, Tables, later


@dataclass(frozen=True)
class Analysis:
    """Everything a metric or a rule is computed from; `tables` belong to the calling thread."""

    connection: str
    generation: int
    synced_at: datetime
    as_of: datetime
    used: PactInUse
    tables: Tables
    info: Mapping[str, Any]
    conditions: Mapping[str, str]
    labels: Callable[[], Mapping[str, Collection[str]]] = dict  # what the source calls each column; read when asked
    words: OwnWords = NO_WORDS  # the company's own lexicon files

    @property
    def pact(self) -> Pact:
        return self.used.pact

    @property
    def cache_key(self) -> tuple[Any, ...]:
        """What a result depends on, apart from its own scope."""
        where = tuple(sorted(self.conditions.items()))
        used = (self.pact.hash, self.used.version, self.used.in_force, self.used.reviewed_at)
        return (self.connection, self.generation, used, self.as_of, where, self.tables.clocked, self.words.files)

    def between(self, start: date | None, end: date | None) -> Analysis:
        """The same with only the SLA clocks that started on days `[start, end)` of the pact's zone.

        Raises Misconfigured for a range that ends before it starts.
        """
        if start is not None and end is not None and start >= end:
            raise Misconfigured("funnel.bad_range", start=start.isoformat(), end=end.isoformat())
        return replace(self, tables=replace(self.tables, clocked=(start, end)))


@dataclass(frozen=True)
class Workspace:
    """LEADPACT_HOME: mirrors beside the database of what must never be lost.

    `pact_name` chooses among several pacts, by slug or name; null is the first one.
    """

    home: Path
    pact_name: str | None = None

    @cached_property
    def database(self) -> Engine:
        return open_database(self.home, os.environ.get("DATABASE_URL"))

    def mirror(self, connection: str) -> Mirror:
        return Mirror.of(self.home, connection)

    def synced(self) -> list[str]:
        """The connections that have a generation to read, the one synced last first."""
        found = sorted(self.home.glob(f"*/{CURRENT}"), key=lambda path: path.stat().st_mtime, reverse=True)
        return [path.parent.name for path in found]

    def named(self, pact_name: str | None) -> Workspace:
        """The same home under another of its pacts; its database is opened once."""
        one = replace(self, pact_name=pact_name)
        one.__dict__["database"] = self.database
        return one

    @property
    def line(self) -> str:
        """Which of the company's pacts computes. Raises LeadPactError where none has that name."""
        if self.pact_name in (None, FIRST):
            known = [one.slug for one in lines.every(self.database)] if self.pact_name is None else [FIRST]
            return FIRST if FIRST in known or not known else known[0]
        return lines.find(self.database, str(self.pact_name)).slug

    def pact_in_use(self, connection: str, file: Path | None = None) -> PactInUse:
        """The version in force; else the newest draft; else the default with a proposed map.

        `file` is a mirror file to propose from, instead of the generation that serves.
        """
        line = self.line
        found = computing(versions.history(self.database, line))
        return found or PactInUse(self.proposed(connection, "en", file), None, False, line=line)

    def pacts_in_use(self, connection: str, file: Path | None = None) -> list[PactInUse]:
        """What computes of every pact of the company; the one of the connection's values where there is none."""
        found = [computing(line.versions) for line in lines.every(self.database)]
        return [one for one in found if one is not None] or [self.pact_in_use(connection, file)]

    def proposed(self, connection: str, language: str, file: Path | None = None) -> Pact:
        """The default pact of a language, with a map proposed from the CRM's own values."""
        mirror = self.mirror(connection)
        generation = mirror.current()
        if file is None and generation is None:
            return default(language)
        return propose(default(language), status_values(file or mirror.path(generation or 0)))

    def sync(
        self,
        connector: Connector,
        name: str,
        *,
        now: datetime,
        full: bool = False,
        adds: Adders | None = None,
        progress: Progress | None = None,
        secrets: Path | None = None,
        subjects: bool = True,
    ) -> SyncResult:
        """Reads a connection into its next generation, with spells and journeys ready to read.

        `adds` open the connections that add activities to it (settings.adders), by name; without `subjects`
        those of activities are not stored. The file `secrets` says how long people are kept. Raises
        Misconfigured where it says no number.
        """
        from leadpact.privacy import forget, retention  # noqa: PLC0415 - every page opens a workspace, syncs are few

        kept = retention.of(secrets)
        mirror = replace(self.mirror(name), keep=kept.generations)
        forget.resume(self, now, name)  # what a crash left to erase is erased before anything is copied
        build_all = self.prepared(name, progress)

        def prepare(partial: Path, generation: int) -> None:
            build_all(partial, generation)
            hashes = {one.pact.journey_hash for one in self.pacts_in_use(name, partial)}
            derived = [mirror.derived_path(generation, hash) for hash in sorted(hashes)]
            if retention.before_publishing(self, name, partial, derived, kept, now):
                build_all(partial, generation)

        done = sync(connector, mirror, self.database, now=now, full=full, adds=adds, prepare=prepare,
                    progress=progress, subjects=subjects)  # fmt: skip
        logs.event("sync", connection=name, mode=done.mode, generation=done.generation, counts=dict(done.counts),
                   calls=done.api_calls, rejected=done.rejected, seconds=done.seconds)  # fmt: skip
        return done

    def prepared(self, name: str, progress: Progress | None = None) -> Callable[[Path, int], None]:
        """What builds the derived tables of a generation before it is published, for every pact of the company."""
        mirror = self.mirror(name)

        def prepare(partial: Path, generation: int) -> None:
            if progress is not None:
                progress("journey", 0)
            for pact in {one.pact.journey_hash: one.pact for one in self.pacts_in_use(name, partial)}.values():
                build(partial, mirror.derived_path(generation, pact.journey_hash), pact)

        return prepare

    def analyse(
        self,
        connection: str,
        *,
        pact: PactInUse | None = None,
        as_of: datetime | None = None,
        where: Mapping[str, str] | None = None,
        generation: int | None = None,
    ) -> Analysis:
        """Opens the generation that serves, or this one while it is kept, for this thread.

        `as_of` defaults to the moment its sync began reading. Raises NoMirror before the
        first sync, Misconfigured for a field in `where` that the records do not have.
        """
        mirror = self.mirror(connection)
        while True:
            current = mirror.current()
            if current is None:
                raise NoMirror("store.no_mirror", connection=connection)
            number = current if generation is None else generation
            try:
                return self._opened(mirror, number, pact or self.pact_in_use(connection), as_of, where or {})
            except (FileNotFoundError, duckdb.IOException):
                if number == mirror.current() and mirror.path(number).exists():
                    raise
                generation = None  # syncs have published meanwhile and this one is gone: what serves now

    def _opened(
        self, mirror: Mirror, generation: int, used: PactInUse, as_of: datetime | None, where: Mapping[str, str]
    ) -> Analysis:
        connection = mirror.folder.name
        derived = ensure(mirror, generation, used.pact)
        opened = mirror.open(generation, derived)
        info = read_info(opened, "crm.info")
        synced_at = datetime.fromisoformat(info["as_of"])
        backend = Ibis.from_connection(opened)
        tables = Tables(
            **canonical(backend, "crm", file=mirror.path(generation)),
            **derived_tables(backend, "derived", file=derived),
            provided=frozenset(info["provided"]),
            history=_history(backend, info),
            subjects=info.get("subjects", True) is True,
        )
        moment = as_of or synced_at
        latest = info.get("latest")
        known = {*tables.record.columns, *OF_OWNER}
        if not known.issuperset(where):
            raise Misconfigured("workspace.no_field", fields=", ".join(where))
        if latest is None or moment < datetime.fromisoformat(latest):
            tables = _at(tables, moment, backend, "{}_then" if where else "{}")
        if where:
            tables = _of(tables, where, backend)
        tables = replace(tables, kept=Kept(backend.later, tables, {}))
        labels = functools.partial(self.labels, connection)
        return Analysis(
            connection,
            generation,
            synced_at,
            moment,
            used,
            tables,
            info,
            dict(where),
            labels,
            own_words(self.home),
        )

    def labels(self, connection: str) -> dict[str, list[str]]:
        """What the source calls each column of a record, where the confirmed mapping says so."""
        document = mapping_of(self.database, connection)
        found: dict[str, list[str]] = {}
        mapped = loads(document) if document else MappingDocument()
        for entry in mapped.tables:
            if entry.target.dated:
                for column, header in (*entry.fields.items(), *entry.custom.items()):
                    found.setdefault(column, []).extend([mapped.shown(header)] if header else [])
        return found


def _at(tables: Tables, moment: datetime, backend: Ibis, names: str) -> Tables:
    """As `tables.at`, each table a view of a name that is the same for every moment."""

    def view(name: str, schema: ibis.Schema, make: Callable[[], Table]) -> Table:
        return backend.later(names.format(name), schema, make, view=True)

    return later(tables, OF_TIME, lambda: tables.at(moment), view)


def _of(tables: Tables, where: Mapping[str, str], backend: Ibis) -> Tables:
    """As `tables.where`, the rows of few people copied once into tables whose names are the same for all."""

    def people(name: str, table: Table) -> Table:
        return backend.later(name, table.schema(), lambda: table)

    def rows(name: str, schema: ibis.Schema, make: Callable[[], Table]) -> Table:
        return backend.later(name, schema, make, PEOPLE)

    return later(tables, OF_PEOPLE, lambda: tables.where(where, people), rows)


def _history(backend: ibis.BaseBackend, info: Mapping[str, Any]) -> str:
    if "field_change" in info["provided"]:
        return "source"
    change: Table = backend.table("field_change", database=("crm", "main"))
    observed = change.filter(change.evidence == "observed").limit(1).count().execute()
    return "observed" if observed else "none"


def status_values(file: Path) -> dict[str, list[str]]:
    """Every status value a mirror file lists, holds or has held, by object; most held first."""
    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute(f"ATTACH {quoted(file)} AS crm (READ_ONLY)")
        rows = connection.execute("""
            SELECT object, value, sum(n) AS n FROM (
                SELECT object, status AS value, count(*) AS n FROM crm.record GROUP BY ALL
                UNION ALL SELECT object, to_value, 0 FROM crm.field_change WHERE field = 'status' GROUP BY ALL
                UNION ALL SELECT object, from_value, 0 FROM crm.field_change WHERE field = 'status' GROUP BY ALL
                UNION ALL SELECT object, value, 0 FROM crm.status_value)
            WHERE value IS NOT NULL GROUP BY object, value ORDER BY object, n DESC, value""").fetchall()
    found: dict[str, list[str]] = {}
    for object, value, _ in rows:
        found.setdefault(object, []).append(value)
    return found
