"""One reading of an org: everything, or what changed since a mark, page by page.

Before the first page stands what must be known first: the server's clock, what this user may read,
and whether a mark leads on from here. Records come before their history, so that no status is
without the change that led to it.

Not here: translation (records.py, changes.py …), asking (fetch.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce import cells, fetch, marks, owners, tracking, values
from connectors.salesforce.activities import activities
from connectors.salesforce.campaigns import Campaigns
from connectors.salesforce.changes import CONVERTED, History
from connectors.salesforce.client import Client
from connectors.salesforce.opportunities import Opportunities
from connectors.salesforce.plan import OBJECTS, SOBJECTS, Plan, plan
from connectors.salesforce.records import Known, converted, numbers, own_changes, records
from connectors.salesforce.rows import PAGE, Rows
from connectors.salesforce.schema import Schema
from leadpact.connector import Extract, Page, Reject
from leadpact.errors import SourceRefused
from leadpact.mapping import MappingDocument
from leadpact.model import CAMPAIGN_TOUCH, LEAD, OPPORTUNITIES, RECORD, TABLES


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
    found = fetch.everything(client, "SELECT Id, IsSandbox FROM Organization") or [{}]
    began = client.now
    schema = Schema(client)
    planned = plan(document, schema)
    if not any(name in planned.sources for name in OBJECTS):
        raise SourceRefused("salesforce.no_records", host=client.host)
    return Org(str(found[0].get("Id", "-")), bool(found[0].get("IsSandbox")), began, schema, planned)


@dataclass(frozen=True)
class Reading:
    """A look at an org, and how to go on from it. `since` is a mark that leads on, null for everything."""

    client: Client
    org: Org
    since: marks.Mark | None
    tracked: Mapping[str, datetime | None]
    fingerprint: str
    calls_before: int

    @staticmethod
    def of(client: Client, document: MappingDocument, since: str | None) -> Reading:
        """Raises SourceRefused, SourceUnreachable, Misconfigured."""
        before = client.calls
        org = look(client, document)
        fingerprint = org.plan.fingerprint(zone=client.settings.zone.key)
        mark = marks.read(since)
        if mark is not None and (org.began is None or not mark.leads_to(org.key, fingerprint, org.began)):
            mark = None
        mark = None if org.plan.selective else mark
        tracked = mark.tracked if mark is not None else tracking.since(client, org.plan, org.began)
        return Reading(client, org, mark, tracked, fingerprint, before)

    def extract(self) -> Extract:
        dated = [at for at in self.tracked.values() if at is not None]
        status = {
            OBJECTS[name] for name, one in self.org.plan.sources.items() if name in OBJECTS and "status" in one.columns
        }
        told = {OBJECTS[name] for name, at in self.tracked.items() if at is not None}
        return Extract(
            pages=self._counted(),
            provided=self.provided,
            complete=self.since is None,
            mark=self._mark,
            history_since=max(dated, default=None) if self.history else None,
            creation_logged=False if self.history else None,
            untracked=frozenset(status - told),
        )

    @property
    def history(self) -> bool:
        """Whether any past of a record can be read: its field history, or date stamps."""
        return bool(self.org.plan.histories) or any(source.stamps for source in self.org.plan.sources.values())

    @property
    def provided(self) -> frozenset[str]:
        """The canonical tables this user may read at all."""
        named = {"Task": "activity", "Event": "activity", "Opportunity": "opportunity", "User": "owner",
                 "CampaignMember": "campaign_touch"}  # fmt: skip
        found = {"record", "status_value", *(table for name, table in named.items() if name in self.org.plan.sources)}
        return frozenset(found | ({"field_change"} if self.history else set()))

    def _mark(self) -> str | None:
        if self.org.began is None:
            return None
        return marks.Mark(self.org.key, self.fingerprint, self.org.began, self.tracked).text()

    @property
    def changed(self) -> str:
        """The condition of rows that changed since the mark; empty for everything."""
        return self._after("SystemModstamp")

    def _after(self, stamp: str) -> str:
        if self.since is None:
            return ""
        return f"{stamp} >= {fetch.moment(self.since.began - self.client.settings.overlap)}"

    def _touched(self, name: str) -> str:
        """The condition of rows that read differently now: they changed, or what they point to did."""
        relations = {path.rpartition(".")[0] for path in self.org.plan.sources[name].paths if "." in path}
        stamps = [f"{relation}.SystemModstamp" for relation in sorted(relations)]
        known = [stamp for stamp in stamps if self.org.schema.field(name, stamp) is not None]
        return " OR ".join(filter(None, map(self._after, ["SystemModstamp", *known])))

    # -- pages ----------------------------------------------------------------------------------

    def _counted(self) -> Iterator[Page]:
        """The pages, none too large, each with the calls it took."""
        counted = self.calls_before
        for page in self._pages():
            for part in _cut(page):
                calls, counted = self.client.calls - counted, self.client.calls
                yield replace(part, calls=calls)

    def _pages(self) -> Iterator[Page]:
        yield Page("record", RECORD.empty(), self._notes())
        found = values.values(self.client, self.org.plan, self.org.schema)
        yield Page("status_value", found.table(), _unanswered(found), anew=True)
        yield from _anew("owner", owners.pages(self.client, self.org.plan, self.org.schema, self.client.settings.zone))
        ended: set[str] = set()
        for name in OBJECTS:
            if name in self.org.plan.sources:
                yield from self._records(name, found, ended)
        for name, history in self.org.plan.histories.items():
            yield from self._history(History(self.org.plan.sources[name], history))
        for name in ("Task", "Event"):
            if name in self.org.plan.sources:
                yield from self._activities(name)
        if "CampaignMember" in self.org.plan.sources:
            yield from self._campaigns(ended)
        if "Opportunity" in self.org.plan.sources:
            yield from self._opportunities()

    def _notes(self) -> list[Reject]:
        """What is not read, so that nobody misses it unknowingly."""
        return [
            Reject(one.object, None, one.field, one.why, {"object": one.object, "field": one.field or "–"}, kept=True)
            for one in self.org.plan.missing
        ]

    def _records(self, name: str, found: values.Values, ended: set[str]) -> Iterator[Page]:
        source, zone = self.org.plan.sources[name], self.client.settings.zone
        custom = self._custom("Lead", "Contact")
        all_moments = self._conversions() if name == SOBJECTS[LEAD] and self.since is None else None
        site = f"https://{self.client.host}"
        for table in fetch.rows(
            self.client, name, source.paths, self._touched(name), deleted=True, order=" ORDER BY Id"
        ):
            rows = Rows(source, table, zone)
            rows = rows.only(rows.meant())
            moments = all_moments or self._conversions(converted(rows))
            known = Known(
                self.org.plan.record_types, moments, self.tracked.get(name), found.of(OBJECTS[name]), site, custom
            )
            made = records(rows, known)
            yield Page("record", made)
            if self.history:
                changes, early = own_changes(rows, known)
                yield Page("field_change", changes, early, gone=self._own(made, numbers(rows)))
            if self.since is not None:
                over = pc.not_equal(made.column("condition"), "active")
                ended |= set(made.column("record_id").filter(over).to_pylist())

    def _own(self, made: pa.Table, seqs: list[int]) -> pa.Table | None:
        """The changes the records may have dated themselves before."""
        if self.since is None:
            return None
        keys = made.select(["object", "record_id"])
        parts = [keys.append_column("seq", pa.repeat(pa.scalar(seq, pa.int64()), len(keys))) for seq in seqs]
        return pa.concat_tables(parts)

    def _custom(self, *names: str) -> tuple[str, ...]:
        """The own fields of these objects together: a page has them all."""
        sources = [self.org.plan.sources[name] for name in names if name in self.org.plan.sources]
        return tuple(dict.fromkeys(slug for source in sources for slug in source.custom))

    def _conversions(self, ids: list[str] | None = None) -> tuple[pa.Array, pa.Array]:
        """Lead ids and the moments their history dates the conversion; of the given leads only."""
        nothing = (pa.array([], pa.string()), pa.array([], cells.TIME))
        history = self.org.plan.histories.get("Lead")
        if history is None or ids == []:
            return nothing
        paths, where = ["LeadId", "CreatedDate"], f"Field = '{CONVERTED}'"
        if ids is None:
            tables: Iterable[pa.Table] = fetch.rows(self.client, history, paths, where, deleted=True)
        else:
            tables = fetch.by_ids(self.client, history, paths, "LeadId", ids, where, deleted=True)
        found = list(tables)
        if not found:
            return nothing
        whole = pa.concat_tables(found).combine_chunks()
        return whole.column("LeadId").chunk(0), cells.times(whole.column("CreatedDate").chunk(0))

    def _history(self, history: History) -> Iterator[Page]:
        where = fetch.both(f"Field IN ({fetch.listed(history.fields)})", self._after("CreatedDate"))
        if history.fields:
            order = " ORDER BY CreatedDate, Id"
            tables = fetch.rows(
                self.client, history.name, history.paths, where, deleted=True, order=order, in_order=True
            )
            yield from (Page("field_change", rows) for rows in history.pages(tables))

    def _activities(self, name: str) -> Iterator[Page]:
        source = self.org.plan.sources[name]
        # archived ones, a year old and more, are shown only together with deleted ones
        where = fetch.both(self.changed, "IsChild = false" if name == "Event" and self._has(name, "IsChild") else "")
        for table in fetch.rows(self.client, name, source.paths, where, deleted=True, order=" ORDER BY Id"):
            rows, gone = activities(Rows(source, table, self.client.settings.zone))
            yield Page("activity", rows, gone=pa.table({"activity_id": gone}) if self.since is not None else None)

    def _has(self, name: str, field: str) -> bool:
        return self.org.schema.field(name, field) is not None

    def _campaigns(self, ended: set[str]) -> Iterator[Page]:
        source, zone = self.org.plan.sources["CampaignMember"], self.client.settings.zone
        campaigns = Campaigns(self.client, source, self.org.schema, zone)
        concerned = campaigns.concerned(self.changed) if self.since is not None else None
        if concerned is None:
            yield from _anew("campaign_touch", campaigns.everything())
            return
        concerned |= ended
        if concerned:
            keys = pa.array(sorted(concerned), pa.string())
            yield Page("campaign_touch", CAMPAIGN_TOUCH.empty(), gone=pa.table({"record_id": keys}))
            yield from (Page("campaign_touch", rows) for rows in campaigns.of(concerned))

    def _opportunities(self) -> Iterator[Page]:
        source, zone = self.org.plan.sources["Opportunity"], self.client.settings.zone
        custom = self._custom("Opportunity")
        deals = Opportunities(self.client, source, self.org.schema, zone, self.org.plan.record_types, custom)
        concerned = deals.concerned(self.changed) if self.since is not None else None
        if concerned is None:
            yield from _anew("opportunity", deals.everything())
            return
        # those that are not read again are gone
        gone = pa.table({"opportunity_id": pa.array(concerned, pa.string())})
        yield Page("opportunity", OPPORTUNITIES.empty(), gone=gone)
        yield from (Page("opportunity", rows) for rows in deals.of(concerned))


def _anew(table: str, parts: Iterable[pa.Table]) -> Iterator[Page]:
    """A table read whole, in place of all that was there."""
    yield Page(table, TABLES[table].empty(), anew=True)
    yield from (Page(table, rows) for rows in parts)


def _cut(page: Page) -> Iterator[Page]:
    if page.rows.num_rows <= PAGE:
        yield page
        return
    for start in range(0, page.rows.num_rows, PAGE):
        part = page.rows.slice(start, PAGE)
        yield replace(page, rows=part) if not start else Page(page.table, part)


def _unanswered(found: values.Values) -> list[Reject]:
    return [
        Reject(name, None, None, "salesforce.reject.values_uncounted", {"object": name}, kept=True)
        for name in found.unanswered
    ]
