"""CON03: a person bought, and the status that counts still stands before the sale.

The contact's status counts where the person has a contact; the lead is frozen from its
conversion on. Only who never became a contact is judged by the lead.

Not here: which opportunities win a lead (the pact's `opportunities`), fixing it (writeback).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import ibis

from config.propose import propose_stage
from config.schema import Pact
from leadpact.audit.deals import amounts, amounts_text, wins
from leadpact.audit.facts import KEYS, Facts, rows_of, status_in
from leadpact.audit.rule import Finding, Found, Rule
from leadpact.audit.sentences import counted_values
from leadpact.audit.target import best_value, stage_of, values_of_kind
from leadpact.model import CONTACT, LEAD, OBJECTS
from leadpact.tables import Table, is_blank

BEFORE = ("untouched", "nurture", "qualified", "sales")
SETTLED = ("won", "retained")
SUGGESTIONS = {(CONTACT, False): "", (CONTACT, True): "to", (LEAD, False): "lead", (LEAD, True): "lead_to"}


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """One finding for contacts and one for leads, of the records whose status counts.

    A status before the sale: mapped to an untouched or funnel stage before the win, blank, or
    not mapped and worded as SQL. Who was set to customer and has since come back is not found.
    Evidence: `statuses` (records by status, blank under ""), `people`, `amount` won by
    currency (sums of known amounts; unknown currency under "").
    """
    stuck = ibis.memtable(_stuck(tables, pact, as_of).to_pyarrow())
    by = stuck.group_by("object", "status").aggregate(
        records=stuck.count(), people=stuck.person_id.nunique(), since=stuck.first_win.min()
    )
    rows = rows_of(by)
    if not rows:
        return []
    amount = amounts(wins(tables, pact, as_of).inner_join(stuck.select("object", "person_id").distinct(), "person_id"))
    return [
        _found(tables, pact, object, own, amount.get(object, {}))
        for object in OBJECTS
        if (own := [row for row in rows if row["object"] == object])
    ]


def _found(tables: Facts, pact: Pact, object: str, rows: list[dict[str, Any]], amount: Mapping[str, float]) -> Found:
    records = sum(row["records"] for row in rows)
    ordered = sorted(rows, key=lambda row: (-row["records"], row["status"]))
    won = next(iter(pact.keys("won")), None)
    target = best_value(tables, pact, object, won) if won else None
    said = amounts_text(amount)
    starts = [row["since"] for row in rows if row["since"] is not None]
    return Found(
        object=object,
        records=records,
        since=min(starts, default=None),
        message="amount" if said else "",
        suggestion=SUGGESTIONS[(object, target is not None)],
        params={
            "statuses": counted_values([(row["status"], row["records"]) for row in ordered]),
            "amount": said or "",
            "target": target or "",
        },
        evidence={
            "statuses": {row["status"]: row["records"] for row in ordered},
            "people": sum(row["people"] for row in rows),
            "amount": dict(amount),
            "target": target,
        },
    )


def _stuck(tables: Facts, pact: Pact, as_of: datetime) -> Table:
    """The records concerned, a blank status as "", with `first_win` of the person."""
    won = wins(tables, pact, as_of)
    buyers = won.group_by("person_id").aggregate(
        first_win=won.closed_at.min(), last_win=won.closed_at.max(), timed=won.closed_at.notnull().all()
    )
    record = tables.standing.select(*KEYS, "person_id", "status").semi_join(buyers, "person_id")
    record = record.mutate(status=ibis.ifelse(is_blank(record.status), "", record.status))
    settled = record.filter(status_in(record, {object: values_of_kind(pact, object, SETTLED) for object in OBJECTS}))
    record = record.anti_join(settled, "person_id").inner_join(buyers, "person_id")
    record = record.filter(status_in(record, _before_the_sale(tables, pact)))
    return _not_come_back(tables, pact, record)


def _before_the_sale(tables: Facts, pact: Pact) -> dict[str, list[str]]:
    """By object, the statuses that stand before the sale; "" among them where blank is not agreed to be more."""
    before = {object: values_of_kind(pact, object, BEFORE) for object in OBJECTS}
    for value in tables.values:
        if stage_of(pact, value.object, value.value) is None and propose_stage(value.wording) == "sql":
            before[value.object].append(value.value)
    for object in OBJECTS:
        if stage_of(pact, object, None) is None:
            before[object].append("")
    return before


def _not_come_back(tables: Facts, pact: Pact, record: Table) -> Table:
    """Without those who were customers already and moved on after their last win: a new journey."""
    change = tables.field_change
    moves = change.filter(change.field == "status", change.evidence != "remap").semi_join(record, KEYS)
    settled = {object: values_of_kind(pact, object, SETTLED) for object in OBJECTS}
    moves = moves.mutate(settled=status_in(moves, settled, "to_value"))
    by = moves.group_by(*KEYS).aggregate(settled=moves.settled.any(), moved_at=moves["at"].max())
    joined = record.left_join(by, KEYS)
    after = (joined.moved_at > joined.last_win).fill_null(False) | ~joined.timed
    back = joined.settled.fill_null(False) & after
    return joined.filter(~back).select(*record.columns)


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding) -> Table:
    """The records of one object whose status has to change."""
    stuck = _stuck(tables, pact, as_of)
    return stuck.filter(stuck.object == finding.object)


RULE = Rule(
    code="CON03",
    name="contact.won_not_customer",
    severity="error",
    groups=("core", "contacts"),
    needs=("opportunity",),
    fix="safe",  # the deal is won whatever the status says
    check=check,
    people=people,
)
