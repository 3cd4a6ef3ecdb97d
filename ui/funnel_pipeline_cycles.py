"""Cycle times: how likely a win and a loss are by day, for deals and for journeys, open ones included.

Not here: the estimates (leadpact/metrics/cycles.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from leadpact.metrics import cycles
from leadpact.metrics.curves import Point
from leadpact.metrics.cycles import LOST, OPEN, ROWS, WON, Cycle, Cycles, Kind, Left
from leadpact.metrics.funnel import SMALL, Scope
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, options, people, tables, velocity_charts
from ui.choice import Choice, group_of, known, pick
from ui.figures import Figure, Part, opening
from ui.funnel_pipeline_words import CYCLE, between, facts, missing, note
from ui.page import Page

GRID = tuple(float(day) for day in (*range(1, 61), *range(62, 181, 2), *range(190, 366, 10)))
QUOTED = (30.0, 60.0, 90.0, 180.0)
OUTCOMES = {"all": None, "open": OPEN, "won": WON, "lost": LOST}
COLUMNS: dict[str, tables.Kind] = {"days": "number", "cycle_start": "moment", "cycle_end": "moment"}


def show(page: Page, scope: Scope) -> None:
    """Deals first, for that is where the money is; then the whole way from entry to the win."""
    found: Cycles = page.cached_whole(compute, scope)
    told: dict[str, str] = {}
    for kind in ("deal", "journey"):
        st.subheader(page.lang(f"cycles.kind.{kind}"), anchor=False)
        if kind == "deal" and missing(page, found.missing):
            continue
        left = next(one for one in found.left_out if one.kind == kind)
        told = facts(page, scope, page.text(f"pipeline.cycles.rule.{kind}"), f"page.funnel.pipeline.range.{kind}",
                     left.coverage, times=left.unknown, invalid=left.invalid)  # fmt: skip
        _kind(page, scope, found.of(kind), left, told)
    page.footer(**{**told, "page.funnel.rule": page.text("pipeline.cycles.rule")})


def compute(analysis: Analysis, scope: Scope) -> Cycles:
    """As `leadpact.metrics.cycles.cycles`, at the days a curve is drawn through."""
    return cycles.cycles(
        analysis.tables, analysis.pact, analysis.as_of, start=scope.start, end=scope.end, by=scope.by, days=GRID
    )


def behind(analysis: Analysis, scope: Scope, choice: Choice) -> Table:
    """The deals or journeys of one outcome. `choice.of` is the kind, `part` of OUTCOMES, or `unknown`, `invalid`."""
    rows = ROWS["deal" if choice.of == "deal" else "journey"](
        analysis.tables, analysis.pact, analysis.as_of, start=scope.start, end=scope.end, by=scope.by
    )
    if choice.part in OUTCOMES:
        rows = rows.filter(rows.part == "counted")
        outcome = OUTCOMES[choice.part]
        rows = rows if outcome is None else rows.filter(rows.outcome == outcome)
    else:
        rows = rows.filter(rows.part == choice.part)
    if choice.group is not None:
        rows = rows.filter(rows.group.isnull() if choice.group == "" else rows.group == choice.group)
    return rows.select("object", "record_id", "person_id", "days", cycle_start="started_at", cycle_end="ended_at")


def _kind(page: Page, scope: Scope, found: Sequence[Cycle], left: Left, told: dict[str, str]) -> None:
    lang, kind = page.lang, left.kind
    if not found:
        st.info(page.text(f"pipeline.cycles.none.{kind}"), icon=":material/hourglass_empty:")
    else:
        if scope.by is None:
            _figures(page, scope, found[0], told)
        shown = found[: charts.MOST_GROUPS]
        whole = page.text(f"pipeline.cycles.reading.{kind}")
        note(page.text("pipeline.cycles.reading_groups", shown=len(shown), total=len(found)) if scope.by else whole)
        _chart(page, scope, shown, kind)
        _table(page, scope, found, kind)
    choices = [
        (Choice(kind, part, group_of(one.group, scope.by)), getattr(one, "n" if part == "all" else part),
         [*([options.shown(lang, one.group)] if scope.by else []), page.text(f"pipeline.cycles.part.{part}")])
        for one in found
        for part in OUTCOMES
    ]  # fmt: skip
    choices += [(Choice(kind, part), getattr(left, part), [page.text(f"pipeline.cycles.part.{part}")])
                for part in ("unknown", "invalid")]  # fmt: skip
    titles = known([(choice, count, f"{' · '.join(words)} ({lang.number(count)})") for choice, count, words in choices])
    choice = pick(page, f"{CYCLE}_{kind}", titles)
    if choice is not None:
        people.show(page, titles[choice.text], behind, scope, choice, key=f"cycle_{kind}_people", first=COLUMNS)


def _figures(page: Page, scope: Scope, one: Cycle, told: dict[str, str]) -> None:
    """How many and how many still open, half over by day, won within 90 days."""
    lang, rule = page.lang, page.text(f"pipeline.cycles.rule.{one.kind}")
    ninety = next(at for at in one.within if at.days == 90)

    def part(name: str) -> Part:
        return Part(behind, (scope, Choice(one.kind, name)), COLUMNS)

    half = page.text("pipeline.cycles.not_yet") if one.median_days is None else _days(page, one.median_days)
    interval = between(page, ninety.won_low, ninety.won_high) or "–"
    opening(page, f"cycle_{one.kind}", [
        Figure(page.text("pipeline.cycles.n"), lang.number(one.n), rule, facts=told, numerator=part("all")),
        Figure(page.text("pipeline.cycles.open"), lang.number(one.open), rule, facts=told, numerator=part("open"),
               denominator=part("all")),
        Figure(page.text("pipeline.cycles.half"), half, page.text("pipeline.cycles.half.help"),
               help=page.text("pipeline.cycles.half.help"), facts=told, numerator=part("all")),
        Figure(page.text("pipeline.cycles.ninety"), lang.percent(ninety.won),
               page.text("pipeline.cycles.ninety.help", interval=interval), facts=told,
               help=page.text("pipeline.cycles.ninety.help", interval=interval), numerator=part("won"),
               denominator=part("all")),
    ])  # fmt: skip


def _days(page: Page, days: float) -> str:
    """Short enough for a phone: hours under three days, tenths of a day under ten."""
    return tables.span(page.lang, 24 * days) if days < 10 else page.lang("ui.days", count=round(days))


def _chart(page: Page, scope: Scope, found: Sequence[Cycle], kind: Kind) -> None:
    """Won and lost by day; split by group, won alone."""
    lang = page.lang
    ends = ("won",) if scope.by else ("won", "lost")
    lines, said = [], []
    for one in found:
        for end in ends:
            title = (
                options.shown(lang, one.group)
                if scope.by
                else lang(f"{'pipeline' if kind == 'deal' else 'cycles'}.{end}")
            )
            points = [Point(0, 0.0, None, None, one.n)]
            points += [Point(at.days, getattr(at, end), getattr(at, f"{end}_low"), getattr(at, f"{end}_high"), one.n)
                       for at in one.within if getattr(at, end) is not None]  # fmt: skip
            lines.append((title, points))
            said.append([page.text("pipeline.cycles.point", share=lang.percent(point.share), days=point.days)
                         for point in points])  # fmt: skip
    top = max((point.high or point.share or 0 for _, points in lines for point in points), default=1.0)
    figure = velocity_charts.staircases(lines, said, lang, top=min(1.0, max(0.05, top * 1.1)))
    charts.show(figure, key=page.key(f"cycle_{kind}_chart"), alt=page.text(f"pipeline.cycles.reading.{kind}"))


def _table(page: Page, scope: Scope, found: Sequence[Cycle], kind: Kind) -> None:
    """The probabilities at the days people ask for; then numbers and quartiles."""
    lang, lost = page.lang, "cycle_deal_lost" if kind == "deal" else "cycle_lost"
    lost_by = "cycle_deal_lost_by" if kind == "deal" else "cycle_lost_by"
    by_day, numbers = [], []
    for one in found:
        head = {"group": options.shown(lang, one.group), "note": lang("ui.small", count=SMALL) if one.small else None}
        numbers.append({**head, "cycle_n": one.n, "cycle_open": one.open, "cycle_won": one.won, lost: one.lost,
                        "cycle_p25": one.p25_days, "cycle_median": one.median_days,
                        "cycle_p75": one.p75_days})  # fmt: skip
        by_day += [
            {**head, "days": at.days, "cycle_won_by": at.won, "interval": between(page, at.won_low, at.won_high),
             lost_by: at.lost, "cycle_other_interval": between(page, at.lost_low, at.lost_high)}
            for at in one.within
            if at.days in QUOTED
        ]  # fmt: skip
    first: dict[str, tables.Kind] = {"group": "text"} if scope.by else {}
    last: dict[str, tables.Kind] = {"note": "text"} if any(one.small for one in found) else {}
    days: dict[str, tables.Kind] = {"days": "count", "cycle_won_by": "share", "interval": "text", lost_by: "share",
                                    "cycle_other_interval": "text"}  # fmt: skip
    tables.show(pd.DataFrame(by_day), {**first, **days, **last}, lang, key=page.key(f"cycle_{kind}_table"))
    kinds: dict[str, tables.Kind] = {"cycle_n": "count", "cycle_open": "count", "cycle_won": "count", lost: "count",
                                     "cycle_p25": "number", "cycle_median": "number",
                                     "cycle_p75": "number"}  # fmt: skip
    tables.show(pd.DataFrame(numbers), {**first, **kinds, **last}, lang, key=page.key(f"cycle_{kind}_numbers"))
