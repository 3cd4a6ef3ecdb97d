"""The mark of a reading: where the next one carries on, and whether it may read only what changed.

`airtable/1/<base>/<what was read and how>/<Airtable's clock at its beginning>/<at the last whole one>`, and, where a
webhook is kept, `/<how far it was read>`.

Not here: reading (reading.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadpact.mapping import MappingDocument, dumps

RECORDS = ("leads", "contacts")
OVERLAP = timedelta(minutes=5)  # a modification may show in a listing a little after its own moment


@dataclass(frozen=True)
class Mark:
    """Times are Airtable's, UTC. `shape`: a hash of the schema and the mapping."""

    base_id: str
    shape: str
    read_at: datetime
    whole_at: datetime
    place: str = ""

    def __str__(self) -> str:
        times = f"{self.read_at.isoformat()}/{self.whole_at.isoformat()}"
        return f"airtable/1/{self.base_id}/{self.shape}/{times}" + (f"/{self.place}" if self.place else "")

    @property
    def after(self) -> datetime:
        """From when on to ask for what was modified."""
        return self.read_at - OVERLAP


def parsed(text: str | None) -> Mark | None:
    """The mark in a text; null for one that is none of ours."""
    parts = (text or "").split("/")
    if len(parts) not in (6, 7) or parts[:2] != ["airtable", "1"]:
        return None
    try:
        read_at, whole_at = (datetime.fromisoformat(part) for part in parts[4:6])
        return Mark(parts[2], parts[3], read_at, whole_at, *parts[6:])
    except ValueError:
        return None


def scope(base_id: str, document: MappingDocument) -> str:
    """Which records a whole reading covers: where it is the same, one that is missing was deleted."""
    read = sorted((one.source, one.to, sorted(one.where.items())) for one in document.tables if one.to in RECORDS)
    return hashlib.sha256(f"{base_id} {read}".encode()).hexdigest()[:16]


def shape(fingerprint: str, document: MappingDocument) -> str:
    """What was read and how: another schema or mapping is read from the beginning."""
    return hashlib.sha256(f"{fingerprint} {dumps(document)}".encode()).hexdigest()[:16]
