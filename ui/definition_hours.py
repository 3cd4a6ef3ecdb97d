"""Working hours asked for: blocks of each weekday, the country whose holidays are kept.

Not here: the calendar as a whole (definition_sla.py).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import holidays as public_holidays
import streamlit as st

from ui import definition_widgets as widgets
from ui.definition_words import WEEK
from ui.errors import plain
from ui.page import Page


def week(page: Page, key: str, given: Mapping[str, Any]) -> dict[str, list[str]]:
    """The blocks of every weekday, typed like `09:00-14:00, 15:00-18:00`; a blank day is closed."""
    st.markdown(f"**{plain(page.text('calendars.hours'))}**", help=page.text("calendars.hours.help"))
    names = page.lang.locale.days["format"]["wide"]
    found = {}
    for start in (0, 4):
        days = WEEK[start : start + 4]
        for column, day in zip(st.columns(4), days, strict=False):
            with column:
                typed = widgets.text(str(names[WEEK.index(day)]).capitalize(), f"{key}_{day}",
                                     ", ".join(map(str, given.get(day) or [])),
                                     holder=page.text("calendars.closed"))  # fmt: skip
            blocks = [block(text) for text in typed.split(",") if text.strip()]
            if blocks:
                found[day] = blocks
    return found


def block(text: str) -> str:
    """A block of hours as the pact writes it: `9-14` is 09:00-14:00. What is none stays as typed, to be told."""
    first, dash, last = text.strip().replace("–", "-").replace("—", "-").partition("-")
    if not dash:
        return text.strip()
    return f"{_hour(first)}-{_hour(last)}"


def _hour(text: str) -> str:
    hour, _, minute = text.strip().replace(".", ":").replace("h", ":").partition(":")
    return f"{hour.strip():0>2}:{minute.strip() or '00':0>2}"


def holidays(page: Page, key: str, given: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The country whose public holidays are days off, and its region; null where none are."""
    names = page.lang.locale.territories
    country = widgets.maybe(page.text("calendars.holidays"), f"{key}_holidays", countries(), given.get("holidays"),
                            lambda code: str(names.get(code[:2], code)), holder=page.text("calendars.holidays.none"),
                            )  # fmt: skip
    regions = _regions(country) if country else ()
    if not country or not regions:
        return country, None
    region = widgets.maybe(page.text("calendars.region"), f"{key}_region_{country}", regions,
                           given.get("region") if country == given.get("holidays") else None)  # fmt: skip
    return country, region


@functools.cache
def countries() -> list[str]:
    """The countries whose holidays are known, as ISO codes."""
    return sorted(code for code in public_holidays.list_supported_countries() if len(code) == 2)


@functools.cache
def _regions(country: str) -> tuple[str, ...]:
    known = public_holidays.list_supported_countries().get(country[:2].upper(), [])
    return tuple(known)
