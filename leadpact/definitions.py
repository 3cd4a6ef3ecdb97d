"""What every number is called and how it is counted, once: the app and docs/metrics.md say the same texts.

A definition is a name as the screens say it and a text, both catalogue keys; `fields` are its names in `--json`.
Where a text of a page already says how a number is counted, that text is the definition.

Not here: the numbers (leadpact/metrics), the document (definitions_page.py), where they are shown (ui/definitions.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# what stands in the document for what a page fills in
STANDS_FOR: Mapping[str, str] = {"days": "N", "count": "N", "landmark": "L", "window": "W", "stage": "X"}


@dataclass(frozen=True)
class Definition:
    """`name` and `text` are catalogue keys; `formula` is written with the names of `--json`, empty for none."""

    name: str
    text: str
    fields: tuple[str, ...] = ()
    formula: str = ""


@dataclass(frozen=True)
class Section:
    """Definitions that belong together: shown on `page` (null: on every page) and printed by `commands`."""

    title: str
    definitions: tuple[Definition, ...]
    page: str | None = None
    commands: tuple[str, ...] = ()
    read_on: tuple[str, ...] = ()  # documents in docs/ that say more


COUNTED = Section(
    "means.counted",
    (
        Definition("ui.explain.as_of", "means.as_of", ("as_of",)),
        Definition("page.person.title", "means.person"),
        Definition("means.timeline.name", "means.timeline"),
        Definition("means.spell.name", "means.spell"),
        Definition("means.relabelling.name", "means.relabelling"),
        Definition("ui.col.journey", "means.journey"),
        Definition("means.unknown.name", "means.unknown", ("unknown",)),
        Definition("page.today.coverage", "means.coverage", ("coverage",), "counted / (counted + unknown)"),
        Definition("ui.col.interval", "means.interval", ("ci_low", "ci_high")),
    ),
)
FUNNEL = Section(
    "page.funnel.title",
    (
        Definition("means.cohort.name", "means.cohort"),
        Definition("ui.mode.beyond", "means.beyond"),
        Definition("ui.mode.strict", "means.strict"),
        Definition("ui.mode.visited", "means.visited"),
        Definition("ui.col.entered", "means.entered", ("entered",), "converted + lost + pending"),
        Definition("ui.col.converted", "means.converted", ("converted",)),
        Definition("ui.col.lost", "means.lost", ("lost",)),
        Definition("ui.col.pending", "means.pending", ("pending",)),
        Definition("ui.col.rate_of_first", "means.rate_of_first", ("rate_of_first",), "converted / cohort"),
        Definition("ui.col.rate_of_previous", "means.rate_of_previous", ("rate_of_previous",), "converted / entered"),
        Definition("ui.col.mature_rate", "means.mature_rate", ("mature_rate", "mature_converted", "mature_entered"),
                   "mature_converted / mature_entered"),
        Definition("page.funnel.invalid", "means.invalid", ("invalid",)),
        Definition("page.funnel.untouched", "means.untouched", ("untouched",)),
        Definition("page.funnel.compare", "means.compared"),
        Definition("page.funnel.section.leaks", "page.funnel.leaks.rule", (), "excess = lost − entered × rate_before"),
        Definition("page.funnel.section.cohorts", "page.funnel.cohorts.rule"),
        Definition("page.funnel.section.trends", "page.funnel.trends.rule"),
    ),
    "funnel",
    ("funnel", "cohorts", "leaks", "trends"),
    ("funnel",),
)  # fmt: skip
FLOW = Section(
    "page.funnel.section.flow",
    (
        Definition("page.funnel.flow.view.moves", "page.funnel.flow.rule.moves"),
        Definition(
            "page.funnel.flow.view.balance", "page.funnel.flow.rule.balance", (), "end = start + entered − left"
        ),
        Definition("page.funnel.flow.view.paths", "page.funnel.flow.rule.journey"),
        Definition("page.funnel.flow.rework", "means.rework", (), "reentries / entries"),
    ),
    "funnel",
    ("flow",),
    ("flow",),
)
MONEY = Section(
    "page.funnel.section.pipeline",
    (
        Definition("page.funnel.pipeline.view.money", "page.funnel.pipeline.money.rule"),
        Definition("means.deal_cycle.name", "page.funnel.pipeline.cycles.rule.deal"),
        Definition("means.journey_cycle.name", "page.funnel.pipeline.cycles.rule.journey"),
        Definition("page.funnel.pipeline.view.contacts", "page.funnel.pipeline.contacts.rule"),
        Definition("page.funnel.pipeline.view.campaigns", "campaigns.rule"),
    ),
    "funnel",
    ("pipeline", "cycles", "contribution", "campaigns"),
    ("pipeline",),
)
VELOCITY = Section(
    "page.velocity.title",
    (
        Definition(
            "page.velocity.section.stages", "page.velocity.rule.stages", ("median_days", "p25_days", "p75_days")
        ),
        Definition("ui.col.n", "means.cases", ("n",)),
        Definition("ui.col.n_open", "means.still_there", ("n_open",)),
        Definition("page.velocity.section.curves", "page.velocity.rule.curves"),
        Definition("page.velocity.section.reach", "page.velocity.rule.reach", ("probability", "days")),
        Definition("page.velocity.section.ageing", "page.velocity.rule.ageing"),
        Definition("page.velocity.section.engines", "page.velocity.rule.engines"),
    ),
    "velocity",
    ("velocity", "reach", "engines"),
    ("velocity",),
)
SLA = Section(
    "page.sla.title",
    (
        Definition("means.clock.name", "means.clock"),
        Definition("means.touch.name", "means.touch"),
        Definition("ui.state.met", "means.met", ("met",)),
        Definition("ui.state.breached", "means.breached", ("breached",)),
        Definition("ui.state.overdue", "means.overdue", ("overdue",)),
        Definition("ui.state.running", "means.running", ("running",)),
        Definition("ui.state.withdrawn", "means.withdrawn", ("withdrawn",)),
        Definition("page.sla.unknown", "means.sla_unknown", ("unknown",)),
        Definition("sla.compliance", "means.compliance", ("compliance",), "met / (met + breached + overdue)"),
        Definition("page.sla.distribution", "page.sla.hours.rule", ("median_hours", "p90_hours")),
        Definition("means.working_time.name", "means.working_time"),
        Definition("page.sla.never_touched", "page.sla.never_touched.rule", ("never_touched",)),
        Definition("ui.col.queue_share", "means.queue", ("queued", "queue_share")),
        Definition("page.sla.undated", "means.undated", ("undated",)),
        Definition("page.sla.waiting", "page.sla.waiting.rule"),
        Definition("page.sla.target", "page.sla.target.rule"),
        Definition("page.sla.bands", "page.sla.bands.rule"),
    ),
    "sla",
    ("sla",),
    ("sla",),
)
TODAY = Section(
    "page.today.title",
    (
        Definition("page.today.in_time", "page.today.in_time.rule"),
        Definition("page.sla.never_touched", "page.today.never_touched.rule"),
        Definition("page.today.accepted", "page.today.accepted.rule"),
        Definition("page.today.sent_back", "page.today.sent_back.rule"),
        Definition("means.promised_leads.name", "page.today.promise.pace"),
        Definition("means.promised_acceptance.name", "page.today.promise.accepted"),
        Definition("means.promised_follow_up.name", "page.today.promise.follow_up"),
        Definition("page.today.response", "page.today.response.rule"),
        Definition("page.today.leak", "page.today.leak.rule"),
        Definition("page.today.engine", "page.today.engine.rule"),
    ),
    "today",
    ("report",),
    ("report",),
)
SCORING = Section(
    "page.scoring.title",
    (
        Definition("score.col.score", "means.score", ("score",)),
        Definition("score.col.light", "means.light", ("light",)),
        Definition("means.quality_order.name", "page.scoring.quality.rule.area"),
        Definition("means.quality_rate.name", "page.scoring.quality.rule.rate"),
        Definition("means.quality_forecast.name", "page.scoring.quality.rule.error"),
    ),
    "scoring",
    ("score", "scoring quality"),
    ("scoring", "scoring-quality"),
)
SECTIONS = (COUNTED, FUNNEL, FLOW, MONEY, VELOCITY, SLA, TODAY, SCORING)


def of_page(page: str) -> list[Section]:
    """What a page's numbers are called and how they are counted, its own first; empty where it shows none."""
    own = [section for section in SECTIONS if section.page == page]
    return [*own, COUNTED] if own else []
