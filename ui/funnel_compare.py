"""The funnel beside the one of the period before, or each group beside the rest.

Not here: what is compared and when that is fair (leadpact/metrics/compare.py).
"""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from leadpact.language import Language
from leadpact.metrics import compare, compare_people
from leadpact.metrics.compare import Against, Compared, Comparison, Gap, Side
from leadpact.metrics.funnel import SMALL, Scope, reachable
from leadpact.metrics.periods import Period
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, options, people, state, tables
from ui.choice import Choice, group_of, known, pick
from ui.errors import plain
from ui.page import Page
from ui.tables import Kind

COMPARE, RATE, SIDE = "compare", "rate", "side"
RATES = ("of_previous", "of_first")


def show(page: Page, scope: Scope, whole: bool) -> None:
    """The choice of what to compare with, and where one is made, chart, table and people."""
    st.subheader(page.text("compare"), anchor=False)
    offered = ("none", *get_args(Against)) if scope.by else ("none", "before")
    asked = state.read(COMPARE)
    current = asked if asked in offered else "none"
    st.segmented_control(
        page.text("compare"), offered, required=True, label_visibility="collapsed",
        format_func=lambda one: page.text(f"compare.{one}"),
        **state.bound(page.key(COMPARE), COMPARE, current, lambda one: None if one == "none" else one),
    )  # fmt: skip
    if current == "none":
        st.caption(page.text("compare.why"))
        return
    found: Comparison = page.cached_whole(compute, scope, whole, current)
    st.markdown(plain(words(page, found)))
    if not any(step.of_first for step in found.steps):
        page.empty("page.funnel.compare.nothing", days=found.scope.window_days)
        return
    rate = _rate(page, scope)
    _chart(page, found, rate)
    _table(page, found, rate)
    _people(page, scope, whole, found, rate)


def compute(analysis: Analysis, scope: Scope, whole: bool, against: Against) -> Comparison:
    """As `leadpact.metrics.compare.compare`, of the stages shown."""
    pact = analysis.pact if whole else reachable(analysis.pact, scope)
    return compare.compare(analysis.tables, pact, analysis.as_of, scope, against)


def behind(analysis: Analysis, scope: Scope, whole: bool, against: Against, choice: Choice) -> Table:
    """As `leadpact.metrics.compare_people.behind`."""
    pact = analysis.pact if whole else reachable(analysis.pact, scope)
    return compare_people.behind(analysis.tables, pact, analysis.as_of, scope, against, choice.of, choice.part,
                                 choice.group)  # fmt: skip


def span(lang: Language, period: Period) -> str:
    """A period from its first day to its last."""
    return f"{lang.day(period.start)} – {lang.day(period.end - timedelta(days=1))}"


def words(page: Page, found: Comparison) -> str:
    """What stands beside what, at which age, and who is left out of it."""
    lang, days = page.lang, found.scope.window_days
    if found.period is None or found.before is None:
        said = page.text("compare.said_rest", days=days)
    else:
        said = page.text(
            "compare.said_before", days=days, now=span(lang, found.period), before=span(lang, found.before)
        )
    if found.young:
        said += " " + page.text("compare.young", count=found.young)
    covered = [lang.percent(one) for one in (found.coverage, found.coverage_before) if one is not None]
    return f"{said} {page.text('compare.coverage', coverage=' · '.join(covered), unknown=found.unknown)}"


def _rate(page: Page, scope: Scope) -> str:
    """Which of the two rates; stages of their own have only the one of the cohort."""
    if scope.mode == "visited":
        return "of_first"
    current = RATES[1] if state.read(RATE) == RATES[1] else RATES[0]
    st.segmented_control(
        page.text("compare.rate"), RATES, required=True, format_func=lambda one: page.text(f"compare.{one}"),
        **state.bound(page.key(RATE), RATE, current, lambda one: None if one == RATES[0] else one),
    )  # fmt: skip
    return current


def numbers(side: Side, rate: str) -> tuple[int, int, float | None]:
    """Numerator, denominator and rate of one side."""
    if rate == "of_first":
        return side.converted, side.cohort, side.rate_of_first
    return side.converted, side.entered, side.rate_of_previous


def evidence(page: Page, gap: Gap | None, small: bool) -> str:
    """What may be said of a difference, in words."""
    if gap is None:
        return page.lang("compare.none")
    said = page.lang("compare.clear" if gap.clear else "compare.unclear")
    return f"{said} ({page.lang('ui.small', count=SMALL)})" if small else said


def points(lang: Language, value: float) -> str:
    """A difference of two shares, in percentage points, with its sign."""
    return lang("compare.points", value=("+" if value > 0 else "") + lang.number(100 * value, 1))


