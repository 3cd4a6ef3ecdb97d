"""The heatmap of cohorts: shares in colour; cells that are still open in grey, with a dashed edge.

Not here: what is in the cells (funnel_cohorts.py), the common look (charts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from leadpact.language import Language
from ui.charts import WAITING, escaped

CLOSED = [[0.0, "rgba(47,123,192,0.06)"], [1.0, "rgba(47,123,192,1)"]]
OPEN = [[0.0, "rgba(125,143,163,0.05)"], [1.0, "rgba(125,143,163,0.75)"]]
DARK = 0.55  # from here on a closed cell's ground is dark in a light theme too
INK, CHALK = "#1b2733", "#ffffff"


@dataclass(frozen=True)
class Cell:
    """One cell: its share, the text on it, what is said when pointed at, and what a click stands for."""

    share: float | None
    text: str
    said: str
    closed: bool
    meaning: str


def _ink(cell: Cell) -> str:
    """The colour of the words on a cell, readable on its ground in the reader's theme."""
    dark = st.context.theme.type == "dark"
    return CHALK if dark or (cell.closed and (cell.share or 0) >= DARK) else INK


def heatmap(
    rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Cell]], lang: Language, names: tuple[str, str]
) -> go.Figure:
    """Rows from top to bottom. `names` are the words for a closed and an open cell."""
    figure = go.Figure()
    down, across = range(len(rows)), range(len(columns))
    for closed, scale in ((True, CLOSED), (False, OPEN)):
        values = [[one.share if one.closed is closed else None for one in row] for row in cells]
        figure.add_heatmap(z=values, x=list(across), y=list(down), zmin=0, zmax=1, xgap=3, ygap=3, colorscale=scale,
                           showscale=False, hoverinfo="skip")  # fmt: skip
    for colour in (INK, CHALK):
        own = [(x, y, cells[y][x]) for y in down for x in across if _ink(cells[y][x]) == colour]
        # a heatmap cannot be clicked: the words on it can
        figure.add_scatter(
            mode="markers+text", x=[x for x, _, _ in own], y=[y for _, y, _ in own], showlegend=False,
            text=[one.text for _, _, one in own], customdata=[[one.meaning] for _, _, one in own],
            hovertext=[escaped(one.said) for _, _, one in own], hovertemplate="%{hovertext}<extra></extra>",
            marker={"size": 26, "opacity": 0}, textfont={"color": colour, "size": 12},
            selected={"marker": {"opacity": 0}}, unselected={"marker": {"opacity": 0}, "textfont": {"color": colour}},
        )  # fmt: skip
    for y in down:
        for x in across:
            if not cells[y][x].closed:
                figure.add_shape(type="rect", x0=x - 0.47, x1=x + 0.47, y0=y - 0.45, y1=y + 0.45,
                                 line={"color": WAITING, "width": 1.5, "dash": "dot"})  # fmt: skip
    for name, colour in zip(names, ("#2f7bc0", WAITING), strict=True):
        figure.add_scatter(x=[None], y=[None], mode="markers", name=name,
                           marker={"symbol": "square", "size": 12, "color": colour})  # fmt: skip
    figure.update_layout(
        height=150 + 34 * len(rows), margin={"l": 0, "r": 8, "t": 34, "b": 8}, dragmode=False,
        plot_bgcolor="rgba(0,0,0,0)", legend={"orientation": "h", "y": -0.02, "yanchor": "top", "x": 0},
        separators=lang.separators,
    )  # fmt: skip
    figure.update_xaxes(fixedrange=True, tickvals=list(across), ticktext=[escaped(name) for name in columns],
                        side="top", showgrid=False, zeroline=False, automargin=True,
                        range=[-0.5, len(columns) - 0.5])  # fmt: skip
    figure.update_yaxes(fixedrange=True, tickvals=list(down), ticktext=[escaped(name) for name in rows],
                        range=[len(rows) - 0.5, -0.5], showgrid=False, zeroline=False, automargin=True,
                        ticklabelstandoff=6)  # fmt: skip
    return figure
