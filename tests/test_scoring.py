"""The score: points, decay, caps, lights and the moment, each as the design words it.

Not here: any world against a plain reading (test_scoring_properties.py), the command line
(test_scoring_cli.py), single conditions (test_conditions.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import ibis
import pytest

from config.document import BadPact
from config.schema import Pact
from leadpact.scoring import score
from leadpact.tables import Tables
from tests.engine import loaded
from tests.rows import Rows, contact, lead, moved
from tests.worlds import pact

NOW = datetime(2026, 3, 1, 12)
ONE = timedelta(microseconds=1)


def tables(*records: dict[str, Any], **others: list[dict[str, Any]]) -> Tables:
    return loaded(Rows(record=list(records), **others))[1]


def visit(record_id: str, at: datetime | None, subject: str | None = None, **more: Any) -> dict[str, Any]:
    key = f"{record_id}-{at}-{subject}-{more}"
    known = {"object": "lead", "kind": "web_visit", "subject": subject}
    return {"activity_id": key, "record_id": record_id, "at": at, **known, **more}


def rule(id: str = "r", points: float = 10, when: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    category = "behaviour" if "activity" in (when or {}) else "fit"
    return {"id": id, "category": category, "points": points, "when": when or {"activity": "web_visit"}, **more}


def agreed(*rules: dict[str, Any], **ready: Any) -> Pact:
    return pact(scoring={"rules": list(rules)}, sales_ready=ready)


def said(found: Tables, one: Pact, as_of: datetime = NOW, name: str = "score") -> dict[str, Any]:
    return {row["record_id"]: row[name] for row in score.scores(found, one, as_of).to_pyarrow().to_pylist()}


PRICING = {"activity": "web_visit", "subject": {"op": "contains", "value": "pricing"}}
FIELD = {"field": "f_industry", "op": "in", "value": ["Banking"]}


def test_points_of_all_rules_add_up() -> None:
    world = tables(lead("ana", f_industry="banking", country="MX"), lead("bo", f_industry="Retail", country=None))
    one = agreed(rule("fit", 20, FIELD), rule("home", 5, {"field": "country", "op": "eq", "value": "mx"}))
    assert said(world, one) == {"ana": 25, "bo": 0}


@pytest.mark.parametrize(("age", "points"), [(30, 10), (31, 0), (0, 10)])
def test_within_days_is_inclusive(age: int, points: float) -> None:
    world = tables(lead("ana"), activity=[visit("ana", NOW - timedelta(days=age))])
    assert said(world, agreed(rule(when={"activity": "web_visit", "within_days": 30}))) == {"ana": points}


def test_the_limit_is_exact_to_the_microsecond() -> None:
    limit = NOW - timedelta(days=1.5)
    world = tables(lead("on"), lead("over"), activity=[visit("on", limit), visit("over", limit - ONE)])
    assert said(world, agreed(rule(when={"activity": "web_visit", "within_days": 1.5}))) == {"on": 10, "over": 0}


def test_nothing_after_the_moment_counts() -> None:
    world = tables(lead("at"), lead("after"), activity=[visit("at", NOW), visit("after", NOW + ONE)])
    assert said(world, agreed(rule())) == {"at": 10, "after": 0}


def test_points_fade_by_half_in_a_half_life_and_the_sum_is_capped_after() -> None:
    touches = [visit("ana", NOW - timedelta(days=days)) for days in (0, 30, 60)]
    world = tables(lead("ana"), activity=touches)
    fading = rule(per="occurrence", half_life_days=30)
    assert said(world, agreed(fading)) == {"ana": 17.5}
    assert said(world, agreed({**fading, "max_points": 17})) == {"ana": 17}
    assert said(world, agreed({**fading, "max_points": 18})) == {"ana": 17.5}


def test_once_counts_once_and_fades_from_the_latest() -> None:
    world = tables(lead("ana"), activity=[visit("ana", NOW - timedelta(days=days)) for days in (30, 60)])
    assert said(world, agreed(rule())) == {"ana": 10}
    assert said(world, agreed(rule(half_life_days=30))) == {"ana": 5}
    assert said(world, agreed(rule(per="occurrence"))) == {"ana": 20}


def test_points_taken_away_are_capped_too() -> None:
    world = tables(lead("ana"), activity=[visit("ana", NOW - timedelta(hours=n)) for n in range(5)])
    assert said(world, agreed(rule(points=-10, per="occurrence", max_points=25))) == {"ana": -25}
    assert said(world, agreed(rule("fit", 20, {"field": "record_id", "op": "filled"}, max_points=15))) == {"ana": 15}


def test_kind_and_subject_are_read_without_regard_to_case() -> None:
    touches = [visit("ana", NOW, "/PRICING", kind="Web_Visit"), visit("bo", NOW, None), visit("cy", NOW, "/blog")]
    world = tables(lead("ana"), lead("bo"), lead("cy"), activity=touches)
    assert said(world, agreed(rule(when=PRICING))) == {"ana": 10, "bo": 0, "cy": 0}


def test_undated_and_undone_activities_do_not_count() -> None:
    touches = [visit("ana", None), visit("bo", NOW, completed=False), visit("cy", NOW, completed=None)]
    world = tables(lead("ana"), lead("bo"), lead("cy"), activity=touches)
    assert said(world, agreed(rule())) == {"ana": 0, "bo": 0, "cy": 10}


def test_what_the_person_did_counts_for_each_of_their_records() -> None:
    touches = [visit("old", NOW), visit("kim", NOW, object="contact")]
    records = [lead("ana", converted_to="kim", condition="inactive"), contact("kim")]
    world = tables(*records, lead("old", merged_into="bo"), lead("bo"), activity=touches)
    assert said(world, agreed(rule())) == {"ana": 10, "kim": 10, "bo": 10}


def test_a_score_no_rule_can_decide_is_null_not_zero() -> None:
    one = agreed(rule("fit", 20, FIELD), threshold=10)
    world = tables(lead("ana", f_industry=None), lead("bo", f_industry="Retail"), lead("cy", f_industry=" "))
    assert said(world, one) == {"ana": None, "bo": 0, "cy": None}
    assert said(world, one, name="light") == {"ana": None, "bo": "amber", "cy": None}
    assert said(tables(lead("ana")), one) == {"ana": None}
    assert said(tables(lead("ana")), agreed()) == {"ana": None}


def test_without_activities_behaviour_is_not_decided_and_with_none_of_them_it_is() -> None:
    assert said(tables(lead("ana")), agreed(rule())) == {"ana": None}
    assert said(tables(lead("ana"), activity=[]), agreed(rule())) == {"ana": 0}


def test_empty_and_filled_are_decided_by_a_blank_field() -> None:
    world = tables(lead("ana", company=None), lead("bo", company="Acme"))
    assert said(world, agreed(rule("none", -5, {"field": "company", "op": "empty"}))) == {"ana": -5, "bo": 0}
    assert said(world, agreed(rule("some", 5, {"field": "company", "op": "filled"}))) == {"ana": 0, "bo": 5}


def test_an_unknown_field_is_not_another_value() -> None:
    one = agreed(rule("other", 5, {"field": "country", "op": "ne", "value": "MX"}), rule("sure", 1, PRICING))
    world = tables(lead("ana", country=None), lead("bo", country="ES"), activity=[])
    assert said(world, one) == {"ana": 0, "bo": 5}


READY = {
    "threshold": 10,
    "all": [{"field": "email", "op": "filled"}],
    "any": [{"field": "country", "op": "in", "value": ["MX", "ES"]}],
}


def test_the_light_and_what_is_missing() -> None:
    records = [
        lead("green", email="a@b", country="MX"),
        lead("points", email="a@b", country="ES"),
        lead("mail", country="MX"),
        lead("both", email="a@b"),
        lead("red"),
    ]
    world = tables(*records, activity=[visit(name, NOW) for name in ("green", "mail", "both")])
    one = agreed(rule(), **READY)
    assert said(world, one, name="light") == {
        "green": "green", "points": "amber", "mail": "amber", "both": "amber", "red": "red",
    }  # fmt: skip
    assert said(world, one, name="missing") == {
        "green": None, "points": "score", "mail": "all.0", "both": "any", "red": "score all.0 any",
    }  # fmt: skip


def test_exactly_the_threshold_is_green_whatever_arithmetic_says() -> None:
    world = tables(lead("ana"), activity=[visit("ana", NOW)])
    assert said(world, agreed(rule("a", 0.1), rule("b", 0.2), threshold=0.3), name="light") == {"ana": "green"}
    assert said(world, agreed(rule("a", 0.1), threshold=0.100001), name="light") == {"ana": "amber"}


def test_without_an_agreed_threshold_there_is_no_light() -> None:
    world = tables(lead("ana"), activity=[visit("ana", NOW)])
    assert said(world, agreed(rule()), name="light") == said(world, agreed(rule()), name="missing") == {"ana": None}


def test_fields_with_history_are_taken_as_they_were() -> None:
    before, after = datetime(2026, 1, 1), datetime(2026, 2, 1)
    changes = [
        *moved("ana", (before, "Subscriber"), (after, "MQL")),
        {"object": "lead", "record_id": "ana", "field": "owner", "from_value": "u1", "to_value": "u2",
         "at": after, "seq": 9, "evidence": "history"},
        {"object": "lead", "record_id": "ana", "field": "f_size", "from_value": None, "to_value": "50",
         "at": after, "seq": 10, "evidence": "history"},
    ]  # fmt: skip
    ana = lead("ana", status="MQL", owner_id="u2", f_size="50", country="MX")
    owners = [{"owner_id": "u1", "name": "Una", "team": "sdr"}, {"owner_id": "u2", "name": "Dos"}]
    world = tables(ana, field_change=changes, owner=owners)
    one = agreed(
        rule("status", 1, {"field": "status", "op": "eq", "value": "MQL"}),
        rule("owner", 10, {"field": "owner", "op": "eq", "value": "Dos"}),
        rule("size", 100, {"field": "size", "op": "gte", "value": 50}),
        rule("country", 1000, {"field": "country", "op": "eq", "value": "MX"}),
        rule("team", 10000, {"field": "team", "op": "eq", "value": "SDR"}),
    )
    assert said(world, one, after) == {"ana": 1111}
    assert said(world, one, after - ONE) == said(world.at(after - ONE), one, after - ONE) == {"ana": 11000}
    assert said(world.at(after).at(before), one, before) == {"ana": 11000}
    assert score.untracked(world, one) == ("country",)


def test_records_that_do_not_count_have_no_score() -> None:
    born = lead("new", created_at=NOW + ONE)
    world = tables(lead("gone", condition="deleted"), lead("twin", merged_into="ana"), lead("ana"), born, activity=[])
    assert said(world, agreed(rule())) == {"ana": 0}
    scoped = pact(scope={"record_type": ["B2B"]}, scoring={"rules": [rule()]})
    assert said(tables(lead("in", record_type="B2B"), lead("out", record_type="B2C"), activity=[]), scoped) == {"in": 0}


def test_records_at_moments_of_their_own() -> None:
    world = tables(lead("ana"), lead("bo"), activity=[visit("ana", NOW), visit("bo", NOW)])
    asked = [("ana", NOW - ONE), ("ana", NOW), ("bo", NOW + timedelta(days=30))]
    at = ibis.memtable(
        [{"object": "lead", "record_id": name, "moment": moment} for name, moment in asked],
        schema={"object": "string", "record_id": "string", "moment": "timestamp"},
    )
    found = score.scores(world, agreed(rule(half_life_days=30)), NOW, at).order_by("record_id", "moment")
    assert [row["score"] for row in found.to_pyarrow().to_pylist()] == [0, 10, 5]


def test_hits_have_a_row_per_record_and_rule_and_add_up_to_the_score() -> None:
    world = tables(lead("ana", f_industry="Banking"), lead("bo", f_industry=None), activity=[visit("ana", NOW)])
    one = agreed(rule("fit", 20, FIELD), rule("visit", 5))
    rows = score.hits(world, one, NOW).to_pyarrow().to_pylist()
    found = {(row["record_id"], row["rule"]): row["points"] for row in rows}
    assert found == {("ana", "fit"): 20, ("ana", "visit"): 5, ("bo", "fit"): None, ("bo", "visit"): 0}
    assert score.hits(world, agreed(), NOW).to_pyarrow().num_rows == 0


def test_no_records_have_no_scores() -> None:
    assert said(tables(lead("gone", condition="deleted"), activity=[]), agreed(rule(), **READY)) == {}


def test_a_pact_that_names_no_crm_field_keeps_its_hash_and_one_that_does_is_another() -> None:
    plain, named = agreed(rule()), pact(scoring={"rules": [rule()], "crm_field": "f_score"})
    assert '"crm_field"' not in plain.canonical
    assert plain.hash == pact(scoring={"rules": [rule()], "crm_field": None}).hash != named.hash


@pytest.mark.parametrize(
    "test", [{"op": "contains"}, {"op": "filled", "value": "x"}, {"op": "between", "value": ["a"]}]
)
def test_a_subject_is_tested_as_a_field_is(test: dict[str, Any]) -> None:
    with pytest.raises(BadPact) as caught:
        agreed(rule(when={"activity": "web_visit", "subject": test}))
    assert "pact.bad_condition" in [detail.key for detail in caught.value.details]
