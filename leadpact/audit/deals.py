"""Won opportunities and the people they belong to, and money as a sentence says it.

Not here: funnel events of opportunities (metrics/timeline.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import ibis

from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, rows_of
from leadpact.audit.sentences import listed
from leadpact.language import Text
from leadpact.tables import Table

NAMED = 3  # currencies a sentence names; the evidence has all


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


def amounts(deals: Table) -> Mapping[str, Mapping[str, float]]:
    """Sum of known amounts by object and currency ("": not known), the largest first.

    In: wins with the `object` they are told under.
    """
    known = deals.filter(deals.amount.notnull())
    rows = rows_of(known.group_by("object", "currency").aggregate(amount=known.amount.sum()))
    found: dict[str, dict[str, float]] = {}
    for row in sorted(rows, key=lambda row: (-row["amount"], row["currency"] or "")):
        found.setdefault(row["object"], {})[row["currency"] or ""] = row["amount"]
    return found


def amounts_text(amounts: Mapping[str, float]) -> Text | None:
    """`1,200 MXN, 300 USD and more`; null where no amount is known."""
    said = [
        Text.of("audit.amount", amount=round(amount), currency=currency)
        if currency
        else Text.of("audit.amount_only", amount=round(amount))
        for currency, amount in list(amounts.items())[:NAMED]
    ]
    if len(amounts) > NAMED:
        said.append(Text.of("audit.more"))
    return listed(said) if said else None
