"""Money affected: the deals of the persons behind a finding, open and won.

Deals reach persons as in metrics/pipeline_deals.py, each deal once a finding. Amounts are added
within a currency and never across; a deal without an amount, or of no currency where others name
one, is counted and not added. It says what stands beside a finding, not what it cost.

Not here: who is behind a finding (runner.py), how amounts are written (ui, report).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadpact.audit.facts import KEYS, counting, rows_of
from leadpact.audit.registry import find
from leadpact.audit.rule import Finding
from leadpact.audit.runner import Options, keys
from leadpact.metrics.pipeline import names_currency
from leadpact.metrics.pipeline_deals import deals
from leadpact.tables import Table
from leadpact.workspace import Analysis

STATES = ("open", "won")
PLACE = ("object", "status", "record_type")


@dataclass(frozen=True)
class Amount:
    """Sums of known amounts in one currency; null where the CRM names none for any deal."""

    currency: str | None
    open: float
    won: float

    @property
    def total(self) -> float:
        return self.open + self.won


@dataclass(frozen=True)
class Money:
    """Deals of the persons behind a finding: open and won; of them `count_only` add no amount.

    `amounts` by currency, the largest first; empty where there is nothing to add.
    """

    open: int = 0
    won: int = 0
    count_only: int = 0
    amounts: tuple[Amount, ...] = ()

    @property
    def deals(self) -> int:
        return self.open + self.won

    @property
    def weight(self) -> float:
        """For sorting only: the largest sum in one currency."""
        return max((one.total for one in self.amounts), default=0.0)

    def as_json(self) -> dict[str, Any]:
        amounts = [{"currency": one.currency, "open": one.open, "won": one.won} for one in self.amounts]
        return {"open": self.open, "won": self.won, "count_only": self.count_only, "amounts": amounts}


def known(analysis: Analysis) -> bool:
    """Whether the CRM delivers deals at all; without them nothing can be said, not even zero."""
    return "opportunity" in analysis.tables.provided


def of_values(analysis: Analysis, findings: Iterable[Finding]) -> dict[str, Money]:
    """By identity, for the findings whose people are those who hold a value: all of them together.

    Empty where the CRM delivers no deals. Two queries, and one more where findings are told by
    record type; however many findings.
    """
    asked = [one for one in findings if at_once(one)]
    if not asked or not known(analysis):
        return {}
    single = not names_currency(analysis.tables, analysis.pact)
    record = counting(analysis.tables.record, analysis.pact)
    record = record.filter(record.status.isin(sorted({str(one.value) for one in asked})))
    found: dict[str, Money] = {}
    for typed in (False, True):
        some = [one for one in asked if (_type(one) is not None) == typed]
        if some:
            by = _grouped(_summed(analysis, record, PLACE if typed else PLACE[:2]), PLACE if typed else PLACE[:2])
            found |= {one.identity: _money(by.get(_place(one), []), single=single) for one in some}
    return found


def of_finding(analysis: Analysis, finding: Finding, options: Options | None = None) -> Money | None:
    """For one finding, whatever its people; null where the CRM delivers no deals. Executes."""
    if not known(analysis):
        return None
    behind = keys(analysis, finding, options=options)
    person = analysis.tables.record.select(*KEYS, "person_id").semi_join(behind, KEYS)
    return _money(_summed(analysis, person, ()), single=not names_currency(analysis.tables, analysis.pact))


def affected(analysis: Analysis, findings: Iterable[Finding], options: Options | None = None) -> dict[str, Money]:
    """By identity, for all findings with records; empty where the CRM delivers no deals.

    Findings with people of their own cost a query each: for a report, not for a page.
    """
    asked = [one for one in findings if one.records]
    found = of_values(analysis, asked)
    if known(analysis):
        for one in asked:
            if one.identity not in found:
                found[one.identity] = of_finding(analysis, one, options) or Money()
    return found


def at_once(finding: Finding) -> bool:
    """Whether the people of a finding are simply those who hold its value."""
    return finding.value is not None and finding.records > 0 and find(finding.code).people is None


def _summed(analysis: Analysis, record: Table, by: Sequence[str]) -> list[dict[str, Any]]:
    """The deals of the records' persons, each once a group. Out: by, state, currency, n, priced, amount."""
    deal = deals(analysis.tables, analysis.pact, analysis.as_of, origins=False, influence=False)
    deal = deal.filter(deal.person_id.notnull(), deal.origin.isnull(), deal.state.isin(STATES))
    deal = deal.select("opportunity_id", "state", "currency", "amount", of_person="person_id")
    person = record.select(*by, "person_id").distinct()
    rows = person.inner_join(deal, person.person_id == deal.of_person)
    rows = rows.select(*by, "opportunity_id", "state", "currency", "amount").distinct()
    by_state = rows.group_by(*by, "state", "currency").aggregate(
        n=rows.count(), priced=rows.amount.count(), amount=rows.amount.sum()
    )
    return rows_of(by_state)


def _grouped(rows: list[dict[str, Any]], by: Sequence[str]) -> dict[tuple[str | None, ...], list[dict[str, Any]]]:
    found: dict[tuple[str | None, ...], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] or "" for name in by), []).append(row)
    return found


def _place(one: Finding) -> tuple[str | None, ...]:
    place = (one.object, one.value)
    return place if _type(one) is None else (*place, _type(one))


def _type(one: Finding) -> str | None:
    """The record type a finding is told of ("": records without one); null for all of them."""
    found: str | None = getattr(one, "record_type", None)
    return found


def _money(rows: Iterable[Mapping[str, Any]], *, single: bool) -> Money:
    """`single`: the CRM names no currency at all, so there is one only."""
    rows = list(rows)
    count = {state: sum(row["n"] for row in rows if row["state"] == state) for state in STATES}
    adds = [row for row in rows if row["priced"] and (row["currency"] is not None or single)]
    amounts = []
    for currency in {row["currency"] for row in adds}:
        sums = {
            state: float(sum(r["amount"] for r in adds if (r["currency"], r["state"]) == (currency, state)))
            for state in STATES
        }
        amounts.append(Amount(currency, sums["open"], sums["won"]))
    amounts.sort(key=lambda one: (-one.total, one.currency or ""))
    return Money(count["open"], count["won"], sum(count.values()) - sum(row["priced"] for row in adds), tuple(amounts))
