"""Trends of the funnel page: what happened by week or month, against as many periods before.

Not here: the counting (leadpact/metrics/trends.py), the charts (funnel_trends_charts.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from leadpact.metrics.funnel import SMALL, Scope, share
from leadpact.metrics.trends import Period, Trends
from leadpact.metrics.trends_spans import Every, Span
from ui import charts, figures, funnel_trends_charts, people, state, tables
from ui.choice import Choice, known, pick
from ui.errors import plain
from ui.figures import Figure, Part
from ui.funnel_flow_words import TREND, facts, name, period, unit
from ui.funnel_trends_charts import Line
from ui.funnel_trends_rows import EVENTS, behind, compute, of_cohort, of_event
from ui.page import Page
from ui.tables import Kind

UNITS = ("month", "week")
WHEN = "when"
HAPPENED: dict[str, Kind] = {"happened_at": "moment"}


def show(page: Page, scope: Scope) -> None:
    """Figures against the periods before, lines per stage, conversions by age, table, people."""
    every: Every = unit(page, UNITS)
    found, earlier = page.cached_whole(compute, scope, every)
    if not any(one.started or one.won or one.lost or _entries(one) for one in found.periods):
        if found.latest is None:
            page.empty("page.funnel.trends.never")
        else:
            page.empty("page.funnel.trends.none", latest=page.lang.day(found.latest.date()))
    else:
        _figures(page, scope, every, found, earlier)
        _lines(page, every, found, earlier)
        _conversions(page, every, found)
        _table(page, every, found)
        choice = _choose(page, every, found)
        if choice is not None:
            people.show(page, _title(page, every, found, choice), behind, scope, every, choice,
                        key="happened", first=HAPPENED, order="happened_at")  # fmt: skip
    window = page.lang("ui.days", count=found.window_days)
    page.footer(**facts(page, scope, found.coverage, found.unknown, **{
        "page.funnel.rule": page.text("trends.rule"), "ui.filter.window": window,
        "page.funnel.invalid": page.lang.number(found.invalid)}))  # fmt: skip


def _entries(one: Period) -> int:
    return sum(stage.entries for stage in one.stages)


def _figures(page: Page, scope: Scope, every: Every, found: Trends, earlier: Trends) -> None:
    """Each total of the finished periods with that of as many before; the rate of those old enough."""
    lang = page.lang
    done = finished(found.periods)
    now, then = found.periods[:done], earlier.periods[len(found.periods) - done :]
    of = page.text(f"trends.of.{every}", count=done)
    shown = []
    for what in EVENTS:
        count, old = (sum(getattr(one, what) for one in each) for each in (now, then))
        shown.append(
            Figure(
                label=lang(f"trends.{what}"),
                value=lang.number(count),
                rule=page.text(f"trends.{what}.help", every=of),
                delta=page.text("trends.delta", change=_signed(page, count - old), before=old),
                arrow="auto" if count != old else "off",
                numerator=Part(of_event, (scope, every, what, done), HAPPENED, "happened_at"),
            )
        )
    part, whole = _mature(now)
    stage = name(page, found.periods[-1].stages[-1].stage)
    few = whole < SMALL
    shown.append(
        Figure(
            label=lang("trends.rate", stage=stage),
            value=_rate(page, now),
            rule=page.text("trends.rate.help", part=part, whole=whole, days=found.window_days),
            help=page.text("trends.few", count=SMALL) if few else None,
            delta=page.text("trends.before_rate", rate=_rate(page, then)),
            arrow="off",
            numerator=Part(of_cohort, (scope, every, done, True), {"entry": "moment"}, "entry"),
            denominator=Part(of_cohort, (scope, every, done, False), {"entry": "moment"}, "entry"),
        )
    )
    figures.opening(page, "trends", shown)
    st.caption(page.text("trends.compared" if done == len(found.periods) else "trends.compared_finished", every=of))


def finished(periods: Sequence[Period] | Sequence[Span]) -> int:
    """How many of the periods are over, from the first: only those compare; all, where none is."""
    return len(periods) - 1 if len(periods) > 1 and not periods[-1].complete else len(periods)


def _mature(periods: Sequence[Period]) -> tuple[int, int]:
    last = [one.stages[-1] for one in periods]
    return sum(one.mature_converted for one in last), sum(one.mature_entered for one in last)


def _rate(page: Page, periods: Sequence[Period]) -> str:
    """The share that got there; a share of a handful reads like a finding: there, the handful itself."""
    part, whole = _mature(periods)
    few = page.text("trends.part", part=part, whole=whole)
    return few if whole < SMALL else page.lang.percent(share(part, whole))


def _signed(page: Page, change: int) -> str:
    """With the sign Streamlit's arrow goes by."""
    return f"{'+' if change > 0 else '-' if change < 0 else '±'}{page.lang.number(abs(change))}"


def _measures(found: Trends) -> list[str]:
    """What can be drawn: journeys started, every stage anybody entered, won, lost."""
    stages = [stage.stage for stage in found.periods[0].stages]
    used = {stage.stage for one in found.periods for stage in one.stages if stage.entries}
    return ["started", *(f"stage_{key}" for key in stages if key in used), "won", "lost"]


def _value(one: Period, measure: str) -> int:
    if measure in EVENTS:
        return int(getattr(one, measure))
    return next((stage.entries for stage in one.stages if f"stage_{stage.stage}" == measure), 0)


