"""When things happen: eighteen months of growth, weekdays, office hours in each owner's zone.

`until` is the only anchor; nothing here reads a clock.

Not here: how long a step takes (journeys.py).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from connectors.demo.columns import DAY, HOUR, NEVER, Floats, Ints

DAYS = 548  # eighteen months
GROWTH = 2.6  # leads a day at the end, as a multiple of the start
ZONES = (
    "America/Mexico_City",
    "America/Bogota",
    "America/Chicago",
    "Europe/Madrid",
    "America/Argentina/Buenos_Aires",
    "America/Santiago",
)
OPENS, CLOSES = 9 * HOUR, 18 * HOUR
BUYER_OFFSET = -6 * HOUR  # most buyers live on Mexico's clock
WEEKDAY = (1.0, 1.15, 1.2, 1.1, 0.85, 0.25, 0.2)
BY_HOUR = (1, 1, 1, 1, 1, 2, 4, 8, 14, 20, 22, 20, 16, 14, 16, 18, 18, 14, 9, 6, 5, 4, 3, 2)


def utc(until: datetime) -> datetime:
    """`until` as UTC without zone, to the second; a datetime without zone is taken as UTC."""
    naive = until.astimezone(UTC).replace(tzinfo=None) if until.tzinfo else until
    return naive.replace(microsecond=0)


class Clock:
    """The eighteen months before `until`."""

    def __init__(self, until: datetime) -> None:
        self.until_at = utc(until)
        self.until = int(self.until_at.replace(tzinfo=UTC).timestamp())
        self.since = self.until - DAYS * DAY
        self._first_day = self.since // DAY - 1
        self._offsets = np.array([self._offsets_of(ZoneInfo(zone)) for zone in ZONES], dtype=np.int64)
        hours = self.since + HOUR * np.arange(DAYS * 24) + BUYER_OFFSET
        weight = np.exp(np.log(GROWTH) * np.arange(DAYS * 24) / (DAYS * 24))
        weight *= np.asarray(WEEKDAY)[(hours // DAY + 3) % 7] * np.asarray(BY_HOUR)[hours % DAY // HOUR]
        self._weight: Floats = np.cumsum(weight)

    def _offsets_of(self, zone: ZoneInfo) -> list[int]:
        start = datetime.fromtimestamp(self._first_day * DAY, UTC) + timedelta(hours=12)
        offsets = ((start + timedelta(days=day)).astimezone(zone).utcoffset() for day in range(DAYS + 3))
        return [int(offset.total_seconds()) if offset else 0 for offset in offsets]

    def arrivals(self, rng: np.random.Generator, size: int) -> Ints:
        """Moments at which leads arrive: more each month, few at night and on weekends."""
        hour: Ints = np.searchsorted(self._weight, rng.random(size) * self._weight[-1], side="right").astype(np.int64)
        return self.since + HOUR * np.minimum(hour, DAYS * 24 - 1) + rng.integers(0, HOUR, size)

    def office(self, at: Ints, zone: Ints) -> Ints:
        """`at`, or the next morning at work where `at` is out of hours; NEVER stays.

        Morning minutes are scattered by the moment itself, so that nothing is drawn here.
        """
        index = np.clip(at // DAY - self._first_day, 0, self._offsets.shape[1] - 1)
        offset = self._offsets[zone, index]
        day, second = np.divmod(at + offset, DAY)
        out = (second < OPENS) | (second >= CLOSES) | ((day + 3) % 7 >= 5)
        day = day + (second >= CLOSES)
        weekday = (day + 3) % 7
        day = day + np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0))
        scattered = OPENS + (at % 10_007) * 7_919 % (90 * 60)
        moved = np.where(out, day * DAY + scattered - offset, at)
        return np.where(at >= NEVER, NEVER, moved)

    def import_moment(self, days_before: int) -> int:
        """A late morning that many days before `until`, moved off the weekend."""
        day = (self.until - days_before * DAY) // DAY
        weekday = (day + 3) % 7
        day -= weekday - 4 if weekday > 4 else 0
        return int(min(day * DAY + 17 * HOUR, self.until - 2 * HOUR))


@lru_cache(maxsize=8)
def clock_until(until: datetime) -> Clock:
    return Clock(until)
