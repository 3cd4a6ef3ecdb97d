"""The parts of the Funnel page, in the order a leader asks: each draws itself for a scope.

Not here: what a part shows (the module named beside it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leadpact.metrics.funnel import Scope
from ui import funnel_cohorts, funnel_flow, funnel_leaks, funnel_pipeline, funnel_trends, funnel_view
from ui.page import Page

ICONS = {
    "funnel": "filter_alt",
    "leaks": "water_drop",
    "cohorts": "grid_on",
    "flow": "sync_alt",
    "trends": "trending_up",
    "pipeline": "payments",
}
PARTS: Mapping[str, Callable[[Page, Scope], None]] = {
    "funnel": funnel_view.show,
    "leaks": funnel_leaks.show,
    "cohorts": funnel_cohorts.show,
    "flow": funnel_flow.show,
    "trends": funnel_trends.show,
    "pipeline": funnel_pipeline.show,
}
