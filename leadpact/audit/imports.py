"""Imported blocks: many records of one source made within minutes, most of whom never interacted with us.

A block is a run of ten-minute slots. What is no bought list, and looks like one from afar: a
busy hour of a web form (people who interacted), a fair where many hands enter leads (each
maker is counted apart), a migration or a busy stream (many sources at once), a nightly feed
(blocks of one source day after day), dates without a time of day. That one user made the
records proves nothing by itself: where an integration makes all, it made these too.

Not here: whether they stand past the untouched stage (rules/sta11_no_zero.py), the list of
blocks as people read it (imports_list.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa

from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, is_blank, rows_of
from leadpact.audit.opt_in import opt_in_fields, opted_in
from leadpact.audit.target import values_of_kind
from leadpact.model import CONTACT, LEAD, OBJECTS
from leadpact.tables import Table

SLOT = timedelta(minutes=10)
OF_ALL = 0.3  # of everything made in its slots: below, many sources were at work
FEED_DAYS, FEED_WITHIN = 10, timedelta(days=30)  # days with blocks of one source: a feed, not a list
AT_CREATION = timedelta(minutes=1)  # a first status set that soon tells who made the record
PAST = ("nurture", "qualified", "sales", "won", "retained")
NOBODY = ""


@dataclass(frozen=True)
class Run:
    """One block: the slots of a source and of a maker ("": not known) that follow each other."""

    object: str
    source: str
    maker: str
    slots: tuple[int, ...]
    records: int
    silent: int


@dataclass(frozen=True)
class Imported:
    """The blocks, and the records in them: object, record_id, person_id, status, source, created_at,
    owner_id, maker, silent (never interacted), mailable (has an e-mail address), block."""

    runs: tuple[Run, ...]
    members: Table


def imported(tables: Facts, zone: ZoneInfo, *, block: int, min_share: float) -> Imported:
    """Blocks of at least `block` records, at least `min_share` of whom never interacted.

    Never interacted: no activity but automated ones, no campaign response, no deal, and no
    opt-in where such a field is mapped. Contacts only of people who never were leads.
    """

    def make() -> Imported:
        slots = _slots(tables, zone, block)
        rows = _members(tables, slots)
        runs = _runs(rows, slots, block, min_share)
        return Imported(tuple(runs), ibis.memtable(_numbered(rows, runs)))

    found: Imported = tables.once(("imported", str(zone), block, min_share), make)
    return found


def past(pact: Pact) -> dict[str, list[str]]:
    """By object, the values past the untouched stage that a journey may stand in."""
    return {object: [name for name in values_of_kind(pact, object, PAST) if name] for object in OBJECTS}


def _made(tables: Facts) -> Table:
    """Records made at a known time of day: with `origin`, `day`, `slot`."""
    record = tables.record.filter(tables.record.created_at.notnull())
    record = record.filter(record.created_at != record.created_at.truncate("D"))
    # the day is part of the slot: the same on every engine, without its own idea of an epoch
    minutes = record.created_at.hour() * 60 + record.created_at.minute()
    return record.mutate(
        origin=record.source.fill_null(NOBODY),
        day=record.created_at.truncate("D"),
        slot=minutes // int(SLOT.total_seconds() // 60),
    )


def _slots(tables: Facts, zone: ZoneInfo, block: int) -> list[dict[str, Any]]:
    """The slots that may belong to a block, in order of time: object, origin, at, day, slot, number."""
    made = _made(tables)
    times = {"first_at": made.created_at.min(), "last_at": made.created_at.max()}
    by = made.group_by("object", "origin", "day", "slot").aggregate(n=made.count(), **times)
    rows = rows_of(by.filter(by.n * 2 >= block))
    if not rows:
        return []
    all_made = made.group_by("object", "day", "slot").aggregate(n=made.count())
    of_all = {
        (row["object"], row["day"], row["slot"]): row["n"] for row in rows_of(all_made.filter(all_made.n * 2 >= block))
    }
    rows = [row for row in rows if row["n"] >= OF_ALL * of_all[(row["object"], row["day"], row["slot"])]]
    rows = _timed([{**row, "at": row["day"] + int(row["slot"]) * SLOT} for row in rows], zone)
    # an import may begin or end in a slot of which it is a small part
    near = {(row["at"] + side * SLOT, row["object"], row["origin"]) for row in rows for side in (-1, 0, 1)}
    return [
        {"object": object, "origin": origin, "at": at, "day": day, "slot": (at - day) // SLOT, "number": number}
        for number, (at, object, origin) in enumerate(sorted(near))
        for day in (datetime.combine(at.date(), datetime.min.time()),)
    ]


def _timed(rows: list[dict[str, Any]], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Without slots whose moments are dates: midnight of the pact's zone, or one same time on several days."""
    instants: dict[tuple[str, Any], set[Any]] = {}
    for row in rows:
        if row["first_at"] == row["last_at"] and row["n"] > 1:
            instants.setdefault((row["object"], row["first_at"].time()), set()).add(row["first_at"].date())

    def dated(row: Mapping[str, Any]) -> bool:
        at = row["first_at"]
        if at != row["last_at"] or row["n"] == 1:
            return False
        local = at.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
        return local.time() == datetime.min.time() or len(instants[(row["object"], at.time())]) > 1

    return [row for row in rows if not dated(row)]


