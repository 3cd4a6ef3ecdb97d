"""How long people are kept: those nothing happens with any more lose their personal fields.

`[privacy]` in the secrets file: `retain_people_months` (none unless set) and `retain_generations`
(how many generations of a mirror are kept, 2 unless set). Applied by every sync before it publishes.

Due is a person nothing has happened with for so many months (no change, touch, campaign response
or deal), who stands in no open stage (or of whom every record is inactive or deleted); a customer
is never due. Who comes back to life is read in full again.

Not here: forgetting on request (forget.py), what is left of a record (emptied.py).
"""

from __future__ import annotations

import calendar
import contextlib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import sqlalchemy as sa

from config.privacy_tables import forgotten
from config.trail import record
from leadpact import settings
from leadpact.errors import Misconfigured
from leadpact.privacy import mirrors, people, tombstones
from leadpact.privacy.tombstones import Forgotten, Key
from leadpact.store import KEPT_GENERATIONS, quoted

if TYPE_CHECKING:
    from leadpact.workspace import Workspace

SECTION = "privacy"
GENERATIONS, MONTHS = "retain_generations", "retain_people_months"
RETAINED = "privacy.retained"
ITSELF = "leadpact"
OPEN = ("nurture", "qualified", "sales", "won", "retained")
MOST = 1200


@dataclass(frozen=True)
class Retention:
    """`generations` of a mirror are kept; `people_months` null: nobody is emptied for their age."""

    generations: int = KEPT_GENERATIONS
    people_months: int | None = None


def of(secrets: Path | None = None) -> Retention:
    """What the secrets file says. Raises Misconfigured for numbers that cannot be."""
    path = secrets or settings.SECRETS
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, tomllib.TOMLDecodeError):  # what reads the connections says so
        return Retention()
    found = document.get(SECTION)
    said: Mapping[str, Any] = found if isinstance(found, dict) else {}
    return Retention(_number(said, GENERATIONS) or KEPT_GENERATIONS, _number(said, MONTHS))


def _number(said: Mapping[str, Any], name: str) -> int | None:
    value = said.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
        raise Misconfigured("retain.bad_number", name=name, most=MOST)
    return value


def before(now: datetime, months: int) -> datetime:
    """The moment so many months ago: the same day, or the last of a shorter month."""
    count = now.year * 12 + now.month - 1 - months
    year, month = divmod(count, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, calendar.monthrange(year, month + 1)[1]))


def due(space: Workspace, connection: str, rule: Retention, now: datetime) -> list[Key]:
    """The records of the serving generation that are due and still hold something of the person."""
    mirror = space.mirror(connection)
    number = mirror.current()
    if number is None or rule.people_months is None:
        return []
    derived = [mirror.derived_path(number, one.pact.journey_hash) for one in space.pacts_in_use(connection)]
    space.analyse(connection)  # builds them where they are not there yet
    return _due(mirror.path(number), [path for path in derived if path.exists()], before(now, rule.people_months))


def apply(space: Workspace, connection: str, rule: Retention, *, actor: str, now: datetime) -> int:
    """Empties those who are due, in a new generation; how many records. Raises Busy while a sync runs."""
    mirror = space.mirror(connection)
    with mirror.writer():
        keys = due(space, connection, rule, now)
        if keys:
            _keep(space, connection, mirror.path(mirror.current() or 0), keys, actor, now)
            mirrors.rewrite(mirror, tombstones.of(space.database, connection), space.prepared(connection))
    return len(keys)


def before_publishing(
    space: Workspace, connection: str, draft: Path, derived: Collection[Path], rule: Retention, now: datetime
) -> bool:
    """Empties those who are due in a draft that is complete; whether its derived files are to be built again."""
    if rule.people_months is None:
        return False
    since = before(now, rule.people_months)
    _let_go(space, connection, draft, since)
    keys = _due(draft, list(derived), since)
    if not keys:
        return False
    found = _keep(space, connection, draft, keys, ITSELF, now)
    mirrors.empty(draft, tombstones.of(space.database, connection))
    return any(found.keys.values())


