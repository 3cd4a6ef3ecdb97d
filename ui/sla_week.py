"""The week as a heatmap: how many clocks start in each hour of each weekday, and how they are kept.

Shares are shown by blocks of hours wide enough for most cells to have cases to speak of; a cell
of few cases shows no share at all.

Not here: the counting (leadpact/metrics/response_when.py).
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from config.parts import SlaPolicy
from leadpact.metrics.funnel import SMALL
from leadpact.metrics.response_counts import Counts
from leadpact.metrics.response_when import When
from leadpact.tables import Table
from ui import charts, sla_charts, state, tables
from ui.choice import Choice, known, with_click
from ui.page import Page
from ui.sla_words import choose, titled
from ui.tables import Kind

CELL, HEAT = "cell", "heat"
SHOWN = ("number", "share")
BLOCKS = (1, 3, 6)
DAYS = range(7)
Cells = dict[tuple[int, int], Counts]


def show(page: Page, one: SlaPolicy, found: When, by: str | None, shown: str | None) -> None:
    """The heatmap of numbers or shares, and its table."""
    lang = page.lang
    st.subheader(page.text("week"), anchor=False)
    what = _what(page)
    cells, width = _cells(found, by, shown, what)
    read = page.text("week.number.reading") if what == "number" else page.text("week.share.reading", count=SMALL)
    st.caption(with_click(page, read, "row"))
    days = [lang(f"sla.weekday.{day}") for day in DAYS]
    hours = list(range(0, 24, width))
    values: list[list[float | None]] = []
    texts, hovers = [], []
    for day in DAYS:
        own = [cells.get((day, hour), Counts()) for hour in hours]
        values.append([_value(counts, what) for counts in own])
        # 24 numbers a row do not fit: the wide blocks say theirs, the others when pointed at
        texts.append([lang.percent(counts.compliance, 0) if what == "share" and width > 1 and not counts.small else ""
                      for counts in own])  # fmt: skip
        hovers.append([_said(page, day, hour, width, counts) for hour, counts in zip(hours, own, strict=True)])
    labels = [f"{hour}" if width == 1 else f"{hour}–{hour + width}" for hour in hours]
    figure = sla_charts.heatmap((days, labels), values, texts, hovers, lang, share=what == "share")
    charts.show(figure, key=page.key("week"), alt=page.text("week"))
    _table(page, one, cells, width, shown)


def _what(page: Page) -> str:
    first = SHOWN[0]
    current = next((what for what in SHOWN if what == state.read(HEAT)), first)
    st.segmented_control(
        page.text("week"), SHOWN, required=True, format_func=lambda what: page.text(f"week.{what}"),
        label_visibility="collapsed",
        **state.bound(page.key(HEAT), HEAT, current, lambda what: None if what == first else what),
    )  # fmt: skip
    return current


def _cells(found: When, by: str | None, shown: str | None, what: str) -> tuple[Cells, int]:
    """The cells of the group shown, in blocks of so many hours."""
    own = [cell for cell in found.cells if by is None or shown is None or (cell.group or "") == shown]
    for width in BLOCKS:
        cells: Cells = {}
        for cell in own:
            place = (cell.weekday, cell.hour // width * width)
            cells[place] = cells.get(place, Counts()) + cell.counts
        spoken = [counts for counts in cells.values() if counts.due]
        if what == "number" or 2 * sum(not counts.small for counts in spoken) >= len(spoken):
            break
    return cells, width


def _value(counts: Counts, what: str) -> float | None:
    if what == "number":
        return counts.clocks or None
    return None if counts.small else counts.compliance


def _table(page: Page, one: SlaPolicy, cells: Cells, width: int, shown: str | None) -> None:
    lang = page.lang
    order = sorted(cells)
    rows = []
    for day, hour in order:
        counts = cells[day, hour]
        low, high = counts.interval or (None, None)
        rows.append(
            {"weekday": lang(f"sla.weekday.{day}"), "time_of_day": _hours(hour, width), "clocks": counts.clocks,
             "met": counts.met, "compliance": counts.compliance,
             "interval": None if low is None else f"{lang.percent(low)} – {lang.percent(high)}",
             "note": lang("ui.small", count=SMALL) if counts.small else None}
        )  # fmt: skip
    kinds: dict[str, Kind] = {"weekday": "text", "time_of_day": "text", "clocks": "count", "met": "count",
                              "compliance": "share", "interval": "text", "note": "text"}  # fmt: skip

    def clicked(position: int | None) -> None:
        choose(None if position is None else Choice(one.id, _part(*order[position], width), shown).text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("week_table"), select=clicked)


def titles(page: Page, one: SlaPolicy, found: When, by: str | None, shown: str | None) -> dict[str, str]:
    """The cells that can be chosen, in the widths that are on offer."""
    rows = []
    for what in SHOWN:
        cells, width = _cells(found, by, shown, what)
        for (day, hour), counts in sorted(cells.items()):
            choice = Choice(one.id, _part(day, hour, width), shown)
            title = titled(page, choice, name(page, day, hour, width), counts.clocks)
            rows.append((choice, counts.clocks, title))
    return known(rows)


def _part(day: int, hour: int, width: int) -> str:
    return f"{CELL}_{day}_{hour}_{width}"


def name(page: Page, day: int, hour: int, width: int) -> str:
    """`Monday, 9:00–12:00`."""
    return f"{page.lang(f'sla.weekday.{day}')}, {_hours(hour, width)}"


def _hours(hour: int, width: int) -> str:
    return f"{hour}:00–{hour + width}:00"


def _said(page: Page, day: int, hour: int, width: int, counts: Counts) -> str:
    lang = page.lang
    rate = page.text("when.said", part=counts.met, whole=counts.due, rate=lang.percent(counts.compliance))
    few = f" · {lang('ui.small', count=SMALL)}" if counts.due and counts.small else ""
    started = page.text("week.started", count=counts.clocks)
    return f"{name(page, day, hour, width)}: {started} · {rate}{few}"


def within(rows: Table, day: int, hour: int, width: int) -> Table:
    """The clocks of one cell. In: `response_when.starts`."""
    return rows.filter(rows.weekday == day, rows.hour >= hour, rows.hour < hour + width)
