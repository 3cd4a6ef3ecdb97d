"""The parts a pact is made of, as pydantic models, and the words they are written in.

Errors raised inside validators are PydanticCustomError with a catalogue key as their type
(`pact.…`), so that document.py can name the path and the remedy in the reader's language.

Not here: the whole document and what its parts owe each other (schema.py), promises and the sharing
of work (teamwork.py), names that nobody knows (faults.py).
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from pydantic import field_validator, model_validator  # isort: skip
from pydantic_core import PydanticCustomError

from config.faults import known_zone, once

StageKind = Literal[
    "untouched", "nurture", "qualified", "sales", "won", "retained", "recycled", "disqualified", "invalid"
]
STAGE_KINDS: tuple[str, ...] = get_args(StageKind)
FUNNEL_KINDS = ("nurture", "qualified", "sales", "won")
END_KINDS = ("won", "recycled", "disqualified", "invalid")
UNMAPPED = "unmapped"

Op = Literal["filled", "empty", "eq", "ne", "in", "not_in", "contains", "starts", "gt", "gte", "lt", "lte", "between"]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=63)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=80)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Block = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Scalar = str | int | float | bool
Points = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Part(BaseModel):
    """A part of the pact: unknown keys are errors, values never change after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class Condition(Part):
    """One test of a field: text is compared without regard to case."""

    field: str
    op: Op
    value: Scalar | list[Scalar] | None = None

    @model_validator(mode="after")
    def _value_fits(self) -> Condition:
        value_fits(self.op, self.value)
        return self


def value_fits(op: Op, value: Scalar | list[Scalar] | None) -> None:
    """Raises where the operator takes another kind of value: none, one, two, or a list."""
    fits = {
        "filled": value is None,
        "empty": value is None,
        "in": isinstance(value, list) and bool(value),
        "not_in": isinstance(value, list) and bool(value),
        "between": isinstance(value, list) and len(value) == 2,
    }.get(op, value is not None and not isinstance(value, list))
    if not fits:
        raise PydanticCustomError("pact.bad_condition", "{op}", {"op": op})


class TextTest(Part):
    op: Op
    value: Scalar | list[Scalar] | None = None

    @model_validator(mode="after")
    def _value_fits(self) -> TextTest:
        value_fits(self.op, self.value)
        return self


class ActivityCondition(Part):
    """An activity of a kind, within the last `within_days` days (inclusive) where given."""

    activity: str
    subject: TextTest | None = None
    within_days: Positive | None = None


def _asked(when: Any) -> str:
    """Which of the two a rule asks about, so that its faults are told of that one only."""
    if isinstance(when, dict):
        return "ActivityCondition" if "activity" in when and "field" not in when else "Condition"
    return type(when).__name__ if isinstance(when, (Condition, ActivityCondition)) else "Condition"


When = Annotated[
    Annotated[Condition, Tag("Condition")] | Annotated[ActivityCondition, Tag("ActivityCondition")],
    Discriminator(_asked),
]


class Stage(Part):
    """One step of the buying process."""

    key: Key
    label: Label
    kind: StageKind
    meaning: str = ""
    buyer_step: str | None = None
    optional: bool = False  # left out of a default pact while no value maps to it
    requires: list[Condition] = []
    content: list[str] = []

    @property
    def in_funnel(self) -> bool:
        return self.kind in FUNNEL_KINDS


class OpportunityMap(Part):
    """Which stage a person enters when an opportunity is created, won or lost."""

    created: Key | None = None
    won: Key | None = None
    lost: Key | None = None


class StatusMap(Part):
    """Every raw status value to a stage. The empty text claims a blank status."""

    lead: dict[str, Key] = {}
    contact: dict[str, Key] = {}
    opportunity: OpportunityMap = OpportunityMap()

    def of(self, object: str) -> dict[str, str]:
        return {"lead": self.lead, "contact": self.contact}.get(object, {})


class Question(Part):
    id: Identifier
    question: str
    field: str | None = None


class MustHave(Condition):
    """A must-have; with `where` only for records of which that holds, such as those of one source."""

    where: Condition | None = None


class SalesReady(Part):
    """The green light: when Sales commits to spend time."""

    threshold: Points | None = None
    all: list[MustHave] = []
    any: list[Condition] = []
    opportunity: list[Question] = []


class ScoringRule(Part):
    """Points for a condition, or for what people did; rules of a `group` may have a cap together."""

    id: Identifier
    category: Literal["fit", "behaviour"]
    when: When
    points: Points
    per: Literal["once", "occurrence"] = "once"
    max_points: Positive | None = None
    half_life_days: Positive | None = None
    group: Label | None = None


class RuleGroup(Part):
    """The cap on all rules of a group together: at most so many points given, or taken away."""

    name: Label
    max_points: Positive


class Scoring(Part):
    """The rules both teams signed. `crm_field`: the mapped field that holds the CRM's own score."""

    rules: list[ScoringRule] = []
    groups: list[RuleGroup] = []
    crm_field: str | None = None

    @model_validator(mode="after")
    def _groups_once(self) -> Scoring:
        once("group", [group.name for group in self.groups])
        return self


class CalendarEntry(Part):
    """Working hours in local time, several blocks a day; `24:00` ends a day.

    A clock runs by its policy's calendar, unless another one lists the lead's owner (by id or
    name) or the owner's team. With `owner_timezone` the hours are the owner's local ones.
    """

    timezone: str
    hours: dict[Weekday, list[Block]]
    holidays: str | None = None
    region: str | None = None
    days_off: list[str] = []
    owners: list[str] = []
    teams: list[str] = []
    owner_timezone: bool = False

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return known_zone(value)


class Stops(Part):
    stages: list[Key] = []
    activities: list[str] = []

    @model_validator(mode="after")
    def _some(self) -> Stops:
        if not self.stages and not self.activities:
            raise PydanticCustomError("pact.sla_never_stops", "nothing stops this clock")
        return self


class Target(Part):
    hours: Annotated[float, Field(gt=0)]
    clock: Literal["elapsed", "working"] = "elapsed"


class SlaPolicy(Part):
    id: Identifier
    starts: Key
    stops: Stops
    target: Target
    calendar: str | None = None


class Term(Part):
    term: Label
    meaning: str


class Opportunities(Part):
    """Which opportunities are events of a lead; empty means all of them."""

    types: list[str] = []
    pipelines: list[str] = []
