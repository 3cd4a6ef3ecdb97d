"""Conversion with and without a campaign response, at a landmark: an association with its intervals.

Not here: who is compared, and why at a landmark (leadpact/metrics/campaigns.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from leadpact.metrics import campaigns
from leadpact.metrics.campaigns import Campaigns, Rate
from leadpact.metrics.campaigns_journeys import CREDITS, LANDMARK_DAYS, SPLITS, WINDOW_DAYS, Asked, credits, journeys
from leadpact.metrics.funnel import SMALL, Scope
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, options, people, sla_charts, state, tables
from ui.choice import Choice, known, pick
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.funnel_pipeline_words import (
    CREDIT,
    LANDMARK,
    MOST,
    RESPONDED,
    SPLIT,
    between,
    facts,
    missing,
    note,
    one_of,
    stage,
)
from ui.page import Page
from ui.sla_charts import Dots
from ui.tables import Kind

LANDMARKS = (0, 7, 14, 30, 60)
LEFT_OUT = ("early", "young", "unknown", "invalid")
CALLED = 0.05  # the share of false calls accepted among those made
COLUMNS: dict[str, Kind] = {"entry": "moment", "deal_reached": "flag"}


def show(page: Page, scope: Scope) -> None:
    """What is compared, both sides as figures, rates by campaign with intervals, and the people behind."""
    lang = page.lang
    if missing(page, [name for name in ("campaign_touch",) if name not in page.analysis.tables.provided]):
        return page.footer()
    asked = _asked(page, scope)
    found: Campaigns = page.cached_whole(compute, asked)
    label = page.used.pact.stage(found.stage).label
    rule = lang("campaigns.rule", stage=label, landmark=asked.landmark_days, window=asked.window_days)
    told = facts(page, scope, rule, "page.funnel.entries", found.coverage, early=found.early, young=found.young,
                 times=found.unknown, invalid=found.invalid)  # fmt: skip
    st.caption(plain(rule))
    if not found.rates[0].n:
        page.empty("page.funnel.pipeline.campaigns.none", young=found.young, early=found.early)
        return page.footer(**told)
    _figures(page, found, told)
    st.info(lang("campaigns.association"), icon=":material/balance:")
    shown = found.rates[1 : 3 + MOST]
    note(page.text("pipeline.campaigns.reading", shown=len(shown) - 2, total=len(found.rates) - 3))
    _chart(page, shown)
    _table(page, found)
    if asked.credit == "any":
        st.caption(lang("campaigns.overlap"))
    _people(page, found)
    return page.footer(**told)


def compute(analysis: Analysis, asked: Asked) -> Campaigns:
    """As `leadpact.metrics.campaigns.campaigns`."""
    return campaigns.campaigns(analysis.tables, analysis.pact, analysis.as_of, asked)


def behind(analysis: Analysis, asked: Asked, choice: Choice) -> Table:
    """The journeys of a rate: `choice.of` is its part, or why they are left out; `part` n or converted."""
    rows = journeys(analysis.tables, analysis.pact, analysis.as_of, asked)
    if choice.of in SPLITS:
        rows = credits(rows, analysis.tables, asked)
        rows = rows.filter(rows.group.isnull() if choice.group == "" else rows.group == choice.group)
    elif choice.of in LEFT_OUT:
        rows = rows.filter(rows.part == choice.of)
    else:
        rows = rows.filter(rows.part == "counted")
        if choice.of != "all":
            rows = rows.filter(rows.responded if choice.of == "responded" else ~rows.responded)
    if choice.part == "converted":
        rows = rows.filter(rows.converted)
    return rows.select("object", "record_id", "person_id", "entry", deal_reached="converted")


def _asked(page: Page, scope: Scope) -> Asked:
    """Stage, landmark, split and credit as chosen here; window and range as the page's filters say."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = stage(page)
        days = one_of(page, LANDMARK, [str(day) for day in LANDMARKS], f"{LANDMARK_DAYS:g}",
                      lambda day: page.lang("ui.days", count=int(day)))  # fmt: skip
        split = one_of(page, SPLIT, SPLITS, SPLITS[0], lambda one: page.text(f"pipeline.split.{one}"))
        credit = one_of(page, CREDIT, CREDITS, CREDITS[0], lambda one: page.text(f"pipeline.credit.{one}"))
    return Asked(
        stage=chosen, landmark_days=float(days), window_days=scope.window_days or WINDOW_DAYS,
        by=SPLITS[SPLITS.index(split)],
        credit=CREDITS[CREDITS.index(credit)],
        start=scope.start, end=scope.end,
    )  # fmt: skip


def name(page: Page, one: Rate) -> str:
    """The two sides by their names, campaigns and responses by their own."""
    if one.part in SPLITS:
        return options.shown(page.lang, one.group)
    return page.lang(f"campaigns.part.{one.part}")


