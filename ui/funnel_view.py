"""How a funnel is drawn: its figures, its chart, its table, and the choice of a bar.

Not here: what is counted (leadpact/metrics/funnel.py, funnels.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st

from config.schema import Pact
from leadpact.language import Language
from leadpact.metrics.funnel import SMALL, Funnel, Scope, Step
from ui import charts, funnels, options, people, state, tables
from ui.choice import Choice, group_of, known, pick
from ui.errors import plain
from ui.figures import row
from ui.funnels import LEFT_OUT, PARTS, reachable
from ui.page import Page
from ui.tables import Kind

STEP, ALL_STAGES = "step", "all_stages"


def show(page: Page, scope: Scope) -> None:
    """The funnel of a scope: figures, chart, table, the people behind a bar, and what explains it."""
    shown = stages(page, scope)
    whole = shown is page.used.pact
    funnel = page.cached_whole(funnels.compute, scope, whole)
    if not funnel.steps or funnel.steps[0].entered == 0:
        page.empty("page.funnel.none", action="connection")
    else:
        figures(page, funnel)
        chart(page, funnel, shown)
        table(page, funnel, shown)
        choice = choose(page, funnel, shown)
        if choice is not None:
            people.show(page, title(page, shown, choice), funnels.behind, scope, whole, choice,
                        key="people", first={"entry": "moment"})  # fmt: skip
    explain(page, funnel)


def stages(page: Page, scope: Scope) -> Pact:
    """The pact whose stages are shown: without those nobody can enter, unless asked for, and said so."""
    pact = page.used.pact
    short = reachable(pact, scope)
    hidden = [stage.label for stage in pact.funnel if stage not in short.funnel]
    if not hidden:
        return pact
    asked = state.bound(page.key(ALL_STAGES), ALL_STAGES, state.read(ALL_STAGES) == "1", lambda on: "1" if on else None)
    label = page.text("show_hidden", count=len(hidden), stages=", ".join(hidden))
    return pact if st.toggle(plain(label), **asked) else short


def figures(page: Page, funnel: Funnel) -> None:
    """The cohort and how it ends, in four numbers. Groups are added up."""
    lang = page.lang
    firsts = [steps[0] for steps in by_group(funnel)]
    lasts = [steps[-1] for steps in by_group(funnel)]
    size = sum(step.entered for step in firsts)
    won = sum(step.converted for step in lasts)
    last = page.used.pact.stage(lasts[0].stage).label
    lost = sum(step.lost for steps in by_group(funnel) for step in steps)
    reached = lang("page.funnel.reached.help", part=won, whole=size)
    row(
        [
            (lang("page.funnel.cohort"), lang.number(size), lang("page.funnel.cohort.help")),
            (lang("page.funnel.reached", stage=last), lang.percent(won / size if size else None), reached),
            (lang("page.funnel.lost"), lang.number(lost), lang("page.funnel.lost.help")),
        ]
    )


def by_group(funnel: Funnel) -> list[list[Step]]:
    """The steps of each group, the largest group first."""
    found: dict[str | None, list[Step]] = {}
    for step in funnel.steps:
        found.setdefault(step.group, []).append(step)
    return list(found.values())


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
        st.caption(lang("page.funnel.reading"))
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
    charts.show(figure, key=page.key("chart"), alt=page.text("purpose"), select=_chosen)


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


def explain(page: Page, funnel: Funnel) -> None:
    """Rule, window and mode of the funnel, and what it leaves out."""
    lang, scope = page.lang, funnel.scope
    window = lang("ui.days", count=scope.window_days) if scope.window_days else lang("ui.filter.window.none")
    entries = f"{lang.day(scope.start)} – {lang.day(scope.end)}" if scope.start or scope.end else lang("ui.all_time")
    page.footer(
        **{
            "page.funnel.rule": lang("page.funnel.rule.text"),
            "page.funnel.entries": entries,
            "ui.filter.window": window,
            "ui.filter.mode": lang(f"ui.mode.{scope.mode}"),
            "ui.filter.anchor": page.used.pact.stage(scope.anchor).label
            if scope.anchor
            else lang("ui.filter.anchor.none"),
            "page.funnel.coverage": lang.percent(funnel.coverage),
            "page.funnel.unknown": lang.number(funnel.unknown),
            "page.funnel.invalid": lang.number(funnel.invalid),
            "page.funnel.untouched": lang.number(funnel.untouched),
        }
    )
