"""Plans in pact.db: made row by row, whole or not at all, and never changed afterwards.

Not here: what became of their rows (journal.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import change_plan, plan_row
from config.trail import record
from leadpact.errors import Misconfigured
from leadpact.writeback.actors import named
from leadpact.writeback.plan import Digest, Draft, Plan, Row, Tally

BLOCK = 2_000
ABANDONED = timedelta(days=1)  # half a plan that old belongs to nobody
NAMES = ("object", "record_id", "field", "before", "after", "reason", "before_ours", "after_ours")
MOST_NUMBER = 2**31 - 1  # what a plan's number may be


def make(engine: Engine, draft: Draft, rows: Iterable[Row], tally: Tally) -> Plan:
    """Keeps a plan. `rows` are taken as they come, in blocks; `tally` is read after the last one.

    What `rows` raises leaves no plan behind. Raises Misconfigured without an author.
    """
    author = named(draft.author)
    number = _begin(engine, draft, author)
    try:
        digest, changes, records = Digest(draft), 0, 0
        last = None
        source = iter(rows)
        while block := list(islice(source, BLOCK)):
            values = []
            for row in block:
                digest.add(row)
                changes += 1
                records += (row.object, row.record_id) != last
                last = (row.object, row.record_id)
                values.append({"plan_id": number, "number": changes, **{name: getattr(row, name) for name in NAMES}})
            with engine.begin() as database:
                database.execute(plan_row.insert(), values)
        counts = {"changes": changes, "records": records, "whole": tally.whole}
        skipped = dict(sorted(tally.skipped.items()))
        with engine.begin() as database:
            done = change_plan.update().where(change_plan.c.id == number)
            database.execute(done.values(hash=digest.text, skipped=json.dumps(skipped), **counts))
            detail = {
                "plan": number,
                "connection": draft.connection,
                "kind": draft.kind,
                "hash": digest.text,
                **counts,
                **({"undoes": draft.undoes} if draft.undoes is not None else {}),
            }
            record(database, draft.created_at, author, "plan.made", detail)
    except BaseException:  # also Ctrl-C, and a page that is left: no half plan stays behind
        _drop(engine, [number])
        raise
    return Plan(number, draft, digest.text, changes, records, tally.whole, skipped)


def _begin(engine: Engine, draft: Draft, author: str) -> int:
    old = sa.select(change_plan.c.id).where(
        change_plan.c.hash.is_(None), change_plan.c.created_at < draft.created_at - ABANDONED
    )
    with engine.begin() as database:
        abandoned = list(database.execute(old).scalars())
    _drop(engine, abandoned)
    given = {
        "connection": draft.connection, "kind": draft.kind, "undoes": draft.undoes,
        "pact_version": draft.pact_version, "pact_hash": draft.pact_hash, "author": author,
        "created_at": draft.created_at, "kinds": json.dumps(dict(draft.kinds), sort_keys=True),
        "recipe": json.dumps(dict(draft.recipe), sort_keys=True) if draft.recipe else None,
        "changes": 0, "records": 0, "whole": 0, "skipped": "{}",
    }  # fmt: skip
    with engine.begin() as database:
        key = database.execute(change_plan.insert().values(given)).inserted_primary_key
    return int(key[0])  # type: ignore[index]


def _drop(engine: Engine, numbers: list[int]) -> None:
    """Takes away plans that were never finished: nobody saw them."""
    if not numbers:
        return
    with engine.begin() as database:
        database.execute(plan_row.delete().where(plan_row.c.plan_id.in_(numbers)))
        database.execute(change_plan.delete().where(change_plan.c.id.in_(numbers), change_plan.c.hash.is_(None)))


def find(engine: Engine, number: int) -> Plan:
    """The plan of that number. Raises Misconfigured where there is none."""
    query = sa.select(change_plan).where(change_plan.c.id == number, change_plan.c.hash.is_not(None))
    row = None
    if 0 < number <= MOST_NUMBER:  # a database asked for a greater one raises an error of its own
        with engine.begin() as database:
            row = database.execute(query).mappings().first()
    if row is None:
        raise Misconfigured("writeback.no_plan", plan=str(number))
    return _read(row)


def recent(engine: Engine, connection: str, *, most: int = 50) -> list[Plan]:
    """The plans of a connection, newest first."""
    query = sa.select(change_plan).where(change_plan.c.connection == connection, change_plan.c.hash.is_not(None))
    with engine.begin() as database:
        rows = database.execute(query.order_by(change_plan.c.id.desc()).limit(most)).mappings().all()
    return [_read(row) for row in rows]


def _read(row: sa.RowMapping) -> Plan:
    draft = Draft(
        row["connection"], row["kind"], row["author"], row["created_at"], row["pact_version"], row["pact_hash"],
        json.loads(row["kinds"]), row["undoes"], json.loads(row["recipe"]) if row["recipe"] else {},
    )  # fmt: skip
    return Plan(row["id"], draft, row["hash"], row["changes"], row["records"], row["whole"], json.loads(row["skipped"]))


def rows(engine: Engine, plan: Plan, *, after: int = 0) -> Iterator[tuple[int, Row]]:
    """The rows with their numbers, in order, read in blocks: no transaction is open in between."""
    while True:
        query = sa.select(plan_row).where(plan_row.c.plan_id == plan.id, plan_row.c.number > after)
        with engine.begin() as database:
            found = database.execute(query.order_by(plan_row.c.number).limit(BLOCK)).mappings().all()
        for row in found:
            yield row["number"], Row(**{name: row[name] for name in NAMES})
        if len(found) < BLOCK:
            return
        after = found[-1]["number"]


@dataclass(frozen=True)
class Of:
    """How many changes of one field fill it, replace what it holds, or empty it."""

    object: str
    field: str
    fills: int
    replaces: int
    empties: int


def by_field(engine: Engine, plan: Plan) -> list[Of]:
    """The changes of a plan by field, in order of object and field."""
    columns = plan_row.c
    counts = {
        "fills": sa.func.count(sa.case((columns.before.is_(None), 1))),
        "empties": sa.func.count(sa.case((columns.after.is_(None), 1))),
        "whole": sa.func.count(),
    }
    query = sa.select(columns.object, columns.field, *(count.label(name) for name, count in counts.items()))
    query = query.where(columns.plan_id == plan.id).group_by(columns.object, columns.field)
    with engine.begin() as database:
        rows = database.execute(query.order_by(columns.object.desc(), columns.field)).all()
    return [Of(row.object, row.field, row.fills, row.whole - row.fills - row.empties, row.empties) for row in rows]


def intact(engine: Engine, plan: Plan) -> bool:
    """Whether the rows are those reviewed, but for people forgotten since (leadpact/privacy); else tampered with."""
    with engine.begin() as database:
        query = sa.select(change_plan.c.kept_hash).where(change_plan.c.id == plan.id)
        kept = database.execute(query).scalar()
    return content_hash(engine, plan) == (kept or plan.hash)


def content_hash(engine: Engine, plan: Plan) -> str:
    """The hash of the rows as they are kept now, read in blocks."""
    digest = Digest(plan.draft)
    for _, row in rows(engine, plan):
        digest.add(row)
    return digest.text


def intact_within(database: sa.Connection, number: int) -> bool:
    """As `intact`, in one transaction."""
    query = sa.select(change_plan.c.hash, change_plan.c.kept_hash).where(change_plan.c.id == number)
    hash, kept = database.execute(query).one()
    return _content(database, number) == str(kept or hash)


def keep_hash(database: sa.Connection, number: int) -> None:
    """The rows there are now are all of the plan from here on."""
    kept = {"kept_hash": _content(database, number)}
    database.execute(change_plan.update().where(change_plan.c.id == number).values(kept))


def _content(database: sa.Connection, number: int) -> str:
    """The hash of the rows as they are kept now."""
    own = database.execute(sa.select(change_plan).where(change_plan.c.id == number)).mappings().one()
    digest = Digest(_read(own).draft)
    query = sa.select(plan_row).where(plan_row.c.plan_id == number).order_by(plan_row.c.number)
    for row in database.execute(query).mappings():
        digest.add(Row(**{name: row[name] for name in NAMES}))
    return digest.text
