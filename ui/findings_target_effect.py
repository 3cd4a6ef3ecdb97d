"""What the map would change, beside today: figures, a chart of the stages, and tables, when asked for.

Not here: the numbers (leadpact/audit/effect.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from leadpact.audit.effect import WINDOW_DAYS, Effect, Pair, effect
from leadpact.audit.shown import shown
from leadpact.commands.proposal_effect import points, signed
from leadpact.workspace import Analysis
from ui import charts, tables
from ui.errors import plain
from ui.page import Page
from ui.tables import Kind

SIMULATED = "_target_simulated"
THREE: dict[str, Kind] = {"today": "count", "after": "count", "change": "text"}
RATES: dict[str, Kind] = {"rate_today": "share", "rate_after": "share", "rate_change": "text"}
HOURS: dict[str, Kind] = {"hours_today": "span", "hours_after": "span"}


def show(page: Page, named: Any) -> None:
    """The button, and once it was pressed for this very map, the effect."""
    st.subheader(page.text("target.effect"), anchor=False)
    st.markdown(plain(page.text("target.effect.intro")))
    if st.session_state.get(SIMULATED) != named.map.hash and not st.button(
        page.text("target.simulate"), key=page.key("target_simulate"), icon=":material/science:"
    ):
        return
    st.session_state[SIMULATED] = named.map.hash
    result: Effect = page.cached_whole(computed, named)
    if not result.changed and not result.people:
        st.info(page.text("target.effect.none"), icon=":material/info:")
        _untold(page, result)
        return
    _figures(page, result)
    _stages(page, result)
    _values(page, result)
    _rates(page, result)
    _untold(page, result)


def computed(analysis: Analysis, named: Any) -> Effect:
    """As `leadpact.audit.effect.effect`."""
    return effect(analysis, named.map)


def _labels(page: Page) -> dict[str, str]:
    return {**{stage.key: shown(stage.label) for stage in page.used.pact.stages},
            "unmapped": page.lang("proposal.unmapped")}  # fmt: skip


def _figures(page: Page, result: Effect) -> None:
    """What changes, then the figures people will ask about, each with its difference."""
    lang = page.lang
    with st.container(horizontal=True, gap="small"):
        text = page.text("target.effect.changed.help", people=result.people)
        st.metric(
            page.text("target.effect.changed"),
            lang.number(result.changed),
            help=plain(text),
            border=True,
            height="stretch",
        )
        for policy, pairs in result.sla:
            one = pairs["compliance"]
            _metric(page, page.text("target.effect.sla", policy=shown(policy)), one, lang.percent,
                    lambda value: points(lang, value))  # fmt: skip
        steps = [row for row in result.funnel if row[1]["converted"].difference]
        for stage, pairs in sorted(steps, key=lambda row: -abs(row[1]["converted"].difference or 0))[:2]:
            label = page.text("target.effect.reached", stage=_labels(page).get(stage, stage), days=WINDOW_DAYS)
            _metric(page, label, pairs["converted"], lang.number, lang.number)


def _metric(page: Page, label: str, pair: Pair, written: Any, difference: Any) -> None:
    change = signed(pair.difference, difference)
    help_text = page.text("target.effect.today", value=written(pair.before))
    st.metric(plain(label), written(pair.after), delta=None if change in ("=", "–") else change, delta_color="off",
              delta_arrow="off", help=plain(help_text), border=True, height="stretch")  # fmt: skip


def _stages(page: Page, result: Effect) -> None:
    lang, labels = page.lang, _labels(page)
    st.markdown(f"**{plain(page.text('target.effect.stages'))}**")
    st.caption(plain(page.text("target.effect.stages.help")))
    names = [labels[one.stage or ""] for one in result.stages]
    series = [
        (page.text(f"target.effect.{side}"), colour, [getattr(one, name) for one in result.stages],
         [lang.number(getattr(one, name)) for one in result.stages], [None] * len(result.stages))
        for side, name, colour in (("now", "before", charts.QUIET), ("then", "after", charts.GOOD))
    ]  # fmt: skip
    charts.show(charts.bars(names, series, lang, stacked=False), key=page.key("target_stages_chart"),
                alt=page.text("target.effect.stages"))  # fmt: skip
    rows = [{"stage": labels[one.stage or ""], **_three(page, Pair(one.before, one.after))} for one in result.stages]
    _table(page, rows, {"stage": "text", **THREE}, "stages")


def _values(page: Page, result: Effect) -> None:
    lang = page.lang
    rows = [
        {"object": lang(f"ui.object.{one.object}"), "status": shown(one.value) or lang("proposal.blank"),
         **_three(page, Pair(one.before, one.after))}
        for one in result.values
        if one.difference
    ]  # fmt: skip
    if rows:
        with st.expander(page.text("target.effect.values", count=len(rows)), key=page.key("target_values_open")):
            _table(page, rows, {"object": "text", "status": "text", **THREE}, "values")


def _rates(page: Page, result: Effect) -> None:
    """Funnel, time in stage and SLA."""
    labels = _labels(page)
    with st.expander(page.text("target.effect.funnel", days=WINDOW_DAYS), key=page.key("target_funnel_open")):
        st.caption(plain(page.text("target.effect.funnel.help", days=WINDOW_DAYS, **_coverage(page, result.funnels))))
        rows = [
            {"stage": labels.get(key, key), **_three(page, pairs["converted"]), **_share(page, pairs["mature_rate"])}
            for key, pairs in result.funnel
        ]
        _table(page, rows, {"stage": "text", **THREE, **RATES}, "funnel")
    with st.expander(page.text("target.effect.velocity"), key=page.key("target_velocity_open")):
        text = page.text("target.effect.velocity.help", **_coverage(page, result.velocities))
        st.caption(plain(text))
        rows = [
            {"stage": labels.get(key, key), **_three(page, pairs["median_days"], digits=1)}
            for key, pairs in result.velocity
        ]
        kinds: dict[str, Kind] = {"stage": "text", "today": "number", "after": "number", "change": "text"}
        _table(page, rows, kinds, "velocity")
    if result.sla:
        with st.expander(page.text("target.effect.sla_table"), key=page.key("target_sla_open")):
            rows = [
                {"policy": shown(key), **_share(page, pairs["compliance"]),
                 "hours_today": pairs["median_hours"].before, "hours_after": pairs["median_hours"].after,
                 "overdue_today": pairs["overdue"].before, "overdue_after": pairs["overdue"].after}
                for key, pairs in result.sla
            ]  # fmt: skip
            counts: dict[str, Kind] = {"overdue_today": "count", "overdue_after": "count"}
            _table(page, rows, {"policy": "text", **RATES, **HOURS, **counts}, "sla")


def _coverage(page: Page, both: tuple[Any, Any]) -> Mapping[str, str]:
    return {"before": page.lang.percent(both[0].coverage), "after": page.lang.percent(both[1].coverage)}


def _three(page: Page, pair: Pair, digits: int = 0) -> dict[str, Any]:
    change = signed(pair.difference, lambda value: page.lang.number(value, digits))
    return {"today": pair.before, "after": pair.after, "change": change}


def _share(page: Page, pair: Pair) -> dict[str, Any]:
    change = signed(pair.difference, lambda value: points(page.lang, value))
    return {"rate_today": pair.before, "rate_after": pair.after, "rate_change": change}


def _table(page: Page, rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, Kind], name: str) -> None:
    named = {column: page.text(f"target.table.{column}") for column in kinds}
    frame = pd.DataFrame({label: [row[column] for row in rows] for column, label in named.items()}, dtype="object")
    shown_as = {named[column]: kind for column, kind in kinds.items()}
    tables.show(frame, shown_as, page.lang, key=page.key(f"target_{name}"), zone=page.used.pact.zone)


def _untold(page: Page, result: Effect) -> None:
    """What these numbers do not say."""
    lang = page.lang
    told = [lang(f"proposal.untold.{name}", count=getattr(result, name)) for name in ("open", "frozen", "silent")
            if getattr(result, name)]  # fmt: skip
    lines = [f"- {plain(line)}" for line in (*told, page.text("target.effect.behaviour"))]
    st.caption("\n".join([plain(page.text("target.effect.untold")), "", *lines]))