def _label(page: Page, measure: str) -> str:
    return page.lang(f"trends.{measure}") if measure in EVENTS else name(page, measure.removeprefix("stage_"))


def _lines(page: Page, every: Every, found: Trends, earlier: Trends) -> None:
    """A line per stage; or one of them beside the same number of periods before."""
    measures = _measures(found)
    current = state.read(TREND)
    current = current if current in measures else None
    every_stage = page.text("trends.all_stages")
    state.pick(page.text("trends.measure"), page.key(TREND), TREND, measures, current, width=300,
               shown=lambda one: every_stage if one is None else plain(_label(page, one)))  # fmt: skip
    labels = [period(page, one.start, one.complete, every) for one in found.periods]
    drawn = [current] if current else [one for one in measures if one.startswith("stage_")][: charts.MOST_GROUPS]
    series = [
        Line(
            _label(page, measure),
            [_value(one, measure) for one in found.periods],
            [Choice(measure, one.start.isoformat()).text for one in found.periods],
        )
        for measure in drawn
    ]
    if current is not None and earlier.periods:
        series.append(
            Line(
                page.text("trends.before", every=page.text(f"trends.of.{every}", count=len(found.periods))),
                [_value(one, current) for one in earlier.periods],
                [None for _ in earlier.periods],
                said=[period(page, one.start, one.complete, every) for one in earlier.periods],
                pale=True,
            )
        )
    st.caption(page.text("trends.reading"))
    figure = funnel_trends_charts.lines(labels, series, [one.complete for one in found.periods], page.lang)
    charts.show(figure, key=page.key("trends_chart"), alt=page.text("trends.reading"), select=_chosen)


def _conversions(page: Page, every: Every, found: Trends) -> None:
    """The share of each period's journeys that reached a stage in time, where they are old enough."""
    lang = page.lang
    current = state.read(TREND) or ""
    keys = [stage.stage for stage in found.periods[0].stages]
    key = current.removeprefix("stage_") if current.removeprefix("stage_") in keys else keys[-1]
    cells = [next(stage for stage in one.stages if stage.stage == key) for one in found.periods]
    st.subheader(plain(page.text("trends.conversion", stage=name(page, key), days=found.window_days)), anchor=False)
    st.caption(page.text("trends.conversion.reading"))
    if not any(cell.mature_entered for cell in cells):
        st.info(page.text("trends.all_young", days=found.window_days), icon=":material/hourglass_empty:")
        return
    labels = [period(page, one.start, one.complete, every) for one in found.periods]
    texts = []
    for one, cell in zip(found.periods, cells, strict=True):
        few = f" · {lang('ui.small', count=SMALL)}" if cell.small else ""
        old = "" if cell.mature else f" · {page.text('trends.partly', whole=one.started)}"
        texts.append(f"{lang.percent(cell.mature_rate)} ({cell.mature_converted}/{cell.mature_entered}){few}{old}")
    figure = funnel_trends_charts.rates(
        labels,
        [cell.mature_rate for cell in cells],
        [(cell.ci_low, cell.ci_high) for cell in cells],
        [cell.mature and not cell.small for cell in cells],
        texts,
        (page.text("trends.too_young"), lang),
    )
    charts.show(figure, key=page.key("conversions_chart"), alt=page.text("trends.conversion.reading"))


def _table(page: Page, every: Every, found: Trends) -> None:
    """Every number of the charts, the newest period first."""
    lang = page.lang
    columns: dict[str, str] = {}
    for measure in _measures(found):  # two stages may be called alike
        label = _label(page, measure)
        columns[measure] = f"{label} ({measure})" if label in columns.values() else label
    newest = found.periods[::-1]
    rate = lang("trends.rate", stage=name(page, newest[0].stages[-1].stage))
    rows = []
    for one in newest:
        last = one.stages[-1]
        row: dict[str, object] = {"period": period(page, one.start, one.complete, every)}
        row |= {label: _value(one, measure) for measure, label in columns.items()}
        row |= {rate: last.mature_rate, "flow_of": f"{last.mature_converted}/{last.mature_entered}"}
        notes = [] if last.mature or not one.started else [page.text("trends.young")]
        notes += [lang("ui.small", count=SMALL)] if last.mature_entered and last.small else []
        rows.append({**row, "note": ", ".join(notes) or None})
    kinds: dict[str, Kind] = {"period": "text", **dict.fromkeys(columns.values(), "count")}
    kinds |= {rate: "share", "flow_of": "text"}
    if any(row["note"] for row in rows):
        kinds["note"] = "text"

    def clicked(position: int | None) -> None:
        _chosen(None if position is None else Choice("started", newest[position].start.isoformat()).text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("trends_table"), select=clicked)


def _choose(page: Page, every: Every, found: Trends) -> Choice | None:
    choices: Sequence[tuple[Choice, int, str]] = [
        (choice, count, f"{_title(page, every, found, choice)} ({page.lang.number(count)})")
        for one in found.periods[::-1]
        for measure in _measures(found)
        for choice, count in [(Choice(measure, one.start.isoformat()), _value(one, measure))]
    ]
    return pick(page, WHEN, known(choices))


def _title(page: Page, every: Every, found: Trends, choice: Choice) -> str:
    one = next(one for one in found.periods if one.start.isoformat() == choice.part)
    return f"{period(page, one.start, one.complete, every)} · {_label(page, choice.of)}"


def _chosen(text: str | None) -> None:
    state.write(WHEN, text)
