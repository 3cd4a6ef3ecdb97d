"""How Today is drawn: both complaints tested, the lights, the one next action, what holds now.

Not here: the numbers (leadpact/metrics, leadpact/audit), which light is on (lights.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from config import versions
from leadpact.metrics.quarrel import Quarrel, quarrel
from leadpact.workspace import Analysis
from ui import explain, findings_view, lights, registry, sla_view
from ui.errors import plain
from ui.figures import row
from ui.lights import Light
from ui.page import Page

LOOKS = {
    "good": ("green", ":material/check_circle:"),
    "attention": ("orange", ":material/warning:"),
    "bad": ("red", ":material/cancel:"),
    "unknown": ("gray", ":material/help:"),
}


def both_complaints(page: Page, found: Quarrel) -> None:
    """What each team says of the other, and what the data says."""
    lang = page.lang
    sales, marketing = st.columns(2)
    with sales.container(border=True, height="stretch"):
        st.markdown(f"**{lang('page.today.sales')}**")
        never = lang("ui.unknown") if found.never_touched is None else lang.number(found.never_touched)
        in_time = lang.percent(found.in_time) if found.in_time is not None else lang("ui.unknown")
        row(
            [
                (lang("page.today.in_time"), in_time, lang("page.today.in_time.help", count=found.clocks)),
                (lang("page.sla.never_touched"), never, lang("page.sla.never_touched.help")),
            ]
        )
        if found.in_time is None:
            st.caption(lang("page.today.no_policy" if found.policy is None else "page.today.no_clocks"))
        page.link("sla")
    with marketing.container(border=True, height="stretch"):
        st.markdown(f"**{lang('page.today.marketing')}**")
        rate = lang.percent(found.accepted_rate) if found.accepted_rate is not None else lang("ui.unknown")
        back = lang.number(found.decided - found.accepted) if found.decided else lang("ui.unknown")
        text = lang("page.today.accepted.help", part=found.accepted, whole=found.decided)
        row(
            [
                (lang("page.today.accepted"), rate, text),
                (lang("page.today.sent_back"), back, lang("page.today.sent_back.help")),
            ]
        )
        if found.first_reason is not None:
            st.caption(plain(lang("page.today.reason", reason=found.first_reason, count=found.first_reason_count)))
        elif not found.decided:
            st.caption(lang("page.today.undecided"))
        page.link("funnel")


def next_action(page: Page, six: Sequence[Light], waiting: int) -> None:
    """One thing to do next: the first error that is there, then whoever waits past the target."""
    lang = page.lang
    st.subheader(lang("page.today.next"), anchor=False)
    worst = next((one for state in ("bad", "attention") for one in six if one.state == state), None)
    if worst is None and waiting:
        st.warning(plain(lang("page.today.next.call", count=waiting)), icon=":material/call:")
    elif worst is None:
        st.success(lang("page.today.next.none"), icon=":material/task_alt:")
    else:
        with st.container(border=True):
            st.markdown(f":material/arrow_forward: **{plain(lang(f'ui.light.{worst.name}.do'))}**")
            st.caption(plain(lang.text(worst.text)))
            _look(page, worst)


def six_lights(page: Page, six: Sequence[Light]) -> None:
    """The six classic errors, each with its number and the way to it."""
    lang = page.lang
    st.subheader(lang("page.today.six"), anchor=False)
    for pair in zip(six[::2], six[1::2], strict=True):
        for column, one in zip(st.columns(2), pair, strict=True):  # pairs, so that a phone keeps the order
            colour, icon = LOOKS[one.state]
            with column.container(border=True, height="stretch"):
                st.badge(lang(f"ui.light.state.{one.state}"), icon=icon, color=colour)  # type: ignore[arg-type]
                st.markdown(f"**{plain(lang(f'ui.light.{one.name}'))}**  \n{plain(lang.text(one.text))}")
                _look(page, one)


def _look(page: Page, one: Light) -> None:
    if registry.entry(one.page).exists:
        page.link(one.page, **({findings_view.RULE: one.rule} if one.rule else {}))


def standing(page: Page, coverage: float | None) -> None:
    """The version in use, its next review, and how much of the history is known."""
    lang, one = page.lang, page.analysis
    st.subheader(lang("page.today.standing"), anchor=False)
    known = lang.percent(coverage) if coverage is not None else lang("ui.unknown")
    row(
        [
            (lang("ui.explain.pact"), explain.version(page), explain.standing(page)),
            (lang("page.today.review"), _review(page), lang("page.today.review.help")),
            (lang("page.today.coverage"), known, lang("page.funnel.coverage")),
        ]
    )
    st.caption(plain(lang("page.today.history", history=lang(f"ui.history.{one.tables.history}"))))


def _review(page: Page) -> str:
    """The day the definition's review is due: so many days after the last signature."""
    days = page.used.pact.review.definition_every_days
    signed = versions.in_force(versions.history(page.workspace.database)) if page.used.in_force else None
    if days is None or signed is None:
        return page.lang("page.today.review.none")
    last = max(signature.signed_at for signature in signed.signatures)
    return page.lang.day((last + timedelta(days=days)).date())


def tested(analysis: Analysis) -> Quarrel:
    """As `leadpact.metrics.quarrel.quarrel`."""
    return quarrel(analysis.tables, analysis.pact, analysis.as_of)


def overdue(analysis: Analysis) -> int:
    """How many hot leads wait past their target now."""
    waiting = sla_view.waiting_now(analysis)
    return int(waiting.filter(waiting.state == "overdue").count().execute())


def lit(analysis: Analysis, found: Quarrel) -> list[Light]:
    """The six lights, from a whole audit."""
    return lights.all_six(analysis, findings_view.run(analysis), found)
