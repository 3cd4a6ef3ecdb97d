"""Writing: one outcome a change, in order and true; one field and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from leadpact.connector import Change, OutcomeKind
from leadpact.errors import LeadPactError
from tests.contract.suite import Trial, clause

NOBODY = "no-such-record"


def mixed(trial: Trial) -> tuple[list[Change], list[Change]]:
    """Good and bad changes in turns, and the good ones among them."""
    one, two, three = (trial.setting(key) for key in trial.open[:3])
    bad = [Change("lead", NOBODY, "status", None, one.after), Change("lead", one.record_id, "f_unheard_of", None, "x")]
    return [bad[0], one, bad[1], two, Change("account", one.record_id, "status", None, "x"), three], [one, two, three]


@clause("write.outcomes", "One outcome for every change, in the order asked: the journal pairs them.", needs=["write"])
def outcomes(trial: Trial) -> Iterator[str]:
    changes, _ = mixed(trial)
    found = trial.write(changes)
    if [outcome.change for outcome in found] != changes:
        yield f"{len(changes)} changes have {len(found)} outcomes, or in another order"
    if any(outcome.kind not in get_args(OutcomeKind) for outcome in found):
        yield "an outcome is of no known kind"
    if trial.write([]):
        yield "no change has an outcome"


@clause("write.others", "A refused record stops nobody: those beside it are written.", needs=["write"])
def others(trial: Trial) -> Iterator[str]:
    changes, good = mixed(trial)
    kinds = {outcome.change: outcome.kind for outcome in trial.write(changes)}
    held = trial.door.held()
    lost = [c for c in good if kinds.get(c) != "written" or held[c.object, c.record_id].status != c.after]
    if lost:
        yield f"beside refused changes {len(lost)} of {len(good)} good ones are not written"


@clause("write.no_field", "A field there is not is refused, not dropped and called written.", needs=["write"])
def no_field(trial: Trial) -> Iterator[str]:
    found = trial.write([Change(*trial.open[0], "f_unheard_of", None, "x")])
    if [outcome.kind for outcome in found] != ["refused"]:
        yield f"writing a field there is not is {[outcome.kind for outcome in found]}"


@clause("write.no_record", "A record there is not is refused: writing never creates one.", needs=["write"])
def no_record(trial: Trial) -> Iterator[str]:
    before = set(trial.read().records)
    key = trial.open[0]
    found = trial.write([Change("lead", NOBODY, "status", None, trial.another(key))])
    if [outcome.kind for outcome in found] != ["refused"]:
        yield f"writing to nobody is {[outcome.kind for outcome in found]}"
    if set(trial.read().records) != before:
        yield "writing to nobody made a record"


@clause(
    "write.kept", "What is called written is what a new instance reads, and what the source holds.", needs=["write"]
)
def kept(trial: Trial) -> Iterator[str]:
    changes = [trial.setting(key) for key in trial.open[:3]]
    trial.write(changes)
    for change in changes:
        key = (change.object, change.record_id)
        if trial.status(key) != change.after or trial.door.held()[key].status != change.after:
            yield "a value called written is not there"
            return


@clause(
    "write.true", "An outcome says what happened: written is the new value, anything else the old one.", needs=["write"]
)
def as_reported(trial: Trial) -> Iterator[str]:
    for key, after in zip(trial.open, (None, "no status of anybody's", ""), strict=False):
        before = trial.status(key)
        (found,) = trial.write([Change(*key, "status", before, after)])
        wanted = (after or None) if found.kind == "written" else before
        if (trial.status(key) or None) != wanted:
            yield f"a change to {after!r} is {found.kind}, and the record says otherwise"


@clause(
    "write.nothing_else",
    "The planned field changes and nothing else: not the owner, not another record.",
    needs=["write"],
)
def nothing_else(trial: Trial) -> Iterator[str]:
    key, before = trial.open[0], trial.read().records
    trial.write([trial.setting(key)])
    for other, row in trial.read().records.items():
        changed = {name for name, value in row.items() if value != before[other].get(name)}
        if changed - ({"status"} if other == key else set()):
            yield f"{sorted(changed)} changed, which nobody asked for"


@clause("write.batches", "More changes than a call takes are written all the same.", needs=["write"])
def batches(trial: Trial) -> Iterator[str]:
    keys, size = trial.open, trial.connect().can.batch_size
    rounds = (size + 2) // len(keys) + 2
    changes = [
        Change(*key, "status", None, trial.door.statuses(key[0])[turn % 3]) for turn in range(rounds) for key in keys
    ]
    found = trial.write(changes)
    if [outcome.change for outcome in found] != changes or any(outcome.kind != "written" for outcome in found):
        written = sum(outcome.kind == "written" for outcome in found)
        yield f"of {len(changes)} changes in batches of {size}, {written} are written"
    last = {(change.object, change.record_id): change.after for change in changes}
    if any(held.status != last[key] for key, held in trial.door.held().items() if key in last):
        yield "the last of several changes of one record is not the one that stays"


@clause(
    "write.stored_first",
    "An outcome is given when the change is stored: who stops listening has lost nothing.",
    needs=["write"],
)
def stored_first(trial: Trial) -> Iterator[str]:
    changes = [trial.setting(key) for key in trial.open[:3]]
    outcome = next(iter(trial.connect().write(changes)))
    if outcome.kind == "written" and trial.status(trial.open[0]) != changes[0].after:
        yield "a change is called written before it is"


@clause("write.reasons", "A change that was not written says why, by a code the user can look up.", needs=["write"])
def reasons(trial: Trial) -> Iterator[str]:
    changes, _ = mixed(trial)
    for outcome in trial.write(changes):
        if outcome.kind != "written" and not outcome.code:
            yield f"a {outcome.kind} change gives no reason"


@clause(
    "write.read_only",
    "A connection refuses every change unless its settings say `writable = true`; what cannot write refuses always.",
)
def read_only(trial: Trial) -> Iterator[str]:
    trial.read()  # whatever a connector keeps for itself is there now
    change, before = trial.setting(trial.open[0]), trial.door.snapshot()
    for writable in (None, False, "false"):
        found = trial.write([change, change], writable=writable)
        if [outcome.kind for outcome in found] != ["refused", "refused"]:
            yield f"with writable = {writable} changes are {[outcome.kind for outcome in found]}"
    if not trial.connect().can.write and [each.kind for each in trial.write([change])] != ["refused"]:
        yield "it cannot write, and does not refuse"
    if trial.door.snapshot() != before:
        yield "a refused change left a trace in the source"


@clause(
    "write.compares",
    "Where the source compares, a change whose `before` no longer holds is a conflict and changes nothing.",
    needs=["write", "compare_and_set"],
)
def compares(trial: Trial) -> Iterator[str]:
    key = trial.open[0]
    planned = trial.setting(key)
    trial.door.change(key, trial.another(key, 1))
    moved = trial.door.held()[key].status
    (found,) = trial.write([planned])
    if found.kind != "conflict" or trial.door.held()[key].status != moved:
        yield f"a record somebody moved meanwhile is {found.kind}"


@clause(
    "write.dead_link",
    "A dead link raises or leaves the change unknown; it is never written, and never refused.",
    needs=["write"],
    deeds=["cut"],
)
def dead_link(trial: Trial) -> Iterator[str]:
    changes = [trial.setting(key) for key in trial.open[:2]]
    connector = trial.connect()
    trial.door.cut()
    try:
        found = list(connector.write(changes))
    except LeadPactError:
        return
    if any(outcome.kind != "unknown" for outcome in found):
        yield f"with the source gone, changes are {[outcome.kind for outcome in found]}"


@clause("write.history", "What LeadPact writes shows in the history like anybody's change.", needs=["write", "history"])
def in_history(trial: Trial) -> Iterator[str]:
    change = trial.setting(trial.open[0])
    trial.write([change])
    moves = trial.read().moves(trial.open[0])
    if not moves or moves[-1]["to_value"] != change.after:
        yield "a written status is not in the record's history"
