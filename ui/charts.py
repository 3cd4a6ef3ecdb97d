"""Charts: one look, both themes, readable at phone width. No chart without its table beneath.

Colours are said once here, and hold on a light and on a dark ground; words and lines follow
the theme. A click selects a mark; what it stands for travels in `customdata`.

Every chart can be saved as a picture, by Plotly's own button: it stays in sight, so that a finger
reaches it too.

Not here: the numbers (leadpact/metrics), what a click leads to (pages).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from leadpact.language import Language
from ui import language
from ui.exports import file_name

GOOD, WAITING, BAD, LATE, QUIET, UNSURE = "#2f7bc0", "#7d8fa3", "#c75c43", "#c9822e", "#9aa7b4", "#8f6cc0"
GROUPS = ("#2f7bc0", "#c0711f", "#2f8f78", "#8f6cc0", "#b8533c", "#6d7f91")
MOST_GROUPS = len(GROUPS)
# a saved picture knows only fonts of the system: with a web font its labels would be wider than their room
FONT = "Arial, Helvetica, sans-serif"
CONFIG = {"displayModeBar": True, "displaylogo": False, "modeBarButtons": [["toImage"]], "scrollZoom": False,
          "doubleClick": False}  # fmt: skip
SAVE = (
    "Download plot as a PNG",
    "Taking snapshot - this may take a few seconds",
    "Snapshot succeeded",
    "Sorry, there was a problem downloading your snapshot!",
)  # fmt: skip  Plotly's own words

PLACES = ("x", "y", "name", "tickvals", "categoryarray")  # bars and lines are found by these
UNSEEN = ("customdata", "ids", "legendgroup", "template")
_TAG, _NO_BREAK = re.compile(r"<(?!br>|/?b>|/?extra>)"), re.compile(r"<(?!br>)")

Bars = Sequence[tuple[str, str, Sequence[float | None], Sequence[str], Sequence[Any]]]


def bars(labels: Sequence[str], series: Bars, lang: Language, *, stacked: bool, share: bool = False) -> go.Figure:
    """Horizontal bars, first label on top.

    A series is its name, colour, values, texts (shown when pointed at, and on the bar where it
    fits), and what a click on each bar stands for.
    """
    figure = go.Figure()
    for name, colour, values, texts, meanings in series:
        figure.add_bar(
            orientation="h",
            name=name,
            y=list(labels),
            x=[value or 0 for value in values],
            text=list(texts),
            textposition="inside" if stacked else "outside",
            insidetextanchor="middle" if stacked else "start",
            textangle=0,
            customdata=[[meaning] for meaning in meanings],
            hovertemplate=f"%{{y}}<br>{escaped(name)}: %{{text}}<extra></extra>",
            marker={"color": colour, "line": {"width": 0}},
            insidetextfont={"color": "#ffffff"},
            cliponaxis=False,
        )
    rows = len(labels) * (1 if stacked else max(1, len(series)) * 0.55)
    figure.update_layout(
        barmode="stack" if stacked else "group",
        bargap=0.28 if len(labels) > 1 else 0.55,
        showlegend=len(series) > 1,
        uniformtext={"minsize": 10, "mode": "hide"},
    )
    look(figure, lang, int(90 + max(2.2, rows) * 42))
    figure.update_xaxes(showgrid=True, zeroline=False, rangemode="tozero", nticks=5,
                        tickformat=".0%" if share else ",d")  # fmt: skip
    if not stacked:  # room for the words beside the longest bar
        longest = max((value or 0 for _, _, values, _, _ in series for value in values), default=0)
        figure.update_xaxes(range=[0, longest * 1.35 or 1])
    figure.update_yaxes(autorange="reversed", automargin=True, ticklabelstandoff=6)
    return figure


def look(figure: go.Figure, lang: Language, height: int) -> None:
    """The look of the house: no room wasted, nothing moves under a finger, numbers as the reader writes them."""
    figure.update_layout(
        height=height, margin={"l": 0, "r": 16, "t": 34, "b": 8}, dragmode=False, separators=lang.separators,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
    )  # fmt: skip
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)


def show(figure: go.Figure, *, key: str, alt: str, select: Callable[[Any], None] | None = None) -> None:
    """Draws it. With `select`, a click calls it with what the mark stands for, or null for none."""
    figure = as_text(figure)
    figure.update_layout(font_family=FONT)
    config = settings(language.current(), key)
    if select is None:
        st.plotly_chart(figure, key=key, config=config, alt=alt)
    else:
        st.plotly_chart(
            figure, key=key, config=config, alt=alt, selection_mode="points", on_select=lambda: select(_meaning(key))
        )


def as_text(figure: go.Figure) -> go.Figure:
    """The figure with no tag in its texts but the house's own line breaks and bold; names and places have no bold.

    Whoever builds a chart escapes what is the CRM's; what was forgotten is caught here, for every chart. What a
    click stands for (`customdata`) is left alone.
    """
    # it was looked at property by property when it was made: again would take as long as all else of a chart
    return go.Figure(_as_text(figure.to_plotly_json(), ""), _validate=False)


def _as_text(part: Any, place: str) -> Any:
    if isinstance(part, str):
        return (_TAG if place not in PLACES else _NO_BREAK).sub("&lt;", part) if "<" in part else part
    if isinstance(part, dict):
        return {name: one if name in UNSEEN else _as_text(one, name) for name, one in part.items()}
    return [_as_text(one, place) for one in part] if isinstance(part, (list, tuple)) else part


def settings(lang: Language, key: str) -> dict[str, Any]:
    """Plotly's settings in the reader's language: the button's words, names of months and days."""
    locale = lang.locale
    words = {
        "dictionary": dict.fromkeys(SAVE[:1], lang("ui.export.png"))
        | dict(zip(SAVE[1:], (lang("ui.export.saving"), lang("ui.export.saved"), lang("ui.export.not_saved")),
                   strict=True)),
        "format": {
            "days": [locale.days["stand-alone"]["wide"][(day - 1) % 7] for day in range(7)],
            "shortDays": [locale.days["stand-alone"]["abbreviated"][(day - 1) % 7] for day in range(7)],
            "months": [locale.months["stand-alone"]["wide"][month] for month in range(1, 13)],
            "shortMonths": [locale.months["stand-alone"]["abbreviated"][month] for month in range(1, 13)],
        },
    }  # fmt: skip
    picture = {"format": "png", "filename": file_name(key), "scale": 2}
    return {**CONFIG, "locale": "reader", "locales": {"reader": words}, "toImageButtonOptions": picture}


def _meaning(key: str) -> Any:
    points: Sequence[Mapping[str, Any]] = st.session_state[key]["selection"]["points"]
    if not points:
        return None
    data = points[0].get("customdata")
    return data[0] if isinstance(data, (list, tuple)) else data


def escaped(text: str) -> str:
    """A group's name is the CRM's text: Plotly would read tags and formats in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%", "&#37;")
