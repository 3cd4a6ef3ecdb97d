"""The simulation part of the Scoring page: what a draft would do, before both teams sign it.

Not here: what is asked (scoring_simulate_scope.py), the trade (scoring_simulate_trade.py), the charts
(scoring_simulate_chart.py).
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

import streamlit as st

from leadpact.scoring import simulate_words as said
from leadpact.scoring import versus
from leadpact.scoring.score import LIGHTS
from leadpact.scoring.simulate import Question, Simulation, simulate
from leadpact.scoring.versus import GAINED, LOST, SIDES, RuleEffect
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, definition_draft, listing, people, scoring_rules_draft, scoring_simulate_scope, scoring_words
from ui import scoring_simulate_chart as chart
from ui import scoring_simulate_trade as trade
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.scoring_simulate_scope import SIDE, Versus
from ui.state import bound, read
from ui.tables import Kind

COLUMNS: dict[str, Kind] = {"score_before": "number", "score_after": "number", "light_change": "text"}
NONE = "none"


def show(page: Page) -> None:
    """The whole part, from the choice of versions to the leads to talk about."""
    if not page.ready:
        page.empty("page.scoring.simulate.no_data", action="connection")
        return
    standing = definition_draft.standing(page)
    if standing.pact is None:
        page.empty("page.scoring.simulate.faulty", action="definition")
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        both = scoring_simulate_scope.pacts(page)
        back = scoring_simulate_scope.weeks(page) if both is not None else None
    if both is None or back is None:
        page.empty("page.scoring.simulate.no_draft")
        return
    if scoring_rules_draft.current(standing).touched:
        st.caption(f":orange[:material/edit: {plain(page.text('simulate.unsaved'))}]")
    if both.before.hash == both.after.hash:
        page.empty("page.scoring.simulate.same")
        return
    st.caption(plain(scoring_simulate_scope.named(page, both, standing)))
    asked = scoring_simulate_scope.question(page, *back)
    if asked is None:
        return
    told: Simulation = page.cached_whole(_simulated, both, asked)
    _today(page, both, told)
    _weeks(page, told)
    _outcome(page, told)
    trade.show(page, told, standing)
    _talk(page, both, told)


def _simulated(one: Analysis, both: Versus, asked: Question) -> Simulation:
    return simulate(one.tables, both.before, both.after, one.as_of, asked)


def _rules(one: Analysis, both: Versus) -> tuple[RuleEffect, ...]:
    return versus.by_rule(one.tables, both.before, both.after, one.as_of)


def disagreeing(one: Analysis, both: Versus, side: str, words: tuple[str, ...]) -> Table:
    """The people of one side, in this page's columns. `words`: the lights as the reader calls them, in their order."""
    rows = versus.disagreeing(one.tables, both.before, both.after, one.as_of, side)
    named = list(zip(LIGHTS, words, strict=True))
    was, now = (light.cases(*named, else_="–") for light in (rows.light_before, rows.light_after))
    return rows.select("object", "record_id", "score_before", "score_after", light_change=was + " → " + now)


def _today(page: Page, both: Versus, told: Simulation) -> None:
    lang = page.lang
    st.subheader(page.text("simulate.today"), anchor=False)
    green = page.text("simulate.rule.green", taken=told.taken)
    parts = {side: Part(disagreeing, (both, side, _words(page)), COLUMNS) for side in SIDES}
    opening(page, "simulate", [
        Figure(page.text("simulate.green_before"), lang.number(told.before.greens), green),
        Figure(page.text("simulate.green_after"), lang.number(told.after.greens), green,
               delta=_more(page, told.after.greens - told.before.greens)),
        Figure(page.text("simulate.gained"), lang.number(told.gained), page.text("simulate.rule.gained"),
               numerator=parts[GAINED]),
        Figure(page.text("simulate.lost"), lang.number(told.lost), page.text("simulate.rule.lost"),
               numerator=parts[LOST]),
    ])  # fmt: skip
    rows = [
        {"was": lang(f"simulate.was.{was or NONE}"), **{f"is_{now or NONE}": told.lights.get((was, now), 0)
                                                        for now in (*LIGHTS, None)}}
        for was in (*LIGHTS, None) if any(told.lights.get((was, now)) for now in (*LIGHTS, None))
    ]  # fmt: skip
    kinds: dict[str, Kind] = {"was": "text", "is_green": "count", "is_amber": "count", "is_red": "count"}
    if any(row[f"is_{NONE}"] for row in rows):
        kinds["is_none"] = "count"
    listing.show(page, rows, kinds, key="simulate_lights")
    effects: tuple[RuleEffect, ...] = page.cached_whole(_rules, both)
    if effects:
        st.markdown(f"**{plain(lang('simulate.rules'))}**")
        shown = [{"sim_rule": one.rule, "more": one.more, "fewer": one.fewer, "points_in_all": one.points}
                 for one in effects]  # fmt: skip
        listing.show(page, shown, {"sim_rule": "text", "more": "count", "fewer": "count", "points_in_all": "number"},
                     key="simulate_rules")  # fmt: skip


