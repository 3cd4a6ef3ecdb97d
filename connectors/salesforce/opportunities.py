"""Opportunities, and the contact each is counted for: its primary role, else whom its lead became.

A role or a conversion that changes moves an opportunity although the opportunity itself did not
change: a delta looks for all three.

Not here: what a deal means for a person (leadpact/metrics).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce import cells, fetch
from connectors.salesforce.client import Client
from connectors.salesforce.plan import Source
from connectors.salesforce.records import typed
from connectors.salesforce.rows import Rows, canonical, constant
from connectors.salesforce.schema import Schema
from leadpact.model import OPPORTUNITIES

MOST = 5_000  # opportunities asked for by id: of more, all are read anew
ROLE, LEAD = "OpportunityContactRole", "Lead"
ROLES, BECAME = ("OpportunityId", "ContactId"), ("ConvertedOpportunityId", "ConvertedContactId")
Contacts = dict[str, str]


@dataclass(frozen=True)
class Opportunities:
    """The opportunities of one org."""

    client: Client
    source: Source
    schema: Schema
    zone: ZoneInfo
    record_types: Mapping[str, str]
    custom: tuple[str, ...]

    @property
    def roles(self) -> bool:
        return all(self.schema.field(ROLE, name) is not None for name in (*ROLES, "IsPrimary"))

    @property
    def conversions(self) -> bool:
        return all(self.schema.field(LEAD, name) is not None for name in BECAME)

    def everything(self) -> Iterator[pa.Table]:
        contacts = self._contacts()
        for table in fetch.rows(self.client, "Opportunity", self.source.paths, order=" ORDER BY Id"):
            yield self._deals(table, contacts)

    def concerned(self, changed: str) -> list[str] | None:
        """The opportunities that may read differently now; null where they are too many."""
        asked = [("Opportunity", "Id", changed)]
        if self.roles:
            asked.append((ROLE, "OpportunityId", changed))
        if self.conversions:
            asked.append((LEAD, "ConvertedOpportunityId", fetch.both(changed, "ConvertedOpportunityId != null")))
        found: set[str] = set()
        for object, column, where in asked:
            for table in fetch.rows(self.client, object, [column], where, deleted=True):
                found |= {str(key) for key in table.column(column).to_pylist() if key}
                if len(found) > MOST:
                    return None
        return sorted(found)

    def of(self, ids: Sequence[str]) -> Iterator[pa.Table]:
        contacts = self._contacts(ids)
        for table in fetch.by_ids(self.client, "Opportunity", self.source.paths, "Id", ids):
            yield self._deals(table, contacts)

    def _contacts(self, ids: Sequence[str] | None = None) -> Contacts:
        """Whom each opportunity is counted for; of the given ones only."""
        found: Contacts = {}
        if self.conversions:
            found |= self._pairs(LEAD, BECAME, "ConvertedContactId != null", ids)
        if self.roles:
            found |= self._pairs(ROLE, ROLES, "IsPrimary = true", ids)
        return found

    def _pairs(self, object: str, columns: Sequence[str], where: str, ids: Sequence[str] | None) -> Contacts:
        if ids is None:
            tables = fetch.rows(self.client, object, columns, fetch.both(where, f"{columns[0]} != null"))
        else:
            tables = fetch.by_ids(self.client, object, columns, columns[0], ids, where)
        found: Contacts = {}
        for table in tables:
            found |= dict(zip(*(table.column(name).to_pylist() for name in columns), strict=True))
        return found

    def _deals(self, table: pa.Table, contacts: Contacts) -> pa.Table:
        rows = Rows(self.source, table, self.zone)
        rows = rows.only(rows.meant())
        size, ids = len(rows), rows.raw("Id")
        reached = pa.array([contacts.get(key) for key in ids.to_pylist()], pa.string())
        columns: dict[str, pa.Array] = {
            name: rows.words(name) for name in ("opportunity_id", "type", "currency", "owner_id", "object", "record_id")
        }
        if "record_id" not in self.source.columns:
            columns |= {
                "record_id": reached,
                "object": pc.if_else(reached.is_valid(), "contact", pa.scalar(None, pa.string())),
            }
        elif columns["object"].null_count == size:
            columns["object"] = pc.if_else(columns["record_id"].is_valid(), constant("contact", size), None)
        columns |= {
            "pipeline": typed(rows, "pipeline", self.record_types),
            "amount": rows.number("amount"),
            "created_at": rows.time("created_at"),
            "closed_at": self._closed(rows),
            "is_won": rows.flag("is_won"),
            "is_closed": rows.flag("is_closed"),
        }
        return canonical(OPPORTUNITIES, {**columns, **rows.customs()}, size, self.custom)

    def _closed(self, rows: Rows) -> pa.Array:
        """The day a closed deal was closed; the moment its stage last changed, or it was made, if on that day."""
        day, created = rows.time("closed_at"), rows.time("created_at")
        field = self.source.columns.get("closed_at")
        if field is not None and field.type == "date":
            stage = cells.times(rows.raw("LastStageChangeDate"))
            for moment in (created, stage):
                same = pc.equal(cells.local_days(moment, self.zone), cells.local_days(day, self.zone))
                day = pc.if_else(pc.fill_null(same, False), moment, day)
        if "is_closed" not in self.source.columns:
            return day
        return pc.if_else(rows.flag("is_closed").fill_null(False), day, pa.scalar(None, cells.TIME))
