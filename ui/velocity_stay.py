"""Who is still in a stage after so many days: the survival curve with its band, by group.

Not here: the curve (leadpact/metrics/curves.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from config.schema import UNMAPPED
from leadpact.metrics import curves
from leadpact.metrics.curves import Curves, Line, Point
from leadpact.metrics.funnel import SMALL
from ui import charts, people, tables, velocity_charts
from ui.choice import Choice, group_of, known, pick
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.tables import Kind
from ui.velocities import Span, stays
from ui.velocity_scope import (
    BEHIND,
    STAGE,
    WHO,
    between,
    facts,
    first_worked,
    group,
    label,
    note,
    pick_stage,
)


def show(page: Page, span: Span) -> None:
    """The curve of one stage: figures, chart, table, and the people of a group."""
    keys = [*(stage.key for stage in page.used.pact.stages), UNMAPPED]
    stage = pick_stage(page, STAGE, keys, first_worked(page, keys))
    found = page.cached(curves.staying, stage, by=span.by, start=span.start, end=span.end)
    said = facts(page, span, found.coverage, found.unknown, page.text("rule.curves"))
    if not found.lines:
        page.empty("page.velocity.none_in_stage", stage=label(page, stage))
        return page.footer(**said)
    if span.by is None:
        _figures(page, span, found, said)
    draw(page, span, found, "still_after")
    table(page, span, found)
    choice = pick(page, WHO, known([_entry(page, span, found, line, part) for line in found.lines for part in PARTS]))
    if choice is not None:
        people.show(page, _title(page, span, choice), stays, span, choice, key="people", first=BEHIND, order="days")
    return page.footer(**said)


PARTS = ("known", "open", "left")


def draw(page: Page, span: Span, found: Curves, text: str, top: float = 1.0) -> None:
    """The staircases of the largest groups, and how to read them."""
    shown = found.lines[: charts.MOST_GROUPS]
    key = "reading_curves" if span.by is None else "reading_curves_groups"
    note(page, key, shown=len(shown), total=len(found.lines), watched=velocity_charts.ALONE)
    lines = [(group(page, line.group, span.by), line.steps) for line in shown]
    said = [[_said(page, point, text) for point in velocity_charts.watched(line.steps)] for line in shown]
    figure = velocity_charts.staircases(lines, said, page.lang, top=top)
    charts.show(figure, key=page.key("curve"), alt=page.text(f"{text}.alt", stage=label(page, found.stage)))


def table(page: Page, span: Span, found: Curves) -> None:
    """The quoted days of every group, each with its interval and how many were still watched."""
    rows = []
    for line in found.lines:
        for point in line.quoted:
            row: dict[str, Any] = {"group": group(page, line.group, span.by), "day": point.days, "n": line.n}
            row |= {"share": point.share, "interval": between(page, point.low, point.high), "at_risk": point.at_risk}
            row["note"] = _note(page, line, point)
            rows.append(row)
    kinds: dict[str, Kind] = {"group": "text"} if span.by else {}
    kinds |= {"day": "count", "share": "share", "interval": "text", "at_risk": "count", "n": "count"}
    if any(row["note"] for row in rows):
        kinds["note"] = "text"
    tables.show(pd.DataFrame(rows), kinds, page.lang, key=page.key("curve_table"))


def _note(page: Page, line: Line, point: Point) -> str | None:
    said = [page.lang("ui.small", count=SMALL)] if line.n < SMALL else []
    if point.share is None:
        said.append(page.text("not_watched"))
    return " · ".join(said) or None


def _figures(page: Page, span: Span, found: Curves, said: dict[str, Any]) -> None:
    line = found.lines[0]
    stage = label(page, found.stage)
    opening(
        page,
        "stay",
        [
            Figure(
                page.text("still_after", count=int(point.days)),
                page.lang.percent(point.share),
                page.text("rule.still_after", count=int(point.days), stage=stage),
                help=_help(page, line, point),
                facts={**said, "page.velocity.interval": between(page, point.low, point.high) or "–"},
                numerator=Part(stays, (span, Choice(found.stage, "known"), point.days), BEHIND, "days"),
                denominator=Part(stays, (span, Choice(found.stage, "known")), BEHIND, "days"),
            )
            for point in line.quoted
        ],
    )


def _help(page: Page, line: Line, point: Point) -> str:
    if point.share is None:
        return page.text("not_watched")
    return page.text(
        "point.help", interval=between(page, point.low, point.high) or "–", at_risk=point.at_risk, n=line.n
    )


def _said(page: Page, point: Point, text: str) -> str:
    interval = between(page, point.low, point.high)
    share = page.lang.percent(point.share) + (f" ({interval})" if interval else "")
    return page.text(f"{text}.said", days=page.lang.number(point.days, 1), share=share, at_risk=point.at_risk)


def _entry(page: Page, span: Span, found: Curves, line: Line, part: str) -> tuple[Choice, int, str]:
    choice = Choice(found.stage, part, group_of(line.group, span.by))
    count = {"known": line.n, "open": line.n_open, "left": line.n - line.n_open}[part]
    return choice, count, f"{_title(page, span, choice)} ({page.lang.number(count)})"


def _title(page: Page, span: Span, choice: Choice) -> str:
    whose: Sequence[str] = [] if choice.group is None else [group(page, choice.group or None, span.by)]
    return " · ".join([*whose, label(page, choice.of), page.text(f"part.{choice.part}")])
