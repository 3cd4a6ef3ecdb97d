"""Any world, any rules: the score in the engine is the score by hand, on DuckDB and on a memory of the past.

Not here: what single rules mean, case by case (test_scoring.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from config.schema import Pact
from leadpact.scoring import score
from leadpact.tables import Tables
from tests import scoring_oracle
from tests.engine import loaded
from tests.rows import Rows, lead
from tests.worlds import pact

NOW = datetime(2026, 3, 1, 12)
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # each try opens an engine: shrinking takes minutes
NAMES = ("ana", "bo", "cy")
KINDS, SUBJECTS = ("web_visit", "form"), (None, "", "Pricing page", "blog")
VALUES = (None, " ", "Banking", "retail", "7", "50")
LIMITS = (1, 1.5, 30)

fields = st.sampled_from(["f_x", "f_y", "f_missing"])
conditions = st.one_of(
    st.builds(lambda f, op: {"field": f, "op": op}, fields, st.sampled_from(["filled", "empty"])),
    st.builds(lambda f, op, v: {"field": f, "op": op, "value": v}, fields, st.sampled_from(["eq", "ne", "contains"]),
              st.sampled_from(["BANKING", "tail", "7"])),
    st.builds(lambda f, v: {"field": f, "op": "gte", "value": v}, fields, st.integers(5, 60)),
    st.builds(lambda f, v: {"field": f, "op": "in", "value": v}, fields,
              st.lists(st.sampled_from(["Retail", "50"]), min_size=1, max_size=2)),
)  # fmt: skip
activities = st.fixed_dictionaries(
    {"activity": st.sampled_from(KINDS)},
    optional={
        "within_days": st.sampled_from(LIMITS),
        "subject": st.sampled_from([{"op": "contains", "value": "PRICING"}, {"op": "filled"}, {"op": "empty"}]),
    },
)
points = st.integers(-30, 30)
rules = st.lists(
    st.one_of(
        st.builds(lambda when, n, cap: {"category": "fit", "when": when, "points": n, **cap}, conditions, points,
                  st.sampled_from([{}, {"max_points": 10}])),
        st.builds(lambda when, n, more: {"category": "behaviour", "when": when, "points": n, **more},
                  activities, points,
                  st.fixed_dictionaries({}, optional={"per": st.sampled_from(["once", "occurrence"]),
                                                      "max_points": st.integers(1, 40),
                                                      "half_life_days": st.sampled_from([1, 30])})),
    ),
    max_size=4,
).map(lambda found: [{"id": f"r{place}", **one} for place, one in enumerate(found)])  # fmt: skip
ready = st.fixed_dictionaries(
    {},
    optional={
        "threshold": st.integers(-5, 40),
        "all": st.lists(conditions, max_size=2),
        "any": st.lists(conditions, max_size=2),
    },
)
ages = st.one_of(
    st.sampled_from([timedelta(0), timedelta(microseconds=-1), *(timedelta(days=days) for days in LIMITS)]),
    st.timedeltas(timedelta(days=-3), timedelta(days=60)),
)
moments = ages.map(lambda age: NOW - age)
touches = st.lists(
    st.fixed_dictionaries(
        {
            "record_id": st.sampled_from(NAMES),
            "at": st.one_of(st.none(), moments),
            "kind": st.sampled_from(KINDS),
            "subject": st.sampled_from(SUBJECTS),
            "completed": st.sampled_from([True, None, False]),
        }
    ),
    max_size=8,
)
changes = st.lists(
    st.fixed_dictionaries(
        {"record_id": st.sampled_from(NAMES), "field": st.sampled_from(["f_x", "f_y"]),
         "from_value": st.sampled_from(VALUES), "at": moments}
    ),
    max_size=6,
)  # fmt: skip
records = st.fixed_dictionaries({name: st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES)) for name in NAMES})


def rows(values: Mapping[str, Any], done: list[dict[str, Any]], moved: list[dict[str, Any]]) -> dict[str, Any]:
    """The world as rows; bo was merged into ana, and they are one person."""
    return {
        "record": [
            {**lead(name, f_x=x, f_y=y, created_at=None, merged_into="ana" if name == "bo" else None)}
            for name, (x, y) in values.items()
        ],
        "activity": [{"activity_id": str(n), "object": "lead", **one} for n, one in enumerate(done)],
        "field_change": [
            {"object": "lead", "to_value": "?", "seq": n, "evidence": "history", **one} for n, one in enumerate(moved)
        ],
    }


def by_hand(world: dict[str, Any], document: Mapping[str, Any], as_of: datetime) -> dict[str, Any]:
    named = [{**row, "person": "ana" if row["record_id"] == "bo" else row["record_id"]} for row in world["record"]]
    return scoring_oracle.scores({**world, "record": named}, document, as_of)


def in_the_engine(tables: Tables, one: Pact, as_of: datetime) -> dict[str, Any]:
    found = {
        row["record_id"]: {"score": row["score"], "light": row["light"], "points": {}}
        for row in score.scores(tables, one, as_of).to_pyarrow().to_pylist()
    }
    for row in score.hits(tables, one, as_of).to_pyarrow().to_pylist():
        found[row["record_id"]]["points"][row["rule"]] = row["points"]
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=QUICK)
@given(rules, ready, records, touches, changes, st.sampled_from([NOW, NOW - timedelta(days=2)]))
def test_any_world_scores_as_by_hand(
    scoring: list[dict[str, Any]],
    sales_ready: dict[str, Any],
    values: dict[str, Any],
    done: list[dict[str, Any]],
    moved: list[dict[str, Any]],
    as_of: datetime,
) -> None:
    document = {"scoring": {"rules": scoring}, "sales_ready": sales_ready}
    world = rows(values, done, moved)
    expected = by_hand(world, document, as_of)
    tables = loaded(Rows(**world))[1]
    for cut in (tables, tables.at(as_of)):
        found = in_the_engine(cut, pact(**document), as_of)
        assert found == {name: _near(row) for name, row in expected.items()}


def _near(row: dict[str, Any]) -> dict[str, Any]:
    near = {rule: None if n is None else pytest.approx(n, abs=1e-5) for rule, n in row["points"].items()}
    total = None if row["score"] is None else pytest.approx(row["score"], abs=1e-5)
    return {"score": total, "light": row["light"], "points": near}
