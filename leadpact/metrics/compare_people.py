"""The people on either side of a comparison.

Not here: what is compared, and when that is fair (compare.py).
"""

from __future__ import annotations

from datetime import datetime

import ibis

from config.schema import Pact
from leadpact.metrics.compare import Against, compared_scope, sides
from leadpact.metrics.funnel import Scope
from leadpact.metrics.funnel_people import came
from leadpact.metrics.funnel_scope import step_keys
from leadpact.tables import Table, Tables

PARTS = ("now_converted", "now_entered", "other_converted", "other_entered")


def behind(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    scope: Scope,
    against: Against,
    stage: str,
    part: str,
    group: str | None = None,
) -> Table:
    """The journeys one side of a step counts; none for what no comparison shows.

    `group` is the group compared, "" the unknown one, null where nothing is split. Out:
    object, record_id, person_id, entry, group, side.
    """
    people = sides(tables, pact, as_of, scope, against)
    used = compared_scope(pact, as_of, scope, against)
    keys, names = step_keys(pact, used), ("object", "record_id", "person_id", "entry", "group", "side")
    if stage not in keys or part not in PARTS:
        return people.filter(ibis.literal(False)).select(*names)
    k, other = keys.index(stage), part.startswith("other")
    people = people.filter(came(people, used, k), people.mature.fill_null(False))
    if part.endswith("converted"):
        people = people.filter(people[f"reached_{k}"])
    if against == "before":
        people = people.filter(people.side == ("before" if other else "now"))
    if group is not None:
        own = people.group.isnull() if group == "" else (people.group == group).fill_null(False)
        people = people.filter(~own if other and against == "rest" else own)
    return people.select(*names)
