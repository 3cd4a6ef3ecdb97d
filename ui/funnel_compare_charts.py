"""The charts of a comparison: two periods side by side, and differences with their intervals.

Not here: what is compared (leadpact/metrics/compare.py), the words (funnel_compare_words.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from leadpact.metrics.compare import Compared, Comparison, Gap
from ui import charts
from ui.choice import Choice, group_of
from ui.funnel_compare_words import numbers, points, said, title
from ui.page import Page


def both(page: Page, told: Sequence[Compared], rate: str) -> go.Figure:
    """Bars of this period and the one before, the difference beneath the stage where it is clear."""
    lang = page.lang
    labels = [page.used.pact.stage(step.stage).label for step in told]
    series = []
    for part, colour, name in (("now", charts.GOOD, "now"), ("other", charts.QUIET, "before")):
        numbered = [numbers(getattr(step, part), rate) for step in told]
        texts = [f"{lang.percent(value)} · {lang.number(n)}" for n, _, value in numbered]
        meanings = [Choice(step.stage, f"{part}_converted").text for step in told]
        series.append((page.text(f"side.{name}"), colour, [value for _, _, value in numbered], texts, meanings))
    figure = charts.bars(labels, series, lang, stacked=False, share=True)
    gaps: list[Gap] = [getattr(step, rate) for step in told]
    words = [f"<b>{points(lang, gap.difference)}</b>" if gap.clear else page.text("compare.same") for gap in gaps]
    ticks = [f"{charts.escaped(label)}<br>{word}" for label, word in zip(labels, words, strict=True)]
    return figure.update_yaxes(tickvals=labels, ticktext=ticks)


def differences(page: Page, found: Comparison, told: Sequence[Compared], rate: str) -> go.Figure:
    """The difference of every step with its interval: in colour where it is clear, grey where it may be chance."""
    labels = [title(page, found, step) for step in told]
    by = found.scope.by
    meanings = [Choice(step.stage, "now_converted", group_of(step.group, by)).text for step in told]
    figure = go.Figure()
    for clear, colour, name in ((True, charts.GOOD, "compare.clear"), (False, charts.QUIET, "compare.unclear")):
        own = [k for k, step in enumerate(told) if getattr(step, rate).clear is clear]
        at = [getattr(told[k], rate) for k in own]
        figure.add_scatter(
            mode="markers", name=page.lang(name), x=[100 * gap.difference for gap in at], y=own,
            error_x={"type": "data", "symmetric": False, "thickness": 1.6, "width": 4, "color": colour,
                     "array": [100 * (gap.high - gap.difference) for gap in at],
                     "arrayminus": [100 * (gap.difference - gap.low) for gap in at]},
            marker={"size": 11, "color": colour}, text=[charts.escaped(said(page, found, told[k], rate)) for k in own],
            customdata=[[meanings[k]] for k in own],
            hovertemplate="%{text}<extra></extra>", showlegend=True,
        )  # fmt: skip
    figure.add_vline(x=0, line={"width": 1.5, "color": charts.WAITING})
    figure.update_layout(height=110 + 34 * len(told), margin={"l": 0, "r": 16, "t": 34, "b": 8}, dragmode=False,
                         legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
                         separators=page.lang.separators)  # fmt: skip
    figure.update_xaxes(fixedrange=True, ticksuffix=page.lang("compare.points", value=""), zeroline=False, nticks=7,
                        showgrid=True)  # fmt: skip
    return figure.update_yaxes(fixedrange=True, tickvals=list(range(len(labels))), automargin=True, showgrid=False,
                               ticktext=[charts.escaped(label) for label in labels], zeroline=False,
                               range=[len(labels) - 0.5, -0.5])  # fmt: skip
