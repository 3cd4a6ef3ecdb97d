"""When people become green under a pact, week by week: what Sales would be handed.

A person is looked at where each week ends in which something happened to one of their records: it
was created, a field a rule asks for changed, an activity was logged. Between such moments a score
only falls. (Points taken away that fade are the exception: that rise is seen at the next thing that
happens.) Weeks are of seven days and end at `as_of`. Nobody is looked at while Sales has them, or
once they are won, disqualified or invalid: there is nothing left to hand over.

Not here: what a score is (score.py), what came of those handed over (trade.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from config.schema import Pact
from leadpact.scoring import moments, score, score_sides
from leadpact.scoring.moments import KEYS
from leadpact.tables import Table, Tables

Floats = npt.NDArray[np.float64]
WEEK = timedelta(days=7)
WEEK_US = WEEK // timedelta(microseconds=1)
TAKEN = ("sales", "won", "retained", "disqualified", "invalid")
NEVER = -np.inf  # less than any threshold
MOST = 2_000_000  # looks at records in one reading; beyond, people are drawn


@dataclass(frozen=True)
class Looks:
    """Which records to look at, and when. `at`: object, record_id, moment, in memory.

    `share` of the people were drawn (1: all), by a hash of their id: the same ones each time.
    """

    at: pa.Table
    as_of: datetime
    weeks: int
    share: float = 1.0

    @property
    def start(self) -> datetime:
        return self.as_of - self.weeks * WEEK

    @property
    def ends(self) -> tuple[datetime, ...]:
        """The last moment of each week, the first week first."""
        return tuple(self.as_of - ago * WEEK for ago in reversed(range(self.weeks)))


@dataclass(frozen=True)
class Handover:
    """People under one pact, in the order of their id, with what they had at best.

    `at_start`: the score where the weeks begin, `best`: the highest one afterwards; both only while
    the must-haves hold, and -inf where there is none. `week`: in which they first reached the pact's
    threshold (from 0), -1 where they did not, or had at the start. `share` as in Looks.
    """

    people: pa.Array
    at_start: Floats
    best: Floats
    week: npt.NDArray[np.int64]
    weeks: int
    share: float

    @property
    def weekly(self) -> tuple[int, ...]:
        """People who became green in each week, reckoned up to everybody where some were drawn."""
        counted = np.bincount(self.week[self.week >= 0], minlength=self.weeks)
        return tuple(round(one / self.share) for one in counted.tolist())

    def per_week(self, threshold: float) -> float:
        """People a week who would become green at another threshold, in the mean of the weeks."""
        new = (self.best >= threshold) & ~(self.at_start >= threshold)
        return float(new.sum()) / self.weeks / self.share

    def already(self, threshold: float) -> int:
        """People who were green where the weeks begin."""
        return round(float((self.at_start >= threshold).sum()) / self.share)


def looks(tables: Tables, pacts: Sequence[Pact], as_of: datetime, weeks: int, most: int = MOST) -> Looks:
    """When to look at whom, for several pacts at once. Runs a query or two.

    People drawn are those whose hash is small; the hash is the engine's own.
    """
    found = _looks(tables, pacts, as_of, weeks)
    at = found.limit(most + 1).to_pyarrow()  # all of them, usually: counting them first would be the same work twice
    if at.num_rows <= most:
        return Looks(at, as_of, weeks)
    count = int(found.count().to_pyarrow().as_py())
    parts = 10_000
    kept = max(1, most * parts // count)
    people = tables.record.select(*KEYS, "person_id")
    drawn = people.filter((people.person_id.hash().abs() % parts) < kept)
    return Looks(found.semi_join(drawn, KEYS).to_pyarrow(), as_of, weeks, kept / parts)


def _looks(tables: Tables, pacts: Sequence[Pact], as_of: datetime, weeks: int) -> Table:
    now, start = _at(as_of), _at(as_of - weeks * WEEK)
    people = tables.record.select(*KEYS, "person_id", "created_at")
    fields = {name for pact in pacts for name in _columns(tables, pact)}
    changes = tables.field_change
    changes = changes.filter(changes.field.isin(sorted({*fields, "owner"})), changes.evidence != "remap")
    kinds = sorted({rule.when.activity.strip().lower() for pact in pacts for rule in pact.scoring.rules
                    if not hasattr(rule.when, "field")})  # fmt: skip
    done = tables.activity
    done = done.filter(done.completed.fill_null(True), done.kind.lower().isin(kinds))
    happened = ibis.union(
        people.select("person_id", at="created_at"),
        *(table.inner_join(people, KEYS).select("person_id", at=table["at"]) for table in (changes, done)),
    )
    happened = happened.filter(happened["at"] > start, happened["at"] <= now)
    ago = now.delta(happened["at"], unit="microsecond") // WEEK_US
    ends = reversed(range(weeks))
    moment = ago.cases(*((one, _at(as_of - one * WEEK)) for one in ends), else_=ibis.null("timestamp"))
    when = happened.select("person_id", moment=moment).distinct()
    later = people.inner_join(when, "person_id").select(*KEYS, "person_id", "moment")
    first = people.filter(people.created_at.isnull() | (people.created_at <= start))
    every = ibis.union(later, first.select(*KEYS, "person_id", moment=start))
    return _waiting(every, tables).select(*KEYS, "moment")


def _columns(tables: Tables, pact: Pact) -> list[str]:
    return moments.columns_of(tables, score.fields_of(pact, pact.scoring.rules))


def _waiting(looked: Table, tables: Tables) -> Table:
    """Without the looks at people whom Sales had then, or whose way was at its end."""
    if tables.spell is None:
        return looked
    spell = tables.spell.filter(tables.spell.kind.isin(TAKEN))
    spell = spell.select(of="person_id", since="entered_at", until="left_at", lasts="lasts")
    inside = looked.inner_join(
        spell,
        [
            looked.person_id == spell.of,
            spell.since.isnull() | (spell.since <= looked.moment),
            spell.lasts | spell.until.isnull() | (looked.moment < spell.until),
        ],
    )
    return looked.anti_join(inside.select(*KEYS, "moment").distinct(), [*KEYS, "moment"])


def handover(tables: Tables, pact: Pact, looked: Looks) -> Handover:
    """Who becomes green under a pact, and when. Executes once."""
    (found,) = handovers(tables, (pact,), looked)
    return found


def handovers(tables: Tables, pacts: Sequence[Pact], looked: Looks) -> tuple[Handover, ...]:
    """The same for several pacts. Executes once where they can be computed together."""
    if not score_sides.alike(pacts):
        return tuple(handover(tables, pact, looked) for pact in pacts)
    wide = score_sides.together(tables, pacts, looked.as_of, ibis.memtable(looked.at))
    sums: dict[str, Any] = {}
    starts = wide.moment == _at(looked.start)
    for side, pact in enumerate(pacts):
        level = ibis.ifelse(wide[f"ready_{side}"], wide[f"score_{side}"], ibis.null("float64"))
        threshold = pact.sales_ready.threshold
        reached = ~starts & (ibis.literal(False) if threshold is None else (level >= threshold))
        sums[f"at_start_{side}"] = level.max(where=starts)
        sums[f"best_{side}"] = level.max(where=~starts)
        sums[f"first_{side}"] = wide.moment.min(where=reached.fill_null(False))
    rows = wide.group_by("person_id").aggregate(**sums).order_by("person_id").to_pyarrow()
    return tuple(_one(rows, side, pact, looked) for side, pact in enumerate(pacts))


def _one(rows: pa.Table, side: int, pact: Pact, looked: Looks) -> Handover:
    at_start, best = (_known(rows[f"{name}_{side}"]) for name in ("at_start", "best"))
    places = {end: place for place, end in enumerate(looked.ends)}
    week = np.array([places.get(first, -1) for first in rows[f"first_{side}"].to_pylist()], dtype=np.int64)
    if pact.sales_ready.threshold is not None:
        week[at_start >= pact.sales_ready.threshold] = -1
    return Handover(rows["person_id"].combine_chunks(), at_start, best, week, looked.weeks, looked.share)


def _known(column: Any) -> Floats:
    return np.array(column.to_pandas().to_numpy(dtype="float64", na_value=NEVER))


def _at(moment: datetime) -> Any:
    return ibis.timestamp(moment.isoformat(" "))
