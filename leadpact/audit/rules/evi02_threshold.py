"""EVI02: an MQL below the agreed threshold, or a lead above it that nobody marked.

Not here: the score (leadpact/scoring), handing over without qualification (EVI04).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import ibis

from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, is_blank, rows_of, status_in
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.scored import at_moments
from leadpact.audit.target import values_of_kind
from leadpact.model import OBJECTS
from leadpact.scoring import score
from leadpact.tables import Table

BELOW, UNMARKED = "below", "unmarked"
BEFORE = ("untouched", "nurture")
RARE = 0.1  # below this share of the value's records it is a note


def check(tables: Facts, pact: Pact, as_of: datetime, *, grace_days: float) -> Sequence[Found]:
    """One finding a status value, of active records that count for a person.

    `below`: in a qualified stage, not green now nor when it came to its status (points fade, and
    that is no error), and no other record of the person green. `unmarked`: before the qualified
    stages, and green for `grace_days` days at least. Records without a light are not judged.
    Milder below one in ten of the records with a light. Evidence `of`: how many of these hold it.
    """
    if not pact.scoring.rules or pact.sales_ready.threshold is None:
        return []
    judged = _judged(tables, pact)
    of = judged.group_by("object", "status").aggregate(of=judged.count())
    wrong = _wrong(tables, pact, as_of, grace_days)
    by = wrong.group_by("object", "status", "side").aggregate(
        records=wrong.count(),
        short=(wrong.score < pact.sales_ready.threshold).cast("int64").sum(),
    )
    known = {(row["object"], row["status"]): row["of"] for row in rows_of(of)}
    found = []
    for row in sorted(rows_of(by), key=lambda row: (row["object"], row["status"])):
        total = known[(row["object"], row["status"])]
        share = row["records"] / total
        listed = tables.by_key.get((row["object"], row["status"]))
        evidence = {"of": total, "share": share, **({"short_of_points": row["short"]} if row["side"] == BELOW else {})}
        found.append(
            Found(
                object=row["object"],
                value=row["status"] or None,
                label=listed.label if listed else None,
                records=row["records"],
                severity="warning" if share >= RARE else "info",
                message=row["side"] if row["status"] else f"{row['side']}_blank",
                suggestion=row["side"],
                params={"of": total, "threshold": pact.sales_ready.threshold},
                evidence=evidence,
            )
        )
    return found


def _judged(tables: Facts, pact: Pact) -> Table:
    """Active records that count, with a light, in a qualified stage or before; a blank status as ""."""
    record = tables.scored
    record = record.filter(record.stands, record.green.notnull())
    record = record.mutate(status=ibis.ifelse(is_blank(record.status), "", record.status))
    qualified = {object: values_of_kind(pact, object, ("qualified",)) for object in OBJECTS}
    before = {object: values_of_kind(pact, object, BEFORE) for object in OBJECTS}
    side = ibis.cases(
        (status_in(record, qualified), BELOW), (status_in(record, before), UNMARKED), else_=ibis.null("string")
    )
    return record.mutate(side=side).filter(lambda t: t.side.notnull())


def _wrong(tables: Facts, pact: Pact, as_of: datetime, grace_days: float) -> Table:
    """The records of `_judged` on the wrong side."""
    judged = _judged(tables, pact)
    first = judged.filter((judged.side == UNMARKED) == judged.green)
    suspects = ibis.memtable(first.select(*KEYS, "person_id", "status", "side", "score").to_pyarrow())
    green = tables.scored.filter(tables.scored.green).semi_join(suspects, "person_id")
    elsewhere = suspects.filter(suspects.side == BELOW).semi_join(green, "person_id")
    suspects = ibis.memtable(suspects.anti_join(elsewhere, KEYS).to_pyarrow())
    entered = _entered(tables, suspects.filter(suspects.side == BELOW))
    then = ibis.timestamp((as_of - timedelta(days=grace_days)).isoformat(" "))
    waited = suspects.filter(suspects.side == UNMARKED).select(*KEYS, moment=then.cast("timestamp"))
    was = _green_then(tables, pact, ibis.union(entered, waited))
    return ibis.union(
        suspects.filter(suspects.side == BELOW).anti_join(was, KEYS),
        suspects.filter(suspects.side == UNMARKED).semi_join(was, KEYS),
    )


def _entered(tables: Facts, record: Table) -> Table:
    """When each record came to the status it has: object, record_id, moment; only where that is dated."""
    change = tables.field_change
    moves = change.filter(change.field == "status", change.evidence != "remap", change["at"].notnull())
    moves = moves.select(*KEYS, status=moves.to_value.fill_null(""), at="at")
    came = moves.semi_join(record, [*KEYS, "status"])
    return came.group_by(*KEYS).aggregate(moment=came["at"].max().cast("timestamp"))


def _green_then(tables: Facts, pact: Pact, asked: Table) -> Table:
    """Of records at moments of their own, those that were green."""
    then = at_moments(tables, pact, ibis.memtable(asked.to_pyarrow()))
    return ibis.memtable(then.filter(then.light == score.GREEN).select(*KEYS).to_pyarrow())


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, grace_days: float) -> Table:
    """The records of one value on the wrong side."""
    wrong = _wrong(tables, pact, as_of, grace_days)
    return wrong.filter(wrong.object == finding.object, wrong.status == (finding.value or ""))


RULE = Rule(
    code="EVI02",
    name="evidence.threshold",
    severity="warning",
    groups=("core", "evidence"),
    fix="review",  # the status or the score is wrong: only people know which
    options={"grace_days": Option(float, default=1.0, min=0)},
    check=check,
    people=people,
)
