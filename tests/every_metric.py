"""Every metric there is, by name, as one question each: what holds for all is tested on all.

A new metric is added here and is then asked on Spark, in any order of rows, at past moments and
with remaps in its history.

Not here: what the answers ought to be (the tests of each metric).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from config.schema import Pact
from leadpact.metrics import (
    ageing,
    balance,
    campaigns,
    cohorts,
    compare,
    contribution,
    curves,
    cycles,
    engines,
    flow,
    flow_rework,
    funnel,
    funnel_cohort,
    funnel_people,
    leaks,
    paths,
    pipeline,
    promises,
    quarrel,
    reach,
    response,
    response_bands,
    response_when,
    sla,
    trends,
    velocity,
)
from leadpact.metrics.funnel import Scope
from leadpact.metrics.survival import cumulative_incidence, kaplan_meier, quantiles
from leadpact.metrics.trends_spans import spans
from leadpact.scoring import score
from leadpact.tables import Tables

Question = Callable[[Tables, Pact, datetime], Any]
BLOCKS = {day: ["09:00-14:00", "15:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
OFFICE = {"timezone": "America/Mexico_City", "hours": BLOCKS, "holidays": "MX"}
WORKING = {
    "id": "accept",
    "starts": "mql",
    "stops": {"stages": ["sal"], "activities": ["call", "email"]},
    "target": {"hours": 8, "clock": "working"},
    "calendar": "office",
}


SCORING = [
    {
        "id": "industry",
        "category": "fit",
        "when": {"field": "f_industry", "op": "in", "value": ["banking"]},
        "points": 20,
    },
    {"id": "size", "category": "fit", "when": {"field": "employees", "op": "gte", "value": 100}, "points": 15.5},
    {"id": "status", "category": "fit", "when": {"field": "status", "op": "ne", "value": "MQL"}, "points": -5},
    {"id": "team", "category": "fit", "when": {"field": "team", "op": "eq", "value": "SDR"}, "points": 1},
    {
        "id": "since",
        "category": "fit",
        "when": {"field": "created_at", "op": "gte", "value": "2025-06-01"},
        "points": 2,
    },
    {
        "id": "pricing",
        "category": "behaviour",
        "when": {"activity": "web_visit", "subject": {"op": "contains", "value": "PRIC"}, "within_days": 200},
        "points": 25,
        "per": "occurrence",
        "max_points": 40,
        "half_life_days": 30,
    },
    {"id": "form", "category": "behaviour", "when": {"activity": "form"}, "points": 10, "half_life_days": 60},
]
READY = {
    "threshold": 30,
    "all": [{"field": "email", "op": "filled"}],
    "any": [{"field": "country", "op": "in", "value": ["MX", "ES"]}, {"field": "f_opt_in", "op": "eq", "value": "yes"}],
}


def asking_everything(document: Mapping[str, Any]) -> dict[str, Any]:
    """A pact document with all that metrics look at: a policy in working time, commitments, scoring rules."""
    commitments = {"marketing": {"mql_per_month": 30, "accepted_rate": 0.6}, "sales": {"follow_up": "mql-follow-up"}}
    sla_ = [*document.get("sla", []), WORKING]
    scoring = {"scoring": {"rules": SCORING}, "sales_ready": READY}
    return {**document, "sla": sla_, "calendars": {"office": OFFICE}, "commitments": commitments, **scoring}


def last(days: int, as_of: datetime) -> date:
    return (as_of - timedelta(days=days)).date()


def _funnel(**scope: Any) -> Question:
    return lambda tables, pact, as_of: funnel.conversion(tables, pact, as_of, Scope(**scope))


def _people(**scope: Any) -> Question:
    return lambda tables, pact, as_of: funnel_cohort.cohort(tables, pact, as_of, Scope(**scope))


def _curve(tables: Tables, pact: Pact, as_of: datetime) -> Any:
    spell = velocity.durations(tables, pact, as_of)
    return kaplan_meier(spell.filter(spell.known), by=["stage"], duration="days", event="left")


def _incidence(tables: Tables, pact: Pact, as_of: datetime) -> Any:
    journey = reach.outcomes(tables, pact, as_of, "sql")
    counted = journey.filter(journey.part == "counted")
    return cumulative_incidence(counted, by=["group"], duration="days", event_code="outcome", days=[7, 30, 90])


def _begun(tables: Tables) -> Any:
    journey = tables.journey.filter(tables.journey.entered_at.notnull())
    return journey.select("object", "record_id", moment="entered_at").distinct()


DERIVED: dict[str, Question] = {
    "spells": lambda t, p, at: t.spell,
    "journeys": lambda t, p, at: t.journey,
    "touches": lambda t, p, at: t.touch,
    "holding": lambda t, p, at: t.holding,
}
FUNNEL: dict[str, Question] = {
    "funnel": _funnel(),
    "funnel, strict": _funnel(mode="strict", window_days=60),
    "funnel, visited, by source": _funnel(mode="visited", by="source"),
    "funnel from mql in 30 days": _funnel(anchor="mql", window_days=30, by="country"),
    "funnel of a range": lambda t, p, at: funnel.conversion(
        t, p, at, Scope(start=last(360, at), end=last(170, at), window_days=90)
    ),
    "by owner": _people(by="owner", window_days=60),
    "by team": _people(by="team", window_days=60),
    "by month": _people(by="month"),
    "by week": _people(by="week"),
    "by a field": _people(by="record_type"),
    "people of the funnel": lambda t, p, at: funnel_people.outcomes(t, p, at, Scope(window_days=60)),
    "cohorts": lambda t, p, at: cohorts.cohorts(t, p, at, Scope(window_days=90)),
    "cohorts by days": lambda t, p, at: cohorts.cohorts(t, p, at, Scope(), cohorts.Grid(stage="sql", days=(7, 30, 90))),
    "compared": lambda t, p, at: compare.compare(t, p, at, Scope(start=last(120, at), end=last(30, at))),
    "leaks": lambda t, p, at: leaks.leaks(t, p, at, Scope(start=last(120, at), end=last(0, at))),
}
SLA: dict[str, Question] = {
    "clocks": lambda t, p, at: sla.clocks(t, p, at, p.sla[0]),
    "working clocks": lambda t, p, at: sla.clocks(t, p, at, p.sla[-1]),
    "compliance by source": lambda t, p, at: sla.compliance(t, p, at, by="source"),
    "waiting": sla.waiting,
    "response": lambda t, p, at: response.measure(t, p, at, p.sla[0]),
    "conversion by response": lambda t, p, at: response_bands.conversion(t, p, at, p.sla[0]),
    "compliance over time": lambda t, p, at: response_when.when(t, p, at, p.sla[0]),
    "promises": promises.promises,
    "both complaints": quarrel.quarrel,
    "send-backs": lambda t, p, at: quarrel.send_backs(t, p),
}
TIME: dict[str, Question] = {
    "velocity": velocity.velocity,
    "velocity by owner": lambda t, p, at: velocity.velocity(t, p, at, by="owner"),
    "reach": lambda t, p, at: reach.reach(t, p, at, stage="sql", days=[7, 30, 90], by="source"),
    "ageing": ageing.ageing,
    "curves": lambda t, p, at: curves.staying(t, p, at, "mql", by="source"),
    "engines": lambda t, p, at: engines.engines(t, p, at, by=["source"]),
    "Kaplan–Meier in the engine": _curve,
    "quantiles in the engine": lambda t, p, at: quantiles(_curve(t, p, at), ["stage"], velocity.QUARTILES),
    "Aalen–Johansen in the engine": _incidence,
}
FLOW: dict[str, Question] = {
    "flow": flow.flow,
    "rework": flow_rework.rework,
    "paths": paths.paths,
    "balance": lambda t, p, at: balance.balance(t, p, at, balance.periods(p, at, every="month")),
    "trends": lambda t, p, at: trends.trends(t, p, at, Scope(), spans(p, at, "month", None, None)),
}
MONEY: dict[str, Question] = {
    "pipeline": pipeline.pipeline,
    "cycles": cycles.cycles,
    "contribution": contribution.contribution,
    "campaigns": lambda t, p, at: campaigns.campaigns(t, p, at, campaigns.Asked()),
}
SCORE: dict[str, Question] = {
    "scores": score.scores,
    "points by rule": score.hits,
    "scores when journeys began": lambda t, p, at: score.scores(t, p, at, _begun(t)),
}
EVERY: dict[str, Question] = {**DERIVED, **FUNNEL, **SLA, **TIME, **FLOW, **MONEY, **SCORE}
__all__ = ["EVERY", "asking_everything"]
