"""What a reading is about: the org as it was looked at, and the mark it goes on from.

Not here: its pages (pages.py), whether a mark leads on (reading.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.salesforce import fetch, marks
from connectors.salesforce.client import Client
from connectors.salesforce.plan import OBJECTS, Plan, plan
from connectors.salesforce.schema import Schema
from connectors.salesforce.values import Values
from leadpact.errors import SourceRefused
from leadpact.mapping import MappingDocument


@dataclass(frozen=True)
class Org:
    """What is known of an org before its rows are read. `began` is its clock then, UTC without zone."""

    key: str
    sandbox: bool
    began: datetime | None
    schema: Schema
    plan: Plan


def look(client: Client, document: MappingDocument) -> Org:
    """What this user may read of the org. Raises SourceRefused where it is neither leads nor contacts."""
    found = _organization(client)
    began = client.now
    schema = Schema(client)
    planned = plan(document, schema)
    if not any(name in planned.sources for name in OBJECTS):
        raise SourceRefused("salesforce.no_records", host=client.host)
    return Org(str(found.get("Id", "-")), bool(found.get("IsSandbox")), began, schema, planned)


def _organization(client: Client) -> Mapping[str, Any]:
    """The org's own row; nothing of it where this user may not see it."""
    try:
        found = fetch.everything(client, "SELECT Id, IsSandbox FROM Organization")
    except SourceRefused as error:
        if error.key != "salesforce.refused":
            raise
        return {}
    return found[0] if found else {}


@dataclass(frozen=True)
class Scope:
    """One reading. `since` is a mark that leads on, null for everything; `tracked` as in the mark.

    sizes: about how many rows objects have, for a reading of everything.
    """

    client: Client
    org: Org
    values: Values
    since: marks.Mark | None
    tracked: Mapping[str, datetime | None]
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        return self.org.plan

    @property
    def zone(self) -> ZoneInfo:
        return self.client.settings.zone

    @property
    def history(self) -> bool:
        """Whether any past of a record can be read: its field history, or date stamps."""
        return bool(self.plan.histories) or any(source.stamps for source in self.plan.sources.values())

    @property
    def provided(self) -> frozenset[str]:
        """The canonical tables this user may read at all."""
        named = {"Task": "activity", "Event": "activity", "Opportunity": "opportunity", "User": "owner",
                 "CampaignMember": "campaign_touch"}  # fmt: skip
        found = {"record", "status_value", *(table for name, table in named.items() if name in self.plan.sources)}
        return frozenset(found | ({"field_change"} if self.history else set()))

    def changed(self, stamp: str = "SystemModstamp") -> str:
        """The condition of rows stamped since the mark, and a while before; empty for everything.

        A row carries the moment its transaction began, and is seen when it ends: hence the while.
        """
        if self.since is None:
            return ""
        return f"{stamp} >= {fetch.moment(self.since.began - self.client.settings.overlap)}"

    def touched(self, name: str) -> str:
        """The condition of rows that read differently now: they changed, or what they point to did."""
        relations = {path.rpartition(".")[0] for path in self.plan.sources[name].paths if "." in path}
        stamps = [f"{relation}.SystemModstamp" for relation in sorted(relations)]
        known = [stamp for stamp in stamps if self.has(name, stamp)]
        return " OR ".join(filter(None, map(self.changed, ["SystemModstamp", *known])))

    def has(self, name: str, path: str) -> bool:
        return self.org.schema.field(name, path) is not None

    def custom(self, *names: str) -> tuple[str, ...]:
        """The own fields of these objects together: a page has them all."""
        sources = [self.plan.sources[name] for name in names if name in self.plan.sources]
        return tuple(dict.fromkeys(slug for source in sources for slug in source.custom))
