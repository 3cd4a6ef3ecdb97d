"""Balance: how many people are in a stage when a period begins, come in, go out, and are there at its end.

start + entered − left = end, for every stage and period, unmapped values included. A deletion
is a way out. At every moment a person is in one stage at most.

Not here: from where and to where they go (flow.py), how long they stay (velocity.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from config.schema import UNMAPPED, Pact
from leadpact.metrics.flow_spells import grouped, order, placed
from leadpact.metrics.funnel import share
from leadpact.metrics.trends_spans import BEFORE, Every, Span, bucket, spans, whole
from leadpact.tables import Table, Tables

Part = Literal["start", "entered", "left", "end", "unknown"]
PARTS: tuple[Part, ...] = ("start", "entered", "left", "end", "unknown")


@dataclass(frozen=True)
class StageBalance:
    """One stage in one period of one group: start + entered − left = end.

    `unknown`: how many of those there in the period rest on a time that is not known. An unknown
    entry counts as before everything, or as noticed at `as_of` where dated changes came before;
    an unknown exit as noticed at `as_of`.
    """

    group: str | None
    stage: str
    period: date | None
    until: date | None
    complete: bool
    start: int
    entered: int
    left: int
    end: int
    unknown: int


@dataclass(frozen=True)
class Balance:
    """Every stage in every period. `coverage`: share of all spells whose times are known."""

    stages: tuple[StageBalance, ...]
    coverage: float | None
    unknown: int


def periods(
    pact: Pact, as_of: datetime, *, every: Every | None = None, start: date | None = None, end: date | None = None
) -> tuple[Span, ...]:
    """The weeks or months of a balance, or the days `[start, end)` as one period."""
    return (whole(pact, as_of, start, end),) if every is None else spans(pact, as_of, every, start, end)


def presence(tables: Tables, pact: Pact, as_of: datetime, found: Sequence[Span], by: str | None = None) -> Table:
    """One row per spell, with the places of the periods it began and ended in.

    Out: object, record_id, person_id, n, stage, since (UTC; null: before everything), until (null:
    still there), assumed (one of them is not known), came, went (places in `found`; -1: before the
    first, their number: after the last, or still there), group.
    """
    rows = placed(tables.spell, as_of)
    rows = rows.select(
        "object", "record_id", "person_id", "n", "journey", "owner_id", "stage", "since", "until", "assumed",
        came=bucket(rows.since, pact, found).fill_null(BEFORE),
        went=bucket(rows.until, pact, found).fill_null(len(found)),
        entry=rows.since,
    )  # fmt: skip
    return grouped(rows, tables, by, pact).drop("entry", "journey", "owner_id")


def part(rows: Table, place: int, which: Part) -> Any:
    """Whether a row of `presence` is in a part of the balance of the period at `place`."""
    return {
        "start": (rows.came < place) & (rows.went >= place),
        "entered": rows.came == place,
        "left": rows.went == place,
        "end": (rows.came <= place) & (rows.went > place),
        "unknown": rows.assumed & (rows.came <= place) & (rows.went >= place),
    }[which]


def balance(tables: Tables, pact: Pact, as_of: datetime, found: Sequence[Span], *, by: str | None = None) -> Balance:
    """The balance of every stage in the periods of `found`, which follow each other. Executes.

    Every stage of the pact has a row in every period, zeros included; `unmapped` where there is
    anybody. Raises Misconfigured for a dimension that is not known.
    """
    rows = presence(tables, pact, as_of, found, by)
    counted = rows.group_by("group", "stage", "came", "went").aggregate(
        n=rows.count(), assumed=rows.assumed.cast("int64").sum()
    )
    seen: list[Mapping[str, Any]] = counted.to_pyarrow().to_pylist()
    total, assumed = sum(row["n"] for row in seen), sum(row["assumed"] for row in seen)
    groups = sorted({row["group"] for row in seen} or ({None} if by is None else set()), key=lambda g: (g is None, g))
    used = {row["stage"] for row in seen}
    stages = [key for key in order(pact) if key != UNMAPPED or key in used]
    of: dict[tuple[Any, str], list[Mapping[str, Any]]] = {}
    for row in seen:
        of.setdefault((row["group"], row["stage"]), []).append(row)
    return Balance(
        stages=tuple(
            one
            for group in groups
            for stage in stages
            for one in _periods(group, stage, of.get((group, stage), []), found)
        ),
        coverage=share(total - assumed, total),
        unknown=assumed,
    )


def _periods(
    group: str | None, stage: str, rows: Sequence[Mapping[str, Any]], found: Sequence[Span]
) -> list[StageBalance]:
    """The periods of one stage. Sums of arrivals and departures, not a count per period and pair."""
    size = len(found)
    came, went, odd_came, odd_went = ([0] * (size + 2) for _ in range(4))  # places from BEFORE on
    for row in rows:
        came[row["came"] + 1] += row["n"]
        went[row["went"] + 1] += row["n"]
        odd_came[row["came"] + 1] += row["assumed"]
        odd_went[row["went"] + 1] += row["assumed"]
    here, odd = came[0] - went[0], odd_came[0] - odd_went[0]
    result = []
    for place, span in enumerate(found, start=1):
        start, end = here, here + came[place] - went[place]
        result.append(
            StageBalance(
                group, stage, span.start, span.end, span.complete, start, came[place], went[place], end,
                unknown=odd + odd_came[place],
            )
        )  # fmt: skip
        here, odd = end, odd + odd_came[place] - odd_went[place]
    return result
