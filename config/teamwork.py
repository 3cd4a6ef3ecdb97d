"""What the two teams owe each other, and how work is shared out: promises, routing, lists, reviews, owners.

Not here: what a stage, a condition or a clock is (parts.py), what the parts owe each other (schema.py).
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import ConfigDict, Field

from config.parts import Condition, Identifier, Key, Label, Part

# the parts of the document that somebody looks after and reviews
Section = Literal[
    "stages", "status_map", "content_map", "flow", "sales_ready", "scoring", "sla", "calendars", "routing", "lists",
    "commitments", "glossary",
]  # fmt: skip
SECTIONS: tuple[str, ...] = get_args(Section)


class Escalation(Part):
    """Who is told at which share of a target: 0.8 is four fifths of it, 1 the target itself.

    Of Sales' clock: as soon as that share of its time has passed without a follow-up. Of
    Marketing's promises: when a month ends with no more than that share of what was promised.
    """

    at: Annotated[float, Field(gt=0, le=10)]
    tell: Label


class MarketingCommitments(Part):
    mql_per_month: Annotated[int, Field(ge=0)] | None = None
    accepted_rate: Annotated[float, Field(ge=0, le=1)] | None = None
    escalation: list[Escalation] = []


class SalesCommitments(Part):
    follow_up: str | None = None
    escalation: list[Escalation] = []


class Commitments(Part):
    marketing: MarketingCommitments = MarketingCommitments()
    sales: SalesCommitments = SalesCommitments()


class Route(Part):
    """Who gets which lead. `notify`: who is told of it; `channel`: how (e-mail, a task, chat …)."""

    when: list[Condition]
    to: str
    notify: str | None = None
    channel: str | None = None


class LeadList(Part):
    """A saved filter with somebody to work it, taken along as members of a campaign.

    Leads that hold a value of one of `stages` (none: of any) and meet all of `when`.
    """

    id: Identifier
    name: Label
    stages: list[Key] = []
    when: list[Condition] = []
    assignee: str | None = None
    campaign: str | None = None


class MoveContent(Part):
    """What helps a lead from one stage (`from`) to another; with nothing listed, a gap somebody has seen."""

    model_config = ConfigDict(serialize_by_alias=True)

    start: Annotated[Key, Field(alias="from")]
    to: Key
    content: list[Label] = []

    @property
    def move(self) -> tuple[str, str]:
        return self.start, self.to


class Review(Part):
    """How often the definition and the scoring are looked at again, and parts that have an interval of their own."""

    scoring_every_days: Annotated[int, Field(gt=0)] | None = None
    definition_every_days: Annotated[int, Field(gt=0)] | None = None
    parts: dict[Section, Annotated[int, Field(gt=0)]] = {}
