"""Any world, any rules: the score in the engine is the score by hand, on DuckDB and on a memory of the past.

Not here: what single rules mean, case by case (test_scoring.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import ibis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from config.schema import Pact
from leadpact.scoring import score
from leadpact.scoring.basis import Basis
from leadpact.scoring.rule_table import rule_table
from leadpact.tables import Tables
from tests import scoring_oracle
from tests.engine import loaded
from tests.rows import Rows, lead
from tests.test_scoring_rules import DAY, RULES, as_counted, table
from tests.test_scoring_rules import NOW as LATEST
from tests.test_scoring_rules import by_hand as hits_by_hand
from tests.test_scoring_rules import rows as leads
from tests.test_scoring_rules import scoring as agreed
from tests.test_scoring_rules import world as company
from tests.worlds import pact

NOW = datetime(2026, 3, 1, 12)
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # each try opens an engine: shrinking takes minutes
NAMES = ("ana", "bo", "cy")
KINDS, SUBJECTS = ("web_visit", "form"), (None, "", "Pricing page", "blog")
VALUES = (None, " ", "Banking", "retail", "7", "50", "7.0", "2026-02-10", "2026-02-10 09:30", "Añil")
LIMITS = (1, 1.5, 30)

fields = st.sampled_from(["f_x", "f_y", "f_missing"])
conditions = st.one_of(
    st.builds(lambda f, op: {"field": f, "op": op}, fields, st.sampled_from(["filled", "empty"])),
    st.builds(lambda f, op, v: {"field": f, "op": op, "value": v}, fields, st.sampled_from(["eq", "ne", "contains"]),
              st.sampled_from(["BANKING", "tail", "7"])),
    st.builds(lambda f, v: {"field": f, "op": "gte", "value": v}, fields, st.integers(5, 60)),
    st.builds(lambda f, op, v: {"field": f, "op": op, "value": v}, fields, st.sampled_from(["in", "not_in"]),
              st.lists(st.sampled_from(["Retail", "50", 7, "2026-02-10", "AÑIL"]), min_size=1, max_size=2)),
    st.builds(lambda f, op, v: {"field": f, "op": op, "value": v}, fields,
              st.sampled_from(["gt", "gte", "lt", "lte", "starts"]), st.sampled_from([7, "49.5", "2026-02-10", "ban"])),
    st.builds(lambda f, a, b: {"field": f, "op": "between", "value": [a, b]}, fields,
              st.sampled_from([5, 7, "2026-02-01"]), st.sampled_from([7, 60, "2026-02-10"])),
)  # fmt: skip
activities = st.fixed_dictionaries(
    {"activity": st.sampled_from(KINDS)},
    optional={
        "within_days": st.sampled_from(LIMITS),
        "subject": st.sampled_from([{"op": "contains", "value": "PRICING"}, {"op": "filled"}, {"op": "empty"}]),
    },
)
points = st.integers(-30, 30)
in_group = st.sampled_from([{}, {"group": "a"}, {"group": "b"}])
groups = st.lists(st.builds(lambda name, most: {"name": name, "max_points": most}, st.sampled_from("ab"),
                            st.integers(1, 25)), max_size=2, unique_by=lambda one: one["name"])  # fmt: skip
rules = st.lists(
    st.one_of(
        st.builds(lambda when, n, cap, own: {"category": "fit", "when": when, "points": n, **cap, **own}, conditions,
                  points, st.sampled_from([{}, {"max_points": 10}]), in_group),
        st.builds(lambda when, n, own, more: {"category": "behaviour", "when": when, "points": n, **own, **more},
                  activities, points, in_group,
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
@given(rules, groups, ready, records, touches, changes, st.sampled_from([NOW, NOW - timedelta(days=2)]))
def test_any_world_scores_as_by_hand(
    scoring: list[dict[str, Any]],
    caps: list[dict[str, Any]],
    sales_ready: dict[str, Any],
    values: dict[str, Any],
    done: list[dict[str, Any]],
    moved: list[dict[str, Any]],
    as_of: datetime,
) -> None:
    document = {"scoring": {"rules": scoring, "groups": caps}, "sales_ready": sales_ready}
    world = rows(values, done, moved)
    expected = by_hand(world, document, as_of)
    tables = loaded(Rows(**world))[1]
    for cut in (tables, tables.at(as_of)):
        found = in_the_engine(cut, pact(**document), as_of)
        assert found == {name: _near(row) for name, row in expected.items()}


later = st.timedeltas(timedelta(microseconds=1), timedelta(days=90)).map(lambda after: NOW + after)
to_come = st.fixed_dictionaries(
    {
        "touches": st.lists(
            st.fixed_dictionaries(
                {"record_id": st.sampled_from((*NAMES, "new")), "at": later, "kind": st.sampled_from(KINDS),
                 "subject": st.sampled_from(SUBJECTS), "completed": st.sampled_from([True, None])}
            ), max_size=4,
        ),
        "moves": st.lists(
            st.tuples(later, st.sampled_from(NAMES), st.sampled_from(["f_x", "f_y"]), st.sampled_from(VALUES)),
            max_size=4,
        ),
        "born": st.lists(later, max_size=1),
    }
)  # fmt: skip


def with_future(world: dict[str, Any], coming: Mapping[str, Any]) -> dict[str, Any]:
    """The world as it will stand some day: more was done, fields have changed, people were added."""
    record = [dict(row) for row in world["record"]]
    by_id = {row["record_id"]: row for row in record}
    change = list(world["field_change"])
    for seq, (at, name, field, value) in enumerate(sorted(coming["moves"], key=lambda one: one[0]), start=1000):
        own = by_id[name]
        change.append({"object": "lead", "record_id": name, "field": field, "from_value": own[field], "to_value": value,
                       "at": at, "seq": seq, "evidence": "history"})  # fmt: skip
        own[field] = value
    done = [{"activity_id": f"later-{n}", "object": "lead", **one} for n, one in enumerate(coming["touches"])]
    new = [lead("new", f_x="Banking", f_y="50", created_at=at) for at in coming["born"]]
    return {"record": [*record, *new], "activity": [*world["activity"], *done], "field_change": change}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=QUICK)
@given(rules, groups, ready, records, touches, changes, to_come, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_nothing_after_the_moment_changes_any_score(
    scoring: list[dict[str, Any]],
    caps: list[dict[str, Any]],
    sales_ready: dict[str, Any],
    values: dict[str, Any],
    done: list[dict[str, Any]],
    moved: list[dict[str, Any]],
    coming: dict[str, Any],
    before: timedelta,
) -> None:
    """Whatever happens later, everybody's score as of a moment is what it was, asked for alone or by moments."""
    as_of = NOW - before
    # what is known already ends with the moment: the rest is what comes
    known = [row for row in moved if row["at"] <= as_of]
    one = pact(scoring={"rules": scoring, "groups": caps}, sales_ready=sales_ready)
    world = rows(values, done, known)
    then = in_the_engine(loaded(Rows(**world))[1], one, as_of)
    tables = loaded(Rows(**with_future(world, coming)))[1]
    for cut in (tables, tables.at(as_of)):
        assert {name: row for name, row in in_the_engine(cut, one, as_of).items() if name != "new"} == then
    asked = [{"object": "lead", "record_id": name, "moment": as_of} for name in NAMES]
    at = ibis.memtable(asked, schema={"object": "string", "record_id": "string", "moment": "timestamp"})
    for row in score.scores(tables, one, NOW + timedelta(days=200), at).to_pyarrow().to_pylist():
        assert (row["score"], row["light"]) == (then[row["record_id"]]["score"], then[row["record_id"]]["light"])


