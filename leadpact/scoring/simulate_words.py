"""The simulation of a draft as sentences, for the command line and the page alike.

Not here: the figures (simulate.py, trade.py), which rules differ (versus.py).
"""

from __future__ import annotations

from collections.abc import Callable

from config.schema import Pact
from leadpact.language import Language
from leadpact.metrics.rate import Rate
from leadpact.scoring.quality_words import moment
from leadpact.scoring.simulate import Side, Simulation
from leadpact.scoring.trade import Point


def today(say: Language, told: Simulation) -> str:
    """Who is green today under either version."""
    counts = {"before": told.before.greens, "after": told.after.greens, "gained": told.gained, "lost": told.lost}
    return say("simulate.today", **counts)


def weekly(say: Language, told: Simulation) -> list[str]:
    """How many become green in a week, and how that meets what Sales can take."""
    before, after = (say.number(side.per_week, 1) for side in (told.before, told.after))
    found = [say("simulate.weekly", before=before, after=after, weeks=len(told.ends))]
    capacity = told.question.capacity
    if capacity is not None:
        above = sum(1 for one in told.after.weekly if one > capacity)
        key = "simulate.above" if above else "simulate.fits"
        found.append(say(key, capacity=say.number(capacity), above=above, weeks=len(told.ends)))
    if told.share < 1:
        found.append(say("simulate.drawn", share=say.percent(told.share)))
    return found


def basis(say: Language, pact: Pact, told: Simulation) -> list[str]:
    """On which journeys the outcome is judged, who was left out, and which fields are used."""
    asked, label = told.question.asked, pact.stage(told.stages[0]).label
    counts = {"cases": told.cases, "reached": told.reached}
    if not told.dated:
        found = [say("quality.undated", stage=label, **counts)]
    else:
        found = [say("quality.basis", stage=label, days=asked.days, moment=moment(say, pact, asked), **counts)]
        found.append(say("simulate.left_out", settled=told.settled, unknown=told.unknown))
    return [*found, say(f"quality.fields.{asked.known}")]


def unused(say: Language, told: Simulation, named: Callable[[str], str] = str) -> list[str]:
    """What of either version could not be judged on the past, so that nobody takes a part for the whole.

    `named`: what fields are called where it is read.
    """
    found = []
    for name, side in (("before", told.before), ("after", told.after)):
        if side.left_out or side.unasked:
            what = ", ".join([*side.left_out, *map(named, side.unasked)])
            found.append(say(f"simulate.unused.{name}", what=what, share=say.percent(side.judged_share)))
    if min(told.before.judged_share, told.after.judged_share) < 1:
        found.append(say("simulate.partial"))
    if told.untracked:
        found.append(say("simulate.untracked", fields=", ".join(map(named, told.untracked))))
    return found


def advice(say: Language, told: Simulation) -> str:
    """The well-done side of the trade, or why nothing is recommended."""
    best = told.recommended
    if best is None:
        return say("simulate.no_advice.capacity" if told.question.capacity and told.curve else "simulate.no_advice")
    low, high = best.converted.interval or (0.0, 1.0)
    rates = {"rate": best.converted.rate, "low": low, "high": high, "recall": best.recall.rate}
    return say("simulate.advice", threshold=best.threshold, per_week=say.number(best.per_week, 1),
               **{name: say.percent(rate) for name, rate in rates.items()})  # fmt: skip


def figures(say: Language, side: Side) -> dict[str, str]:
    """A version's own threshold on the past cases, as written; – for what cannot be said."""
    return of_point(say, side.point)


def of_point(say: Language, one: Point | None) -> dict[str, str]:
    """Greens, conversion, recall and lift of a threshold, with their intervals."""
    if one is None:
        return dict.fromkeys(("greens", "conversion", "recall", "lift"), "–")
    return {
        "greens": say.number(one.greens) + (" *" if one.small else ""),
        "conversion": _rate(say, one.converted),
        "recall": _rate(say, one.recall),
        "lift": "–" if one.lift is None else f"{say.number(one.lift, 1)} ×",
    }


def _rate(say: Language, of: Rate) -> str:
    if of.rate is None or of.interval is None:
        return "–"
    low, high = of.interval
    return f"{say.percent(of.rate)} ({say.percent(low)} – {say.percent(high)})"
