"""What the rules on wording have in common: values of one kind, by the classifier.

Not here: how a value's kind is decided (classifier), what is said about it (catalogues).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from config.schema import Pact
from leadpact.audit.behaviour import Beside, beside_touches
from leadpact.audit.classifier import Kind
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Option, Severity, milder
from leadpact.audit.target import target
from leadpact.audit.values import StatusValue

NONE = Beside(0, 0)
CONFIDENCE = {"min_confidence": Option(float, default=0.5, min=0, max=1)}


def in_use(tables: Facts) -> Iterator[StatusValue]:
    """Values somebody holds or may still choose. A retired value nobody holds is done with."""
    return (value for value in tables.values if value.records or value.offered)


def of_kind(
    tables: Facts, pact: Pact, kinds: tuple[Kind, ...], severity: Severity, min_confidence: float
) -> Sequence[Found]:
    """A finding for every value in use of these kinds; a step milder where no record holds it.

    With several kinds, each has a message of its own, named after it. Actions are told with
    what people do when they set them (param `behaviour`).
    """
    verdicts = [(value, tables.verdict(value.wording)) for value in in_use(tables)]
    verdicts = [one for one in verdicts if one[1].kind in kinds and one[1].confidence >= min_confidence]
    touched = beside_touches(tables, [value for value, _ in verdicts]) if "action" in kinds or "mixed" in kinds else {}
    found = []
    for value, verdict in verdicts:
        beside = touched.get((value.object, value.value), NONE)
        evidence = {
            **value.evidence,
            **beside.evidence,
            "kind": verdict.kind,
            "confidence": verdict.confidence,
            "language": verdict.language,
            "why": list(verdict.why),
        }
        one = about(tables, pact, value, severity, evidence, verdict.kind if len(kinds) > 1 else "")
        found.append(replace(one, params={**one.params, "behaviour": beside.text}))
    return found


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
