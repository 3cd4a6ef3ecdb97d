"""The audit to hand over, gathered: findings under their steps, what was not checked, what was set aside.

It holds counts, status values and what the pact says; no person and no record is in it.

Not here: how it looks (audit_page.py, audit_book.py), the findings themselves (leadpact/audit).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadpact.audit import money
from leadpact.audit.money import Money
from leadpact.audit.rule import Finding, NotChecked
from leadpact.audit.runner import Audit
from leadpact.audit.steps import Standing, standing
from leadpact.audit.suppression import Suppression
from leadpact.coverage import known_journeys
from leadpact.pact_in_use import PactInUse
from leadpact.workspace import Analysis


@dataclass(frozen=True)
class AuditReport:
    """One audit as it is handed over.

    `money` is by identity of a finding, and null where the CRM delivers no deals; `coverage` is
    the share of journeys without imputed changes, null without journeys.
    """

    used: PactInUse
    connection: str
    generation: int
    as_of: datetime
    synced_at: datetime
    history: str
    coverage: float | None
    conditions: Mapping[str, str]
    steps: tuple[Standing, ...]
    not_checked: tuple[NotChecked, ...]
    aside: tuple[tuple[Finding, Suppression], ...]
    money: Mapping[str, Money] | None

    @property
    def findings(self) -> list[Finding]:
        """Those that count, in the order of the work."""
        return [one for step in self.steps for one in step.findings]

    def worth(self, finding: Finding) -> Money | None:
        """Null where nothing can be said."""
        return None if self.money is None else self.money.get(finding.identity, Money())


def gather(
    one: Analysis,
    result: Audit,
    aside: Sequence[tuple[Finding, Suppression]] = (),
    *,
    codes: Collection[str] | None = None,
) -> AuditReport:
    """The report of an audit whose `findings` are those that count. Executes the queries on money and coverage.

    `codes` are the rules that ran; null for all of them.
    """
    found = money.affected(one, result.findings) if money.known(one) else None
    weights = found or {}
    return AuditReport(
        used=one.used,
        connection=one.connection,
        generation=one.generation,
        as_of=one.as_of,
        synced_at=one.synced_at,
        history=one.tables.history,
        coverage=known_journeys(one.tables),
        conditions=dict(one.conditions),
        steps=standing(
            result, lambda finding: weights.get(finding.identity, Money()).weight, codes=codes, pact=one.pact
        ),
        not_checked=result.not_checked,
        aside=tuple(aside),
        money=found,
    )
