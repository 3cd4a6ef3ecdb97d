"""How findings are drawn: by group and rule, each with evidence and the people behind it.

Not here: the rules (leadpact/audit).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from leadpact import audit
from leadpact.audit import Audit, Finding
from leadpact.audit.registry import find
from leadpact.audit.rule import SEVERITIES
from leadpact.language import Language, Text
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import figures, moments, people, state
from ui.errors import plain
from ui.page import Page

SEVERITY, OBJECT, RULE, FINDING = "severity", "object", "rule", "finding"
COLOURS = {"error": "red", "warning": "orange", "info": "blue"}
SIGNS = {"error": ":red[:material/error:]", "warning": ":orange[:material/warning:]", "info": ":blue[:material/info:]"}
MOST_OF_A_RULE = 25
UNTOLD = (
    "statuses",
    "people",
    "why",
    "near",
    "target",
    "stage",
    "confidence",
)  # the message says these, or nobody asks


def run(analysis: Analysis) -> Audit:
    """As `leadpact.audit.run`."""
    return audit.run(analysis)


def behind(analysis: Analysis, finding: Finding) -> Table:
    """As `leadpact.audit.people`."""
    return audit.people(analysis, finding)


def chosen(page: Page, found: Sequence[Finding]) -> list[Finding]:
    """The filters, and the findings they leave."""
    lang = page.lang
    choices: dict[str, tuple[list[str], Callable[[str], str]]] = {
        SEVERITY: (list(SEVERITIES), lambda value: lang(f"audit.severity.{value}")),
        OBJECT: (sorted({one.object for one in found if one.object}), lambda value: lang(f"ui.object.{value}")),
        RULE: (sorted({one.code for one in found}), lambda value: f"{value} · {lang(f'rule.{value}.title')}"),
    }
    left = list(found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name, (options, shown) in choices.items():
            wanted = state.read(name) if state.read(name) in options else None
            _pick(page, name, options, wanted, shown)
            attribute = "code" if name == RULE else name
            left = [one for one in left if wanted is None or getattr(one, attribute) == wanted]
    return left


def _pick(page: Page, name: str, options: Sequence[str], wanted: str | None, shown: Callable[[str], str]) -> None:
    none = page.lang(f"page.findings.{name}.all")
    state.pick(
        page.lang(f"page.findings.{name}"),
        page.key(name),
        name,
        options,
        wanted,
        shown=lambda value: none if value is None else shown(value),
        width=250,
    )


def summary(page: Page, found: Iterable[Finding]) -> None:
    """How many findings of each severity."""
    levels = [one.severity for one in found]
    lang = page.lang
    figures.row((lang(f"page.findings.count.{level}"), lang.number(levels.count(level)), None) for level in SEVERITIES)


def groups(found: Sequence[Finding]) -> dict[str, dict[str, list[Finding]]]:
    """Findings by group of their rule (the first that says more than "core"), then by rule."""
    grouped: dict[str, dict[str, list[Finding]]] = {}
    for one in found:
        group = next((name for name in find(one.code).groups if name != "core"), "core")
        grouped.setdefault(group, {}).setdefault(one.code, []).append(one)
    return grouped


def rule(page: Page, code: str, found: Sequence[Finding]) -> None:
    """One rule and its findings, folded until somebody wants to see them."""
    lang = page.lang
    opened = state.read(FINDING)
    worst = min(found, key=lambda one: SEVERITIES.index(one.severity)).severity
    records = sum(one.records for one in found)
    said = [lang(f"rule.{code}.title"), lang("page.findings.count", count=len(found))]
    said += [lang("ui.people.count", count=records)] if records else []
    title = f"{SIGNS[worst]} **{code}** {plain(' · '.join(said))}"
    with st.expander(title, expanded=any(one.identity == opened for one in found), key=page.key(f"rule_{code}")):
        st.markdown(plain(lang(f"rule.{code}.reason")))
        example = {kind: Text.of(f"rule.{code}.{kind}") for kind in ("bad", "good")}
        st.markdown(f":red[:material/thumb_down:] {plain(lang('page.findings.bad', text=example['bad']))}")
        st.markdown(f":green[:material/thumb_up:] {plain(lang('page.findings.good', text=example['good']))}")
        for one in found[:MOST_OF_A_RULE]:
            _finding(page, one, opened == one.identity)
        if len(found) > MOST_OF_A_RULE:
            st.caption(plain(lang("page.findings.more", shown=MOST_OF_A_RULE, total=len(found))))


def _finding(page: Page, one: Finding, opened: bool) -> None:
    lang = page.lang
    with st.container(border=True):
        with st.container(horizontal=True, gap="small"):
            st.badge(lang(f"audit.severity.{one.severity}"), color=COLOURS[one.severity])  # type: ignore[arg-type]
            if one.object:
                st.badge(lang(f"ui.object.{one.object}"), color="gray")
        st.markdown(f"**{plain(lang.text(one.message))}**")
        st.markdown(plain(lang.text(one.suggestion)))
        told = evidence(page, one)
        if told:
            st.caption(plain(" · ".join(told)))
        if one.records:
            label = lang("page.findings.hide" if opened else "page.findings.show", count=one.records)
            icon = ":material/expand_less:" if opened else ":material/group:"
            wanted = None if opened else one.identity
            st.button(
                label, key=page.key(f"people_{one.identity}"), icon=icon, on_click=state.write, args=(FINDING, wanted)
            )
        if opened:
            title = lang("ui.people.behind")
            people.show(page, title, behind, one, key="people", first={"status": "text", "since": "moment"})


def evidence(page: Page, one: Finding) -> list[str]:
    """Who, how many, since when: what the rule saw, in words."""
    lang, zone = page.lang, page.used.pact.zone
    told = [lang("page.findings.since", at=moments.shown(lang, one.since, zone))] if one.since else []
    for name, value in one.evidence.items():
        if value is not None and name not in UNTOLD and (name, value) != ("frozen", 0):
            key = f"ui.evidence.{name}"
            label = lang(key) if lang.has(key) else name.replace("_", " ")
            told.append(f"{label}: {_said(lang, zone, name, value)}")
    return told


def _said(lang: Language, zone: Any, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return lang("ui.yes" if value else "ui.no")
    if isinstance(value, (int, float)):
        return lang.percent(value) if name == "share" else lang.number(value)
    if isinstance(value, datetime):
        return moments.shown(lang, value, zone)
    if isinstance(value, Mapping):
        return ", ".join(f"{inner} {_said(lang, zone, name, number)}" for inner, number in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    key = f"ui.evidence.{name}.{value}"
    return lang(key) if lang.has(key) else str(value)