def _words(page: Page) -> tuple[str, ...]:
    return tuple(page.lang(f"score.light.{light}") for light in LIGHTS)


def _more(page: Page, difference: int) -> str | None:
    return f"{'+' if difference > 0 else ''}{page.lang.number(difference)}" if difference else None


def _weeks(page: Page, told: Simulation) -> None:
    lang, zone = page.lang, page.used.pact.zone
    st.subheader(page.text("simulate.weeks"), anchor=False)
    st.caption(plain(page.text("simulate.weeks.reading")))
    for line in said.weekly(lang, told):
        st.markdown(f":material/arrow_right: {plain(line)}")
    names = (lang("simulate.before"), lang("simulate.after"), page.text("simulate.weeks.capacity"))
    days = [lang.day(end.replace(tzinfo=UTC).astimezone(zone).date()) for end in told.ends]
    texts = [
        [page.text("simulate.weeks.said", end=day, count=count)
         for day, count in zip(days, side.weekly, strict=True)]
        for side in (told.before, told.after)
    ]  # fmt: skip
    charts.show(chart.weeks(told, lang, names, texts), key=page.key("simulate_weeks"),
                alt=" ".join(said.weekly(lang, told)))  # fmt: skip
    rows = [{"week_ends": day, "before_draft": before, "with_draft": after}
            for day, before, after in zip(days, told.before.weekly, told.after.weekly, strict=True)]  # fmt: skip
    listing.show(page, rows[::-1], {"week_ends": "text", "before_draft": "count", "with_draft": "count"},
                 key="simulate_weeks_table")  # fmt: skip


def _outcome(page: Page, told: Simulation) -> None:
    lang = page.lang
    st.subheader(page.text("simulate.outcome"), anchor=False)
    for line in said.basis(lang, page.used.pact, told):
        st.caption(plain(line))
    if not told.cases:
        st.info(plain(page.text("simulate.no_cases")), icon=":material/hourglass_empty:")
        return
    rows: list[dict[str, Any]] = []
    for name, side in (("before", told.before), ("after", told.after)):
        known = said.figures(lang, side)
        rows.append({"sim_version": lang(f"simulate.{name}"), **{f"sim_{what}": text for what, text in known.items()}})
    kinds: dict[str, Kind] = {"sim_version": "text", "sim_greens": "text", "sim_conversion": "text",
                              "sim_recall": "text", "sim_lift": "text"}  # fmt: skip
    listing.show(page, rows, kinds, key="simulate_outcome")
    for line in said.unused(lang, told, lambda name: scoring_words.field(lang, name)):
        st.caption(f":orange[:material/visibility_off: {plain(line)}]")


def _talk(page: Page, both: Versus, told: Simulation) -> None:
    st.subheader(page.text("simulate.talk"), anchor=False)
    counts = {side: count for side, count in ((GAINED, told.gained), (LOST, told.lost)) if count}
    if not counts:
        st.write(page.text("simulate.nobody"))
        return
    st.caption(plain(page.text("simulate.talk.reading")))
    first = next(iter(counts))
    asked = read(SIDE)
    side = asked if asked in counts else first
    st.segmented_control(
        page.text("simulate.talk.side"), list(counts), required=True, label_visibility="collapsed",
        format_func=lambda one: page.text(f"simulate.talk.{one}", count=counts[one]),
        **bound(page.key(SIDE), SIDE, side, lambda one: None if one == first else one),
    )  # fmt: skip
    people.show(page, page.text(f"simulate.{side}"), disagreeing, both, side, _words(page), key="simulate_people",
                first=COLUMNS, order="score_after")  # fmt: skip
