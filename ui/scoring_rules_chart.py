"""How the leads each rule hits convert, beside those it does not: two points and their intervals a rule.

Not here: the numbers (leadpact/scoring/rule_table.py), the table above (scoring_rules_hits.py).
"""

from __future__ import annotations

import plotly.graph_objects as go

from leadpact.metrics.rate import Rate
from leadpact.scoring.rule_table import RuleTable
from ui import charts
from ui.page import Page

MOST = 30  # rules a drawing can still hold


def show(page: Page, found: RuleTable) -> None:
    """The chart, where any rule has journeys on both sides."""
    rows = [row for row in found.rows if row.hit.n and row.miss.n][:MOST]
    if not rows:
        return
    lang = page.lang
    figure = go.Figure()
    for name, colour, symbol, shift, rates in (
        (page.text("chart.hit"), charts.GROUPS[0], "circle", -0.14, [row.hit for row in rows]),
        (page.text("chart.miss"), charts.QUIET, "diamond", 0.14, [row.miss for row in rows]),
    ):
        figure.add_scatter(
            x=[rate.rate for rate in rates],
            y=[at + shift for at in range(len(rows))],
            mode="markers",
            name=name,
            marker={"color": colour, "size": 9, "symbol": symbol},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [_edge(rate, 1) for rate in rates],
                "arrayminus": [_edge(rate, 0) for rate in rates],
                "color": colour,
                "thickness": 1.5,
                "width": 4,
            },
            text=[f"{lang.percent(rate.rate)} ({lang.number(rate.converted)}/{lang.number(rate.n)})" for rate in rates],
            hovertemplate=f"{charts.escaped(name)}: %{{text}}<extra></extra>",
        )
    charts.look(figure, lang, 110 + 34 * len(rows))
    figure.update_xaxes(tickformat=".0%", rangemode="tozero", zeroline=False, nticks=6)
    labels = [charts.escaped(row.rule.id if len(row.rule.id) <= 28 else f"{row.rule.id[:27]}…") for row in rows]
    figure.update_yaxes(autorange="reversed", tickvals=list(range(len(rows))), ticktext=labels,
                        automargin=True, ticklabelstandoff=6, showgrid=False, zeroline=False)  # fmt: skip
    charts.show(figure, key=page.key("chart"), alt=page.text("chart.alt", rules=len(rows)))


def _edge(rate: Rate, side: int) -> float:
    """How far the interval reaches beyond the rate."""
    if rate.interval is None or rate.rate is None:
        return 0.0
    return abs(rate.interval[side] - rate.rate)
