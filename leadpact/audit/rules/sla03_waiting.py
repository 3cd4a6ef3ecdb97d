"""SLA03: hot leads wait for Sales past the time that was promised, now.

Not here: the clocks (metrics/clocks.py), how many were kept in the past (metrics/sla.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import ibis

from config.schema import END_KINDS, Pact
from leadpact.audit.facts import KEYS, Facts, rows_of
from leadpact.audit.rule import Finding, Found, Rule
from leadpact.audit.sentences import counted_values
from leadpact.language import Text
from leadpact.metrics import response_waiting
from leadpact.metrics.clocks import stop_stages
from leadpact.model import OBJECTS
from leadpact.tables import Table, Tables

LATE = ("over", "forgotten")
DAYS_FROM = 72  # hours


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """One finding an object: people whose most urgent clock runs past its target, by the record that started it.

    Evidence: `policies` (records by policy), `forgotten` (waiting more than twice the target),
    `longest_hours` past the target, in the hours of the policy. `since`: the oldest clock.
    """
    if not pact.sla:
        return []
    late = _late(tables, pact, as_of)
    by = late.group_by("object", "policy", "urgency").aggregate(
        records=late.count(), longest=late.left_hours.min(), since=late.started_at.min()
    )
    rows = rows_of(by)
    found = []
    for object in OBJECTS:
        own = [row for row in rows if row["object"] == object]
        if own:
            policies: dict[str, int] = {}
            for row in sorted(own, key=lambda row: row["policy"]):
                policies[row["policy"]] = policies.get(row["policy"], 0) + row["records"]
            forgotten = sum(row["records"] for row in own if row["urgency"] == "forgotten")
            worst = min(own, key=lambda row: row["longest"])
            longest = round(-worst["longest"], 1)
            found.append(
                Found(
                    object=object,
                    records=sum(policies.values()),
                    since=min(row["since"] for row in own),
                    params={
                        "policies": counted_values(sorted(policies.items(), key=lambda item: -item[1])),
                        "forgotten": forgotten,
                        "longest": _span(pact, worst["policy"], longest),
                    },
                    evidence={"policies": policies, "forgotten": forgotten, "longest_hours": longest},
                )
            )
    return found


def _span(pact: Pact, policy: str, hours: float) -> Text:
    """Hours as people say them: whole days from three on, where the clock never rests."""
    rests = any(one.target.clock == "working" for one in pact.sla if one.id == policy)
    if rests or hours < DAYS_FROM:
        return Text.of("audit.span.hours", count=hours)
    return Text.of("audit.span.days", count=int(hours // 24))


def _late(tables: Facts, pact: Pact, as_of: datetime) -> Table:
    """The records that count of the people who wait past the target."""
    row = response_waiting.queue(_few(tables, pact), pact, as_of)
    row = row.filter(row.urgency.isin(LATE)).select(*KEYS, "policy", "urgency", "left_hours", "started_at")
    return ibis.memtable(row.semi_join(tables.record.select(*KEYS), KEYS).to_pyarrow())


def _few(tables: Facts, pact: Pact) -> Tables:
    """The tables with only the people a clock may run for: most stand at a stop or an end, where none does."""
    stops = set.intersection(*(set(stop_stages(pact, policy)) for policy in pact.sla))
    spell = tables.spell
    here = spell.filter(spell.lasts, ~spell.stage.isin(sorted(stops)), ~spell.kind.isin(END_KINDS)).select("person_id")
    begun = spell.filter(spell.stage.isin(sorted({policy.starts for policy in pact.sla}))).select("person_id")
    people = ibis.memtable(here.semi_join(begun, "person_id").to_pyarrow())
    touch = None if tables.touch is None else tables.touch.semi_join(people, "person_id")
    return replace(tables.plain, spell=spell.semi_join(people, "person_id"), touch=touch)


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding) -> Table:
    """The records of one object that wait too long."""
    late = _late(tables, pact, as_of)
    return late.filter(late.object == finding.object)


RULE = Rule(
    code="SLA03",
    name="sla.waiting",
    severity="warning",
    groups=("core", "sla"),
    needs=("activity", "history"),
    fix="none",  # somebody has to call
    check=check,
    people=people,
)
