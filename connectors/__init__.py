"""The registry of adapters, by name: each is a package here. Nothing is imported until a connection is made.

Not here: the protocol (leadpact/connector.py), where settings come from (leadpact/settings.py).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path

from leadpact.connector import Connector
from leadpact.errors import Misconfigured
from leadpact.settings import Connection

# the package `airtable` holds the class `Airtable`
REGISTRY: Mapping[str, str] = {
    found.name: f"{__name__}.{found.name}:{found.name.title()}" for found in pkgutil.iter_modules(__path__)
}


def connect(connection: Connection, *, state: Path, mapping: str | None = None) -> Connector:
    """The adapter of a connection. Reads nothing yet.

    `state` is a folder the adapter may keep its own things in; `mapping` is the confirmed
    mapping as YAML. Raises Misconfigured for a type there is no adapter for.
    """
    if connection.type not in REGISTRY:
        raise Misconfigured(
            "settings.bad_type", name=connection.name, type=connection.type, known=", ".join(sorted(REGISTRY))
        )
    module, name = REGISTRY[connection.type].split(":")
    adapter = getattr(importlib.import_module(module), name)
    made: Connector = adapter(connection.options, state=state, mapping=mapping)
    return made
