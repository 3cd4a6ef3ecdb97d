"""What the database of what must never be lost holds of a person, erased in one transaction.

A row of a plan stays where it tells a status of an id: others can still be undone by it. One whose
values or key name the person goes, and the plan keeps the hash of what is left of it. Texts people
wrote (comments, notes, reasons) lose the words that name the person. Nothing is taken from the
audit trail and from versions of a pact, which nobody can change: where one quotes a person, it is said.

Not here: the mirrors (mirrors.py), tombstones (tombstones.py).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from config.database import finding_suppression, metadata, observed_change, observed_status
from config.meetings import meeting, meeting_item, meeting_note
from config.pact_tables import pact_comment
from config.plans import change_plan, plan_overwritten, plan_row, written_value
from leadpact.privacy import emptied
from leadpact.privacy.people import Found
from leadpact.writeback import plans

INSTEAD = "•••"
ASKED = 200
TEXTS = ((pact_comment, "text"), (meeting_note, "text"), (finding_suppression, "reason"))
# tables with a row per record are gone through by key; of the rest every text is looked at
BY_KEY = ("observed_status", "observed_change", "written_value", "plan_row", "plan_event", "plan_overwritten")
UNCHANGEABLE = "plan_overwritten"


def erase(database: Connection, found: Found) -> Counter[str]:
    """Erases what the database holds of these people; how many rows of each table that concerned."""
    done: Counter[str] = Counter()
    for table, value in ((observed_status, "value"), (written_value, "value")):
        for row in _own(database, table, found):
            if found.names_them(row[value]):
                database.execute(table.update().where(*_same(table, row)).values({value: None}))
                done[table.name] += 1
    for row in _own(database, observed_change, found):
        if row["field"] not in emptied.JOURNEY_FIELDS or any(
            map(found.names_them, (row["from_value"], row["to_value"]))
        ):
            database.execute(observed_change.delete().where(observed_change.c.id == row["id"]))
            done[observed_change.name] += 1
    done += _plans(database, found)
    for table in (observed_status, observed_change, written_value):
        done += _renamed(database, table, found)
    done += _judged(database, found)
    done += _texts(database, found)
    return done


def quoted(database: Connection, found: Found) -> dict[str, int]:
    """Where people's words still name them, by `table.column`: what nobody may change, or was not looked for."""
    told: dict[str, int] = {}
    for table in metadata.sorted_tables:
        if table.name in BY_KEY or not sa.inspect(database).has_table(table.name):
            continue
        for column in table.columns:
            if not isinstance(column.type, sa.String):
                continue
            holds = [sa.func.lower(column).contains(_escaped(column, word), autoescape=True) for word in found.words]
            if holds:
                query = sa.select(sa.func.count()).select_from(table).where(sa.or_(*holds))
                if count := int(database.execute(query).scalar_one()):
                    told[f"{table.name}.{column.name}"] = count
    return told


def _escaped(column: sa.Column[Any], word: str) -> str:
    """A word as JSON has it holds escapes where it is not plain ASCII; comparing is without case."""
    documents = ("document", "detail", "agenda", "outcome", "sheet", "recipe")
    return (json.dumps(word)[1:-1] if column.name in documents else word).lower()


def _own(database: Connection, table: sa.Table, found: Found) -> Iterator[sa.RowMapping]:
    """The rows of these records in a table with connection, object and record_id."""
    for object in sorted({key[0] for key in found.keys}):
        ids = [key[1] for key in found.keys if key[0] == object]
        for start in range(0, len(ids), ASKED):
            query = sa.select(table).where(
                table.c.connection == found.connection, table.c.object == object,
                table.c.record_id.in_(ids[start : start + ASKED]),
            )  # fmt: skip
            yield from database.execute(query).mappings().all()


def _same(table: sa.Table, row: sa.RowMapping) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key.columns]


def _renamed(database: Connection, table: sa.Table, found: Found) -> Counter[str]:
    done: Counter[str] = Counter()
    for (object, record_id), alias in found.keys.items():
        if alias is not None:
            own = table.update().where(table.c.connection == found.connection, table.c.object == object,
                                       table.c.record_id == record_id)  # fmt: skip
            done[table.name] += database.execute(own.values(record_id=alias)).rowcount
    return +done


