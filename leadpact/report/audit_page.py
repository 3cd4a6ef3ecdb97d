"""The audit as one HTML file to hand over: without scripts, without anything from elsewhere, A4 in print.

Every text goes through Jinja's escaping; the template only lays out what stands here.

Not here: what is in it (audit.py), the workbook (audit_book.py).
"""

from __future__ import annotations

import re
from typing import Any

from leadpact.audit import behaviour_told, told
from leadpact.audit.rule import SEVERITIES, Finding
from leadpact.audit.shown import shown
from leadpact.audit.steps import Standing
from leadpact.language import Language
from leadpact.report.audit import AuditReport
from leadpact.report.page import conditions, standing, template
from leadpact.report.sentences import short
from leadpact.workspace import Analysis

TITLES = ("summary", "most", "step", "state", "records", "money", "finding", "not_checked", "aside", "reason", "until",
          "definitions", "stage", "kind", "meaning", "statuses", "needs", "rule", "advice")  # fmt: skip
POINTS = 9
HIDDEN = "•••"
NAMING = {"ROU03": ("routes", "names")}  # parameters of a message that may be names of people
_PERSONAL = re.compile(r"\S+@\S+|\+?\d[\d\s().-]{6,}\d")


def html(report: AuditReport, lang: Language) -> str:
    """The whole document, in the reader's language."""
    return template("audit.html.j2").render(lang=lang.code.replace("_", "-"), points=POINTS, **view(report, lang))


def file_name(one: AuditReport | Analysis, ending: str) -> str:
    """`leadpact-audit-2026-03-02.html`: of the day of its data in the pact's zone."""
    return f"leadpact-audit-{told.local(one.as_of, one.used.pact.zone).date().isoformat()}.{ending}"


def view(report: AuditReport, lang: Language) -> dict[str, Any]:
    """Everything the template shows, as texts ready to be read."""
    findings = report.findings
    return {
        "t": {name: lang(f"report.audit.{name}") for name in TITLES},
        "title": lang("report.audit.title", name=short(report.used.pact.name, 90)),
        "standing": standing(report.used, lang),
        "draft": report.used.draft,
        "draft_text": lang("report.draft"),
        "about": about(report, lang),
        "counts": [
            *((lang(f"page.findings.count.{level}"), lang.number(_count(findings, level))) for level in SEVERITIES),
            (lang("report.audit.not_checked"), lang.number(len(report.not_checked))),
            (lang("report.audit.aside"), lang.number(len(report.aside))),
        ],
        "severities": [lang(f"page.findings.count.{level}") for level in SEVERITIES],
        "with_money": report.money is not None,
        "steps": [_step(report, one, number, lang) for number, one in enumerate(report.steps, start=1)],
        "not_checked": [(one.code, lang(f"rule.{one.code}.title"), lang.text(one.message))
                        for one in report.not_checked],
        "aside": [
            (one.code, shown(one.value), message(one, lang), impersonal(why.reason), lang.day(why.until))
            for one, why in report.aside
        ],
        "stages": definitions(report, lang),
        "terms": [(one.term, one.meaning) for one in report.used.pact.glossary],
        "feet": feet(report, lang),
    }  # fmt: skip


def _step(report: AuditReport, one: Standing, number: int, lang: Language) -> dict[str, Any]:
    by_rule: dict[str, list[Finding]] = {}
    for finding in one.findings:
        by_rule.setdefault(finding.code, []).append(finding)
    nothing = [] if one.findings else [lang("page.findings.nothing", count=one.checked)]
    if one.unchecked:
        nothing.append(lang("page.findings.step.unchecked", count=len(one.unchecked)))
    return {
        "number": number,
        "name": lang(f"audit.step.{one.step}"),
        "state": one.state,
        "state_text": lang(f"audit.step.state.{one.state}"),
        "counts": [lang.number(one.count(level)) for level in SEVERITIES],
        "records": lang.number(one.records) if one.records else "–",
        "advice": [lang(f"audit.step.{one.step}.do"), lang(f"audit.step.{one.step}.why")],
        "note": " · ".join(nothing),
        "rules": [_rule(report, code, some, lang) for code, some in by_rule.items()],
    }


def _rule(report: AuditReport, code: str, some: list[Finding], lang: Language) -> dict[str, Any]:
    return {
        "code": code,
        "title": lang(f"rule.{code}.title"),
        "reason": lang(f"rule.{code}.reason"),
        "findings": [
            {
                "severity": one.severity,
                "severity_text": lang(f"audit.severity.{one.severity}"),
                "message": message(one, lang),
                "advice": lang.text(one.suggestion),
                "evidence": " · ".join(evidence(report, one, lang)),
                "behaviour": behaviour_told.sentences(lang, one, report.used.pact),
                "records": lang.number(one.records) if one.records else "–",
                "money": "; ".join(worth(report, one, lang)),
            }
            for one in some
        ],
    }


def message(one: Finding, lang: Language) -> str:
    """What was found; who routing names is left to the pact."""
    hidden = {name: HIDDEN for name in NAMING.get(one.code, ()) if name in one.message.params}
    return lang(one.message.key, **{**one.message.params, **hidden})


def evidence(report: AuditReport, one: Finding, lang: Language) -> list[str]:
    """As the page tells it, without anything that could name a person."""
    return told.evidence(lang, one, report.used.pact.zone, impersonal=True)


def worth(report: AuditReport, one: Finding, lang: Language) -> list[str]:
    """The deals behind a finding in words; empty without any, and where the CRM delivers none."""
    found = report.worth(one)
    return told.money(lang, found) if found is not None and found.deals else []


def about(report: AuditReport, lang: Language) -> list[str]:
    """As of when, and of which part."""
    pact = report.used.pact
    found = [lang("report.as_of", at=lang.moment(report.as_of, pact.zone), zone=pact.timezone)]
    if report.conditions:
        found.append(lang("report.only", conditions=short(conditions(report.conditions, lang), 120)))
    return found


def definitions(report: AuditReport, lang: Language) -> list[tuple[str, str, str, str]]:
    """Every stage: label, kind, meaning, and the statuses that mean it."""
    pact = report.used.pact
    rows = []
    for stage in pact.stages:
        said = [
            f"{lang(f'ui.object.{object}')}: {', '.join(shown(value) or lang('ui.unknown') for value in values)}"
            for object in ("lead", "contact")
            if (values := [value for value, key in pact.status_map.of(object).items() if key == stage.key])
        ]
        rows.append((stage.label, lang(f"stage_kind.{stage.kind}"), stage.meaning, " · ".join(said)))
    return rows


def feet(report: AuditReport, lang: Language) -> list[str]:
    """What it all stands on."""
    pact = report.used.pact
    return [
        lang("report.audit.stands_on", name=short(pact.name), standing=standing(report.used, lang), hash=pact.hash[:12],
             connection=report.connection, generation=str(report.generation),
             synced=lang.moment(report.synced_at, pact.zone)),
        lang("report.audit.coverage", share=lang.percent(report.coverage)) + " "
        + lang("page.today.history", history=lang(f"ui.history.{report.history}")),
        lang("report.audit.no_persons"),
    ]  # fmt: skip


def impersonal(text: str) -> str:
    """The text with addresses and numbers somebody could be reached by taken out."""
    return _PERSONAL.sub(HIDDEN, text)


def _count(findings: list[Finding], level: str) -> int:
    return sum(one.severity == level for one in findings)
