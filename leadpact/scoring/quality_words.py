"""Quality, leaks and suggested points as sentences, for the command line and the page alike.

Not here: the figures themselves (quality.py, leaks.py, suggest.py).
"""

from __future__ import annotations

from config.schema import Pact
from leadpact.language import Language
from leadpact.metrics.separation import Separation
from leadpact.scoring.bands import Band
from leadpact.scoring.basis import Asked, Basis
from leadpact.scoring.leaks import Leak
from leadpact.scoring.quality import MIN_EACH, Calibration, Quality
from leadpact.scoring.rule_table import RuleTable
from leadpact.scoring.suggest import Suggestion


def basis(say: Language, pact: Pact, asked: Asked, told: Quality | Suggestion) -> list[str]:
    """What counts as reached, as of when, and which fields are used."""
    label = pact.stage(told.stages[0]).label
    if not told.dated:
        found = [say("quality.undated", stage=label, cases=told.cases, reached=told.reached)]
    else:
        counts = {"cases": told.cases, "reached": told.reached}
        found = [say("quality.basis", stage=label, days=asked.days, moment=moment(say, pact, asked), **counts)]
    return [*found, say(f"quality.fields.{asked.known}")]


def moment(say: Language, pact: Pact, asked: Basis) -> str:
    """From when a lead's time to convert counts."""
    asked = asked.of(pact)
    after = "at" if asked.after_days else "at_once"
    if asked.stage is None:
        return say(f"quality.{after}.entry", days=asked.after_days)
    return say(f"quality.{after}.stage", stage=pact.stage(asked.stage).label, days=asked.after_days)


def rules(say: Language, pact: Pact, told: RuleTable) -> str:
    """What the conversion of a table of rules is measured on."""
    asked = told.basis.of(pact)
    goal = pact.stage(str(asked.goal)).label
    if not told.dated:
        return say("quality.undated", stage=goal, cases=told.all.n, reached=told.all.converted)
    start = moment(say, pact, asked)
    if asked.stage is not None and not asked.after_days:
        start = pact.stage(asked.stage).label
    return say("scoring.basis", start=start, goal=goal, days=asked.days, n=told.all.n)


def verdicts(say: Language, told: Quality) -> list[str]:
    """What the figures come to, the gravest first."""
    if not told.rules:
        return [say("quality.no_rules")]
    found = [_left_out(say, told)] if told.dated else []
    if told.judged_share < 1:
        found.append(say("quality.share", share=say.percent(told.judged_share)))
    if not told.enough:
        return [*found, few(say, told)]
    if told.separation is not None:
        found.append(f"{say('quality.area', **_area(say, told.separation))} {area_verdict(say, told)}")
    found.append(rising(say, told))
    if told.calibration is not None:
        found.append(calibrated(say, told.calibration))
    return found


def calibrated(say: Language, one: Calibration) -> str:
    """What a forecast by points would have been worth on later cases."""
    better = "better" if one.brier < one.brier_base else "worse"
    errors = {"brier": say.number(one.brier, 3), "base": say.number(one.brier_base, 3), "error": say.percent(one.error)}
    fit = say(f"quality.fit.{one.fit}")
    return say(f"quality.calibrated.{better}", fit=fit, fitted=one.fitted, judged=one.judged, **errors)


def few(say: Language, told: Quality | Suggestion) -> str:
    """Too few outcomes: how many there are of either kind, and how many are needed."""
    losers = told.cases - told.reached
    if min(told.reached, losers) >= MIN_EACH:
        return say("quality.same_score", cases=told.cases)
    return say("quality.few", reached=told.reached, others=losers, least=MIN_EACH, needed=told.needed)


def area_verdict(say: Language, told: Quality) -> str:
    """The area under the curve in a word, by its interval."""
    one = told.separation
    if one is None:
        return say("quality.auc.none")
    name = ("reversed" if one.high < 0.5 else "chance" if one.low <= 0.5 else "weak" if one.auc < 0.65 else
            "fair" if one.auc < 0.75 else "good" if one.auc < 0.9 else "too_good")  # fmt: skip
    return say(f"quality.auc.{name}")


def rising(say: Language, told: Quality) -> str:
    """Whether conversion rises from band to band, and where it does not."""
    sure = [place for place, surely in told.falls if surely]
    if sure or told.falls:
        places = sure or [place for place, _ in told.falls]
        bands = "; ".join(span(say, told.bands[at]) for at in places)
        return say("quality.falls.sure" if sure else "quality.falls.maybe", bands=bands)
    return say("quality.rises")


def span(say: Language, band: Band) -> str:
    """A band by its scores: `20 – 35`, or `20` where there is one."""
    ends = [say.number(end, 0 if float(end).is_integer() else 1) for end in (band.low, band.high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}"


def signs(say: Language, leak: Leak) -> list[str]:
    """Why a field is not trusted, a sentence a sign."""
    numbers = {
        "late": say.percent(leak.late),
        "area": say.number(max(leak.area or 0.0, leak.area_filled or 0.0), 3),
        "filled": say.number(leak.area_filled, 3),
        "won": say.percent(leak.filled_won),
        "lost": say.percent(leak.filled_lost),
        "examples": ", ".join(leak.examples),
        "other": leak.with_field or "",
    }
    return [say(f"leak.sign.{sign}", **numbers) for sign in leak.signs]


def beside(say: Language, told: Suggestion) -> list[str]:
    """How the card was judged, and how it does beside the team's own points."""
    if told.outcome == "few":
        return [few(say, told)]
    if told.outcome == "nothing":
        return [say("suggest.nothing", cases=told.fitted)]
    counts = {"fitted": told.fitted, "judged": told.judged, "reached": told.judged_reached}
    found = [say("suggest.judged.later" if told.dated else "suggest.judged.cross", **counts)]
    if told.overlapping:
        found.append(say("suggest.overlapping"))
    if told.theirs is not None:
        between = {end: say.percent(getattr(told.theirs, end)) for end in ("low", "high")}
        found.append(say("suggest.area", area=say.percent(told.theirs.auc), **between))
    if told.own is not None and told.better is not None:
        name = "unclear" if not told.better.sure else "better" if told.better.difference > 0 else "worse"
        gap = {end: _signed(say, getattr(told.better, end)) for end in ("difference", "low", "high")}
        found.append(say(f"suggest.beside.{name}", own=say.percent(told.own.auc), **gap))
    return [*found, say("suggest.never_applied")]


def _left_out(say: Language, told: Quality) -> str:
    counts = {
        name: getattr(told, name) for name in ("young", "unknown", "invalid", "settled", "cut", "gone", "unscored")
    }
    return say("quality.left_out", **counts)


def _area(say: Language, one: Separation) -> dict[str, str]:
    return {"area": say.number(one.auc, 3), "low": say.number(one.low, 3), "high": say.number(one.high, 3)}


def _signed(say: Language, value: float) -> str:
    return f"{'+' if value >= 0 else '−'}{say.number(100 * abs(value), 1)}"
