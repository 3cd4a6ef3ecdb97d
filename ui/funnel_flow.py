"""The flow of the funnel page: moves between stages, balances, paths and rework, one at a time.

Not here: the three views (funnel_flow_moves.py, funnel_flow_balance.py, funnel_flow_paths.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from leadpact.metrics.funnel import Scope
from ui import funnel_flow_balance, funnel_flow_moves, funnel_flow_paths, state
from ui.funnel_flow_words import FLOW
from ui.page import Page

VIEWS: Mapping[str, Callable[[Page, Scope], None]] = {
    "moves": funnel_flow_moves.show,
    "balance": funnel_flow_balance.show,
    "paths": funnel_flow_paths.show,
}


def show(page: Page, scope: Scope) -> None:
    """The view in the URL: the first is of single moves."""
    views = list(VIEWS)
    current = state.read(FLOW)
    current = current if current in VIEWS else views[0]
    st.segmented_control(
        page.text("flow.view"), views, required=True, format_func=lambda view: page.text(f"flow.view.{view}"),
        label_visibility="collapsed",
        **state.bound(page.key(FLOW), FLOW, current, lambda view: None if view == views[0] else view),
    )  # fmt: skip
    VIEWS[current](page, scope)
