"""Who waits now: hot leads in the order in which a call still helps, the long forgotten apart.

Not here: the order (leadpact/metrics/response_waiting.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.metrics import response_waiting, sla
from leadpact.metrics.response_waiting import URGENCIES, URGENT
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import people, state
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.sla_words import facts
from ui.tables import Kind

COLUMNS: dict[str, Kind] = {
    "urgency": "state",
    "left_hours": "span",
    "owner": "text",
    "journey": "page",
    "url": "link",
    "due_at": "moment",
    "measured_hours": "span",
    "started_at": "moment",
    "policy": "text",
}


def show(page: Page, by: str | None) -> None:
    """How many wait, by urgency; the urgent ones in order; the forgotten when asked for."""
    lang = page.lang
    counts = page.cached(response_waiting.counts)
    if not sum(counts.values()):
        if page.undated:  # nobody knows, which is not the same as nobody
            page.empty("page.sla.waiting.undated")
        else:
            st.success(page.text("waiting.none"), icon=":material/task_alt:")
        page.footer(**facts(page, None))
        return
    figures = [
        Figure(lang(f"ui.state.{name}"), lang.number(counts[name]), page.text(f"waiting.{name}"),
               help=page.text(f"waiting.{name}"), numerator=Part(in_group, ((name,),), COLUMNS, "rank"))
        for name in URGENCIES
    ]  # fmt: skip
    opening(page, "waiting_figures", figures)
    urgent(page, counts)
    if counts["forgotten"]:
        _forgotten(page, counts)
    page.footer(**{"page.sla.rule": page.text("waiting.rule")})


def _forgotten(page: Page, counts: dict[str, int]) -> None:
    """A list of its own, drawn when asked for; at once where nobody else waits."""
    alone = not any(counts[name] for name in URGENT)
    label = plain(page.text("waiting.show_forgotten", count=counts["forgotten"]))
    if st.toggle(label, value=alone, key=page.key("show_forgotten")):
        st.caption(page.text("waiting.forgotten"))
        people.show(page, page.text("waiting.forgotten_title"), in_group, ("forgotten",), key="forgotten",
                    first=COLUMNS, order="rank")  # fmt: skip


def urgent(page: Page, counts: dict[str, int]) -> None:
    """The ones a call still helps, the most urgent first."""
    if any(counts[name] for name in URGENT):
        people.show(page, page.lang("page.sla.waiting"), in_group, URGENT, key="waiting", first=COLUMNS, order="rank")
    else:
        st.subheader(plain(page.lang("page.sla.waiting")), anchor=False)
        st.write(page.lang("page.sla.waiting.undated" if page.undated else "page.sla.waiting.no_urgent"))


def brief(page: Page) -> None:
    """For other pages: the urgent ones, how many are forgotten, and the way to them."""
    counts = page.cached(response_waiting.counts)
    urgent(page, counts)
    if counts["forgotten"]:
        st.caption(plain(page.lang("page.sla.waiting.more", count=counts["forgotten"])))
        page.link("sla", page.lang("page.sla.waiting.all"), **{state.VIEW: "waiting"})


def in_group(analysis: Analysis, urgencies: tuple[str, ...]) -> Table:
    """The people who wait with these urgencies. Out: the columns of `response_waiting.queue`."""
    rows = response_waiting.queue(analysis.tables, analysis.pact, analysis.as_of)
    return rows.filter(rows.urgency.isin(list(urgencies)))


def waiting_now(analysis: Analysis) -> Table:
    """As `leadpact.metrics.sla.waiting`: a row per clock."""
    return sla.waiting(analysis.tables, analysis.pact, analysis.as_of)