def _plans(database: Connection, found: Found) -> Counter[str]:
    """Rows of plans that name somebody go; what is left of the plan has a hash of its own."""
    own = sa.select(change_plan.c.id).where(change_plan.c.connection == found.connection)
    gone: dict[int, list[int]] = {}
    for object in sorted({key[0] for key in found.keys}):
        ids = [key[1] for key in found.keys if key[0] == object]
        for start in range(0, len(ids), ASKED):
            query = sa.select(plan_row).where(plan_row.c.plan_id.in_(own), plan_row.c.object == object,
                                              plan_row.c.record_id.in_(ids[start : start + ASKED]))  # fmt: skip
            for row in database.execute(query).mappings():
                told = (row["before"], row["after"], row["reason"], _overwritten(database, row))
                if found.keys[(object, row["record_id"])] is not None or any(map(found.names_them, told)):
                    gone.setdefault(row["plan_id"], []).append(row["number"])
    for plan_id, numbers in gone.items():
        whole = plans.intact_within(database, plan_id)
        for start in range(0, len(numbers), ASKED):
            some = numbers[start : start + ASKED]
            database.execute(plan_row.delete().where(plan_row.c.plan_id == plan_id, plan_row.c.number.in_(some)))
            _take_overwritten(database, plan_id, some)
        if whole:  # a plan that was tampered with before stays one
            plans.keep_hash(database, plan_id)
    return Counter({plan_row.name: sum(map(len, gone.values()))} if gone else {})


def _overwritten(database: Connection, row: sa.RowMapping) -> str | None:
    query = sa.select(plan_overwritten.c.value).where(
        plan_overwritten.c.plan_id == row["plan_id"], plan_overwritten.c.number == row["number"]
    )
    value: str | None = database.execute(query).scalar()
    return value


def _take_overwritten(database: Connection, plan_id: int, numbers: list[int]) -> None:
    """The one way past the guard of `plan_overwritten`: taken off and put back in the same transaction."""
    table = plan_overwritten
    mine = sa.and_(table.c.plan_id == plan_id, table.c.number.in_(numbers))
    if database.execute(sa.select(table.c.id).where(mine).limit(1)).first() is None:
        return
    if database.dialect.name == "sqlite":
        names = (f"{UNCHANGEABLE}_no_delete", f"{UNCHANGEABLE}_no_update")
        query = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name IN (:one, :two)")
        guards = database.execute(query, {"one": names[0], "two": names[1]}).all()
        for guard in guards:
            database.exec_driver_sql(f'DROP TRIGGER "{guard.name}"')
        database.execute(table.delete().where(mine))
        for guard in guards:
            database.exec_driver_sql(guard.sql)
        return
    database.exec_driver_sql(f"ALTER TABLE {UNCHANGEABLE} DISABLE TRIGGER {UNCHANGEABLE}_no_change")
    database.execute(table.delete().where(mine))
    database.exec_driver_sql(f"ALTER TABLE {UNCHANGEABLE} ENABLE TRIGGER {UNCHANGEABLE}_no_change")


def _judged(database: Connection, found: Found) -> Counter[str]:
    """Leads a meeting has judged stay judged, under what stands for their id."""
    renamed = {key: alias for key, alias in found.keys.items() if alias is not None}
    own = sa.select(meeting.c.id).where(meeting.c.connection == found.connection)
    done = 0
    for (object, record_id), alias in renamed.items():
        mine = sa.and_(meeting_item.c.meeting_id.in_(own), meeting_item.c.key == f"{object}:{record_id}")
        for row in database.execute(sa.select(meeting_item).where(mine)).mappings().all():
            detail = {**json.loads(row["detail"]), "record_id": alias}
            told = {"key": f"{object}:{alias}", "label": alias, "detail": json.dumps(detail)}
            database.execute(meeting_item.update().where(meeting_item.c.id == row["id"]).values(told))
            done += 1
    return Counter({meeting_item.name: done} if done else {})


def _texts(database: Connection, found: Found) -> Counter[str]:
    """What people wrote loses the words that name them."""
    done: Counter[str] = Counter()
    words = found.words
    if not words:
        return done
    named = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    for table, name in TEXTS:
        for row in database.execute(sa.select(*table.primary_key.columns, table.c[name])).mappings().all():
            if named.search(row[name] or ""):
                fresh = {name: named.sub(INSTEAD, row[name])}
                database.execute(table.update().where(*_same(table, row)).values(fresh))
                done[table.name] += 1
    return done
