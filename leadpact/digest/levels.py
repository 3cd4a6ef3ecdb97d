"""Who is told of a clock at which share of its target: as the pact agreed, else owner at 80 % and manager at 100 %.

The escalation both teams agreed (`commitments.sales.escalation`) is of the policy Sales promised
(`follow_up`); the other policies have the usual levels.

Not here: the clocks (metrics/clocks.py), who is behind a level (routing.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from config.parts import SlaPolicy
from config.schema import Pact

OWNER, MANAGER, TEAM = "owner", "manager", "team"
USUAL: Mapping[str, float] = {OWNER: 0.8, MANAGER: 1.0}


def levels(pact: Pact, policy: SlaPolicy) -> dict[str, float]:
    """The share of the target at which each is told: `owner`, `manager`, `team`, or a name the pact gives."""
    sales = pact.commitments.sales
    if policy.id != sales.follow_up or not sales.escalation:
        return dict(USUAL)
    found: dict[str, float] = {}
    for one in sales.escalation:
        name = one.tell.strip().casefold()
        found[name] = min(one.at, found.get(name, one.at))
    return found


def promised_share(pact: Pact) -> dict[str, float]:
    """Of Marketing's promises, at the end of a month: who is told at no more than which share of what was promised."""
    found: dict[str, float] = {}
    for one in pact.commitments.marketing.escalation:
        name = one.tell.strip().casefold()
        found[name] = max(one.at, found.get(name, one.at))
    return found
