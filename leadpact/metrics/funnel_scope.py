"""What a funnel is asked for: cohort, window, mode, anchor, split; and the stages it goes through.

Not here: who is in the cohort (funnel_cohort.py), rates (funnel.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.moments import utc_midnight
from leadpact.tables import Table

Mode = Literal["beyond", "strict", "visited"]
MODES: tuple[Mode, ...] = ("beyond", "strict", "visited")
DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Scope:
    """What a funnel is computed for. Dates are days in the pact's zone, `[start, end)`."""

    start: date | None = None
    end: date | None = None
    window_days: float | None = None
    mode: Mode = "beyond"
    anchor: str | None = None
    by: str | None = None

    def checked(self, pact: Pact) -> Scope:
        """Raises Misconfigured for a mode, stage, window or range that cannot be."""
        stages = [stage.key for stage in pact.funnel]
        if self.mode not in MODES:
            raise Misconfigured("funnel.bad_mode", mode=str(self.mode), known=", ".join(MODES))
        if self.anchor is not None and self.anchor not in stages:
            raise Misconfigured("funnel.bad_anchor", stage=self.anchor, known=", ".join(stages))
        if self.window_days is not None and self.window_days <= 0:
            raise Misconfigured("funnel.bad_window", days=str(self.window_days))
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise Misconfigured("funnel.bad_range", start=self.start.isoformat(), end=self.end.isoformat())
        if not stages:
            raise Misconfigured("funnel.no_stages")
        return self


def step_keys(pact: Pact, scope: Scope) -> list[str]:
    """The funnel stages a scope goes through, in order: all, or those from its anchor on."""
    keys = [stage.key for stage in pact.funnel]
    return keys[keys.index(scope.anchor) :] if scope.anchor else keys


def reachable(pact: Pact, scope: Scope) -> Pact:
    """The pact without the funnel stages that no status value and no event leads to.

    In `strict` mode all stay: there, a stage nobody can enter is why nobody passes it. The
    anchor stays too.
    """
    events = pact.status_map.opportunity.model_dump(exclude_none=True).values()
    entered = {*pact.status_map.lead.values(), *pact.status_map.contact.values(), *events}
    if scope.mode == "strict":
        return pact
    kept = [stage for stage in pact.stages if not stage.in_funnel or stage.key in entered or stage.key == scope.anchor]
    return pact.model_copy(update={"stages": kept}) if any(stage.in_funnel for stage in kept) else pact


def in_range(journey: Table, pact: Pact, scope: Scope) -> Table:
    """Entries in `[start, end)` of the pact's zone; those of unknown entry stay, to be counted."""
    entry = journey.entry
    if scope.start is not None:
        journey = journey.filter(entry.isnull() | (entry >= ibis.timestamp(utc_midnight(scope.start, pact.zone))))
    if scope.end is not None:
        journey = journey.filter(
            journey.entry.isnull() | (journey.entry < ibis.timestamp(utc_midnight(scope.end, pact.zone)))
        )
    return journey
