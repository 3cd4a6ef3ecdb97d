"""One record's score, rule by rule: what each gives, what could not be decided and why, what is missing.

Not here: the score of all records (score.py), the sentences (words.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from config.parts import Condition, ScoringRule
from config.schema import Pact
from leadpact.scoring import score
from leadpact.scoring.conditions import column_of
from leadpact.scoring.moments import KEYS, OWNER_NAMES
from leadpact.scoring.score import Cut
from leadpact.tables import Tables

Why = Literal["no_field", "blank", "no_activities", "no_subjects"]


@dataclass(frozen=True)
class Reason:
    """What one rule gives: its points after half-life and cap; null where undecided, and `why`."""

    rule: str
    category: str
    points: float | None
    why: Why | None

    @property
    def fired(self) -> bool:
        return bool(self.points)


@dataclass(frozen=True)
class Explained:
    """A record's score with all its rules in the pact's order. `missing` as in score.scores.

    `cuts` are the groups whose cap takes something: the points of the rules are before it.

    `untracked` are the fields known as of now only: at a past moment they may have been others.
    """

    object: str
    record_id: str
    person_id: str
    score: float | None
    threshold: float | None
    light: str | None
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    untracked: tuple[str, ...]
    cuts: tuple[Cut, ...] = ()


def explain(tables: Tables, pact: Pact, as_of: datetime, object: str, record_id: str) -> Explained | None:
    """The record's score at `as_of`; null where there is no such record, or it does not count."""
    wide = score.measured(_of_person(tables, object, record_id), pact, as_of)
    rows = wide.filter(wide.object == object, wide.record_id == record_id).to_pyarrow().to_pylist()
    if not rows:
        return None
    row = rows[0]
    names = score.points_of(pact)
    return Explained(
        object=object,
        record_id=record_id,
        person_id=row["person_id"],
        score=row["score"],
        threshold=pact.sales_ready.threshold,
        light=row["light"],
        reasons=tuple(_reason(rule, row[name], tables) for name, rule in names.items()),
        missing=tuple((row["missing"] or "").split()),
        untracked=score.untracked(tables, pact),
        cuts=score.cuts(pact, {rule.id: row[name] for name, rule in names.items()}),
    )


def _of_person(tables: Tables, object: str, record_id: str) -> Tables:
    """The tables with the records and activities of one record's person only."""
    record = tables.record
    person = record.filter(record.object == object, record.record_id == record_id).select("person_id")
    own = record.semi_join(person, "person_id")
    return replace(tables, record=own, activity=tables.activity.semi_join(own, list(KEYS)))


def _reason(rule: ScoringRule, points: Any, tables: Tables) -> Reason:
    return Reason(rule.id, rule.category, points, None if points is not None else _why(rule, tables))


def _why(rule: ScoringRule, tables: Tables) -> Why:
    if not isinstance(rule.when, Condition):
        return "no_subjects" if "activity" in tables.provided and not tables.subjects else "no_activities"
    known = column_of([*tables.record.columns, *OWNER_NAMES], rule.when.field)
    return "no_field" if known is None else "blank"
