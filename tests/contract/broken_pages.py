"""Connectors that deliver pages no mirror should take. Not here: those that lose rows (broken_reading.py)."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from leadpact.connector import Check, Extract, Page
from tests.contract.broken import breaks
from tests.contract.sound import Crm, Row, Sound

Tables = dict[str, list[Row]]


@breaks("protocol.shape")
class GoesByAnotherName(Sound):
    name = "sounds"


@breaks("protocol.capabilities")
class SaysOneForTrue(Sound):
    can = replace(Sound.can, history=1)


@breaks("protocol.construction")
class ConnectsWhenMade(Sound):
    def __init__(self, settings: Mapping[str, Any], *, state: Path, mapping: str | None = None) -> None:
        super().__init__(settings, state=state)
        with suppress(FileNotFoundError):
            self.path.read_bytes()


@breaks("protocol.settings")
class TakesAnySettings(Sound):
    def __init__(self, settings: Mapping[str, Any], *, state: Path, mapping: str | None = None) -> None:
        super().__init__({"path": "nowhere", **settings}, state=state)


@breaks("protocol.clock")
class DatesUnknownDealsToday(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        year = datetime.now(UTC).year
        return {**tables, "owner": [{**row, "team": f"since {year}"} for row in tables["owner"]]}


@breaks("protocol.network")
class PhonesHome(Sound):
    def check(self) -> Iterable[Check]:
        with socket.socket() as phone, suppress(OSError):
            phone.settimeout(0.2)
            phone.connect(("127.0.0.1", 9))
        return super().check()


@breaks("pages.tables", "reading.provided")
class DeliversAccounts(Sound):
    def pages(self, crm: Crm, after: str | None) -> Iterator[Page]:
        yield from super().pages(crm, after)
        yield Page("account", pa.table({"account_id": ["A1"]}))


@breaks("pages.columns")
class LeavesOutEmptyColumns(Sound):
    def arrow(self, name: str, rows: Sequence[Row]) -> pa.Table:
        whole = super().arrow(name, rows)
        return whole.drop_columns([column for column in ("phone", "url") if column in whole.column_names])


@breaks("pages.no_others")
class AddsColumnsOfItsOwn(Sound):
    def arrow(self, name: str, rows: Sequence[Row]) -> pa.Table:
        whole = super().arrow(name, rows)
        return whole.append_column("person_id", whole["record_id"]) if name == "record" else whole


@breaks("pages.custom")
class CallsFieldsAsTheCrmDoes(Sound):
    def arrow(self, name: str, rows: Sequence[Row]) -> pa.Table:
        whole = super().arrow(name, rows)
        return whole.rename_columns([column.replace("f_budget", "f_Budget__c") for column in whole.column_names])


@breaks("pages.custom")
class DeliversNumbersInCustomFields(Sound):
    def arrow(self, name: str, rows: Sequence[Row]) -> pa.Table:
        whole = super().arrow(name, rows)
        if name != "record":
            return whole
        return whole.append_column("f_size", pa.array([7.0] * whole.num_rows))


@breaks("pages.types")
class LeavesTypesToChance(Sound):
    def arrow(self, name: str, rows: Sequence[Row]) -> pa.Table:
        whole = super().arrow(name, rows)
        at = whole.schema.get_field_index("position")
        return whole if at < 0 else whole.set_column(at, "position", pa.nulls(whole.num_rows, pa.float64()))


@breaks("pages.types")
class DeliversMomentsWithAZone(Sound):
    def arrow(self, name: str, rows: Sequence[Row]) -> pa.Table:
        whole = super().arrow(name, rows)
        at = whole.schema.get_field_index("created_at")
        if at < 0:
            return whole
        return whole.set_column(at, "created_at", whole["created_at"].cast(pa.timestamp("us", "UTC")))


@breaks("pages.bounded")
class DeliversAllAtOnce(Sound):
    def page_rows(self) -> int:
        return 10**9


@breaks("pages.keys")
class DeliversTheLastPageTwice(Sound):
    def pages(self, crm: Crm, after: str | None) -> Iterator[Page]:
        page = None
        for page in super().pages(crm, after):
            yield page
        if page is not None:
            yield page


@breaks("pages.ids")
class LeavesBlanksAroundIds(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        return {**tables, "owner": [{**row, "owner_id": f"{row['owner_id']} "} for row in tables["owner"]]}


@breaks("pages.objects")
class SaysContactInItsOwnWay(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        return {**tables, "activity": [{**row, "object": "Lead"} for row in tables["activity"]]}


@breaks("pages.words")
class PassesOnTheCrmsWords(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        return {**tables, "activity": [{**row, "kind": "Phone Call"} for row in tables["activity"]]}


@breaks("pages.required")
class LeavesCampaignsBlank(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        return {**tables, "campaign_touch": [{**row, "campaign": None} for row in tables["campaign_touch"]]}


@breaks("pages.times")
class TakesTheOfficeClockForUtc(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        shifted = [{**row, "created_at": row["created_at"].replace("T15", "T09")} for row in tables["record"]]
        return {**tables, "record": shifted}


@breaks("history.evidence")
class CallsItsHistoryObserved(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        return {**tables, "field_change": [{**row, "evidence": "observed"} for row in tables["field_change"]]}


@breaks("history.dated")
class ForgetsWhenRecordsBegan(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        changes = [{**row, "at": row["at"] if row["from_value"] else None} for row in tables["field_change"]]
        return {**tables, "field_change": changes}


@breaks("history.order")
class CountsNothing(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        return {**tables, "field_change": [{**row, "seq": 0} for row in tables["field_change"]]}


@breaks("history.order")
class CountsDownwards(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        return {**tables, "field_change": [{**row, "seq": row["seq"] - 99} for row in tables["field_change"]]}


@breaks("history.records", "rejects.others_load")
class TellsOfRecordsItHides(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        strange = {**crm["changes"][0], "record_id": "nobody-knows"}
        return {**tables, "field_change": [*tables["field_change"], strange]}


@breaks("history.leads_to_now")
class TellsItsOwnChangesOnly(Sound):
    def tables(self, crm: Crm, after: str | None) -> Tables:
        tables = super().tables(crm, after)
        told = [row for row in tables["field_change"] if row["from_value"] is None or row["actor_id"] == "leadpact"]
        return {**tables, "field_change": told}


@breaks("history.since")
class SaysSinceWithAZone(Sound):
    def extract(self, since: str | None = None) -> Extract:
        return replace(super().extract(since), history_since=datetime(2026, 1, 1, tzinfo=UTC))
