"""Whether LeadPact may write over a connection: what the settings say, and what an administrator decided.

Read-only unless the settings say `writable = true` or an administrator enabled writing (in the app,
or on the command line). Disabling holds at once, whatever the settings say; `writable = false` in
the settings cannot be overruled. A decision is for one CRM: when the connection points elsewhere
it does not count any more.

Not here: who is an administrator (ui/access.py; whoever reads the home on the command line),
refusing a write (connectors).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.database import connection_writing
from config.trail import record
from leadpact.errors import Misconfigured

if TYPE_CHECKING:
    from leadpact.connector import Check  # settings are read without Arrow

Door = Literal["cli", "app"]
OPTION = "writable"
READERS = ("files",)  # types that never write
_POINTS_AT = ("environment", "instance_url", "domain", "username", "base_id", "endpoint_url", "path")


@dataclass(frozen=True)
class Decision:
    """An administrator's word: who gave it, by which door, when (UTC), and for which CRM (a hash)."""

    enabled: bool
    actor: str
    door: str
    at: datetime
    target: str


def target(type: str, options: Mapping[str, Any]) -> str:
    """Which CRM a connection points at, as a hash of what is not secret in its settings."""
    points = {name: str(options[name]) for name in _POINTS_AT if name in options}
    return hashlib.sha256(json.dumps([type, points], sort_keys=True).encode()).hexdigest()


def decisions(engine: Engine) -> dict[str, Decision]:
    """What was decided last, by connection."""
    with engine.begin() as database:
        rows = database.execute(sa.select(connection_writing)).mappings().all()
    return {
        row["connection"]: Decision(row["enabled"], row["actor"], row["door"], row["at"], row["target"]) for row in rows
    }


def effective(type: str, options: Mapping[str, Any], decision: Decision | None) -> bool:
    """Whether it may write. `options` are those of the settings, before any decision."""
    if type in READERS or options.get(OPTION) is False or (decision is not None and not decision.enabled):
        return False
    return options.get(OPTION) is True or holds(type, options, decision)


def holds(type: str, options: Mapping[str, Any], decision: Decision | None) -> bool:
    """Whether writing was enabled for the CRM the connection points at now."""
    return decision is not None and decision.enabled and decision.target == target(type, options)


def by_choice(check: Check, writable: bool) -> bool:
    """Whether a test only says that writing is not enabled: that is how a connection begins, and no fault."""
    return check.name == "write" and not check.ok and not writable


def decide(engine: Engine, name: str, type: str, options: Mapping[str, Any], *, enabled: bool, actor: str, door: Door,
           now: datetime) -> None:  # fmt: skip
    """Keeps a decision, and a line of it in the audit trail, in one transaction.

    `options` are those of the settings. Raises Misconfigured where writing is to be
    enabled and nobody is named, the settings forbid it, or the type cannot write at all.
    """
    if enabled and not actor.strip():
        raise Misconfigured("writing.nobody")
    if enabled and type in READERS:
        raise Misconfigured("writing.cannot", name=name)
    if enabled and options.get(OPTION) is False:
        raise Misconfigured("writing.locked", name=name)
    row = {"enabled": enabled, "target": target(type, options), "actor": actor.strip(), "door": door, "at": now}
    action = "connection.writing_enabled" if enabled else "connection.writing_disabled"
    with engine.begin() as database:
        database.execute(connection_writing.delete().where(connection_writing.c.connection == name))
        database.execute(connection_writing.insert().values(connection=name, **row))
        record(database, now, actor.strip(), action, {"connection": name, "door": door})
