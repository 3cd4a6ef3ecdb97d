"""Campaign members as touches of a campaign.

A touch is known by what it says, not by an id, so a member that changed cannot be laid over by key:
a delta reads all memberships of every record concerned, and of campaigns that were renamed.

Not here: the campaigns' cost or influence (leadpact/metrics).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce import cells, fetch
from connectors.salesforce.client import Client
from connectors.salesforce.plan import Source
from connectors.salesforce.rows import Rows, canonical
from connectors.salesforce.schema import Schema
from leadpact.model import CAMPAIGN_TOUCH

MOST = 5_000  # records whose memberships are asked for by id: of more, all are read anew


@dataclass(frozen=True)
class Campaigns:
    """The members of one org's campaigns."""

    client: Client
    source: Source
    schema: Schema
    zone: ZoneInfo

    def everything(self) -> Iterator[pa.Table]:
        names = self._names()
        for table in fetch.rows(self.client, "CampaignMember", self.source.paths, order=" ORDER BY Id"):
            yield self._touches(table, names)

    def concerned(self, changed: str) -> set[str] | None:
        """The leads and contacts whose memberships may have changed; null where they are too many."""
        pairs = ["LeadId", *(["ContactId"] if "ContactId" in self.source.beside else [])]
        found: set[str] = set()
        tables = list(fetch.rows(self.client, "CampaignMember", pairs, changed, deleted=True))
        if "Name" in self._campaign_fields():
            since = changed.replace("SystemModstamp", "LastModifiedDate")
            renamed = [str(key) for key in _column(fetch.rows(self.client, "Campaign", ["Id"], since), "Id")]
            tables += fetch.by_ids(self.client, "CampaignMember", pairs, "CampaignId", renamed)
        for table in tables:
            for name in pairs:
                found |= {str(key) for key in table.column(name).to_pylist() if key}
            if len(found) > MOST:
                return None
        return found

    def of(self, records: set[str]) -> Iterator[pa.Table]:
        """All memberships of some records."""
        names = self._names()
        seen: set[str] = set()
        for column, prefix in (("LeadId", "00Q"), ("ContactId", "003")):
            some = sorted(key for key in records if key.startswith(prefix))
            for table in fetch.by_ids(self.client, "CampaignMember", self.source.paths, column, some):
                ids = table.column("Id").to_pylist()
                fresh = table.filter(pa.array([key not in seen for key in ids], pa.bool_()))
                seen |= set(ids)
                yield self._touches(fresh, names)

    def _campaign_fields(self) -> frozenset[str]:
        described = self.schema.object("Campaign")
        return frozenset(described.fields) if described is not None else frozenset()

    def _names(self) -> dict[str, str]:
        """What each campaign is called; of several of one name, the later ones with their id."""
        if "Name" not in self._campaign_fields():
            return {}
        names: dict[str, str] = {}
        taken: set[str] = set()
        pairs: list[tuple[str, str]] = []
        for table in fetch.rows(self.client, "Campaign", ["Id", "Name"]):
            pairs += zip(table.column("Id").to_pylist(), table.column("Name").to_pylist(), strict=True)
        for key, name in sorted(pairs):
            names[key] = name if name and name not in taken else f"{name or ''} ({key})".strip()
            taken.add(name)
        return names

    def _touches(self, table: pa.Table, names: dict[str, str]) -> pa.Table:
        rows = Rows(self.source, table, self.zone)
        rows = rows.only(rows.meant())
        lead, contact = rows.words("record_id"), rows.raw("ContactId")
        campaign = rows.words("campaign")
        field = self.source.columns.get("campaign")
        if field is not None and field.name == "CampaignId":
            campaign = pc.coalesce(cells.worded(campaign, names), campaign)
        columns = {
            "object": pc.if_else(
                lead.is_valid(), "lead", pc.if_else(contact.is_valid(), "contact", pa.scalar(None, pa.string()))
            ),
            "record_id": pc.coalesce(lead, contact),
            "campaign": campaign,
            "response": rows.words("response"),
            "at": self._moments(rows),
        }
        whole = canonical(CAMPAIGN_TOUCH, columns, len(rows))
        return whole.filter(pc.and_(whole.column("record_id").is_valid(), whole.column("campaign").is_valid()))

    def _moments(self, rows: Rows) -> pa.Array:
        """The day of the first response, to the moment where it is that of becoming a member; else becoming one."""
        joined = cells.times(rows.raw("CreatedDate"))
        responded = rows.time("at")
        field = self.source.columns.get("at")
        if field is not None and field.type == "date":
            same_day = pc.equal(cells.local_days(joined, self.zone), cells.local_days(responded, self.zone))
            responded = pc.if_else(pc.fill_null(same_day, False), joined, responded)
        return pc.coalesce(responded, joined)


def _column(tables: Iterator[pa.Table], name: str) -> list[str]:
    return [key for table in tables for key in table.column(name).to_pylist()]
