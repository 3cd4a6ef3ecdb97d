"""The demo connection's settings: leads, seed, until, writable.

Not here: how long `until` is kept (edits.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from leadpact.errors import Misconfigured

LEADS, SEED = 5_000, 7
MOST_LEADS = 9_000_000  # ids have seven digits


@dataclass(frozen=True)
class DemoSettings:
    """`until` is UTC without zone, null where the first use decides. Only `writable = true` allows writing."""

    leads: int = LEADS
    seed: int = SEED
    until: datetime | None = None
    writable: bool = False


def read(settings: Mapping[str, Any]) -> DemoSettings:
    """The settings, validated. Raises Misconfigured, naming the setting and what it may be."""
    return DemoSettings(
        leads=_whole("leads", settings.get("leads", LEADS), 1, MOST_LEADS),
        seed=_whole("seed", settings.get("seed", SEED), 0, 2**32 - 1),
        until=_moment(settings.get("until")),
        writable=settings.get("writable") is True,
    )


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Misconfigured("demo.bad_number", name=name, least=least, most=most)
    return value


def _moment(value: Any) -> datetime | None:
    """A date is its first moment; a time without zone is UTC."""
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, date) else str(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Misconfigured("demo.bad_until") from None
    naive = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return naive.replace(microsecond=0)
