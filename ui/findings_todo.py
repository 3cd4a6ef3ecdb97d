"""What is wrong and what to do first: the findings under the six steps, in the order of the work.

Not here: which rule belongs to which step (leadpact/audit/steps.py), a rule and its findings (findings_view.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from leadpact.audit import Audit, Finding
from leadpact.audit.money import Money
from leadpact.audit.rule import SEVERITIES
from leadpact.audit.steps import Standing, ordered, standing, step_of
from ui import audits, figures, findings_card, findings_filters, findings_report, findings_suppress, findings_view
from ui.errors import plain
from ui.page import Page

LOOKS = {
    "todo": ("orange", ":material/pending:"),
    "done": ("green", ":material/check_circle:"),
    "unknown": ("gray", ":material/help:"),
}


def show(page: Page, result: Audit) -> None:
    """The six steps, each with its state and the findings the filters leave in it."""
    summary(page, result.findings)
    findings_report.buttons(page, result)
    findings_suppress.told(page, audits.whole(page))
    worth = findings_view.money(page)
    found = findings_filters.chosen(page, result.findings) if result.findings else []
    steps = standing(result, pact=page.used.pact)
    first = next((one.step for one in steps if one.state == "todo"), None)
    filtered = len(found) < len(result.findings)
    if filtered and not found:
        st.info(page.text("none_left"), icon=":material/filter_alt_off:")
    for number, one in enumerate(steps, start=1):
        left = [finding for finding in found if step_of(finding.code) == one.step]
        if left or not filtered:
            _step(page, number, one, left, worth, first=one.step == first)


def summary(page: Page, found: Iterable[Finding]) -> None:
    """How many findings of each severity."""
    levels = [one.severity for one in found]
    lang = page.lang
    figures.row(
        (lang(f"page.findings.count.{level}"), lang.number(levels.count(level)), lang("term.severity.text"))
        for level in SEVERITIES
    )


def _step(
    page: Page, number: int, one: Standing, left: Sequence[Finding], worth: Mapping[str, Money], *, first: bool
) -> None:
    lang = page.lang
    with st.container(border=True, key=page.key(f"step_{one.step}")):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"#### {number} · {plain(lang(f'audit.step.{one.step}'))}", width="content")
            colour, icon = LOOKS[one.state]
            st.badge(lang(f"audit.step.state.{one.state}"), icon=icon, color=colour)  # type: ignore[arg-type]
            if first:
                st.badge(page.text("first"), icon=":material/flag:", color="blue")
        if one.state != "done":
            st.markdown(f"{plain(lang(f'audit.step.{one.step}.do'))} {plain(lang(f'audit.step.{one.step}.why'))}")
        st.caption(plain(_counts(page, one)))
        by_rule: dict[str, list[Finding]] = {}
        for finding in ordered(left, lambda found: worth[found.identity].weight if found.identity in worth else 0.0):
            by_rule.setdefault(finding.code, []).append(finding)
        for code, some in by_rule.items():
            findings_card.rule(page, code, some, worth)


def _counts(page: Page, one: Standing) -> str:
    """`2 errors, 1 warning · 3 rules could not be checked`; what was looked at where nothing was found."""
    lang = page.lang
    if one.step == "scoring" and not one.findings and not page.used.pact.scoring.rules:
        return lang("ui.light.scoring.no_rules")
    said = [lang(f"audit.count.{level}", count=one.count(level)) for level in SEVERITIES if one.count(level)] or [
        page.text("nothing", count=one.checked)
    ]
    told = [", ".join(said)]
    told += [page.text("step.unchecked", count=len(one.unchecked))] if one.unchecked else []
    return " · ".join(told)
