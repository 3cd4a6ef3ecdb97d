"""Is the scoring any good? Bands, forecast, quarters, rules with verdicts, and fields that know the outcome.

Not here: the figures (leadpact/scoring/quality.py), the rules and leaks part (scoring_quality_rules.py).
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from leadpact.metrics.funnel import SMALL
from leadpact.scoring import quality_words as said
from leadpact.scoring.bands import Band
from leadpact.scoring.basis import Asked
from leadpact.scoring.quality import Quality, Quarter, quality
from ui import (
    charts,
    explain,
    people,
    scoring_quality_charts,
    scoring_quality_rules,
    scoring_quality_scope,
    state,
    tables,
)
from ui.choice import unchosen
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.scoring_quality_charts import Mark
from ui.scoring_quality_scope import BEHIND, COLUMNS, behind, facts


def show(page: Page) -> None:
    """The whole part, from the choices to the people behind."""
    if not scoring_quality_scope.ready(page):
        return
    if not page.used.pact.scoring.rules:
        page.empty("page.scoring.quality.no_rules")
        return
    asked = scoring_quality_scope.show(page, "then")
    if asked is None:
        return
    told: Quality = page.cached(quality, asked)
    st.caption(plain(page.text("quality.of", pact=explain.standing(page))))
    for line in said.basis(page.lang, page.used.pact, asked, told):
        st.caption(plain(line))
    if told.enough:
        _figures(page, asked, told)
        _verdicts(page, told)
        _bands(page, told)
        _calibration(page, told)
        _drift(page, told)
    else:
        with st.container(border=True):
            st.markdown(plain(said.few(page.lang, told)))
            st.markdown(plain(page.text("quality.wait")))
    scoring_quality_rules.show(page, told)
    _behind(page, asked, told)


def _figures(page: Page, asked: Asked, told: Quality) -> None:
    lang, stage = page.lang, page.used.pact.stage(told.stages[0]).label
    known = facts(page, asked, told)
    whole = Part(behind, (asked, "all"), COLUMNS, "score")
    got_there = Part(behind, (asked, "reached"), COLUMNS, "score")
    figures = [
        Figure(page.text("quality.cases"), lang.number(told.cases), page.text("quality.rule.cases"), facts=known,
               numerator=whole),
        Figure(page.text("quality.rate", stage=stage), lang.percent(told.reached / told.cases),
               page.text("quality.rule.rate"), facts=known, numerator=got_there, denominator=whole),
    ]  # fmt: skip
    if told.separation is not None:
        one = told.separation
        figures.append(Figure(page.text("quality.area"), lang.percent(one.auc), page.text("quality.rule.area"),
                              help=f"{lang.percent(one.low)} – {lang.percent(one.high)}", facts=known,
                              numerator=whole))  # fmt: skip
    if told.calibration is not None:
        figures.append(Figure(page.text("quality.error"), lang.percent(told.calibration.error),
                              page.text("quality.rule.error"), facts=known, numerator=whole))  # fmt: skip
    opening(page, "quality", figures)


def _verdicts(page: Page, told: Quality) -> None:
    lang, one = page.lang, told.separation
    sure = any(surely for _, surely in told.falls)
    if one is not None:
        between = page.text("quality.between", low=lang.percent(one.low), high=lang.percent(one.high))
        st.markdown(f":material/arrow_right: {plain(between)} {plain(said.area_verdict(lang, told))}")
    st.markdown(f":material/{'warning' if sure else 'arrow_right'}: {plain(said.rising(lang, told))}")
    if told.judged_share < 1:
        st.caption(
            plain(f"{lang('quality.share', share=lang.percent(told.judged_share))} {page.text('quality.share.what')}")
        )


def _bands(page: Page, told: Quality) -> None:
    lang, stage = page.lang, page.used.pact.stage(told.stages[0]).label
    st.subheader(lang("quality.bands"), anchor=False)
    st.caption(plain(page.text("quality.bands.reading", stage=stage)))
    falling = {at for at, sure in told.falls if sure}
    marks = [
        Mark(said.span(page.lang, band), band.rate, band.ci_low, band.ci_high, _said(page, band), band.small,
             at in falling, f"band:{at}")
        for at, band in enumerate(told.bands)
    ]  # fmt: skip
    charts.show(scoring_quality_charts.bands(marks, lang), key=page.key("quality_bands"), alt=lang("quality.bands"),
                select=_chosen)  # fmt: skip
    rows = [
        {"quality_band": said.span(page.lang, band), "quality_cases": band.n, "quality_rate": band.rate,
         "quality_interval": f"{lang.percent(band.ci_low)} – {lang.percent(band.ci_high)}",
         "quality_step": lang(f"quality.step.{band.step}") if band.step else None}
        for band in told.bands
    ]  # fmt: skip
    tables.show(pd.DataFrame(rows), {"quality_band": "text", "quality_cases": "count", "quality_rate": "share",
                                     "quality_interval": "text", "quality_step": "text"},
                lang, key=page.key("quality_bands_table"))  # fmt: skip


def _said(page: Page, one: Band) -> str:
    lang = page.lang
    return page.text("quality.said", rate=lang.percent(one.rate), reached=one.reached, n=one.n,
                     low=lang.percent(one.ci_low), high=lang.percent(one.ci_high))  # fmt: skip


def _calibration(page: Page, told: Quality) -> None:
    lang, one = page.lang, told.calibration
    st.subheader(page.text("quality.calibration"), anchor=False)
    if one is None:
        st.caption(plain(page.text("quality.calibration.none")))
        return
    st.markdown(plain(page.text(f"quality.promises.{'better' if one.brier < one.brier_base else 'worse'}",
                                error=lang.percent(one.error))))  # fmt: skip
    st.caption(plain(page.text("quality.calibration.reading")))
    marks = [
        Mark(group.said, group.rate, group.ci_low, group.ci_high,
             page.text("quality.calibration.said", said=lang.percent(group.said), rate=lang.percent(group.rate),
                       reached=group.reached, n=group.n), group.n < SMALL)
        for group in one.groups
    ]  # fmt: skip
    charts.show(scoring_quality_charts.calibration(marks, lang), key=page.key("quality_calibration"),
                alt=page.text("quality.calibration"))  # fmt: skip
    rows = [{"quality_promised": group.said, "quality_came": group.rate, "quality_cases": group.n,
             "quality_interval": f"{lang.percent(group.ci_low)} – {lang.percent(group.ci_high)}"}
            for group in one.groups]  # fmt: skip
    tables.show(pd.DataFrame(rows), {"quality_promised": "share", "quality_came": "share", "quality_interval": "text",
                                     "quality_cases": "count"},
                lang, key=page.key("quality_calibration_table"))  # fmt: skip
    parts = {name: lang.number(getattr(one.parts, name), 3) for name in ("reliability", "resolution", "uncertainty")}
    split = page.text("quality.calibration.parts", brier=lang.number(one.brier, 3), **parts)
    st.caption(plain(f"{said.calibrated(lang, one)} {split}"))


def _drift(page: Page, told: Quality) -> None:
    lang = page.lang
    st.subheader(lang("quality.quarters"), anchor=False)
    if len(told.quarters) < 2:
        st.caption(plain(page.text("quality.drift.none")))
        return
    st.caption(plain(page.text("quality.drift.reading")))
    marks = [mark for quarter in told.quarters if (mark := _mark(page, quarter)) is not None]
    if marks:
        charts.show(scoring_quality_charts.drift(marks, lang), key=page.key("quality_drift"),
                    alt=lang("quality.quarters"), select=_chosen)  # fmt: skip
    rows = [
        {"quality_quarter": one.label, "quality_cases": one.n, "quality_rate": one.rate,
         "quality_area": one.separation and one.separation.auc,
         "quality_area_interval": one.separation
         and f"{lang.percent(one.separation.low)} – {lang.percent(one.separation.high)}",
         "quality_shift": _shift(page, one)}
        for one in told.quarters
    ]  # fmt: skip
    tables.show(pd.DataFrame(rows), {"quality_quarter": "text", "quality_cases": "count", "quality_rate": "share",
                                     "quality_area": "share", "quality_area_interval": "text",
                                     "quality_shift": "text"},
                lang, key=page.key("quality_drift_table"))  # fmt: skip


def _shift(page: Page, one: Quarter) -> str | None:
    if one.shift is None:
        return None
    word = page.lang(f"quality.moved.{one.moved or 'none'}")
    return f"{page.lang.number(one.shift.psi, 2)} · {word}"


def _mark(page: Page, quarter: Quarter) -> Mark | None:
    one, lang = quarter.separation, page.lang
    if one is None:
        return None
    text = page.text("quality.drift.said", area=lang.percent(one.auc), low=lang.percent(one.low),
                     high=lang.percent(one.high), reached=quarter.reached, n=quarter.n)  # fmt: skip
    return Mark(quarter.label, one.auc, one.low, one.high, text, quarter.small, one.high < 0.5,
                f"quarter:{quarter.label}")  # fmt: skip


def _behind(page: Page, asked: Asked, told: Quality) -> None:
    """The people of a band, a quarter or a rule: by a click, from the list, or by a link."""
    titles = {f"band:{at}": page.text("quality.behind.band", band=said.span(page.lang, one))
              for at, one in enumerate(told.bands)}  # fmt: skip
    titles |= {f"quarter:{one.label}": page.text("quality.behind.quarter", quarter=one.label) for one in told.quarters}
    titles |= {f"rule:{one.rule}": page.text("quality.behind.rule", rule=one.rule) for one in told.rules if one.hits}
    if not titles:
        return
    current = state.read(BEHIND)
    current = current if current in titles else None
    state.pick(page.lang("ui.people.behind"), page.key(BEHIND), BEHIND, list(titles), current,
               shown=lambda text: unchosen(page) if text is None else titles[text])  # fmt: skip
    if current is not None:
        people.show(page, titles[current], behind, asked, current, key="quality_people", first=COLUMNS, order="score")


def _chosen(text: str | None) -> None:
    state.write(BEHIND, text)
