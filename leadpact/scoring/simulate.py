"""A draft of the scoring against the version in force, before anybody signs it.

Three questions. *Today*: who turns green and who stops being green. *Every week*: how many people
would have been handed to Sales, against what Sales can take. *What came of it*: on past journeys,
the conversion, recall and lift of each version's greens, and of every other threshold.

Not here: records under two pacts (versus.py), the flow (handover.py), the trade (trade.py), the words
(simulate_words.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.scoring import handover as flow
from leadpact.scoring import quality_cases, score, trade, versus
from leadpact.scoring.basis import ENTRY, Asked
from leadpact.scoring.quality_cases import Cases
from leadpact.scoring.quality_rules import scored_cases
from leadpact.scoring.score import GREEN
from leadpact.scoring.trade import Judged, Point
from leadpact.tables import Tables

WEEKS_A_MONTH = 365.25 / 12 / 7
# a threshold means what it says only where all points count; what has no history is told (Simulation.untracked)
# and of all leads: of those handed over, only what the version in force let through would be judged
USUAL = Asked(ENTRY, after_days=14, known="now")


@dataclass(frozen=True)
class Question:
    """`months` back; `capacity` of Sales: leads a week, null where nobody said.

    `asked`: what the greens are to reach (quality_cases.py); by default within 90 days, judged 14 days
    after their journey began, by all fields but those that leak the outcome.
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
    waiting = versus.waiting(tables)
    lights = versus.lights(waiting, before, after, as_of)
    looked = flow.looks(tables, (before, after), as_of, question.weeks)
    flows = dict(zip(("before", "after"), flow.handovers(tables, (before, after), looked), strict=True))
    cases = quality_cases.cases(tables, before, as_of, question.asked)
    cases = trade.within(cases, as_of - timedelta(days=question.asked.days) - question.weeks * flow.WEEK)
    judged = _judged(tables, before, after, as_of, question.asked, cases)
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
    records = int(tables.record.filter(versus.there(tables.record)).count().to_pyarrow().as_py())
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


def _judged(
    tables: Tables, before: Pact, after: Pact, as_of: datetime, asked: Asked, cases: Cases
) -> dict[str, Judged]:
    """Both on the past cases; a draft that changes the threshold only gives them the same scores."""
    found = None
    if before.scoring == after.scoring and before.scope == after.scope and before.zone == after.zone:
        found = scored_cases(tables, before, as_of, asked, cases)
    return {
        side: trade.judged(tables, pact, as_of, asked, cases, found)
        for side, pact in (("before", before), ("after", after))
    }
