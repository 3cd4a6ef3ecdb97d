"""The pages of a reading, in their order: records before their history, and both before what people did.

So no status is without the change that led to it, whatever happens in the org meanwhile.

Not here: translation (records.py, changes.py …), asking (fetch.py), before the first page (reading.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce import cells, fetch, owners
from connectors.salesforce.activities import activities
from connectors.salesforce.campaigns import Campaigns
from connectors.salesforce.changes import CONVERTED, History
from connectors.salesforce.opportunities import Opportunities
from connectors.salesforce.plan import OBJECTS, SOBJECTS
from connectors.salesforce.records import Known, converted, numbers, own_changes, records
from connectors.salesforce.rows import PAGE, Rows
from connectors.salesforce.scope import Scope
from connectors.salesforce.values import Values
from leadpact.connector import Page, Reject
from leadpact.model import CAMPAIGN_TOUCH, LEAD, OPPORTUNITIES, RECORD, TABLES

# an attendee's copy of an event, and the pattern of a series, are nobody's touch
ONCE = ("IsChild", "IsRecurrence")


@dataclass(frozen=True)
class Pages:
    """The pages of one reading."""

    scope: Scope

    def counted(self, counted: int) -> Iterator[Page]:
        """The pages, none too large, each with the calls it took; `counted` were made before the reading."""
        for page in self._pages():
            for part in _cut(page):
                calls, counted = self.scope.client.calls - counted, self.scope.client.calls
                yield replace(part, calls=calls)

    def _pages(self) -> Iterator[Page]:
        # a delta reads the same fields as what it is laid over: what is not read was told then
        yield Page("record", RECORD.empty(), self._notes() if self.scope.since is None else ())
        yield Page("status_value", self.scope.values.table(), _unanswered(self.scope.values), anew=True)
        yield from _anew(
            "owner", owners.pages(self.scope.client, self.scope.plan, self.scope.org.schema, self.scope.zone)
        )
        ended: set[str] = set()
        for name in OBJECTS:
            if name in self.scope.plan.sources:
                yield from self._records(name, ended)
        for name, history in self.scope.plan.histories.items():
            yield from self._history(History(self.scope.plan.sources[name], history))
        for name in ("Task", "Event"):
            if name in self.scope.plan.sources:
                yield from self._activities(name)
        if "CampaignMember" in self.scope.plan.sources:
            yield from self._campaigns(ended)
        if "Opportunity" in self.scope.plan.sources:
            yield from self._opportunities()

    def _notes(self) -> list[Reject]:
        """What is not read, so that nobody misses it unknowingly."""
        return [
            Reject(one.object, None, one.field, one.why, {"object": one.object, "field": one.field or "–"}, kept=True)
            for one in self.scope.plan.missing
        ]

    def _records(self, name: str, ended: set[str]) -> Iterator[Page]:
        source, zone = self.scope.plan.sources[name], self.scope.zone
        custom = self.scope.custom("Lead", "Contact")
        all_moments = self._conversions() if name == SOBJECTS[LEAD] and self.scope.since is None else None
        site = f"https://{self.scope.client.host}"
        for table in self._all(name, source.paths, self.scope.touched(name), " ORDER BY Id"):
            rows = Rows(source, table, zone)
            rows = rows.only(rows.meant())
            moments = all_moments or self._conversions(converted(rows))
            known = Known(
                self.scope.plan.record_types,
                moments,
                self.scope.tracked.get(name),
                self.scope.values.of(OBJECTS[name]),
                site,
                custom,
            )
            made = records(rows, known)
            yield Page("record", made)
            if self.scope.history:
                changes, early = own_changes(rows, known)
                yield Page("field_change", changes, early, gone=self._own(made, numbers(rows)))
            if self.scope.since is not None:
                # nobody says that a membership is stamped when its record is merged or deleted
                over = pc.not_equal(made.column("condition"), "active")
                ended |= set(made.column("record_id").filter(over).to_pylist())

    def _all(
        self, name: str, paths: Sequence[str], where: str, order: str, *, in_order: bool = False
    ) -> Iterator[pa.Table]:
        """Rows of an object, deleted ones too."""
        size = self.scope.sizes.get(name, 0)
        return fetch.rows(
            self.scope.client, name, paths, where, deleted=True, order=order, in_order=in_order, about=size
        )

    def _own(self, made: pa.Table, seqs: list[int]) -> pa.Table | None:
        """The changes the records may have dated themselves before."""
        if self.scope.since is None:
            return None
        keys = made.select(["object", "record_id"])
        parts = [keys.append_column("seq", pa.repeat(pa.scalar(seq, pa.int64()), len(keys))) for seq in seqs]
        return pa.concat_tables(parts)

    def _conversions(self, ids: list[str] | None = None) -> tuple[pa.Array, pa.Array]:
        """Lead ids and the moments their history dates the conversion; of the given leads only."""
        nothing = (pa.array([], pa.string()), pa.array([], cells.TIME))
        history = self.scope.plan.histories.get("Lead")
        if history is None or ids == []:
            return nothing
        paths, where = ["LeadId", "CreatedDate"], f"Field = '{CONVERTED}'"
        if ids is None:
            tables: Iterable[pa.Table] = fetch.rows(self.scope.client, history, paths, where, deleted=True)
        else:
            tables = fetch.by_ids(self.scope.client, history, paths, "LeadId", ids, where, deleted=True)
        found = list(tables)
        if not found:
            return nothing
        whole = pa.concat_tables(found).combine_chunks()
        return whole.column("LeadId").chunk(0), cells.times(whole.column("CreatedDate").chunk(0))

    def _history(self, history: History) -> Iterator[Page]:
        where = fetch.both(f"Field IN ({fetch.listed(history.fields)})", self.scope.changed("CreatedDate"))
        if history.fields:
            order = " ORDER BY CreatedDate, Id"
            tables = self._all(history.name, history.paths, where, order, in_order=True)
            yield from (Page("field_change", rows) for rows in history.pages(tables))

    def _activities(self, name: str) -> Iterator[Page]:
        source = self.scope.plan.sources[name]
        once = [f"{flag} = false" for flag in ONCE if self.scope.has(name, flag)]
        where = fetch.both(self.scope.changed(), *once)
        # archived ones, a year old and more, are shown only together with deleted ones
        for table in self._all(name, source.paths, where, " ORDER BY Id"):
            rows, gone = activities(Rows(source, table, self.scope.zone))
            yield Page("activity", rows, gone=pa.table({"activity_id": gone}) if self.scope.since is not None else None)

    def _campaigns(self, ended: set[str]) -> Iterator[Page]:
        source, zone = self.scope.plan.sources["CampaignMember"], self.scope.zone
        campaigns = Campaigns(self.scope.client, source, self.scope.org.schema, zone)
        concerned = campaigns.concerned(self.scope.changed()) if self.scope.since is not None else None
        if concerned is None:
            yield from _anew("campaign_touch", campaigns.everything())
            return
        concerned |= ended
        if concerned:
            keys = pa.array(sorted(concerned), pa.string())
            yield Page("campaign_touch", CAMPAIGN_TOUCH.empty(), gone=pa.table({"record_id": keys}))
            yield from (Page("campaign_touch", rows) for rows in campaigns.of(concerned))

    def _opportunities(self) -> Iterator[Page]:
        source, zone = self.scope.plan.sources["Opportunity"], self.scope.zone
        custom = self.scope.custom("Opportunity")
        deals = Opportunities(
            self.scope.client, source, self.scope.org.schema, zone, self.scope.plan.record_types, custom
        )
        concerned = deals.concerned(self.scope.changed()) if self.scope.since is not None else None
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


def _unanswered(found: Values) -> list[Reject]:
    return [
        Reject(name, None, None, "salesforce.reject.values_uncounted", {"object": name}, kept=True)
        for name in found.unanswered
    ]
