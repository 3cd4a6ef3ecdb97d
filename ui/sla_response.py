"""How fast the answers come: their distribution around the target, and other targets.

Not here: the slider (sla_target.py), what followed the answers (sla_bands.py).
"""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd
import streamlit as st

from config.parts import SlaPolicy
from leadpact.metrics import response
from leadpact.metrics.response import Responses
from leadpact.metrics.response_times import Bin, Times
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, people, sla_charts, sla_target, tables
from ui.choice import Choice, known, pick, with_click
from ui.errors import plain
from ui.page import Page
from ui.sla_words import CLOCK_COLUMNS, CLOCKS, bands, choose, chosen, clocks, facts, group, span, titled
from ui.tables import Kind

PARTS = ("answered", "waiting", "left")


def show(page: Page, by: str | None) -> None:
    """One policy: its response times, the people behind a bar, and what another target would give."""
    one = chosen(page)
    measured = page.cached(response.measure, one, by=by)
    if not any(times.clocks for times in measured.groups):
        page.empty("page.sla.no_clocks", action="connection")
        return page.footer(**facts(page, measured.coverage, measured.undated))
    of_group = group(page, by, [times.group for times in measured.groups])
    times = shown_times(measured, of_group)
    distribution(page, one, times, of_group)
    choice = _choice(page, one, times, of_group)
    if choice is not None:
        people.show(page, _title(page, one, choice), behind, by, choice, key="people", first=CLOCK_COLUMNS,
                    order="started_at")  # fmt: skip
    st.subheader(page.text("target"), anchor=False)
    sla_target.explore(page, one, times, by, of_group, facts(page, measured.coverage, measured.undated))
    return page.footer(**facts(page, measured.coverage, measured.undated, **{"page.sla.unknown": times.unknown}))


def shown_times(measured: Responses, of_group: str | None) -> Times:
    """The times of the group a choice names; all of them without one."""
    if of_group is None:
        return measured.whole
    return next((times for times in measured.groups if (times.group or "") == of_group), measured.whole)


def distribution(page: Page, one: SlaPolicy, times: Times, of_group: str | None) -> None:
    """How many were answered in each bin of time, the target on an edge; who waits or left told apart."""
    lang = page.lang
    st.subheader(page.text("distribution"), anchor=False)
    read = page.text("distribution.reading", target=span(lang, one.target.hours, one))
    st.caption(plain(with_click(page, read, "part")))
    labels, bins = bands(page, one), times.bins(response.edges(one))
    place = response.edges(one).index(float(one.target.hours))
    in_time, late = _split(bins, place)
    drawn = (
        ("answered", lang("page.sla.in_time"), charts.GOOD, in_time),
        ("answered", lang("page.sla.late"), charts.BAD, late),
        ("waiting", lang("ui.state.waiting"), charts.LATE, [bin.waiting for bin in bins]),
        ("left", lang("ui.state.left"), charts.QUIET, [bin.left for bin in bins]),
    )
    series = [
        (name, colour, counts, [lang.number(count) if count else "" for count in counts],
         [Choice(one.id, f"{part}_{k}", of_group).text for k in range(len(bins))])
        for part, name, colour, counts in drawn
        if any(counts)
    ]  # fmt: skip
    figure = charts.bars(labels, series, lang, stacked=True)
    sla_charts.target_line(figure, place)
    charts.show(figure, key=page.key("distribution"), alt=page.text("distribution"), select=choose)
    frame = pd.DataFrame([{**asdict(bin), "response_time": label} for bin, label in zip(bins, labels, strict=True)])
    kinds: dict[str, Kind] = {"response_time": "text", "answered": "count", "waiting": "count", "left": "count",
                              "answered_by": "share"}  # fmt: skip

    def clicked(position: int | None) -> None:
        choose(None if position is None else Choice(one.id, f"answered_{position}", of_group).text)

    tables.show(frame, kinds, lang, key=page.key("distribution_table"), select=clicked)
    if times.unknown:
        st.caption(plain(lang("page.sla.unknown_out", count=times.unknown)))


def _split(bins: list[Bin], place: int) -> tuple[list[int], list[int]]:
    in_time = [bin.answered if k <= place else 0 for k, bin in enumerate(bins)]
    return in_time, [bin.answered - early for bin, early in zip(bins, in_time, strict=True)]


def _choice(page: Page, one: SlaPolicy, times: Times, of_group: str | None) -> Choice | None:
    """The bar whose people are wanted."""
    found = []
    for k, bin in enumerate(times.bins(response.edges(one))):
        for part in PARTS:
            choice = Choice(one.id, f"{part}_{k}", of_group)
            found.append((choice, getattr(bin, part), f"{_title(page, one, choice)} ({getattr(bin, part)})"))
    return pick(page, CLOCKS, known(found))


def _title(page: Page, one: SlaPolicy, choice: Choice) -> str:
    part, _, place = choice.part.rpartition("_")
    return titled(page, choice, f"{page.lang(f'ui.state.{part}')} · {bands(page, one)[int(place)]}")


def behind(analysis: Analysis, by: str | None, choice: Choice) -> Table:
    """The clocks of one bar. Out: the columns of `response.responses`."""
    part, _, place = choice.part.rpartition("_")
    rows = clocks(analysis, choice.of, by, choice.group)
    return rows.filter(rows.answer == part, rows.bin == int(place))
