"""What every rule does: the leads it hits, how those convert against the others, its share of the points.

One look at the records as they are now and one at the journeys as of their own moment (quality_cases.py)
serve all rules: which rules hit a record is kept as bits, and records with the same bits are counted
together. A lead is hit where the rule gives or takes points at that moment; nothing that happened
later can make it so, except in fields without history, which are flagged.

Not here: how records are counted (rule_counts.py), whether rules make sense together
(rule_checks.py), the people (rule_people.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from config.parts import Condition, ScoringRule
from config.schema import Pact
from leadpact.metrics.compare import ACCEPTED, Gap
from leadpact.metrics.rate import Rate
from leadpact.metrics.significance import benjamini_hochberg, two_proportions
from leadpact.scoring import moments, rule_counts, score
from leadpact.scoring.basis import Basis
from leadpact.scoring.quality_cases import cases
from leadpact.scoring.rule_counts import Counted
from leadpact.tables import Tables

ALIKE = 0.8  # of the records that either of two rules hits, both do


@dataclass(frozen=True)
class RuleRow:
    """One rule. `hits` of `decided` active records now, `undecided` where nobody can tell.

    `points` is what it gives now in sum, `share` its part of all points given and taken. `hit`
    and `miss` are the journeys it hit and did not hit as of their moment; `gap` is the difference
    of the two, corrected for the number of rules; `unknown` journeys it could not be decided for.
    `as_known_now`: its field has no history, so that its value may be known because of the
    outcome. `twin` is the rule that hits most nearly the same records, `alike` of those either
    hits; null below 80 %.
    """

    rule: ScoringRule
    decided: int
    hits: int
    undecided: int
    points: float
    share: float | None
    hit: Rate
    miss: Rate
    gap: Gap | None
    unknown: int
    as_known_now: bool
    twin: str | None
    alike: float | None

    @property
    def small(self) -> bool:
        return self.hit.small or self.miss.small


@dataclass(frozen=True)
class RuleTable:
    """All rules in the pact's order, and what they were counted on.

    `records` are the active records that count, `scored` those with a score, `highest` the highest
    one; `lights` counts them by light. `all` are the journeys that were counted; `young`,
    `undated`, `invalid`, `settled` and `cut` ones are left out (quality_cases.Cases), and so are those
    whose record is `gone` since. `dated`: false where no journey has a date, and all is as it stands
    now. `untracked` are the fields known as of now only.
    """

    basis: Basis
    rows: tuple[RuleRow, ...]
    records: int
    scored: int
    highest: float | None
    lights: tuple[tuple[str, int], ...]
    all: Rate
    young: int
    undated: int
    invalid: int
    settled: int
    cut: int
    gone: int
    dated: bool
    untracked: tuple[str, ...]


def rule_table(tables: Tables, pact: Pact, as_of: datetime, basis: Basis) -> RuleTable:
    """What every rule does at `as_of`, and what it did in the journeys of `basis`. Executes."""
    names = list(score.points_of(pact))
    now = rule_counts.now(tables, pact, as_of, names)
    basis = basis.of(pact)
    past = cases(tables, pact, as_of, basis)
    then = rule_counts.then(tables, pact, as_of, past, names)
    untracked = score.untracked(tables, pact)
    everybody = int(then.n.sum())
    converted = int(then.n[then.converted].sum())
    points = {name: float(now.sums[name].sum()) for name in names}
    given = sum(float(now.sizes[name].sum()) for name in names)
    twins = _twins(now, len(names))
    rates = [_rates(then, place) for place in range(len(names))]
    gaps = _gaps(rates)
    rows = []
    for place, (name, rule) in enumerate(score.points_of(pact).items()):
        decided, hits = now.count(place, "decided"), now.count(place, "hit")
        hit, miss = rates[place]
        twin, alike = twins[place]
        rows.append(
            RuleRow(
                rule=rule,
                decided=decided,
                hits=hits,
                undecided=int(now.n.sum()) - decided,
                points=round(points[name], score.DIGITS),
                share=float(now.sizes[name].sum()) / given if given else None,
                hit=hit,
                miss=miss,
                gap=gaps[place],
                unknown=everybody - hit.n - miss.n,
                as_known_now=_is_untracked(tables, rule, untracked),
                twin=None if twin is None else pact.scoring.rules[twin].id,
                alike=alike,
            )
        )
    return RuleTable(
        basis=basis,
        rows=tuple(rows),
        records=int(now.n.sum()),
        scored=int(now.scored.sum()),
        highest=now.highest,
        lights=tuple((light, int(now.n[now.light == light].sum())) for light in score.LIGHTS),
        all=Rate(everybody, converted),
        young=past.young,
        undated=past.unknown,
        invalid=past.invalid,
        settled=past.settled,
        cut=past.cut,
        gone=len(past) - everybody,
        dated=past.dated,
        untracked=untracked,
    )


def _rates(then: Counted, place: int) -> tuple[Rate, Rate]:
    """Of the journeys a rule hit, and of those it could be decided for and did not."""
    hit = then.has(place, "hit")
    miss = then.has(place, "decided") & ~hit
    first, second = (Rate(int(then.n[own].sum()), int(then.n[own & then.converted].sum())) for own in (hit, miss))
    return first, second


def _gaps(rates: Sequence[tuple[Rate, Rate]]) -> list[Gap | None]:
    found = [two_proportions(hit.converted, hit.n, miss.converted, miss.n) for hit, miss in rates]
    adjusted = benjamini_hochberg([None if one is None else one.p for one in found])
    gaps: list[Gap | None] = []
    for one, p in zip(found, adjusted, strict=True):
        known = None if np.isnan(p) else float(p)
        clear = known is not None and known <= ACCEPTED
        gaps.append(None if one is None else Gap(one.difference, one.low, one.high, known, clear))
    return gaps


def _twins(now: Counted, rules: int) -> list[tuple[int | None, float | None]]:
    """For every rule the other that hits most nearly the same records, where that is nearly all."""
    if not rules or not len(now.n):
        return [(None, None)] * rules
    hit = np.array([now.has(place, "hit") for place in range(rules)], dtype="float64")
    both = (hit * now.n) @ hit.T
    own = np.diag(both)
    either = own[:, None] + own[None, :] - both
    alike = np.divide(both, either, out=np.zeros_like(both), where=either > 0)
    np.fill_diagonal(alike, 0.0)
    best = alike.argmax(axis=1)
    return [
        (int(other), float(alike[place, other])) if alike[place, other] >= ALIKE else (None, None)
        for place, other in enumerate(best)
    ]


def _is_untracked(tables: Tables, rule: ScoringRule, untracked: Sequence[str]) -> bool:
    if not isinstance(rule.when, Condition):
        return False
    return bool(set(moments.columns_of(tables, [rule.when.field])) & set(untracked))
