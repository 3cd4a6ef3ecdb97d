"""Reading everything: nothing lost, nothing claimed, the same twice; what cannot be read is listed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from leadpact.model import TABLES
from tests.contract.suite import Trial, clause, key_of


@clause("reading.all", "Every record the source holds is delivered with its status: a lost lead is a wrong rate.")
def everything(trial: Trial) -> Iterator[str]:
    statuses = trial.read().statuses
    held = {key: held.status for key, held in trial.door.held().items()}
    if set(held) - set(statuses):
        yield f"{len(set(held) - set(statuses))} records of {len(held)} are not delivered"
    wrong = sum(1 for key in held if key in statuses and statuses[key] != held[key])
    if wrong:
        yield f"{wrong} records are delivered with another status than they have"


@clause("reading.provided", "`provided` names every table that has rows: the others are reported as unknown.")
def provided(trial: Trial) -> Iterator[str]:
    reading = trial.read()
    unsaid = {page.table for page in reading.pages if page.rows.num_rows} - reading.provided
    if unsaid:
        yield f"rows of {sorted(unsaid)} are delivered, which are not said to be provided"
    if reading.provided - set(TABLES):
        yield f"{sorted(reading.provided - set(TABLES))} are no tables"


@clause("reading.capable", "`provided` and the capabilities tell one story: history and activities are there, or not.")
def capable(trial: Trial) -> Iterator[str]:
    connector = trial.connect()
    reading = trial.read(connector=connector)
    for flag, table in (("history", "field_change"), ("activities", "activity")):
        if getattr(connector.can, flag) and table not in reading.provided:
            yield f"it can read {flag}, and does not provide {table}"
        if not getattr(connector.can, flag) and reading.rows.get(table):
            yield f"it cannot read {flag}, and delivers rows of {table}"


@clause("reading.complete", "A reading from the beginning says it is complete: only then may the mirror start anew.")
def complete(trial: Trial) -> Iterator[str]:
    if trial.read().complete is not True:
        yield "a full reading calls itself a delta"


@clause("reading.twice", "An unchanged source reads the same, by the same connector and by a new one.")
def twice(trial: Trial) -> Iterator[str]:
    connector = trial.connect()
    first = trial.read(connector=connector)
    if trial.read(connector=connector).rows != first.rows:
        yield "the same connector reads something else the second time"
    if trial.read().rows != first.rows:
        yield "a new connector reads something else"


@clause("reading.side_by_side", "Two readings at a time do not disturb each other: a page and a sync may overlap.")
def side_by_side(trial: Trial) -> Iterator[str]:
    connector, alone = trial.connect(), trial.read()
    one, two = connector.extract(), connector.extract()
    found: tuple[list[object], list[object]] = ([], [])
    for pages in zip_longest(one.pages, two.pages):
        for each, page in zip(found, pages, strict=True):
            each.extend((page.table, row) for row in page.rows.to_pylist()) if page is not None else None
    wanted = [(page.table, row) for page in alone.pages for row in page.rows.to_pylist()]
    if found != (wanted, wanted):
        yield "read in turns, two readings differ from one read alone"


@clause("reading.gone", "A record deleted in the source is not among the living any more.", deeds=["remove"])
def gone(trial: Trial) -> Iterator[str]:
    trial.door.remove(trial.open[1])
    if trial.open[1] in trial.read().records:
        yield "a deleted record is delivered as if it were there"


@clause(
    "rejects.listed",
    "A row that cannot be loaded is listed, so that nobody trusts a number that lacks it.",
    deeds=["spoil"],
)
def listed(trial: Trial) -> Iterator[str]:
    before, wanted = len(trial.read().rejects), trial.door.spoil()
    found = len(trial.read().rejects) - before
    if found < wanted:
        yield f"of {wanted} bad rows {found} are listed"


@clause(
    "rejects.others_load",
    "A bad row costs itself and no other; a second row of an id does not replace it.",
    deeds=["spoil"],
)
def others_load(trial: Trial) -> Iterator[str]:
    held = {key: held.status for key, held in trial.door.held().items()}
    trial.door.spoil()
    spoilt = trial.read()
    if {key: spoilt.statuses.get(key, "not there") for key in held} != held:
        yield "good records are missing or changed beside bad rows"
    rows = [key_of(row) for row in spoilt.rows["record"]]
    if len(rows) != len(set(rows)):
        yield "an id twice in the source comes twice"
    if {key_of(row) for row in spoilt.rows.get("field_change", [])} - set(rows):
        yield "a change of a record nobody knows is delivered"


@clause("rejects.placed", "A listed row says which file or object it is of, and lines count from 1.", deeds=["spoil"])
def placed(trial: Trial) -> Iterator[str]:
    trial.door.spoil()
    for reject in trial.read().rejects:
        if not reject.source or (reject.line is not None and reject.line < 1):
            yield f"a row is listed under {reject.source!r}, line {reject.line}"
