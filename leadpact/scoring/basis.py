"""What "leads convert" means to the scoring: from which moment, to which stage, within how many days.

One meaning for every part of it, and that of the funnel (DESIGN 5): the cohort are the journeys
that came to a stage (first entry; usually the handover), or all of them from their own beginning;
converted is who reached the goal or a funnel stage after it within so many days (mode `beyond`).

Not here: the journeys themselves (quality_cases.py), what the rules give them (rule_table.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self, get_args

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.funnel_scope import Scope, reachable

ENTRY = "entry"  # the beginning of the journey, instead of a stage
USUAL_DAYS = 90.0
MOST_DAYS = 36_500
MOST = 50_000
Known = Literal["then", "now"]
KNOWN: tuple[Known, ...] = get_args(Known)


@dataclass(frozen=True)
class Basis:
    """From where, to what, and within how many days a lead converts.

    `anchor`: the stage whose first entry counts, or ENTRY; null: the handover, which is the last qualified
    stage, else the first sales stage, else the entry. `goal` null: the first won stage. The moment
    is `after_days` after that entry, and the `days` run from the moment. `most` journeys, the latest.
    """

    anchor: str | None = None
    goal: str | None = None
    days: float = USUAL_DAYS
    after_days: float = 0.0
    most: int = MOST

    @property
    def stage(self) -> str | None:
        """The stage it is measured from; null: the beginning of the journey."""
        return None if self.anchor in (None, ENTRY) else self.anchor

    def of(self, pact: Pact) -> Self:
        """The same, completed for a pact. Raises Misconfigured for stages that are not there, or days that are none."""
        for days, fine in (
            (self.days, 0 < self.days <= MOST_DAYS),
            (self.after_days, 0 <= self.after_days <= MOST_DAYS),
        ):
            if not fine:
                raise Misconfigured("scoring.quality.bad_days", days=str(days))
        known = anchors(pact)
        anchor = self.anchor or _handover(pact)
        if anchor not in (ENTRY, *known):
            raise Misconfigured("scoring.bad_anchor", stage=anchor, known=", ".join([ENTRY, *known]))
        after = goals(pact, anchor)
        if not after:
            raise Misconfigured("scoring.no_goal", known=", ".join(known))
        won = [key for key in after if pact.stage(key).kind == "won"]
        goal = self.goal or (won[0] if won else after[-1])
        if goal not in after:
            raise Misconfigured("scoring.bad_goal", stage=goal, known=", ".join(after))
        return replace(self, anchor=anchor, goal=goal)


@dataclass(frozen=True)
class Asked(Basis):
    """A basis, and which fields a score may be judged by.

    `known`: `then` leaves fields without history out; `now` takes them as they are known today, but
    those that leak the outcome. `keep` are fields used whatever they look like, `drop` fields never used.
    """

    known: Known = "then"
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


def anchors(pact: Pact) -> list[str]:
    """The stages a lead may be judged at: every funnel stage something leads to, but won ones."""
    return [stage.key for stage in reachable(pact, Scope()).funnel if stage.kind != "won"]


def goals(pact: Pact, anchor: str | None) -> list[str]:
    """The funnel stages after the anchor."""
    keys = [stage.key for stage in reachable(pact, Scope()).funnel]
    return keys[keys.index(anchor) + 1 :] if anchor in keys else keys[1:]


def _handover(pact: Pact) -> str:
    kinds = {stage.key: stage.kind for stage in pact.stages}
    known = [key for key in anchors(pact) if goals(pact, key)]
    qualified = [key for key in known if kinds[key] == "qualified"]
    sales = [key for key in known if kinds[key] == "sales"]
    return qualified[-1] if qualified else sales[0] if sales else ENTRY
