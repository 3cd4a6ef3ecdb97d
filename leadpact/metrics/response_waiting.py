"""Who waits now, in the order in which a call still helps.

First who can still be met in time but hardly, then who just went over, then who has time
left, each the most urgent first. Who has waited more than twice the target is forgotten: a
list of its own, or a thousand old ones would hide the one that can be saved today.

Not here: the clocks (sla.py), what else is wrong with a forgotten lead (audit).
"""

from __future__ import annotations

from datetime import datetime

import ibis

from config.schema import Pact
from leadpact.metrics import sla
from leadpact.tables import Table, Tables

URGENCIES = ("soon", "over", "later", "forgotten")
URGENT = URGENCIES[:3]
SOON = 0.25  # of the target left, at most
OVER = 1.0  # of the target past it, at most
STEP = 1e9  # hours: more than anybody waits


def queue(tables: Tables, pact: Pact, as_of: datetime) -> Table:
    """The people whose clock runs now, a row each: their most urgent clock.

    Out: the columns of `sla.waiting`; urgency (`soon`: at most a quarter of the target is left;
    `over`: past it by at most as long again; `later`; `forgotten`), rank (ascending by urgency;
    within it by hours to or since the target) and due_at (UTC, of an elapsed target; null for
    a working one).
    """
    row = sla.waiting(tables, pact, as_of)
    late, far = -row.left_hours, row.left_hours.abs()
    level = ibis.cases(
        (late > row.target_hours * OVER, 3), (late > 0, 1), (row.left_hours <= row.target_hours * SOON, 0), else_=2
    )
    seconds = (row.target_hours * sla.HOUR).cast("int64").as_interval("s")
    elapsed = row.policy.isin([one.id for one in pact.sla if one.target.clock == "elapsed"])
    row = row.mutate(
        rank=level * STEP + far,
        urgency=ibis.cases(*((level == k, name) for k, name in enumerate(URGENCIES[:-1])), else_=URGENCIES[-1]),
        due_at=ibis.ifelse(elapsed, row.started_at + seconds, ibis.null("timestamp")),
    )
    window = ibis.window(group_by="person_id", order_by=["rank", "policy", "object", "record_id"])
    return row.mutate(place=ibis.row_number().over(window)).filter(lambda t: t.place == 0).drop("place")


def counts(tables: Tables, pact: Pact, as_of: datetime) -> dict[str, int]:
    """How many people wait, by urgency. Executes."""
    row = queue(tables, pact, as_of)
    found = dict(row.group_by("urgency").aggregate(n=row.count()).execute().itertuples(index=False))
    return {name: int(found.get(name, 0)) for name in URGENCIES}
