"""The charts only Velocity has: quartiles on a scale of time, staircases with their band, ratios.

Not here: the common look and bars (charts.py), what is drawn (the parts of the page).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

import plotly.graph_objects as go

from leadpact.language import Language
from leadpact.metrics.curves import Point
from ui.charts import BAD, GOOD, GROUPS, QUIET, escaped, look

SHORTEST = 0.01  # days; a scale of ratios has no zero, and less than a quarter of an hour is at once
TICKS = ((1 / 24, "hour"), (1.0, "day"), (7.0, "week"), (30.0, "month"), (365.0, "year"))
BETWEEN = ((0.25, "hours"), (2.0, "days"), (4.0, "four_days"), (14.0, "weeks"), (90.0, "months"), (180.0, "half_year"))
ALONE = 10  # a staircase is drawn as far as so many are still watched
SHADE = 0.16
SETTLED = 0.98  # of the change of a line


@dataclass(frozen=True)
class Quartiles:
    """One bar: from the first to the third quartile in days, the median marked; null where not reached."""

    name: str
    low: float | None
    middle: float | None
    high: float | None
    text: str
    few: bool
    meaning: Any


def quartiles(rows: Sequence[Quartiles], lang: Language) -> go.Figure:
    """Horizontal bars on a scale of ratios, first on top; pale where the third quartile is not reached yet."""
    shown = [row for row in rows if row.low is not None]
    ends = [value for row in shown for value in (row.low, row.middle, row.high) if value is not None]
    last = max([*ends, 1.0]) * 1.6
    first = max(min([*ends, 1.0]), SHORTEST) / 1.6
    figure = go.Figure()
    for row in shown:
        low, high = max(row.low or 0.0, SHORTEST), max(last if row.high is None else row.high, SHORTEST)
        figure.add_bar(
            orientation="h", y=[escaped(row.name)], base=[low], x=[max(high - low, low * 0.03)],
            customdata=[[row.meaning]],
            hovertext=[f"{escaped(row.name)}<br>{escaped(row.text)}"], hovertemplate="%{hovertext}<extra></extra>",
            marker={"color": GOOD, "opacity": 0.4 if row.high is None or row.few else 0.85, "line": {"width": 0}},
        )  # fmt: skip
    marks = [row for row in shown if row.middle is not None]
    figure.add_scatter(
        mode="markers", y=[escaped(row.name) for row in marks], x=[max(row.middle or 0.0, SHORTEST) for row in marks],
        customdata=[[row.meaning] for row in marks], marker={"symbol": "line-ns", "size": 22, "color": "#c0711f",
                                                            "line": {"width": 4, "color": "#c0711f"}},
        hovertext=[f"{escaped(row.name)}<br>{escaped(row.text)}" for row in marks],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    _look(figure, lang, height=90 + 38 * max(2, len(rows)))
    ticks = _ticks(first, last, lang)
    figure.update_layout(barmode="overlay", bargap=0.35, showlegend=False)
    figure.update_xaxes(type="log", range=[log10(first), log10(last)], tickvals=[value for value, _ in ticks],
                        ticktext=[text for _, text in ticks], zeroline=False)  # fmt: skip
    figure.update_yaxes(autorange="reversed", automargin=True, ticklabelstandoff=6, type="category",
                        categoryorder="array", categoryarray=[escaped(row.name) for row in rows])  # fmt: skip
    return figure


def _ticks(first: float, last: float, lang: Language) -> list[tuple[float, str]]:
    """Times a reader knows between two ends: the round ones, and some between where those are few."""
    found = [tick for tick in TICKS if first <= tick[0] <= last]
    if len(found) < 3:
        found += [tick for tick in BETWEEN if first <= tick[0] <= last]
    return [(value, lang(f"velocity.tick.{name}")) for value, name in sorted(found)]


def staircases(
    lines: Sequence[tuple[str, Sequence[Point]]], said: Sequence[Sequence[str]], lang: Language, *, top: float = 1.0
) -> go.Figure:
    """Steps with their band, one colour a line; `said` is what is shown when a point is pointed at."""
    figure = go.Figure()
    for (name, points), texts, colour in zip(lines, said, GROUPS, strict=False):
        kept = watched(points)
        band = [point for point in kept if point.low is not None and point.high is not None]
        if band:
            figure.add_scatter(
                x=[*(p.days for p in _stairs(band, "high")), *(p.days for p in reversed(_stairs(band, "low")))],
                y=[*(p.share for p in _stairs(band, "high")), *(p.share for p in reversed(_stairs(band, "low")))],
                fill="toself", fillcolor=_shade(colour), line={"width": 0}, mode="lines", hoverinfo="skip",
                showlegend=False, legendgroup=name,
            )  # fmt: skip
        figure.add_scatter(
            name=escaped(name), legendgroup=name, mode="lines", x=[p.days for p in kept], y=[p.share for p in kept],
            line={"shape": "hv", "width": 2.5, "color": colour}, text=[escaped(text) for text in texts[: len(kept)]],
            hovertemplate=f"{escaped(name)}<br>%{{text}}<extra></extra>",
        )  # fmt: skip
    _look(figure, lang, height=380)
    figure.update_layout(showlegend=len(lines) > 1, hovermode="closest")
    until = max((_settled(watched(points)) for _, points in lines), default=1.0)
    figure.update_xaxes(title={"text": lang("velocity.axis.days"), "standoff": 6}, range=[0, until], zeroline=False,
                        tickformat=",d" if until > 8 else ",.1f", nticks=8)  # fmt: skip
    figure.update_yaxes(range=[0, top], tickformat=".0%", nticks=6, zeroline=False, automargin=True)
    return figure


def watched(points: Sequence[Point]) -> list[Point]:
    """The points drawn: as far as enough are still watched; all where there never were enough."""
    kept = [point for point in points if point.at_risk >= ALONE and point.share is not None]
    return kept or [point for point in points if point.share is not None]


def _settled(points: Sequence[Point]) -> float:
    """The day up to which a line is worth looking at: a third beyond where nearly all of its change is done."""
    shares = [point.share or 0.0 for point in points]
    if not shares:
        return 1.0
    nearly = shares[0] + SETTLED * (shares[-1] - shares[0])
    rising = shares[-1] >= shares[0]
    done = next(
        point.days for point, share in zip(points, shares, strict=True)
        if (share >= nearly if rising else share <= nearly)
    )  # fmt: skip
    return min(points[-1].days, max(done * 1.33, 1.0)) or 1.0


@dataclass(frozen=True)
class Ratio:
    """One line of a comparison: its value with the interval, and whether it is called."""

    name: str
    value: float
    low: float
    high: float
    text: str
    called: bool
    meaning: Any


def ratios(rows: Sequence[Ratio], lang: Language, *, pace: bool) -> go.Figure:
    """Values with their interval against the line where group and rest are even; called ones in colour.

    Paces are ratios, on a scale of ratios; others are differences of shares.
    """
    even = 1.0 if pace else 0.0
    figure = go.Figure()
    names = [escaped(row.name) for row in rows]
    figure.add_scatter(
        mode="markers", y=names, x=[row.value for row in rows], customdata=[[row.meaning] for row in rows],
        error_x={"type": "data", "symmetric": False, "array": [row.high - row.value for row in rows],
                 "arrayminus": [row.value - row.low for row in rows], "thickness": 2, "width": 5, "color": QUIET},
        marker={"size": 12, "color": [BAD if row.called else QUIET for row in rows]},
        hovertext=[f"{escaped(row.name)}<br>{escaped(row.text)}" for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    _look(figure, lang, height=90 + 36 * max(2, len(rows)))
    figure.add_vline(x=even, line={"color": QUIET, "width": 1.5, "dash": "dash"})
    figure.update_layout(showlegend=False)
    ends = [even, *(value for row in rows for value in (row.low, row.high))]
    if pace:
        ticks = [value for value in (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0) if min(ends) / 1.2 <= value]
        figure.update_xaxes(type="log", range=[log10(min(ends) / 1.15), log10(max(ends) * 1.15)], tickvals=ticks,
                            ticktext=[lang.percent(value, 0) for value in ticks])  # fmt: skip
    else:
        figure.update_xaxes(tickformat="+.0%", nticks=6, zeroline=False)
    figure.update_yaxes(autorange="reversed", automargin=True, ticklabelstandoff=6)
    return figure


def _look(figure: go.Figure, lang: Language, height: int) -> None:
    look(figure, lang, height)
    figure.update_xaxes(showgrid=True)


def _stairs(band: Sequence[Point], side: str) -> list[Point]:
    """The corners of one side of a band: a step keeps its value until the next one."""
    found: list[Point] = []
    for place, point in enumerate(band):
        value = getattr(point, side)
        if place:
            found.append(Point(point.days, found[-1].share, None, None, 0))
        found.append(Point(point.days, value, None, None, 0))
    return found


def _shade(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{SHADE})"
