"""The pact: the whole document both teams agree, and what its parts owe each other.

Each option is declared once, here, in parts.py or teamwork.py; validation, form and docs derive from it.

Not here: the parts themselves (parts.py), reading and writing YAML (document.py), versions
and signatures (versions.py), what the numbers mean (leadpact/metrics).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from config.faults import known_zone, near, once, unknown
from config.parts import (
    END_KINDS,
    FUNNEL_KINDS,
    STAGE_KINDS,
    UNMAPPED,
    CalendarEntry,
    Key,
    Label,
    Opportunities,
    Part,
    SalesReady,
    Scoring,
    SlaPolicy,
    Stage,
    StatusMap,
    Term,
)
from config.teamwork import Commitments, LeadList, MoveContent, Review, Route, Section

__all__ = ["END_KINDS", "FUNNEL_KINDS", "STAGE_KINDS", "UNMAPPED", "Pact", "SlaPolicy", "Stage", "StatusMap"]


class Pact(Part):
    """The whole document. Required: name, timezone, stages, status_map."""

    name: Label
    language: str = "en"
    timezone: str
    scope: dict[str, list[str]] = {}
    stages: Annotated[list[Stage], Field(min_length=1)]
    status_map: StatusMap
    flow: list[tuple[Key, Key]] = []
    glossary: list[Term] = []
    sales_ready: SalesReady = SalesReady()
    scoring: Scoring = Scoring()
    calendars: dict[str, CalendarEntry] = {}
    sla: list[SlaPolicy] = []
    commitments: Commitments = Commitments()
    routing: list[Route] = []
    review: Review = Review()
    signatories: dict[Literal["marketing", "sales"], list[str]] = {}
    opportunities: Opportunities = Opportunities()
    content_map: list[MoveContent] = []
    lists: list[LeadList] = []
    owners: dict[Section, Label] = {}

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return known_zone(value)

    @model_validator(mode="after")
    def _names_exist(self) -> Pact:
        """Every stage, calendar and policy that is named is also defined, and defined once."""
        stages = [stage.key for stage in self.stages]
        once("stage", stages)
        once("rule", [rule.id for rule in self.scoring.rules])
        once("sla", [policy.id for policy in self.sla])
        once("list", [one.id for one in self.lists])
        once("transition", [" → ".join(one.move) for one in self.content_map])
        if UNMAPPED in stages:
            raise PydanticCustomError("pact.reserved_stage", "{name}", {"name": UNMAPPED})
        for place, name in self.stage_names():
            if name not in stages:
                raise PydanticCustomError(
                    "pact.unknown_stage", "{path}", {"path": place, "name": name, "near": near(name, stages)}
                )
        for policy in self.sla:
            if policy.target.clock == "working" and policy.calendar is None:
                raise PydanticCustomError("pact.sla_without_calendar", "{name}", {"name": policy.id})
            if policy.calendar is not None and policy.calendar not in self.calendars:
                raise unknown("calendar", policy.calendar, self.calendars)
        follow_up = self.commitments.sales.follow_up
        if follow_up is not None and follow_up not in {policy.id for policy in self.sla}:
            raise unknown("policy", follow_up, [policy.id for policy in self.sla])
        return self

    def stage_names(self) -> Iterable[tuple[str, str]]:
        for object in ("lead", "contact"):
            for value, key in self.status_map.of(object).items():
                yield f"status_map.{object}.{value}", key
        for event, key in self.status_map.opportunity.model_dump(exclude_none=True).items():
            yield f"status_map.opportunity.{event}", key
        for at, move in enumerate(self.flow):
            for key in move:
                yield f"flow[{at}]", key
        for at, one in enumerate(self.content_map):
            yield f"content_map[{at}].from", one.start
            yield f"content_map[{at}].to", one.to
        for own in self.lists:
            for key in own.stages:
                yield f"lists.{own.id}.stages", key
        for policy in self.sla:
            yield f"sla.{policy.id}.starts", policy.starts
            for key in policy.stops.stages:
                yield f"sla.{policy.id}.stops.stages", key

    @cached_property
    def canonical(self) -> str:
        """Canonical JSON: sorted keys, no space, options left at their default left out.

        Leaving defaults out keeps a signed hash valid when a release adds an option.
        """
        document = self.model_dump(mode="json", exclude_defaults=True)
        return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON, in hex: what is signed."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @cached_property
    def journey_hash(self) -> str:
        """Hash of what spells and journeys depend on: stages, map, scope, opportunities."""
        document = {
            "stages": [[stage.key, stage.kind] for stage in self.stages],
            "status_map": self.status_map.model_dump(mode="json"),
            "scope": self.scope,
            "opportunities": self.opportunities.model_dump(mode="json"),
        }
        text = json.dumps(document, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def stage(self, key: str) -> Stage:
        """The stage called `key`. Raises KeyError for a stage the pact does not list."""
        for stage in self.stages:
            if stage.key == key:
                return stage
        raise KeyError(key)

    @property
    def funnel(self) -> list[Stage]:
        """The funnel stages, in the order of the buying process."""
        return [stage for stage in self.stages if stage.in_funnel]

    def keys(self, *kinds: str) -> list[str]:
        """The keys of all stages of these kinds, in order."""
        return [stage.key for stage in self.stages if stage.kind in kinds]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
