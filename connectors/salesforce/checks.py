"""Testing a connection: what works, what is missing and which permission it needs. Reads only.

Not here: single fields that may be written (fields.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.salesforce import tracking
from connectors.salesforce.client import Client
from connectors.salesforce.plan import Plan
from connectors.salesforce.scope import Org, look
from leadpact.connector import Check
from leadpact.errors import LeadPactError, SourceUnreachable
from leadpact.mapping import MappingDocument

# calculated by Salesforce, and as old as the record all the same
KNOWN = ("Name", "IsClosed", "IsWon", "CompletedDateTime")
# what to do about each thing that is not read
NEED = {
    "salesforce.object_unreadable": "salesforce.remedy.object",
    "salesforce.history_unreadable": "salesforce.remedy.history",
    "salesforce.field_unreadable": "salesforce.remedy.field",
    "salesforce.field_type": "salesforce.remedy.type",
}


def checks(client: Client, document: MappingDocument) -> Iterator[Check]:
    """One answer after the other; what goes wrong is an answer too."""
    try:
        org = look(client, document)
        yield _signed_in(client, org)
        yield _quota(client)
        yield from _objects(org.plan)
        yield from _history(client, org)
    except LeadPactError as error:
        away = isinstance(error, SourceUnreachable)
        remedy = "salesforce.remedy.unreachable" if away else "salesforce.remedy.refused"
        yield Check("connection", False, error.key, remedy, error.params)
        return
    if client.settings.writable:
        yield Check("write", True, "salesforce.check.writable")
    else:
        yield Check("write", False, "salesforce.check.read_only", "salesforce.remedy.read_only")


def _signed_in(client: Client, org: Org) -> Check:
    key = "salesforce.check.sandbox" if org.sandbox else "salesforce.check.production"
    return Check("connection", True, key, None, {"host": client.host})


def _quota(client: Client) -> Check:
    used, allowed = client.link.used, client.link.allowed
    if used is None or allowed is None:
        return Check("calls", True, "salesforce.check.calls_unknown")
    share = round(client.settings.quota_share * 100)
    params = {"used": used, "allowed": allowed, "share": share}
    return Check("calls", True, "salesforce.check.calls", None, params)


def _objects(plan: Plan) -> Iterator[Check]:
    for name, source in plan.sources.items():
        params = {"object": name, "count": len(source.paths)}
        yield Check(name, True, "salesforce.check.object", None, params)
    for name, source in plan.sources.items():
        named = (*source.columns.values(), *source.custom.values(), *(one for one, _ in source.stamps))
        for field in dict.fromkeys(one.name for one in named if one.calculated and one.name not in KNOWN):
            yield Check(f"{name}.{field}", True, "salesforce.check.formula", None, {"object": name, "field": field})
    if {"Task", "Event"} & set(plan.sources):
        yield Check("activities", True, "salesforce.check.activities")
    for one in plan.missing:
        where = f"{one.object}.{one.field}" if one.field else one.object
        yield Check(where, False, one.why, NEED[one.why], {"object": one.object, "field": one.field or "–"})


def _history(client: Client, org: Org) -> Iterator[Check]:
    """From when the status changes of each object are all there."""
    known = tracking.since(client, org.plan, org.began)
    for name, history in org.plan.histories.items():
        status = org.plan.sources[name].columns.get("status")
        if status is None:
            continue
        params = {"object": name, "field": status.name}
        since = known[name]
        if since is None:
            yield Check(history, False, "salesforce.check.no_history", "salesforce.remedy.track", params)
        else:
            params["since"] = since.isoformat(" ", "minutes")
            yield Check(history, True, "salesforce.check.history", None, params)
