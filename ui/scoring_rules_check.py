"""The edited rules checked as they are typed: the faults of each row, and the pact of those that can count.

A rule with a fault is left out of the numbers and says so; the others go on counting.

Not here: what is valid (config/schema.py), what makes sense (leadpact/scoring/rule_checks.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config import drafts
from config.document import BadPact, parse
from config.schema import Pact
from leadpact.errors import LeadPactError
from leadpact.scoring import offers as offering
from leadpact.scoring import rule_checks
from leadpact.scoring.offers import Offers
from leadpact.scoring.rule_checks import Level, Remark
from leadpact.workspace import Analysis
from ui.page import Page
from ui.scoring_rules_draft import Edited

ROW = re.compile(r"^scoring\.rules\[(\d+)\]\.?(.*)$")
MINE = ("scoring", "sales_ready.threshold")


@dataclass(frozen=True)
class Named:
    """A pact as an argument of what is cached: told by its hash."""

    pact: Pact

    def __repr__(self) -> str:
        return f"pact {self.pact.hash}"


@dataclass(frozen=True)
class Told:
    """One thing said of a row (null: of the whole), with the part of the rule it is about."""

    level: Level
    row: int | None
    text: str


@dataclass(frozen=True)
class Checked:
    """`pact` is the document with the rules that can count, null where not even one can be read.

    `rows` is, for each of its rules, the position among the edited ones. `faulty` are the
    positions left out.
    """

    pact: Pact | None
    rows: tuple[int, ...]
    faulty: frozenset[int]
    told: tuple[Told, ...]

    @property
    def fits(self) -> bool:
        """Nothing keeps the scoring from being published."""
        return not any(one.level == "error" and one.row is not None for one in self.told) and not self.faulty


def checked(page: Page, edited: Edited) -> Checked:
    """The faults of form, then what makes no sense beside the data and the other rules."""
    faults = _of_form(page, edited)
    faulty = frozenset(one.row for one in faults if one.row is not None)
    rows = tuple(at for at in range(len(edited.rules)) if at not in faulty)
    pact = _pact(page, edited, rows)
    told = [*faults]
    if pact is not None:
        # a rule that is still being written may reach the threshold
        remarks = [one for one in _remarks(page, pact) if not faulty or one.place != "sales_ready.threshold"]
        told += [
            Told(one.level, None if one.rule is None else rows[one.rule], page.lang.text(one.text)) for one in remarks
        ]
    order = {level: place for place, level in enumerate(rule_checks.LEVELS)}
    told.sort(key=lambda one: (order[one.level], one.row is None, one.row or 0))
    return Checked(pact, rows, faulty, tuple(told))


def offers(page: Page) -> Offers | None:
    """What the data have to make rules of; null without data."""
    found: Offers | None = page.cached_whole(_offers) if page.ready else None
    return found


def _offers(analysis: Analysis) -> Offers:
    return offering.offers(analysis.tables)


def _remarks(page: Page, pact: Pact) -> list[Remark]:
    if not page.ready:
        return rule_checks.remarks(pact)
    found: list[Remark] = page.cached_whole(_checks, Named(pact), Kept(offers(page)))
    return found


@dataclass(frozen=True)
class Kept:
    """What follows from the data, and needs no place in the key of what is cached."""

    offers: Offers | None

    def __repr__(self) -> str:
        return "offers"


def _checks(analysis: Analysis, named: Named, kept: Kept) -> list[Remark]:
    return rule_checks.remarks(named.pact, kept.offers)


def _of_form(page: Page, edited: Edited) -> list[Told]:
    """What keeps a rule from being one, a line each; two rules of one name."""
    found = []
    for fault in drafts.faults(edited.now):
        path = str(fault.params.get("path", ""))
        match = ROW.match(path)
        if match:
            found.append(Told("error", int(match[1]), _said(page, fault, match[2])))
        elif path.startswith(MINE):
            found.append(Told("error", None, page.lang.error(fault)))
    seen: dict[str, int] = {}
    for at, rule in enumerate(edited.rules):
        name = str(rule.get("id", ""))
        if name and name in seen:
            found.append(Told("error", at, page.text("fault.twice", row=seen[name] + 1, name=name)))
        seen.setdefault(name, at)
    return found


def _said(page: Page, fault: LeadPactError, part: str) -> str:
    """A fault of a row by the name of its column; as the pact says it where it is of none."""
    for ending, name in (("id", "id"), ("field", "on"), ("activity", "on"), ("op", "op"), ("value", "value"),
                         ("points", "points"), ("half_life_days", "half_life_days"), ("within_days", "within_days"),
                         ("group", "group"), ("when.subject", "value"), ("when", "value")):  # fmt: skip
        if part == ending or part.endswith(f".{ending}"):
            return page.text(f"fault.{name}")
    return page.lang.error(fault)


def _pact(page: Page, edited: Edited, rows: Sequence[int]) -> Pact | None:
    """The document with these rules; where the rest of it has faults, the pact in use with them."""
    for document in (edited.now, json.loads(page.used.pact.canonical)):
        try:
            return parse(_with_rules(document, edited, rows), "draft")
        except BadPact:
            continue
    return None


def _with_rules(document: Mapping[str, Any], edited: Edited, rows: Sequence[int]) -> dict[str, Any]:
    scoring = {**(edited.now.get("scoring") or {}), "rules": [edited.rules[at] for at in rows]}
    return {**document, "scoring": scoring, "sales_ready": edited.now.get("sales_ready") or {}}
