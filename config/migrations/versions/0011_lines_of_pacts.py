"""Several pacts side by side, each with its own versions; signatures on a version, withdrawals, votes."""

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from config.errors import LeadPactError
from config.people import person

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FIRST = "main"
ONLY_ADDED_TO = ("pact_version", "signature", "signature_withdrawal", "pact_vote")


def upgrade() -> None:
    connection = op.get_bind()
    versions, signatures = (
        [dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY {key}").mappings()]  # noqa: S608
        for name, key in (("pact_version", "number"), ("signature", "id"))
    )
    for table in ("signature", "pact_version"):
        op.drop_table(table)
    _make()
    began = min((_moment(one["created_at"]) for one in versions), default=datetime(2026, 1, 1))
    connection.execute(_table("pact_line").insert().values(slug=FIRST, author="", created_at=began))
    for one in versions:
        row = {**one, "line": FIRST, "created_at": _moment(one["created_at"])}
        connection.execute(_table("pact_version").insert().values(row))
    turns: Counter[tuple[int, str]] = Counter()
    for one in signatures:
        for version in versions:  # until now a signature was on a hash, and so on every version with it
            if version["hash"] == one["hash"]:
                key = (version["number"], _person(one["email"]))
                row = {name: one[name] for name in ("hash", "email", "team", "door")}
                row |= {"line": FIRST, "number": key[0], "who": key[1], "turn": turns[key]}
                connection.execute(_table("signature").insert().values(**row, signed_at=_moment(one["signed_at"])))
                turns[key] += 1
    for name in ONLY_ADDED_TO:
        _only_added_to(name)


def _make() -> None:
    op.create_table(
        "pact_line",
        sa.Column("slug", sa.String(63), primary_key=True),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("retired_by", sa.String(320)),
        sa.Column("retired_at", sa.DateTime),
    )
    op.create_table(
        "pact_version",
        sa.Column("line", sa.String(63), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("parent", sa.Integer),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["line", "parent"], ["pact_version.line", "pact_version.number"], name="fk_pact_version_line"
        ),
    )
    op.create_index("ix_pact_version_hash", "pact_version", ["hash"])
    op.create_table(
        "signature",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("line", sa.String(63), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("who", sa.String(320), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("team", sa.String(16), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("signed_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("line", "number", "who", "turn", name="uq_signature_once"),
        sa.ForeignKeyConstraint(
            ["line", "number"], ["pact_version.line", "pact_version.number"], name="fk_signature_line"
        ),
    )
    op.create_index("ix_signature_hash", "signature", ["hash"])
    op.create_table(
        "signature_withdrawal",
        sa.Column("signature_id", sa.Integer, sa.ForeignKey("signature.id"), primary_key=True, autoincrement=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "pact_vote",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("line", sa.String(63), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("team", sa.String(16), nullable=False),
        sa.Column("voted", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_pact_vote_hash", "pact_vote", ["hash"])
    op.create_table(
        "pact_source",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("yaml", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )


def _table(name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())


def _person(email: str) -> str:
    try:
        return person(email)
    except LeadPactError:  # signed under a name
        return str(email).casefold()


def _moment(value: object) -> datetime:
    """SQLite gives a bare query its text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _only_added_to(table: str) -> None:
    """The database refuses to change or remove a row of this table, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is only added to'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_added_to()"
    )
