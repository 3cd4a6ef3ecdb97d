"""Conversion by response time: an association with its intervals, never a cause.

Not here: the rates and what is left out of them (leadpact/metrics/response_bands.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from config.parts import SlaPolicy
from leadpact.language import Language
from leadpact.metrics import response, response_bands
from leadpact.metrics.funnel import SMALL
from leadpact.metrics.response_bands import Band, Contrast, Conversion
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, people, sla_charts, state, tables
from ui.choice import Choice, known, pick
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.sla_charts import Dots
from ui.sla_words import CLOCK_COLUMNS, bands, chosen, facts, of_group, policy_of, span, titled
from ui.sla_words import group as pick_group
from ui.tables import Kind

AFTER, BAND = "after", "band"
DAYS = (30, 60, 90, 180)


def show(page: Page, by: str | None) -> None:
    """One policy: the rates of every band, in time against late, and the people of a band."""
    one = chosen(page)
    days = _days(page)
    found = page.cached(response_bands.conversion, one, by=by, days=days)
    group = pick_group(page, by, list(dict.fromkeys(band.group for band in found.bands)))
    if by is not None and group is None:
        found = page.cached(response_bands.conversion, one, days=days)
    _draw(page, one, found, by, group)
    page.footer(**facts(page, found.coverage))


def _draw(page: Page, one: SlaPolicy, found: Conversion, by: str | None, group: str | None) -> None:
    lang, days = page.lang, int(found.days)
    if not found.stages:
        st.info(page.text("bands.no_stage"), icon=":material/info:")
        return
    name = None if group is None else group or None
    stages = {stage: page.used.pact.stage(stage).label for stage in found.stages}
    st.caption(plain(page.text("bands.reading", count=days, target=span(lang, one.target.hours, one))))
    if not any(band.n for band in found.bands if band.group == name):
        page.empty("page.sla.bands.none", count=days)
        return
    _contrasts(page, one, found, by, group)
    labels = bands(page, one)
    series = []
    for stage, label in stages.items():
        own = found.of(stage, name)
        ends = [band.interval or (None, None) for band in own]
        series.append(
            Dots(label, [band.rate for band in own], [low for low, _ in ends], [high for _, high in ends],
                 [f"{label}: {_said(page, band)}" for band in own], [band.small for band in own],
                 [Choice(one.id, f"{stage}:{k}", group).text for k in range(len(own))])
        )  # fmt: skip
    highest = max((high for dots in series for high in dots.high if high is not None), default=1.0)
    figure = sla_charts.rates(labels, series, lang, min(1.0, highest + 0.05))
    place = response.edges(one).index(float(one.target.hours))
    sla_charts.target_line(figure, place)
    charts.show(figure, key=page.key("bands"), alt=page.text("bands"), select=_choose)
    _table(page, found, name, stages, labels)
    choice = _choice(page, one, found, name, group, labels)
    if choice is not None:
        people.show(page, _title(page, one, choice), behind, by, choice, days, key="band_people",
                    first={**CLOCK_COLUMNS, "converted": "flag"}, order="started_at")  # fmt: skip


def _days(page: Page) -> int:
    usual = int(response_bands.DAYS)
    current = state.read(AFTER)
    days = int(current) if current in [str(day) for day in DAYS] else usual
    st.segmented_control(
        page.text("bands.days"), DAYS, required=True, format_func=lambda day: page.lang("ui.days", count=day),
        **state.bound(page.key(AFTER), AFTER, days, lambda day: None if day == usual else str(day)),
    )  # fmt: skip
    return days


def _contrasts(page: Page, one: SlaPolicy, found: Conversion, by: str | None, group: str | None) -> None:
    """In time against late, for each stage, with the interval of the difference."""
    lang = page.lang
    figures: list[Figure] = []
    for contrast in found.contrasts:
        if (contrast.group or "") != (group or ""):
            continue
        label = page.used.pact.stage(contrast.stage).label
        for key, half in (("in_time", contrast.in_time), ("late", contrast.late)):
            args = (by, Choice(one.id, f"{contrast.stage}:{key}", group), found.days)
            figures.append(
                Figure(
                    page.text(f"bands.{key}", stage=label), lang.percent(half.rate),
                    page.text("bands.rule", count=int(found.days), stage=label), help=_said(page, half),
                    facts={"page.sla.coverage": lang.percent(found.coverage), **_left_out(page, found, contrast)},
                    numerator=Part(behind_converted, args, CLOCK_COLUMNS, "started_at"),
                    denominator=Part(behind, args, {**CLOCK_COLUMNS, "converted": "flag"}, "started_at"),
                )
            )  # fmt: skip
    opening(page, "contrast", figures)
    for contrast in found.contrasts:
        if (contrast.group or "") == (group or "") and (difference := contrast.difference) is not None:
            label = page.used.pact.stage(contrast.stage).label
            points = {name: _signed(lang, getattr(difference, name) * 100) for name in ("difference", "low", "high")}
            clear = difference.low > 0 or difference.high < 0
            verdict = page.text("bands.clear" if clear else "bands.unclear")
            st.caption(plain(f"{page.text('bands.difference', stage=label, **points)} {verdict}"))


def _signed(lang: Language, points: float) -> str:
    return ("+" if round(points, 1) > 0 else "") + lang.number(points, 1)


def _left_out(page: Page, found: Conversion, contrast: Contrast) -> dict[str, str]:
    counts = found.left_out[contrast.stage]
    return {f"page.sla.out.{part}": page.lang.number(count) for part, count in counts.items()}


def _said(page: Page, band: Band) -> str:
    lang = page.lang
    if band.rate is None or band.interval is None:
        return "–"
    low, high = band.interval
    text = page.text("bands.said", rate=lang.percent(band.rate), part=band.converted, whole=band.n,
                     low=lang.percent(low), high=lang.percent(high))  # fmt: skip
    return f"{text} · {lang('ui.small', count=SMALL)}" if band.small else text


def _table(page: Page, found: Conversion, name: str | None, stages: dict[str, str], labels: list[str]) -> None:
    lang, rows = page.lang, []
    for stage, label in stages.items():
        for k, band in enumerate(found.of(stage, name)):
            low, high = band.interval or (None, None)
            row: dict[str, Any] = {"stage": label, "response_time": labels[k], "answered": band.n}
            row |= {"converted": band.converted, "band_rate": band.rate, "young": band.young}
            row["interval"] = None if low is None else f"{lang.percent(low)} – {lang.percent(high)}"
            rows.append({**row, "note": lang("ui.small", count=SMALL) if band.small else None})
    kinds: dict[str, Kind] = {"stage": "text", "response_time": "text", "answered": "count", "converted": "count",
                              "band_rate": "share", "interval": "text", "young": "count"}  # fmt: skip
    if any(row["note"] for row in rows):
        kinds["note"] = "text"
    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("bands_table"))
    for stage, label in stages.items():
        counts = {part: lang.number(count) for part, count in found.left_out[stage].items()}
        st.caption(plain(page.text("bands.left_out", stage=label, **counts)))


def _choice(page: Page, one: SlaPolicy, found: Conversion, name: str | None, group: str | None,
            labels: list[str]) -> Choice | None:  # fmt: skip
    rows = []
    for stage in found.stages:
        for k, band in enumerate(found.of(stage, name)):
            choice = Choice(one.id, f"{stage}:{k}", group)
            rows.append((choice, band.n, f"{_title(page, one, choice)} ({page.lang.number(band.n)})"))
    return pick(page, BAND, known(rows))


def _title(page: Page, one: SlaPolicy, choice: Choice) -> str:
    stage, _, place = choice.part.partition(":")
    return titled(page, choice, f"{page.used.pact.stage(stage).label} · {bands(page, one)[int(place)]}")


def _choose(text: str | None) -> None:
    state.write(BAND, text)


def behind(analysis: Analysis, by: str | None, choice: Choice, days: float) -> Table:
    """The clocks a rate is of. Out: the columns of `response_bands.conversions`, and converted."""
    stage, _, place = choice.part.partition(":")
    one = policy_of(analysis, choice.of)
    rows = response_bands.conversions(analysis.tables, analysis.pact, analysis.as_of, one, by=by, days=days)
    rows = of_group(rows, choice.group)
    part = rows[f"part_{stage}"]
    edge = response.edges(one).index(float(one.target.hours))
    where = {"in_time": rows.bin <= edge, "late": rows.bin > edge}
    wanted = where[place] if place in where else rows.bin == int(place)
    return rows.filter(part.isin(["converted", "not"]), wanted).mutate(converted=part == "converted")


def behind_converted(analysis: Analysis, by: str | None, choice: Choice, days: float) -> Table:
    """Of those, the ones that reached the stage in time."""
    rows = behind(analysis, by, choice, days)
    return rows.filter(rows.converted)
