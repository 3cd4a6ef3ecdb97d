"""How findings are drawn: by rule, opened one at a time, each with its evidence and the people behind it.

A rule draws its findings only while it is open, a page of them at a time, and people are read
only when somebody asks: a company of 400 findings costs what it shows.

Not here: the order of the work (findings_todo.py), filters (findings_filters.py), the rules (leadpact/audit).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from leadpact.audit import Finding, told
from leadpact.audit.money import Money
from leadpact.audit.proposal_rows import VALUES
from leadpact.audit.rule import SEVERITIES
from leadpact.language import Text
from ui import findings_evidence, findings_history, findings_suppress, fixes_links, guide_facts, people, state
from ui.errors import plain
from ui.findings_view import FINDING, RULE, behind, money_of
from ui.page import Page
from ui.tables import Kind

COLOURS = {"error": "red", "warning": "orange", "info": "blue"}
SIGNS = {"error": ":red[:material/error:]", "warning": ":orange[:material/warning:]", "info": ":blue[:material/info:]"}
MOST_AT_ONCE = 10


def rule(page: Page, code: str, found: Sequence[Finding], worth: Mapping[str, Money]) -> None:
    """One rule and its findings, folded until somebody wants to see them."""
    lang = page.lang
    linked = state.read(FINDING)
    asked = linked if any(one.identity == linked for one in found) else code if state.read(RULE) == code else None
    key = page.key(f"rule_{code}")
    _unfold(key, asked)
    with st.expander(_title(page, code, found), key=key, on_change="rerun") as folder:
        if not folder.open:
            return
        st.markdown(plain(lang(f"rule.{code}.reason")))
        example = {kind: Text.of(f"rule.{code}.{kind}") for kind in ("bad", "good")}
        st.markdown(f":red[:material/thumb_down:] {plain(lang('page.findings.bad', text=example['bad']))}")
        st.markdown(f":green[:material/thumb_up:] {plain(lang('page.findings.good', text=example['good']))}")
        for one in _some(page, code, found, linked):
            _finding(page, one, worth.get(one.identity), opened=linked == one.identity)
        guide_facts.finding_was_read(page)


def _unfold(key: str, asked: str | None) -> None:
    """Opens a rule once for each link that names it; after that it is the reader's to fold."""
    if asked is not None and st.session_state.get(f"{key}_asked") != asked:
        st.session_state[key] = True
    st.session_state[f"{key}_asked"] = asked


def _title(page: Page, code: str, found: Sequence[Finding]) -> str:
    lang = page.lang
    worst = min(found, key=lambda one: SEVERITIES.index(one.severity)).severity
    records = sum(one.records for one in found)
    said = [lang(f"rule.{code}.title"), lang("page.findings.count", count=len(found))]
    said += [lang("ui.people.count", count=records)] if records else []
    return f"{SIGNS[worst]} **{code}** {plain(' · '.join(said))}"


def _some(page: Page, code: str, found: Sequence[Finding], linked: str | None) -> Sequence[Finding]:
    """The findings of the page that is turned to; first that of the one a link names."""
    pages = -(-len(found) // MOST_AT_ONCE)
    if pages <= 1:
        return found
    place = next((at for at, one in enumerate(found) if one.identity == linked), 0)
    st.caption(plain(page.text("many", shown=MOST_AT_ONCE, total=len(found))))
    turned = st.pagination(pages, default=place // MOST_AT_ONCE + 1, key=page.key(f"pages_{code}"))
    return found[(turned - 1) * MOST_AT_ONCE : turned * MOST_AT_ONCE]


def _finding(page: Page, one: Finding, worth: Money | None, *, opened: bool) -> None:
    lang = page.lang
    with st.container(border=True):
        _badges(page, one)
        st.markdown(f"**{plain(lang.text(one.message))}**")
        st.markdown(f":material/arrow_forward: {plain(lang.text(one.suggestion))}")
        seen = told.evidence(lang, one, page.used.pact.zone)
        if seen:
            st.caption(plain(" · ".join(seen)))
        findings_evidence.show(page, one)
        if opened and worth is None and one.records:
            worth = money_of(page, one)
        deals = told.money(lang, worth) if worth is not None else []
        if deals:
            st.caption(f":material/payments: {plain(page.text('money', said=' · '.join(deals)))}")
        with st.container(horizontal=True, vertical_alignment="center"):
            if one.records:
                _button(page, one, opened)
            _target(page, one)
            fixes_links.of_finding(page, one)
            findings_suppress.offer(page, one)
        findings_suppress.form(page, one)
        if opened and one.records:
            columns: dict[str, Kind] = {"status": "text", "since": "moment"}
            people.show(page, lang("ui.people.behind"), behind, one, key="people", first=columns)


def _target(page: Page, one: Finding) -> None:
    """The way to where the records of this value should go, and what that would change."""
    if one.code in VALUES and one.value is not None and one.records:
        st.button(page.text("proposed"), key=page.key(f"target_{one.identity}"), icon=":material/alt_route:",
                  type="tertiary", help=page.text("proposed.help"), on_click=state.write,
                  args=(state.VIEW, "target"))  # fmt: skip


def _badges(page: Page, one: Finding) -> None:
    lang = page.lang
    with st.container(horizontal=True, gap="small"):
        st.badge(lang(f"audit.severity.{one.severity}"), color=COLOURS[one.severity])  # type: ignore[arg-type]
        if one.object:
            st.badge(lang(f"ui.object.{one.object}"), color="gray")
        if one.record_type is not None:
            st.badge(plain(one.record_type or page.text("type.blank")), color="gray")
        findings_history.badge(page, one)


def _button(page: Page, one: Finding, opened: bool) -> None:
    """Shows the people behind, or puts them away."""
    label = page.lang("page.findings.hide" if opened else "page.findings.show", count=one.records)
    icon = ":material/expand_less:" if opened else ":material/group:"
    wanted = None if opened else one.identity
    st.button(label, key=page.key(f"people_{one.identity}"), icon=icon, on_click=state.write, args=(FINDING, wanted))
