"""A tiny company for a test: rows and a pact in, an analysis out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from config import versions
from config.document import parse
from config.schema import Pact
from leadpact.connector import Connector
from leadpact.pact_in_use import PactInUse
from leadpact.workspace import Analysis, Workspace

NOW = datetime(2026, 3, 1)

SMALL: dict[str, Any] = {
    "name": "Small",
    "timezone": "UTC",
    "stages": [
        {"key": "unknown", "label": "Unknown", "kind": "untouched"},
        {"key": "subscriber", "label": "Subscriber", "kind": "nurture"},
        {"key": "mql", "label": "MQL", "kind": "qualified"},
        {"key": "sal", "label": "SAL", "kind": "sales"},
        {"key": "customer", "label": "Customer", "kind": "won"},
        {"key": "renewal", "label": "Renewal", "kind": "retained"},
        {"key": "remarket", "label": "Re-Market", "kind": "recycled"},
        {"key": "disqualified", "label": "Disqualified", "kind": "disqualified"},
        {"key": "spam", "label": "Spam", "kind": "invalid"},
    ],
    "status_map": {
        "lead": {
            "Unknown": "unknown",
            "Subscriber": "subscriber",
            "MQL": "mql",
            "Working": "sal",
            "Customer": "customer",
            "Renewal": "renewal",
            "Re-Market": "remarket",
            "Disqualified": "disqualified",
            "Spam": "spam",
        },
        "contact": {"MQL": "mql", "SQL": "sal", "Customer": "customer"},
        "opportunity": {"created": "sal", "won": "customer", "lost": "remarket"},
    },
    "sla": [
        {
            "id": "follow-up",
            "starts": "mql",
            "stops": {"stages": ["sal"], "activities": ["call", "email", "meeting"]},
            "target": {"hours": 48, "clock": "elapsed"},
        }
    ],
}


def pact(**changes: Any) -> Pact:
    """The small pact with some parts replaced."""
    return parse({**SMALL, **changes})


class World:
    """One home with one connection, `small`."""

    def __init__(self, home: Path) -> None:
        self.workspace = Workspace(home)

    def sync(self, connector: Connector, *, now: datetime = NOW, full: bool = False, used: Pact | None = None) -> Any:
        """Publishes a generation with the derived tables of the pact the test will read."""
        versions.save(self.workspace.database, used or pact(), author="test", message="", now=now)
        return self.workspace.sync(connector, "small", now=now, full=full)

    def analyse(
        self, used: Pact | None = None, *, as_of: datetime | None = None, where: dict[str, str] | None = None
    ) -> Analysis:
        chosen = PactInUse(used or pact(), None, False)
        return self.workspace.analyse("small", pact=chosen, as_of=as_of, where=where)
