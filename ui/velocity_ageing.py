"""Ageing: open leads per stage by how long they have been there, against what is usual in that stage.

Not here: the counts (leadpact/metrics/ageing.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from leadpact.metrics import ageing
from leadpact.metrics.ageing import BANDS, Ageing, StageAge
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, people, state, tables
from ui.choice import Choice, group_of, known, pick
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.tables import Kind
from ui.velocities import Span, waiting
from ui.velocity_scope import (
    MOST_GROUPS,
    STAGE,
    WHO,
    facts,
    first_worked,
    group,
    label,
    note,
    pick_stage,
)

# from fresh to old, and the unknown apart
COLOURS = ("#2f7bc0", "#6b9fc9", "#c9a227", "#c9822e", "#b5482f")
BEHIND: dict[str, Kind] = {"days": "number", "owner": "text", "past_p75": "flag", "entered_at": "moment"}
HOURS = 24


def show(page: Page, span: Span) -> None:
    """Figures, stacked bars by age, their table, and the people of a bar."""
    found = page.cached(ageing.ageing, by=span.by, start=span.start, end=span.end)
    said = facts(page, span, found.coverage, found.unknown, page.text("rule.ageing"))
    if not found.stages:
        page.empty("page.velocity.nobody_open")
        return page.footer(**said)
    _figures(page, span, found, said)
    rows = _rows(page, span, found.stages)
    _chart(page, span, rows)
    _table(page, span, found.stages)
    choice = _choice(page, span, found)
    if choice is not None:
        people.show(page, _title(page, span, choice), oldest, found.usual, span, choice, key="people", first=BEHIND,
                    order="age_order")  # fmt: skip
    return page.footer(**said)


def oldest(analysis: Analysis, usual: ageing.Usual, span: Span, choice: Choice) -> Table:
    """As `waiting`, with `age_order` to list the oldest first."""
    rows = waiting(analysis, usual, span, choice)
    return rows.mutate(age_order=-rows.days)


def _figures(page: Page, span: Span, found: Ageing, said: dict[str, Any]) -> None:
    lang = page.lang
    known_ages = [one for one in found.stages if one.past_p75 is not None]
    late = sum(one.past_p75 or 0 for one in known_ages)
    whole = sum(one.n for one in found.stages)
    all_of = Part(oldest, (found.usual, span, Choice("", "all")), BEHIND, "age_order")
    opening(
        page,
        "ageing",
        [
            Figure(page.text("open_leads"), lang.number(whole), page.text("rule.open_leads"), facts=said,
                   numerator=all_of),
            Figure(page.text("past_p75"), lang.number(late), page.text("rule.past_p75"), facts=said,
                   help=page.text("past_p75.help", share=lang.percent(late / whole if whole else None)),
                   numerator=Part(oldest, (found.usual, span, Choice("", "past_p75")), BEHIND, "age_order"),
                   denominator=all_of),
        ],
    )  # fmt: skip


def _rows(page: Page, span: Span, stages: Sequence[StageAge]) -> list[StageAge]:
    if span.by is None:
        return list(stages)
    keys = list(dict.fromkeys(one.stage for one in stages))
    stage = pick_stage(page, STAGE, keys, first_worked(page, keys))
    own = [one for one in stages if one.stage == stage]
    note(page, "reading_groups", shown=min(len(own), MOST_GROUPS), total=len(own))
    return own[:MOST_GROUPS]


def _bands(page: Page) -> list[str]:
    """The names of the bands, the youngest first."""
    names = [page.text("band.under", days=BANDS[0])]
    names += [page.text("band.between", low=low, high=high) for low, high in pairwise(BANDS)]
    return [*names, page.text("band.over", days=BANDS[-1])]


def _chart(page: Page, span: Span, rows: Sequence[StageAge]) -> None:
    lang = page.lang
    note(page, "reading_ageing")
    labels = [label(page, one.stage) if span.by is None else group(page, one.group, span.by) for one in rows]
    series = [
        (
            name,
            COLOURS[place],
            [one.bands[place] for one in rows],
            [lang.number(one.bands[place]) if one.bands[place] else "" for one in rows],
            [Choice(one.stage, f"band_{place}", group_of(one.group, span.by)).text for one in rows],
        )
        for place, name in enumerate(_bands(page))
    ]
    if any(one.unknown for one in rows):
        texts = [lang.number(one.unknown) if one.unknown else "" for one in rows]
        meanings = [Choice(one.stage, "unknown", group_of(one.group, span.by)).text for one in rows]
        series.append((page.text("band.unknown"), charts.QUIET, [one.unknown for one in rows], texts, meanings))
    figure = charts.bars(labels, series, lang, stacked=True)
    charts.show(figure, key=page.key("ages"), alt=page.text("reading_ageing"), select=_chosen)


def _table(page: Page, span: Span, stages: Sequence[StageAge]) -> None:
    lang = page.lang
    names = _bands(page)
    rows = []
    for one in stages:
        row: dict[str, Any] = {
            "group": group(page, one.group, span.by),
            "stage": label(page, one.stage),
            "n_open": one.n,
        }
        row |= dict(zip(names, one.bands, strict=True))
        row |= {"age_unknown": one.unknown, "past_median": one.past_median, "past_p75": one.past_p75}
        row["median_days"] = None if one.median_days is None else one.median_days * HOURS
        row["p75_days"] = None if one.p75_days is None else one.p75_days * HOURS
        rows.append(row)
    kinds: dict[str, Kind] = {"group": "text"} if span.by else {}
    kinds |= {"stage": "text", "n_open": "count", "past_p75": "count", "p75_days": "span"}
    kinds |= dict.fromkeys(names, "count")
    if any(one.unknown for one in stages):
        kinds["age_unknown"] = "count"
    kinds |= {"past_median": "count", "median_days": "span"}

    def clicked(position: int | None) -> None:
        if position is None:
            return _chosen(None)
        return _chosen(Choice(stages[position].stage, "all", group_of(stages[position].group, span.by)).text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("ages_table"), select=clicked)


def _choice(page: Page, span: Span, found: Ageing) -> Choice | None:
    entries = []
    for one in found.stages:
        counts = {"all": one.n, "past_p75": one.past_p75 or 0, "past_median": one.past_median or 0}
        counts |= {f"band_{place}": count for place, count in enumerate(one.bands)} | {"unknown": one.unknown}
        for part, count in counts.items():
            choice = Choice(one.stage, part, group_of(one.group, span.by))
            entries.append((choice, count, f"{_title(page, span, choice)} ({page.lang.number(count)})"))
    return pick(page, WHO, known(entries))


def _title(page: Page, span: Span, choice: Choice) -> str:
    whose = [] if choice.group is None else [group(page, choice.group or None, span.by)]
    words = {f"band_{place}": name for place, name in enumerate(_bands(page))}
    words |= {name: page.text(f"age.{name}") for name in ("all", "past_p75", "past_median", "unknown")}
    return " · ".join([*whose, label(page, choice.of), words.get(choice.part, choice.part)])


def _chosen(text: str | None) -> None:
    state.write(WHO, text)
