"""Today's first screen: both complaints tested, and what hurts most.

Not here: promises (today_promises.py), causes (today_causes.py), the lights (today_lights.py),
what it all stands on (today_standing.py), the numbers (leadpact/metrics).
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from leadpact.metrics import quarrel as complaints
from leadpact.metrics import response, response_waiting
from leadpact.metrics.quarrel import Quarrel
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import sla_view, sla_words
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.sla_words import CLOCK_COLUMNS
from ui.tables import Kind

BACK_COLUMNS: dict[str, Kind] = {"reason": "text", "end_value": "text"}
LATE = ("over", "forgotten")


def both_complaints(page: Page, found: Quarrel) -> None:
    """What each team says of the other, and what the data says."""
    lang = page.lang
    sales, marketing = st.columns(2)
    with sales.container(border=True, height="stretch"):
        st.markdown(f"**{lang('page.today.sales')}**")
        opening(page, "sales", _of_sales(page, found))
        if found.in_time is None:
            st.caption(lang("page.today.no_policy" if found.policy is None else "page.today.no_clocks"))
        elif found.mostly_unclear:
            known, every = (lang.number(count) for count in (found.clocks, found.clocks + found.unclear))
            st.caption(plain(page.text("in_time.unclear", known=known, all=every)))
    with marketing.container(border=True, height="stretch"):
        st.markdown(f"**{lang('page.today.marketing')}**")
        opening(page, "marketing", _of_marketing(page, found))
        if found.first_reason is not None:
            st.caption(plain(lang("page.today.reason", reason=found.first_reason, count=found.first_reason_count)))
        elif not found.decided:
            st.caption(lang("page.today.undecided"))


def _of_sales(page: Page, found: Quarrel) -> list[Figure]:
    lang = page.lang
    never = lang("ui.unknown") if found.never_touched is None else lang.number(found.never_touched)
    in_time = lang("ui.unknown") if found.in_time is None else lang.percent(found.in_time)
    met = due = nobody = None
    if found.policy is not None:
        met, due = (Part(sla_words.counted, (found.policy, states), CLOCK_COLUMNS, "started_at")
                    for states in (("met",), response.DUE))  # fmt: skip
        nobody = Part(sla_view.never_touched, (found.policy,), CLOCK_COLUMNS, "started_at")
    facts = {"page.today.policy": found.policy or lang("ui.unknown"), "page.today.range": lang("ui.all_time")}
    return [
        Figure(lang("page.today.in_time"), in_time, page.text("in_time.rule"), facts=facts,
               help=lang("page.today.in_time.help", count=found.clocks), numerator=met, denominator=due),
        Figure(lang("page.sla.never_touched"), never, page.text("never_touched.rule"), facts=facts,
               help=lang("page.sla.never_touched.help"),
               numerator=nobody if found.never_touched is not None else None),
    ]  # fmt: skip


def _of_marketing(page: Page, found: Quarrel) -> list[Figure]:
    lang = page.lang
    rate = lang("ui.unknown") if found.accepted_rate is None else lang.percent(found.accepted_rate)
    back = lang.number(found.decided - found.accepted) if found.decided else lang("ui.unknown")
    help = lang("page.today.accepted.help", part=found.accepted, whole=found.decided)
    taken, sent, both = (Part(decided, (what,), BACK_COLUMNS) for what in ("accepted", "sent_back", "both"))
    facts = {"page.today.range": lang("ui.all_time")}
    return [
        Figure(lang("page.today.accepted"), rate, page.text("accepted.rule"), facts=facts, help=help,
               numerator=taken, denominator=both),
        Figure(lang("page.today.sent_back"), back, page.text("sent_back.rule"), facts=facts,
               help=lang("page.today.sent_back.help"), numerator=sent),
    ]  # fmt: skip


def hurts(page: Page, found: Quarrel, waiting: Mapping[str, int] | None) -> None:
    """The one figure that hurts most: who waits past the target now, else the worse of the two complaints.

    Of a minority whose follow-up is known nobody is told that they hurt.
    """
    late = sum(waiting[name] for name in LATE) if waiting else 0
    in_time = None if found.mostly_unclear else found.in_time
    share = {"late": 1 - in_time if in_time is not None else 0.0,
             "back": 1 - found.accepted_rate if found.accepted_rate is not None else 0.0}  # fmt: skip
    worse = max(share, key=share.__getitem__)
    if late:
        text = page.text("hurts.waiting", count=late)
    elif share[worse]:
        text = page.text("hurts.late" if worse == "late" else "hurts.back", share=page.lang.percent(share[worse]))
    else:
        return
    st.warning(plain(text), icon=":material/priority_high:")  # red is kept for what failed in LeadPact itself


def waiting(page: Page) -> dict[str, int] | None:
    """How many wait now, by urgency; null where no SLA is agreed. Counted once with the list of them."""
    found: dict[str, int] | None = page.cached(response_waiting.counts) if page.used.pact.sla else None
    return found


def tested(analysis: Analysis) -> Quarrel:
    """As `leadpact.metrics.quarrel.quarrel`."""
    return complaints.quarrel(analysis.tables, analysis.pact, analysis.as_of)


def decided(analysis: Analysis, what: str) -> Table:
    """Qualified journeys that were `accepted`, `sent_back`, or `both`. Out: the columns of `send_backs`."""
    rows = complaints.send_backs(analysis.tables, analysis.pact)
    wanted = {"accepted": rows.accepted, "sent_back": rows.sent_back, "both": rows.accepted | rows.sent_back}
    return rows.filter(wanted[what])