def _chart(page: Page, found: Comparison, rate: str) -> None:
    """The difference of every step with its interval: in colour where it is clear, grey where it may be chance."""
    told = [(step, gap) for step in found.steps if (gap := getattr(step, rate)) is not None and not _certain(step, gap)]
    told = told[: 5 * charts.MOST_GROUPS]
    if not told:
        return
    st.caption(page.text("compare.reading"))
    labels = [title(page, found, step) for step, _ in told]
    figure = go.Figure()
    for clear, colour, name in ((True, charts.GOOD, "compare.clear"), (False, charts.QUIET, "compare.unclear")):
        own = [k for k, (_, gap) in enumerate(told) if gap.clear is clear]
        texts = [_said(page, found, told[k][0], rate) for k in own]
        figure.add_scatter(
            mode="markers", name=page.lang(name), x=[told[k][1].difference for k in own], y=own,
            error_x={"type": "data", "symmetric": False, "thickness": 1.6, "width": 4, "color": colour,
                     "array": [told[k][1].high - told[k][1].difference for k in own],
                     "arrayminus": [told[k][1].difference - told[k][1].low for k in own]},
            marker={"size": 11, "color": colour}, text=[charts.escaped(text) for text in texts],
            customdata=[[_choice(found, told[k][0], "now_converted").text] for k in own],
            hovertemplate="%{text}<extra></extra>", showlegend=True,
        )  # fmt: skip
    figure.add_vline(x=0, line={"width": 1.5, "color": charts.WAITING})
    figure.update_layout(height=110 + 34 * len(told), margin={"l": 0, "r": 16, "t": 34, "b": 8}, dragmode=False,
                         legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
                         separators=",." if page.lang.code.startswith("es") else ".,")  # fmt: skip
    figure.update_xaxes(fixedrange=True, tickformat="+.0%", zeroline=False, nticks=7, showgrid=True)
    figure.update_yaxes(fixedrange=True, tickvals=list(range(len(labels))), automargin=True, showgrid=False,
                        ticktext=[charts.escaped(label) for label in labels], range=[len(labels) - 0.5, -0.5],
                        zeroline=False)  # fmt: skip
    charts.show(figure, key=page.key("compare_chart"), alt=page.text("compare.reading"), select=_chosen)


def _certain(step: Compared, gap: Gap) -> bool:
    """Everybody on both sides: the first step, which says nothing."""
    return gap.p is None and step.now.converted == step.now.entered and step.other.converted == step.other.entered


def title(page: Page, found: Comparison, step: Compared) -> str:
    """Group and stage."""
    label = page.used.pact.stage(step.stage).label
    return label if found.scope.by is None else f"{options.shown(page.lang, step.group)} · {label}"


def _said(page: Page, found: Comparison, step: Compared, rate: str) -> str:
    lang, gap = page.lang, getattr(step, rate)
    sides = " / ".join(f"{lang.percent(value)} ({lang.number(part)}/{lang.number(whole)})"
                       for part, whole, value in (numbers(step.now, rate), numbers(step.other, rate)))  # fmt: skip
    return f"{title(page, found, step)}: {sides} = {points(lang, gap.difference)}"


def _table(page: Page, found: Comparison, rate: str) -> None:
    lang, split = page.lang, found.scope.by is not None
    rows = []
    for step in found.steps:
        gap: Gap | None = getattr(step, rate)
        line = {"group": options.shown(lang, step.group), "stage": page.used.pact.stage(step.stage).label}
        line |= dict(zip(("now_part", "now_whole", "now_rate"), numbers(step.now, rate), strict=True))
        line |= dict(zip(("other_part", "other_whole", "other_rate"), numbers(step.other, rate), strict=True))
        line["gap_points"] = None if gap is None else 100 * gap.difference
        line["interval"] = None if gap is None else f"{points(lang, gap.low)} – {points(lang, gap.high)}"
        line["evidence"] = evidence(page, gap, step.small)
        rows.append(line)
    kinds: dict[str, Kind] = {"group": "text"} if split else {}
    kinds |= {"stage": "text", "now_rate": "share", "other_rate": "share", "gap_points": "number", "interval": "text",
              "evidence": "text", "now_part": "count", "now_whole": "count", "other_part": "count",
              "other_whole": "count"}  # fmt: skip

    def clicked(position: int | None) -> None:
        _chosen(None if position is None else _choice(found, found.steps[position], "now_converted").text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("compare_table"), select=clicked)
    st.caption(page.lang("compare.corrected"))


def _people(page: Page, scope: Scope, whole: bool, found: Comparison, rate: str) -> None:
    """The people on one side of one step."""
    lang = page.lang
    choices = []
    for step in found.steps:
        for part in compare_people.PARTS:
            side = step.now if part.startswith("now") else step.other
            count = numbers(side, rate if part.endswith("converted") else "of_previous")[part.endswith("entered")]
            name = f"{title(page, found, step)} · {page.text(f'side.{part}')} ({lang.number(count)})"
            choices.append((_choice(found, step, part), count, name))
    titles = known(choices)
    choice = pick(page, SIDE, titles)
    if choice is not None:
        people.show(page, titles[choice.text], behind, scope, whole, found.against, choice, key="side_people",
                    first={"entry": "moment"})  # fmt: skip


def _choice(found: Comparison, step: Compared, part: str) -> Choice:
    return Choice(step.stage, part, group_of(step.group, found.scope.by))


def _chosen(text: str | None) -> None:
    state.write(SIDE, text)
