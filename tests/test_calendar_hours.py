"""Calendars as the pact writes them: what is read, and what is refused with which words."""

from __future__ import annotations

from datetime import date

import pytest

from leadpact.errors import Misconfigured
from leadpact.language import LANGUAGES, Language
from leadpact.metrics.calendar_hours import WorkCalendar

MONDAY = {"mon": ["09:00-14:00"]}


def test_blocks_are_ordered_minutes_of_the_day():
    calendar = WorkCalendar.parse(
        "office",
        timezone="UTC",
        hours={"mon": ["15:00-24:00", "9:00 – 14:00"], "tue": ["00:00-09:00", "09:00-10:30"], "wed": []},
    )
    assert calendar.hours == {"mon": ((540, 840), (900, 1440)), "tue": ((0, 540), (540, 630)), "wed": ()}


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ({"holidays": "MX"}, ("MX", None)),
        ({"holidays": "es-md"}, ("ES", "MD")),
        ({"holidays": "ES", "region": "md"}, ("ES", "MD")),
        ({"holidays": "ES-MD", "region": "MD"}, ("ES", "MD")),
        ({}, (None, None)),
    ],
)
def test_country_and_region_may_be_written_together_or_apart(written, place):
    calendar = WorkCalendar.parse("office", timezone="UTC", hours=MONDAY, **written)
    assert (calendar.holidays, calendar.region) == place


def test_the_region_adds_its_own_holidays():
    spain = WorkCalendar.parse("a", timezone="Europe/Madrid", hours=MONDAY, holidays="ES")
    madrid = WorkCalendar.parse("b", timezone="Europe/Madrid", hours=MONDAY, holidays="ES-MD")
    year = date(2025, 1, 1), date(2025, 12, 31)
    assert date(2025, 5, 2) in madrid.closed(*year) - spain.closed(*year)


def test_a_holiday_observed_in_the_year_before_closes_that_day():
    office = WorkCalendar.parse("a", timezone="America/New_York", hours=MONDAY, holidays="US")
    assert date(2021, 12, 31) in office.closed(date(2021, 12, 1), date(2021, 12, 31))


def test_days_off_close_whether_text_or_date():
    office = WorkCalendar.parse("a", timezone="UTC", hours=MONDAY, days_off=["2026-01-05", date(2026, 1, 12)])
    assert office.closed(date(2026, 1, 1), date(2026, 1, 31)) == {date(2026, 1, 5), date(2026, 1, 12)}


FAULTS = [
    ("unknown_zone", {"timezone": "America/Mexico"}, {"value": "America/Mexico"}),
    ("unknown_weekday", {"hours": {"monday": ["09:00-14:00"]}}, {"value": "monday"}),
    ("no_hours", {"hours": {"mon": []}}, {}),
    ("bad_block", {"hours": {"mon": ["9 to 14"]}}, {"value": "9 to 14", "weekday": "mon"}),
    ("bad_block", {"hours": {"mon": ["09:00-24:01"]}}, {"value": "09:00-24:01"}),
    ("bad_block", {"hours": {"mon": ["24:00-24:00"]}}, {"value": "24:00-24:00"}),
    ("bad_block", {"hours": {"mon": ["09:60-10:00"]}}, {"value": "09:60-10:00"}),
    ("ends_before_start", {"hours": {"mon": ["22:00-06:00"]}}, {"value": "22:00-06:00"}),
    ("ends_before_start", {"hours": {"mon": ["09:00-09:00"]}}, {"value": "09:00-09:00"}),
    ("overlap", {"hours": {"fri": ["13:59-18:00", "09:00-14:00"]}}, {"first": "09:00-14:00", "second": "13:59-18:00"}),
    ("overlap", {"hours": {"fri": ["09:00-14:00", "09:00-14:00"]}}, {"weekday": "fri"}),
    ("unknown_country", {"holidays": "XX"}, {"value": "XX"}),
    ("unknown_country", {"holidays": "NYSE"}, {"value": "NYSE"}),
    ("unknown_region", {"holidays": "ES-XX"}, {"country": "ES", "value": "XX"}),
    ("no_regions", {"holidays": "MX-CMX"}, {"country": "MX", "value": "CMX"}),
    ("region_without_country", {"region": "MD"}, {"value": "MD"}),
    ("two_regions", {"holidays": "ES-MD", "region": "CT"}, {"first": "MD", "second": "CT"}),
    ("bad_date", {"days_off": ["24/12/2026"]}, {"value": "24/12/2026"}),
]


@pytest.mark.parametrize(("fault", "written", "said"), FAULTS)
def test_a_fault_is_named_with_its_place_and_remedy_in_every_language(fault, written, said):
    entry = {"timezone": "UTC", "hours": MONDAY, **written}
    with pytest.raises(Misconfigured) as raised:
        WorkCalendar.parse("office", **entry)
    error = raised.value
    assert error.key == f"calendar.{fault}"
    assert {"calendar": "office", **said}.items() <= error.params.items()
    for code in LANGUAGES:
        text = Language(code).error(error)
        assert "office" in text and all(str(value) in text for value in said.values())


def test_a_mistyped_zone_is_answered_with_near_ones():
    with pytest.raises(Misconfigured) as raised:
        WorkCalendar.parse("office", timezone="Europe/Madird", hours=MONDAY)
    assert "Europe/Madrid" in raised.value.params["near"].split(", ")
