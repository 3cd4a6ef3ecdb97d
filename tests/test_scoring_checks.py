"""What makes no sense in rules is named at its place, what makes sense is left alone.

Not here: the form of a pact (test_pact.py), rules that never fire (audit, SCO02).
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.document import BadPact
from config.parts import Condition
from leadpact.scoring.conditions import GREENWICH
from leadpact.scoring.offers import Offers, offers
from leadpact.scoring.rule_checks import remarks
from leadpact.scoring.rule_logic import most_points, tried
from tests.engine import loaded
from tests.rows import Rows, lead
from tests.test_conditions import plainly
from tests.worlds import pact

SIZE = "f_size"


def fit(field: str, op: str, value: Any = None, points: float = 10, **more: Any) -> dict[str, Any]:
    when = {"field": field, "op": op, **({} if value is None else {"value": value})}
    return {"category": "fit", "points": points, "when": when, **more}


def did(activity: str, points: float = 10, subject: str | None = None, days: float | None = None, **more: Any) -> Any:
    when: dict[str, Any] = {"activity": activity}
    when |= {"subject": {"op": "contains", "value": subject}} if subject else {}
    when |= {"within_days": days} if days else {}
    return {"category": "behaviour", "points": points, "when": when, **more}


@cache
def known() -> Offers:
    records = [lead(f"p{n}", f_industry="Banking" if n % 2 else "Retail", f_size=str(n), country="MX", email="a@b.c",
                    f_blank=None) for n in range(6)]  # fmt: skip
    visit = {"object": "lead", "record_id": "p1", "at": datetime(2026, 1, 1)}
    done = [
        {"activity_id": "1", "kind": "Web_Visit", "subject": "/pricing", **visit},
        {"activity_id": "2", "kind": "web_visit", "subject": "/pricing", **visit},
        {"activity_id": "3", "kind": "call", "subject": "Ana about her illness", **visit},
    ]
    return offers(loaded(Rows(record=records, activity=done))[1])


def said(*rules: dict[str, Any], ready: Any = None, data: bool = True, **more: Any) -> list[tuple[str, str, str]]:
    """Level, place and what is said, of each remark."""
    named = [{"id": f"r{at}", **rule} for at, rule in enumerate(rules)]
    one = pact(scoring={"rules": named, **more}, sales_ready=ready or {})
    return [(m.level, m.place, m.text.key.removeprefix("scoring.check.")) for m in
            remarks(one, known() if data else None)]  # fmt: skip


def test_rules_that_make_sense_are_left_alone() -> None:
    rules = fit("industry", "in", ["Banking", "retail"]), fit("country", "filled"), did("web_visit", subject="pric")
    assert said(*rules, ready={"threshold": 30, "all": [{"field": "email", "op": "filled"}]}) == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (fit("indstry", "filled"), ("error", "scoring.rules[0].when.field", "no_field")),
        (fit("f_blank", "filled"), ("warning", "scoring.rules[0].when.field", "never_filled")),
        (fit("industry", "in", ["Bankng"]), ("warning", "scoring.rules[0].when.value", "no_value")),
        (fit(SIZE, "between", [10, 5]), ("error", "scoring.rules[0].when", "never")),
        (fit(SIZE, "between", ["2026-02-01", "2026-01-01"]), ("error", "scoring.rules[0].when", "never")),
        (fit("country", "filled", points=0), ("warning", "scoring.rules[0].points", "no_points")),
        (fit("country", "filled", half_life_days=3), ("note", "scoring.rules[0].half_life_days", "idle_half_life")),
        (fit("country", "filled", per="occurrence"), ("note", "scoring.rules[0].per", "idle_per")),
        (fit("country", "filled", max_points=5), ("note", "scoring.rules[0].max_points", "low_cap")),
        (did("web_vist"), ("warning", "scoring.rules[0].when.activity", "no_activity")),
    ],
    ids=lambda one: one[2] if isinstance(one, tuple) else "",
)
def test_a_rule_alone(rule: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert said(rule) == [expected]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (fit(SIZE, "gte", 5), fit("size", "gte", 5.0), "twice"),
        (fit(SIZE, "gte", 5), fit(SIZE, "gte", "5", points=-10), "against"),
        (fit("industry", "eq", "BANKING"), fit("industry", "in", ["Banking"]), "twice"),
        (fit(SIZE, "gte", 2), fit(SIZE, "between", [1, 4]), "overlap"),
        (fit("industry", "eq", "Retail"), fit("industry", "in", ["Banking", "retail"]), "overlap"),
        (did("web_visit"), did("Web_Visit", 20), "twice"),
        (did("web_visit"), did("web_visit", subject="/pricing"), "same_activity"),
        (did("web_visit", days=30), did("web_visit", days=7), "same_activity"),
        (fit(SIZE, "lt", 3), fit(SIZE, "gte", 3), None),
        (fit("industry", "eq", "Retail"), fit("industry", "eq", "Banking"), None),
        (did("web_visit", subject="/blog"), did("web_visit", subject="/pricing"), None),
        (fit("country", "filled"), fit("country", "eq", "MX"), None),
    ],
)
def test_two_rules_together(first: dict[str, Any], second: dict[str, Any], expected: str | None) -> None:
    found = said(first, second)
    assert [(place.split(".")[1], key) for _, place, key in found] == ([("rules[1]", expected)] if expected else [])


def test_a_threshold_nobody_can_reach_counts_what_excludes_itself_caps_and_missing_fields() -> None:
    exclusive = (fit("industry", "eq", "Banking", 30), fit("industry", "eq", "Retail", 20))
    assert ("error", "sales_ready.threshold", "unreachable") in said(*exclusive, ready={"threshold": 31})
    assert said(*exclusive, ready={"threshold": 30}) == []
    parts = (fit("industry", "contains", "bank", 30), fit("industry", "contains", "ing", 20))
    assert said(*parts, ready={"threshold": 50}) == []
    capped = (did("web_visit", per="occurrence", max_points=25), fit("nowhere", "filled", points=100))
    assert ("error", "sales_ready.threshold", "unreachable") in said(*capped, ready={"threshold": 26})
    assert not any("unreachable" in one for one in said(*capped, ready={"threshold": 25}))
    assert said(did("web_visit", 1, per="occurrence"), ready={"threshold": 10_000}) == []
    grouped = (fit("country", "filled", points=30, group="g"), fit("email", "filled", points=30, group="g"))
    told = said(*grouped, ready={"threshold": 40}, groups=[{"name": "g", "max_points": 35}])
    assert told == [("error", "sales_ready.threshold", "unreachable")]
    assert said(fit("country", "filled"), ready={"threshold": 0}) == [("warning", "sales_ready.threshold", "everybody")]


def test_must_haves_nobody_can_meet() -> None:
    both = [{"field": "country", "op": "eq", "value": "MX"}, {"field": "country", "op": "eq", "value": "ES"}]
    assert said(ready={"all": both}) == [("error", "sales_ready.all", "no_green")]
    assert said(ready={"any": both}) == []
    assert said(ready={"all": [{"field": "nowhere", "op": "filled"}]}) == [
        ("error", "sales_ready.all[0].field", "no_must")
    ]


def test_groups_nobody_is_in_and_groups_capped_twice() -> None:
    assert said(fit("country", "filled"), groups=[{"name": "g", "max_points": 5}]) == [
        ("note", "scoring.groups[0].name", "no_group")
    ]
    with pytest.raises(BadPact):
        said(fit("country", "filled"), groups=[{"name": "g", "max_points": 5}, {"name": "g", "max_points": 6}])


def test_without_data_the_pact_alone_is_judged() -> None:
    assert said(fit("nowhere", "filled"), fit("f_nowhere", "filled"), did("anything"), data=False) == [
        ("warning", "scoring.rules[1].when", "twice")
    ]


def test_without_activities_a_rule_about_them_cannot_count() -> None:
    bare = offers(loaded(Rows(record=[lead("ana")]))[1])
    one = pact(scoring={"rules": [{"id": "r", **did("web_visit")}]}, sales_ready={"threshold": 5})
    assert {m.text.key for m in remarks(one, bare)} == {"scoring.check.no_activities", "scoring.check.unreachable"}


def test_what_is_offered_is_what_the_data_have_and_nobody_s_secrets() -> None:
    found = known()
    assert dict(found.field("industry").values) == {"Banking": 3, "Retail": 3}  # type: ignore[union-attr]
    assert found.field("EMAIL").values == () and found.field("email").filled == 6  # type: ignore[union-attr]
    assert found.activity("web_visit").subjects == (("/pricing", 2),)  # type: ignore[union-attr]
    assert found.activity("call").subjects == ()  # type: ignore[union-attr]


NUMBERS = st.integers(-3, 6)
CONDITIONS = st.one_of(
    st.builds(lambda op, n: {"op": op, "value": n}, st.sampled_from(["gt", "gte", "lt", "lte", "eq", "ne"]), NUMBERS),
    st.builds(lambda a, b: {"op": "between", "value": [a, b]}, NUMBERS, NUMBERS),
    st.builds(lambda op: {"op": op}, st.sampled_from(["filled", "empty"])),
    st.builds(lambda v: {"op": "in", "value": v}, st.lists(NUMBERS, min_size=1, max_size=3)),
)
EVERY = [None, *(str(n / 2) for n in range(-12, 18)), "word", "a1"]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(CONDITIONS, st.integers(-20, 20)), min_size=1, max_size=4))
def test_the_values_tried_stand_for_all(asked: list[tuple[dict[str, Any], int]]) -> None:
    """Against every value there can be: what can hold, alone and together, and the most it gives."""
    conditions = [Condition.model_validate({"field": SIZE, **one}) for one, _ in asked]
    trial = tried(conditions, GREENWICH)
    truth = [{value for value in EVERY if plainly(value, one)} for one in conditions]
    assert [bool(holds) for holds in trial.holds] == [bool(values) for values in truth]
    for a, b in product(range(len(asked)), repeat=2):
        assert trial.together(a, b) == bool(truth[a] & truth[b])
    rules = [{"id": f"r{at}", **fit(SIZE, **one, points=n)} for at, (one, n) in enumerate(asked)]
    most = max(sum(n for (_, n), values in zip(asked, truth, strict=True) if value in values) for value in EVERY)
    free = sum(n for _, n in asked if n > 0)
    assert most_points(pact(scoring={"rules": rules}), {rule["id"]: SIZE for rule in rules}) == min(most, free)
