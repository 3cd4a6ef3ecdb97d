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
from leadpact.audit.facts import KEYS, Facts, is_blank, rows_of
from leadpact.audit.rule import Finding, Found, Rule
from leadpact.audit.shown import shown
from leadpact.audit.target import best_value, stage_of
from leadpact.language import Text
from leadpact.model import CONTACT, LEAD, OBJECTS
from leadpact.tables import Table

BEFORE = ("untouched", "nurture", "qualified", "sales")
SETTLED = ("won", "retained")
SUGGESTIONS = {(CONTACT, False): "", (CONTACT, True): "to", (LEAD, False): "lead", (LEAD, True): "lead_to"}
NAMED = 3  # statuses told in the message; the evidence has all


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """One finding for contacts and one for leads, of the records whose status counts.

    A status before the sale: mapped to an untouched or funnel stage before the win, blank, or
    not mapped and worded as SQL. Who was set to customer and has since come back is not found.
    Evidence: `statuses` (records by status, blank under ""), `people`, `amount` won by
    currency (sums of known amounts; unknown currency under "").
    """
    stuck = _stuck(tables, pact, as_of)
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
        params={"statuses": _statuses(ordered), "amount": said or "", "target": target or ""},
        evidence={
            "statuses": {row["status"]: row["records"] for row in ordered},
            "people": sum(row["people"] for row in rows),
            "amount": dict(amount),
            "target": target,
        },
    )


def _statuses(rows: list[dict[str, Any]]) -> Text:
    """`“SQL” 12, blank 3, others 2`."""
    named = [_status(row["status"], row["records"]) for row in rows[:NAMED]]
    rest = sum(row["records"] for row in rows[NAMED:])
    if rest:
        named.append(Text.of("audit.status.other", number=rest))
    text = named[0]
    for part in named[1:]:
        text = Text.of("audit.list", first=text, second=part)
    return text


def _status(status: str, number: int) -> Text:
    if not status:
        return Text.of("audit.status.blank", number=number)
    return Text.of("audit.status.named", value=shown(status), number=number)


def _stuck(tables: Facts, pact: Pact, as_of: datetime) -> Table:
    """The records concerned, a blank status as "", with `first_win` of the person."""
    won = wins(tables, pact, as_of)
    buyers = won.group_by("person_id").aggregate(
        first_win=won.closed_at.min(), last_win=won.closed_at.max(), timed=won.closed_at.notnull().all()
    )
    record = _counting_status(tables, buyers)
    record = record.mutate(status=ibis.ifelse(is_blank(record.status), "", record.status))
    settled = record.filter(_is(record, {object: _values(pact, object, SETTLED) for object in OBJECTS}))
    record = record.anti_join(settled, "person_id").inner_join(buyers, "person_id")
    record = record.filter(_is(record, _before_the_sale(tables, pact)))
    return _not_come_back(tables, pact, record)


def _counting_status(tables: Facts, buyers: Table) -> Table:
    """Of the buyers: contacts; and leads of people without a contact, even a deleted one."""
    record = tables.record.select(*KEYS, "person_id", "status").semi_join(buyers, "person_id")
    contacts = tables.every_record.filter(tables.every_record.object == CONTACT).select("person_id")
    leads = record.filter(record.object == LEAD).anti_join(contacts, "person_id")
    return ibis.union(record.filter(record.object == CONTACT), leads)


def _before_the_sale(tables: Facts, pact: Pact) -> dict[str, list[str]]:
    """By object, the statuses that stand before the sale; "" among them where blank is not agreed to be more."""
    before = {object: _values(pact, object, BEFORE) for object in OBJECTS}
    for value in tables.values:
        if stage_of(pact, value.object, value.value) is None and propose_stage(value.wording) == "sql":
            before[value.object].append(value.value)
    for object in OBJECTS:
        if stage_of(pact, object, None) is None:
            before[object].append("")
    return before


def _values(pact: Pact, object: str, kinds: Sequence[str]) -> list[str]:
    keys = set(pact.keys(*kinds))
    return [value for value, key in pact.status_map.of(object).items() if key in keys]


def _is(record: Table, values: Mapping[str, list[str]], column: str = "status") -> Any:
    """The record's status is among those of its object."""
    one_of = [
        ((record.object == object) & record[column].isin(names)).fill_null(False)
        for object, names in values.items()
        if names
    ]
    found = ibis.literal(False)
    for test in one_of:
        found = found | test
    return found


def _not_come_back(tables: Facts, pact: Pact, record: Table) -> Table:
    """Without those who were customers already and moved on after their last win: a new journey."""
    change = tables.field_change
    moves = change.filter(change.field == "status", change.evidence != "remap").semi_join(record, KEYS)
    settled = {object: _values(pact, object, SETTLED) for object in OBJECTS}
    moves = moves.mutate(settled=_is(moves, settled, "to_value"))
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
