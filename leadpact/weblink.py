"""Which addresses of records may be followed: those of the connection's own CRM, by https, and no others.

The address of a record is data, and data can be anything: a link that leads elsewhere under the
words "Open in CRM" would be a trap.

Not here: drawing links (ui), making addresses (connectors).
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from leadpact.settings import Connection
from leadpact.tables import Table, Tables

AIRTABLE = frozenset({"airtable.com"})
SALESFORCE = (".salesforce.com", ".force.com")
_SITES = (".my.salesforce.com", ".lightning.force.com")
MOST = 0.5  # a host that more than this share of the addresses has is the CRM's own, where nothing else tells
_HOST = r"^https://([A-Za-z0-9.-]+)(?:[/:?#]|$)"


def hosts(connection: Connection) -> frozenset[str] | None:
    """The hosts its settings speak for; null where they do not tell (files; Salesforce by login.salesforce.com)."""
    if connection.type == "airtable":
        return AIRTABLE
    if connection.type != "salesforce":
        return None
    domain = str(connection.options.get("domain") or "").lower()
    host = connection.host or (f"{domain}.salesforce.com" if domain not in ("", "login", "test") else None)
    if host is None:
        return None
    names = {host.removesuffix(site) for site in _SITES if host.endswith(site)}
    return frozenset({host, *(f"{name}{site}" for name in names for site in _SITES)})


def usual(tables: Tables) -> Table:
    """The host most https addresses of records have, where more than half do. Out: host; one row or none."""
    record = tables.record
    host = record.url.re_extract(_HOST, 1).lower()
    told = record.select(host=host).filter(lambda t: t.host != "")
    counted = told.group_by("host").aggregate(n=told.count()).mutate(whole=lambda t: t.n.sum().over())
    return counted.filter(counted.n > MOST * counted.whole).select("host")


def fitting(connection: Connection, host: str) -> bool:
    """Whether a usual host may be the CRM's: Salesforce lives on its own domains only."""
    return connection.type != "salesforce" or host.endswith(SALESFORCE)


def safe(value: object, allowed: Collection[str]) -> str | None:
    """The address, where it is https and of an allowed host; null for any other text."""
    if not isinstance(value, str) or not value.isascii() or any(c <= " " or c in '\\"<>^`{|}' for c in value):
        return None
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return None
    plain = parts.scheme == "https" and parts.username is None and parts.password is None
    return value if plain and host is not None and host in allowed else None
