"""The audit of a page, run once for its data, pact and moment, whatever counts of it today.

Today asks for half of the rules only; the other half is run when a page shows them.

Not here: what is set aside (findings_suppress.py), how findings are drawn (findings_view.py).
"""

from __future__ import annotations

import functools

from leadpact import audit
from leadpact.audit import Audit
from leadpact.audit.registry import every
from leadpact.workspace import Analysis
from ui import lights
from ui.page import Page


def run(analysis: Analysis, codes: tuple[str, ...]) -> Audit:
    """As `leadpact.audit.run`."""
    return audit.run(analysis, codes=codes)


def lit(page: Page) -> Audit:
    """What the rules of the six lights find, and the rules that share their work; also what is set aside."""
    found: Audit = page.once("audit_lit", lambda: page.cached_whole(run, _halves()[0]))
    return found


def whole(page: Page) -> Audit:
    """Everything the rules find, also what is set aside."""
    found: Audit = page.once("audit", lambda: audit.together([lit(page), page.cached_whole(run, _halves()[1])]))
    return found


@functools.cache
def _halves() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The codes of `lit` and of all others. All about statuses are in one: they read the same histories."""
    first = tuple(rule.code for rule in every() if rule.code in lights.RULES or "statuses" in rule.groups)
    return first, tuple(rule.code for rule in every() if rule.code not in first)
