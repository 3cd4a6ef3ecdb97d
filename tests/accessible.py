"""What the tests of accessibility have in common: the views there are, axe-core in the page, and what it must not find.

Not here: starting the app and the browser (browsing.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import axe_playwright_python

from tests.browsing import WAIT, Page, expect
from ui import (
    connection_add,
    definition_view,
    findings_parts,
    fixes_parts,
    funnel_parts,
    registry,
    scoring_parts,
    sla_parts,
    state,
    velocity_parts,
)

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
GRAVE = ("serious", "critical")
CONNECTION = ("source", "mapping", "sync", "data", "writeback")
PARTS: Mapping[str, tuple[str, Any]] = {
    "funnel": (state.VIEW, funnel_parts.ICONS),
    "velocity": (state.VIEW, velocity_parts.ICONS),
    "sla": (state.VIEW, sla_parts.ICONS),
    "findings": (state.VIEW, findings_parts.PARTS),
    "fixes": (state.VIEW, fixes_parts.ICONS),
    "scoring": (state.VIEW, scoring_parts.PARTS),
    "definition": (state.VIEW, definition_view.ICONS),
    "connection": (connection_add.SECTION, CONNECTION),
}
SETTLED = '[data-test-script-state="notRunning"]'


def views(*, all_parts: bool = True) -> Iterator[str]:
    """Path and query of every page and, where wanted, of every part of it."""
    for page in registry.registered():
        name, parts = PARTS.get(page.name, ("", ("",)))
        for part in list(parts)[: None if all_parts else 1]:
            yield f"{page.name}?{name}={part}" if part else page.name


def opened(page: Page, address: str) -> None:
    """The page at this address, at rest."""
    page.goto(address)
    expect(page.locator("h1").first).to_be_visible(timeout=WAIT)
    settled(page)


def settled(page: Page) -> None:
    """No run is under way."""
    page.wait_for_timeout(300)
    expect(page.locator(SETTLED)).to_be_attached(timeout=WAIT)
    page.wait_for_timeout(200)


def grave(page: Page) -> list[str]:
    """What axe-core calls serious or critical here; what passes by itself within a second was in motion."""
    page.evaluate(AXE)
    for patience in (1000, 0):
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        told = [f"{one['impact']} {one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
                for one in found if one["impact"] in GRAVE for node in one["nodes"]]  # fmt: skip
        if not told or not patience:
            break
        page.wait_for_timeout(patience)
    return told


def overflow(page: Page) -> int:
    """How many pixels there are to scroll sideways, in the document and in the page's own area."""
    return int(
        page.evaluate("""() => Math.max(document.documentElement.scrollWidth - innerWidth,
        ...[...document.querySelectorAll('[data-testid=stMain]')].map(area => area.scrollWidth - area.clientWidth))""")
    )
