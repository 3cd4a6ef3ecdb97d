"""Connectors that answer with other values than there are, or do other things than they say.

Not here: what they say to people (broken_words.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from leadpact.connector import Change, Outcome
from leadpact.errors import LeadPactError
from tests.contract.broken import breaks
from tests.contract.sound import Crm, Row, Sound
from tests.contract.sound_door import join

Values = Mapping[str, Mapping[str, Any]]


@breaks("read.asked")
class AnswersWithWholeRecords(Sound):
    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Values:
        return super().read(object, ids, [*fields, "owner_id"])


@breaks("read.asked", "read.many", "read.unknown", "read.gone")
class AnswersWithEveryRecord(Sound):
    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Values:
        return super().read(object, [row["record_id"] for row in self.open()["records"]], fields)


@breaks("read.objects")
class MixesLeadsAndContacts(Sound):
    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Values:
        return {**super().read("contact", ids, fields), **super().read("lead", ids, fields)}


@breaks("read.now")
class AnswersFromMemory(Sound):
    def __init__(self, settings: Mapping[str, Any], *, state: Path, mapping: str | None = None) -> None:
        super().__init__(settings, state=state)
        self._known: dict[tuple[str, str, tuple[str, ...]], Mapping[str, str | None]] = {}

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Values:
        found = super().read(object, ids, fields)
        return {one: self._known.setdefault((object, one, tuple(fields)), values) for one, values in found.items()}


@breaks("read.text")
class AnswersWithMoments(Sound):
    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Values:
        found = super().read(object, ids, fields)
        return {
            one: {
                name: datetime.fromisoformat(str(value)) if name == "created_at" else value
                for name, value in row.items()
            }
            for one, row in found.items()
        }


@breaks("read.unknown", "read.many", "read.gone")
class AnswersForNobody(Sound):
    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Values:
        nobody = dict.fromkeys(fields)
        return {
            **{one: nobody for one in ids if not one.startswith("C") and object == "lead"},
            **super().read(object, ids, fields),
        }


@breaks("read.gone")
class AnswersForTheDead(Sound):
    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Values:
        dead = {row["record_id"]: row for row in self.open()["trash"] if row["object"] == object}
        gone = {one: {name: dead[one].get(name) for name in fields} for one in ids if one in dead}
        return {**gone, **super().read(object, ids, fields)}


@breaks("read.many")
class ReadsTheFirstTwoHundred(Sound):
    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Values:
        return super().read(object, ids[:200], fields)


@breaks("read.no_field")
class KnowsEveryField(Sound):
    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Values:
        known = [name for name in fields if name in self.fields(self.open())]
        return {one: {**dict.fromkeys(fields), **values} for one, values in super().read(object, ids, known).items()}


@breaks("write.outcomes")
class AnswersInItsOwnOrder(Sound):
    def send(self, batch: Sequence[Change]) -> list[Outcome]:
        return sorted(super().send(batch), key=lambda outcome: outcome.kind == "written")


@breaks("write.outcomes", "write.no_field", "write.no_record")
class AnswersInTheCrmsWords(Sound):
    def send(self, batch: Sequence[Change]) -> list[Outcome]:
        kinds = {"refused": "error"}
        found = super().send(batch) if self._writable else []
        spoken = [replace(outcome, kind=kinds.get(outcome.kind, outcome.kind)) for outcome in found]  # type: ignore[arg-type]
        return spoken or super().send(batch)


@breaks("write.others")
class StopsAtTheFirstRefusal(Sound):
    def send(self, batch: Sequence[Change]) -> list[Outcome]:
        found: list[Outcome] = []
        for change in batch:
            stop = any(outcome.kind != "written" for outcome in found)
            found += [Outcome(change, "refused", "NOT_TRIED")] if stop else super().send([change])
        return found


@breaks("write.no_field")
class DropsFieldsItDoesNotKnow(Sound):
    def decide(self, crm: Crm, change: Change) -> Outcome:
        found = super().decide(crm, change)
        return Outcome(change, "written") if found.code == "INVALID_FIELD" else found


@breaks("write.no_record")
class CreatesWhoeverIsMissing(Sound):
    def decide(self, crm: Crm, change: Change) -> Outcome:
        if self._writable and change.object == "lead" and change.record_id == "no-such-record":
            join(crm, ("lead", change.record_id), datetime.fromisoformat(crm["now"]))
        return super().decide(crm, change)


@breaks("write.kept", "write.others", "write.true", "write.batches", "write.stored_first", "write.history")
class WritesIntoItsMemory(Sound):
    def store(self, crm: Crm) -> None:
        """Never."""


@breaks("write.true")
class LeavesOutBlanks(Sound):
    def apply(self, crm: Crm, row: Row, change: Change) -> None:
        if change.after is not None:
            super().apply(crm, row, change)


@breaks("write.nothing_else")
class MovesTheOwnerToo(Sound):
    def apply(self, crm: Crm, row: Row, change: Change) -> None:
        super().apply(crm, row, change)
        row["owner_id"] = "U2"


@breaks("write.batches")
class SendsOneBatch(Sound):
    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        return super().write(changes[: self.can.batch_size])


@breaks("write.stored_first")
class AnswersBeforeItStores(Sound):
    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        before = self.open()
        found = list(super().write(changes))
        after = self.open()
        self.store(before)
        yield from found
        self.store(after)


@breaks("write.reasons")
class RefusesWithoutAReason(Sound):
    def decide(self, crm: Crm, change: Change) -> Outcome:
        return replace(super().decide(crm, change), code=None)


@breaks("write.read_only")
class WritesWhereItMayNot(Sound):
    def __init__(self, settings: Mapping[str, Any], *, state: Path, mapping: str | None = None) -> None:
        super().__init__({**settings, "writable": True}, state=state)


@breaks("write.read_only")
class TakesTheWordFalseForTrue(Sound):
    def __init__(self, settings: Mapping[str, Any], *, state: Path, mapping: str | None = None) -> None:
        super().__init__({**settings, "writable": bool(settings.get("writable"))}, state=state)


@breaks("write.compares")
class OverwritesWhatSomebodyDid(Sound):
    def moved(self, row: Row, change: Change) -> bool:
        return False


@breaks("write.dead_link")
class TakesADeadLinkForANo(Sound):
    def send(self, batch: Sequence[Change]) -> list[Outcome]:
        try:
            return super().send(batch)
        except LeadPactError:
            return [Outcome(change, "refused", "NO_LINK") for change in batch]


@breaks("write.history")
class WritesBehindTheHistory(Sound):
    def apply(self, crm: Crm, row: Row, change: Change) -> None:
        super().apply(crm, row, change)
        crm["changes"].pop()
