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

import ibis

from leadpact.audit.facts import KEYS, Facts, counting, rows_of
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
    return _of_values(analysis, asked, _deals(analysis), single=not names_currency(analysis.tables, analysis.pact))


def _of_values(analysis: Analysis, asked: Sequence[Finding], deal: Table, *, single: bool) -> dict[str, Money]:
    record = counting(analysis.tables.record, analysis.pact)
    record = record.filter(record.status.isin(sorted({str(one.value) for one in asked})))
    found: dict[str, Money] = {}
    for typed in (False, True):
        some = [one for one in asked if (one.record_type is not None) == typed]
        if some:
            place = PLACE if typed else PLACE[:2]
            by = _grouped(_summed(record, deal, place), place)
            found |= {one.identity: _money(by.get(_place(one), []), single=single) for one in some}
    return found


def of_finding(analysis: Analysis, finding: Finding, options: Options | None = None) -> Money | None:
    """For one finding, whatever its people; null where the CRM delivers no deals. Executes."""
    if not known(analysis):
        return None
    single = not names_currency(analysis.tables, analysis.pact)
    person = analysis.tables.record.semi_join(keys(analysis, finding, options=options), KEYS)
    return _money(_summed(person, _deals(analysis), ()), single=single)


def affected(analysis: Analysis, findings: Iterable[Finding], options: Options | None = None) -> dict[str, Money]:
    """By identity, for all findings with records; empty where the CRM delivers no deals.

    Findings with people of their own cost a query each: for a report, not for a page.
    """
    asked = [one for one in findings if one.records]
    if not asked or not known(analysis):
        return {}
    single = not names_currency(analysis.tables, analysis.pact)
    facts = Facts.of(analysis)
    deal = _with_records(analysis, _deals(analysis))
    found = _of_values(analysis, [one for one in asked if at_once(one)], _deals(analysis), single=single)
    for one in asked:
        if one.identity not in found:
            behind = keys(analysis, one, options=options, facts=facts)
            found[one.identity] = _money(_added(deal.semi_join(behind, KEYS), ()), single=single)
    return found


def _with_records(analysis: Analysis, deal: Table) -> Table:
    """Every deal with every record of its person, in memory: what many questions are asked of."""
    record = analysis.tables.record.select(*KEYS, "person_id")
    return ibis.memtable(record.inner_join(deal, record.person_id == deal.of_person).to_pyarrow())


def at_once(finding: Finding) -> bool:
    """Whether the people of a finding are simply those who hold its value."""
    return finding.value is not None and finding.records > 0 and find(finding.code).people is None


def _deals(analysis: Analysis) -> Table:
    """Open and won deals that reach a person under the pact."""
    deal = deals(analysis.tables, analysis.pact, analysis.as_of, origins=False, influence=False)
    deal = deal.filter(deal.person_id.notnull(), deal.origin.isnull(), deal.state.isin(STATES))
    return deal.select("opportunity_id", "state", "currency", "amount", of_person="person_id")


def _summed(record: Table, deal: Table, by: Sequence[str]) -> list[dict[str, Any]]:
    """The deals of the records' persons. Out: by, state, currency, n, priced, amount."""
    person = record.select(*by, "person_id").distinct()
    return _added(person.inner_join(deal, person.person_id == deal.of_person), by)


def _added(rows: Table, by: Sequence[str]) -> list[dict[str, Any]]:
    """Deals added up, each once a group."""
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
    return place if one.record_type is None else (*place, one.record_type)


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
