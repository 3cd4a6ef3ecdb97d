"""What every rule does: the leads it hits, how those convert against the others, its share of the points.

One look at the records as they are now and one at the journeys as of their own moment (rule_cohort.py)
serve all rules: which rules hit a record is kept as bits, and records with the same bits are counted
together. A lead is hit where the rule gives or takes points at that moment; nothing that happened
later can make it so, except in fields without history, which are flagged.

Not here: whether rules make sense together (rule_checks.py), the people (rule_people.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

from config.parts import Condition, ScoringRule
from config.schema import Pact
from leadpact.metrics.compare import ACCEPTED, Gap
from leadpact.metrics.funnel import SMALL, share
from leadpact.metrics.significance import benjamini_hochberg, two_proportions, wilson
from leadpact.scoring import moments, score
from leadpact.scoring.moments import KEYS
from leadpact.scoring.rule_cohort import Basis, journeys
from leadpact.tables import Table, Tables

BITS = 62  # rules a whole number holds
ALIKE = 0.8  # of the records that either of two rules hits, both do


@dataclass(frozen=True)
class Rate:
    """Journeys and those of them that converted, with Wilson's 95 % interval; null where there are none."""

    n: int
    converted: int

    @property
    def rate(self) -> float | None:
        return share(self.converted, self.n)

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.converted, self.n)

    @property
    def small(self) -> bool:
        """Too few to read a rate from."""
        return self.n < SMALL


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
    `undated` and `invalid` ones are left out, and so are those whose record is `gone` since.
    `untracked` are the fields known as of now only.
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
    gone: int
    untracked: tuple[str, ...]


def rule_table(tables: Tables, pact: Pact, as_of: datetime, basis: Basis) -> RuleTable:
    """What every rule does at `as_of`, and what it did in the journeys of `basis`. Executes."""
    names = list(score.points_of(pact))
    now = _now(tables, pact, as_of, names)
    every = journeys(tables, pact, as_of, basis)
    parts = _parts(every)
    then = _then(tables, pact, as_of, every, names)
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
        young=parts.get("young", 0),
        undated=parts.get("unknown", 0),
        invalid=parts.get("invalid", 0),
        gone=parts.get("counted", 0) - everybody,
        untracked=untracked,
    )


@dataclass(frozen=True)
class _Counted:
    """Rows with the same bits, counted together: `n` of each, and what each rule gave them."""

    n: npt.NDArray[np.int64]
    hit: Sequence[npt.NDArray[np.int64]]
    decided: Sequence[npt.NDArray[np.int64]]
    converted: Any = None
    light: Any = None
    scored: Any = None
    highest: float | None = None
    sums: Any = None
    sizes: Any = None

    def has(self, place: int, what: str) -> npt.NDArray[np.bool_]:
        bits: npt.NDArray[np.int64] = getattr(self, what)[place // BITS]
        found: npt.NDArray[np.bool_] = (bits >> (place % BITS)) & 1 == 1
        return found

    def count(self, place: int, what: str) -> int:
        return int(self.n[self.has(place, what)].sum())


def _bits(wide: Table, names: Sequence[str]) -> dict[str, Any]:
    """Columns `hit_<n>` and `decided_<n>`: the rules as bits of whole numbers."""
    found = {}
    for number, start in enumerate(range(0, max(len(names), 1), BITS)):
        own = names[start : start + BITS]
        found[f"hit_{number}"] = _sum((wide[name] != 0).fill_null(False) for name in own)
        found[f"decided_{number}"] = _sum(wide[name].notnull() for name in own)
    return found


def _sum(tests: Iterable[Any]) -> Any:
    """The number whose bits say which of these hold."""
    terms = (ibis.ifelse(test, _bit(at), _bit(None)) for at, test in enumerate(tests))
    return reduce(lambda a, b: a + b, terms, _bit(None))


def _bit(at: int | None) -> Any:
    return ibis.literal(0 if at is None else 1 << at, "int64")


def _chunks(rows: Any, what: str) -> list[npt.NDArray[np.int64]]:
    return [rows[name].to_numpy() for name in rows.columns if name.startswith(f"{what}_")]


def _now(tables: Tables, pact: Pact, as_of: datetime, names: Sequence[str]) -> _Counted:
    """The active records at `as_of`."""
    wide = score.measured(tables, pact, as_of, also=["condition"])
    wide = wide.filter(wide.condition.fill_null("active") == "active")
    marked = wide.select("score", "light", *names, **_bits(wide, names))
    by = [name for name in marked.columns if name.startswith(("hit_", "decided_"))]
    rows = (
        marked.group_by(*by, "light")
        .aggregate(
            n=marked.count(),
            scored=marked.score.count(),
            highest=marked.score.max(),
            **{f"sum_{name}": marked[name].sum().fill_null(0.0) for name in names},
            **{f"size_{name}": marked[name].abs().sum().fill_null(0.0) for name in names},
        )
        .execute()
    )
    top = rows["highest"].max() if len(rows) else None
    return _Counted(
        n=rows["n"].to_numpy(dtype="int64"),
        hit=_chunks(rows, "hit"),
        decided=_chunks(rows, "decided"),
        light=rows["light"].to_numpy(),
        scored=rows["scored"].to_numpy(),
        highest=None if top is None or top != top else float(top),  # noqa: PLR0124 - true for NaN only
        sums={name: rows[f"sum_{name}"].to_numpy() for name in names},
        sizes={name: rows[f"size_{name}"].to_numpy() for name in names},
    )


def _then(tables: Tables, pact: Pact, as_of: datetime, every: Table, names: Sequence[str]) -> _Counted:
    """The counted journeys, each as of its own moment."""
    counted = every.filter(every.part == "counted").select(*KEYS, "moment", "converted")
    # in memory: an engine that has to guess how many there are joins the activities the wrong way round
    asked = ibis.memtable(counted.select(*KEYS, "moment").distinct().to_pyarrow())
    wide = score.measured(tables, pact, as_of, asked)
    marked = wide.select(*KEYS, "moment", **_bits(wide, names))
    joined = counted.inner_join(marked, [*KEYS, "moment"])
    by = [name for name in joined.columns if name.startswith(("hit_", "decided_"))]
    rows = joined.group_by(*by, "converted").aggregate(n=joined.count()).execute()
    return _Counted(
        n=rows["n"].to_numpy(dtype="int64"),
        hit=_chunks(rows, "hit"),
        decided=_chunks(rows, "decided"),
        converted=rows["converted"].to_numpy(dtype="bool"),
    )


def _parts(every: Table) -> dict[str, int]:
    rows = every.group_by("part").aggregate(n=every.count()).to_pyarrow().to_pylist()
    return {row["part"]: row["n"] for row in rows}


def _rates(then: _Counted, place: int) -> tuple[Rate, Rate]:
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


def _twins(now: _Counted, rules: int) -> list[tuple[int | None, float | None]]:
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
