"""Changes a source tells only once: kept, told once, and never also as seen between two syncs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from config.database import open_database
from leadpact.connector import Capabilities, Extract, Page
from leadpact.store import Mirror
from leadpact.sync import sync
from tests.rows import Rows, lead, table

NOW = datetime(2026, 3, 1)

HOUR = timedelta(hours=1)


class Queue(Rows):
    """A source whose changes come from a queue: `events` are told with the next reading and forgotten."""

    def __init__(self, **tables: list[dict[str, Any]]) -> None:
        super().__init__(creation_logged=True, **tables)
        self.can = Capabilities(history=True)
        self.events: list[dict[str, Any]] = []

    def extract(self, since: str | None = None) -> Extract:
        events, self.events = self.events, []

        def pages() -> Iterator[Page]:
            yield Page("field_change", table("field_change", events), once=True)
            yield from (Page(name, table(name, rows)) for name, rows in self.tables.items())

        return Extract(pages(), frozenset({*self.tables, "field_change"}), True, lambda: None, creation_logged=True)


def event(before: str | None, after: str | None, at: datetime, seq: int = 0) -> dict[str, Any]:
    return {"object": "lead", "record_id": "ana", "field": "status", "from_value": before, "to_value": after,
            "at": at, "seq": seq, "actor_id": "usr1", "evidence": "history"}  # fmt: skip


class Small:
    """A home with one mirror; nothing derived is built, for nobody asks for it."""

    def __init__(self, home: Path) -> None:
        self.engine, self.mirror = open_database(home), Mirror.of(home, "small")

    def sync(self, source: Rows, now: datetime, *, full: bool = False) -> None:
        sync(source, self.mirror, self.engine, now=now, full=full)


@pytest.fixture
def world(tmp_path: Path) -> Small:
    return Small(tmp_path)


def told(world: Small) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(world.mirror.path(world.mirror.current() or 0)), read_only=True) as mirror:
        return mirror.execute("""SELECT from_value, to_value, "at", evidence FROM field_change
                                 WHERE "at" IS NOT NULL ORDER BY "at", seq""").fetchall()


def test_what_is_told_once_outlives_the_queue_and_the_mirror(world: Small) -> None:
    source = Queue(record=[lead("ana", status="MQL")])
    world.sync(source, now=NOW)
    source.tables["record"] = [lead("ana", status="SQL")]
    source.events = [event("MQL", "SAL", NOW + HOUR), event("SAL", "SQL", NOW + 2 * HOUR, 1)]
    world.sync(source, now=NOW + 3 * HOUR)
    expected = [("MQL", "SAL", NOW + HOUR, "history"), ("SAL", "SQL", NOW + 2 * HOUR, "history")]
    assert told(world) == expected
    source.events = [event("MQL", "SAL", NOW + HOUR), event("SAL", "SQL", NOW + 2 * HOUR, 1)]  # read again
    world.sync(source, now=NOW + 4 * HOUR)
    assert told(world) == expected
    shutil.rmtree(world.mirror.folder)
    world.sync(source, now=NOW + 5 * HOUR, full=True)
    assert told(world) == expected


def test_a_clock_that_differs_tells_no_change_twice(world: Small) -> None:
    source = Queue(record=[lead("ana", status="MQL")])
    world.sync(source, now=NOW)
    source.tables["record"] = [lead("ana", status="SAL")]
    source.events = [event("MQL", "SAL", NOW - HOUR)]  # the source's clock is behind ours
    world.sync(source, now=NOW + HOUR)
    assert told(world) == [("MQL", "SAL", NOW - HOUR, "history")]
    source.tables["record"] = [lead("ana", status="SQL")]
    source.events = [event("SAL", "SQL", NOW + 4 * HOUR)]  # now it is ahead
    world.sync(source, now=NOW + 2 * HOUR)
    source.tables["record"] = [lead("ana", status="Customer")]  # and nobody tells this one
    world.sync(source, now=NOW + 3 * HOUR)
    assert [row[:2] for row in told(world)] == [("MQL", "SAL"), ("SAL", "SQL"), ("SQL", "Customer")]


def test_what_is_told_late_takes_the_place_of_what_was_only_seen(world: Small) -> None:
    source = Queue(record=[lead("ana", status="MQL")])
    world.sync(source, now=NOW)
    source.tables["record"] = [lead("ana", status="SAL")]  # changed after the queue was read
    world.sync(source, now=NOW + HOUR)
    assert told(world) == [("MQL", "SAL", NOW + HOUR, "observed")]
    source.tables["record"] = [lead("ana", status="SQL")]
    source.events = [event("MQL", "SAL", NOW + HOUR + timedelta(seconds=1)), event("SAL", "SQL", NOW + 2 * HOUR, 1)]
    world.sync(source, now=NOW + 3 * HOUR)
    assert [(row[1], row[3]) for row in told(world)] == [("SAL", "history"), ("SQL", "history")]


def test_a_date_column_of_the_same_day_gives_way_to_the_exact_moment(world: Small) -> None:
    dated = {**event(None, "SAL", NOW.replace(hour=0)), "actor_id": None}
    source = Queue(record=[lead("ana", status="MQL")], field_change=[])
    world.sync(source, now=NOW)
    source.tables = {"record": [lead("ana", status="SAL")], "field_change": [dated]}
    world.sync(source, now=NOW + 2 * HOUR)  # midnight lies before the sync before: still not seen as new
    assert told(world) == [(None, "SAL", NOW.replace(hour=0), "history")]
    source.events = [event("MQL", "SAL", NOW + HOUR)]
    world.sync(source, now=NOW + 3 * HOUR)
    assert told(world) == [("MQL", "SAL", NOW + HOUR, "history")]


def test_a_source_that_tells_no_more_is_seen_again_from_what_it_told(world: Small) -> None:
    plain = Rows(record=[lead("ana", status="New")])
    world.sync(plain, now=NOW)
    source = Queue(record=[lead("ana", status="MQL"), lead("bob", status="New", created_at=NOW + HOUR)])
    source.events = [event("New", "MQL", NOW + HOUR), {**event(None, "New", NOW + HOUR), "record_id": "bob"}]
    world.sync(source, now=NOW + 2 * HOUR)
    world.sync(Rows(record=source.tables["record"]), now=NOW + 3 * HOUR)
    assert sorted(row[1:] for row in told(world)) == [
        ("MQL", NOW + HOUR, "history"), ("New", NOW + HOUR, "history")
    ]  # fmt: skip
    world.sync(Rows(record=[lead("ana", status="SAL"), *source.tables["record"][1:]]), now=NOW + 4 * HOUR)
    assert [row for row in told(world) if row[3] == "observed"] == [("MQL", "SAL", NOW + 4 * HOUR, "observed")]
