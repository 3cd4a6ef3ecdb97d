"""The parts of the Findings page, in the order of the work: each draws itself from the audit.

A part is one line here, `name: Part(icon, show)`, and a text `page.findings.section.<name>`;
`show(page, result)` draws it, with the audit of this view: what `audits.whole` gives, without what is set aside.

Not here: what a part shows (the module named beside it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from leadpact.audit import Audit
from ui import (
    audits,
    findings_history,
    findings_imports,
    findings_maturity,
    findings_suppress,
    findings_target,
    findings_todo,
    findings_unchecked,
    sections,
)
from ui.page import Page


@dataclass(frozen=True)
class Part:
    """One part: its Material icon, and what draws it."""

    icon: str
    show: Callable[[Page, Audit], None]


PARTS: Mapping[str, Part] = {
    "todo": Part("checklist", findings_todo.show),
    "target": Part("alt_route", findings_target.show),
    "imports": Part("move_to_inbox", findings_imports.show),
    "history": Part("history", findings_history.show),
    "aside": Part("snooze", findings_suppress.show),
    "maturity": Part("stairs", findings_maturity.show),
    "unchecked": Part("visibility_off", findings_unchecked.show),
}


def show(page: Page) -> None:
    """The choice of a part, and the part."""
    result = findings_suppress.counted(page, audits.whole(page))
    chosen = sections.pick(page, {name: part.icon for name, part in PARTS.items()})
    PARTS[chosen].show(page, result)
