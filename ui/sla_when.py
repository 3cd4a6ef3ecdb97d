"""When clocks start and how they are kept: week by week or month by month, and over the hours of the week.

Not here: the counting (leadpact/metrics/response_when.py), the heatmap (sla_week.py).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st
from babel.dates import format_skeleton

from config.parts import SlaPolicy
from leadpact.metrics import response_when
from leadpact.metrics.funnel import SMALL
from leadpact.metrics.response_when import UNITS, Span, Unit, When
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, people, sla_charts, sla_week, state, tables
from ui.choice import Choice, known, pick
from ui.page import Page
from ui.sla_charts import Dots
from ui.sla_words import CLOCK_COLUMNS, CLOCKS, choose, chosen, facts, group, of_group, policy_of, titled
from ui.tables import Kind

EVERY = "every"
MOST = {"week": 26, "month": 24}


def show(page: Page, by: str | None) -> None:
    """One policy over time, and over the week."""
    one = chosen(page)
    found = page.cached(response_when.when, one, by=by)
    if not found.spans:
        page.empty("page.sla.no_clocks", action="connection")
        return page.footer(**facts(page, found.coverage, found.undated))
    shown = group(page, by, list(dict.fromkeys(span.group for span in found.spans)))
    unit = _unit(page)
    spans = _spans(found, unit, by, shown)
    over_time(page, one, spans, unit, shown)
    sla_week.show(page, one, found, by, shown)
    choice = _choice(page, one, spans, unit, found, by, shown)
    if choice is not None:
        people.show(page, _title(page, choice), behind, by, choice, key="people", first=CLOCK_COLUMNS,
                    order="started_at")  # fmt: skip
    return page.footer(**facts(page, found.coverage, found.undated))


def _unit(page: Page) -> Unit:
    first = UNITS[0]
    current: Unit = next((unit for unit in UNITS if unit == state.read(EVERY)), first)
    st.segmented_control(
        page.text("every"), UNITS, required=True, format_func=lambda unit: page.text(f"every.{unit}"),
        label_visibility="collapsed",
        **state.bound(page.key(EVERY), EVERY, current, lambda unit: None if unit == first else unit),
    )  # fmt: skip
    return current


def _spans(found: When, unit: Unit, by: str | None, shown: str | None) -> list[Span]:
    """The newest periods of the group shown; of all groups, added up."""
    if by is None or shown is not None:
        return found.of(unit, shown or None)[-MOST[unit] :]
    return response_when.added([span for span in found.spans if span.unit == unit])[-MOST[unit] :]


def over_time(page: Page, one: SlaPolicy, spans: list[Span], unit: Unit, shown: str | None) -> None:
    """Compliance by period; those with running clocks are hollow, with what they can still become."""
    lang = page.lang
    st.caption(page.text("when.reading"))
    ends = [_ends(span) for span in spans]
    dots = Dots(
        lang("ui.col.compliance"), [_rate(span) for span in spans],
        [low for low, _ in ends], [high for _, high in ends],
        [_said(page, span) for span in spans], [span.young or span.counts.small for span in spans],
        [Choice(one.id, f"{unit}_{span.start.isoformat()}", shown).text for span in spans],
    )  # fmt: skip
    counts = [span.counts for span in spans]
    drawn = (("met", charts.GOOD), ("breached", charts.BAD), ("overdue", charts.LATE), ("running", charts.WAITING))
    states = [
        (lang(f"ui.state.{name}"), colour, [getattr(each, name) for each in counts])
        for name, colour in drawn
        if any(getattr(each, name) for each in counts)
    ]
    figure = sla_charts.over_time(
        [span.start for span in spans], dots, [span.young for span in spans], states, lang,
        (lang("ui.col.compliance"), page.text("when.clocks")),
    )  # fmt: skip
    charts.show(figure, key=page.key("when"), alt=page.text("when.reading"), select=choose)
    rows = [_row(page, span) for span in reversed(spans)]
    kinds: dict[str, Kind] = {"period": "text", "compliance": "share", "interval": "text", "met": "count",
                              "breached": "count", "overdue": "count", "running": "count",
                              "withdrawn": "count"}  # fmt: skip
    if any(row["possible"] for row in rows):
        kinds["possible"] = "text"
    if any(row["note"] for row in rows):
        kinds["note"] = "text"

    def clicked(position: int | None) -> None:
        choose(None if position is None else dots.meanings[len(spans) - 1 - position])

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("when_table"), select=clicked)


def _rate(span: Span) -> float | None:
    """A young period with nothing due yet stands where it can still end: in the middle of what is possible."""
    if span.counts.compliance is not None or span.at_least is None or span.at_most is None:
        return span.counts.compliance
    return (span.at_least + span.at_most) / 2


def _ends(span: Span) -> tuple[float | None, float | None]:
    if span.young:
        return span.at_least, span.at_most
    return span.counts.interval or (None, None)


def _row(page: Page, span: Span) -> dict[str, Any]:
    lang, counts = page.lang, span.counts
    low, high = counts.interval or (None, None)
    notes = [page.text("when.in_course")] if span.course else []
    notes += [page.text("when.young", count=counts.running)] if span.young else []
    notes += [lang("ui.small", count=SMALL)] if counts.due and counts.small else []
    return {
        "period": _name(page, span),
        "compliance": counts.compliance,
        "interval": None if low is None else f"{lang.percent(low)} – {lang.percent(high)}",
        **{name: getattr(counts, name) for name in ("met", "breached", "overdue", "running", "withdrawn")},
        "possible": f"{lang.percent(span.at_least)} – {lang.percent(span.at_most)}" if span.young else None,
        "note": " · ".join(notes) or None,
    }


def _name(page: Page, span: Span) -> str:
    return _period(page, span.unit, span.start)


def _period(page: Page, unit: str, start: date) -> str:
    """`Week of Nov 16, 2026`, `November 2026`."""
    if unit == "month":
        return str(format_skeleton("yMMMM", start, locale=page.lang.locale))
    return page.text("when.week", day=page.lang.day(start))


def _said(page: Page, span: Span) -> str:
    row = _row(page, span)
    rate = page.text(
        "when.said", part=span.counts.met, whole=span.counts.due, rate=page.lang.percent(row["compliance"])
    )
    possible = [] if row["possible"] is None else [page.text("when.possible", range=row["possible"])]
    return " · ".join([row["period"], rate, *possible, *([row["note"]] if row["note"] else [])])


def _choice(page: Page, one: SlaPolicy, spans: list[Span], unit: Unit, found: When, by: str | None,
            shown: str | None) -> Choice | None:  # fmt: skip
    rows = []
    for span in reversed(spans):
        choice = Choice(one.id, f"{unit}_{span.start.isoformat()}", shown)
        count = page.lang.number(span.counts.clocks)
        rows.append((choice, span.counts.clocks, f"{titled(page, choice, _name(page, span))} ({count})"))
    titles = known(rows) | sla_week.titles(page, one, found, by, shown)
    return pick(page, CLOCKS, titles)


def _title(page: Page, choice: Choice) -> str:
    unit, _, rest = choice.part.partition("_")
    if unit == sla_week.CELL:
        return titled(page, choice, sla_week.name(page, *map(int, rest.split("_"))))
    return titled(page, choice, _period(page, unit, date.fromisoformat(rest)))


def behind(analysis: Analysis, by: str | None, choice: Choice) -> Table:
    """The clocks of one period or cell. Out: the columns of `response_when.starts`."""
    unit, _, rest = choice.part.partition("_")
    one = policy_of(analysis, choice.of)
    rows = response_when.starts(analysis.tables, analysis.pact, analysis.as_of, one, by)
    rows = of_group(rows, choice.group)
    if unit == sla_week.CELL:
        return sla_week.within(rows, *map(int, rest.split("_")))
    return rows.filter(rows[unit].cast("string").substr(0, 10) == rest)
