"""How a funnel is drawn: its chart, its table, and the choice of a bar.

Not here: what is counted (leadpact/metrics/funnel.py, funnels.py), its figures and what it
leaves out (funnel_figures.py), the comparison beneath (funnel_compare.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st

from config.schema import Pact
from leadpact.language import Language
from leadpact.metrics.funnel import SMALL, Funnel, Scope, Step
from ui import charts, funnel_compare, funnel_figures, funnels, options, people, state, tables
from ui.choice import Choice, group_of, known, pick, with_click
from ui.errors import label, plain
from ui.funnel_figures import by_group
from ui.funnels import LEFT_OUT, PARTS, reachable
from ui.page import Page
from ui.tables import Kind

STEP, ALL_STAGES = "step", "all_stages"


def show(page: Page, scope: Scope) -> None:
    """The funnel of a scope: figures, chart, table, the people behind a bar, a comparison, and what explains it."""
    shown = stages(page, scope)
    whole = shown is page.used.pact
    funnel = page.cached_whole(funnels.compute, scope, whole)
    if not funnel.steps or funnel.steps[0].entered == 0:
        page.empty("page.funnel.none", action="connection")
    else:
        funnel_figures.show(page, funnel, shown, whole)
        chart(page, funnel, shown)
        table(page, funnel, shown)
        choice = choose(page, funnel, shown)
        if choice is not None:
            people.show(page, title(page, shown, choice), funnels.behind, scope, whole, choice,
                        key="people", first={"entry": "moment"})  # fmt: skip
        funnel_compare.show(page, scope, whole)
    page.footer(**funnel_figures.facts(page, funnel))


def stages(page: Page, scope: Scope) -> Pact:
    """The pact whose stages are shown: without those nobody can enter, unless asked for, and said so."""
    pact = page.used.pact
    short = reachable(pact, scope)
    hidden = [stage.label for stage in pact.funnel if stage not in short.funnel]
    if not hidden:
        return pact
    asked = state.bound(page.key(ALL_STAGES), ALL_STAGES, state.read(ALL_STAGES) == "1", lambda on: "1" if on else None)
    text = page.text("show_hidden", count=len(hidden), stages=", ".join(hidden))
    return pact if st.toggle(label(text), **asked) else short


def chart(page: Page, funnel: Funnel, pact: Pact) -> None:
    """What became of those who came to each stage; split by group, the share that reached it."""
    lang = page.lang
    groups = by_group(funnel)[: charts.MOST_GROUPS]
    labels = [pact.stage(step.stage).label for step in groups[0]]
    if funnel.scope.by is None:
        colours = dict(zip(PARTS, (charts.GOOD, charts.WAITING, charts.BAD), strict=False))
        series = [
            (
                lang(f"ui.col.{part}"),
                colour,
                [getattr(step, part) for step in groups[0]],
                [lang.number(getattr(step, part)) for step in groups[0]],
                [Choice(step.stage, part).text for step in groups[0]],
            )
            for part, colour in colours.items()
        ]
        rates = page.text("rates_own" if funnel.scope.mode == "visited" else "rates")
        st.caption(with_click(page, f"{lang('page.funnel.reading')} {rates}", "bar"))
    else:
        series = [
            (
                options.shown(lang, steps[0].group),
                colour,
                [step.rate_of_first for step in steps],
                [f"{lang.percent(step.rate_of_first, 0)} · {lang.number(step.converted)}" for step in steps],
                [Choice(step.stage, "converted", step.group or "").text for step in steps],
            )
            for steps, colour in zip(groups, charts.GROUPS, strict=False)
        ]
        st.caption(plain(lang("page.funnel.reading_groups", shown=len(groups), total=len(by_group(funnel)))))
    figure = charts.bars(labels, series, lang, stacked=funnel.scope.by is None, share=funnel.scope.by is not None)
    if funnel.scope.by is None:
        figure.update_yaxes(tickvals=labels, ticktext=[_rated(lang, label, step) for label, step in
                                                       zip(labels, groups[0], strict=True)])  # fmt: skip
    charts.show(figure, key=page.key("chart"), alt=page.text("purpose"), select=_chosen)


def _rated(lang: Language, label: str, step: Step) -> str:
    """A stage with both its rates beneath: of the cohort, and of those who came to it."""
    rates = [step.rate_of_first] if step.rate_of_previous is None else [step.rate_of_first, step.rate_of_previous]
    return f"{charts.escaped(label)}<br><b>{' · '.join(lang.percent(rate, 0) for rate in rates)}</b>"


def table(page: Page, funnel: Funnel, pact: Pact) -> None:
    """Every number of the chart, with both rates; a click on a row lists who reached the stage."""
    lang, scope = page.lang, funnel.scope
    rows = []
    for step in funnel.steps:
        line = {**asdict(step), "stage": pact.stage(step.stage).label, "group": options.shown(lang, step.group)}
        line["interval"] = _interval(lang, step)
        line["note"] = lang("ui.small", count=SMALL) if step.small else None
        rows.append(line)
    kinds: dict[str, Kind] = {"group": "text"} if scope.by else {}
    kinds |= {"stage": "text", "entered": "count", "converted": "count", "lost": "count", "pending": "count"}
    kinds["rate_of_first"] = "share"
    if scope.mode != "visited":
        kinds["rate_of_previous"] = "share"
    if scope.window_days is not None:
        kinds |= {"mature_rate": "share", "interval": "text", "mature_entered": "count"}
    if any(line["note"] for line in rows):
        kinds["note"] = "text"

    def clicked(position: int | None) -> None:
        if position is None:
            return _chosen(None)
        step = funnel.steps[position]
        return _chosen(Choice(step.stage, "converted", group_of(step.group, scope.by)).text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("table"), select=clicked)


def choose(page: Page, funnel: Funnel, pact: Pact) -> Choice | None:
    """The bar whose people are wanted."""
    found = []
    for step in funnel.steps:
        counts = {
            "converted": step.converted,
            "pending": step.pending,
            "lost": step.lost,
            "mature": step.mature_entered,
        }
        found += [
            (Choice(step.stage, part, group_of(step.group, funnel.scope.by)), counts[part] or 0) for part in PARTS
        ]
    found += [(Choice("", part), getattr(funnel, part)) for part in LEFT_OUT]
    return pick(page, STEP, known([(one, count, _title(page.lang, pact, one, count)) for one, count in found]))


def title(page: Page, pact: Pact, choice: Choice) -> str:
    """What the people behind a bar have in common."""
    return _title(page.lang, pact, choice, None)


def _title(lang: Language, pact: Pact, choice: Choice, count: int | None) -> str:
    words: Sequence[str] = [lang(f"page.funnel.part.{choice.part}")]
    if choice.of:
        words = [pact.stage(choice.of).label, *words]
    if choice.group is not None:
        words = [options.shown(lang, choice.group), *words]
    return " · ".join(words) + (f" ({lang.number(count)})" if count is not None else "")


def _interval(lang: Language, step: Step) -> str | None:
    return None if step.ci_low is None else f"{lang.percent(step.ci_low)} – {lang.percent(step.ci_high)}"


def _chosen(text: str | None) -> None:
    state.write(STEP, text)
