"""The funnel as the page asks for it: stages nobody can enter left out, and the people behind.

Not here: cohorts and rates (leadpact/metrics/funnel.py), how it is drawn (funnel_view.py).
"""

from __future__ import annotations

from config.schema import Pact
from leadpact.metrics import funnel_people
from leadpact.metrics.funnel import Funnel, Scope, conversion, reachable
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui.choice import Choice

PARTS = ("converted", "pending", "lost", "mature")
LEFT_OUT = ("unknown", "invalid", "untouched")  # chosen with an empty stage


def compute(analysis: Analysis, scope: Scope, whole: bool) -> Funnel:
    """The funnel of a scope; with `whole`, of every stage of the pact."""
    return conversion(analysis.tables, _pact(analysis, scope, whole), analysis.as_of, scope)


def behind(analysis: Analysis, scope: Scope, whole: bool, choice: Choice) -> Table:
    """The journeys a bar counts; none for a bar that cannot be. Out: object, record_id, person_id, entry, imputed."""
    pact = _pact(analysis, scope, whole)
    return funnel_people.behind(analysis.tables, pact, analysis.as_of, scope, choice.of, choice.part, choice.group)


def _pact(analysis: Analysis, scope: Scope, whole: bool) -> Pact:
    return analysis.pact if whole else reachable(analysis.pact, scope)
