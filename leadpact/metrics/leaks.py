"""Leaks: the stages that lose more journeys than they did in the period before.

Both periods are read at equal age: of the journeys that came to a stage and have had D days
since, how many were lost from it within those D days (D: the scope's window, else 30 days or
fewer for a short period, see compare.equal_age). A leak is how many more were lost than last period's rate leads to
expect.

Not here: who was lost (leaks_rows.py), the funnel's own rates (funnel.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from config.schema import Pact
from leadpact.metrics.compare import Gap, equal_age, gaps
from leadpact.metrics.funnel import SMALL, Scope, share
from leadpact.metrics.leaks_rows import BEFORE_WIN, stands
from leadpact.metrics.periods import Period, chosen, today
from leadpact.metrics.significance import two_proportions, wilson
from leadpact.tables import Table, Tables


@dataclass(frozen=True)
class Reason:
    """Where the lost went, and why: `end_stage` is a stage or `deleted`, `reason` the record's, null where not told."""

    end_stage: str
    reason: str | None
    lost: int
    lost_before: int


@dataclass(frozen=True)
class Leak:
    """One stage of one group. `excess` is `lost − expected`; both null where nobody came to the stage before.

    `gap` is the difference of the two rates with its interval; null where a side is empty.
    """

    group: str | None
    stage: str
    entered: int
    lost: int
    rate: float | None
    ci_low: float | None
    ci_high: float | None
    entered_before: int
    lost_before: int
    rate_before: float | None
    expected: float | None
    excess: float | None
    gap: Gap | None
    young: int
    reasons: tuple[Reason, ...]

    @property
    def small(self) -> bool:
        """Too few in one of the periods to read a rate from."""
        return min(self.entered, self.entered_before) < SMALL

    @property
    def clear(self) -> bool:
        """Whether the difference is there, after correction for the stages looked at together."""
        return self.gap is not None and self.gap.clear


@dataclass(frozen=True)
class Leaks:
    """Every stage that was entered, the largest leak first, and what was left out of both periods.

    `coverage` is the share of journeys and stages whose times are known; null when there is nothing.
    """

    period: Period
    before: Period
    within_days: float
    leaks: tuple[Leak, ...]
    coverage: float | None
    young: int
    unknown: int
    invalid: int


def leaks(tables: Tables, pact: Pact, as_of: datetime, scope: Scope | None = None) -> Leaks:
    """Every stage before the win, ordered by how many more were lost than expected. Executes.

    Of the scope count the dates (without: the last 90 days), the window and the split.
    """
    scope = (scope or Scope()).checked(pact)
    period = chosen(pact, as_of, scope.start, scope.end)
    rows = stands(tables, pact, as_of, scope)
    by = ("group", "stage", "side", "part", "lost", "end_stage", "reason")
    counts = rows.group_by(*by).aggregate(n=rows.count()).execute()
    found = [{name: value if value == value else None for name, value in row.items()}  # noqa: PLR0124 - NaN
             for row in counts.to_dict("records")]  # fmt: skip
    of_part = {part: _sum(row for row in found if row["part"] == part) for part in ("young", "unknown", "invalid")}
    total = _sum(found)
    return Leaks(
        period=period,
        before=period.before,
        within_days=equal_age(scope, period, today(pact, as_of)),
        leaks=_ordered(found, pact),
        coverage=None if total == 0 else 1 - of_part["unknown"] / total,
        **of_part,
    )


def largest(tables: Tables, pact: Pact, as_of: datetime) -> Leak | None:
    """The stage of the last 90 days that lost most beyond what was expected; null where none clearly did."""
    found = leaks(tables, pact, as_of).leaks
    return next((leak for leak in found if leak.clear and (leak.excess or 0) > 0), None)


def behind(
    tables: Tables, pact: Pact, as_of: datetime, scope: Scope, stage: str, part: str, group: str | None = None
) -> Table:
    """The rows of `stands` one figure counts: `part` is `lost`, `entered`, `lost_before` or `entered_before`."""
    rows = stands(tables, pact, as_of, replace(scope, by=None) if group is None else scope)
    side = "before" if part.endswith("_before") else "now"
    rows = rows.filter(rows.stage == stage, rows.side == side, rows.part == "counted")
    if part.startswith("lost"):
        rows = rows.filter(rows.lost)
    if group is not None:
        rows = rows.filter(rows.group.isnull() if group == "" else rows.group == group)
    return rows


def _ordered(found: Sequence[Mapping[str, Any]], pact: Pact) -> tuple[Leak, ...]:
    keys = pact.keys(*BEFORE_WIN)
    own: dict[tuple[str | None, str], list[Mapping[str, Any]]] = {}
    for row in found:
        if row["part"] in ("counted", "young") and row["stage"] in keys:
            own.setdefault((row["group"], row["stage"]), []).append(row)
    bare = [_leak(group, stage, rows) for (group, stage), rows in own.items()]
    apart = gaps([two_proportions(one.lost, one.entered, one.lost_before, one.entered_before) for one in bare])
    told = [replace(one, gap=gap) for one, gap in zip(bare, apart, strict=True)]
    return tuple(
        sorted(told, key=lambda one: (one.excess is None, -(one.excess or 0), -one.lost, keys.index(one.stage),
                                      one.group is None, one.group or ""))
    )  # fmt: skip


def _leak(group: str | None, stage: str, rows: Sequence[Mapping[str, Any]]) -> Leak:
    counted = [row for row in rows if row["part"] == "counted"]
    now, then = ([row for row in counted if row["side"] == side] for side in ("now", "before"))
    entered, entered_before = _sum(now), _sum(then)
    lost, lost_before = (_sum(row for row in side if row["lost"]) for side in (now, then))
    rate_before = share(lost_before, entered_before)
    low, high = wilson(lost, entered) or (None, None)
    expected = None if rate_before is None else entered * rate_before
    return Leak(
        group=group, stage=stage, entered=entered, lost=lost, rate=share(lost, entered), ci_low=low, ci_high=high,
        entered_before=entered_before, lost_before=lost_before, rate_before=rate_before, expected=expected,
        excess=None if expected is None else lost - expected, gap=None,
        young=_sum(row for row in rows if row["part"] == "young" and row["side"] == "now"),
        reasons=_reasons(now, then),
    )  # fmt: skip


def _reasons(now: Sequence[Mapping[str, Any]], then: Sequence[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Ends and reasons of both periods, the most frequent of this one first."""
    pairs = dict.fromkeys((row["end_stage"], row["reason"]) for row in (*now, *then) if row["lost"])
    found = [
        Reason(*pair, *(_sum(row for row in side if row["lost"] and (row["end_stage"], row["reason"]) == pair)
                        for side in (now, then)))
        for pair in pairs
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.lost, -one.lost_before, one.end_stage, one.reason or "")))


def _sum(rows: Any) -> int:
    return sum(int(row["n"]) for row in rows)
