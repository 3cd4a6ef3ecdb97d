"""What a connector is, before anything is read: its shape, its settings, what it keeps its hands off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta

from leadpact.connector import Capabilities, Connector
from leadpact.errors import Misconfigured
from tests.contract.suite import Trial, clause
from tests.contract.watch import Watch, clock_moved

YEARS = timedelta(days=1_100)


@clause("protocol.shape", "Whoever uses a connector calls the protocol's methods and finds it under its own name.")
def shape(trial: Trial) -> Iterator[str]:
    connector = trial.connect()
    if not isinstance(connector, Connector):
        yield "it lacks a method or attribute of the protocol"
    if connector.name != trial.door.type:
        yield f"it calls itself {connector.name!r}, the registry {trial.door.type!r}"


@clause("protocol.capabilities", "A flag is said to the user: it must be plain, and must not contradict another one.")
def capabilities(trial: Trial) -> Iterator[str]:
    can = trial.connect().can
    for field in fields(Capabilities):
        wanted = int if field.name == "batch_size" else bool
        if type(getattr(can, field.name)) is not wanted:
            yield f"{field.name} is not a {wanted.__name__}"
    if can.batch_size < 1:
        yield "a batch holds less than one record"
    if can.deletions and not can.incremental:
        yield "deletions are of a delta, and there is none"
    if can.compare_and_set and not can.write:
        yield "it compares before it writes, and cannot write"


@clause(
    "protocol.construction",
    "Pages list connections without waiting for a CRM: making a connector opens nothing and calls nobody.",
)
def construction(trial: Trial) -> Iterator[str]:
    with Watch(trial.door.folder) as watch:
        trial.connect()
    if watch.opened or watch.called:
        yield f"making it opened {watch.opened} and called {watch.called}"


@clause(
    "protocol.settings", "A wrong setting is said before anything is read, as the user's to correct (Misconfigured)."
)
def settings(trial: Trial) -> Iterator[str]:
    for wrong in trial.door.wrong:
        try:
            trial.connect(**wrong)
        except Misconfigured:
            continue
        yield f"it takes {sorted(wrong)} as given"


@clause("protocol.clock", "A reading tells of the source, not of the hour: at any time of ours it is the same.")
def clock(trial: Trial) -> Iterator[str]:
    package = ".".join(type(trial.connect()).__module__.split(".")[:3])
    now = trial.read()
    with clock_moved(package, YEARS):
        later = trial.read()
    if now.rows != later.rows:
        yield "three years later it reads other rows from an unchanged source"
    if now.mark != later.mark:
        yield "three years later an unchanged source has another mark"


@clause("protocol.network", "A connector talks to its source and to nobody else: no telemetry, no look-ups.")
def network(trial: Trial) -> Iterator[str]:
    with Watch(trial.door.folder) as watch:
        connector = trial.connect()
        list(connector.check())
        trial.read()
        connector.read(*_one(trial), ["status"])
        trial.write([trial.setting(trial.open[0])])
    strangers = {address for address in watch.called if address not in trial.door.addresses}
    if strangers:
        yield f"it called {sorted(strangers)}"


def _one(trial: Trial) -> tuple[str, list[str]]:
    object, record_id = trial.open[0]
    return object, [record_id]
