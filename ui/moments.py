"""Days and moments as people and links write them.

Not here: the zones of a metric (leadpact/metrics/moments.py).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_time

from leadpact.errors import Misconfigured
from leadpact.language import Language

FIRST, LAST = date(1980, 1, 1), date(2100, 1, 1)  # what a calendar widget offers, and no link may leave


def day(text: str | None, name: str) -> date | None:
    """An ISO day; null for none. Raises Misconfigured naming the value that holds something else."""
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Misconfigured("ui.bad_day", name=name) from None
    if not FIRST <= found <= LAST:
        raise Misconfigured("ui.bad_day", name=name)
    return found


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
        inside = FIRST <= found.date() <= LAST
    except (ValueError, OverflowError):
        inside = False
    if not inside:
        raise Misconfigured("ui.bad_day", name=name)
    return found


def shown(lang: Language, value: datetime | None, zone: ZoneInfo) -> str:
    """A UTC moment in `zone`, to the minute; unknown is a dash."""
    if value is None or value != value:  # noqa: PLR0124 - true for NaT only
        return "–"
    local = value.replace(tzinfo=UTC).astimezone(zone)
    return f"{lang.day(local.date())} {format_time(local.time(), 'short', locale=lang.locale)}"
