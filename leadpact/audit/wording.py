"""What the rules on wording have in common: values of one kind, by the classifier and by behaviour.

Wording says the kind; behaviour raises or lowers what follows from it (Weights). Behaviour that
is not known changes nothing.

Not here: how a value's kind is decided (classifier), how records behave (behaviour.py), what is
said about it (catalogues).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from config.schema import Pact
from leadpact.audit.behaviour import Behaviour, behaviours
from leadpact.audit.behaviour_stays import Stay
from leadpact.audit.behaviour_touches import MINUTES, Beside
from leadpact.audit.classifier import Kind
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Option, Severity, milder
from leadpact.audit.target import best_value, stage_of, target
from leadpact.audit.values import StatusValue
from leadpact.language import Text

NONE = Beside(0, 0)
CONFIDENCE = {"min_confidence": Option(float, default=0.5, min=0, max=1)}
# moves into a value are told to be made with a touch: so many of them, this share beside one
TOUCHED = {"min_moves": Option(int, default=20, min=1), "min_beside": Option(float, default=0.8, min=0, max=1)}
LASTING = {"lasting_days": Option(int, default=60, min=1)}
PASSING = {"max_stay_days": Option(float, default=2, min=0)}


@dataclass(frozen=True)
class Weights:
    """When behaviour confirms or contradicts wording that names an action.

    It confirms where at least `min_moves` moves of the last year went into the value, at least
    `min_beside` of them within minutes of a touch. It contradicts where half of at least
    `min_moves` stays lasted `lasting_days` and more, journeys through the value get further than
    others of its stage (the whole interval above 0), and it does not confirm.
    """

    min_moves: int
    min_beside: float
    lasting_days: int

    def confirm(self, known: Behaviour) -> bool:
        beside = known.beside or NONE
        return beside.moves >= self.min_moves and beside.share is not None and beside.share >= self.min_beside

    def contradict(self, known: Behaviour) -> bool:
        stay, later = known.stay, known.prospects and known.prospects.later.difference
        if stay is None or stay.n < self.min_moves or not later or later.low <= 0 or self.confirm(known):
            return False
        return stay.median_days is None or stay.median_days >= self.lasting_days


def in_use(tables: Facts) -> Iterator[StatusValue]:
    """Values somebody holds or may still choose. A retired value nobody holds is done with."""
    return (value for value in tables.values if value.records or value.offered)


def of_kind(
    tables: Facts, pact: Pact, kinds: tuple[Kind, ...], severity: Severity, min_confidence: float
) -> Sequence[Found]:
    """A finding for every value in use of these kinds; a step milder where no record holds it.

    With several kinds, each has a message of its own, named after it.
    """
    found = []
    for value in in_use(tables):
        verdict = tables.verdict(value.wording)
        if verdict.kind in kinds and verdict.confidence >= min_confidence:
            variant = verdict.kind if len(kinds) > 1 else ""
            found.append(about(tables, pact, value, severity, {**value.evidence, **_worded(tables, value)}, variant))
    return found


def weighed(
    tables: Facts, pact: Pact, kind: Kind, severity: Severity, min_confidence: float, weights: Weights
) -> Sequence[Found]:
    """As `of_kind`, of one kind that behaviour confirms or contradicts.

    Confirmed, a value is found however sure its wording is (variant `raised`); contradicted, it
    is a step milder (variant `lasting`). Param `behaviour`: a sentence where most moves came
    beside a touch.
    """
    found = []
    for value in in_use(tables):
        verdict = tables.verdict(value.wording)
        if verdict.kind == kind:
            known = behaviours(tables).of(value.object, value.value)
            confirmed, sure = weights.confirm(known), verdict.confidence >= min_confidence
            if sure or confirmed:
                lasting = bool(value.records) and weights.contradict(known)
                variant = ("lasting" if lasting else "" if sure else "raised") if value.records else ""
                level = milder(severity) if lasting else severity
                found.append(told(tables, pact, value, level, known, variant))
    return found


def acted(tables: Facts, pact: Pact, severity: Severity, weights: Weights, max_stay_days: float) -> Sequence[Found]:
    """Values that read like a state and behave like an action (variant `behaves`).

    Moves into them are made with a touch, as `Weights` says, and half of at least `min_moves`
    stays are over within `max_stay_days`. The value that stands for its stage is one whatever
    people do when they set it: leads have to be somewhere.
    """
    found = []
    for value in in_use(tables):
        if tables.verdict(value.wording).kind != "state":
            continue
        known = behaviours(tables).of(value.object, value.value)
        stay = known.stay
        median = stay.median_days if stay and stay.n >= weights.min_moves else None
        short = median is not None and median <= max_stay_days
        if short and weights.confirm(known) and not _stands(tables, pact, value):
            found.append(told(tables, pact, value, severity, known, "behaves"))
    return found


def _stands(tables: Facts, pact: Pact, value: StatusValue) -> bool:
    """It is the best value of the stage that claims it."""
    stage = stage_of(pact, value.object, value.value)
    return stage is not None and best_value(tables, pact, value.object, stage) == value.value


def told(tables: Facts, pact: Pact, value: StatusValue, severity: Severity, known: Behaviour, variant: str) -> Found:
    """A finding on a value that names or behaves like an action, with what people do when they set it."""
    beside = known.beside or NONE
    evidence = {
        **value.evidence,
        "moves": beside.moves,
        "beside_touch": beside.beside,
        "beside_share": beside.share,
        **_worded(tables, value),
    }
    one = about(tables, pact, value, severity, evidence, variant)
    share = "" if beside.share is None else round(100 * beside.share)
    later = known.prospects.later.difference if known.prospects else None
    said = {
        "behaviour": beside.text,
        "share": share,
        "moves": beside.moves,
        "minutes": MINUTES,
        "days": _days(known.stay),
        "points": round(100 * later.difference) if later else "",
    }
    return replace(one, params={**one.params, **said})


def _days(stay: Stay | None) -> Text | str:
    """`half of the stays are over within 3 hours`, `half last more than 81 days` or `most have not ended`."""
    if stay is None:
        return ""
    if stay.median_days is None:
        return Text.of("audit.stay.open")
    if stay.median_days < 1:
        return Text.of("audit.stay.hours", count=max(1, round(24 * stay.median_days)))
    return Text.of("audit.stay.days", count=round(stay.median_days))


def _worded(tables: Facts, value: StatusValue) -> dict[str, Any]:
    verdict = tables.verdict(value.wording)
    return {
        "kind": verdict.kind,
        "confidence": verdict.confidence,
        "language": verdict.language,
        "why": list(verdict.why),
    }


def about(
    tables: Facts, pact: Pact, value: StatusValue, severity: Severity, evidence: dict[str, Any], variant: str = ""
) -> Found:
    """A finding on one value, with the stage and value its records could take instead.

    Variants: message `unheld` (`<variant>_unheld`) where no record holds it; suggestion `to` where stage and value
    are known (params `stage`, `target`), `unheld` where there is nothing to move.
    """
    aim = target(tables, pact, value)
    params: dict[str, Any] = {"stage": aim.label if aim else "", "target": aim.value if aim else ""}
    to = "to" if aim and aim.value else ""
    return Found(
        object=value.object,
        value=value.value,
        label=value.label,
        records=value.records,
        severity=severity if value.records else milder(severity),
        since=value.first_at,
        message="_".join(part for part in (variant, "" if value.records else "unheld") if part),
        suggestion=to if value.records else "unheld",
        params=params,
        evidence={**evidence, "stage": aim.stage if aim else None, "target": aim.value if aim else None},
    )
