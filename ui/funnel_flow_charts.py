"""The charts of the flow: moves from left to right, journeys step by step, a balance as a waterfall.

A Sankey diagram cannot show a circle: every stage stands on the left, where people leave it,
and once more on the right, where they arrive. So a way back is drawn as long as a way on.

Not here: the common look (charts.py), the numbers (leadpact/metrics).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from leadpact.language import Language
from ui.charts import BAD, GOOD, LATE, QUIET, WAITING, escaped

ON, BACK, RETURN, END, OUTSIDE = "on", "back", "return", "end", "outside"
COLOURS: Mapping[str, str] = {ON: GOOD, BACK: BAD, RETURN: LATE, END: WAITING, OUTSIDE: QUIET}
EDGE = 0.001  # Plotly moves nodes at 0 and 1 itself


@dataclass(frozen=True)
class Stream:
    """One band: from a node to a node (ids), how many, what kind (COLOURS), and what is said of it."""

    left: str
    right: str
    count: int
    kind: str
    text: str


def sankey(
    nodes: Mapping[str, tuple[str, float]], streams: Sequence[Stream], kinds: Mapping[str, str], height: int
) -> go.Figure:
    """Bands between nodes. `nodes`: id → label and place across (0 to 1), in order from the top.

    `kinds` are the kinds of band there are, with their names for the legend.
    """
    places = {key: number for number, key in enumerate(nodes)}
    xs = [min(max(x, EDGE), 1 - EDGE) for _, x in nodes.values()]
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={
                "label": [escaped(label) for label, _ in nodes.values()],
                "x": xs,
                "y": _heights(nodes, streams),
                "color": QUIET,
                "pad": 14,
                "thickness": 14,
                "line": {"width": 0},
                "hovertemplate": "%{label}: %{value:,d}<extra></extra>",
            },
            link={
                "source": [places[one.left] for one in streams],
                "target": [places[one.right] for one in streams],
                "value": [one.count for one in streams],
                "color": [_pale(COLOURS[one.kind]) for one in streams],
                "customdata": [escaped(one.text) for one in streams],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
        )
    )
    for kind, label in kinds.items():
        figure.add_scatter(x=[None], y=[None], mode="markers", name=label, hoverinfo="skip",
                           marker={"color": COLOURS[kind], "size": 11, "symbol": "square"})  # fmt: skip
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 64, "b": 12},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "itemclick": False,
                "itemdoubleclick": False},
        showlegend=bool(kinds),
        dragmode=False,
    )  # fmt: skip
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True)
    return figure


def _heights(nodes: Mapping[str, tuple[str, float]], streams: Sequence[Stream]) -> list[float]:
    """Nodes of one column one under the other, each at the middle of its own share of the height."""
    size = dict.fromkeys(nodes, 0)
    for one in streams:
        size[one.left] += one.count
        size[one.right] += one.count
    columns: dict[float, list[str]] = {}
    for key, (_, x) in nodes.items():
        columns.setdefault(x, []).append(key)
    found: dict[str, float] = {}
    for keys in columns.values():
        total = sum(size[key] for key in keys) or 1
        gap = 0.25 / len(keys)
        at = 0.0
        for key in keys:
            share = 0.75 * size[key] / total
            found[key] = min(max(at + gap / 2 + share / 2, EDGE), 1 - EDGE)
            at += share + gap
    return [found[key] for key in nodes]


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.45)"


def waterfall(
    start: tuple[str, int], changes: Sequence[tuple[str, int]], end: tuple[str, int], lang: Language
) -> go.Figure:
    """From what there was, by what came and went (negative), to what there is; first on top."""
    labels = [start[0], *(label for label, _ in changes), end[0]]
    values = [start[1], *(value for _, value in changes), 0]
    texts = [lang.number(start[1]), *(("+" if n > 0 else "−") + lang.number(abs(n)) for _, n in changes),
             lang.number(end[1])]  # fmt: skip
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=[f"{number}. {escaped(label)}" for number, label in enumerate(labels)],
            x=values,
            measure=["absolute", *("relative" for _ in changes), "total"],
            text=texts,
            textposition="outside",
            hovertext=[f"{escaped(label)}: {text}" for label, text in zip(labels, texts, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
            increasing={"marker": {"color": GOOD}},
            decreasing={"marker": {"color": BAD}},
            totals={"marker": {"color": WAITING}},
            connector={"line": {"color": QUIET, "width": 1}},
            cliponaxis=False,
        )
    )
    highest = start[1] + sum(value for _, value in changes if value > 0)
    figure.update_layout(height=90 + 34 * len(labels), margin={"l": 0, "r": 16, "t": 34, "b": 8}, dragmode=False,
                         separators=",." if lang.code.startswith("es") else ".,", showlegend=False)  # fmt: skip
    figure.update_xaxes(fixedrange=True, range=[0, highest * 1.2 or 1], tickformat=",d", nticks=5, zeroline=False)
    figure.update_yaxes(fixedrange=True, autorange="reversed", automargin=True, ticklabelstandoff=6,
                        tickvals=[f"{number}. {escaped(label)}" for number, label in enumerate(labels)],
                        ticktext=[escaped(label) for label in labels])  # fmt: skip
    return figure
