"""The parts of the Scoring page, in the order both teams work: rules, what would change, how good, suggestions.

A part is one line here, and a text `page.scoring.section.<name>`; `show(page)` of its module draws it.
A part whose module is not installed is not there.

Not here: what a part shows (the module named beside it).
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.util import find_spec

from ui import sections
from ui.page import Page

WITHIN = "ui"
PARTS: Mapping[str, tuple[str, str]] = {  # name -> Material icon, module
    "rules": ("rule", "scoring_rules"),
    "simulate": ("compare_arrows", "scoring_simulate"),
    "quality": ("insights", "scoring_quality"),
    "suggest": ("lightbulb", "scoring_suggest"),
}


def show(page: Page) -> None:
    """The choice of a part, and the part."""
    there = {name: icon for name, (icon, module) in PARTS.items() if find_spec(f".{module}", WITHIN)}
    chosen = sections.pick(page, there) if len(there) > 1 else next(iter(there))
    importlib.import_module(f".{PARTS[chosen][1]}", WITHIN).show(page)
