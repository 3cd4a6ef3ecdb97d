"""The audit as a workbook: Summary, Findings, Not checked, Set aside, and About.

Cells a spreadsheet would run as formulas are made harmless by leadpact/export.py, which writes
every text as text. Nobody's data is in it.

Not here: what is in it (audit.py), the page to print (audit_page.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leadpact.audit.behaviour_told import sentences
from leadpact.audit.money import Money
from leadpact.audit.rule import SEVERITIES, Finding
from leadpact.audit.steps import step_of
from leadpact.export import Sheet, to_book
from leadpact.language import Language
from leadpact.report.audit import AuditReport
from leadpact.report.audit_page import about, evidence, feet, impersonal, message
from leadpact.report.page import standing

COUNT, MONEY = "#,##0", "#,##0"


def xlsx(report: AuditReport, lang: Language) -> bytes:
    """The workbook, in the reader's language."""
    return to_book([_summary(report, lang), _findings(report, lang), _not_checked(report, lang), _aside(report, lang),
                    _about(report, lang)])  # fmt: skip


def _summary(report: AuditReport, lang: Language) -> Sheet:
    header = [lang(f"report.audit.{name}") for name in ("step", "state")]
    header += [lang(f"page.findings.count.{level}") for level in SEVERITIES]
    header += [lang("report.audit.records"), lang("report.audit.not_checked"), lang("report.audit.advice")]
    rows = [
        [
            f"{number} · {lang(f'audit.step.{one.step}')}",
            lang(f"audit.step.state.{one.state}"),
            *(one.count(level) for level in SEVERITIES),
            one.records if one.findings else None,
            len(one.unchecked),
            lang(f"audit.step.{one.step}.do"),
        ]
        for number, one in enumerate(report.steps, start=1)
    ]
    return Sheet(lang("report.audit.summary"), header, rows, [None, None, *[COUNT] * 5])


def _findings(report: AuditReport, lang: Language) -> Sheet:
    currencies = sorted(
        {amount.currency or "" for one in report.findings if (found := report.worth(one)) for amount in found.amounts}
    )
    names = ("step", "rule", "name", "severity", "object", "record_type", "value", "records", "since", "finding",
             "advice", "evidence")  # fmt: skip
    header = [lang(f"report.audit.{name}") for name in names]
    if report.money is not None:
        header += [lang("report.audit.open_deals"), lang("report.audit.won_deals")]
        for currency in currencies:
            header += [_currency(lang, "open_amount", currency), _currency(lang, "won_amount", currency)]
    rows = [[*_said(report, one, lang), *_priced(report.worth(one), currencies)] for one in report.findings]
    money = [COUNT, COUNT, *[MONEY] * (2 * len(currencies))]
    formats: Sequence[str | None] = [*[None] * 7, COUNT, *[None] * 4, *money]
    return Sheet(lang("report.audit.findings"), header, rows, formats)


def _said(report: AuditReport, one: Finding, lang: Language) -> list[Any]:
    since = one.since
    return [
        lang(f"audit.step.{step_of(one.code)}"),
        one.code,
        lang(f"rule.{one.code}.title"),
        lang(f"audit.severity.{one.severity}"),
        lang(f"ui.object.{one.object}") if one.object else None,
        one.record_type,
        one.value,
        one.records,
        since.date() if since is not None else None,
        message(one, lang),
        lang.text(one.suggestion),
        " · ".join(
            [
                *evidence(report, one, lang),
                *(f"{label}: {text}" for label, text in sentences(lang, one, report.used.pact)),
            ]
        ),
    ]


def _priced(found: Money | None, currencies: Sequence[str]) -> list[Any]:
    """Nothing where the CRM delivers no deals; an empty cell where no amount is known, never a zero."""
    if found is None:
        return []
    by = {amount.currency or "": amount for amount in found.amounts}
    cells: list[Any] = [found.open, found.won]
    for currency in currencies:
        own = by.get(currency)
        cells += [own.open, own.won] if own is not None else [None, None]
    return cells


def _currency(lang: Language, name: str, currency: str) -> str:
    return lang(f"report.audit.{name}", currency=currency or lang("report.audit.no_currency"))


def _not_checked(report: AuditReport, lang: Language) -> Sheet:
    header = [lang(f"report.audit.{name}") for name in ("rule", "name", "needs")]
    rows = [[one.code, lang(f"rule.{one.code}.title"), lang.text(one.message)] for one in report.not_checked]
    return Sheet(lang("report.audit.not_checked"), header, rows)


def _aside(report: AuditReport, lang: Language) -> Sheet:
    header = [lang(f"report.audit.{name}") for name in ("rule", "value", "finding", "reason", "until")]
    rows = [[one.code, one.value, message(one, lang), impersonal(why.reason), why.until] for one, why in report.aside]
    return Sheet(lang("report.audit.aside"), header, rows)


def _about(report: AuditReport, lang: Language) -> Sheet:
    pact = report.used.pact
    rows: list[list[Any]] = [
        [lang("report.audit.title", name=pact.name), standing(report.used, lang)],
        *([line, None] for line in (*about(report, lang), *feet(report, lang))),
    ]
    return Sheet(lang("ui.export.about"), [], rows)
