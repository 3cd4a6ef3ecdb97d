"""Is the scoring any good? On a company whose truth is known: planted leaks and idle rules are found and named."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from leadpact.scoring.quality import Quality
from tests.scored_quality import SCORED, company, judged, now, small, strict
from tests.scored_world import AS_OF, changed, did, rows, tables
from tests.worlds import World, pact

__all__ = ["company", "now", "small", "strict"]  # fixtures


def test_every_rule_has_its_verdict(strict: Quality, now: Quality) -> None:
    assert {one.rule: one.verdict for one in strict.rules} == {
        "bank": "untracked", "signed": "leak", "verdict": "leak", "red": "untracked", "mail": "untracked",
        "visit": "works", "meet": "never", "ghost": "undecided",
    }  # fmt: skip
    rules = {one.rule: one for one in now.rules}
    assert {name: one.verdict for name, one in rules.items()} == {
        "bank": "works", "signed": "leak", "verdict": "leak", "red": "nothing", "mail": "always", "visit": "works",
        "meet": "never", "ghost": "undecided",
    }  # fmt: skip
    assert rules["bank"].gain is not None and rules["bank"].gain > 0.05
    assert rules["red"].gain is not None and abs(rules["red"].gain) < 0.02


def test_fields_that_know_the_outcome_are_named_with_why(strict: Quality) -> None:
    leaks = {leak.field: leak for leak in strict.leaks}
    assert leaks["f_contract"].signs == ("filled_late",)
    assert leaks["f_contract"].late == 1.0
    assert {"too_good", "hindsight"} <= set(leaks["f_verdict"].signs)
    assert "f_industry" not in leaks and "f_colour" not in leaks


def test_counts_by_hand(strict: Quality) -> None:
    told = strict
    world = tables()
    won = {row["record_id"] for row in world["record"] if row["status"] == "Customer"}
    visited = {row["record_id"] for row in world["activity"] if row["kind"] == "web_visit"}
    assert (told.cases, told.reached) == (400, len(won))
    low, high = told.bands  # of the judged rules only the visit gives points
    assert (high.low, high.high, high.n, high.reached) == (15, 15, len(visited), len(won & visited))
    assert low.n == 400 - len(visited) and high.step == "rises"
    assert told.judged_share == pytest.approx(30 / 145)
    assert sum(quarter.n for quarter in told.quarters) == 400


def test_what_happens_after_the_moment_changes_no_figure(tmp_path: Path, strict: Quality) -> None:
    """Visits and values after the moment, of winners only: whoever looked there would look clever."""
    world = tables()
    after: list[dict[str, Any]] = []
    for row in world["field_change"]:
        if row["to_value"] == "MQL":
            at = datetime.fromisoformat(row["at"]) + timedelta(seconds=1)
            after.append(did(f"z{row['record_id']}", row["record_id"], "web_visit", at))
    colour = {row["record_id"]: row["f_colour"] for row in world["record"]}
    won = [row for row in world["field_change"] if row["to_value"] == "Customer"]
    changes = [changed(row["record_id"], "f_colour", colour[row["record_id"]], "Red", datetime.fromisoformat(row["at"]))
               for row in won]  # fmt: skip
    records = [{**row, "f_colour": "Red" if row["status"] == "Customer" else row["f_colour"]}
               for row in world["record"]]  # fmt: skip
    other = World(tmp_path)
    other.sync(rows(record=records, field_change=world["field_change"] + changes,
                    activity=world["activity"] + after), now=AS_OF)  # fmt: skip
    told = judged(other.analyse(SCORED))
    same = [[replace(one, gain=None) for one in each.rules if one.rule in ("visit", "meet", "bank", "signed")]
            for each in (told, strict)]  # fmt: skip
    assert same[0] == same[1]
    # with its history the colour counts as it was, and still says nothing
    red = next(one for one in told.rules if one.rule == "red")
    assert red.verdict == "nothing"
    assert red.hits == sum(value == "Red" for value in colour.values())


def test_a_pact_without_rules_is_judged_without_figures(small: World) -> None:
    told = judged(small.analyse(pact()))
    assert told.rules == () and not told.enough and told.separation is None
