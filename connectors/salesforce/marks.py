"""Where a reading ended, as text: what the next one needs to read only what changed since.

`began` is the server's clock before the reading began, never ours. A mark of another org, of another
mapping or of fields that have changed since means reading everything, and so does one so old that
deleted rows may have left the bin, unseen.

Not here: what is read since (reading.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

BIN = timedelta(days=14)  # rows stay in it for 15
NOT_TRACKED = "-"
_HEAD = "sf1"


@dataclass(frozen=True)
class Mark:
    """`tracked`: by object, from when the history of its status tells all; null where it tells nothing."""

    org: str
    fingerprint: str
    began: datetime
    tracked: Mapping[str, datetime | None]

    def text(self) -> str:
        tracked = ",".join(
            f"{name}={at.isoformat() if at is not None else NOT_TRACKED}" for name, at in sorted(self.tracked.items())
        )
        return "/".join((_HEAD, self.org, self.fingerprint, self.began.isoformat(), tracked))

    def leads_to(self, org: str, fingerprint: str, now: datetime) -> bool:
        """Whether a delta since this mark lays over what was read up to it."""
        return (self.org, self.fingerprint) == (org, fingerprint) and now - BIN <= self.began <= now


def read(text: str | None) -> Mark | None:
    """The mark in a text; null where it is none."""
    head, *parts = (text or "").split("/")
    if head != _HEAD or len(parts) != 4:
        return None
    org, fingerprint, began, tracked = parts
    try:
        pairs = [pair.partition("=") for pair in tracked.split(",") if pair]
        since = {name: None if at == NOT_TRACKED else datetime.fromisoformat(at) for name, _, at in pairs}
        return Mark(org, fingerprint, datetime.fromisoformat(began), since)
    except ValueError:
        return None
