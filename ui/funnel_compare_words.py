"""What is said of a comparison: its sides, a difference, and the evidence for it.

Not here: the page's part (funnel_compare.py), its charts (funnel_compare_charts.py).
"""

from __future__ import annotations

from datetime import timedelta

from leadpact.language import Language
from leadpact.metrics.compare import Against, Compared, Comparison, Gap, Side
from leadpact.metrics.funnel import SMALL
from leadpact.metrics.periods import Period
from ui import options
from ui.page import Page

# what the two sides are called
NAMES: dict[Against, tuple[str, str]] = {"before": ("now", "before"), "rest": ("group", "rest")}
# the columns of a side: numerator, denominator, rate
COLUMNS = {
    "now": ("now_part", "now_whole", "now_rate"),
    "before": ("before_part", "before_whole", "before_rate"),
    "group": ("group_part", "group_whole", "group_rate"),
    "rest": ("rest_part", "rest_whole", "rest_rate"),
}


def span(lang: Language, period: Period) -> str:
    """A period from its first day to its last."""
    return f"{lang.day(period.start)} – {lang.day(period.end - timedelta(days=1))}"


def words(page: Page, found: Comparison) -> str:
    """What stands beside what, at which age, and who is left out of it."""
    lang, days = page.lang, found.scope.window_days
    if found.period is None or found.before is None:
        said = page.text("compare.said_rest", days=days)
    else:
        said = page.text(
            "compare.said_before", days=days, now=span(lang, found.period), before=span(lang, found.before)
        )
    if found.young:
        said += " " + page.text("compare.young", count=found.young)
    covered = [lang.percent(one) for one in (found.coverage, found.coverage_before) if one is not None]
    return f"{said} {page.text('compare.coverage', coverage=' · '.join(covered), unknown=found.unknown)}"


def numbers(side: Side, rate: str) -> tuple[int, int, float | None]:
    """Numerator, denominator and rate of one side."""
    if rate == "of_first":
        return side.converted, side.cohort, side.rate_of_first
    return side.converted, side.entered, side.rate_of_previous


def evidence(page: Page, gap: Gap | None, small: bool) -> str:
    """What may be said of a difference, in words."""
    if gap is None:
        return page.lang("compare.none")
    said = page.lang("compare.clear" if gap.clear else "compare.unclear")
    return f"{said} · {page.lang('ui.small', count=SMALL)}" if small else said


def interval(lang: Language, gap: Gap | None) -> str | None:
    """The interval of a difference, in percentage points."""
    if gap is None:
        return None
    low, high = (lang.number(100 * value, 1) for value in (gap.low, gap.high))
    return lang("compare.interval", low=low, high=high)


def points(lang: Language, value: float) -> str:
    """A difference of two shares, in percentage points, with its sign."""
    return lang("compare.points", value=("+" if value > 0 else "") + lang.number(100 * value, 1))


def title(page: Page, found: Comparison, step: Compared) -> str:
    """Group and stage."""
    label = page.used.pact.stage(step.stage).label
    return label if found.scope.by is None else f"{options.shown(page.lang, step.group)} · {label}"


def said(page: Page, found: Comparison, step: Compared, rate: str) -> str:
    lang, gap = page.lang, getattr(step, rate)
    sides = " / ".join(f"{lang.percent(value)} ({lang.number(part)}/{lang.number(whole)})"
                       for part, whole, value in (numbers(step.now, rate), numbers(step.other, rate)))  # fmt: skip
    return f"{title(page, found, step)}: {sides} = {points(lang, gap.difference)}"
