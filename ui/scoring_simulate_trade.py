"""Fast or well done: one slider over the threshold, what each costs, and the threshold into the draft.

Not here: the trade itself (leadpact/scoring/trade.py), saving drafts (definition_draft.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from config.drafts import Conflict
from leadpact.errors import LeadPactError
from leadpact.scoring import simulate_words as said
from leadpact.scoring.simulate import Simulation
from leadpact.scoring.trade import Point
from ui import access, authors, charts, definition_draft, figures, listing
from ui import scoring_simulate_chart as chart
from ui.access import EDIT_PACT
from ui.definition_draft import Opened, Standing
from ui.errors import plain
from ui.page import Page

_NOTE = "_simulate_note"


def show(page: Page, told: Simulation, standing: Standing) -> None:
    """The slider with its figures, the curve, and the advice."""
    lang = page.lang
    st.subheader(page.text("simulate.trade"), anchor=False)
    if not told.curve:
        st.write(said.advice(lang, told))
        return
    st.caption(plain(page.text("simulate.trade.reading")))
    st.markdown(f":material/{'star' if told.recommended else 'info'}: {plain(said.advice(lang, told))}")
    if told.question.capacity is None:
        st.caption(plain(page.text("simulate.trade.no_capacity")))
    chosen = _slider(page, told)
    rows = said.of_point(lang, chosen)
    figures.row([
        (page.text("simulate.trade.per_week"), lang.number(chosen.per_week, 1), None),
        (page.text("simulate.trade.conversion"), lang.percent(chosen.converted.rate), rows["conversion"]),
        (page.text("simulate.trade.recall"), lang.percent(chosen.recall.rate), rows["recall"]),
        (page.text("simulate.trade.lift"), rows["lift"], None),
    ])  # fmt: skip
    if chosen.small:
        st.caption(plain(page.text("simulate.trade.few")))
    _use(page, chosen, standing)
    names = (page.text("simulate.trade.own"), page.text("simulate.trade.best"), page.text("simulate.trade.chosen"))
    texts = [_said(page, one) for one in told.curve]
    charts.show(chart.trade(told, lang, chosen, names, texts), key=page.key("simulate_trade"),
                alt=said.advice(lang, told))  # fmt: skip
    table = [
        {"sim_threshold": _written(page, one.threshold), "sim_per_week": one.per_week, **_row(page, one)}
        for one in told.curve
    ]
    listing.show(page, table, {"sim_threshold": "text", "sim_per_week": "number", "sim_greens": "text",
                               "sim_conversion": "text", "sim_recall": "text", "sim_lift": "text"},
                 key="simulate_trade_table")  # fmt: skip


def _row(page: Page, one: Point) -> dict[str, Any]:
    return {f"sim_{name}": text for name, text in said.of_point(page.lang, one).items()}


def _slider(page: Page, told: Simulation) -> Point:
    """The threshold looked at: the well-done one at first, else the draft's own."""
    by = {one.threshold: one for one in told.curve}
    usual = told.recommended or told.after.point or told.curve[len(told.curve) // 2]
    key = page.key("simulate_threshold")
    if st.session_state.get(key) not in by:
        st.session_state[key] = usual.threshold if usual.threshold in by else told.curve[0].threshold
    if len(by) > 1:
        st.select_slider(page.text("simulate.trade.slider"), list(by), key=key,
                         format_func=lambda one: _written(page, one))  # fmt: skip
    return by[st.session_state[key]]


def _written(page: Page, threshold: float) -> str:
    return page.lang.number(threshold, 0 if float(threshold).is_integer() else 1)


def _said(page: Page, one: Point) -> str:
    low, high = one.converted.interval or (0.0, 0.0)
    lang = page.lang
    return page.text("simulate.trade.said", threshold=one.threshold, rate=lang.percent(one.converted.rate),
                     low=lang.percent(low), high=lang.percent(high), per_week=lang.number(one.per_week, 1),
                     greens=one.greens)  # fmt: skip


def _use(page: Page, chosen: Point, standing: Standing) -> None:
    """The threshold into the draft; nothing is signed by it."""
    note: tuple[bool, str] | None = st.session_state.pop(_NOTE, None)
    if note is not None:
        (st.success if note[0] else st.error)(plain(note[1]))
    page.link("definition", page.text("to_sign"), view="versions")
    ready = standing.document.get("sales_ready") or {}
    if not (access.may(page.visitor, EDIT_PACT) and standing.editable) or ready.get("threshold") == chosen.threshold:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        authors.ask(page)
        st.button(page.text("simulate.trade.use", threshold=chosen.threshold), key=page.key("simulate_use"),
                  icon=":material/edit:", on_click=_put, args=(page, chosen.threshold, standing))  # fmt: skip


def _put(page: Page, threshold: float, standing: Standing) -> None:
    """Raises NotAllowed for a visitor without the role."""
    access.acting(page.visitor, EDIT_PACT)
    number: float | int = int(threshold) if threshold.is_integer() else threshold
    ready = {**(standing.document.get("sales_ready") or {}), "threshold": number}
    draft, revision = (standing.draft.id, standing.draft.revision) if standing.draft else (None, 0)
    own = Opened("sales_ready", None, standing.document, draft, revision, 0, None)
    try:
        definition_draft.send(page, own, {"sales_ready": ready}, authors.named(page, EDIT_PACT))
    except (Conflict, LeadPactError) as error:
        st.session_state[_NOTE] = (False, page.lang.error(error))
    else:
        st.session_state[_NOTE] = (True, page.text("simulate.trade.used", threshold=threshold))
