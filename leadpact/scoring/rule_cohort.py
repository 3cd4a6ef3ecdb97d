"""The leads a rule is judged on: journeys as of the moment Sales could have asked for a score.

The moment is when a journey first entered the stage it is measured from (the handover, usually), or
its own beginning; converted is whether it reached the goal within so many days of that moment.
Only journeys that have had those days count, however they went: as the funnel counts them.

Not here: what the rules give them (rule_table.py), the journeys (metrics/funnel_cohort.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.funnel_cohort import cohort
from leadpact.metrics.funnel_scope import Scope, reachable, step_keys
from leadpact.scoring.moments import KEYS
from leadpact.tables import Table, Tables

ENTRY = "entry"  # the beginning of the journey, instead of a stage
USUAL_DAYS = 90.0


@dataclass(frozen=True)
class Basis:
    """From where, to what, and within how many days a lead converts. `anchor` null: from entry."""

    anchor: str | None
    goal: str
    days: float = USUAL_DAYS


def anchors(pact: Pact) -> list[str]:
    """The stages a lead may be judged at: every funnel stage something leads to, but the last."""
    return [stage.key for stage in reachable(pact, Scope()).funnel if stage.kind != "won"]


def goals(pact: Pact, anchor: str | None) -> list[str]:
    """The funnel stages after the anchor."""
    keys = [stage.key for stage in reachable(pact, Scope()).funnel]
    return keys[keys.index(anchor) + 1 :] if anchor in keys else keys[1:]


def basis(pact: Pact, anchor: str | None = None, goal: str | None = None, days: float | None = None) -> Basis:
    """What is asked for, completed: from the handover to a win, within 90 days.

    The handover is the last qualified stage, else the first sales stage, else the entry; `anchor`
    may be ENTRY. Raises Misconfigured for stages that are not there, or in the wrong order.
    """
    known = anchors(pact)
    if anchor is None:
        kinds = {stage.key: stage.kind for stage in pact.stages}
        qualified = [key for key in known if kinds[key] == "qualified" and goals(pact, key)]
        sales = [key for key in known if kinds[key] == "sales" and goals(pact, key)]
        start = qualified[-1] if qualified else sales[0] if sales else None
    else:
        start = None if anchor == ENTRY else anchor
    if start is not None and start not in known:
        raise Misconfigured("scoring.bad_anchor", stage=start, known=", ".join([ENTRY, *known]))
    after = goals(pact, start)
    if not after:
        raise Misconfigured("scoring.no_goal", known=", ".join(known))
    won = [key for key in after if pact.stage(key).kind == "won"]
    chosen = goal or (won[0] if won else after[-1])
    if chosen not in after:
        raise Misconfigured("scoring.bad_goal", stage=chosen, known=", ".join(after))
    if days is not None and days <= 0:
        raise Misconfigured("funnel.bad_window", days=str(days))
    return Basis(start, chosen, USUAL_DAYS if days is None else days)


def journeys(tables: Tables, pact: Pact, as_of: datetime, basis: Basis) -> Table:
    """Every journey that came to the anchor, in memory.

    Out: object, record_id, moment (UTC), part (`counted`, `young`: not old enough, `unknown`:
    an undated change, `invalid`), converted (within the days; only of counted ones).
    """
    scope = Scope(window_days=basis.days, anchor=basis.anchor)
    kept = reachable(pact, scope)
    found = cohort(tables, kept, as_of, scope)
    goal = found[f"reached_{step_keys(kept, scope).index(basis.goal)}"]
    part = ibis.ifelse((found.part == "counted") & ~found.mature.fill_null(False), "young", found.part)
    rows = found.select(*KEYS, moment="entry", part=part, converted=goal)
    return ibis.memtable(rows.to_pyarrow())
