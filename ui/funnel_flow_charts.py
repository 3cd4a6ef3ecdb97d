"""The charts of the flow: moves from left to right, journeys step by step, a balance as a waterfall.

A Sankey diagram cannot show a circle: every stage stands on the left, where people leave it,
and once more on the right, where they arrive. So a way back is drawn as long as a way on.

Not here: the common look (charts.py), the numbers (leadpact/metrics).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from config.schema import UNMAPPED, Pact
from leadpact.language import Language
from ui.charts import BAD, GOOD, LATE, QUIET, UNSURE, WAITING, escaped

ON, BACK, RETURN, END, NO_STAGE, OUTSIDE = "on", "back", "return", "end", "no_stage", "outside"
KINDS = (ON, BACK, RETURN, END, NO_STAGE, OUTSIDE)
COLOURS: Mapping[str, str] = {ON: GOOD, BACK: BAD, RETURN: LATE, END: UNSURE, NO_STAGE: WAITING, OUTSIDE: QUIET}
PAD, TOP, BOTTOM, THICK = 16, 36, 84, 12
INK = {"light": "#1b2733", "dark": "#e4eaf1"}  # the theme's own grey fades on a band
LONG = 10  # letters of a label before it goes on in a second line


def way(pact: Pact, left: str | None, to: str | None) -> str:
    """What kind of move it is, apart from whether somebody comes back to a stage (RETURN)."""
    if left is None or to is None:
        return OUTSIDE
    if UNMAPPED in (left, to):
        return NO_STAGE
    funnel = [stage.key for stage in pact.funnel]
    if left in funnel and to in funnel and funnel.index(to) < funnel.index(left):
        return BACK
    return END if pact.stage(to).kind in ("recycled", "disqualified", "invalid") else ON


@dataclass(frozen=True)
class Stream:
    """One band: from a node to a node (ids), how many, what kind (COLOURS), and what is said of it."""

    left: str
    right: str
    count: int
    kind: str
    text: str


def sankey(
    nodes: Mapping[str, tuple[str, float]],
    streams: Sequence[Stream],
    kinds: Mapping[str, str],
    height: int,
    lang: Language,
) -> go.Figure:
    """Bands between nodes. `nodes`: id → label and place across (0 to 1), in order from the top.

    `kinds` are the kinds of band there are, with their names for the legend. Two columns have their
    labels outside, where no band hides them; of more, all but the last have them on the right.
    """
    places = {key: number for number, key in enumerate(nodes)}
    heights = _heights(nodes, streams, height - TOP - BOTTOM)
    columns = sorted({x for _, x in nodes.values()})
    left, right = (0.24, 0.76) if len(columns) == 2 else (0.0, 0.8)
    sizes = _sizes(nodes, streams)
    figure = go.Figure(
        go.Sankey(
            arrangement="fixed",
            domain={"x": [left, right]},
            node={
                "label": ["" for _ in nodes],
                "x": [min(max(x, 0.001), 0.999) for _, x in nodes.values()],
                "y": [heights[key] for key in nodes],
                "color": QUIET,
                "pad": PAD,
                "thickness": THICK,
                "line": {"width": 0},
                "customdata": [f"{escaped(label)}: {lang.number(sizes[key])}" for key, (label, _) in nodes.items()],
                "hovertemplate": "%{customdata}<extra></extra>",
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
    font = {"size": 11, "color": INK.get(str(st.context.theme.type))}
    for key, (label, x) in nodes.items():
        outside = len(columns) == 2 and x == columns[0]
        figure.add_annotation(
            x=left + x * (right - left), y=1 - heights[key], xref="paper", yref="paper", showarrow=False,
            xanchor="right" if outside else "left", xshift=-6 if outside else THICK + 4 - (THICK if x == 1 else 0) + 2,
            align="right" if outside else "left", text=_folded(label), font=font,
        )  # fmt: skip
    for kind, label in kinds.items():
        figure.add_scatter(x=[None], y=[None], mode="markers", name=label, hoverinfo="skip",
                           marker={"color": COLOURS[kind], "size": 11, "symbol": "square"})  # fmt: skip
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": TOP, "b": BOTTOM},
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "x": 0, "itemclick": False,
                "itemdoubleclick": False},
        showlegend=bool(kinds),
        dragmode=False,
    )  # fmt: skip
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True)
    return figure


def _sizes(nodes: Mapping[str, tuple[str, float]], streams: Sequence[Stream]) -> dict[str, int]:
    """A node is as large as what comes in or what goes out, whichever is more."""
    came, went = dict.fromkeys(nodes, 0), dict.fromkeys(nodes, 0)
    for one in streams:
        went[one.left] += one.count
        came[one.right] += one.count
    return {key: max(came[key], went[key]) for key in nodes}


def _heights(nodes: Mapping[str, tuple[str, float]], streams: Sequence[Stream], room: int) -> dict[str, float]:
    """The middle of every node, 0 on top: one under the other at the scale Plotly draws them."""
    size = _sizes(nodes, streams)
    columns: dict[float, list[str]] = {}
    for key, (_, x) in nodes.items():
        columns.setdefault(x, []).append(key)
    scale = min((room - PAD * (len(keys) - 1)) / (sum(size[key] for key in keys) or 1) for keys in columns.values())
    found: dict[str, float] = {}
    for keys in columns.values():
        spare = room - scale * sum(size[key] for key in keys)
        gap = spare / (len(keys) - 1) if len(keys) > 1 else 0.0
        at = 0.0 if len(keys) > 1 else spare / 2
        for key in keys:
            found[key] = min(max((at + scale * size[key] / 2) / room, 0.001), 0.999)
            at += scale * size[key] + gap
    return found


def _folded(label: str) -> str:
    """A label in at most two lines, told short in the second."""
    lines = [""]
    for word in label.split():
        if lines[-1] and len(f"{lines[-1]} {word}") > LONG:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    second = " ".join(lines[1:])
    second = second if len(second) <= 2 * LONG else f"{second[: 2 * LONG - 1]}…"
    return "<br>".join(escaped(line) for line in (lines[0], second) if line)


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
            decreasing={"marker": {"color": LATE}},
            totals={"marker": {"color": WAITING}},
            connector={"line": {"color": QUIET, "width": 1}},
            cliponaxis=False,
        )
    )
    highest = start[1] + sum(value for _, value in changes if value > 0)
    figure.update_layout(height=90 + 34 * len(labels), margin={"l": 0, "r": 16, "t": 34, "b": 8}, dragmode=False,
                         separators=lang.separators, showlegend=False)  # fmt: skip
    figure.update_xaxes(fixedrange=True, range=[0, highest * 1.2 or 1], tickformat=",d", nticks=5, zeroline=False)
    figure.update_yaxes(fixedrange=True, autorange="reversed", automargin=True, ticklabelstandoff=6,
                        tickvals=[f"{number}. {escaped(label)}" for number, label in enumerate(labels)],
                        ticktext=[escaped(label) for label in labels])  # fmt: skip
    return figure
