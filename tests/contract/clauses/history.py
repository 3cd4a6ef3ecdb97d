"""What a connector says about the past: told, dated, in order, and of records it also delivers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from leadpact.model import EVIDENCE
from tests.contract.suite import Row, Trial, clause, key_of

TOLD = [word for word in EVIDENCE if word != "observed"]  # that one the mirror adds, and takes away again


def changes(trial: Trial) -> list[Row]:
    return trial.read().rows.get("field_change", [])


@clause(
    "history.evidence",
    "Every change says how it is known; `observed` is the mirror's own word and is deleted there.",
    needs=["history"],
)
def evidence(trial: Trial) -> Iterator[str]:
    unknown = {row["evidence"] for row in changes(trial)} - {*TOLD}
    if unknown:
        yield f"changes carry the evidence {sorted(map(str, unknown))}"


@clause("history.dated", "A change has its moment, unless its start is imputed; then it has none.", needs=["history"])
def dated(trial: Trial) -> Iterator[str]:
    for row in changes(trial):
        if (row["at"] is None) != (row["evidence"] == "imputed"):
            yield f"a change with evidence {row['evidence']} is dated {row['at']}"
            return


@clause(
    "history.order",
    "Changes of one moment are told apart by `seq`, which is not negative: below zero the mirror adds its own.",
    needs=["history"],
)
def order(trial: Trial) -> Iterator[str]:
    rows = [row for row in changes(trial) if row["at"] is not None]
    tied = Counter((*key_of(row), row["field"], row["at"], row["seq"]) for row in rows)
    if any(times > 1 for times in tied.values()):
        yield "two changes of one field in one moment have the same seq"
    if any(row["seq"] is not None and row["seq"] < 0 for row in rows):
        yield "a seq is negative"


@clause("history.records", "A change belongs to a record that is delivered too, or nobody can be counted by it.")
def records(trial: Trial) -> Iterator[str]:
    rows = trial.read().rows
    there = {key_of(row) for row in rows.get("record", [])}
    lost = sum(1 for row in rows.get("field_change", []) if key_of(row) not in there)
    if lost:
        yield f"{lost} changes are of records that are not delivered"


@clause(
    "history.leads_to_now", "A status that somebody changed is the last one of the record's history.", needs=["history"]
)
def leads_to_now(trial: Trial) -> Iterator[str]:
    key = trial.open[0]
    trial.door.change(key, trial.another(key))
    moves, status = trial.read().moves(key), trial.door.held()[key].status
    if not moves or moves[-1]["to_value"] != status:
        yield f"a record now in {status!r} has a history that ends elsewhere"


@clause("history.since", "The moment from which history is complete is UTC without a zone, or null where nobody says.")
def since(trial: Trial) -> Iterator[str]:
    reading = trial.read()
    found = reading.extract.history_since
    if found is not None and (not isinstance(found, datetime) or found.tzinfo is not None):
        yield "history_since has a zone, or is no moment"
    if found is not None and "field_change" not in reading.provided:
        yield "history_since is said of a history that is not provided"
    if reading.extract.creation_logged not in (True, False, None):
        yield "creation_logged is neither true, false nor null"
