"""The charts of the scoring's quality: bands with intervals, forecasts against what happened, quarters.

Not here: the common look and bars (charts.py), what is drawn (scoring_quality.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from leadpact.language import Language
from ui.charts import BAD, GOOD, QUIET, escaped, look

FEWEST = 0.4  # opacity of a mark with few cases behind it


@dataclass(frozen=True)
class Mark:
    """One value with its interval; `x` is a label, or a share for forecasts."""

    x: Any
    value: float
    low: float
    high: float
    text: str
    few: bool = False
    bad: bool = False
    meaning: Any = None


def bands(marks: Sequence[Mark], lang: Language) -> go.Figure:
    """Upright bars from the lowest score to the highest; in the colour of trouble where the rate falls."""
    figure = go.Figure()
    figure.add_bar(
        x=[escaped(mark.x) for mark in marks], y=[mark.value for mark in marks],
        customdata=[[mark.meaning] for mark in marks], error_y=_errors(marks),
        marker={"color": [BAD if mark.bad else GOOD for mark in marks],
                "opacity": [FEWEST if mark.few else 1.0 for mark in marks]},
        hovertext=[f"{escaped(mark.x)}<br>{escaped(mark.text)}" for mark in marks],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    _look(figure, lang, 330)
    figure.update_layout(bargap=0.35)
    figure.update_xaxes(type="category", title={"text": lang("ui.col.quality_band"), "standoff": 6})
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", nticks=6)
    return figure


def calibration(marks: Sequence[Mark], lang: Language) -> go.Figure:
    """Forecasts against what happened, with the line where the two are the same."""
    top = min(1.0, max([mark.high for mark in marks] + [mark.x for mark in marks]) * 1.08)
    figure = go.Figure()
    figure.add_scatter(x=[0, top], y=[0, top], mode="lines", hoverinfo="skip",
                       line={"color": QUIET, "width": 1.5, "dash": "dash"})  # fmt: skip
    figure.add_scatter(
        mode="markers", x=[mark.x for mark in marks], y=[mark.value for mark in marks], error_y=_errors(marks),
        marker={"color": GOOD, "size": 12, "line": {"width": 2, "color": GOOD},
                "symbol": ["circle-open" if mark.few else "circle" for mark in marks]},
        hovertext=[escaped(mark.text) for mark in marks], hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    _look(figure, lang, 360)
    titles = (lang("page.scoring.quality.calibration.promised"), lang("page.scoring.quality.calibration.came"))
    figure.update_xaxes(title={"text": titles[0], "standoff": 6}, tickformat=".0%", range=[0, top], nticks=6)
    figure.update_yaxes(title={"text": titles[1], "standoff": 6}, tickformat=".0%", range=[0, top], nticks=6)
    return figure


def drift(marks: Sequence[Mark], lang: Language) -> go.Figure:
    """The area under the curve by quarter, with the line of chance."""
    figure = go.Figure()
    figure.add_scatter(
        mode="lines+markers", x=[mark.x for mark in marks], y=[mark.value for mark in marks],
        error_y=_errors(marks), customdata=[[mark.meaning] for mark in marks], line={"color": GOOD, "width": 2},
        marker={"size": 11, "color": [BAD if mark.bad else GOOD for mark in marks],
                "line": {"width": 2, "color": [BAD if mark.bad else GOOD for mark in marks]},
                "symbol": ["circle-open" if mark.few else "circle" for mark in marks]},
        hovertext=[f"{escaped(mark.x)}<br>{escaped(mark.text)}" for mark in marks],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=0.5, line={"color": QUIET, "width": 1.5, "dash": "dash"})
    _look(figure, lang, 320)
    figure.update_xaxes(type="category")
    low = min([0.45, *(mark.low - 0.02 for mark in marks)])
    figure.update_yaxes(range=[max(0.0, low), 1.0], tickformat=".0%", nticks=6)
    return figure


def _errors(marks: Sequence[Mark]) -> dict[str, Any]:
    return {"type": "data", "symmetric": False, "array": [mark.high - mark.value for mark in marks],
            "arrayminus": [mark.value - mark.low for mark in marks], "thickness": 1.5, "width": 5,
            "color": QUIET}  # fmt: skip


def _look(figure: go.Figure, lang: Language, height: int) -> None:
    look(figure, lang, height)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(showgrid=False, zeroline=False, automargin=True)
    figure.update_yaxes(showgrid=True, zeroline=False, automargin=True)
