"""The parts of the SLA page: each draws itself for a dimension to split by, or none.

Not here: what a part shows (the module named beside it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ui import sla_bands, sla_people, sla_response, sla_view, sla_waiting, sla_when
from ui.page import Page

ICONS = {
    "policies": "timer",
    "waiting": "notifications_active",
    "response": "bar_chart",
    "bands": "conversion_path",
    "when": "calendar_month",
    "people": "groups",
}
PARTS: Mapping[str, Callable[[Page, str | None], None]] = {
    "policies": sla_view.show,
    "waiting": sla_waiting.show,
    "response": sla_response.show,
    "bands": sla_bands.show,
    "when": sla_when.show,
    "people": sla_people.show,
}
