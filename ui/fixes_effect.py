"""What a plan would do to funnel and SLA, before and after: small, and honest about what it does not say.

Not here: the numbers (leadpact/writeback/review_effect.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from leadpact.audit.effect import WINDOW_DAYS, Effect, Pair
from leadpact.audit.shown import shown
from leadpact.commands.proposal_effect import points, signed
from leadpact.workspace import Analysis
from leadpact.writeback import review_effect
from leadpact.writeback.review_effect import PlanEffect
from ui import fixes_table
from ui.fixes_desk import Desk
from ui.tables import Kind

AT_ONCE = 20_000  # records up to which nobody is asked to wait for it
_ASKED = "_seen_fixes_effect"


def computed(analysis: Analysis, of: Any) -> PlanEffect | None:
    """As `leadpact.writeback.review_effect.effect`."""
    return review_effect.effect(of.engine, analysis, of.plan)


def show(desk: Desk, of: Any) -> None:
    """The effect; on a click where there is much to compute."""
    page = desk.page
    st.markdown(f"**{desk.text('effect')}**")
    if of.plan.records > AT_ONCE and st.session_state.get(_ASKED) != of.plan.id:
        if not st.button(page.text("effect.simulate"), key=desk.key("effect"), icon=":material/science:"):
            return
        st.session_state[_ASKED] = of.plan.id
    found: PlanEffect | None = page.cached_whole(computed, of)
    if found is None:
        st.caption(desk.text("effect.none"))
        return
    st.caption(desk.text("effect.help", count=found.effect.changed))
    _funnel(desk, found.effect)
    _sla(desk, found.effect)
    numbers = {"unmapped": found.unmapped, "since": found.since, "silent": found.effect.silent}
    told = [desk.text(f"effect.{name}", count=number) for name, number in numbers.items() if number]
    st.caption("\n".join(f"- {line}" for line in (*told, desk.text("effect.behaviour"))))


def _funnel(desk: Desk, one: Effect) -> None:
    labels = {stage.key: shown(stage.label) for stage in desk.page.used.pact.stages}
    rows = [
        {"what": desk.page.text("effect.stage", stage=labels[each.stage]) if each.stage in labels
                 else desk.page.text("effect.no_stage"),
         **_counts(desk, Pair(each.before, each.after))}
        for each in one.stages
        if each.before != each.after
    ]  # fmt: skip
    rows += [
        {"what": desk.page.text("effect.reached", stage=labels.get(key, key), days=WINDOW_DAYS),
         **_counts(desk, pairs["converted"])}
        for key, pairs in one.funnel
        if pairs["converted"].difference
    ]  # fmt: skip
    kinds: dict[str, Kind] = {"what": "text", "today": "count", "then": "count", "change": "change"}
    if rows:
        fixes_table.show(desk, rows, kinds, key="effect_funnel", download=False)
    else:
        st.caption(desk.text("effect.no_funnel"))


def _sla(desk: Desk, one: Effect) -> None:
    rows = [
        {"what": desk.page.text("effect.sla", policy=shown(policy)), "today": pairs["compliance"].before,
         "then": pairs["compliance"].after,
         "change": _points(desk, pairs["compliance"])}
        for policy, pairs in one.sla
    ]  # fmt: skip
    kinds: dict[str, Kind] = {"what": "text", "today": "share", "then": "share", "change": "change"}
    fixes_table.show(desk, rows, kinds, key="effect_sla", download=False)


def _points(desk: Desk, pair: Pair) -> str:
    """The difference in points; one too small for a digit is no equality."""
    told = signed(pair.difference, lambda value: points(desk.lang, value))
    return "≈" if told == "=" and pair.difference else told


def _counts(desk: Desk, pair: Pair) -> dict[str, Any]:
    return {"today": pair.before, "then": pair.after, "change": signed(pair.difference, desk.lang.number)}
