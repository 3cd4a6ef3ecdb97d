"""Won opportunities and the people they belong to, and money as a sentence says it.

Not here: funnel events of opportunities (metrics/timeline.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import ibis

from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, rows_of
from leadpact.language import Text
from leadpact.tables import Table


def wins(tables: Facts, pact: Pact, as_of: datetime) -> Table:
    """Opportunities won by `as_of` that win a lead under the pact, and reach a person.

    Out: person_id, amount, currency, closed_at (null where not known).
    """
    deal = tables.opportunity.filter(tables.opportunity.is_won)
    deal = deal.filter(deal.closed_at.isnull() | (deal.closed_at <= ibis.timestamp(as_of.isoformat(" "))))
    if pact.opportunities.types:
        deal = deal.filter(deal["type"].isin(pact.opportunities.types))
    if pact.opportunities.pipelines:
        deal = deal.filter(deal.pipeline.isin(pact.opportunities.pipelines))
    person = tables.every_record.select(*KEYS, "person_id")
    return deal.inner_join(person, KEYS).select("person_id", "amount", "currency", "closed_at")


def amounts(deals: Table) -> Mapping[str | None, float]:
    """Sum of known amounts by currency (null: not known), the largest first."""
    known = deals.filter(deals.amount.notnull())
    rows = rows_of(known.group_by("currency").aggregate(amount=known.amount.sum()))
    ordered = sorted(rows, key=lambda row: (-row["amount"], row["currency"] or ""))
    return {row["currency"]: row["amount"] for row in ordered}


def amounts_text(amounts: Mapping[str | None, float]) -> Text | None:
    """`1,200 MXN and 300 USD`; null where no amount is known."""
    text: Text | None = None
    for currency, amount in amounts.items():
        part = Text.of("audit.amount", amount=round(amount), currency=currency) if currency else None
        part = part or Text.of("audit.amount_only", amount=round(amount))
        text = part if text is None else Text.of("audit.and", first=text, second=part)
    return text
