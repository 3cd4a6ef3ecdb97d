"""Who makes changes: a person, an integration, or nobody can tell.

An actor is an integration where it is a queue, where its name says so (integration, API, sync,
bot …), or where it works at a pace nobody keeps up: 500 status changes and more, and on average
60 in every hour in which it makes any. Bulk updates look the same, and are told as the same. It
is a person where the CRM lists it among its owners and none of this holds; else it is unknown.

Not here: who owns a record (metrics/ownership.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import ibis

from leadpact.audit.counts import rows_of
from leadpact.audit.likeness_words import fold
from leadpact.tables import Table, Tables

FEWEST_CHANGES = 500
PER_HOUR = 60
NAMED = frozenset(
    {
        "api", "apis", "automated", "automatico", "automation", "automatizacao", "automatizacion", "bot", "conector",
        "connector", "dataloader", "eloqua", "etl", "hubspot", "importacao", "importacion", "integracao",
        "integracion", "integration", "integrations", "marketo", "migracao", "migracion", "migration", "pardot",
        "robot", "sincronizacion", "sistema", "sync", "system", "webhook", "workato", "workflow", "zapier",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Hands:
    """By whom: changes made by persons, by integrations (or in bulk), and by who is not known."""

    person: int
    integration: int
    unknown: int


def kinds(tables: Tables) -> Table:
    """Out: known_actor, actor ("person" or "integration"); who is neither is not there. Executes one query."""
    owners = {row["owner_id"]: row for row in rows_of(tables.owner.select("owner_id", "name", "is_queue"))}
    paces = _paces(tables)
    found = {actor: kind for actor in {*owners, *paces} if (kind := _kind(actor, owners.get(actor), paces))}
    names = sorted(found)
    schema = {"known_actor": "string", "actor": "string"}
    return ibis.memtable({"known_actor": names, "actor": [found[name] for name in names]}, schema=schema)


def _kind(actor: str, owner: dict[str, Any] | None, paces: dict[str, tuple[int, int]]) -> str | None:
    changes, hours = paces.get(actor, (0, 1))
    fast = changes >= FEWEST_CHANGES and changes >= PER_HOUR * hours
    if fast or (owner and owner["is_queue"]) or named((owner and owner["name"]) or actor):
        return "integration"
    return "person" if owner else None


def named(name: str) -> bool:
    """The name is one that integrations have."""
    return not NAMED.isdisjoint(re.findall(r"[a-z]+", fold(name)))


def _paces(tables: Tables) -> dict[str, tuple[int, int]]:
    """By actor: dated status changes, and the hours (UTC) with at least one."""
    change = tables.field_change
    made = change.filter(change.field == "status", change.actor_id.notnull(), change["at"].notnull())
    hourly = made.group_by("actor_id", hour=made["at"].truncate("h")).aggregate(n=lambda t: t.count())
    by = hourly.group_by("actor_id").aggregate(changes=hourly.n.sum(), hours=hourly.count())
    return {row["actor_id"]: (row["changes"], row["hours"]) for row in rows_of(by)}
