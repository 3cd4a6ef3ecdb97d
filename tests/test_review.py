"""Reviewing a plan: counts by value, owner and team by hand, a sample, and what has an effect.

Not here: approving it (test_approval.py), the effect beside reality (test_review_effect.py).
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from leadpact.workspace import Analysis
from leadpact.writeback import review, review_effect
from leadpact.writeback.plan import Plan, Row
from leadpact.writeback.review import Part, Review
from leadpact.writeback.target import Target
from tests.audit_cases import world
from tests.writeback_crm import Crm, made, target_of

CASE: dict[str, Any] = {
    "journeys": True,
    "activities": [],
    "owners": {
        "u1": {"name": "Ana", "team": "sdr", "is_active": True, "is_queue": False},
        "u2": {"name": "Bob", "team": "sales", "is_active": False, "is_queue": False},
        "q1": {"name": "MQL queue", "team": "sdr", "is_active": True, "is_queue": True},
        "u3": {"name": "Cy", "is_active": True},
    },
    "leads": {
        "a1": {"status": "Old", "owner_id": "u1", "url": "https://crm.example/a1"},
        "a2": {"status": "Old", "owner_id": "u1"},
        "b1": {"status": "Old", "owner_id": "u2"},
        "q1": {"status": "Unknown", "owner_id": "q1"},
        "c1": {"status": "Old", "owner_id": "u3"},
        "x1": {"status": "Old", "owner_id": "u9"},
        "n1": {"status": "Old"},
        "m1": {"status": "Working"},  # no longer what the plan says
        "d1": {"status": "MQL"},  # has the new value already
        "g1": {"status": "Old", "condition": "deleted"},
    },
}
TO_MQL = ("a1", "a2", "b1", "c1", "x1", "n1", "m1", "d1", "g1", "never")


@functools.cache
def company() -> Analysis:
    return world(CASE)


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return target_of(tmp_path, Crm(tmp_path / "crm.sqlite"))


def status_plan(target: Target, rows: Sequence[Row]) -> Plan:
    return made(target, rows, kind="status", recipe={"source": "set"})


def reviewed(target: Target, **given: Any) -> Review:
    rows = [Row("lead", name, "status", "Old", "MQL", "STA03") for name in TO_MQL]
    rows.append(Row("lead", "q1", "status", "Unknown", "Subscriber", "STA11"))
    return review.review(target.engine, company(), status_plan(target, rows), **given)


def test_records_are_counted_by_value_owner_and_team_and_unknown_is_unknown(target: Target) -> None:
    found = reviewed(target)
    assert [(one.before, one.after, one.records) for one in found.by_value] == [
        ("Old", "MQL", 10),
        ("Unknown", "Subscriber", 1),
    ]
    assert set(found.by_owner) == {
        Part("u1", "Ana", "sdr", False, True, 2),
        Part("u2", "Bob", "sales", False, False, 1),
        Part("q1", "MQL queue", "sdr", True, True, 1),
        Part("u3", "Cy", None, None, True, 1),
        Part("u9", "u9", None, None, None, 1),  # an owner nobody told us of
        Part(None, None, None, None, None, 5),  # without one, or no such record
    }
    assert found.by_owner[0].records == 5
    assert {one.key: one.records for one in found.by_team} == {"sdr": 3, "sales": 1, None: 7}
    assert sum(one.records for one in found.by_team) == found.plan.records == 11


def test_rows_are_held_against_the_last_sync(target: Target) -> None:
    assert reviewed(target).fits == {"due": 7, "already": 1, "moved": 1, "gone": 2}


def test_a_sample_has_every_move_says_whose_it_is_and_is_the_same_each_time(target: Target) -> None:
    found = reviewed(target, sample=4)
    assert found.sample == reviewed(target, sample=4).sample
    assert Counter((one.before, one.after) for one in found.sample) == {("Old", "MQL"): 3, ("Unknown", "Subscriber"): 1}
    (ana,) = [one for one in reviewed(target, sample=50).sample if one.record_id == "a1"]
    assert (ana.owner, ana.team, ana.url) == ("Ana", "sdr", "https://crm.example/a1")


@pytest.mark.thorough
def test_only_rows_that_would_be_written_have_an_effect(target: Target) -> None:
    rows = [Row("lead", name, "status", "Old", "MQL") for name in TO_MQL]
    rows.append(Row("lead", "q1", "status", "Unknown", "Brand new"))
    found = review_effect.effect(target.engine, company(), status_plan(target, rows))
    assert found is not None
    assert (found.effect.changed, found.unmapped, found.since) == (7, 1, 0)
    values = {(one.value, one.before, one.after) for one in found.effect.values}
    assert {("MQL", 1, 7), ("Unknown", 1, 0), ("Brand new", 0, 1), ("Working", 1, 1)} <= values
    document = found.as_json()
    assert (document["fits"], document["unmapped"]) == ({"due": 7, "already": 1, "moved": 1, "gone": 2}, 1)


def test_a_plan_without_statuses_and_one_without_rows_have_none(target: Target) -> None:
    analysis = company()
    noted = made(target, [Row("lead", "a1", "note", None, "Left voicemail")], kind="keep")
    assert review_effect.effect(target.engine, analysis, noted) is None
    assert review.review(target.engine, analysis, noted).fits == dict.fromkeys(review.FITS, 0)
    nothing = status_plan(target, [])
    assert review_effect.effect(target.engine, analysis, nothing) is None
    empty = review.review(target.engine, analysis, nothing)
    assert (empty.by_owner, empty.by_team, empty.sample) == ((), (), ())
