"""The charts of the simulation: new greens by week under both versions, and the trade over the threshold.

Not here: the common look (charts.py), the figures (leadpact/scoring/simulate.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from leadpact.language import Language
from leadpact.scoring.simulate import Simulation
from leadpact.scoring.trade import Point
from ui.charts import BAD, GOOD, LATE, QUIET, WAITING, escaped, look

FEW = 0.35  # opacity of a threshold with few greens behind it


def weeks(told: Simulation, lang: Language, names: tuple[str, str, str], texts: Sequence[Sequence[str]]) -> go.Figure:
    """Two lines, before and draft, and what Sales can take where somebody said so. `names` in that order."""
    figure = go.Figure()
    for name, side, colour, dash, said in (
        (names[0], told.before, WAITING, "dot", texts[0]),
        (names[1], told.after, GOOD, "solid", texts[1]),
    ):
        figure.add_scatter(
            mode="lines+markers", name=name, x=list(told.ends), y=list(side.weekly),
            line={"color": colour, "width": 2.5, "dash": dash}, marker={"size": 7, "color": colour},
            hovertext=[f"{escaped(name)}<br>{escaped(text)}" for text in said],
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    capacity = told.question.capacity
    if capacity is not None:
        figure.add_scatter(
            mode="lines", name=names[2], x=[told.ends[0], told.ends[-1]], y=[capacity, capacity],
            line={"color": BAD, "width": 1.5, "dash": "dash"}, hovertemplate=f"{lang.number(capacity)}<extra></extra>",
        )  # fmt: skip
    _look(figure, lang, 320)
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(rangemode="tozero", tickformat=",d", nticks=6)
    return figure


def trade(
    told: Simulation, lang: Language, chosen: Point, names: tuple[str, str, str], texts: Sequence[str]
) -> go.Figure:
    """Conversion over people a week, a point a threshold. `names`: the draft's own, the well-done one, the chosen."""
    points = [(one, text) for one, text in zip(told.curve, texts, strict=True) if one.converted.rate is not None]
    figure = go.Figure()
    rates = [one.converted.rate or 0.0 for one, _ in points]
    # an interval of a handful reaches from nothing to everything and would flatten the rest
    ends = [(rate, rate) if one.small or one.converted.interval is None else one.converted.interval
            for rate, (one, _) in zip(rates, points, strict=True)]  # fmt: skip
    sure = [(one.per_week, rate) for rate, (one, _) in zip(rates, points, strict=True) if not one.small]
    figure.add_scatter(mode="lines", x=[at for at, _ in sure], y=[rate for _, rate in sure], hoverinfo="skip",
                       showlegend=False, line={"color": QUIET, "width": 1.5})  # fmt: skip
    figure.add_scatter(
        mode="markers", x=[one.per_week for one, _ in points], y=rates, showlegend=False,
        customdata=[[one.threshold] for one, _ in points],
        marker={"size": 9, "color": GOOD, "opacity": [FEW if one.small else 1.0 for one, _ in points]},
        error_y={"type": "data", "symmetric": False, "color": QUIET, "thickness": 1, "width": 0,
                 "array": [high - rate for (_, high), rate in zip(ends, rates, strict=True)],
                 "arrayminus": [rate - low for (low, _), rate in zip(ends, rates, strict=True)]},
        hovertext=[escaped(text) for _, text in points], hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    own = told.after.point
    for one, name, colour, symbol, size in (
        (own, names[0], LATE, "diamond-open", 18),
        (told.recommended, names[1], GOOD, "star", 19),
        (chosen, names[2], BAD, "circle-open", 24),
    ):
        if one is not None and one.converted.rate is not None:
            marker = {"size": size, "color": colour, "symbol": symbol, "line": {"width": 2.5}}
            figure.add_scatter(mode="markers", name=name, x=[one.per_week], y=[one.converted.rate], hoverinfo="skip",
                               marker=marker)  # fmt: skip
    _look(figure, lang, 400)
    figure.update_xaxes(title={"text": lang("page.scoring.simulate.trade.per_week"), "standoff": 6}, nticks=6,
                        rangemode="tozero")  # fmt: skip
    figure.update_yaxes(title={"text": lang("page.scoring.simulate.trade.conversion"), "standoff": 6},
                        tickformat=".0%", rangemode="tozero", nticks=6)  # fmt: skip
    return figure


def _look(figure: go.Figure, lang: Language, height: int) -> None:
    look(figure, lang, height)
    figure.update_xaxes(zeroline=False, automargin=True)
    figure.update_yaxes(showgrid=True, zeroline=False, automargin=True)
