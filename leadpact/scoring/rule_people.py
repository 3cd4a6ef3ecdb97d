"""The people behind a number of a rule: those it hits now, and the journeys it was judged on.

Not here: the numbers (rule_table.py), how people are listed (leadpact/people.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.scoring import quality_cases, score
from leadpact.scoring.basis import Basis
from leadpact.scoring.moments import KEYS
from leadpact.tables import Table, Tables

Group = Literal["now", "undecided", "hit", "hit_converted", "miss", "miss_converted"]
GROUPS: tuple[Group, ...] = get_args(Group)


def people(tables: Tables, pact: Pact, as_of: datetime, rule: str, group: Group, basis: Basis) -> Table:
    """Whom a rule hits now (or cannot be decided for), or the counted journeys it hit or did not.

    Out: object, record_id, points (of this rule), score, light; for journeys as of their moment,
    with moment (UTC) and converted. Raises Misconfigured for a rule that is not there.
    """
    column = next((name for name, one in score.points_of(pact).items() if one.id == rule), None)
    if column is None:
        known = ", ".join(one.id for one in pact.scoring.rules)
        raise Misconfigured("scoring.no_rule", rule=rule, known=known or "–")
    if group in ("now", "undecided"):
        wide = score.measured(tables, pact, as_of, also=["condition"])
        wide = wide.filter(wide.condition.fill_null("active") == "active")
        test = wide[column].isnull() if group == "undecided" else (wide[column] != 0).fill_null(False)
        return wide.filter(test).select(*KEYS, "score", "light", points=wide[column])
    cases = quality_cases.cases(tables, pact, as_of, basis)
    at = quality_cases.asked_of(cases)
    wide = score.measured(quality_cases.tables_of(tables, cases), pact, as_of, at)
    wide = wide.select(*KEYS, "moment", "score", "light", points=column)
    test = (wide.points != 0) if group.startswith("hit") else (wide.points == 0)
    on = list(KEYS) if at is None else [*KEYS, "moment"]
    counted = ibis.memtable(cases.table.select([*on, "reached"])).rename(converted="reached")
    found = counted.inner_join(wide.filter(test.fill_null(False)), on)
    return found.filter(found.converted) if group.endswith("converted") else found


def rules_of(tables: Tables, pact: Pact, as_of: datetime) -> Table:
    """Every active record with what each rule gives it now: the rows behind a table of rules.

    Out: object, record_id, score, light, and a column per rule, `rule_<id>` (null: undecided).
    """
    wide = score.measured(tables, pact, as_of, also=["condition"])
    wide = wide.filter(wide.condition.fill_null("active") == "active")
    named = {f"rule_{rule.id}": wide[name] for name, rule in score.points_of(pact).items()}
    return wide.select(*KEYS, "score", "light", **named)
