"""A fitted scorecard as rules of the pact, with readable names and points on the team's own scale.

Not here: the fit (suggest_fit.py), saving into a draft (config/drafts.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from config.parts import ActivityCondition, Condition, ScoringRule
from config.schema import Pact
from leadpact.audit.protected import plain
from leadpact.scoring.suggest_features import Test
from leadpact.scoring.suggest_fit import Card

Floats = npt.NDArray[np.float64]
LONGEST = 60


def rules_of(card: Card, tests: Sequence[Test], pact: Pact, scale: int) -> list[ScoringRule]:
    """The rules in the card's order, points times `scale`; ids that the pact does not use."""
    taken = {rule.id for rule in pact.scoring.rules}
    found = []
    for test, points in zip(tests, card.points, strict=True):
        counted = {"per": "occurrence", "max_points": float(abs(points) * scale * test.cap)} if test.cap > 1 else {}
        found.append(
            ScoringRule.model_validate({
                "id": _id(test, taken), "category": "fit" if isinstance(test.when, Condition) else "behaviour",
                "when": test.when.model_dump(exclude_defaults=True), "points": float(points * scale), **counted,
            })
        )  # fmt: skip
        taken.add(found[-1].id)
    return found


def scale_of(scores: Floats, own: Floats, threshold: float | None) -> int:
    """What to multiply the card's points with, so that about as many cases reach the team's threshold as now.

    1 where there is no threshold, nobody or everybody reaches it, or the card cannot tell so few apart.
    """
    known = ~np.isnan(own)
    if threshold is None or not known.any():
        return 1
    share = float((own[known] >= threshold).mean())
    if not 0 < share < 1:
        return 1
    line = float(np.quantile(scores, 1 - share))
    return max(1, round(threshold / line)) if line > 0 else 1


def _id(test: Test, taken: Collection[str]) -> str:
    """`industry-banking`, `visits-gte-5`, `web-visit-pricing-30`; a number is added where it is taken."""
    when = test.when
    if isinstance(when, ActivityCondition):
        parts = [when.activity, "" if when.subject is None else str(when.subject.value)]
        parts += [] if when.within_days is None else [f"{when.within_days:g}"]
        parts += ["each"] if test.cap > 1 else []
    else:
        value = "" if when.value is None else str(when.value)
        parts = [when.field.removeprefix("f_"), "" if when.op == "eq" else when.op, value]
    words = [word for part in parts for word in (*plain(part), *_digits(part))]
    name = "-".join(word for word in words if word.isascii())[:LONGEST].strip("-")
    name = name if name and name[0].isalpha() else f"rule-{name}".strip("-")
    number, free = 2, name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _digits(part: str) -> list[str]:
    """The numbers in a part, as an id may hold them: `540.0` → 540, `0.5` → 0_5."""
    try:
        return [f"{float(part):g}".replace(".", "_").replace("+", "").replace("-", "minus")]
    except ValueError:
        return [word for word in part.replace("_", " ").split() if word.isdigit()]
