"""A draft of the scoring against the version in force, before anybody signs it.

Three questions. *Today*: who turns green and who stops being green. *Every week*: how many people
would have been handed to Sales, against what Sales can take. *What came of it*: on past journeys,
the conversion, recall and lift of each version's greens, and of every other threshold.

Not here: the flow (handover.py), the trade (trade.py), the words (simulate_words.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.timeline import governed
from leadpact.scoring import handover as flow
from leadpact.scoring import quality_cases, score, trade
from leadpact.scoring.handover import TAKEN
from leadpact.scoring.moments import KEYS
from leadpact.scoring.quality_cases import Asked
from leadpact.scoring.score import GREEN
from leadpact.scoring.trade import Point
from leadpact.tables import Table, Tables

GAINED, LOST = SIDES = ("gained", "lost")
WEEKS_A_MONTH = 365.25 / 12 / 7
USUAL = Asked(moment="entry", after_days=14)


@dataclass(frozen=True)
class Question:
    """`months` back; `capacity` of Sales: leads a week, null where nobody said.

    `asked`: what the greens are to reach (quality_cases.py); by default within 90 days, judged 14 days
    after their journey began.
    """

    months: int = 6
    capacity: float | None = None
    asked: Asked = USUAL

    @property
    def weeks(self) -> int:
        return max(1, round(self.months * WEEKS_A_MONTH))


@dataclass(frozen=True)
class Side:
    """One version. `greens` today; `weekly`: people who became green, the first week first.

    `already`: people who were green when the weeks begin. `point`: what its own threshold made of the
    past cases, null without a threshold. `judged_share`, `left_out`, `unasked` as in trade.Judged.
    """

    pact: Pact
    greens: int
    weekly: tuple[int, ...]
    already: int
    point: Point | None
    judged_share: float
    left_out: tuple[str, ...]
    unasked: tuple[str, ...]

    @property
    def per_week(self) -> float:
        return sum(self.weekly) / len(self.weekly)


@dataclass(frozen=True)
class Simulation:
    """The answer. `lights`: records today by (light before, light after), null where there is none.

    `taken`: records not counted, for Sales has them or their way is at its end. `ends`: where the
    weeks end (UTC). `share` of the people were drawn for the weeks. `cases` past journeys, `reached` of
    them the target; `young`, `unknown`, `settled`, `cut` as in quality_cases.Cases. `curve` is of the
    draft; `untracked`: fields taken as they are known now, whatever moment is asked.
    """

    question: Question
    as_of: datetime
    stages: tuple[str, ...]
    before: Side
    after: Side
    lights: Mapping[tuple[str | None, str | None], int]
    taken: int
    ends: tuple[datetime, ...]
    share: float
    dated: bool
    cases: int
    reached: int
    young: int
    unknown: int
    settled: int
    cut: int
    curve: tuple[Point, ...]
    recommended: Point | None
    untracked: tuple[str, ...]

    @property
    def gained(self) -> int:
        """Records green under the draft only."""
        return sum(n for (before, after), n in self.lights.items() if after == GREEN != before)

    @property
    def lost(self) -> int:
        """Records green under the version before only."""
        return sum(n for (before, after), n in self.lights.items() if before == GREEN != after)

    @property
    def kept(self) -> int:
        return self.lights.get((GREEN, GREEN), 0)


def simulate(tables: Tables, before: Pact, after: Pact, as_of: datetime, question: Question) -> Simulation:
    """What the draft `after` would change against `before`. Executes; changes nothing.

    Raises Misconfigured for a stage that is not in the funnel, or months or capacity that are not positive.
    """
    if question.months < 1 or (question.capacity is not None and question.capacity <= 0):
        raise Misconfigured("simulate.bad_question")
    waiting = _waiting(tables)
    lights = _lights(waiting, before, after, as_of)
    looked = flow.looks(tables, (before, after), as_of, question.weeks)
    flows = {side: flow.handover(tables, pact, looked) for side, pact in (("before", before), ("after", after))}
    cases = quality_cases.cases(tables, before, as_of, question.asked)
    cases = trade.within(cases, as_of - timedelta(days=question.asked.within_days) - question.weeks * flow.WEEK)
    judged = {
        side: trade.judged(tables, pact, as_of, question.asked, cases)
        for side, pact in (("before", before), ("after", after))
    }
    sides = {}
    for side, pact in (("before", before), ("after", after)):
        threshold = pact.sales_ready.threshold
        place = 0 if side == "before" else 1
        sides[side] = Side(
            pact,
            sum(n for key, n in lights.items() if key[place] == GREEN),
            flows[side].weekly,
            0 if threshold is None else flows[side].already(threshold),
            None if threshold is None else judged[side].at(threshold, flows[side].per_week(threshold)),
            judged[side].judged_share,
            judged[side].left_out,
            judged[side].unasked,
        )
    own = [] if after.sales_ready.threshold is None else [after.sales_ready.threshold]
    points = trade.curve(judged["after"], flows["after"], own)
    records = int(tables.record.filter(_there(tables.record)).count().to_pyarrow().as_py())
    return Simulation(
        question,
        as_of,
        cases.stages,
        sides["before"],
        sides["after"],
        lights,
        records - sum(lights.values()),
        looked.ends,
        looked.share,
        cases.dated,
        len(cases),
        int(cases.reached.sum()),
        cases.young,
        cases.unknown,
        cases.settled,
        cases.cut,
        points,
        trade.recommended(points, question.capacity),
        tuple(sorted({*score.untracked(tables, before), *score.untracked(tables, after)})),
    )


def disagreeing(tables: Tables, before: Pact, after: Pact, as_of: datetime, side: str | None = None) -> Table:
    """The records that are green under one of the two only, to be talked about.

    Out: object, record_id, side (`gained`, `lost`), score_before, light_before, score_after, light_after,
    missing_after (as score.scores). `side` asks for one of them.
    """
    both = _both(_waiting(tables), before, after, as_of)
    found = both.mutate(
        side=ibis.cases(
            ((both.light_after == GREEN) & (both.light_before.fill_null("") != GREEN), GAINED),
            ((both.light_before == GREEN) & (both.light_after.fill_null("") != GREEN), LOST),
            else_=ibis.null("string"),
        )
    )
    found = found.filter(found.side.notnull() if side is None else found.side == side)
    return found.select(*KEYS, "side", "score_before", "light_before", "score_after", "light_after", "missing_after")


@dataclass(frozen=True)
class Reason:
    """A rule that gives a record other points under the draft; null: not there, or undecided."""

    rule: str
    before: float | None
    after: float | None


def reasons(
    tables: Tables, before: Pact, after: Pact, as_of: datetime, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Reason, ...]]:
    """For these records, the rules that make the difference, the largest first. Meant for a page of them."""
    wanted = ibis.memtable(
        [{"object": object, "record_id": record_id} for object, record_id in keys],
        schema={"object": "string", "record_id": "string"},
    )
    people = tables.record.semi_join(wanted, KEYS).select("person_id").distinct()
    own = replace(tables, record=tables.record.semi_join(people, "person_id"))
    points = [_points(own, pact, as_of, wanted) for pact in (before, after)]
    found = {}
    for key in keys:
        then, now = (one.get(key, {}) for one in points)
        changed = [
            Reason(rule, then.get(rule), now.get(rule))
            for rule in dict.fromkeys([*then, *now])
            if (then.get(rule) or 0.0) != (now.get(rule) or 0.0)
        ]
        found[key] = tuple(sorted(changed, key=lambda one: -abs((one.after or 0.0) - (one.before or 0.0))))
    return found


def _points(tables: Tables, pact: Pact, as_of: datetime, wanted: Table) -> dict[tuple[str, str], dict[str, Any]]:
    rows = score.hits(tables, pact, as_of).semi_join(wanted, KEYS).to_pyarrow().to_pylist()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        found.setdefault((row["object"], row["record_id"]), {})[row["rule"]] = row["points"]
    return found


def _waiting(tables: Tables) -> Tables:
    """The tables with the records only whose person Sales does not have yet and whose way is not at its end."""
    record = tables.record.filter(_there(tables.record))
    if tables.spell is not None:
        taken = tables.spell.filter(tables.spell.lasts, tables.spell.kind.isin(TAKEN)).select("person_id")
        record = record.anti_join(taken, "person_id")
    return replace(tables, record=record)


def _there(record: Table) -> Any:
    return record.merged_into.isnull() & ((record.condition != "deleted") | record.condition.isnull())


def _both(tables: Tables, before: Pact, after: Pact, as_of: datetime) -> Table:
    """The score and light of every record under both; one the pact does not govern has neither there."""
    then, now = (
        score.scores(replace(tables, record=governed(tables.record, pact)), pact, as_of) for pact in (before, after)
    )
    first = tables.record.select(*KEYS)
    for name, one in (("before", then), ("after", now)):
        own = one.select(
            of_object="object", of_id="record_id",
            **{f"{what}_{name}": what for what in ("score", "light", "missing")},
        )  # fmt: skip
        joined = first.left_join(own, (first.object == own.of_object) & (first.record_id == own.of_id))
        first = joined.drop("of_object", "of_id")
    return first


def _lights(tables: Tables, before: Pact, after: Pact, as_of: datetime) -> dict[tuple[str | None, str | None], int]:
    both = _both(tables, before, after, as_of)
    counted = both.group_by("light_before", "light_after").aggregate(n=both.count())
    rows = counted.to_pyarrow().to_pylist()
    return {(row["light_before"], row["light_after"]): row["n"] for row in rows}
