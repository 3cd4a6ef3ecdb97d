"""The simulated effect of a value map as tables for a terminal: today, after, difference.

Not here: the numbers (audit/effect.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from leadpact.audit.effect import WINDOW_DAYS, Effect, Pair
from leadpact.audit.shown import shown
from leadpact.commands.result import Section
from leadpact.language import Language
from leadpact.workspace import Analysis

Written = Callable[[float | None], str]


def sections(say: Language, found: Analysis, result: Effect) -> list[Section]:
    """Counts by value and stage, the funnel, time in stage, the SLA; then what was not simulated."""
    labels = {stage.key: shown(stage.label) for stage in found.pact.stages}
    labels["unmapped"] = say("proposal.unmapped")

    def whole(value: float | None) -> str:
        return say.number(value)

    def days(value: float | None) -> str:
        return say.number(value, 1)

    moved = [one for one in result.values if one.difference]
    values = [
        [f"{say(f'ui.object.{one.object}')}: {shown(one.value) or say('proposal.blank')}",
         *_three(say, Pair(one.before, one.after), whole)]
        for one in moved
    ]  # fmt: skip
    stages = [[labels[one.stage or ""], *_three(say, Pair(one.before, one.after), whole)] for one in result.stages]
    funnel = [
        [labels.get(key, key), *_three(say, pairs["converted"], whole), *_rates(say, pairs["mature_rate"])]
        for key, pairs in result.funnel
    ]
    velocity = [[labels.get(key, key), *_three(say, pairs["median_days"], days)] for key, pairs in result.velocity]
    sla = [
        [shown(key), *_rates(say, pairs["compliance"]), *_three(say, pairs["median_hours"], days)]
        for key, pairs in result.sla
    ]
    three = [say(f"proposal.col.{name}") for name in ("before", "after", "difference")]
    rates = [say(f"proposal.col.rate_{name}") for name in ("before", "after", "difference")]
    hours = [say(f"proposal.col.hours_{name}") for name in ("before", "after", "difference")]

    def section(name: str, first: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Section:
        title = say(f"proposal.effect.{name}", days=WINDOW_DAYS, records=result.changed, people=result.people)
        return Section(title, [say(f"proposal.col.{first}"), *columns], rows)

    made = [
        section("values", "value", three, values),
        section("stages", "stage", three, stages),
        section("funnel", "stage", [*three, *rates], funnel),
        section("velocity", "stage", three, velocity),
        section("sla", "policy", [*rates, *hours], sla),
    ]
    left_out = [say(f"proposal.untold.{name}", count=getattr(result, name)) for name in ("open", "frozen", "silent")]
    told = Section(say("proposal.untold"), [], [])
    kept = [one for one in made if one.rows]
    return [*kept, Section(told.title, [say("proposal.col.untold")], [[line] for line in left_out])]


def _three(say: Language, pair: Pair, written: Written) -> list[str]:
    """Today, after, and the difference with its sign."""
    return [written(pair.before), written(pair.after), signed(pair.difference, written)]


def _rates(say: Language, pair: Pair) -> list[str]:
    """Shares today and after; their difference in percentage points."""
    return [
        say.percent(pair.before),
        say.percent(pair.after),
        signed(pair.difference, lambda value: points(say, value)),
    ]


def points(say: Language, value: float | None) -> str:
    """A difference of shares in percentage points."""
    return "–" if value is None else say("compare.points", value=say.number(100 * value, 1))


def signed(value: float | None, written: Written) -> str:
    """`+12`, `−3`, `=` for no difference, a dash where not known."""
    if value is None:
        return "–"
    text = written(abs(value))
    if text == written(0):
        return "="
    return f"{'+' if value > 0 else '−'}{text}"
