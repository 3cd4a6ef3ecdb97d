"""Days and moments as people and links write them.

Not here: the zones of a metric (leadpact/metrics/moments.py).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leadpact.errors import Misconfigured


def day(text: str | None, name: str) -> date | None:
    """An ISO day; null for none. Raises Misconfigured naming the value that holds something else."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misconfigured("ui.bad_day", name=name) from None


def moment(text: str | None, name: str, zone: ZoneInfo) -> datetime | None:
    """UTC without zone; a day alone means its end in `zone`.

    A time without offset is UTC, as on the command line. Null for no text.
    """
    if not text:
        return None
    try:
        if len(text) == 10:
            after = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), zone)
            found = after.astimezone(UTC).replace(tzinfo=None) - timedelta(microseconds=1)
        else:
            given = datetime.fromisoformat(text)
            found = given.astimezone(UTC).replace(tzinfo=None) if given.tzinfo else given
    except (ValueError, OverflowError):
        raise Misconfigured("ui.bad_day", name=name) from None
    return found
