"""Velocity: how long leads stay in each stage, and who moves slower than the rest."""

from __future__ import annotations

from ui import open_page, sections, velocity_parts, velocity_scope

with open_page("velocity") as page:
    span = velocity_scope.show(page)
    velocity_parts.PARTS[sections.pick(page, velocity_parts.ICONS)](page, span)
