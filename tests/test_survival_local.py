"""The curves computed in arrays are those computed in the engine, whatever the groups."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from leadpact.metrics import survival
from leadpact.metrics import survival_local as local
from leadpact.metrics.survival_rows import Rows
from tests.test_survival import random_cases

CON = ibis.duckdb.connect()
BY = [[], ["g"], ["g", "team"]]


def people(seed: int, ties: bool) -> Any:
    """Random cases in groups and teams, some of both unknown, some durations and outcomes too."""
    frame = random_cases(seed, 600, ties=ties)
    rng = np.random.default_rng(seed)
    frame["team"] = rng.choice(["north", "", "south"], len(frame))
    frame["event"] = (frame["o"] > 0).astype(object)
    for column in frame.columns:
        frame.loc[rng.random(len(frame)) < 0.1, column] = None
    table = pa.Table.from_pandas(frame, preserve_index=False)
    assert all(table[column].null_count > 20 for column in table.column_names)
    return CON.create_table(ibis.util.gen_name("people"), ibis.memtable(table))


def same(ours: pa.Table, engine: Any, order: list[str]) -> pd.DataFrame:
    """The answer, after checking that the engine gives the same rows and the same nulls."""
    found, expected = ours.to_pandas(), CON.to_pyarrow(engine.order_by(order)).to_pandas()
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-9, atol=1e-12)
    return found


@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("by", BY)
def test_curves_are_those_of_the_engine(by, ties):
    asked = {"by": by, "duration": "d", "event": "event"}
    table = people(1, ties)
    found = same(local.kaplan_meier(table, **asked), survival.kaplan_meier(table, **asked), [*by, "t"])
    assert (found["ci_low"].isna() == found["survival"].isin([0, 1])).all() and found["ci_low"].notna().any()


@pytest.mark.parametrize("by", BY)
def test_quantiles_and_shares_are_those_of_the_engine(by):
    table, probs, times = people(2, True), {"p25": 0.25, "median": 0.5, "p95": 0.95}, {"d0": 0, "d7": 7, "d39": 39}
    curve = survival.kaplan_meier(table, by=by, duration="d", event="event")
    found = local.waiting(table, by=by, duration="d", event="event", quantiles=probs, within=times)
    order = by or ["n"]
    same(found.select([*by, "n", "n_open", *probs]), survival.quantiles(curve, by, probs), order)
    same(found.select([*by, *times]), survival.left_by(curve, by, times), by or ["d0"])


@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("by", BY)
def test_incidence_is_that_of_the_engine(by, ties):
    asked = {"by": by, "duration": "d", "event_code": "o", "days": [30, 0, 7, 7, 39.5]}
    table = people(3, ties)
    found = same(
        local.cumulative_incidence(table, **asked), survival.cumulative_incidence(table, **asked), [*by, "days"]
    )
    assert found["probability"].notna().any() and len(found) % 4 == 0


def test_no_rows_give_no_rows():
    nobody = people(4, True).filter(ibis.literal(False))
    for by in BY:
        asked = {"by": by, "duration": "d"}
        assert local.kaplan_meier(nobody, **asked, event="event").num_rows == 0
        assert local.waiting(nobody, **asked, event="event", quantiles={"median": 0.5}).num_rows == 0
        assert local.cumulative_incidence(nobody, **asked, event_code="o", days=[7]).num_rows == 0
    with pytest.raises(ValueError, match="at least one"):
        local.cumulative_incidence(nobody, by=[], duration="d", event_code="o", days=[])


def test_groups_are_in_order_with_null_last_whatever_the_order_of_rows():
    table = CON.create_table(
        "mixed",
        ibis.memtable(
            pa.table(
                {
                    "g": ["b", None, "a", "b", "a"],
                    "year": [2, 1, 9, 1, 10],
                    "d": [5.0, 4, 3, 2, 1],
                    "o": [1, 1, 0, 2, 1],
                }
            )
        ),
    )
    rows = Rows.fetch(table, ["g", "year"], "d", "o")
    assert rows.keys == (("a", 9), ("a", 10), ("b", 1), ("b", 2), (None, 1))
    assert [(key, times.tolist(), outcome.tolist()) for key, times, outcome in rows.groups()] == [
        (("a", 9), [3], [0]),
        (("a", 10), [1], [1]),
        (("b", 1), [2], [2]),
        (("b", 2), [5], [1]),
        ((None, 1), [4], [1]),
    ]


def test_more_combinations_of_groups_than_are_counted_densely(monkeypatch):
    table = people(5, True)
    dense = Rows.fetch(table, ["g", "team"], "d", "o")
    monkeypatch.setattr("leadpact.metrics.survival_rows.DENSE", 1)
    sparse = Rows.fetch(table, ["g", "team"], "d", "o")
    assert dense.keys == sparse.keys
    np.testing.assert_array_equal(dense.code, sparse.code)
