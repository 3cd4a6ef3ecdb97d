"""Fields filled after the fact, by their history: the share of those filled that were still blank at the moment.

Not here: what is concluded from it (leaks.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import ibis

from leadpact.scoring import moments, quality_cases
from leadpact.scoring.moments import KEYS, OF_FIELD
from leadpact.scoring.quality_cases import Cases
from leadpact.tables import Tables, is_blank

MIN_FILLED = 30
NAMES = {column: field for field, column in OF_FIELD.items()}


def late_fills(tables: Tables, found: Cases, tracked: Collection[str]) -> Mapping[str, float]:
    """By field: of the cases where it is filled now or was at the moment, the share that was blank at the moment.

    Only fields with a history, of texts, and filled in at least 30 cases. Runs one query.
    """
    names = [name for name in tracked if name in tables.record.columns and tables.record[name].type().is_string()]
    cases = quality_cases.asked_of(found)
    if not names or cases is None:
        return {}
    changes = moments.all_changes(tables)
    wanted = {NAMES.get(name, name): name for name in names} | {name: name for name in names}
    first = changes.filter(changes.field.isin(list(wanted)), changes["at"].notnull(), changes.evidence != "remap")
    joined = cases.inner_join(first, KEYS).filter(lambda t: t["at"] > t.moment)
    column = joined.field.cases(*wanted.items(), else_=joined.field)
    joined = joined.mutate(column=column)
    order = ibis.window(group_by=[*KEYS, "moment", "column"], order_by=["at", "seq"])
    firsts = joined.mutate(place=ibis.row_number().over(order)).filter(lambda t: t.place == 0)
    late = firsts.filter(is_blank(firsts.from_value), ~is_blank(firsts.to_value))
    counts = {row["column"]: row["n"] for row in late.group_by("column").agg(n=late.count()).to_pyarrow().to_pylist()}
    own = tables.record.inner_join(cases, KEYS)
    (filled,) = own.aggregate(**{name: (~is_blank(own[name])).sum() for name in names}).to_pyarrow().to_pylist()
    return {name: min(1.0, counts.get(name, 0) / filled[name]) for name in names if (filled[name] or 0) >= MIN_FILLED}
