"""Working hours as the pact writes them: blocks of the local day, holidays, days off.

Not here: which instants those hours are (calendar_days.py), how long passed (calendar.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays as public_holidays

from config.zones import zones
from leadpact.errors import Misconfigured

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES = 24 * 60

Block = tuple[int, int]

_BLOCK = re.compile(r"\s*(\d{1,2}):([0-5]\d)\s*[-–—]\s*(\d{1,2}):([0-5]\d)\s*")


@dataclass(frozen=True)
class WorkCalendar:
    """When a team works.

    `hours` maps `mon` … `sun` to ordered blocks `[start, end)` in minutes of the local day,
    1440 being its end; a weekday left out is closed. `holidays` is a country's ISO code,
    `region` one of that country's regions in the `holidays` library; null observes none.
    Public holidays are those observed (a Sunday's holiday kept on Monday closes Monday too).
    """

    name: str
    timezone: str
    hours: Mapping[str, tuple[Block, ...]]
    holidays: str | None = None
    region: str | None = None
    days_off: frozenset[date] = field(default_factory=frozenset)

    @staticmethod
    def parse(
        name: str,
        *,
        timezone: str,
        hours: Mapping[str, Sequence[str]],
        holidays: str | None = None,
        region: str | None = None,
        days_off: Iterable[str | date] = (),
    ) -> WorkCalendar:
        """A calendar from its entry in the pact: `parse(name, **entry)`.

        `hours` holds texts like `09:00-14:00`; `holidays` is `MX`, or `US-CA` for the region too.
        Raises Misconfigured (`calendar.…`) naming the calendar, the fault and the remedy.
        """
        if timezone not in zones():
            raise Misconfigured("calendar.unknown_zone", calendar=name, value=timezone, near=_near(timezone, zones()))
        for weekday in hours:
            if weekday not in WEEKDAYS:
                raise Misconfigured("calendar.unknown_weekday", calendar=name, value=weekday, known=", ".join(WEEKDAYS))
        blocks = {weekday: _blocks(name, weekday, texts) for weekday, texts in hours.items()}
        if not any(blocks.values()):
            raise Misconfigured("calendar.no_hours", calendar=name)
        country, region = _place(name, holidays, region)
        return WorkCalendar(name, timezone, blocks, country, region, frozenset(_day(name, day) for day in days_off))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def closed(self, first: date, last: date) -> frozenset[date]:
        """The local dates from `first` to `last`, both included, on which nobody works despite their weekday."""
        if self.holidays is None:
            return self.days_off
        years = range(first.year, last.year + 1)
        observed = public_holidays.country_holidays(self.holidays, subdiv=self.region, years=years)
        return self.days_off | {day for day in observed if first <= day <= last}

    def blocks(self, day: date, closed: frozenset[date]) -> tuple[Block, ...]:
        """The blocks worked on a local date, given the dates `closed()` named."""
        return () if day in closed else self.hours.get(WEEKDAYS[day.weekday()], ())


def days_between(first: date, last: date) -> Iterable[date]:
    """Every date from `first` to `last`, both included."""
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


def _blocks(name: str, weekday: str, texts: Sequence[str]) -> tuple[Block, ...]:
    blocks = sorted((_block(name, weekday, text), text) for text in texts)
    for ((_, end), earlier), ((start, _), later) in pairwise(blocks):
        if start < end:
            raise Misconfigured("calendar.overlap", calendar=name, weekday=weekday, first=earlier, second=later)
    return tuple(block for block, _ in blocks)


def _block(name: str, weekday: str, text: str) -> Block:
    match = _BLOCK.fullmatch(text)
    if match is None:
        raise Misconfigured("calendar.bad_block", calendar=name, weekday=weekday, value=text)
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in match.groups())
    start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if start >= MINUTES or end > MINUTES:
        raise Misconfigured("calendar.bad_block", calendar=name, weekday=weekday, value=text)
    if end <= start:
        raise Misconfigured("calendar.ends_before_start", calendar=name, weekday=weekday, value=text)
    return start, end


def _place(name: str, country: str | None, region: str | None) -> tuple[str | None, str | None]:
    """Country and region as the `holidays` library knows them."""
    if country is None:
        if region is not None:
            raise Misconfigured("calendar.region_without_country", calendar=name, value=region)
        return None, None
    code, _, inner = country.strip().upper().partition("-")
    # Only the country asked for is loaded; longer names would be stock exchanges.
    try:
        regions = public_holidays.country_holidays(code).subdivisions if len(code) == 2 else None
    except NotImplementedError:  # the library's way to say that it does not know the country
        regions = None
    if regions is None:
        raise Misconfigured("calendar.unknown_country", calendar=name, value=country)
    if region is not None and inner and inner != region.strip().upper():
        raise Misconfigured("calendar.two_regions", calendar=name, first=inner, second=region)
    asked = inner or (region or "").strip().upper()
    if not asked:
        return code, None
    by_upper = {known.upper(): known for known in regions}
    if asked not in by_upper:
        if not by_upper:
            raise Misconfigured("calendar.no_regions", calendar=name, country=code, value=asked)
        raise Misconfigured(
            "calendar.unknown_region", calendar=name, country=code, value=asked, known=", ".join(sorted(by_upper))
        )
    return code, by_upper[asked]


def _day(name: str, value: str | date) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Misconfigured("calendar.bad_date", calendar=name, value=value) from None


def _near(value: str, known: Iterable[str]) -> str:
    """The known names closest to `value`, as an error proposes them; a dash where none is close."""
    return ", ".join(get_close_matches(value, sorted(known), n=3)) or "–"
