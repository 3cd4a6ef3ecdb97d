"""How likely a lead has reached a stage by a day: the curve with its band, quoted at 7, 30 and 90 days.

Not here: the curve (leadpact/metrics/curves.py), cohorts with a window (the Funnel page).
"""

from __future__ import annotations

from typing import Any

from leadpact.metrics import curves
from leadpact.metrics.curves import Curves, Line
from leadpact.metrics.funnel import Scope, reachable
from ui import charts, people, velocity_stay
from ui.choice import Choice, group_of, known, pick
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.tables import Kind
from ui.velocities import Span, reached
from ui.velocity_charts import watched
from ui.velocity_scope import GOAL, WHO, between, facts, group, label, pick_stage

PARTS = ("reached", "ended", "open")
BEHIND: dict[str, Kind] = {"days": "number", "entered_at": "moment", "group": "text"}


def show(page: Page, span: Span) -> None:
    """The curve of one goal: figures, chart, table, and the people of a group."""
    keys = [stage.key for stage in reachable(page.used.pact, Scope()).funnel][1:]
    if not keys:
        page.empty("page.velocity.no_goal", action="definition")
        return page.footer()
    goal = pick_stage(page, GOAL, keys, next((key for key in page.used.pact.keys("sales") if key in keys), keys[0]))
    found = page.cached(curves.reaching, goal, by=span.by, start=span.start, end=span.end)
    said = facts(page, span, found.coverage, found.unknown, page.text("rule.reach"))
    said["page.funnel.invalid"] = page.lang.number(found.invalid)
    if not found.lines:
        page.empty("page.velocity.none", action="connection")
        return page.footer(**said)
    if span.by is None:
        _figures(page, span, found, said)
    drawn = [point for line in found.lines[: charts.MOST_GROUPS] for point in watched(line.steps)]
    highest = max((point.high or point.share or 0 for point in drawn), default=1)
    velocity_stay.draw(page, span, found, "reached_by", top=min(1.0, highest * 1.15) or 1.0)
    velocity_stay.table(page, span, found)
    choice = pick(page, WHO, known([_entry(page, span, found, line, part) for line in found.lines for part in PARTS]))
    if choice is not None:
        people.show(page, _title(page, span, choice), reached, span, choice, key="people", first=BEHIND, order="days")
    return page.footer(**said)


def _figures(page: Page, span: Span, found: Curves, said: dict[str, Any]) -> None:
    line, stage = found.lines[0], label(page, found.stage)
    opening(
        page,
        "reach",
        [
            Figure(
                page.text("reached_by", count=int(point.days)),
                page.lang.percent(point.share),
                page.text("rule.reached_by", count=int(point.days), stage=stage),
                help=page.text("not_watched") if point.share is None else page.text(
                    "point.help", interval=between(page, point.low, point.high) or "–", at_risk=point.at_risk, n=line.n
                ),
                facts={**said, "page.velocity.interval": between(page, point.low, point.high) or "–"},
                numerator=Part(reached, (span, Choice(found.stage, "reached"), point.days), BEHIND, "days"),
                denominator=Part(reached, (span, Choice(found.stage, "counted")), BEHIND, "days"),
            )
            for point in line.quoted
        ],
    )  # fmt: skip


def _entry(page: Page, span: Span, found: Curves, line: Line, part: str) -> tuple[Choice, int, str]:
    choice = Choice(found.stage, part, group_of(line.group, span.by))
    count = {"reached": line.n - line.n_open - line.n_ended, "ended": line.n_ended, "open": line.n_open}[part]
    return choice, count, f"{_title(page, span, choice)} ({page.lang.number(count)})"


def _title(page: Page, span: Span, choice: Choice) -> str:
    whose = [] if choice.group is None else [group(page, choice.group or None, span.by)]
    return " · ".join([*whose, label(page, choice.of), page.text(f"part.{choice.part}")])
