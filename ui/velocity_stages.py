"""Days in each stage, those still there included: quartiles as bars, their table, the people behind.

Not here: the quartiles (leadpact/metrics/velocity.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from leadpact.metrics import velocity
from leadpact.metrics.engines_rows import stages as worked
from leadpact.metrics.funnel import SMALL
from leadpact.metrics.velocity import StageVelocity
from ui import charts, people, state, tables, velocity_charts
from ui.choice import Choice, group_of, known, pick
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.tables import Kind
from ui.velocities import Span, stays
from ui.velocity_charts import Quartiles
from ui.velocity_scope import (
    BEHIND,
    MOST_GROUPS,
    STAGE,
    WHO,
    days,
    facts,
    first_worked,
    group,
    label,
    note,
    pick_stage,
)

MOST_FIGURES = 4
HOURS = 24
QUARTILES = ("p25_days", "median_days", "p75_days")


def show(page: Page, span: Span) -> None:
    """Figures of the worked stages, a chart, its table, and the people of a stage."""
    found = page.cached(velocity.velocity, by=span.by, start=span.start, end=span.end)
    if not found.stages:
        page.empty("page.velocity.none", action="connection")
        return page.footer(**facts(page, span, found.coverage, found.unknown, page.text("rule.stages")))
    said = facts(page, span, found.coverage, found.unknown, page.text("rule.stages"))
    if span.by is None:
        _figures(page, span, found.stages, said)
    rows = _rows(page, span, found.stages)
    _chart(page, span, rows)
    _table(page, span, found.stages)
    choice = _choice(page, span, found.stages)
    if choice is not None:
        people.show(page, _title(page, span, choice), stays, span, choice, key="people", first=BEHIND, order="days")
    return page.footer(**said)


def _figures(page: Page, span: Span, stages: Sequence[StageVelocity], said: dict[str, Any]) -> None:
    """The median of each stage leads are meant to move on from."""
    lang = page.lang
    shown = [one for one in stages if one.stage in worked(page.used.pact)][:MOST_FIGURES]
    opening(
        page,
        "medians",
        [
            Figure(
                page.text("median_of", stage=label(page, one.stage)),
                days(page, one.median_days),
                page.text("rule.stages"),
                help=page.text("median_of.help", n=one.n, open=one.n_open),
                facts={
                    **said,
                    "page.velocity.spells": lang.number(one.n),
                    "page.velocity.still_there": lang.number(one.n_open),
                    "page.velocity.quartiles": f"{days(page, one.p25_days)} – {days(page, one.p75_days)}",
                },
                numerator=Part(stays, (span, Choice(one.stage, "left")), BEHIND, "days"),
                denominator=Part(stays, (span, Choice(one.stage, "known")), BEHIND, "days"),
            )
            for one in shown
        ],
    )


def _rows(page: Page, span: Span, stages: Sequence[StageVelocity]) -> list[StageVelocity]:
    """What the chart shows: every stage, or the largest groups of one."""
    if span.by is None:
        return list(stages)
    keys = list(dict.fromkeys(one.stage for one in stages))
    stage = pick_stage(page, STAGE, keys, first_worked(page, keys))
    own = sorted((one for one in stages if one.stage == stage), key=lambda one: -one.n)
    note(page, "reading_groups", shown=min(len(own), MOST_GROUPS), total=len(own))
    return own[:MOST_GROUPS]


def _chart(page: Page, span: Span, rows: Sequence[StageVelocity]) -> None:
    bars = [
        Quartiles(
            label(page, one.stage) if span.by is None else group(page, one.group, span.by),
            one.p25_days, one.median_days, one.p75_days, _said(page, one), one.n < SMALL,
            Choice(one.stage, "known", group_of(one.group, span.by)).text,
        )
        for one in rows
    ]  # fmt: skip
    never = [bar.name for bar in bars if bar.low is None]
    if len(never) < len(bars):
        note(page, "reading_stages")
        figure = velocity_charts.quartiles(bars, page.lang)
        charts.show(figure, key=page.key("quartiles"), alt=page.text("purpose"), select=_chosen)
    if never:
        note(page, "not_drawn", stages=", ".join(never))


def _said(page: Page, one: StageVelocity) -> str:
    reached = [days(page, getattr(one, name)) for name in QUARTILES]
    return page.text("said_stage", low=reached[0], middle=reached[1], high=reached[2], n=one.n, open=one.n_open)


def _table(page: Page, span: Span, stages: Sequence[StageVelocity]) -> None:
    lang = page.lang
    rows = []
    for one in stages:
        row: dict[str, Any] = {**asdict(one), "stage": label(page, one.stage), "group": group(page, one.group, span.by)}
        row |= {name: None if (value := row[name]) is None else value * HOURS for name in QUARTILES}
        rows.append({**row, "note": _note(page, one)})
    kinds: dict[str, Kind] = {"group": "text"} if span.by else {}
    kinds |= {"stage": "text", "n": "count", "n_open": "count", **dict.fromkeys(QUARTILES, "span")}
    if any(row["note"] for row in rows):
        kinds["note"] = "text"

    def clicked(position: int | None) -> None:
        if position is None:
            return _chosen(None)
        one = stages[position]
        return _chosen(Choice(one.stage, "known", group_of(one.group, span.by)).text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("stages_table"), select=clicked)


def _note(page: Page, one: StageVelocity) -> str | None:
    """What must be read beside the numbers: few cases, and quartiles not reached."""
    said = [page.lang("ui.small", count=SMALL)] if one.n < SMALL else []
    missing = next((name for name in QUARTILES if getattr(one, name) is None), None)
    if missing is not None:
        said.append(page.text(f"not_reached.{missing}"))
    return " · ".join(said) or None


def _choice(page: Page, span: Span, stages: Sequence[StageVelocity]) -> Choice | None:
    found = []
    for one in stages:
        for part, count in (("known", one.n), ("open", one.n_open), ("left", one.n - one.n_open)):
            choice = Choice(one.stage, part, group_of(one.group, span.by))
            found.append((choice, count, f"{_title(page, span, choice)} ({page.lang.number(count)})"))
    return pick(page, WHO, known(found))


def _title(page: Page, span: Span, choice: Choice) -> str:
    whose = [] if choice.group is None else [group(page, choice.group or None, span.by)]
    return " · ".join([*whose, label(page, choice.of), page.text(f"part.{choice.part}")])


def _chosen(text: str | None) -> None:
    state.write(WHO, text)
