"""What must never be lost: the tables of `pact.db`, and the one way to open it.

SQLite in WAL mode under LEADPACT_HOME by default, any SQLAlchemy URL by `DATABASE_URL`.
Migrations are numbered, run in one transaction each by Alembic, and recorded in it.

Not here: what the rows mean (versions.py; leadpact/observed.py; leadpact/audit), the disposable mirror
(leadpact/store.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.engine import Engine

from config.errors import LeadPactError
from config.migrating import revision, upgrade

HEAD = "0018"
FILE = "pact.db"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

pact_version = Table(
    "pact_version",
    metadata,
    Column("line", String(63), primary_key=True),  # which of the company's pacts
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False, index=True),
    Column("parent", Integer),
    Column("author", String(320), nullable=False),
    Column("message", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
    ForeignKeyConstraint(["line", "parent"], ["pact_version.line", "pact_version.number"]),
)

signature = Table(
    "signature",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("line", String(63), nullable=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False, index=True),
    Column("email", String(320), nullable=False),
    Column("who", String(320), nullable=False),  # what the address is compared by (people.py)
    Column("turn", Integer, nullable=False),  # 0, and one more for each time it was withdrawn and signed again
    Column("team", String(16), nullable=False),
    Column("door", String(16), nullable=False),  # "cli" or "app": the record says who was trusted
    Column("signed_at", DateTime, nullable=False),
    UniqueConstraint("line", "number", "who", "turn", name="uq_signature_once"),
    ForeignKeyConstraint(["line", "number"], ["pact_version.line", "pact_version.number"]),
)

connection_setting = Table(
    "connection_setting",
    metadata,
    Column("connection", String(80), primary_key=True),
    Column("document", Text, nullable=False),  # JSON, never a secret
    Column("changed_at", DateTime, nullable=False),
)

connection_writing = Table(
    "connection_writing",
    metadata,
    Column("connection", String(80), primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("target", String(64), nullable=False),  # which CRM it was decided for, as a hash; never a secret
    Column("actor", String(320), nullable=False),
    Column("door", String(16), nullable=False),
    Column("at", DateTime, nullable=False),
)

mapping = Table(
    "mapping",
    metadata,
    Column("connection", String(80), primary_key=True),
    Column("document", Text, nullable=False),
    Column("confirmed_at", DateTime, nullable=False),
)

observed_status = Table(
    "observed_status",
    metadata,
    Column("connection", String(80), primary_key=True),
    Column("object", String(16), primary_key=True),
    Column("record_id", String(255), primary_key=True),
    Column("value", Text),
    Column("seen_at", DateTime, nullable=False),
)

observed_change = Table(
    "observed_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("connection", String(80), nullable=False, index=True),
    Column("object", String(16), nullable=False),
    Column("record_id", String(255), nullable=False),
    Column("field", String(80), nullable=False),
    Column("from_value", Text),
    Column("to_value", Text),
    Column("at", DateTime, nullable=False),
    Column("evidence", String(16)),  # null: observed; else what the source told, and tells only once
    Column("actor_id", String(255)),
)

value_map = Table(
    "value_map",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("connection", String(80), nullable=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("pact_hash", String(64), nullable=False),
    Column("author", String(320), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("connection", "number"),
)

audit_trail = Table(
    "audit_trail",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("actor", String(320), nullable=False),
    Column("action", String(80), nullable=False),
    Column("detail", Text, nullable=False),
)


finding_suppression = Table(
    "finding_suppression",
    metadata,
    Column("connection", String(80), primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("code", String(16), nullable=False),
    Column("object", String(16)),
    Column("value", Text),
    Column("record_type", Text),
    Column("reason", Text, nullable=False),
    Column("author", String(320), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("until", Date, nullable=False),  # the last day it holds, in the pact's zone
)

audit_run = Table(
    "audit_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("connection", String(80), nullable=False),
    Column("line", String(255), nullable=False),  # the pact of the home: ""; a pact file by its name
    Column("generation", Integer, nullable=False),
    Column("as_of", DateTime, nullable=False),
    Column("pact_version", Integer),
    Column("pact_hash", String(64), nullable=False),
    Column("in_force", Boolean, nullable=False),
    Column("ran_at", DateTime, nullable=False),
    Column("rules", Text, nullable=False),  # JSON: the codes checked, and those that could not be
    UniqueConstraint("connection", "line", "generation", "as_of", "pact_hash", "in_force", name="uq_audit_run_once"),
)

finding_seen = Table(
    "finding_seen",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("connection", String(80), nullable=False),
    Column("line", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("code", String(16), nullable=False),
    Column("object", String(16)),
    Column("value", Text),
    Column("record_type", Text),
    Column("first_seen", DateTime, nullable=False),
    Column("last_seen", DateTime, nullable=False),
    UniqueConstraint("connection", "line", "fingerprint"),
)

run_finding = Table(
    "run_finding",
    metadata,
    Column("run_id", Integer, ForeignKey("audit_run.id"), primary_key=True),
    Column("finding_id", Integer, ForeignKey("finding_seen.id"), primary_key=True, index=True),
    Column("severity", String(16), nullable=False),
    Column("records", Integer, nullable=False),
)


def open_database(home: Path, url: str | None = None) -> Engine:
    """The engine of what must never be lost, migrated to this release's schema.

    `url` is DATABASE_URL where the company has one. Raises LeadPactError when the database
    cannot be opened, its driver is not installed, or it was written by a newer release.
    """
    engine = engine_of(home, url)
    try:
        _migrate(engine)
    except sa.exc.OperationalError as error:
        raise unavailable(engine) from error
    return engine


def engine_of(home: Path, url: str | None = None) -> Engine:
    """The engine of the same database as it is, of whatever release; nothing is read or migrated yet.

    Raises LeadPactError where its driver is not installed.
    """
    if url is None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)  # people's data: nobody else on the machine looks in
        url = f"sqlite:///{home / FILE}"
    try:
        engine = sa.create_engine(driven(url))
    except (ImportError, sa.exc.ArgumentError) as error:
        raise LeadPactError("database.no_driver") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def unavailable(engine: Engine) -> LeadPactError:
    """What is said of a database that cannot be opened; never its password."""
    return LeadPactError("database.unavailable", place=engine.url.render_as_string(hide_password=True))


def driven(url: str) -> str:
    """The URL with the driver LeadPact is tested with, where a Postgres one names none."""
    scheme, mark, rest = url.partition("://")
    return f"postgresql+psycopg{mark}{rest}" if scheme in ("postgres", "postgresql") else url


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # the driver would start transactions only before DML; we begin ours, so that DDL is inside too
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    """Brings the schema to HEAD; does nothing, and imports nothing, where it is there."""
    with engine.begin() as connection:
        version = revision(connection)
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        raise LeadPactError("database.newer", found=version, known=HEAD)
    with engine.begin() as connection:
        upgrade(connection)
