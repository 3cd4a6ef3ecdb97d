"""Money on the funnel page: deals and amounts, cycle times, what contacts bring, campaign responses.

Not here: the four views (funnel_pipeline_money.py and its neighbours).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from leadpact.metrics.funnel import Scope
from ui import (
    funnel_pipeline_campaigns,
    funnel_pipeline_contacts,
    funnel_pipeline_cycles,
    funnel_pipeline_money,
    state,
)
from ui.funnel_pipeline_words import TOPIC
from ui.page import Page

VIEWS: Mapping[str, Callable[[Page, Scope], None]] = {
    "money": funnel_pipeline_money.show,
    "cycles": funnel_pipeline_cycles.show,
    "contacts": funnel_pipeline_contacts.show,
    "campaigns": funnel_pipeline_campaigns.show,
}


def show(page: Page, scope: Scope) -> None:
    """The view in the URL: the first is of the money."""
    views = list(VIEWS)
    asked = state.read(TOPIC)
    current = asked if asked is not None and asked in VIEWS else views[0]
    st.segmented_control(
        page.text("pipeline.view"), views, required=True, format_func=lambda view: page.text(f"pipeline.view.{view}"),
        label_visibility="collapsed",
        **state.bound(page.key(TOPIC), TOPIC, current, lambda view: None if view == views[0] else view),
    )  # fmt: skip
    VIEWS[current](page, scope)
