"""Values of a pact in people's words, for telling what changed: stages by label, conditions as sentences.

Works on plain JSON that may be no valid pact: what cannot be read as what it should be is shown as it is.

Not here: what changed (pact_diff.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from config.parts import STAGE_KINDS, ActivityCondition, Condition, MustHave, ScoringRule
from leadpact.language import Text
from leadpact.scoring import words

Said = Text | str | float
NOTHING = Text("diff.nothing", {})
LONG = 60
_WHEN: TypeAdapter[Any] = TypeAdapter(Condition | MustHave | ActivityCondition)

# the fields of the parts of a pact that have a name in the catalogues: `diff.field.<name>`
FIELDS = (
    "activities", "assignee", "accepted_rate", "all", "any", "buyer_step", "calendar", "campaign", "category",
    "channel", "clock", "content", "crm_field", "days_off", "definition_every_days", "escalation", "field", "follow_up",
    "group", "half_life_days", "holidays", "hours", "kind", "label", "language", "max_points", "meaning",
    "mql_per_month", "name", "notify", "optional", "owner_timezone", "owners", "parts", "per", "pipelines", "points",
    "question", "region", "requires", "scoring_every_days", "stages", "starts", "stops", "target", "teams", "threshold",
    "timezone", "to", "types", "when",
)  # fmt: skip


class Words:
    """What both documents call their stages; the newer name wins."""

    def __init__(self, *documents: Mapping[str, Any]) -> None:
        self.labels = {
            str(stage.get("key")): str(stage.get("label") or stage.get("key"))
            for document in documents
            for stage in documents_stages(document)
        }

    def stage(self, key: Any) -> str:
        return self.labels.get(str(key), str(key))

    def value(self, field: str, value: Any) -> Said:
        """One value of a field: a stage by its label, a condition as a sentence, nothing as “none”."""
        if field == "kind" and value in STAGE_KINDS:
            return Text.of(f"stage_kind.{value}")
        if field in ("starts", "stages") and isinstance(value, str):
            return self.stage(value)
        if field == "accepted_rate" and isinstance(value, (int, float)):
            return Text.of("diff.percent", value=round(value * 100, 1))
        if isinstance(value, Mapping) and value:
            return condition(value)
        return join([self.value(field, one) for one in value]) if isinstance(value, list) else plain(value)


def plain(value: Any) -> Said:
    """A text, a number, yes or no; nothing as “none”."""
    if value is None or value == {}:
        return NOTHING
    if isinstance(value, bool):
        return Text.of("diff.yes" if value else "diff.no")
    return value if isinstance(value, (int, float)) and round(value, 1) == value else str(value)


def documents_stages(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The stages of a document that are such."""
    stages = document.get("stages")
    return [one for one in stages if isinstance(one, Mapping)] if isinstance(stages, list) else []


def field(name: str) -> Said:
    """A field's name for people; its own where the catalogues know none."""
    return Text.of(f"diff.field.{name}") if name in FIELDS else name.replace("_", " ")


def condition(value: Any) -> Said:
    """A condition as a sentence: `country is one of MX, ES`."""
    if isinstance(value, list):
        return join([condition(one) for one in value]) if value else NOTHING
    try:
        found = _WHEN.validate_python(value)
    except ValidationError:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(found, Condition):
        said = words.condition(found)
        only = found.where if isinstance(found, MustHave) else None
        return said if only is None else Text.of("score.must_where", must=said, where=words.condition(only))
    rule = ScoringRule(id="x", category="behaviour", when=found, points=1)
    return words.rule(rule)


def join(parts: Sequence[Said]) -> Said:
    """`a, b, c`."""
    if not parts:
        return NOTHING
    first, *others = parts
    for other in others:
        first = Text.of("diff.comma", first=first, second=other)
    return first
