"""The rules of the score and the green light as sentences, in the reader's language.

Not here: what they mean (conditions.py, behaviour.py).
"""

from __future__ import annotations

from typing import Any

from config.parts import ActivityCondition, Condition, ScoringRule, TextTest
from config.schema import Pact
from leadpact.language import Text
from leadpact.scoring.score import POINTS


def condition(one: Condition) -> Text:
    """`country is one of MX, ES`."""
    return _test(one.field, one)


def rule(one: ScoringRule) -> Text:
    """What a rule asks for: a condition, or `web_visit, its subject contains “pricing”, in the last 30 days`."""
    if isinstance(one.when, Condition):
        return condition(one.when)
    return _activity(one.when)


def missing(pact: Pact, code: str, score: float | None) -> Text:
    """What a code of `missing` (score.scores) lacks, for a record with this score."""
    if code == POINTS:
        threshold = pact.sales_ready.threshold or 0.0
        return Text.of("score.lacks_points", points=threshold - (score or 0.0), threshold=threshold)
    if code == "any":
        first, *others = [condition(one) for one in pact.sales_ready.any]
        for other in others:
            first = Text.of("score.or", first=first, second=other)
        return first
    must = pact.sales_ready.all[int(code.partition(".")[2])]
    return condition(must) if must.where is None else Text.of("score.must_where", must=condition(must),
                                                              where=condition(must.where))  # fmt: skip


def place(code: str) -> str:
    """Where the pact says so: `sales_ready.threshold`, `sales_ready.all[0]`, `sales_ready.any`."""
    if code == POINTS:
        return "sales_ready.threshold"
    name, _, number = code.partition(".")
    return f"sales_ready.{name}[{number}]" if number else f"sales_ready.{name}"


def _activity(one: ActivityCondition) -> Text:
    said = Text.of("score.activity", kind=one.activity)
    if one.subject is not None:
        said = Text.of("score.with_subject", what=said, test=_test(Text.of("score.subject"), one.subject))
    if one.within_days is not None:
        said = Text.of("score.within", what=said, count=one.within_days)
    return said


def _test(field: Any, one: Condition | TextTest) -> Text:
    values = one.value if isinstance(one.value, list) else [one.value]
    if one.op == "between":
        return Text.of("setup.op.between", field=field, first=str(values[0]), last=str(values[1]))
    return Text.of(f"setup.op.{one.op}", field=field, value=", ".join(str(value) for value in values))
