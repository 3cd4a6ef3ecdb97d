"""Which schema a database has, and bringing it forward by the numbered migrations.

Not here: the tables of this release and the door to them (database.py).
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def revision(connection: sa.Connection) -> str | None:
    """The schema a database has, "0007"; null where LeadPact has none in it."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def upgrade(connection: sa.Connection, to: str = "head") -> None:
    """Runs the migrations up to `to` in the transaction of this connection."""
    from alembic import command  # noqa: PLC0415 - half a second that every start would pay
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
