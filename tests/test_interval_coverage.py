"""Intervals that cover the truth as often as they say: 30 demo companies, the truth known.

The promise is 93 to 97 % for 95 % intervals. Of some 900 intervals a right one falls outside it by
chance less than once in a hundred drawings (these seeds are fixed); each wrong way below does.
bench/bench_coverage.py asks a thousand companies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pytest

from connectors.demo import process
from leadpact.metrics import funnel, reach
from leadpact.metrics.significance import wilson
from leadpact.metrics.survival_local import kaplan_meier
from leadpact.tables import Tables
from tests.small_companies import (
    LATER,
    PACT,
    SOURCES,
    UNTIL,
    Interval,
    chance,
    companies,
    named,
    population,
    reaches,
    scope_of,
    share_covered,
    steps,
    told,
    uncensored,
)

COMPANIES, LEADS = 30, 1_500
PROMISED = 0.93, 0.97


@pytest.fixture(scope="module")
def tables() -> Tables:
    return companies(range(1, COMPANIES + 1), LEADS)


Judged = Callable[[Tables], Iterable[Interval]]
RIGHT: dict[str, Judged] = {
    "mature rates": steps,
    "mature rates of the last 300 days": lambda tables: steps(tables, 300),
    "reach": reaches,
    "reach of the last 60 days": lambda tables: reaches(tables, 60),
}


@pytest.mark.parametrize("judged", RIGHT.values(), ids=list(RIGHT))
def test_95_percent_intervals_cover_the_truth_in_93_to_97_percent(judged: Judged, tables: Tables) -> None:
    found, n = share_covered(judged(tables))
    assert n > 450
    assert PROMISED[0] <= found <= PROMISED[1]


def rates(
    tables: Tables, scope: funnel.Scope, counts: Callable[[funnel.Step], tuple[int, int]], level: float = 0.95
) -> Iterator[Interval]:
    """Wilson intervals around whatever counts a wrong system would divide."""
    for step in funnel.conversion(tables, PACT, UNTIL, scope).steps:
        company, source = named(step.group)
        if source in SOURCES and step.stage in LATER:
            hits, n = counts(step)
            low, high = wilson(hits, n, level) or (None, None)
            yield Interval(step.stage, company, source, n, None, low, high, chance(source, step.stage))


def mature(step: funnel.Step) -> tuple[int, int]:
    return step.mature_converted or 0, step.mature_entered or 0


def shares(tables: Tables, days: int | None, decided: bool) -> Iterator[Interval]:
    """Reached in time, divided by the decided ones or by everybody, whoever is still on the way."""
    for stage, times in told(days):
        rows = reach.outcomes(tables, PACT, UNTIL, stage, "source", scope_of(days).start)
        rows = rows.filter(rows.part == "counted").mutate(
            **{f"by_{t:g}": (rows.outcome == 1) & (rows.days <= t) for t in times}
        )
        whole = rows.group_by("group").aggregate(
            n=(rows.outcome > 0).sum() if decided else rows.count(),
            **{f"by_{t:g}": rows[f"by_{t:g}"].sum() for t in times},
        )
        for row in whole.to_pyarrow().to_pylist():
            company, source = named(row["group"])
            for time in times if source in SOURCES else ():
                low, high = wilson(row[f"by_{time:g}"], row["n"]) or (None, None)
                yield Interval(stage, company, source, row["n"], None, low, high, population(days)[source, stage, time])


def losses_censored(tables: Tables) -> Iterator[Interval]:
    """1 − Kaplan–Meier, the losses taken for journeys still on the way."""
    for stage, times in told(None):
        rows = reach.outcomes(tables, PACT, UNTIL, stage, "source")
        rows = rows.filter(rows.part == "counted").mutate(hit=rows.outcome == 1)
        curves = kaplan_meier(rows, by=["group"], duration="days", event="hit").to_pandas()
        for group, curve in curves.groupby("group"):
            company, source = named(str(group))
            for time in times if source in SOURCES else ():
                at = curve[curve.t <= time].tail(1)
                low, high = (1 - float(at[name].iloc[0]) if len(at) else np.nan for name in ("ci_high", "ci_low"))
                if not np.isnan(low):
                    yield Interval(stage, company, source, 0, None, low, high, population()[source, stage, time])


WHOLE, YOUNG = scope_of(None), scope_of(300)
BROKEN: dict[str, Judged] = {
    "divided by the decided ones": lambda t: rates(
        t, funnel.Scope(by="source"), lambda step: (step.converted, step.converted + step.lost)
    ),
    "divided by the decided ones, with a window": lambda t: rates(
        t, WHOLE, lambda step: (step.converted, step.converted + step.lost)
    ),
    "young journeys shown as lost": lambda t: rates(t, YOUNG, lambda step: (step.converted, step.entered)),
    "too narrow": lambda t: rates(t, WHOLE, mature, level=0.9),
    "too wide": lambda t: rates(t, WHOLE, mature, level=0.99),
    "losses taken for censored": losses_censored,
    "reach divided by the decided ones": lambda t: shares(t, None, decided=True),
    "reach of open journeys taken for never": lambda t: shares(t, 60, decided=False),
}


@pytest.mark.parametrize("wrong", BROKEN.values(), ids=list(BROKEN))
def test_an_interval_computed_wrongly_does_not(wrong: Judged, tables: Tables) -> None:
    found, _ = share_covered(wrong(tables))
    assert not PROMISED[0] <= found <= PROMISED[1]


def test_the_two_truths_agree() -> None:
    """Journeys followed to their end reach a stage as often as the chances of its steps multiplied."""
    reached = uncensored()
    for source in SOURCES:
        expected = np.cumprod(process.SOURCES[process.SOURCE_NAMES.index(source)].steps)
        for stage, true in zip(LATER, expected, strict=True):
            found, n = reached[source, stage]
            assert abs(found - true) < 4.5 * np.sqrt(true * (1 - true) / n), (source, stage)
