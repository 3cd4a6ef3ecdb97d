"""Two funnels compared where that is fair: a period with the one before it, a group with the rest.

Only journeys that have had the same number of days since entry are compared, and only what they
reached within those days counts. Young journeys are left out and counted, so that a period that
has just begun never looks worse than one that has had its time.

Not here: the funnel (funnel.py), what a period is (periods.py), the test (significance.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.funnel import SMALL, Scope, cohort, share, steps
from leadpact.metrics.funnel_scope import step_keys
from leadpact.metrics.moments import utc_midnight
from leadpact.metrics.periods import Period, chosen, today
from leadpact.metrics.significance import Difference, benjamini_hochberg, two_proportions
from leadpact.tables import Table, Tables

Against = Literal["before", "rest"]
AGAINST: tuple[Against, ...] = ("before", "rest")
USUAL_WINDOW = 30
ACCEPTED = 0.05


@dataclass(frozen=True)
class Side:
    """One side of a step: its journeys that have had the window, and what they reached within it."""

    cohort: int
    entered: int
    converted: int

    @property
    def rate_of_first(self) -> float | None:
        return share(self.converted, self.cohort)

    @property
    def rate_of_previous(self) -> float | None:
        return share(self.converted, self.entered)


@dataclass(frozen=True)
class Gap:
    """A difference of two rates, now minus the other, with its 95 % interval.

    `p` is adjusted for the number of differences looked at together (Benjamini–Hochberg);
    `clear` means the difference is there, not chance: p ≤ 0.05.
    """

    difference: float
    low: float
    high: float
    p: float | None
    clear: bool


@dataclass(frozen=True)
class Compared:
    """One step of one group. A gap is null where a side is empty or the rate does not apply."""

    group: str | None
    stage: str
    now: Side
    other: Side
    of_first: Gap | None
    of_previous: Gap | None

    @property
    def small(self) -> bool:
        """Too few on one side to read a rate from."""
        return min(self.now.cohort, self.other.cohort) < SMALL


@dataclass(frozen=True)
class Comparison:
    """`scope` is the one computed, with the window used; `before` is null where groups are compared.

    `young` journeys of this side have not had the window yet and are left out, as are the
    `unknown` ones; the counts of the period before stand beside. Coverage is the share of
    journeys without imputed changes; null when there are none.
    """

    against: Against
    scope: Scope
    period: Period | None
    before: Period | None
    steps: tuple[Compared, ...]
    young: int
    young_before: int
    unknown: int
    invalid: int
    coverage: float | None
    coverage_before: float | None


def equal_age(scope: Scope, period: Period | None, day: date) -> float:
    """The days since entry at which two periods are compared on `day`: the scope's window, where it has one.

    Else 30 days, or fewer where the period is short and not long past: half of it, or the days
    since its end. Then at least half of its days are old enough.
    """
    if scope.window_days is not None:
        return scope.window_days
    if period is None:
        return USUAL_WINDOW
    return max(1, min(USUAL_WINDOW, max(period.days // 2, (day - period.end).days)))


def compare(tables: Tables, pact: Pact, as_of: datetime, scope: Scope, against: Against = "before") -> Comparison:
    """The funnel of `scope` against the period of equal length before, or each group against the rest.

    Without dates the period is the last 90 days; groups are compared over all entries of the
    scope. Executes. Raises Misconfigured for groups without a split.
    """
    if against == "rest" and scope.by is None:
        raise Misconfigured("compare.no_split")
    period = _period(pact, as_of, scope, against)
    used = compared_scope(pact, as_of, scope, against)
    people = sides(tables, pact, as_of, scope, against)
    rows = steps(people, pact, used, "side").execute().to_dict("records")
    counts = people.group_by("part", "imputed", "side").aggregate(
        n=people.count(), young=(~people.mature.fill_null(True) & (people.part == "counted")).cast("int64").sum()
    )
    left = counts.execute().to_dict("records")
    pairs = _before(rows) if against == "before" else _rest(rows)
    return Comparison(
        against=against,
        scope=used,
        period=period,
        before=period.before if period else None,
        steps=_compared(pairs, pact, used),
        young=sum(int(row["young"]) for row in left if row["side"] == "now"),
        young_before=sum(int(row["young"]) for row in left if row["side"] == "before"),
        unknown=sum(int(row["n"]) for row in left if row["part"] == "unknown"),
        invalid=sum(int(row["n"]) for row in left if row["part"] == "invalid"),
        coverage=_coverage(left, "now"),
        coverage_before=_coverage(left, "before"),
    )


def sides(tables: Tables, pact: Pact, as_of: datetime, scope: Scope, against: Against = "before") -> Table:
    """The journeys compared: a cohort (funnel_cohort.cohort) with `side`, `now` or `before`.

    Those whose entry is not known, and so in neither period, are on the side `now`.
    """
    period = _period(pact, as_of, scope, against)
    people = cohort(tables, pact, as_of, compared_scope(pact, as_of, scope, against))
    if period is None:
        return people.mutate(side=ibis.literal("now"))
    earlier = people.entry < ibis.timestamp(utc_midnight(period.start, pact.zone))
    return people.mutate(side=ibis.ifelse(earlier.fill_null(False), "before", "now"))


def compared_scope(pact: Pact, as_of: datetime, scope: Scope, against: Against) -> Scope:
    """The scope both sides are computed under: one cohort over both periods, with a window."""
    period = _period(pact, as_of, scope, against)
    days = equal_age(scope, period, today(pact, as_of))
    if period is None:
        return replace(scope, window_days=days)
    return replace(scope, window_days=days, start=period.before.start, end=period.end)


def _period(pact: Pact, as_of: datetime, scope: Scope, against: Against) -> Period | None:
    return chosen(pact, as_of, scope.start, scope.end) if against == "before" else None


Pair = tuple[str | None, Mapping[str, Any], Mapping[str, Any]]


def _before(rows: Sequence[Mapping[str, Any]]) -> list[Pair]:
    """(group, its row of this period, its row of the one before), the largest first."""
    of = {(_group(row), row["side"]): row for row in rows}
    groups = dict.fromkeys(sorted((_group(row) for row in rows), key=lambda group: (group is None, group)))
    pairs = [(group, of.get((group, "now"), {}), of.get((group, "before"), {})) for group in groups]
    return sorted(pairs, key=lambda pair: -int(pair[1].get("cohort", 0)))


def _rest(rows: Sequence[Mapping[str, Any]]) -> list[Pair]:
    """(group, its row, the sum of all others), the largest first."""
    names = {name for row in rows for name in row if name not in ("group", "side")}
    total = {name: sum(int(row[name]) for row in rows) for name in names}
    pairs = [(_group(row), row, {name: total[name] - int(row[name]) for name in names}) for row in rows]
    return sorted(pairs, key=lambda pair: (-int(pair[1]["cohort"]), pair[0] is None, pair[0] or ""))


def _group(row: Mapping[str, Any]) -> str | None:
    return row["group"] if isinstance(row["group"], str) else None


def _compared(pairs: Sequence[Pair], pact: Pact, scope: Scope) -> tuple[Compared, ...]:
    keys = step_keys(pact, scope)
    found = [
        (group, stage, _side(now, k), _side(other, k)) for group, now, other in pairs for k, stage in enumerate(keys)
    ]
    first = gaps([two_proportions(now.converted, now.cohort, other.converted, other.cohort)
                  for _, _, now, other in found])  # fmt: skip
    apart = scope.mode == "visited"  # a stage of its own has no step before it
    previous = gaps([None if apart else two_proportions(now.converted, now.entered, other.converted, other.entered)
                     for _, _, now, other in found])  # fmt: skip
    return tuple(Compared(*one, a, b) for one, a, b in zip(found, first, previous, strict=True))


def _side(row: Mapping[str, Any], k: int) -> Side:
    value = {name: int(row.get(name, 0) or 0) for name in ("mature_0", f"mature_{k}", f"mature_converted_{k}")}
    return Side(value["mature_0"], value[f"mature_{k}"], value[f"mature_converted_{k}"])


def gaps(differences: Sequence[Difference | None]) -> list[Gap | None]:
    """Differences looked at together, each with its adjusted p-value and whether it is clear."""
    adjusted = benjamini_hochberg([one.p if one else None for one in differences])
    found: list[Gap | None] = []
    for one, p in zip(differences, adjusted.tolist(), strict=True):
        known = p == p  # noqa: PLR0124 - NaN: nothing to tell apart
        gap = None if one is None else Gap(one.difference, one.low, one.high, p if known else None, p <= ACCEPTED)
        found.append(gap)
    return found


def _coverage(left: Sequence[Mapping[str, Any]], side: str) -> float | None:
    own = [row for row in left if row["side"] == side]
    total = sum(int(row["n"]) for row in own)
    return None if total == 0 else 1 - sum(int(row["n"]) for row in own if row["imputed"]) / total
