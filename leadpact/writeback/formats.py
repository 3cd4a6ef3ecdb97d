"""What LeadPact knows as the text a field of the CRM takes, by the kind of field.

| purpose | number | text | choice | time |
|---|---|---|---|---|
| score | whole points, rounded down | the same | | |
| light, stage | | the label in the pact's language | the same | |
| since | | `2026-03-04 16:20`, in the pact's time zone | | UTC to the second |
| version | its number | `v3`, `v3 draft` or `draft` | | |

A score is rounded down, so that it never looks like reaching a threshold it does not reach; in whole
points most records stay as they are from day to day. Null where nothing is known.

Not here: knowing it (wanted.py), comparing (values.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.schema import Pact
from leadpact.crm_fields import FieldKind
from leadpact.language import Language
from leadpact.pact_in_use import PactInUse
from leadpact.scoring.score import LIGHTS
from leadpact.writeback.targets import DAYS, LIGHT, SCORE, SINCE, STAGE, STATUS, VERSION

# the kinds of field each purpose may be written to, the one that is made first
KINDS: Mapping[str, tuple[FieldKind, ...]] = {
    SCORE: ("number", "text"),
    LIGHT: ("choice", "text"),
    STAGE: ("choice", "text"),
    SINCE: ("time", "text"),
    VERSION: ("text", "number"),
    DAYS: ("formula",),
    STATUS: ("choice", "text"),
}


@dataclass(frozen=True)
class Formats:
    """The words of one pact: what stands for each light and stage."""

    lights: Mapping[str, str]
    stages: Mapping[str, str]
    used: PactInUse
    drafted: str

    @staticmethod
    def of(used: PactInUse) -> Formats:
        say = Language.of(used.pact.language)
        lights = {light: sentence(say(f"score.light.{light}")) for light in LIGHTS}
        stages = {stage.key: stage.label for stage in used.pact.stages}
        return Formats(lights, stages, used, say("writeback.draft"))

    @property
    def pact(self) -> Pact:
        return self.used.pact

    def choices(self, purpose: str) -> tuple[str, ...]:
        """All that may be written for a purpose of words; nothing for numbers and moments."""
        words = {LIGHT: self.lights, STAGE: self.stages}.get(purpose, {})
        return tuple(dict.fromkeys(words.values()))

    def text(self, purpose: str, kind: str, known: Mapping[str, Any]) -> str | None:
        """What a field of this kind should hold; `known` is a row of wanted.py."""
        value = known.get(purpose)
        if purpose == VERSION:
            return self._version(kind) if known["governed"] else None
        if value is None:
            return None
        if purpose == SCORE:
            return str(math.floor(value))
        if purpose == SINCE:
            return self._moment(kind, value)
        return {LIGHT: self.lights, STAGE: self.stages}[purpose].get(value)

    def _version(self, kind: str) -> str | None:
        number = self.used.version
        if kind == "number":
            return None if number is None else str(number)
        if number is None:
            return self.drafted
        return f"v{number}" if self.used.in_force else f"v{number} {self.drafted}"

    def _moment(self, kind: str, value: datetime) -> str:
        if kind == "time":
            return value.replace(microsecond=0).isoformat()
        return value.replace(tzinfo=UTC).astimezone(self.pact.zone).strftime("%Y-%m-%d %H:%M")


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
