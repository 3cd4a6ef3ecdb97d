"""What existing contacts bring to a stage beside new leads, period by period.

Not here: where a journey came from (leadpact/metrics/contribution.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from leadpact.metrics import contribution
from leadpact.metrics.contribution import CAME_FROM, EXISTING, Contribution, Share, entries
from leadpact.metrics.funnel import SMALL, Scope, share
from leadpact.metrics.significance import wilson
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, options, people, state, tables
from ui.choice import Choice, known, pick, with_click
from ui.figures import Figure, Part, opening
from ui.funnel_pipeline_words import BROUGHT, MOST, between, facts, note, stage
from ui.page import Page
from ui.tables import Kind

COLOURS = dict(zip(CAME_FROM, (charts.GROUPS[0], charts.GROUPS[5], charts.GROUPS[1], charts.GROUPS[2]), strict=True))
BROUGHT_BY = {"lead": "brought_lead", "converted": "brought_converted", "contact": "brought_contact",
              "returning": "brought_returning"}  # fmt: skip
COLUMNS: dict[str, Kind] = {"brought_at": "moment", "journey_number": "count"}


def show(page: Page, scope: Scope) -> None:
    """Figures, bars by month (or what the page is split by), table, and the people behind."""
    chosen = stage(page)
    label, by = page.used.pact.stage(chosen).label, scope.by or "month"
    found: Contribution = page.cached_whole(compute, scope, chosen, by)
    told = facts(page, scope, page.text("pipeline.contacts.rule", stage=label), "page.funnel.pipeline.range.reached",
                 found.coverage, times=found.unknown, invalid=found.invalid)  # fmt: skip
    if not found.total:
        page.empty("page.funnel.pipeline.contacts.none", action="connection", stage=label)
        return page.footer(**told)
    _figures(page, scope, found, chosen, by, told)
    groups = list(dict.fromkeys(line.group for line in found.lines))
    shown = groups[-MOST:] if by in ("month", "week") else groups[:MOST]
    reading = page.text("pipeline.contacts.reading", stage=label, shown=len(shown), total=len(groups))
    note(with_click(page, reading, "part"))
    _chart(page, found, shown, by)
    _table(page, found, groups, by)
    _people(page, scope, found, chosen, by)
    return page.footer(**told)


def compute(analysis: Analysis, scope: Scope, chosen: str, by: str) -> Contribution:
    """As `leadpact.metrics.contribution.contribution`."""
    return contribution.contribution(
        analysis.tables, analysis.pact, analysis.as_of, stage=chosen, start=scope.start, end=scope.end, by=by
    )


def behind(analysis: Analysis, scope: Scope, chosen: str, by: str, choice: Choice) -> Table:
    """The journeys of one origin and group. `choice.of` is `all`, `existing`, an origin, or a part left out."""
    rows = entries(
        analysis.tables, analysis.pact, analysis.as_of, stage=chosen, start=scope.start, end=scope.end, by=by
    )
    if choice.of in ("unknown", "invalid"):
        rows = rows.filter(rows.part == choice.of)
    else:
        rows = rows.filter(rows.part == "counted")
        wanted = {"all": CAME_FROM, "existing": EXISTING}.get(choice.of, (choice.of,))
        rows = rows.filter(rows.came_from.isin(wanted))
    if choice.group is not None:
        rows = rows.filter(rows.group.isnull() if choice.group == "" else rows.group == choice.group)
    return rows.select("object", "record_id", "person_id", journey_number="journey", brought_at="reached_at")


def _figures(page: Page, scope: Scope, found: Contribution, chosen: str, by: str, told: dict[str, Any]) -> None:
    lang, label = page.lang, page.used.pact.stage(chosen).label

    def part(of: str) -> Part:
        return Part(behind, (scope, chosen, by, Choice(of, "n")), COLUMNS, "brought_at")

    rule = page.text("pipeline.contacts.rule", stage=label)
    number = {origin: sum(line.n for line in found.lines if line.came_from == origin) for origin in CAME_FROM}
    interval = wilson(found.existing, found.total) or (None, None)
    text = page.text("pipeline.contacts.existing.help", part=found.existing, whole=found.total,
                     interval=between(page, *interval) or "–")  # fmt: skip
    opening(page, "brought", [
        Figure(page.text("pipeline.contacts.all", stage=label), lang.number(found.total), rule, facts=told,
               numerator=part("all")),
        Figure(page.text("pipeline.contacts.existing"), lang.percent(share(found.existing, found.total)), text,
               help=text, facts=told, numerator=part("existing"), denominator=part("all")),
        *(Figure(lang(f"contribution.from.{origin}"), lang.number(number[origin]), rule, facts=told,
                 numerator=part(origin)) for origin in EXISTING),
    ])  # fmt: skip


def _shown(page: Page, group: str | None, by: str) -> str:
    """A group; a month by its name."""
    if by == "month" and group is not None:
        return str(group[:7])
    return options.shown(page.lang, group)


def _chart(page: Page, found: Contribution, groups: Sequence[str | None], by: str) -> None:
    """Bars of every period or group, in four parts."""
    lang = page.lang
    lines = {(line.group, line.came_from): line for line in found.lines}
    series = []
    for origin in CAME_FROM:
        mine: list[Share] = [lines[group, origin] for group in groups]
        if any(line.n for line in mine):
            series.append(
                (lang(f"contribution.from.{origin}"), COLOURS[origin], [line.n for line in mine],
                 [f"{lang.number(line.n)} · {lang.percent(line.share, 0)}" for line in mine],
                 [Choice(origin, "n", line.group or "").text for line in mine])
            )  # fmt: skip
    labels = [charts.escaped(_shown(page, group, by)) for group in groups]
    figure = charts.bars(labels, series, lang, stacked=True)
    figure.update_yaxes(type="category")
    charts.show(figure, key=page.key("brought_chart"), alt=page.text("pipeline.contacts.alt"), select=_chosen)


def _table(page: Page, found: Contribution, groups: Sequence[str | None], by: str) -> None:
    lang, rows = page.lang, []
    for group in groups:
        mine = {line.came_from: line.n for line in found.lines if line.group == group}
        of, existing = sum(mine.values()), sum(mine[origin] for origin in EXISTING)
        low, high = wilson(existing, of) or (None, None)
        rows.append(
            {"brought_group": _shown(page, group, by),
             **{BROUGHT_BY[origin]: number for origin, number in mine.items()},
             "brought_all": of, "brought_existing": share(existing, of), "interval": between(page, low, high),
             "note": lang("ui.small", count=SMALL) if of < SMALL else None}
        )  # fmt: skip
    kinds: dict[str, Kind] = {"brought_group": "text", "brought_all": "count", "brought_existing": "share",
                              "interval": "text"}  # fmt: skip
    kinds |= {BROUGHT_BY[origin]: "count" for origin in CAME_FROM}
    tables.show(pd.DataFrame(rows), {**kinds, "note": "text"}, lang, key=page.key("brought_table"))


def _people(page: Page, scope: Scope, found: Contribution, chosen: str, by: str) -> None:
    """The people of one bar, and those left out."""
    lang = page.lang
    choices = [
        (Choice(line.came_from, "n", line.group or ""), line.n,
         f"{_shown(page, line.group, by)} · {lang(f'contribution.from.{line.came_from}')} ({lang.number(line.n)})")
        for line in found.lines
    ]  # fmt: skip
    choices += [(Choice(part, "n"), getattr(found, part),
                 f"{page.text(f'pipeline.contacts.part.{part}')} ({lang.number(getattr(found, part))})")
                for part in ("unknown", "invalid")]  # fmt: skip
    titles = known(choices)
    choice = pick(page, BROUGHT, titles)
    if choice is not None:
        people.show(page, titles[choice.text], behind, scope, chosen, by, choice, key="brought_people",
                    first=COLUMNS, order="brought_at")  # fmt: skip


def _chosen(text: str | None) -> None:
    state.write(BROUGHT, text)
