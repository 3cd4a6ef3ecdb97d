"""The audit trail: one line for everything somebody decided or LeadPact did in their name.

Only added to: the database itself refuses to change or remove a line (migration 0010).

Not here: reading it (leadpact/trail.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from config.database import audit_trail


def record(connection: Connection, now: datetime, actor: str, action: str, detail: Mapping[str, Any]) -> None:
    """One line of the audit trail, in the transaction of what it tells. `detail`: no record content, no secret."""
    connection.execute(
        audit_trail.insert().values(at=now, actor=actor, action=action, detail=json.dumps(detail, sort_keys=True))
    )
