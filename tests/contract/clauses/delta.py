"""Reading what changed since a mark: nothing skipped, nothing claimed, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leadpact.errors import LeadPactError
from tests.contract.suite import Reading, Trial, clause, laid_over

MINUTE = timedelta(minutes=1)


@clause("mark.text", "A mark is text, for it is kept in the mirror; a connector that reads deltas always has one.")
def text(trial: Trial) -> Iterator[str]:
    connector = trial.connect()
    mark = trial.read(connector=connector).mark
    if mark is not None and not isinstance(mark, str):
        yield f"the mark is a {type(mark).__name__}"
    if connector.can.incremental and not mark:
        yield "it reads deltas and gives no mark to read them from"


@clause(
    "mark.survives", "A mark means the same to a new instance: the next sync is another process.", needs=["incremental"]
)
def survives(trial: Trial) -> Iterator[str]:
    first = trial.read()
    delta = trial.read(since=first.mark)
    if delta.complete:
        yield "a new instance does not know the mark and reads everything again"


@clause(
    "mark.carries_on",
    "The mark of a delta continues where it ended, also when nothing had changed.",
    needs=["incremental"],
)
def carries_on(trial: Trial) -> Iterator[str]:
    one, two = trial.open[0], trial.open[1]
    quiet = trial.read(since=trial.read().mark)
    trial.door.change(one, trial.another(one), trial.door.moment + MINUTE)
    first = trial.read(since=quiet.mark)
    if first.statuses.get(one, None) != trial.door.held()[one].status:
        yield "a change after a delta without changes is not delivered"
    trial.door.change(two, trial.another(two), trial.door.moment + 2 * MINUTE)
    second = trial.read(since=first.mark)
    if first.complete or second.complete or second.statuses.get(two, None) != trial.door.held()[two].status:
        yield "the mark of a delta does not lead to the next one"


@clause(
    "mark.foreign", "A mark that means nothing (of another company, damaged) is everything or an error, never silence."
)
def foreign(trial: Trial) -> Iterator[str]:
    held = trial.door.held()
    for mark in ("", "no mark of anybody's"):
        try:
            reading = trial.read(since=mark)
        except LeadPactError:
            continue
        if not reading.complete or set(held) - set(reading.records):
            yield f"since {mark!r} it reads less than everything"


@clause("delta.changes", "What was changed since the mark is delivered as it stands now.", needs=["incremental"])
def changed(trial: Trial) -> Iterator[str]:
    mark, key = trial.read().mark, trial.open[0]
    trial.door.change(key, trial.another(key))
    if trial.read(since=mark).statuses.get(key, None) != trial.door.held()[key].status:
        yield "a changed record is not delivered, or not as it stands"


@clause(
    "delta.same_moment",
    "Records that share the mark's moment are not skipped: bulk edits stamp thousands alike.",
    needs=["incremental"],
)
def same_moment(trial: Trial) -> Iterator[str]:
    before, *after = trial.open[:4]
    trial.door.change(before, trial.another(before))
    mark = trial.read().mark
    for key in after:
        trial.door.change(key, trial.another(key))
    delta, held = trial.read(since=mark), trial.door.held()
    skipped = [key for key in after if delta.statuses.get(key, None) != held[key].status]
    if skipped:
        yield f"of {len(after)} records changed at the mark's own moment {len(skipped)} are skipped"


@clause(
    "delta.while_reading",
    "A change made while pages stream is in this reading or in the next, never in neither.",
    needs=["incremental"],
)
def while_reading(trial: Trial) -> Iterator[str]:
    key, other, *_ = trial.open
    extract = trial.connect().extract()
    first = next(extract.pages)
    trial.door.change(key, trial.another(key))
    trial.door.change(other, trial.another(other), trial.door.moment + MINUTE)
    rest = Reading.of(extract)
    base = Reading([first, *rest.pages], rest.provided, rest.complete, rest.mark, extract)
    rows = laid_over(base, trial.read(since=base.mark))["record"]
    if {row["status"] for row in rows if (row["object"], row["record_id"]) == key} != {trial.door.held()[key].status}:
        yield "a change made during a reading is lost"


@clause("delta.honest", "A reading that leaves out what did not change does not call itself complete.")
def honest(trial: Trial) -> Iterator[str]:
    mark, key = trial.read().mark, trial.open[0]
    trial.door.change(key, trial.another(key))
    again = trial.read(since=mark)
    if again.complete and set(trial.door.held()) - set(again.records):
        yield "a delta calls itself complete: the mirror would drop every other record"


@clause(
    "delta.laid_over", "A mirror that takes deltas holds what one that starts anew would hold.", needs=["incremental"]
)
def same_mirror(trial: Trial) -> Iterator[str]:
    base, (one, two, three, *_) = trial.read(), trial.open
    for key, turn in ((one, 0), (one, 1), (two, 0)):
        trial.door.change(key, trial.another(key, turn))
    if trial.may("add"):
        trial.door.add()
    if trial.may("remove") and trial.connect().can.deletions:
        trial.door.remove(three)
    delta, whole = laid_over(base, trial.read(since=base.mark)), trial.read()
    anew = laid_over(whole, whole)
    for name in sorted({*delta, *anew}):
        if _sorted(delta.get(name, [])) != _sorted(anew.get(name, [])):
            yield f"{name} differs from a mirror that started anew"


@clause(
    "delta.deleted",
    "A deletion shows in a delta, as a key or a condition.",
    needs=["incremental", "deletions"],
    deeds=["remove"],
)
def deleted(trial: Trial) -> Iterator[str]:
    mark, key = trial.read().mark, trial.open[1]
    trial.door.remove(key)
    delta = trial.read(since=mark)
    told = delta.deleted | {
        (row["object"], row["record_id"]) for row in delta.rows.get("record", []) if row["condition"] == "deleted"
    }
    if key not in told and not delta.complete:
        yield "a deleted record is not told of"


def _sorted(rows: list[dict[str, object]]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)
