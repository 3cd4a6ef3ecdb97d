"""The audit of a page, run once for its data, pact and moment, whatever counts of it today.

Not here: what is set aside (findings_suppress.py), how findings are drawn (findings_view.py).
"""

from __future__ import annotations

from leadpact import audit
from leadpact.audit import Audit
from leadpact.workspace import Analysis
from ui.page import Page


def run(analysis: Analysis) -> Audit:
    """As `leadpact.audit.run`."""
    return audit.run(analysis)


def whole(page: Page) -> Audit:
    """Everything the rules find, also what is set aside."""
    found: Audit = page.once("audit", lambda: page.cached_whole(run))
    return found
