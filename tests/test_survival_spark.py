"""The clock and the curves on Spark: the same expressions, the same answers as on DuckDB."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leadpact.metrics.calendar import day_table, uncovered, working_seconds
from leadpact.metrics.significance import wilson_columns
from leadpact.metrics.survival import cumulative_incidence, kaplan_meier, left_by, quantiles
from tests.spark_engine import QUIET
from tests.test_calendar_oracle import CALENDARS, random_cases
from tests.test_survival import random_cases as random_durations

pytestmark = [pytest.mark.spark, *QUIET]

Both = Callable[..., pd.DataFrame]


@pytest.fixture
def both(spark: Any, tmp_path: Path) -> Both:
    """Runs an expression over tables and gives DuckDB's answer, after Spark gave the same.

    Tables travel as Parquet: through pandas, Spark would take a missing text for the word.
    """

    def run(expression: Callable[..., Any], order: list[str], *tables: pa.Table) -> pd.DataFrame:
        files = [str(tmp_path / f"{place}.parquet") for place in range(len(tables))]
        for file, table in zip(files, tables, strict=True):
            pq.write_table(table, file)
        answers = []
        for con in (ibis.duckdb.connect(), spark):
            frame = con.to_pandas(expression(*(con.read_parquet(file) for file in files)))
            answers.append(frame.sort_values(order, na_position="last").reset_index(drop=True))
        pd.testing.assert_frame_equal(answers[1], answers[0], check_dtype=False, rtol=1e-11, atol=1e-13)
        return answers[0]

    return run


def test_working_seconds(both: Both):
    cases = random_cases(np.random.default_rng(3), 3_000)
    spans = pa.table(
        {
            "place": np.arange(3_001),
            "a": pa.array([*cases["start"], None]).cast(pa.timestamp("us")),
            "b": pa.array([*cases["end"], cases["end"][0]]).cast(pa.timestamp("us")),
            "team": pa.array([*cases["calendar"].tolist(), "utc"]),
        }
    )
    days = day_table(CALENDARS.values(), date(2023, 1, 1), date(2025, 12, 31))
    found = both(lambda t, d: working_seconds(t, "a", "b", t.team, d).drop("a", "b"), ["place"], spans, days)
    assert found["working_seconds"].notna().sum() == 3_000
    one = both(lambda t, d: working_seconds(t, "a", "b", "madrid", d).drop("a", "b"), ["place"], spans, days)
    assert one["working_seconds"].sum() > 0


def test_uncovered(both: Both):
    spans = pa.table({"a": [datetime(2019, 1, 1), datetime(2024, 1, 1)], "b": [datetime(2024, 1, 2)] * 2})
    days = day_table(CALENDARS.values(), date(2024, 1, 1), date(2024, 1, 3))

    def count(t: Any, d: Any) -> Any:
        return t.aggregate(rows=t.count()).mutate(n=uncovered(working_seconds(t, "a", "b", "utc", d), "a", "b"))

    assert both(count, ["rows"], spans, days)["n"].tolist() == [1]


def test_curves(both: Both):
    frame = random_durations(9, 500)
    frame.loc[frame.index[:60], "g"] = None
    frame["event"] = frame["o"] > 0
    table = pa.Table.from_pandas(frame, preserve_index=False)

    def curve(t: Any) -> Any:
        return kaplan_meier(t, by=["g"], duration="d", event="event")

    assert len(both(curve, ["g", "t"], table)) > 50
    both(lambda t: quantiles(curve(t), ["g"], {"p25": 0.25, "median": 0.5, "p99": 0.99}), ["g"], table)
    both(lambda t: left_by(curve(t), ["g"], {"d7": 7, "d99": 99}), ["g"], table)
    found = both(
        lambda t: cumulative_incidence(t, by=["g"], duration="d", event_code="o", days=[0, 7, 30, 99]),
        ["g", "days"],
        table,
    )
    assert len(found) == 16 and found["probability"].notna().sum() == 12


def test_wilson(both: Both):
    table = pa.table({"k": [0, 0, 7, 30], "n": [0, 30, 29, 30]})
    both(lambda t: t.mutate(**dict(zip(("low", "high"), wilson_columns(t.k, t.n), strict=True))), ["n", "k"], table)