def _keep(space: Workspace, connection: str, file: Path, keys: list[Key], actor: str, now: datetime) -> people.Found:
    found = people.of_keys(file, connection, keys)
    with space.database.begin() as database:
        tombstones.add(database, connection, found.keys, (), why="retention", now=now)
        record(database, now, actor, RETAINED, {"connection": connection, "records": len(found.keys)})
    return found


def _let_go(space: Workspace, connection: str, file: Path, since: datetime) -> None:
    """Who was emptied for their age and is active again is read in full from the next whole reading on."""
    with space.database.begin() as database:
        mine = sa.and_(forgotten.c.connection == connection, forgotten.c.why == "retention")
        hashes = list(database.execute(sa.select(forgotten.c.hash).where(mine)).scalars())
        if not hashes:
            return
        who = Forgotten(tombstones.keyed(database, since).key, dict.fromkeys(hashes))
        with contextlib.closing(duckdb.connect()) as one:
            one.execute(f"ATTACH {quoted(file)} AS crm (READ_ONLY)")
            who.register(one)
            query = f"""{_HAPPENED}
                SELECT DISTINCT f.hash FROM crm.record r JOIN last USING (person_id)
                JOIN forgotten f ON f.hash = sha256($key || ':' || r.object || ':' || r.record_id)
                WHERE last."at" >= $since"""  # noqa: S608 - names of the house
            rows = one.execute(query, {"key": who.key, "since": since}).fetchall()
        for (hash,) in rows:
            database.execute(forgotten.delete().where(mine, forgotten.c.hash == hash))


_HAPPENED = """
    WITH happened AS (
        SELECT person_id, unnest([created_at, converted_at]) AS "at" FROM crm.record
        UNION ALL SELECT r.person_id, c."at" FROM crm.field_change c JOIN crm.record r USING (object, record_id)
        UNION ALL SELECT r.person_id, a."at" FROM crm.activity a JOIN crm.record r USING (object, record_id)
        UNION ALL SELECT r.person_id, t."at" FROM crm.campaign_touch t JOIN crm.record r USING (object, record_id)
        UNION ALL SELECT r.person_id, unnest([o.created_at, o.closed_at])
                  FROM crm.opportunity o JOIN crm.record r USING (object, record_id)),
    last AS (SELECT person_id, max("at") AS "at" FROM happened GROUP BY person_id)"""


def _due(file: Path, derived: list[Path], since: datetime) -> list[Key]:
    with contextlib.closing(duckdb.connect()) as one:
        one.execute(f"ATTACH {quoted(file)} AS crm (READ_ONLY)")
        spells = ["SELECT NULL::VARCHAR AS person_id WHERE false"]
        for number, path in enumerate(derived):
            one.execute(f"ATTACH {quoted(path)} AS derived_{number} (READ_ONLY)")
            spells.append(f"SELECT person_id FROM derived_{number}.spell WHERE lasts AND list_contains($open, kind)")  # noqa: S608
        own = " OR ".join(f'r."{name}" IS NOT NULL' for name in mirrors.personal(one))
        query = f"""{_HAPPENED},
            standing AS ({" UNION ".join(spells)}),
            alive AS (SELECT DISTINCT person_id FROM crm.record WHERE condition = 'active')
            SELECT r.object, r.record_id FROM crm.record r JOIN last USING (person_id)
            WHERE last."at" < $since AND ({own})
              AND (r.person_id NOT IN (SELECT person_id FROM standing)
                   OR r.person_id NOT IN (SELECT person_id FROM alive))
            ORDER BY ALL"""  # noqa: S608 - names of the house
        given = {"since": since, **({"open": list(OPEN)} if derived else {})}
        rows = one.execute(query, given).fetchall()
    return [(str(object), str(record_id)) for object, record_id in rows]
