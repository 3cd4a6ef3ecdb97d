"""Reading single records, as write-back does before and after: what was asked, as it stands now."""

from __future__ import annotations

from collections.abc import Iterator

from leadpact.errors import LeadPactError
from tests.contract.suite import Trial, clause

NOBODY = "no-such-record"


@clause("read.asked", "The answer holds the ids and fields that were asked for, and no others.")
def asked(trial: Trial) -> Iterator[str]:
    ids = [record_id for object, record_id in trial.open if object == "lead"][:2]
    found = trial.connect().read("lead", ids, ["status", "source"])
    if set(found) != set(ids):
        yield f"of {len(ids)} records asked for it answers with {len(found)}"
    if any(set(values) != {"status", "source"} for values in found.values()):
        yield "an answer has other fields than were asked for"


@clause("read.objects", "Ids are of one object: a contact's id is not a lead's.")
def objects(trial: Trial) -> Iterator[str]:
    leads = [record_id for object, record_id in trial.open if object == "lead"]
    if set(trial.connect().read("contact", leads, ["status"])) - {
        key[1] for key in trial.door.held() if key[0] == "contact"
    }:
        yield "asked for contacts it answers with leads"


@clause("read.now", "Values are those of this moment, whatever the connector read before.")
def now(trial: Trial) -> Iterator[str]:
    connector, (object, record_id) = trial.connect(), trial.open[0]
    connector.read(object, [record_id], ["status"])
    trial.door.change((object, record_id), trial.another((object, record_id)))
    found = connector.read(object, [record_id], ["status"])[record_id]["status"]
    if found != trial.door.held()[object, record_id].status:
        yield "it answers with a value from before"


@clause("read.text", "Values are text or null, as they would be written: a plan compares them.")
def text(trial: Trial) -> Iterator[str]:
    object, record_id = trial.open[0]
    found = trial.connect().read(object, [record_id], ["status", "created_at"])[record_id]
    if any(value is not None and not isinstance(value, str) for value in found.values()):
        yield "a value is neither text nor null"


@clause("read.unknown", "A record there is not is left out: it has no values, not even null.")
def unknown(trial: Trial) -> Iterator[str]:
    if trial.connect().read("lead", [NOBODY], ["status"]):
        yield "a record nobody knows has values"


@clause("read.gone", "A record deleted in the source is left out.", deeds=["remove"])
def gone(trial: Trial) -> Iterator[str]:
    object, record_id = trial.open[1]
    trial.door.remove((object, record_id))
    if trial.connect().read(object, [record_id], ["status"]):
        yield "a deleted record has values"


@clause("read.many", "Any number of ids may be asked for: calls have limits, the question has none.")
def many(trial: Trial) -> Iterator[str]:
    leads = [record_id for object, record_id in trial.open if object == "lead"]
    found = trial.connect().read("lead", [*(f"{NOBODY}-{number}" for number in range(1_000)), *leads], ["status"])
    if set(found) != set(leads):
        yield f"among 1,000 other ids it finds {len(found)} of {len(leads)} records"


@clause("read.no_field", "A field there is not is refused: null would say that it is empty.")
def no_field(trial: Trial) -> Iterator[str]:
    object, record_id = trial.open[0]
    try:
        trial.connect().read(object, [record_id], ["f_unheard_of"])
    except LeadPactError:
        return
    yield "a field nobody knows is read as if it were empty"
