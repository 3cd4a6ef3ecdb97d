"""The parts of the Velocity page, in the order a leader asks: each draws itself for a span.

Not here: what a part shows (the module named beside it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ui import velocity_ageing, velocity_engines, velocity_reach, velocity_stages, velocity_stay
from ui.page import Page
from ui.velocities import Span

ICONS = {
    "stages": "speed",
    "curves": "stairs",
    "reach": "trending_up",
    "ageing": "hourglass_bottom",
    "engines": "tune",
}
PARTS: Mapping[str, Callable[[Page, Span], None]] = {
    "stages": velocity_stages.show,
    "curves": velocity_stay.show,
    "reach": velocity_reach.show,
    "ageing": velocity_ageing.show,
    "engines": velocity_engines.show,
}
