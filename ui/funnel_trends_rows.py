"""The rows of the trends: the periods a scope asks for, and the journeys behind every number of them.

Not here: what is counted (leadpact/metrics/trends.py), how it is drawn (funnel_trends.py).
"""

from __future__ import annotations

from leadpact.metrics import trends
from leadpact.metrics.funnel import Scope
from leadpact.metrics.trends import Trends
from leadpact.metrics.trends_spans import Every, Span, before, spans
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui.choice import Choice

EVENTS = ("started", "won", "lost")


def _spans(analysis: Analysis, scope: Scope, every: Every, *, earlier: bool = False) -> tuple[Span, ...]:
    found = spans(analysis.pact, analysis.as_of, every, scope.start, scope.end)
    return before(found, every) if earlier else found


def compute(analysis: Analysis, scope: Scope, every: Every) -> tuple[Trends, Trends]:
    """The trends of the scope's periods, and of the same number before."""
    asked = (analysis.tables, analysis.pact, analysis.as_of, scope)
    one, other = (trends.trends(*asked, _spans(analysis, scope, every, earlier=old)) for old in (False, True))
    return one, other


def behind(analysis: Analysis, scope: Scope, every: Every, choice: Choice) -> Table:
    """The journeys a point counts. Out: as `trends.events`."""
    found = _spans(analysis, scope, every)
    rows = of_event(analysis, scope, every, choice.of, len(found))
    place = next((k for k, span in enumerate(found) if str(span.start) == choice.part), len(found))
    return rows.filter(rows.place == place).drop("place")


def of_event(analysis: Analysis, scope: Scope, every: Every, measure: str, first: int) -> Table:
    """The journeys of one measure in the first so many periods."""
    rows = trends.events(analysis.tables, analysis.pact, _spans(analysis, scope, every))
    rows = rows.filter(rows.place < first)
    if measure in EVENTS:
        rows = rows.filter(rows.what == measure)
    else:
        rows = rows.filter(rows.what == "entered", rows.stage == measure.removeprefix("stage_"))
    return rows.drop("what", "stage")


def of_cohort(analysis: Analysis, scope: Scope, every: Every, first: int, converted: bool) -> Table:
    """The journeys old enough of the first so many periods, or those of them that reached the last stage in time."""
    asked = _spans(analysis, scope, every)
    rows = trends.started(analysis.tables, analysis.pact, analysis.as_of, scope, asked)
    rows = rows.filter(rows.part == "counted", rows.mature, rows.place < first)
    last = max(int(column.removeprefix("reached_")) for column in rows.columns if column.startswith("reached_"))
    kept = rows.filter(rows[f"reached_{last}"]) if converted else rows
    return kept.select("object", "record_id", "person_id", "entry")
