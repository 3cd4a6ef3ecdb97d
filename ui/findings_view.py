"""What every part of the Findings page asks: the audit, the people behind a finding, the money behind all.

Each is computed once for the data it is of. Not here: how a finding is drawn (findings_card.py),
the rules (leadpact/audit).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leadpact import audit
from leadpact.audit import Audit, Finding
from leadpact.audit import money as affected
from leadpact.audit.money import Money
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import audits
from ui.page import Page

SEVERITY, OBJECT, RULE, FINDING = "severity", "object", "rule", "finding"


def behind(analysis: Analysis, finding: Finding) -> Table:
    """As `leadpact.audit.people`."""
    return audit.people(analysis, finding)


@dataclass(frozen=True, repr=False)
class Given:
    """A result kept already: it follows from the data, and needs no place in the key of the next one."""

    audit: Audit

    def __repr__(self) -> str:
        return "audit"


def money(page: Page) -> Mapping[str, Money]:
    """Deals behind the findings that are about a value, by identity; those of others are read when opened."""
    found: Mapping[str, Money] = page.cached_whole(_of_values, Given(audits.whole(page)))
    return found


def money_of(page: Page, finding: Finding) -> Money | None:
    """Deals behind one finding; null where the CRM delivers none."""
    found: Money | None = page.cached_whole(_of_one, finding)
    return found


def _of_values(analysis: Analysis, given: Given) -> dict[str, Money]:
    return affected.of_values(analysis, given.audit.findings)


def _of_one(analysis: Analysis, finding: Finding) -> Money | None:
    return affected.of_finding(analysis, finding)
