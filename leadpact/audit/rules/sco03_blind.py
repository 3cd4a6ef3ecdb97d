"""SCO03: the score does not tell winners from losers.

Judged as of the hand-over, so that nothing that happened later helps it: what is done with a
lead once Sales has it says who is worked, not who was worth it.

Not here: how separation is measured (metrics/separation.py), single rules (SCO02).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis

from config.parts import Condition, ScoringRule
from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, rows_of
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.scored import at_moments
from leadpact.metrics.separation import Separation, separation
from leadpact.scoring import score
from leadpact.scoring.moments import columns_of
from leadpact.tables import Table

LOST = ("recycled", "disqualified", "deleted")
CHANCE = 0.5


@dataclass(frozen=True)
class Judged:
    """The rules that can be judged without knowing the future, and those left out."""

    rules: tuple[str, ...]
    left_out: tuple[str, ...]
    share: float  # of all points the rules may give or take


def check(
    tables: Facts, pact: Pact, as_of: datetime, *, min_auc: float, min_each: int, min_points: float, most: int
) -> Sequence[Found]:
    """One finding where the score at hand-over surely separates worse than `min_auc`.

    Of journeys that ended won or lost (recycled, disqualified, deleted) after they first entered
    a qualified stage (a sales stage, where the pact has none), the first of each record that
    counts: the score at that entry. Surely: the whole 95 % interval of the area under the ROC
    curve lies below. At least `min_each` winners and as many losers, among the `most` journeys
    that ended last. Rules on fields without
    history are left out, for their values of today may be known because of the outcome; nothing
    is said where the others make up less than `min_points` of the points. Variant `reversed`:
    losers score higher.
    """
    judged = _judged(tables, pact)
    if not judged.rules or judged.share < min_points:
        return []
    known = ibis.memtable(_scored(tables, pact, as_of, judged, most).select("score", "won").to_pyarrow())
    counts = known.group_by("score").aggregate(won=known.won.cast("int64").sum(), all=known.count())
    found = separation((row["score"], row["won"], row["all"] - row["won"]) for row in rows_of(counts))
    if found is None or min(found.winners, found.losers) < min_each or found.high >= min_auc:
        return []
    return [_found(found, judged)]


def _found(found: Separation, judged: Judged) -> Found:
    evidence: dict[str, Any] = {
        "auc": round(found.auc, 3),
        "auc_low": round(found.low, 3),
        "auc_high": round(found.high, 3),
        "winners": found.winners,
        "losers": found.losers,
        "rules": list(judged.rules),
        "left_out": list(judged.left_out),
    }
    params = {
        "winners": found.winners,
        "losers": found.losers,
        "hits": round(100 * found.auc),
        "low": round(100 * found.low),
        "high": round(100 * found.high),
        "judged": len(judged.rules),
        "rules": len(judged.rules) + len(judged.left_out),
    }
    return Found(
        records=found.winners + found.losers,
        message="reversed" if found.high < CHANCE else "",
        params=params,
        evidence=evidence,
    )


def _judged(tables: Facts, pact: Pact) -> Judged:
    rules = pact.scoring.rules
    untracked = set(score.untracked(tables.plain, pact)) if rules else set()
    kept = tuple(rule for rule in rules if _is_known_then(tables, rule, untracked))
    total = sum(_weight(rule) for rule in rules)
    share = sum(_weight(rule) for rule in kept) / total if total else 0.0
    left_out = tuple(rule.id for rule in rules if rule not in kept)
    return Judged(tuple(rule.id for rule in kept), left_out, share)


def _is_known_then(tables: Facts, rule: ScoringRule, untracked: set[str]) -> bool:
    if not isinstance(rule.when, Condition):
        return "activity" in tables.provided
    columns = columns_of(tables, [rule.when.field])
    return bool(columns) and columns[0] not in untracked


def _weight(rule: ScoringRule) -> float:
    """The points at stake: at most `max_points`; of one occurrence, where nothing caps it."""
    return abs(rule.points) if rule.max_points is None else rule.max_points


def _scored(tables: Facts, pact: Pact, as_of: datetime, judged: Judged, most: int) -> Table:
    """One row per record judged: object, record_id, score at the hand-over, won."""
    asked = ibis.memtable(_hand_overs(tables, pact, as_of, most).to_pyarrow())
    wide = at_moments(tables, pact, asked.drop("won"), rules=judged.rules)
    wide = wide.filter(wide.score.notnull()).select(*KEYS, "score")
    return wide.inner_join(asked.select(*KEYS, "won"), KEYS)


def _hand_overs(tables: Facts, pact: Pact, as_of: datetime, most: int) -> Table:
    """The first ended journey of each record that counts, those that ended last: object, record_id, moment, won."""
    keys = pact.keys("qualified") or pact.keys("sales")
    journey = tables.journey
    entries = [journey[f"visited_{key}"] for key in keys]
    if not entries:
        nothing = {"moment": ibis.null("timestamp"), "won": ibis.literal(False)}
        return journey.select(*KEYS, **nothing).limit(0)
    moment = entries[0] if len(entries) == 1 else ibis.least(*entries)
    ended = journey.mutate(moment=moment, won=journey.end_kind == "won").filter(
        journey.end_kind.isin(["won", *LOST]), ~journey.imputed
    )
    ended = ended.filter(ended.moment < ended.ended_at, ended.ended_at <= ibis.timestamp(as_of.isoformat(" ")))
    ended = ended.semi_join(tables.record, KEYS)
    order = ibis.window(group_by=list(KEYS), order_by=["moment", "journey"])
    first = ended.mutate(place=ibis.row_number().over(order)).filter(lambda t: t.place == 0)
    first = first.order_by(ibis.desc("ended_at"), *KEYS).limit(most)
    return first.select(*KEYS, "moment", "won")


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, most: int, **options: float) -> Table:
    """The winners and losers it rests on."""
    return _scored(tables, pact, as_of, _judged(tables, pact), most)


RULE = Rule(
    code="SCO03",
    name="scoring.blind",
    severity="warning",
    groups=("core", "scoring"),
    needs=("history",),
    fix="none",  # both teams change rules
    options={
        "min_auc": Option(float, default=0.6, min=0.5, max=1),
        "min_each": Option(int, default=50, min=2),
        "min_points": Option(float, default=0.5, min=0, max=1),
        "most": Option(int, default=20_000, min=100),
    },
    check=check,
    people=people,
)
