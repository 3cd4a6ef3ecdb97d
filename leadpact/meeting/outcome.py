"""From votes to a draft: must-haves and scoring rules with points, proposed, never saved by itself.

The points of a criterion are its worth (the mean of both teams' means, as a share of the scale)
times 25, in steps of five. It is proposed as a must-have where at least two of three in *each*
team said "a must" and it is about a field, for only fields can be must-haves. A criterion only one
team voted on, or nobody values, is not proposed.

Not here: the votes (voting.py), saving (config/drafts.py, by way of the page).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from leadpact.meeting.differ import Standing

MOST, STEP, MUST = 25, 5, 2 / 3
LONGEST_ID = 60
Json = dict[str, Any]


@dataclass(frozen=True)
class Proposed:
    """What one criterion would become. `when` is the condition as the pact writes it; null: nothing can test it yet.

    `points` is null where no rule is proposed; `why` says in a word what decided: `points`, `must`,
    `one_team`, `worthless`, `no_field`. `rule`: the rule of the pact it is, whose points change.
    """

    standing: Standing
    when: Mapping[str, Any] | None
    points: int | None
    must: bool
    why: str
    rule: str | None = None


def propose(standings: Iterable[Standing]) -> list[Proposed]:
    """One proposal for each criterion that was revealed, the most valued first."""
    found = [_proposed(one) for one in standings]
    return sorted(
        found, key=lambda one: (-abs(one.points or 0), -(one.standing.worth or 0), one.standing.item.position)
    )


def _proposed(one: Standing) -> Proposed:
    detail = one.item.detail
    when, rule = detail.get("when"), detail.get("rule")
    if one.worth is None:
        return Proposed(one, when, None, False, "one_team", rule)
    points = STEP * round(one.worth * MOST / STEP)
    if float(detail.get("points") or 0) < 0:  # a rule that takes points away goes on taking them
        points = -points
    if not points:
        return Proposed(one, when, None, False, "worthless", rule)
    if when is None:
        return Proposed(one, None, None, False, "no_field")
    must = "field" in when and all((side.musts or 0) >= MUST for side in one.sides.values())
    return Proposed(one, when, points, must, "must" if must else "points", rule)


def sections(document: Mapping[str, Any], chosen: Sequence[tuple[Proposed, str]]) -> Json:
    """The sections of the pact with what was chosen (each with what people call it): only those that change.

    A rule the pact has keeps its id and takes the new points; a new one comes after them. A must-have
    it has already is not put there twice.
    """
    scoring: Json = dict(document.get("scoring") or {})
    ready: Json = dict(document.get("sales_ready") or {})
    rules: list[Json] = [dict(one) for one in scoring.get("rules") or []]
    musts: list[Json] = [dict(one) for one in ready.get("all") or []]
    taken = {str(one.get("id")) for one in rules}
    for one, label in chosen:
        if one.when is None:
            continue
        if one.must and not any(same(one.when, there) for there in musts):
            musts.append(dict(one.when))
        if one.points:
            there = next((rule for rule in rules if rule.get("id") == one.rule), None)
            if there is None:
                there = next((rule for rule in rules if same(rule.get("when") or {}, one.when)), None)
            if there is not None:
                there["points"] = one.points
                continue
            made = _id(label, taken)
            taken.add(made)
            category = "fit" if "field" in one.when else "behaviour"
            rules.append({"id": made, "category": category, "when": dict(one.when), "points": one.points})
    found: Json = {}
    if rules != (scoring.get("rules") or []):
        found["scoring"] = {**scoring, "rules": rules}
    if musts != (ready.get("all") or []):
        found["sales_ready"] = {**ready, "all": musts}
    return found


def chosen(one: Proposed, *, points: int | None, must: bool, when: Mapping[str, Any] | None = None) -> Proposed:
    """The proposal as people decided it."""
    return replace(one, points=points or None, must=must and "field" in (when or one.when or {}), when=when or one.when)


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two conditions ask for the same, whatever was left at its default."""
    return {k: v for k, v in one.items() if v is not None} == {k: v for k, v in other.items() if v is not None}


def _id(label: str, taken: set[str]) -> str:
    """An identifier as the pact wants it, from a label in any language."""
    letters = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:LONGEST_ID].strip("-")
    base = plain if plain[:1].isalpha() else f"rule-{plain}".strip("-")
    number, made = 2, base
    while made in taken:
        made, number = f"{base}-{number}", number + 1
    return made
