"""The funnel beside the one of the period before, or each group beside the rest.

Not here: what is compared and when that is fair (leadpact/metrics/compare.py).
"""

from __future__ import annotations

from typing import get_args

import pandas as pd
import streamlit as st

from leadpact.metrics import compare, compare_people
from leadpact.metrics.compare import Against, Compared, Comparison, Gap
from leadpact.metrics.funnel import Scope, reachable
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, options, people, state, tables
from ui.choice import Choice, group_of, known, pick, with_click
from ui.errors import plain
from ui.funnel_compare_charts import both, differences
from ui.funnel_compare_words import COLUMNS, NAMES, evidence, interval, numbers, title, words
from ui.page import Page
from ui.tables import Kind

COMPARE, RATE, SIDE = "compare", "rate", "side"
RATES = ("of_previous", "of_first")


def show(page: Page, scope: Scope, whole: bool) -> None:
    """The choice of what to compare with, and where one is made, chart, table and people."""
    st.subheader(page.text("compare"), anchor=False)
    offered = ("none", *get_args(Against)) if scope.by else ("none", "before")
    asked = state.read(COMPARE)
    current = asked if asked in offered else "none"
    st.segmented_control(
        page.text("compare"), offered, required=True, label_visibility="collapsed",
        format_func=lambda one: page.text(f"compare.{one}"),
        **state.bound(page.key(COMPARE), COMPARE, current, lambda one: None if one == "none" else one),
    )  # fmt: skip
    if current == "none":
        st.caption(page.text("compare.why"))
        return
    found: Comparison = page.cached_whole(compute, scope, whole, current)
    st.markdown(plain(words(page, found)))
    if not any(step.of_first for step in found.steps):
        page.empty("page.funnel.compare.nothing", days=found.scope.window_days)
        return
    rate = _rate(page, scope)
    _chart(page, found, rate)
    _table(page, found, rate)
    _people(page, scope, whole, found, rate)


def compute(analysis: Analysis, scope: Scope, whole: bool, against: Against) -> Comparison:
    """As `leadpact.metrics.compare.compare`, of the stages shown."""
    pact = analysis.pact if whole else reachable(analysis.pact, scope)
    return compare.compare(analysis.tables, pact, analysis.as_of, scope, against)


def behind(analysis: Analysis, scope: Scope, whole: bool, against: Against, choice: Choice) -> Table:
    """As `leadpact.metrics.compare_people.behind`."""
    pact = analysis.pact if whole else reachable(analysis.pact, scope)
    return compare_people.behind(analysis.tables, pact, analysis.as_of, scope, against, choice.of, choice.part,
                                 choice.group)  # fmt: skip


def _rate(page: Page, scope: Scope) -> str:
    """Which of the two rates; stages of their own have only the one of the cohort."""
    if scope.mode == "visited":
        return "of_first"
    current = RATES[1] if state.read(RATE) == RATES[1] else RATES[0]
    st.segmented_control(
        page.text("compare.rate"), RATES, required=True, format_func=lambda one: page.text(f"compare.{one}"),
        **state.bound(page.key(RATE), RATE, current, lambda one: None if one == RATES[0] else one),
    )  # fmt: skip
    return current


def _chart(page: Page, found: Comparison, rate: str) -> None:
    """Both rates of every step side by side; with groups, the difference of each with its interval."""
    told = [step for step in found.steps if (gap := getattr(step, rate)) is not None and not _certain(step, gap)]
    if not told:
        return
    split = found.scope.by is not None
    read = page.text("compare.reading_groups" if split else "compare.reading")
    st.caption(with_click(page, read, "point" if split else "bar"))
    figure = differences(page, found, told[: 5 * charts.MOST_GROUPS], rate) if split else both(page, told, rate)
    charts.show(figure, key=page.key("compare_chart"), alt=page.text("compare"), select=_chosen)


def _certain(step: Compared, gap: Gap) -> bool:
    """Everybody on both sides: the first step, which says nothing."""
    return gap.p is None and step.now.converted == step.now.entered and step.other.converted == step.other.entered


def _table(page: Page, found: Comparison, rate: str) -> None:
    lang, names = page.lang, NAMES[found.against]
    rows = []
    for step in found.steps:
        gap: Gap | None = getattr(step, rate)
        line = {"group": options.shown(lang, step.group), "stage": page.used.pact.stage(step.stage).label}
        for name, side in zip(names, (step.now, step.other), strict=True):
            line |= dict(zip(COLUMNS[name], numbers(side, rate), strict=True))
        line["gap_points"] = None if gap is None else 100 * gap.difference
        line["interval"] = interval(lang, gap)
        line["evidence"] = evidence(page, gap, step.small)
        rows.append(line)
    kinds: dict[str, Kind] = {"group": "text"} if found.scope.by is not None else {}
    kinds |= {"stage": "text", **dict.fromkeys((COLUMNS[name][2] for name in names), "share")}
    kinds |= {"gap_points": "number", "interval": "text", "evidence": "text"}
    kinds |= dict.fromkeys((column for name in names for column in COLUMNS[name][:2]), "count")

    def clicked(position: int | None) -> None:
        _chosen(None if position is None else _choice(found, found.steps[position], "now_converted").text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("compare_table"), select=clicked)
    st.caption(page.lang("compare.corrected"))


def _people(page: Page, scope: Scope, whole: bool, found: Comparison, rate: str) -> None:
    """The people on one side of one step."""
    lang = page.lang
    choices = []
    for step in found.steps:
        for part in compare_people.PARTS:
            side = step.now if part.startswith("now") else step.other
            count = numbers(side, rate if part.endswith("converted") else "of_previous")[part.endswith("entered")]
            whose, what = NAMES[found.against][not part.startswith("now")], part.rpartition("_")[2]
            said = f"{page.text(f'side.{whose}')}, {page.text(f'side.{what}')}"
            name = f"{title(page, found, step)} · {said} ({lang.number(count)})"
            choices.append((_choice(found, step, part), count, name))
    titles = known(choices)
    choice = pick(page, SIDE, titles)
    if choice is not None:
        people.show(page, titles[choice.text], behind, scope, whole, found.against, choice, key="side_people",
                    first={"entry": "moment"})  # fmt: skip


def _choice(found: Comparison, step: Compared, part: str) -> Choice:
    return Choice(step.stage, part, group_of(step.group, found.scope.by))


def _chosen(text: str | None) -> None:
    state.write(SIDE, text)
