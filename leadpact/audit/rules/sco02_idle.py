"""SCO02: a scoring rule that never gives points, or gives them to nearly everybody.

Not here: a rule whose field is not mapped or mostly empty (DEF03), whether the score as a whole
tells winners from losers (SCO03).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts, rows_of
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.scored import rules_by_column
from leadpact.audit.shown import shown
from leadpact.scoring import words
from leadpact.tables import Table


def check(
    tables: Facts, pact: Pact, as_of: datetime, *, min_share: float, max_share: float, min_records: int
) -> Sequence[Found]:
    """One finding a rule (`value` is its id), of the active records whose status counts.

    It gives or takes points on at most `min_share` of the records it can be decided for
    (variant `never`; 0: on none at all), or on at least `max_share`. Not judged on fewer than
    `min_records`. `records` are those with the points.
    """
    columns = rules_by_column(pact)
    if not columns:
        return []
    record = tables.scored.filter(tables.scored.stands)
    counts = {f"of_{name}": record[name].count() for name in columns}
    (row,) = rows_of(record.aggregate(**counts, **{name: record[name].cast("int64").sum() for name in columns}))
    found = []
    for name, rule in columns.items():
        of, records = row[f"of_{name}"], row[name] or 0
        if of < min_records or not of or min_share < records / of < max_share:
            continue
        variant = "never" if records / of <= min_share else "always"
        params = {"rule": shown(rule.id), "asks": words.rule(rule), "of": of}
        evidence = {"of": of, "share": records / of, "points": rule.points}
        found.append(
            Found(value=rule.id, records=records, message=variant, suggestion=variant, params=params, evidence=evidence)
        )
    return found


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, **options: float) -> Table:
    """The records to which the rule gives points."""
    column = next((name for name, rule in rules_by_column(pact).items() if rule.id == finding.value), None)
    record = tables.scored.filter(tables.scored.stands)
    return record.limit(0) if column is None else record.filter(record[column].fill_null(False))


RULE = Rule(
    code="SCO02",
    name="scoring.idle_rule",
    severity="warning",
    groups=("core", "scoring"),
    fix="none",  # both teams change rules
    options={
        "min_share": Option(float, default=0.0, min=0, max=1),
        "max_share": Option(float, default=0.95, min=0, max=1),
        "min_records": Option(int, default=100, min=1),
    },
    check=check,
    people=people,
)
