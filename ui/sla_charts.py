"""The charts only the SLA has: a target line, a curve of compliance, rates with intervals, weeks, a heatmap.

Not here: the common look and bars (charts.py), what is drawn (the parts of the page).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log10
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from leadpact.language import Language
from ui.charts import GOOD, GROUPS, LATE, WAITING, escaped, look

LINE = "#7d8fa3"
SCALE = ((0.0, "#b5533c"), (0.5, "#e3c9a8"), (1.0, "#2f7bc0"))
COUNT = ((0.0, "rgba(47,123,192,0.06)"), (1.0, "#2f7bc0"))


@dataclass(frozen=True)
class Dots:
    """Rates of one series: value, interval, what is said of each, and whether few cases stand behind."""

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]
    texts: Sequence[str]
    few: Sequence[bool]
    meanings: Sequence[Any] = field(default=())


def target_line(figure: go.Figure, place: int) -> None:
    """A line across horizontal bars, after bar number `place`: up to it is in time. Words would lie on bars."""
    figure.add_hline(y=place + 0.5, line={"color": LINE, "width": 2, "dash": "dash"})


def rates(labels: Sequence[str], series: Sequence[Dots], lang: Language, longest: float = 1.0) -> go.Figure:
    """Rates as dots with their interval, first label on top; hollow where few cases stand behind."""
    figure = go.Figure()
    for number, one in enumerate(series):
        shift = 0.0 if len(series) == 1 else (number - (len(series) - 1) / 2) * 0.3
        shown = [k for k, value in enumerate(one.values) if value is not None]
        figure.add_scatter(
            name=one.name, mode="markers", y=[k + shift for k in shown], x=[one.values[k] for k in shown],
            customdata=[[one.meanings[k] if one.meanings else None] for k in shown],
            error_x=_errors([one.values[k] for k in shown], [one.low[k] for k in shown], [one.high[k] for k in shown]),
            marker={"color": GROUPS[number], "size": 11, "line": {"width": 2, "color": GROUPS[number]},
                    "symbol": ["circle-open" if one.few[k] else "circle" for k in shown]},
            text=[f"{escaped(labels[k])}<br>{escaped(one.texts[k])}" for k in shown],
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    _look(figure, lang, height=110 + 36 * len(labels))
    figure.update_xaxes(range=[0, longest], tickformat=".0%", nticks=6, zeroline=False)
    figure.update_yaxes(range=[len(labels) - 0.5, -0.5], tickvals=list(range(len(labels))), ticktext=list(labels),
                        automargin=True, ticklabelstandoff=6, showgrid=False, zeroline=False)  # fmt: skip
    return figure


def kept(labels: Sequence[str], dots: Dots, lang: Language) -> go.Figure:
    """Compliance as bars with their interval, first label on top; pale where few cases stand behind."""
    figure = go.Figure()
    figure.add_bar(
        orientation="h", y=list(range(len(labels))), x=[value or 0 for value in dots.values],
        customdata=[[meaning] for meaning in dots.meanings], error_x=_errors(dots.values, dots.low, dots.high),
        marker={"color": GOOD, "opacity": [0.4 if few else 1.0 for few in dots.few]}, name=dots.name,
        text=[escaped(text) for text in dots.texts], textposition="none",
        hovertext=[f"{escaped(label)}<br>{escaped(text)}" for label, text in zip(labels, dots.texts, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    _look(figure, lang, height=110 + 30 * len(labels))
    figure.update_layout(margin={"t": 58})  # the axis on top stays clear of the button that saves the picture
    figure.update_xaxes(range=[0, 1.0], tickformat=".0%", nticks=6, zeroline=False, side="top")
    figure.update_yaxes(autorange="reversed", tickvals=list(range(len(labels))), automargin=True,
                        ticktext=[escaped(label) for label in labels], ticklabelstandoff=6)  # fmt: skip
    return figure


def compliance_curve(
    curve: Sequence[tuple[float, float | None]],
    ticks: Sequence[tuple[float, str]],
    agreed: tuple[float, str],
    asked: tuple[float, float | None, str],
    lang: Language,
) -> go.Figure:
    """Compliance at every target, on a scale by ratio; the agreed target as a line, the one asked for as a dot."""
    figure = go.Figure()
    figure.add_scatter(
        x=[hours for hours, _ in curve], y=[share for _, share in curve], name="", mode="lines",
        line={"shape": "hv", "color": GOOD, "width": 3},
        hovertemplate="%{x:.4~g} h: %{y:.1%}<extra></extra>",
    )  # fmt: skip
    # a line's own annotation does not know that the axis is a scale by ratio
    figure.add_vline(x=agreed[0], line={"color": LINE, "width": 2, "dash": "dash"})
    figure.add_annotation(x=log10(agreed[0]), y=0.02, text=escaped(agreed[1]), showarrow=False, xanchor="left",
                          xshift=6, yanchor="bottom")  # fmt: skip
    if asked[1] is not None:
        figure.add_scatter(x=[asked[0]], y=[asked[1]], mode="markers", marker={"size": 14, "color": LATE},
                           hovertemplate=f"{escaped(asked[2])}<extra></extra>")  # fmt: skip
    _look(figure, lang, height=280)
    figure.update_layout(showlegend=False)
    figure.update_yaxes(range=[0, 1.03], tickformat=".0%", nticks=6)
    whole = [log10(curve[0][0]) - 0.05, log10(curve[-1][0]) + 0.05]
    figure.update_xaxes(type="log", range=whole, tickvals=[at for at, _ in ticks], ticktext=[text for _, text in ticks],
                        showgrid=True, zeroline=False)  # fmt: skip
    return figure


def over_time(
    starts: Sequence[Any],
    dots: Dots,
    young: Sequence[bool],
    states: Sequence[tuple[str, str, Sequence[int]]],
    lang: Language,
    names: tuple[str, str],
) -> go.Figure:
    """Compliance by period above, clocks by state below. Hollow: not final; the bar is what it can still become."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.55, 0.45], vertical_spacing=0.07,
                           subplot_titles=[escaped(name) for name in names])  # fmt: skip
    figure.add_scatter(
        row=1, col=1, name=dots.name, x=list(starts), y=list(dots.values), mode="lines+markers", connectgaps=False,
        customdata=[[meaning] for meaning in dots.meanings], error_y=_errors(dots.values, dots.low, dots.high),
        line={"color": GOOD, "width": 2}, showlegend=False,
        marker={"color": [LATE if is_young else GOOD for is_young in young], "size": 9,
                "symbol": ["circle-open" if hollow else "circle" for hollow in dots.few], "line": {"width": 2}},
        text=[escaped(text) for text in dots.texts], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    for name, colour, counts in states:
        figure.add_bar(row=2, col=1, name=name, x=list(starts), y=list(counts), marker={"color": colour},
                       customdata=[[meaning] for meaning in dots.meanings],
                       hovertemplate=f"{escaped(name)}: %{{y}}<extra></extra>")  # fmt: skip
    _look(figure, lang, height=470)
    figure.update_layout(barmode="stack", bargap=0.2, margin={"t": 60})
    figure.update_layout(legend={"y": -0.12, "yanchor": "top"})
    figure.update_yaxes(row=1, col=1, range=[0, 1.05], tickformat=".0%", nticks=5)
    figure.update_yaxes(row=2, col=1, rangemode="tozero", nticks=4, tickformat=",d")
    figure.update_xaxes(type="date", showgrid=False, nticks=8)
    figure.update_annotations(x=0, xanchor="left", font_size=13)
    return figure


def heatmap(
    axes: tuple[Sequence[str], Sequence[str]],
    values: Sequence[Sequence[float | None]],
    texts: Sequence[Sequence[str]],
    hovers: Sequence[Sequence[str]],
    lang: Language,
    *,
    share: bool,
) -> go.Figure:
    """Cells of a week. A cell without a value stays empty: nothing started there, or too little to say."""
    figure = go.Figure(
        go.Heatmap(
            z=[list(row) for row in values], x=list(axes[1]), y=list(axes[0]), text=[list(row) for row in texts],
            customdata=[[escaped(text) for text in row] for row in hovers], texttemplate="%{text}",
            hovertemplate="%{customdata}<extra></extra>", textfont={"size": 11},
            colorscale=[list(step) for step in (SCALE if share else COUNT)],
            zmin=0, zmax=1 if share else None, xgap=2, ygap=2, hoverongaps=True,
            colorbar={"tickformat": ".0%" if share else ",d", "thickness": 10, "len": 0.9, "outlinewidth": 0},
        )
    )  # fmt: skip
    _look(figure, lang, height=330)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, side="bottom", type="category", tickangle=0)
    return figure


def _errors(values: Sequence[Any], low: Sequence[Any], high: Sequence[Any]) -> dict[str, Any]:
    def away(value: float | None, end: float | None) -> float:
        return 0.0 if value is None or end is None else abs(end - value)

    return {
        "type": "data", "symmetric": False, "thickness": 1.4, "width": 3, "color": WAITING,
        "array": [away(value, end) for value, end in zip(values, high, strict=True)],
        "arrayminus": [away(value, end) for value, end in zip(values, low, strict=True)],
    }  # fmt: skip


def _look(figure: go.Figure, lang: Language, *, height: int) -> None:
    look(figure, lang, height)
    figure.update_layout(showlegend=len(figure.data) > 1)
