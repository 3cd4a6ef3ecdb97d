"""The score of every record the long way round: row by row in plain Python, after DESIGN section 5.

Written to be read beside the design; it shares nothing with the product. Single conditions are
read as plainly as test_conditions.py reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.parts import Condition
from tests.test_conditions import plainly

Row = dict[str, Any]
World = Mapping[str, list[Row]]  # record, field_change, activity
DAY = 86_400


def scores(world: World, pact: Mapping[str, Any], as_of: datetime) -> dict[str, Row]:
    """By record_id: score, light, points by rule (null: undecided)."""
    alive = [row for row in world["record"] if row["created_at"] is None or row["created_at"] <= as_of]
    return {row["record_id"]: _score(row, world, pact, as_of) for row in alive if not row.get("merged_into")}


def _score(record: Row, world: World, pact: Mapping[str, Any], as_of: datetime) -> Row:
    then = {name: _then(record, name, world, as_of) for name in record}
    rules = pact["scoring"]["rules"]
    points = {rule["id"]: _points(rule, then, world, as_of) for rule in rules}
    known = {name: one for name, one in points.items() if one is not None}
    caps = {group["name"]: group["max_points"] for group in pact["scoring"].get("groups", [])}
    score = 0.0 if known else None
    for group in {rule.get("group") for rule in rules} if known else ():
        total = sum(known.get(rule["id"], 0.0) for rule in rules if rule.get("group") == group)
        score += max(-caps[group], min(caps[group], total)) if group in caps else total
    ready = pact.get("sales_ready", {})
    musts = all(_holds(one, then) for one in ready.get("all", [])) and (
        not ready.get("any") or any(_holds(one, then) for one in ready["any"])
    )
    threshold = ready.get("threshold")
    light = None
    if score is not None and threshold is not None:
        light = ["red", "amber", "green"][(round(score, 5) >= threshold) + musts]
    return {"score": score, "light": light, "points": points}


def _then(record: Row, name: str, world: World, as_of: datetime) -> Any:
    """The field before the first change after the moment; as it is now where there is none."""
    later = [
        change
        for change in world["field_change"]
        if change["record_id"] == record["record_id"]
        and change["field"] == name
        and change["at"] is not None
        and change["at"] > as_of
    ]
    return min(later, key=lambda change: (change["at"], change["seq"]))["from_value"] if later else record[name]


def _points(rule: Mapping[str, Any], then: Row, world: World, as_of: datetime) -> float | None:
    when, most = rule["when"], rule.get("max_points")
    if "field" in when:
        if when["field"] not in then:
            return None
        value = then[when["field"]]
        if when["op"] not in ("filled", "empty") and not (value or "").strip():
            return None
        total = float(rule["points"]) if _holds(when, then) else 0.0
    else:
        mine = {row["record_id"] for row in world["record"] if row["person"] == then["person"]}
        weights = []
        for touch in world["activity"]:
            if touch["record_id"] not in mine or touch["at"] is None or touch["at"] > as_of:
                continue
            age = (as_of - touch["at"]).total_seconds() / DAY
            test = when.get("subject")
            if (
                touch["kind"] == when["activity"]
                and touch.get("completed") is not False
                and age <= when.get("within_days", float("inf"))
                and (test is None or _holds({**test, "field": "subject"}, touch))
            ):
                weights.append(0.5 ** (age / rule["half_life_days"]) if "half_life_days" in rule else 1.0)
        weight = sum(weights) if rule.get("per") == "occurrence" else max(weights, default=0.0)
        total = rule["points"] * weight
    if most is not None:
        total = max(-most, min(most, total))
    return total


def _holds(condition: Mapping[str, Any], row: Row) -> bool:
    if condition["field"] not in row:
        return False
    return plainly(row.get(condition["field"]), Condition.model_validate(condition))
