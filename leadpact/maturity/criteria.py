"""The criteria of the scorecard: for every component and step, what each level asks for.

Levels: 1 begun, 2 agreed, 3 lived, 4 managed. A level is reached when its criteria and those of
all levels below hold. Fixing a finding can only turn a criterion from not met to met or
unknown, so it never lowers a level.

Not here: how a criterion looks (judge.py), levels added up (scorecard.py); docs/maturity.md is generated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadpact.maturity.evidence import Evidence
from leadpact.maturity.judge import Test, clean, delivered, filled, reached, said
from leadpact.model import CONTACT, LEAD

LEVELS = (0, 1, 2, 3, 4)
IN_TIME, TOLD = 0.8, 0.8
STATES = ("STA01", "STA02", "STA03", "STA07", "STA08")
STATUSES = tuple(f"STA{number:02}" for number in range(1, 15))


@dataclass(frozen=True)
class Criterion:
    """One thing a level asks for. Its words are `maturity.must.<key>`; `page` and `link` lead to where it is mended."""

    key: str
    level: int
    test: Test
    page: str = "findings"
    link: Mapping[str, str] = field(default_factory=dict)


def _pact(key: str, level: int, test: Test) -> Criterion:
    return Criterion(key, level, test, page="definition")


def _rule(key: str, level: int, *codes: str, object: str | None = None) -> Criterion:
    return Criterion(key, level, clean(*codes, object=object), link={"rule": codes[0]} if len(codes) == 1 else {})


def _data(key: str, level: int, test: Test) -> Criterion:
    return Criterion(key, level, test, page="connection")


def _saved(one: Evidence) -> bool:
    return one.analysis.used.version is not None


def _explained(one: Evidence) -> bool:
    return all(stage.meaning.strip() for stage in one.pact.stages)


def _ready(one: Evidence) -> bool:
    ready = one.pact.sales_ready
    return ready.threshold is not None or bool(ready.all or ready.any)


def _scored(one: Evidence) -> bool:
    return one.pact.sales_ready.threshold is not None and bool(one.pact.scoring.rules)


def _notified(one: Evidence) -> bool:
    return bool(one.pact.routing) and all(route.notify for route in one.pact.routing)


def _both_promise(one: Evidence) -> bool:
    given = one.pact.commitments
    return given.sales.follow_up is not None and any(
        (given.marketing.mql_per_month is not None, given.marketing.accepted_rate is not None)
    )


def _follow_up(one: Evidence) -> bool:
    return any(policy.starts in one.pact.keys("qualified") for policy in one.pact.sla)


def _content(one: Evidence) -> bool:
    stages = [stage for stage in one.pact.stages if stage.kind in ("nurture", "recycled")]
    return bool(stages) and all(stage.content for stage in stages)


def _in_time(one: Evidence) -> tuple[float | None, int]:
    return one.quarrel.in_time, one.quarrel.clocks


def _accepted(one: Evidence) -> tuple[float | None, int]:
    return one.quarrel.accepted_rate, one.quarrel.decided


def _reasons(one: Evidence) -> tuple[float | None, int]:
    told, back = one.reasons
    return (told / back if back else None), back


def _known(one: Evidence) -> tuple[float | None, int]:
    return one.coverage, one.returned[1]


def _returned(one: Evidence) -> tuple[float | None, int]:
    again, journeys = one.returned
    return (again / journeys if journeys else None), journeys


COMPONENTS: Mapping[str, tuple[Criterion, ...]] = {
    "definition": (
        _pact("saved", 1, delivered(_saved, "version")),
        _pact("signed", 2, delivered(lambda one: one.analysis.used.in_force, "signed")),
        _pact("explained", 2, said(_explained)),
        _rule("mapped", 3, "STA09"),
        _rule("decidable", 3, "DEF03", "DEF04"),
        _pact("review_agreed", 4, said(lambda one: one.pact.review.definition_every_days is not None)),
        _rule("reviewed", 4, "DEF02"),
    ),
    "statuses": (
        _data("filled_status", 1, filled(0.9, "status")),
        _rule("mapped", 2, "STA09"),
        _rule("contact_status", 2, "CON01", object=CONTACT),
        _rule("states_only", 3, *STATES),
        _rule("contacts_filled", 3, "CON02", object=CONTACT),
        _rule("statuses_clean", 4, *STATUSES),
        _rule("statuses_true", 4, "CON03", "CON04", "EVI01", "EVI03"),
    ),
    "routing": (
        _data("owned", 1, filled(0.5, "owner_id")),
        _pact("routing_agreed", 2, said(lambda one: bool(one.pact.routing))),
        _pact("notified", 2, said(_notified)),
        _rule("somebody_acts", 3, "ROU01"),
        _rule("routed", 3, "ROU03"),
        _rule("nobody_forgotten", 4, "ROU02", "SLA03"),
    ),
    "qualification": (
        _pact("ready_agreed", 1, said(_ready)),
        _pact("scored", 2, said(_scored)),
        _pact("deal_criteria", 2, said(lambda one: bool(one.pact.sales_ready.opportunity))),
        _rule("threshold_kept", 3, "EVI02"),
        _rule("qualified_first", 3, "EVI04"),
        _rule("score_tells", 4, "SCO02", "SCO03"),
        _pact("scoring_review_agreed", 4, said(lambda one: one.pact.review.scoring_every_days is not None)),
        _rule("scoring_reviewed", 4, "SCO01"),
    ),
    "sla": (
        _pact("sla_agreed", 1, said(lambda one: bool(one.pact.sla))),
        _data("activities", 2, delivered(lambda one: one.delivered("activity"), "activities")),
        _rule("time_measurable", 2, "SLA02"),
        _pact("both_promise", 3, said(_both_promise)),
        Criterion("half_in_time", 3, reached(_in_time, lambda _: 0.5), page="sla"),
        Criterion("in_time", 4, reached(_in_time, lambda _: IN_TIME), page="sla"),
        _rule("nobody_waits", 4, "SLA03"),
    ),
}

STEPS: Mapping[str, tuple[Criterion, ...]] = {
    "identify": (
        _data("email_half", 1, filled(0.5, "email")),
        _data("email_most", 2, filled(0.8, "email")),
        _data("core_most", 3, filled(0.8, "email", "company", "country", "source", "owner_id")),
        _data("core_nearly_all", 4, filled(0.9, "email", "company", "country", "source", "owner_id", must_haves=True)),
    ),
    "generate": (
        _data("source_half", 1, filled(0.5, "source")),
        _pact("untouched_apart", 2, said(lambda one: bool(one.claimed("untouched")))),
        _data("source_most", 2, filled(0.8, "source")),
        _rule("bought_apart", 3, "STA11", "STA15", object=LEAD),
        _pact("pace_agreed", 4, said(lambda one: one.pact.commitments.marketing.mql_per_month is not None)),
        _rule("new_interest", 4, "CON05"),
    ),
    "qualify": (
        _pact("qualified_stage", 1, said(lambda one: bool(one.claimed("qualified")))),
        _pact("ready_agreed", 2, said(_ready)),
        _rule("qualified_first", 3, "EVI04"),
        Criterion("half_accepted", 3, reached(_accepted, lambda _: 0.5), page="today"),
        Criterion("accepted", 4, reached(_accepted, lambda one: one.pact.commitments.marketing.accepted_rate),
                  page="today"),
    ),
    "educate": (
        _pact("nurture_stage", 1, said(lambda one: bool(one.claimed("nurture")))),
        _rule("way_back", 2, "STA12", object=LEAD),
        _pact("content", 3, said(_content)),
        Criterion("some_return", 4, reached(_returned, lambda _: 0.01), page="funnel", link={"view": "flow"}),
    ),
    "hand_over": (
        _pact("sales_stage", 1, said(lambda one: bool(one.claimed("sales")))),
        _pact("follow_up_agreed", 2, said(_follow_up)),
        _rule("touched", 3, "EVI03"),
        _rule("somebody_acts", 3, "ROU01"),
        _data("reasons_told", 4, reached(_reasons, lambda _: TOLD)),
        Criterion("in_time", 4, reached(_in_time, lambda _: IN_TIME), page="sla"),
    ),
    "measure": (
        _data("history", 1, delivered(lambda one: one.history != "none", "history")),
        _rule("contact_status", 2, "CON01", object=CONTACT),
        _data("known_half", 2, reached(_known, lambda _: 0.5)),
        _pact("flow_agreed", 3, said(lambda one: bool(one.pact.flow))),
        _data("known_most", 3, reached(_known, lambda _: 0.8)),
        _rule("flow_kept", 4, "FLO01"),
        _rule("deals_kept", 4, "OPP01"),
    ),
}  # fmt: skip
AREAS: Mapping[str, Mapping[str, tuple[Criterion, ...]]] = {"components": COMPONENTS, "steps": STEPS}
