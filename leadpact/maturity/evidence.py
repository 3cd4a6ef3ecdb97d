"""What the criteria of the scorecard look at: pact, audit, coverage and metrics, each read once.

Not here: which level any of it makes (criteria.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from config.schema import Pact
from leadpact.audit.facts import counting, rows_of
from leadpact.audit.registry import every
from leadpact.audit.rule import Finding
from leadpact.audit.runner import Audit
from leadpact.coverage import known_journeys
from leadpact.maturity.completeness import Filled, completeness
from leadpact.metrics import quarrel as complaints
from leadpact.metrics.quarrel import Quarrel
from leadpact.model import LEAD
from leadpact.workspace import Analysis


@dataclass(frozen=True)
class Evidence:
    """One company at one moment. `audit` holds the findings that count; what is set aside is not in it."""

    analysis: Analysis
    audit: Audit

    @property
    def pact(self) -> Pact:
        return self.analysis.pact

    @property
    def history(self) -> str:
        return self.analysis.tables.history

    def delivered(self, table: str) -> bool:
        """The CRM gives this table at all."""
        return table in self.analysis.tables.provided

    @cached_property
    def records(self) -> Mapping[str, int]:
        """Records that count, by object."""
        record = counting(self.analysis.tables.record, self.pact)
        return {row["object"]: int(row["n"]) for row in rows_of(record.group_by("object").aggregate(n=record.count()))}

    @cached_property
    def unchecked(self) -> frozenset[str]:
        """Rules that did not look, or not at everything."""
        return frozenset(one.code for one in self.audit.not_checked)

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset(rule.code for rule in every())

    def faults(self, codes: Sequence[str]) -> list[Finding]:
        """Errors and warnings of these rules; notes are no faults."""
        return [one for one in self.audit.findings if one.code in codes and one.severity != "info"]

    @cached_property
    def filled(self) -> tuple[Filled, ...]:
        return completeness(self.analysis.tables, self.pact)

    def filled_share(self, field: str, object: str = LEAD) -> Filled | None:
        """How complete a field is; null where the object or the field is not there."""
        return next((one for one in self.filled if (one.object, one.field) == (object, field)), None)

    @cached_property
    def coverage(self) -> float | None:
        """The share of journeys whose status history is fully known."""
        return known_journeys(self.analysis.tables)

    @cached_property
    def quarrel(self) -> Quarrel:
        one = self.analysis
        return complaints.quarrel(one.tables, one.pact, one.as_of)

    @cached_property
    def reasons(self) -> tuple[int, int]:
        """Qualified journeys Sales sent back: with a reason, and all."""
        rows = complaints.send_backs(self.analysis.tables, self.pact)
        back = rows.filter(rows.sent_back)
        (row,) = rows_of(back.aggregate(n=back.count(), told=back.reason.count()))
        return int(row["told"]), int(row["n"])

    @cached_property
    def returned(self) -> tuple[int, int]:
        """Journeys that are not a person's first, and all."""
        journey = self.analysis.tables.journey
        (row,) = rows_of(journey.aggregate(n=journey.count(), again=(journey.journey > 1).sum().fill_null(0)))
        return int(row["again"]), int(row["n"])

    def claimed(self, *kinds: str) -> list[str]:
        """The raw statuses mapped to stages of these kinds."""
        keys = set(self.pact.keys(*kinds))
        return [f"{object}:{value}" for object in ("lead", "contact")
                for value, key in self.pact.status_map.of(object).items() if key in keys]  # fmt: skip
