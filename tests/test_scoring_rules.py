"""What every rule does: hits and conversion against a count by hand, and nothing known only later in either.

Not here: the score itself, and more of these (test_scoring.py, test_scoring_properties.py), what makes no sense
in rules (test_scoring_checks.py), the command line (test_scoring_rules_cli.py).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.significance import two_proportions, wilson
from leadpact.scoring import rule_people, score
from leadpact.scoring.basis import ENTRY, Basis
from leadpact.scoring.rule_table import RuleTable, rule_table
from leadpact.tables import Tables
from tests import scoring_oracle
from tests.engine import company
from tests.rows import Rows, lead, moved
from tests.worlds import pact

NOW = datetime(2026, 3, 1, 12)
DAY = timedelta(days=1)
RULES: list[dict[str, Any]] = [
    {"id": "size", "category": "fit", "points": 10, "when": {"field": "f_size", "op": "gte", "value": 50}},
    {"id": "far", "category": "fit", "points": -5, "when": {"field": "country", "op": "eq", "value": "ES"}},
    {"id": "visits", "category": "behaviour", "points": 4, "per": "occurrence", "max_points": 9,
     "when": {"activity": "web_visit", "within_days": 20}, "half_life_days": 10},
    {"id": "form", "category": "behaviour", "points": 8, "when": {"activity": "form"}},
    {"id": "any-form", "category": "behaviour", "points": 1, "when": {"activity": "form", "within_days": 400}},
]  # fmt: skip


def rows(seed: int = 7, people: int = 60) -> dict[str, list[dict[str, Any]]]:
    """Leads that became MQL some day, and some of them customers; visits, forms, and sizes that change."""
    chance = random.Random(seed)  # noqa: S311 - a world, not a secret
    records, changes, done = [], [], []
    for number in range(people):
        name = f"p{number}"
        born = NOW - chance.uniform(10, 200) * DAY
        steps: list[tuple[Any, str | None]] = [(born, "Subscriber")]
        if chance.random() < 0.9:
            steps.append((born + chance.uniform(0.1, 8) * DAY, "MQL"))
            if chance.random() < 0.5:
                steps.append((steps[-1][0] + chance.uniform(1, 60) * DAY, "Customer"))
        steps = [step for step in steps if step[0] <= NOW]
        size = chance.choice(["10", "50", "500", None])
        records.append(
            lead(name, status=steps[-1][1], created_at=born, f_size=size, country=chance.choice(["ES", "MX"]))
        )
        changes += moved(name, *steps)
        for at in range(chance.randint(0, 2)):
            changes.append({"object": "lead", "record_id": name, "field": "f_size", "seq": 50 + at,
                            "from_value": chance.choice(["10", "50", None]), "to_value": "?", "evidence": "history",
                            "at": born + chance.uniform(0, 150) * DAY})  # fmt: skip
        for at in range(chance.randint(0, 5)):
            done.append({"activity_id": f"{name}-{at}", "object": "lead", "record_id": name,
                         "kind": chance.choice(["web_visit", "form"]), "subject": None, "completed": True,
                         "at": born + chance.uniform(-1, chance.choice([8, 120])) * DAY})  # fmt: skip
    return {"record": records, "field_change": changes, "activity": done}


def scoring(**more: Any) -> Pact:
    return pact(scoring={"rules": RULES, **more}, sales_ready={"threshold": 10})


@cache
def world() -> Tables:
    return company(Rows(creation_logged=True, **rows()), scoring())


@cache
def table(days: float) -> RuleTable:
    return rule_table(world(), scoring(), NOW, Basis("mql", "customer", days))


def by_hand(days: float, as_of: datetime = NOW) -> dict[str, dict[str, int]]:
    """The same from the rows, in plain Python: each MQL as of the moment it became one."""
    told = rows()
    document = {"scoring": {"rules": RULES}}
    named = {**told, "record": [{**row, "person": row["record_id"]} for row in told["record"]]}
    now = scoring_oracle.scores(named, document, as_of)
    found = {rule["id"]: dict.fromkeys(("hits", "decided", "hit", "won", "miss", "missed"), 0) for rule in RULES}
    for rule, one in found.items():
        given = [row["points"][rule] for row in now.values()]
        one["hits"], one["decided"] = sum(bool(n) for n in given), sum(n is not None for n in given)
    for row in told["record"]:
        steps = {c["to_value"]: c["at"] for c in told["field_change"]
                 if c["record_id"] == row["record_id"] and c["field"] == "status" and c["at"] <= as_of}  # fmt: skip
        start = steps.get("MQL")
        if start is None or as_of - start < days * DAY:
            continue
        converted = "Customer" in steps and steps["Customer"] <= start + days * DAY
        then = scoring_oracle.scores(named, document, start)[row["record_id"]]["points"]
        for rule, one in found.items():
            if then[rule] is not None:
                one["hit" if then[rule] else "miss"] += 1
                one["won" if then[rule] else "missed"] += converted
    return found


def as_counted(found: RuleTable) -> dict[str, dict[str, int]]:
    return {
        row.rule.id: {"hits": row.hits, "decided": row.decided, "hit": row.hit.n, "won": row.hit.converted,
                      "miss": row.miss.n, "missed": row.miss.converted}
        for row in found.rows
    }  # fmt: skip


@pytest.mark.parametrize("days", [45])
def test_hits_and_conversion_are_those_counted_by_hand(days: float) -> None:
    found = table(days)
    assert as_counted(found) == by_hand(days)
    assert found.all.n and 0 < found.all.converted < found.all.n
    assert found.young > 0 and found.all.n + found.young == sum("MQL" in str(c["to_value"]) for c in
                                                                rows()["field_change"])  # fmt: skip


def test_rates_have_their_interval_and_the_difference_is_corrected_for_all_rules() -> None:
    for row in table(45).rows:
        assert row.hit.interval == wilson(row.hit.converted, row.hit.n)
        alone = two_proportions(row.hit.converted, row.hit.n, row.miss.converted, row.miss.n)
        assert alone is not None and row.gap is not None
        assert (row.gap.difference, row.gap.low, row.gap.high) == (alone.difference, alone.low, alone.high)
        assert row.gap.p is None or alone.p is None or row.gap.p >= alone.p
    assert sum(row.share or 0 for row in table(45).rows) == pytest.approx(1)


def test_nothing_that_happened_after_a_journey_s_moment_makes_it_hit() -> None:
    """A form a second after the hand-over, and a size that was entered because of it."""
    start = NOW - 100 * DAY
    soon = start + timedelta(seconds=1)
    later = [{"activity_id": "a", "object": "lead", "record_id": "ana", "kind": "form", "at": soon}]
    grown = {"object": "lead", "record_id": "ana", "field": "f_size", "from_value": "10", "to_value": "500", "seq": 9,
             "at": soon, "evidence": "history"}  # fmt: skip
    history = moved("ana", (start - DAY, "Subscriber"), (start, "MQL"), (start + 2 * DAY, "Customer"))
    ana = lead("ana", status="Customer", created_at=start - DAY, f_size="500", country="MX")
    tables = company(
        Rows(creation_logged=True, record=[ana], field_change=[*history, grown], activity=later), scoring()
    )
    found = as_counted(rule_table(tables, scoring(), NOW, Basis("mql", "customer", 30)))
    assert {rule: (one["hits"], one["hit"], one["miss"]) for rule, one in found.items()} == {
        "size": (1, 0, 1), "far": (0, 0, 1), "visits": (0, 0, 1), "form": (1, 0, 1), "any-form": (1, 0, 1),
    }  # fmt: skip


def test_a_field_without_history_is_flagged_and_one_with_it_is_not() -> None:
    marks = {row.rule.id: row.as_known_now for row in table(45).rows}
    assert marks == {"size": False, "far": True, "visits": False, "form": False, "any-form": False}


def test_rules_that_hit_the_same_leads_name_each_other() -> None:
    twins = {row.rule.id: (row.twin, row.alike) for row in table(45).rows}
    assert twins["form"] == ("any-form", 1.0) and twins["any-form"] == ("form", 1.0)
    assert twins["far"] == (None, None)


@pytest.mark.parametrize("group", ["now", "undecided", "hit_converted", "miss"])
def test_the_people_of_a_number_are_as_many_as_it_says(group: Any) -> None:
    row = table(45).rows[0]
    wanted = {"now": row.hits, "undecided": row.undecided, "hit": row.hit.n, "hit_converted": row.hit.converted,
              "miss": row.miss.n, "miss_converted": row.miss.converted}  # fmt: skip
    assert (
        rule_people.people(world(), scoring(), NOW, "size", group, Basis("mql", "customer", 45)).count().execute()
        == wanted[group]
        > 0
    )


def test_without_rules_without_leads_and_without_journeys() -> None:
    assert rule_table(world(), pact(), NOW, Basis()).rows == ()
    gone = lead("gone", condition="deleted", created_at=NOW - DAY)
    nobody = company(Rows(record=[gone], field_change=[], activity=[]), scoring())
    row = rule_table(nobody, scoring(), NOW, Basis()).rows[0]
    assert (row.hits, row.hit.rate, row.gap, row.share) == (0, None, None, None)
    young = rule_table(world(), scoring(), NOW, Basis("mql", "customer", 10_000))
    assert young.all.n == 0 and young.young > 0 and young.rows[0].hit.interval is None


def test_from_the_handover_to_a_win_unless_asked_otherwise() -> None:
    assert Basis().of(scoring()) == Basis("mql", "customer", 90)
    assert Basis(ENTRY, "mql", 30).of(scoring()) == Basis(ENTRY, "mql", 30)
    for wrong in (("customer", None), ("nonsense", None), ("sal", "mql")):
        with pytest.raises(Misconfigured):
            Basis(*wrong).of(scoring())
    with pytest.raises(Misconfigured):
        rule_people.people(world(), scoring(), NOW, "nobody", "now", Basis())


# groups


def test_a_group_counts_under_its_own_cap_and_the_explanation_says_so() -> None:
    rules = [{**rule, "group": "did"} if rule["category"] == "behaviour" else rule for rule in RULES]
    capped = pact(scoring={"rules": rules, "groups": [{"name": "did", "max_points": 6}]})
    plain = {row["record_id"]: row for row in _points(world(), pact(scoring={"rules": rules}))}
    for row in _points(world(), capped):
        free = plain[row["record_id"]]
        did = sum(free[f"points_{at}"] for at in (2, 3, 4))
        rest = sum(free[f"points_{at}"] or 0 for at in (0, 1))
        assert row["score"] == pytest.approx(rest + max(-6, min(6, did)), abs=1e-5)
        cuts = score.cuts(capped, {rule["id"]: row[f"points_{at}"] for at, rule in enumerate(rules)})
        assert [one.counted for one in cuts] == ([6.0] if did > 6 else [])


def _points(tables: Tables, one: Pact) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = score.measured(tables, one, NOW).to_pyarrow().to_pylist()
    return found


def test_points_taken_away_have_the_cap_of_their_group_too() -> None:
    rules = [{**RULES[1], "id": f"far{n}", "group": "g"} for n in range(3)]
    one = pact(scoring={"rules": rules, "groups": [{"name": "g", "max_points": 7}]})
    assert {row["score"] for row in _points(world(), one)} == {-7.0, 0.0}


def test_a_pact_without_groups_keeps_its_hash() -> None:
    document = scoring().model_dump(mode="json")
    assert "groups" in document["scoring"] and "group" not in scoring().canonical
    assert pact(scoring={"rules": RULES, "groups": []}, sales_ready={"threshold": 10}).hash == scoring().hash


def test_the_moment_of_a_conversion_says_itself_when_it_was() -> None:
    """A lead converted later was not yet converted then."""
    told: Callable[..., dict[str, Any]] = lambda **more: lead("ana", created_at=NOW - 9 * DAY, **more)  # noqa: E731
    rule = {"id": "r", "category": "fit", "points": 5, "when": {"field": "converted_at", "op": "filled"}}
    one = pact(scoring={"rules": [rule]})
    tables = company(Rows(record=[told(converted_at=NOW - DAY)]), one)
    for as_of, points in ((NOW - 2 * DAY, 0), (NOW, 5)):
        found = score.scores(replace(tables), one, as_of).to_pyarrow().to_pylist()
        assert [row["score"] for row in found] == [points]
    assert score.untracked(tables, one) == ()
