"""What was revealed: each criterion as both teams see it, the widest difference first.

Not here: the measure (leadpact/meeting/differ.py), what is done about it (meeting_votes.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from leadpact.meeting import differ, said, voting
from leadpact.meeting.differ import Standing
from leadpact.meeting.facts import SCALE, TEAMS, Meeting
from ui import charts, listing, meeting_words
from ui.page import Page

COLOURS = {"marketing": charts.GROUPS[0], "sales": charts.GROUPS[1]}
ROW, AROUND, LONGEST = 34, 90, 34


def show(page: Page, meeting: Meeting) -> list[Standing]:
    """The chart and its table. Returns what is in them."""
    found = differ.in_order(voting.tallies(page.workspace.database, meeting.id, "criterion"))
    told = [one for one in found if any(side.n for side in one.sides.values())]
    if not told:
        st.info(page.text("not_revealed"), icon=":material/visibility_off:")
        return found
    st.caption(page.text("reading"))
    charts.show(_figure(page, told), key=page.key("differences"), alt=page.text("alt", count=len(told)))
    rows = [
        {
            "criterion": said.called(page.lang, one.item),
            "mean_marketing": one.sides["marketing"].mean,
            "mean_sales": one.sides["sales"].mean,
            "difference": one.difference,
            "voted": sum(side.n for side in one.sides.values()),
        }
        for one in told
    ]
    listing.show(page, rows, {"criterion": "text", "mean_marketing": "number", "mean_sales": "number",
                              "difference": "share", "voted": "count"}, key="results")  # fmt: skip
    return found


def _figure(page: Page, found: Sequence[Standing]) -> go.Figure:
    """Two dots a criterion, and the way between them."""
    labels = [_label(page, one) for one in found]
    figure = go.Figure()
    for one, label in zip(found, labels, strict=True):
        means = [one.sides[team].mean for team in TEAMS]
        if None not in means:
            figure.add_scatter(x=means, y=[label, label], mode="lines", showlegend=False, hoverinfo="skip",
                               line={"color": charts.QUIET, "width": 3})  # fmt: skip
    for team, symbol in zip(TEAMS, ("circle", "diamond"), strict=True):
        mine = [(one.sides[team], label) for one, label in zip(found, labels, strict=True) if one.sides[team].n]
        figure.add_scatter(
            x=[side.mean for side, _ in mine], y=[label for _, label in mine], mode="markers",
            name=page.lang(f"team.{team}"), customdata=[[side.n] for side, _ in mine],
            hovertemplate=f"%{{y}}<br>{charts.escaped(page.lang(f'team.{team}'))}: %{{x:.1f}} (%{{customdata[0]}})"
            "<extra></extra>", marker={"size": 13, "color": COLOURS[team], "symbol": symbol},
        )  # fmt: skip
    figure.update_layout(
        height=AROUND + ROW * len(found), margin={"l": 0, "r": 12, "t": 34, "b": 8}, dragmode=False,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    ticks = [meeting_words.value(page, "criterion", value) for value in SCALE]
    figure.update_xaxes(range=[-0.15, SCALE[-1] + 0.15], fixedrange=True, tickvals=list(SCALE),
                        ticktext=ticks, showgrid=True)  # fmt: skip
    figure.update_yaxes(categoryorder="array", categoryarray=labels[::-1], fixedrange=True, automargin=True)
    return figure


def _label(page: Page, one: Standing) -> str:
    text = said.called(page.lang, one.item)
    short = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return f"{charts.escaped(short)}{'&#8203;' * one.item.position}"  # two of one name stay two rows