def _choice(one: Rate, part: str) -> Choice:
    return Choice(one.part, part, (one.group or "") if one.part in SPLITS else None)


def _figures(page: Page, found: Campaigns, told: dict[str, Any]) -> None:
    """Both rates, and their difference in points with its interval."""
    lang, shown = page.lang, []
    responded = found.rates[1]
    for one in found.rates[1:3]:
        text = page.text("pipeline.campaigns.side.help", part=one.converted, whole=one.n,
                         interval=between(page, one.ci_low, one.ci_high) or "–")  # fmt: skip
        parts = [Part(behind, (found.asked, _choice(one, part)), COLUMNS) for part in ("converted", "n")]
        shown.append(Figure(lang(f"campaigns.part.{one.part}"), lang.percent(one.rate), text, help=text, facts=told,
                            numerator=parts[0], denominator=parts[1]))  # fmt: skip
    text = page.text(
        "pipeline.campaigns.gap.help", interval=_points(page, responded.difference_low, responded.difference_high)
    )
    gap = page.text("pipeline.campaigns.points", points=_signed(page, responded.difference))
    shown.append(Figure(page.text("pipeline.campaigns.gap"), gap, text, help=text, facts=told))
    opening(page, "responded", shown)


def _signed(page: Page, value: float | None) -> str:
    """A difference of shares in percentage points, with its sign."""
    if value is None:
        return "–"
    return ("+" if value > 0 else "") + page.lang.number(100 * value, 1)


def _points(page: Page, low: float | None, high: float | None) -> str:
    return "–" if low is None else f"{_signed(page, low)} – {_signed(page, high)}"


def _chart(page: Page, shown: tuple[Rate, ...]) -> None:
    """Rates as dots with their interval, both sides first."""
    lang = page.lang
    texts = [page.text("pipeline.campaigns.side.help", part=one.converted, whole=one.n,
                       interval=between(page, one.ci_low, one.ci_high) or "–") for one in shown]  # fmt: skip
    dots = Dots(
        page.text("pipeline.campaigns.rate"), [one.rate for one in shown], [one.ci_low for one in shown],
        [one.ci_high for one in shown],
        [f"{lang.percent(one.rate)}: {text}" for one, text in zip(shown, texts, strict=True)],
        [one.small for one in shown], [_choice(one, "n").text for one in shown],
    )  # fmt: skip
    longest = max((one.ci_high or 0 for one in shown), default=1.0)
    figure = sla_charts.rates([charts.escaped(name(page, one)) for one in shown], [dots], lang, min(1.0, longest * 1.1))
    charts.show(figure, key=page.key("responded_chart"), alt=page.text("pipeline.campaigns.rate"), select=_chosen)


def _table(page: Page, found: Campaigns) -> None:
    lang = page.lang
    rows = [
        {"response_of": name(page, one), "response_n": one.n, "response_converted": one.converted,
         "response_rate": one.rate, "interval": between(page, one.ci_low, one.ci_high),
         "response_points": None if one.difference is None else 100 * one.difference,
         "response_points_interval": _points(page, one.difference_low, one.difference_high),
         "note": _note(page, one)}
        for one in found.rates
    ]  # fmt: skip
    kinds: dict[str, Kind] = {
        "response_of": "text", "response_n": "count", "response_converted": "count", "response_rate": "share",
        "interval": "text", "response_points": "number", "response_points_interval": "text", "note": "text",
    }  # fmt: skip
    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("responded_table"))


def _note(page: Page, one: Rate) -> str | None:
    """Whether a difference is there at all, after correction for many tests; and few cases."""
    said = []
    if one.p is not None:
        said.append(page.text("pipeline.campaigns.clear" if one.p <= CALLED else "pipeline.campaigns.unclear"))
    if 0 < one.n < SMALL:
        said.append(page.lang("ui.small", count=SMALL))
    return " · ".join(said) or None


def _people(page: Page, found: Campaigns) -> None:
    lang = page.lang
    choices = [
        (
            _choice(one, part),
            count,
            f"{name(page, one)} · {page.text(f'pipeline.campaigns.of.{part}')} ({lang.number(count)})",
        )
        for one in found.rates
        for part, count in (("n", one.n), ("converted", one.converted))
    ]  # fmt: skip
    choices += [
        (Choice(part, "n"), getattr(found, part),
         f"{page.text(f'pipeline.campaigns.of.{part}')} ({lang.number(getattr(found, part))})")
        for part in LEFT_OUT
    ]  # fmt: skip
    titles = known(choices)
    choice = pick(page, RESPONDED, titles)
    if choice is not None:
        people.show(page, titles[choice.text], behind, found.asked, choice, key="responded_people", first=COLUMNS)


def _chosen(text: str | None) -> None:
    state.write(RESPONDED, text)