def _members(tables: Facts, slots: list[dict[str, Any]]) -> pa.Table:
    """The records made in these slots, with who made them and whether they ever interacted."""
    names = {"object": pa.string(), "origin": pa.string(), "day": pa.timestamp("us"), "slot": pa.int64(),
             "number": pa.int64()}  # fmt: skip
    wanted = ibis.memtable(pa.table({name: pa.array([row[name] for row in slots], t) for name, t in names.items()}))
    made = _made(tables)
    fields = opt_in_fields(made.columns)
    made = made.select(*KEYS, "person_id", "status", "source", "created_at", "owner_id", "email", *fields, "origin",
                       "day", slot=made.slot.cast("int64"))  # fmt: skip
    own = made.inner_join(wanted, ["object", "origin", "day", "slot"])
    own = own.mutate(opted_in=opted_in(own, fields), mailable=~is_blank(own.email))
    own = own.drop("email", *fields, "origin", "day", "slot")
    # read once: what follows asks for these records several times
    rows = own.to_pyarrow() if slots else own.limit(0).to_pyarrow()
    own = ibis.memtable(rows)
    every = tables.every_record.select(*KEYS, "person_id").semi_join(own, "person_id")
    if CONTACT in rows["object"].unique().to_pylist():
        leads = every.filter(every.object == LEAD)
        own = ibis.union(
            own.filter(own.object == LEAD), own.filter(own.object == CONTACT).anti_join(leads, "person_id")
        )
    own = own.left_join(_interacted(tables, every), "person_id").drop("person_id_right")
    own = own.mutate(silent=~own.interacted.fill_null(False) & ~own.opted_in)
    joined = own.left_join(_makers(own, tables), KEYS)
    near = joined.set_at <= joined.created_at + ibis.interval(seconds=int(AT_CREATION.total_seconds()))
    maker = ibis.ifelse(near.fill_null(False), joined.actor_id, NOBODY)
    return joined.select(
        *KEYS, "person_id", "status", "source", "created_at", "owner_id", "mailable", "silent", "number", maker=maker
    ).to_pyarrow()


def _interacted(tables: Facts, every: Table) -> Table:
    """The people of these records with an activity that is not automated, a campaign response, or a deal."""
    answer = tables.campaign_touch.filter(tables.campaign_touch.response.notnull()).select(*KEYS)
    deal = tables.opportunity.filter(tables.opportunity.record_id.notnull()).select(*KEYS)
    told = ibis.union(answer, deal)
    people = told.inner_join(every, KEYS).select("person_id")
    active = tables.seen.filter(tables.seen.interacted).select("person_id")
    return ibis.union(active, people).distinct().mutate(interacted=ibis.literal(True))


def _makers(own: Table, tables: Facts) -> Table:
    """Who set the first status, and when: object, record_id, actor_id, set_at."""
    change = tables.field_change
    first = change.filter(
        change.field == "status", change.from_value.isnull(), change.actor_id.notnull(), change["at"].notnull()
    )
    first = first.select(*KEYS, "actor_id", set_at="at").semi_join(own, KEYS)
    return first.group_by(*KEYS).aggregate(actor_id=first.actor_id.argmin(first.set_at), set_at=first.set_at.min())


def _runs(rows: pa.Table, slots: list[dict[str, Any]], block: int, min_share: float) -> list[Run]:
    counted = rows.append_column("ones", rows["silent"].cast(pa.int64()))
    by = counted.group_by(["number", "maker"]).aggregate([("ones", "sum"), ("ones", "count")]).to_pylist()
    parts: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in sorted(by, key=lambda row: (row["number"], row["maker"])):
        slot = slots[row["number"]]
        if row["ones_sum"] >= min_share * row["ones_count"]:
            parts.setdefault((slot["object"], slot["origin"], row["maker"]), []).append({**slot, **row})
    found = [
        Run(*key, tuple(one["number"] for one in own), sum(one["ones_count"] for one in own),
            sum(one["ones_sum"] for one in own))
        for key, every in parts.items()
        for own in _adjacent(every)
    ]  # fmt: skip
    large = [run for run in found if run.records >= block]
    fed = _feeds({(run.object, run.source): [] for run in large}, large, slots)
    kept = [run for run in large if (run.object, run.source) not in fed]
    return sorted(kept, key=lambda run: (run.slots[0], run.maker))


def _adjacent(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Slots in order of time, cut where ten minutes passed without one."""
    found: list[list[dict[str, Any]]] = []
    for row in rows:
        if found and row["at"] - found[-1][-1]["at"] <= SLOT:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _feeds(
    days: dict[tuple[str, str], list[datetime]], runs: list[Run], slots: list[dict[str, Any]]
) -> set[tuple[str, str]]:
    """Sources with blocks on many days of one month."""
    for run in runs:
        days[(run.object, run.source)] += sorted({slots[number]["day"] for number in run.slots})
    found = set()
    for key, dates in days.items():
        order = sorted(set(dates))
        if any(later - first < FEED_WITHIN for first, later in zip(order, order[FEED_DAYS - 1 :], strict=False)):
            found.add(key)
    return found


def _numbered(rows: pa.Table, runs: list[Run]) -> pa.Table:
    """The records of the blocks, with the number of their block, from 1."""
    of = {(slot, run.maker): number for number, run in enumerate(runs, 1) for slot in run.slots}
    numbers = zip(rows["number"].to_pylist(), rows["maker"].to_pylist(), strict=True)
    blocks = pa.array([of.get(key) for key in numbers], pa.int64())
    return rows.drop_columns(["number"]).append_column("block", blocks).filter(blocks.is_valid())
