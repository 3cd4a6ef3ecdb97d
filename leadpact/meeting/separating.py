"""Which conditions tell the leads both teams call good from those both call not good.

Asked of each lead as of its own moment, by the engine of the score. Leads the teams disagree on
are left out. With thirty leads and as many conditions some look good by luck: a condition is
`sure` only where the difference stands after Benjamini and Hochberg's correction.

Not here: the verdicts (agreement.py), past outcomes instead of verdicts (leadpact/scoring).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from config.parts import Scoring, ScoringRule
from config.schema import Pact
from leadpact.meeting import outcome
from leadpact.meeting.differ import Standing
from leadpact.meeting.facts import Item, NewItem
from leadpact.meeting.items import behaviour, category, test
from leadpact.meeting.outcome import MOST, STEP, Proposed, same
from leadpact.meeting.review import Profile, at_moments
from leadpact.metrics.significance import benjamini_hochberg, two_proportions
from leadpact.model import TOUCH_KINDS
from leadpact.scoring import moments, score
from leadpact.tables import Tables

ACCEPTED = 0.10  # the share of false calls among those made
MOST_VALUES, LEAST_HITS, MOST_CANDIDATES = 12, 3, 40
Lead = tuple[str, str, datetime, bool]  # object, record_id, moment, judged good


@dataclass(frozen=True)
class Separation:
    """One condition: among how many good leads it holds, and among how many others.

    `difference` of the shares with its 95 % interval (Newcombe); null where one kind of lead is missing
    or the condition cannot be decided. `q` is the corrected p-value. `points` are proposed only where
    it is sure. `today`: the field has no history, and its value may be younger than the lead.
    """

    when: Mapping[str, Any]
    rule: str | None
    now_points: float | None
    good: int
    of_good: int
    other: int
    of_other: int
    difference: float | None
    low: float | None
    high: float | None
    q: float | None
    sure: bool
    points: int | None
    today: bool


def candidates(pact: Pact, profiles: Sequence[Profile]) -> list[tuple[Mapping[str, Any], str | None, float | None]]:
    """The pact's own rules, then what the leads have in common: values of fields, and kinds of touches."""
    found: list[tuple[Mapping[str, Any], str | None, float | None]] = [
        (one.when.model_dump(mode="json", exclude_none=True), one.id, one.points) for one in pact.scoring.rules
    ]
    counts: dict[tuple[str, str], int] = {}
    kinds: dict[str, int] = {}
    for one in profiles:
        for name, value in (*one.known, *one.today):
            counts[name, value] = counts.get((name, value), 0) + 1
        for kind in {touch.kind for touch in one.touches} - {*TOUCH_KINDS, "other"}:  # ours are no merit of theirs
            kinds[kind] = kinds.get(kind, 0) + 1
    many = {name for name, _ in counts if sum(1 for other, _ in counts if other == name) > MOST_VALUES}
    made: list[tuple[int, NewItem]] = [
        (n, test(name, "eq", value)) for (name, value), n in counts.items() if name not in many
    ]
    made += [(n, behaviour(kind)) for kind, n in kinds.items()]
    for n, item in sorted(made, key=lambda pair: (-pair[0], pair[1].key)):
        when = item.detail["when"]
        told = LEAST_HITS <= n <= len(profiles) - LEAST_HITS  # what nearly all or nearly none have tells nothing
        if told and len(found) < MOST_CANDIDATES and not any(same(when, other[0]) for other in found):
            found.append((when, None, None))
    return found


def separations(
    tables: Tables, pact: Pact, as_of: datetime, leads: Sequence[Lead],
    asked: Sequence[tuple[Mapping[str, Any], str | None, float | None]],
) -> list[Separation]:  # fmt: skip
    """Each condition asked of each lead at its moment; the clearest first. Empty without leads or conditions."""
    if not leads or not asked:
        return []
    rules = [
        ScoringRule(id=f"c{place}", category="fit" if "field" in when else "behaviour", when=dict(when), points=1)  # type: ignore[arg-type]
        for place, (when, _, _) in enumerate(asked)
    ]
    trial = pact.model_copy(update={"scoring": Scoring(rules=rules)})
    rows = score.hits(tables, trial, as_of, at_moments([lead[:3] for lead in leads])).to_pyarrow().to_pylist()
    good = {(object, record): verdict for object, record, _, verdict in leads}
    held: dict[str, list[tuple[bool, bool]]] = {rule.id: [] for rule in rules}
    for row in rows:
        if row["points"] is not None:
            held[row["rule"]].append((good[row["object"], row["record_id"]], row["points"] > 0))
    fields = [str(when["field"]) for when, _, _ in asked if "field" in when]
    now_only = set(moments.untracked(tables, fields))
    columns = {field: set(moments.columns_of(tables, [field])) for field in fields}
    found = []
    for rule, (when, name, points) in zip(rules, asked, strict=True):
        today = "field" in when and bool(columns[str(when["field"])] & now_only)
        found.append(_compared(held[rule.id], when, name, points, today))
    q = benjamini_hochberg([one.q for one in found])
    done = [_decided(one, None if value != value else float(value)) for one, value in zip(found, q, strict=True)]  # noqa: PLR0124
    return sorted(done, key=lambda one: (one.q is None, one.q or 0.0, -abs(one.difference or 0.0)))


def _compared(
    held: Sequence[tuple[bool, bool]], when: Mapping[str, Any], rule: str | None, points: float | None, today: bool
) -> Separation:
    of_good = sum(1 for good, _ in held if good)
    hits = [sum(1 for good, hit in held if hit and good is side) for side in (True, False)]
    found = two_proportions(hits[0], of_good, hits[1], len(held) - of_good)
    return Separation(
        when=when, rule=rule, now_points=points, good=hits[0], of_good=of_good, other=hits[1],
        of_other=len(held) - of_good, difference=found.difference if found else None, low=found.low if found else None,
        high=found.high if found else None, q=found.p if found else None, sure=False, points=None, today=today,
    )  # fmt: skip


def _decided(one: Separation, q: float | None) -> Separation:
    """Points are the difference of the shares times 25, in steps of five, at least one step, where it is sure."""
    sure = q is not None and q <= ACCEPTED
    if not sure or one.difference is None:
        return replace(one, q=q, sure=sure)
    size = max(STEP, STEP * round(abs(one.difference) * MOST / STEP))
    return replace(one, q=q, sure=True, points=size if one.difference > 0 else -size)


def sections(document: Mapping[str, Any], chosen: Sequence[tuple[Separation, str]]) -> dict[str, Any]:
    """The scoring with a rule for each of these (and what people call it), as outcome.sections."""
    rules = []
    for one, label in chosen:
        blank = Standing(Item(0, "criterion", category(one.when), label, label, {}, 0, 0, None), {}, None, None)
        rules.append((Proposed(blank, one.when, one.points, False, "points", one.rule), label))
    return outcome.sections(document, rules)
