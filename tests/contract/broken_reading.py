"""Connectors that lose rows, claim what they do not deliver, or skip what changed.

Not here: pages of the wrong shape (broken_pages.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from leadpact.connector import Extract, Page, Reject
from leadpact.model import TABLES
from tests.contract.broken import breaks
from tests.contract.sound import Crm, Row, Sound

Tables = dict[str, list[Row]]


@breaks("reading.all", "mark.foreign", "rejects.others_load")
class LosesRecordsWithoutActivity(Sound):
    def wanted(self, row: Row, after: str | None) -> bool:
        return row["record_id"] != "silent" and super().wanted(row, after)


UNKNOWN_IDS = ("pages.ids", "mark.foreign", "rejects.others_load", "history.leads_to_now", "write.history",
               "write.nothing_else", "mark.carries_on", "delta.changes", "delta.same_moment", "delta.while_reading",
               "delta.laid_over")  # fmt: skip


@breaks("reading.all", *UNKNOWN_IDS)
class TakesIdsForNumbers(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        plain = {name: [_number(row) for row in tables[name]] for name in ("record", "field_change")}
        return {**tables, **plain}


def _number(row: Row) -> Row:
    return {**row, "record_id": row["record_id"].lstrip("0") or "0"}


@breaks("reading.provided")
class ForgetsATableItHas(Sound):
    def provided(self) -> frozenset[str]:
        return frozenset(TABLES) - {"campaign_touch"}


@breaks("reading.capable")
class PromisesActivities(Sound):
    def provided(self) -> frozenset[str]:
        return frozenset(TABLES) - {"activity"}

    def tables(self, crm: Crm, after: str | None) -> Tables:
        return {name: rows for name, rows in super().tables(crm, after).items() if name != "activity"}


@breaks("reading.capable")
class HidesThatItHasActivities(Sound):
    can = replace(Sound.can, activities=False)


@breaks("reading.complete", "mark.foreign")
class CallsEverythingADelta(Sound):
    def extract(self, since: str | None = None) -> Extract:
        return replace(super().extract(since), complete=False)


@breaks("reading.twice", "reading.side_by_side")
class CanBeReadOnce(Sound):
    read_before = False

    def pages(self, crm: Crm, after: str | None) -> Iterator[Page]:
        before, self.read_before = self.read_before, True
        return iter(()) if before else super().pages(crm, after)


@breaks("reading.side_by_side")
class SharesOneCursor(Sound):
    cursor: list[Page]

    def pages(self, crm: Crm, after: str | None) -> Iterator[Page]:
        self.cursor = list(super().pages(crm, after))
        while self.cursor:
            yield self.cursor.pop(0)


@breaks("reading.gone", "delta.laid_over")
class KeepsTheDead(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        dead = [{name: value for name, value in row.items() if name != "modified"} for row in crm["trash"]]
        return {**tables, "record": tables["record"] + (dead if after is None else [])}


@breaks("rejects.listed")
class DropsBadRowsInSilence(Sound):
    def rejects(self, crm: Crm) -> list[Reject]:
        return []


@breaks("rejects.others_load")
class StopsAtTheFirstBadRow(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        return {**tables, "record": tables["record"][:2]} if crm["bad"] else tables


@breaks("rejects.placed")
class ListsRowsOfNowhere(Sound):
    def rejects(self, crm: Crm) -> list[Reject]:
        return [replace(reject, source="", line=0) for reject in super().rejects(crm)]


@breaks("mark.text")
class MarksByMoment(Sound):
    def mark(self, crm: Crm) -> Any:
        return datetime.fromisoformat(crm["now"])

    def after(self, crm: Crm, since: Any) -> str | None:
        return since.isoformat() if isinstance(since, datetime) else None


@breaks("mark.survives", "mark.carries_on")
class RemembersMarksItself(Sound):
    given: str | None = None

    def mark(self, crm: Crm) -> str:
        self.given = str(super().mark(crm))
        return self.given

    def after(self, crm: Crm, since: str | None) -> str | None:
        return super().after(crm, since) if since == self.given else None


@breaks("mark.carries_on")
class MarksADeltaByTomorrow(Sound):
    def extract(self, since: str | None = None) -> Extract:
        extract = super().extract(since)
        return extract if extract.complete else replace(extract, mark=lambda: "sound@2099-01-01T00:00:00")


@breaks("mark.foreign")
class TakesAnyMarkForNow(Sound):
    def after(self, crm: Crm, since: str | None) -> str | None:
        return super().after(crm, since) if since is None or since.startswith("sound@") else crm["now"] + "9"


@breaks("delta.changes", "mark.carries_on", "delta.same_moment", "delta.while_reading", "delta.laid_over")
class DeliversNewRecordsOnly(Sound):
    def wanted(self, row: Row, after: str | None) -> bool:
        return after is None or row["created_at"] >= after


@breaks("delta.same_moment")
class AsksForLaterThanTheMark(Sound):
    def wanted(self, row: Row, after: str | None) -> bool:
        return after is None or row["modified"] > after


@breaks("delta.same_moment", "delta.laid_over")
class KeepsOneRecordAMoment(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        if after is None:
            return tables
        stamps = {(row["object"], row["record_id"]): row["modified"] for row in crm["records"]}
        one = {stamps[row["object"], row["record_id"]]: row for row in tables["record"]}
        return {**tables, "record": list(one.values())}


@breaks("delta.while_reading")
class MarksTheEndOfTheReading(Sound):
    def mark(self, crm: Crm) -> str:
        return str(super().mark(self.open()))


@breaks("delta.honest", "mark.survives", "mark.carries_on", "delta.laid_over")
class CallsADeltaComplete(Sound):
    def extract(self, since: str | None = None) -> Extract:
        return replace(super().extract(since), complete=True)


@breaks("delta.laid_over")
class LeavesHistoryToTheNextFullReading(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        return tables if after is None else {**tables, "field_change": []}


@breaks("delta.deleted", "delta.laid_over")
class MissesDeletions(Sound):
    def deleted(self, crm: Crm, after: str | None) -> list[tuple[str, str]]:
        return []
