"""One reading of an org: everything, or what changed since a mark.

Before the first page stands what must be known first: the server's clock, what this user may read,
and whether the mark leads on from here.

Not here: the pages (pages.py), marks as text (marks.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.salesforce import fetch, marks, tracking, values
from connectors.salesforce.client import Client
from connectors.salesforce.pages import Pages
from connectors.salesforce.plan import OBJECTS, Plan
from connectors.salesforce.scope import Scope, look
from leadpact.connector import Extract
from leadpact.mapping import MappingDocument


@dataclass(frozen=True)
class Reading:
    """What is read, and the mark it will leave: null where the server does not tell its clock."""

    scope: Scope
    mark: str | None
    calls_before: int

    @staticmethod
    def of(client: Client, document: MappingDocument, since: str | None) -> Reading:
        """Raises SourceRefused, SourceUnreachable, Misconfigured."""
        before = client.calls
        org = look(client, document)
        found = values.values(client, org.plan, org.schema)
        fingerprint = org.plan.fingerprint(zone=client.settings.zone.key, told=_told(org.plan, found))
        mark = marks.read(since)
        if mark is not None and (org.began is None or not mark.leads_to(org.key, fingerprint, org.began)):
            mark = None
        if org.plan.selective:
            mark = None
        tracked = mark.tracked if mark is not None else tracking.since(client, org.plan, org.began)
        leaves = marks.Mark(org.key, fingerprint, org.began, tracked).text() if org.began is not None else None
        large = [*org.plan.sources, *org.plan.histories.values()]
        sizes = fetch.sizes(client, large) if mark is None else {}
        return Reading(Scope(client, org, found, mark, tracked, sizes), leaves, before)

    @property
    def provided(self) -> frozenset[str]:
        return self.scope.provided

    def extract(self) -> Extract:
        scope = self.scope
        dated = [at for at in scope.tracked.values() if at is not None]
        sources = {OBJECTS[name]: source for name, source in scope.plan.sources.items() if name in OBJECTS}
        status = {object for object, source in sources.items() if "status" in source.columns}
        told = {OBJECTS[name] for name, at in scope.tracked.items() if at is not None}
        return Extract(
            pages=Pages(scope).counted(self.calls_before),
            provided=self.provided,
            complete=scope.since is None,
            mark=lambda: self.mark,
            history_since=max(dated, default=None) if scope.history else None,
            creation_logged=False if scope.history else None,
            untracked=frozenset(status - told),
        )


def _told(plan: Plan, found: values.Values) -> list[list[str]]:
    """The statuses of date stamps that the history tells of too: which stamps count depends on it."""
    stamps = [(OBJECTS[name], status) for name, one in plan.sources.items() for _, status in one.stamps]
    return sorted([object, status] for object, status in stamps if status.casefold() in found.of(object))
