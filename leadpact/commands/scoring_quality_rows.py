"""Quality and suggested points as rows and sentences for people at a terminal.

Not here: the commands (scoring_quality.py), the figures (leadpact/scoring).
"""

from __future__ import annotations

from collections.abc import Sequence

from config.schema import Pact
from leadpact.language import Language
from leadpact.metrics.separation import Separation
from leadpact.scoring import quality_words as said
from leadpact.scoring import words
from leadpact.scoring.basis import Asked
from leadpact.scoring.leaks import Leak
from leadpact.scoring.quality import Quality, Quarter
from leadpact.scoring.suggest import Suggestion

BANDS = ("band", "cases", "reached", "rate", "interval", "step")
QUARTERS = ("quarter", "cases", "rate", "area", "interval", "shift")
RULES = ("rule", "points", "hits", "rate", "rest", "difference", "gain", "verdict")
LEAKS = ("field", "signs", "area", "use")
SUGGESTED = ("rule", "asks", "points", "own_scale", "cases", "rate", "rest", "known")


def heads(say: Language, names: Sequence[str]) -> list[str]:
    return [say(f"quality.col.{name}") for name in names]


def basis(say: Language, pact: Pact, asked: Asked, told: Quality | Suggestion) -> list[str]:
    """What was asked of whom: target, moment, window, which fields."""
    return said.basis(say, pact, asked, told)


def standing(say: Language, told: Quality) -> list[str]:
    """The verdicts in sentences."""
    return said.verdicts(say, told)


def beside(say: Language, told: Suggestion) -> list[str]:
    """The card beside the team's own points."""
    return said.beside(say, told)


def bands(say: Language, told: Quality) -> list[list[str]]:
    return [
        [said.span(say, band), say.number(band.n) + (" *" if band.small else ""), say.number(band.reached),
         say.percent(band.rate), _range(say, band.ci_low, band.ci_high),
         say(f"quality.step.{band.step}") if band.step else "–"]
        for band in told.bands
    ]  # fmt: skip


def quarters(say: Language, told: Quality) -> list[list[str]]:
    return [
        [one.label, say.number(one.n) + (" *" if one.small else ""), say.percent(one.rate),
         *_area(say, one.separation), _shift(say, one)]
        for one in told.quarters
    ]  # fmt: skip


def rules(say: Language, told: Quality) -> list[list[str]]:
    return [
        [one.rule, say.number(one.points, 1), f"{say.number(one.hits)} / {say.number(one.decided)}",
         say.percent(one.rate), say.percent(one.rest), _range(say, one.low, one.high),
         say.number(one.gain, 3), say(f"quality.verdict.{one.verdict}")]
        for one in told.rules
    ]  # fmt: skip


def leaks(say: Language, found: Sequence[Leak]) -> list[list[str]]:
    return [
        [one.field, "; ".join(said.signs(say, one)),
         say.number(one.area_filled, 3), say("leak.left_out" if one.leaks else "leak.doubt")]
        for one in found
    ]  # fmt: skip


def suggested(say: Language, told: Suggestion) -> list[list[str]]:
    return [
        [one.rule.id, say.text(words.rule(one.rule)), say.number(one.rule.points), say.number(one.own.points),
         say.number(one.hits), say.percent(one.rate), say.percent(one.rest),
         say("quality.known.then" if one.then else "quality.known.now")]
        for one in told.rules
    ]  # fmt: skip


def _range(say: Language, low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{say.percent(low)} – {say.percent(high)}"


def _area(say: Language, one: Separation | None) -> list[str]:
    if one is None:
        return ["–", "–"]
    return [say.number(one.auc, 3), f"{say.number(one.low, 3)} – {say.number(one.high, 3)}"]


def _shift(say: Language, one: Quarter) -> str:
    if one.shift is None:
        return "–"
    word = say(f"quality.moved.{one.moved or 'none'}")
    return f"{say.number(one.shift.psi, 2)} ({word})"