def _near(row: dict[str, Any]) -> dict[str, Any]:
    near = {rule: None if n is None else pytest.approx(n, abs=1e-5) for rule, n in row["points"].items()}
    total = None if row["score"] is None else pytest.approx(row["score"], abs=1e-5)
    return {"score": total, "light": row["light"], "points": near}


# what rules hit, on a world of its own (test_scoring_rules.py)


def test_what_rules_hit_is_counted_within_few_days_too() -> None:
    assert as_counted(table(15)) == hits_by_hand(15)


def test_a_past_moment_is_counted_as_it_was() -> None:
    then = LATEST - 30 * DAY
    past = rule_table(company().at(then), agreed(), then, Basis("mql", "customer", 20))
    assert as_counted(past) == hits_by_hand(20, then)


def test_more_rules_than_a_number_has_bits() -> None:
    many = [{**RULES[0], "id": f"r{n}", "when": {"field": "f_size", "op": "gte", "value": n * 8}} for n in range(70)]
    found = rule_table(company(), pact(scoring={"rules": many}), LATEST, Basis("mql", "customer", 30))
    told = leads()
    named = {**told, "record": [{**row, "person": row["record_id"]} for row in told["record"]]}
    now = scoring_oracle.scores(named, {"scoring": {"rules": many}}, LATEST)
    assert [row.hits for row in found.rows] == [
        sum(bool(row["points"][rule["id"]]) for row in now.values()) for rule in many
    ]
