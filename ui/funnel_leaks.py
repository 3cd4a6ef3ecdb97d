"""The leaks: which stages lose more journeys than in the period before, where those went, and who they are.

Not here: what is lost, and when it is more than expected (leadpact/metrics/leaks.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from leadpact.metrics import leaks
from leadpact.metrics.funnel import Scope
from leadpact.metrics.leaks import Leak, Leaks
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, options, people, state, tables
from ui.choice import Choice, group_of, known, pick, with_click
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.funnel_compare_words import evidence, interval, points, span
from ui.page import Page
from ui.tables import Kind

LEAK = "leak"
FIGURES, MOST = 3, 12
PARTS = ("lost", "entered", "lost_before", "entered_before")
COLUMNS: dict[str, Kind] = {"entry": "moment", "lost_at": "moment", "reason": "text"}


def show(page: Page, scope: Scope) -> None:
    """The largest leaks as figures, chart and table; the people behind, where they went, and what explains it."""
    found: Leaks = page.cached_whole(compute, scope)
    lang = page.lang
    told = {
        "page.funnel.rule": page.text("leaks.rule", days=found.within_days),
        "page.funnel.leaks.now": span(lang, found.period),
        "page.funnel.leaks.before": span(lang, found.before),
        "page.funnel.coverage": lang.percent(found.coverage),
        "page.funnel.unknown": lang.number(found.unknown),
        "page.funnel.invalid": lang.number(found.invalid),
        "page.funnel.leaks.young": lang.number(found.young),
    }
    if not found.leaks:
        page.empty("page.funnel.leaks.none", action="connection")
    else:
        st.markdown(plain(page.text("leaks.said", days=found.within_days, now=span(lang, found.period),
                                    before=span(lang, found.before), young=found.young)))  # fmt: skip
        _verdict(page, found, scope)
        _figures(page, found, scope, told)
        _chart(page, found, scope)
        _table(page, found, scope)
        chosen = _people(page, found, scope)
        _reasons(page, chosen or found.leaks[0], scope)
    page.footer(**told)


def compute(analysis: Analysis, scope: Scope) -> Leaks:
    """As `leadpact.metrics.leaks.leaks`."""
    return leaks.leaks(analysis.tables, analysis.pact, analysis.as_of, scope)


def behind(analysis: Analysis, scope: Scope, choice: Choice) -> Table:
    """As `leadpact.metrics.leaks.behind`."""
    return leaks.behind(analysis.tables, analysis.pact, analysis.as_of, scope, choice.of, choice.part, choice.group)


def name(page: Page, one: Leak, scope: Scope) -> str:
    """Group and stage."""
    label = page.used.pact.stage(one.stage).label
    return label if scope.by is None else f"{options.shown(page.lang, one.group)} · {label}"


def _verdict(page: Page, found: Leaks, scope: Scope) -> None:
    """The largest leak in a sentence; or that none stands out."""
    worst = next((one for one in found.leaks if one.clear and (one.excess or 0) > 0), None)
    if worst is None:
        st.info(page.text("leaks.no_clear"), icon=":material/water_drop:")
        return
    lang = page.lang
    st.warning(
        plain(page.text("leaks.clear", stage=name(page, worst, scope), lost=worst.lost, entered=worst.entered,
                        rate=lang.percent(worst.rate), before=lang.percent(worst.rate_before),
                        excess=lang.number(worst.excess))),
        icon=":material/water_drop:",
    )  # fmt: skip


def _figures(page: Page, found: Leaks, scope: Scope, told: dict[str, str]) -> None:
    """The first leaks, each opening to its rule and its people."""
    lang, shown = page.lang, []
    st.caption(page.text("leaks.heading"))
    under = {key: value for key, value in told.items() if key != "page.funnel.rule"}  # said in full above them
    for one in found.leaks[:FIGURES]:
        lost, entered = (Part(behind, (scope, Choice(one.stage, part, group_of(one.group, scope.by))), COLUMNS, "entry")
                         for part in ("lost", "entered"))  # fmt: skip
        # silent where it may be chance
        sure = one.gap if one.clear else None
        delta = page.text("leaks.delta", points=points(lang, sure.difference)) if sure else None
        text = page.text("leaks.figure", lost=one.lost, entered=one.entered, lost_before=one.lost_before,
                         entered_before=one.entered_before, evidence=evidence(page, one.gap, one.small))  # fmt: skip
        shown.append(
            Figure(name(page, one, scope), lang.percent(one.rate), delta=delta,
                   help=text, rule=f"{text} {page.text('leaks.rule', days=found.within_days)}", facts=under,
                   numerator=lost, denominator=entered)
        )  # fmt: skip
    opening(page, "leaks", shown)


def _chart(page: Page, found: Leaks, scope: Scope) -> None:
    """How many in a hundred were lost from each stage, now and before."""
    lang, shown = page.lang, found.leaks[:MOST]
    read = page.text("leaks.reading", shown=len(shown), total=len(found.leaks))
    st.caption(plain(with_click(page, read, "bar")))
    labels = [name(page, one, scope) for one in shown]
    series = [
        (
            page.text(f"leaks.{side}"),
            colour,
            [getattr(one, rate) for one in shown],
            [f"{lang.percent(getattr(one, rate))} · {lang.number(getattr(one, lost))}" for one in shown],
            [Choice(one.stage, lost, group_of(one.group, scope.by)).text for one in shown],
        )
        for side, colour, rate, lost in (
            ("now", charts.BAD, "rate", "lost"),
            ("before", charts.QUIET, "rate_before", "lost_before"),
        )
    ]
    figure = charts.bars(labels, series, lang, stacked=False, share=True)
    charts.show(figure, key=page.key("leaks_chart"), alt=page.text("leaks.alt"), select=_chosen)


def _table(page: Page, found: Leaks, scope: Scope) -> None:
    lang, rows = page.lang, []
    for one in found.leaks:
        rows.append(
            {"group": options.shown(lang, one.group), "stage": page.used.pact.stage(one.stage).label, "lost": one.lost,
             "entered": one.entered, "now_rate": one.rate, "lost_before": one.lost_before,
             "entered_before": one.entered_before, "before_rate": one.rate_before, "excess": one.excess,
             "gap_points": None if one.gap is None else 100 * one.gap.difference,
             "interval": interval(lang, one.gap),
             "evidence": evidence(page, one.gap, one.small)}
        )  # fmt: skip
    kinds: dict[str, Kind] = {"group": "text"} if scope.by else {}
    kinds |= {"stage": "text", "excess": "number", "now_rate": "share", "before_rate": "share", "gap_points": "number",
              "interval": "text", "evidence": "text", "lost": "count", "entered": "count", "lost_before": "count",
              "entered_before": "count"}  # fmt: skip

    def clicked(position: int | None) -> None:
        one = None if position is None else found.leaks[position]
        _chosen(None if one is None else Choice(one.stage, "lost", group_of(one.group, scope.by)).text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("leaks_table"), select=clicked)
    st.caption(page.lang("compare.corrected"))


def _people(page: Page, found: Leaks, scope: Scope) -> Leak | None:
    """The people of the leak chosen, and that leak."""
    of: dict[str, Leak] = {}
    choices = []
    for one in found.leaks:
        for part in PARTS:
            choice, count = Choice(one.stage, part, group_of(one.group, scope.by)), getattr(one, part)
            of[choice.text] = one
            title = f"{name(page, one, scope)} · {page.text(f'leaks.part.{part}')} ({page.lang.number(count)})"
            choices.append((choice, count, title))
    titles = known(choices)
    chosen = pick(page, LEAK, titles)
    if chosen is None:
        return None
    people.show(page, titles[chosen.text], behind, scope, chosen, key="leak_people", first=COLUMNS, order="entry")
    return of[chosen.text]


def _reasons(page: Page, one: Leak, scope: Scope) -> None:
    """Where the lost of one leak went, and why."""
    if not one.reasons:
        return
    labels = {stage.key: stage.label for stage in page.used.pact.stages}
    st.subheader(plain(page.text("leaks.where", stage=name(page, one, scope))), anchor=False)
    rows: Sequence[dict[str, object]] = [
        {"lost_to": labels.get(reason.end_stage, page.lang("leaks.deleted")),
         "reason": reason.reason or page.lang("ui.unknown"), "lost": reason.lost, "lost_before": reason.lost_before}
        for reason in one.reasons
    ]  # fmt: skip
    kinds: dict[str, Kind] = {"lost_to": "text", "reason": "text", "lost": "count", "lost_before": "count"}
    tables.show(pd.DataFrame(rows), kinds, page.lang, key=page.key("leaks_reasons"))


def _chosen(text: str | None) -> None:
    state.write(LEAK, text)
