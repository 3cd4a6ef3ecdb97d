"""Flow, balances, rework, paths and trends on Spark: the answers of DuckDB, on the demo company."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from config.schema import Pact
from leadpact.metrics import balance, flow, flow_rework, paths, trends
from leadpact.metrics.funnel import Scope
from leadpact.metrics.trends_spans import spans
from tests.spark_engine import QUIET
from tests.test_spark_metrics import PAST, UNTIL, Both, both, company, duck, folder, on_spark, pact

__all__ = ["both", "company", "duck", "folder", "on_spark", "pact"]  # fixtures

pytestmark = [pytest.mark.spark, *QUIET]
RANGE: dict[str, Any] = {"start": date(2025, 3, 1), "end": date(2025, 12, 1)}


def test_moves(pact: Pact, both: Both) -> None:
    both(lambda tables: flow.moves(tables, pact, UNTIL))
    both(lambda tables: flow.flow(tables, pact, UNTIL, by="source", **RANGE))
    both(lambda tables: flow.flow(tables.at(PAST), pact, PAST))


def test_balances(pact: Pact, both: Both) -> None:
    months = balance.periods(pact, UNTIL, every="month")
    found = both(lambda tables: balance.balance(tables, pact, UNTIL, months, by="owner"))
    assert all(one.start + one.entered - one.left == one.end for one in found.stages)
    both(lambda tables: balance.presence(tables.at(PAST), pact, PAST, months))


def test_rework(pact: Pact, both: Both) -> None:
    both(lambda tables: flow_rework.entries(tables, pact, UNTIL))
    both(lambda tables: flow_rework.rework(tables, pact, UNTIL, by="country", **RANGE))


@pytest.mark.parametrize("unit", paths.UNITS)
def test_paths(unit: Any, pact: Pact, both: Both) -> None:
    found = both(lambda tables: paths.paths(tables, pact, UNTIL, unit=unit, by="source", top=1000))
    assert Counter(one.group for one in found.paths).total() >= found.distinct
    both(lambda tables: paths.walks(tables, pact, UNTIL, unit=unit, **RANGE))


def test_trends(pact: Pact, both: Both) -> None:
    weeks = spans(pact, UNTIL, "week", None, None)
    both(lambda tables: trends.trends(tables, pact, UNTIL, Scope(window_days=30), weeks))
    both(lambda tables: trends.events(tables, pact, weeks))
