"""Bars of amounts: long numbers written short, in the reader's manner.

Not here: the common look (charts.py), what is drawn (funnel_pipeline_money.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

import plotly.graph_objects as go
from babel.numbers import format_compact_decimal

from leadpact.language import Language
from ui import charts
from ui.charts import Bars

TICKS = 4


def compact(lang: Language, value: float) -> str:
    """`1.3M`; below ten thousand in full."""
    if abs(value) < 10_000:
        return lang.number(round(value))
    return str(format_compact_decimal(value, locale=lang.locale, fraction_digits=1))


def amounts(labels: Sequence[str], series: Bars, lang: Language) -> go.Figure:
    """Stacked bars whose scale is written short. Labels are names from the data: shown, never interpreted."""
    figure = charts.bars([charts.escaped(label) for label in labels], series, lang, stacked=True)
    sums = [sum(max(values[at] or 0, 0) for _, _, values, _, _ in series) for at in range(len(labels))]
    longest = max(sums, default=0)
    step = _step(longest / TICKS)
    values = [step * number for number in range(TICKS + 2)]
    figure.update_xaxes(tickvals=values, ticktext=[compact(lang, value) for value in values])
    return figure


def _step(least: float) -> float:
    """The next of 1, 2, 5, 10, 20, … at or above."""
    if least <= 1:
        return 1
    unit = 10 ** floor(log10(least))
    return float(next(unit * digit for digit in (1, 2, 5, 10) if unit * digit >= least))
