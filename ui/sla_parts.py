"""The parts of the SLA page: each draws itself for a dimension to split by, or none.

Not here: what a part shows (the module named beside it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ui import sla_view
from ui.page import Page

ICONS = {
    "policies": "timer",
}
PARTS: Mapping[str, Callable[[Page, str | None], None]] = {
    "policies": sla_view.show,
}
