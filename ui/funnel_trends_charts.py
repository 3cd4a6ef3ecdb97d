"""The charts of the trends: lines by period, the unfinished one apart; rates with their interval.

Not here: the common look (charts.py), the numbers (leadpact/metrics/trends.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go

from leadpact.language import Language
from ui.charts import GOOD, GROUPS, QUIET, escaped


@dataclass(frozen=True)
class Line:
    """One line: its name, a value per period, what a click stands for; `pale` is the comparison.

    `said` names the periods where they are not those of the axis.
    """

    name: str
    values: Sequence[int]
    meanings: Sequence[str | None]
    said: Sequence[str] = field(default=())
    pale: bool = False


def lines(labels: Sequence[str], series: Sequence[Line], complete: Sequence[bool], lang: Language) -> go.Figure:
    """A line per series; the way to an unfinished period is dotted and its mark hollow."""
    figure = go.Figure()
    whole = next((k for k, done in enumerate(complete) if not done and k), len(labels))
    for number, one in enumerate(series):
        colour = QUIET if one.pale else GROUPS[number % len(GROUPS)]
        names = one.said or labels
        texts = [f"{escaped(label)}<br>{escaped(one.name)}: {lang.number(value)}"
                 for label, value in zip(names, one.values, strict=True)]  # fmt: skip
        marks = ["circle-open" if not done and not one.pale else "circle" for done in complete]
        ends = [(0, len(labels))] if one.pale else [(0, whole), (whole - 1, len(labels))]
        for part, (first, after) in enumerate(ends):
            if after - first < 1 + part:
                continue
            figure.add_scatter(
                name=escaped(one.name), legendgroup=str(number), showlegend=part == 0, mode="lines+markers",
                x=list(range(first, after)), y=list(one.values[first:after]),
                customdata=[[meaning] for meaning in one.meanings[first:after]],
                line={"color": colour, "width": 2, "dash": "dash" if one.pale else "dot" if part else "solid"},
                marker={"size": 8, "color": colour, "symbol": marks[first:after]},
                hovertext=texts[first:after], hovertemplate="%{hovertext}<extra></extra>",
            )  # fmt: skip
    figure.update_layout(height=380, showlegend=True)
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    return _look(figure, labels, lang)


def rates(
    labels: Sequence[str],
    values: Sequence[float | None],
    intervals: Sequence[tuple[float | None, float | None]],
    sure: Sequence[bool],
    texts: Sequence[str],
    words: tuple[str, Language],
) -> go.Figure:
    """Rates as dots with their interval; hollow where not `sure`; a period without one is grey and says why."""
    young, lang = words
    figure = go.Figure()
    shown = [k for k, value in enumerate(values) if value is not None]
    above = [(intervals[k][1] or 0) - (values[k] or 0) for k in shown]
    below = [(values[k] or 0) - (intervals[k][0] or 0) for k in shown]
    figure.add_scatter(
        mode="lines+markers", x=shown, y=[values[k] for k in shown], line={"color": GOOD, "width": 1},
        marker={"size": 10, "color": GOOD, "symbol": ["circle" if sure[k] else "circle-open" for k in shown]},
        error_y={"type": "data", "array": above, "arrayminus": below, "color": GOOD, "thickness": 1.5, "width": 4},
        hovertext=[f"{escaped(labels[k])}<br>{escaped(texts[k])}" for k in shown],
        hovertemplate="%{hovertext}<extra></extra>", showlegend=False,
    )  # fmt: skip
    after = max(shown, default=-1) + 1
    if after < len(labels):  # the youngest periods: nothing to read yet, which is not zero
        figure.add_vrect(x0=after - 0.5, x1=len(labels) - 0.5, fillcolor=QUIET, opacity=0.18, line_width=0,
                         annotation_text=escaped(young), annotation_position="top left")  # fmt: skip
    figure.update_layout(height=320, showlegend=False)
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    return _look(figure, labels, lang)


def _look(figure: go.Figure, labels: Sequence[str], lang: Language) -> go.Figure:
    every = max(1, -(-len(labels) // 7))
    ticks = list(range(len(labels) - 1, -1, -every))[::-1]
    figure.update_layout(
        margin={"l": 0, "r": 12, "t": 44, "b": 8}, dragmode=False,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        separators=lang.separators,
    )  # fmt: skip
    figure.update_xaxes(fixedrange=True, tickvals=ticks, ticktext=[escaped(labels[k]) for k in ticks], showgrid=False,
                        range=[-0.5, len(labels) - 0.5], zeroline=False, automargin=True)  # fmt: skip
    figure.update_yaxes(fixedrange=True, nticks=6, automargin=True)
    return figure
