"""What the varying part of a built catalogue key may be: `table.{}` is one of these tables.

BUILT are finite sets, taken from the code where it names them: each must have its text. OPEN
are parts that come from data or from many places; why stands beside each. A pattern in code
that is in neither fails a test.

Not here: finding the patterns (catalogue_keys.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

from config.document import default
from config.members import ROLES
from config.parts import Op, StageKind
from config.schema import Pact
from config.teamwork import SECTIONS
from config.versions import Door, Team
from connectors import REGISTRY
from leadpact import admission, coverage, crm_facts, model, pact_diff, pact_diff_parts, pact_diff_words, trail
from leadpact.audit import baseline, money, protected, steps, valuemap, valuemap_check, valuemap_file
from leadpact.audit.classifier.verdict import KINDS
from leadpact.audit.registry import every
from leadpact.audit.rule import FIXES, SEVERITIES
from leadpact.commands import imports, proposal, scoring_rules, scoring_simulate
from leadpact.commands import members as members_command
from leadpact.commands import scoring_quality_rows as quality_rows
from leadpact.commands.sla import PEOPLE
from leadpact.commands.sla_views import VIEWS
from leadpact.mapping.described import ContentKind
from leadpact.mapping.document import DateForm
from leadpact.mapping.targets import TARGETS
from leadpact.maturity import completeness, criteria
from leadpact.meeting import facts as meeting_facts
from leadpact.metrics import (
    cohorts,
    compare,
    contribution,
    cycles,
    dimensions,
    paths,
    pipeline,
    pipeline_deals,
    promises,
    response,
    response_bands,
    response_waiting,
    sla,
)
from leadpact.metrics.funnel import MODES
from leadpact.report import audit_page
from leadpact.report.page import TITLES
from leadpact.scoring import basis, quality_rules, rule_checks, rule_people, versus
from leadpact.scoring import leaks as leaks_of_score
from leadpact.scoring.explain import Why
from leadpact.scoring.score import LIGHTS as LIGHTS_OF_SCORE
from leadpact.settings import Environment
from leadpact.sign_in_setup import PROVIDERS
from leadpact.signing_in import WAYS
from leadpact.writeback import difference, repair, repair_check, repair_list, repair_retire, targets
from leadpact.writeback import journal as writeback_journal
from leadpact.writeback import progress as plan_progress
from leadpact.writeback import review as plan_review
from leadpact.writeback import setup as writeback_setup
from leadpact.writeback.plan import KINDS as writeback_kinds
from ui import (
    connection_samples,
    definition_compare,
    definition_routing,
    findings_imports,
    guide,
    guide_terms,
    sample_files,
    velocity_charts,
)
from ui.registry import GROUPS, PAGES

SAID = ("title", "reason", "bad", "good", "fix")
RULES = [rule.code for rule in every()]
COLUMNS = {column.name for target in TARGETS.values() for column in target.columns}
STEPS = {stage.buyer_step for stage in default("en").stages if stage.buyer_step}
LIGHTS = ("definition", "bought", "actions", "contacts", "scoring", "sla")

FLOW_WORDS = (
    "from", "to", "moves", "people", "share", "loops", "agreed", "undated", "start", "entered", "left", "end",
    "unknown", "entries", "reentries", "people_again", "same_journey", "rate_again", "stage", "path", "times",
    "share_of_all", "ends",
)  # fmt: skip

SALESFORCE_MAKES = (
    "field", "exists", "exists_unseen", "choices", "choices_shared", "retire", "retire_shared", "nothing",
)  # fmt: skip
SALESFORCE_MAKES_NOT = (
    "bad_name", "no_values", "other_kind", "no_since", "no_object", "no_field", "no_choice", "standard_elsewhere",
    "clash", "no_value", "default", "converted", "last", "last_converted", "no_permission",
)  # fmt: skip

WRITEBACK = (*targets.PURPOSES, targets.STATUS)
FIGURES = ("records", "planned", "written", "conflicts", "failed", "unknown", "left")

BUILT: Mapping[str, Iterable[str | tuple[str, str]]] = {
    "simulate.was.{}": (*LIGHTS_OF_SCORE, "none"),
    "simulate.is.{}": (*LIGHTS_OF_SCORE, "none"),
    "simulate.{}": ("before", "after"),
    "simulate.unused.{}": ("before", "after"),
    "simulate.col.{}": (
        "was",
        "rule",
        "more",
        "fewer",
        "points",
        "threshold",
        "per_week",
        "advice",
        *scoring_simulate.HEADS,
    ),
    "page.scoring.simulate.{}": versus.SIDES,
    "page.scoring.simulate.talk.{}": versus.SIDES,
    "page.definition.catch.up.{}": ("mine", "theirs"),
    "tick.{}": ("sync", "audit", "digest"),
    "digest.did.{}": ("sent", "failed", "planned"),
    "digest.{}.{}": [(which, stands) for which in ("accepted", "follow_up") for stands in ("behind", "ended")],
    "diff.{}": (pact_diff_parts.ADDED, pact_diff_parts.REMOVED),
    "diff.inside_{}": (pact_diff_parts.ADDED, pact_diff_parts.REMOVED),
    "diff.kind.{}": pact_diff_parts.KINDS,
    "diff.kinds.{}": pact_diff_parts.KINDS,
    "diff.plural.{}": pact_diff_parts.KINDS,
    "diff.section.{}": Pact.model_fields,
    "diff.field.{}": pact_diff_words.FIELDS,
    "diff.object.{}": pact_diff.OBJECTS,
    "diff.event.{}": pact_diff.EVENTS,
    "diff.value_{}": ("moved", "mapped", "unmapped"),
    "diff.event_{}": ("moved", "mapped", "unmapped"),
    "campaigns.part.{}": ("all", "responded", "without"),
    "campaigns.{}": ("part", "n", "converted", "rate", "interval", "difference", "difference_interval"),
    "connect.secret.{}": {secret for ways in WAYS.values() for way in ways for secret in way.secrets},
    "connect.way.{}": {way.name for ways in WAYS.values() for way in ways},
    "connect.way.{}.help": {way.name for ways in WAYS.values() for way in ways},
    "contribution.from.{}": contribution.CAME_FROM,
    "contribution.{}": ("from", "n", "share"),
    "cycles.kind.{}": cycles.KINDS,
    "cycles.{}": ("n", "open", "won", "lost", "p25_days", "median_days", "p75_days"),
    "page.funnel.pipeline.left.{}": ("out_of_scope", "undated", "times", "invalid", "early", "young"),
    "page.funnel.pipeline.missing.{}": ("opportunity", "campaign_touch"),
    "page.funnel.pipeline.range.{}": cycles.KINDS,
    "pipeline.part.{}": pipeline.PARTS,
    "pipeline.{}": ("currency", "deals", *pipeline_deals.STATES, "share", "count_only"),
    "audit.behaviour.by.{}": ("person", "integration", "unknown"),
    "audit.behaviour.{}": ("entered", "by", "stay", "next", "beside", "later", "won"),
    "audit.behaviour.{}.{}": [(what, level) for what in ("later", "won") for level in ("more", "fewer", "same")],
    "audit.group.{}": {group for rule in every() for group in rule.groups},
    "audit.needs.{}": {"history", *model.TABLES},
    "audit.protected.{}": [one.name for one in protected.categories()],
    "audit.after.{}": ("recycled", "disqualified", "won", "retained", "untouched", "none"),
    "audit.owner.{}": ("none", "unknown", "inactive", "queue"),
    "audit.records.{}": (*model.OBJECTS, model.OPPORTUNITY, "record"),
    "audit.touch.{}": model.TOUCH_KINDS,
    "audit.count.{}": SEVERITIES,
    "audit.money.{}": money.STATES,
    "audit.severity.{}": SEVERITIES,
    "audit.use.{}": ("stage", "ready", "question", "score", "routing", "list"),
    "audit.step.{}": steps.STEPS,
    "audit.step.{}.do": steps.STEPS,
    "audit.step.{}.why": steps.STEPS,
    "audit.step.state.{}": get_args(steps.State),
    "baseline.{}": baseline.STATES,
    "cohorts.{}": cohorts.UNITS,
    "compare.{}": compare.AGAINST,
    "versus.light.{}": (*LIGHTS_OF_SCORE, "none"),
    "comments.{}": ("resolve", "reopen"),
    "page.definition.compare.{}": (*definition_compare.KINDS, definition_compare.A, definition_compare.B),
    "cli.compare_{}": ("funnel", "velocity", "sla", "lights"),
    "engines.{}": (
        *("what", "by", "group", "stage", "cases", "here", "rest", "difference", "interval", "ratio", "q"),
        *("pace", "loss"),
    ),
    "flow.end_{}": paths.ENDS,
    "flow.{}": FLOW_WORDS,
    "meeting.col.{}": ("code", "title", "state", "opened", "facilitator", "people", "criterion", "difference"),
    "meeting.mode.{}": meeting_facts.MODES,
    "meeting.state.{}": ("open", "closed", "expired"),
    "score.col.{}": ("object", "record", "score", "light", "rule", "asks", "points"),
    "score.light.{}": (*LIGHTS_OF_SCORE, "unknown"),
    "score.why.{}": get_args(Why),
    "health.database.{}": ("ok", "none", "away", "newer"),
    "health.mirror.{}": ("ok", "unreadable", "old"),
    "trail.did.{}": trail.ACTIONS,
    "role.{}": ROLES,
    "role.{}.may": ROLES,
    "member.way.{}": admission.WAYS,
    "member.col.{}": members_command.HEAD,
    "page.people.setup.register.{}": tuple(PROVIDERS),
    "page.people.setup.own.{}": tuple(name for name, one in PROVIDERS.items() if one.own is not None),
    "page.people.setup.word.{}": ("client_id", "client_secret", "administrator"),
    "page.people.own.{}": ("teams", "territories"),
    "sign.refused.{}": admission.REASONS,
    "sign.over.{}": admission.SIGN_IN_AGAIN,
    "sign.elsewhere.{}": ("address", "client", "proxy", "host", "auth", "access", "restart"),
    "trail.{}": ("at", "actor", "action", "detail"),
    "scoring.col.{}": scoring_rules.HEAD,
    "scoring.level.{}": rule_checks.LEVELS,
    "scoring.op.{}": get_args(Op),
    "scoring.per.{}": ("once", "occurrence"),
    "page.scoring.hits.group.{}": rule_people.GROUPS,
    "leak.sign.{}": leaks_of_score.SIGNS,
    "files.no_{}": ("leads", "activities"),
    "quality.at.{}": ("stage", "entry"),
    "quality.{}.entry": ("at", "at_once"),
    "quality.{}.stage": ("at", "at_once"),
    "quality.auc.{}": ("reversed", "chance", "weak", "fair", "good", "too_good"),
    "quality.calibrated.{}": ("better", "worse"),
    "quality.col.{}": {
        *quality_rows.BANDS,
        *quality_rows.QUARTERS,
        *quality_rows.RULES,
        *quality_rows.LEAKS,
        *quality_rows.SUGGESTED,
    },
    "quality.fields.{}": basis.KNOWN,
    "quality.fit.{}": ("isotonic", "logistic"),
    "quality.moved.{}": ("none", "moderate", "large"),
    "quality.step.{}": ("rises", "falls", "level"),
    "quality.verdict.{}": quality_rules.VERDICTS,
    "suggest.beside.{}": ("better", "worse", "unclear"),
    "page.scoring.quality.fact.{}": ("young", "settled", "unknown", "invalid", "unscored"),
    "page.connection.samples.{}": ("sheet", "folder"),
    "page.connection.samples.{}.download": ("sheet", "folder"),
    "page.connection.samples.adds.{}": connection_samples.ADDS,
    "page.today.guide.{}": guide.VARIANTS,
    "page.today.guide.{}.go": guide.VARIANTS,
    "page.today.guide.{}.{}": [(name, one) for name, some in guide.VARIANTS.items() for one in some],
    "sample.header.{}": sample_files.HEADERS,
    "sample.source.{}": sample_files.SOURCES,
    "sample.status.{}": sample_files.STATUSES,
    "term.{}": guide_terms.NAMES,
    "term.{}.text": guide_terms.NAMES,
    "trends.{}": ("started", "won", "lost"),
    "cli.maturity.{}": ("area", "level", "missing", "seen", "field", "filled", "share"),
    "maturity.{}": criteria.AREAS,
    "maturity.area.{}": {name for areas in criteria.AREAS.values() for name in areas},
    "maturity.field.{}": completeness.FIELDS,
    "maturity.level.{}": [str(level) for level in criteria.LEVELS],
    "maturity.must.{}": {one.key for areas in criteria.AREAS.values() for own in areas.values() for one in own},
    "maturity.seen.{}": ("activities", "history", "version", "signed"),
    "maturity.seen.no_{}": ("activities", "history", "version", "signed"),
    "report.audit.{}": (
        "name",
        "severity",
        "object",
        "record_type",
        "value",
        "since",
        "finding",
        "advice",
        "evidence",
        *audit_page.TITLES,
        "open_amount",
        "won_amount",
    ),
    "files.reject.bad_{}": get_args(model.Kind),
    "imports.{}": imports.COLUMNS,
    "kind.{}": KINDS,
    "page.connection.unconfirmed.{}": ("salesforce", "airtable"),
    "page.findings.count.{}": SEVERITIES,
    "page.findings.{}": ("severity", "object", "rule", "record_type"),
    "page.findings.{}.all": ("severity", "object", "rule", "record_type"),
    "page.findings.imports.stands.{}": findings_imports.STANDS,
    "edit.op.{}": get_args(Op),
    "page.definition.channel.{}": definition_routing.CHANNELS,
    "page.definition.notify.{}": definition_routing.NOTIFY,
    "page.definition.part.{}": ("definition", *SECTIONS),
    "page.definition.review.{}": ("late", "soon"),
    "page.funnel.part.{}": ("converted", "pending", "lost", "mature", "unknown", "invalid", "untouched"),
    "page.sla.clock.{}": ("elapsed", "working"),
    "page.sla.out.{}": response_bands.PARTS[2:],
    "page.{}.title": [page.name for page in PAGES],
    "proposal.col.{}": (
        *proposal.COLUMNS,
        "policy",
        "untold",
        *(f"{of}{side}" for of in ("", "rate_", "hours_") for side in ("before", "after", "difference")),
    ),
    "proposal.col.rate_{}": ("before", "after", "difference"),
    "proposal.col.hours_{}": ("before", "after", "difference"),
    "proposal.effect.{}": ("values", "stages", "funnel", "velocity", "sla"),
    "proposal.fault.{}": valuemap_file.FAULTS,
    "proposal.how.{}": valuemap.HOW,
    "proposal.keep.{}": valuemap.KEEPS,
    "proposal.problem.{}": valuemap_check.PROBLEMS,
    "proposal.sure.{}": valuemap.SURE,
    "proposal.title.{}": ("proposal", "working", "file"),
    "proposal.untold.{}": ("open", "frozen", "silent"),
    "report.engine.{}": ("median", "mean"),
    "report.state.{}": get_args(promises.State),
    "report.t.{}": TITLES,
    "report.waiting.{}": response_waiting.URGENCIES,
    "rule.{}.bad": RULES,
    "rule.{}.good": RULES,
    "rule.{}.reason": RULES,
    "rule.{}.title": RULES,
    "rules.column.{}": ("code", "name", "severity", "finds"),
    "salesforce_write.make.{}": SALESFORCE_MAKES + SALESFORCE_MAKES_NOT,
    "salesforce_write.make.{}_remedy": SALESFORCE_MAKES_NOT,
    "setup.environment.{}": get_args(Environment),
    "setup.environment.{}.help": get_args(Environment),
    "setup.deal.{}": ("created", "won", "lost", "open"),
    "setup.evidence.{}": coverage.KINDS,
    "setup.evidence.{}.help": coverage.KINDS,
    "setup.form.{}": get_args(DateForm),
    "setup.kind.{}": (*get_args(ContentKind), "email"),
    "setup.object.{}": model.OBJECTS,
    "setup.objects.{}": model.OBJECTS,
    "setup.op.{}": get_args(Op),
    "setup.target.{}": (*TARGETS, "nowhere"),
    "setup.use.{}": ("custom", "status", "since"),
    "severity.{}": SEVERITIES,
    "sla.col.{}": {name for view in VIEWS.values() for name in view.columns} | set(PEOPLE),
    "sla.urgency.{}": response_waiting.URGENCIES,
    "sla.weekday.{}": [str(day) for day in range(7)],
    "sla.{}": (*sla.STATES, "compliance", "median_hours", "p90_hours"),
    "stage_kind.{}": get_args(StageKind),
    "ui.explain.{}": ("numerator", "denominator"),
    "table.{}": (*model.TABLES, "journey"),
    "team.{}": get_args(Team),
    "ui.dim.{}": (*dimensions.OWN, *dimensions.OF_OWNER, *dimensions.OF_TIME, "preferred_channel"),
    "ui.filter.{}.none": ("window", "anchor", "by", "owner", "team", "source", "country"),
    "ui.group.{}": GROUPS,
    "ui.history.{}": ("source", "observed", "none"),
    "ui.light.state.{}": ("good", "attention", "bad", "unknown"),
    "ui.light.{}": LIGHTS,
    "ui.light.{}.do": LIGHTS,
    "ui.light.{}.bad": ("bought", "actions", "scoring"),
    "ui.people.click.{}": ("bar", "deals", "number", "part", "point", "row"),
    "ui.mode.{}": MODES,
    "ui.object.{}": (*model.OBJECTS, model.OPPORTUNITY, "record"),
    "ui.open_{}": ("link", "page"),
    "ui.state.{}": (*sla.STATES, *response.ANSWERS, *response_waiting.URGENCIES, *pipeline_deals.STATES),
    "ui.sync.{}": ("derive", "rows"),
    "ui.table.{}": model.TABLES,
    "repair_values.col.{}": ("automation", "kind", "field", "how", "starts", "value", "records"),
    "repair_values.how.{}": get_args(crm_facts.How),
    "repair_values.kind.{}": (*get_args(crm_facts.AutomationKind), "all"),
    "repair_values.state.{}": repair_retire.OLD,
    "salesforce_write.may.{}": ("object", "field"),
    "salesforce_write.may.no_{}": ("object", "field"),
    "salesforce_write.may.no_{}_remedy": ("object", "field"),
    "writeback.apart.{}": {*difference.APART, *repair.APART, *crm_facts.BARRIERS},
    "repair.asked.{}": plan_progress.ASKS,
    "repair.col.{}": ("owner", "team", "records"),
    "repair.door.{}": get_args(Door),
    "repair.fault.{}": repair_check.FAULTS,
    "repair.fit.{}": plan_review.FITS[1:],
    "repair.line.{}": repair_list.FAULTS,
    "writeback.col.{}": (
        *("object", "purpose", "field", "state", "record_id", "before", "after", "plan", "kind", "at", "author"),
        *("planned", "written", "conflicts", "failed", "fills", "replaces", "empties", "made_at"),
    ),
    "writeback.event.{}": ("none", *writeback_journal.EVENTS),
    "writeback.fault.{}": ("gone", "kind", "read_only"),
    "writeback.help.{}": WRITEBACK,
    "writeback.kind.{}": writeback_kinds,
    "writeback.label.{}": WRITEBACK,
    "writeback.made.{}": ("made", "exists", "moved", "refused", "unknown"),
    "writeback.purpose.{}": WRITEBACK,
    "writeback.ran.{}": writeback_journal.STATES,
    "writeback.run.{}": writeback_journal.STATES,
    "writeback.state.{}": get_args(writeback_setup.State),
    "page.connection.writeback.figure.{}": FIGURES,
    "page.connection.writeback.figure.{}.help": FIGURES,
    "velocity.tick.{}": [name for _, name in (*velocity_charts.TICKS, *velocity_charts.BETWEEN)],
}

FALLS_BACK = "asks first whether there is a text, and shows the word itself where there is none"
IN_PLACE = "the parts stand in the calls beside it"
OPEN: Mapping[str, str] = {
    "classifier.rule.{}": "the rules' names stand where they decide; test_classifier holds them to the catalogue",
    "classifier.tag.{}": "the lexicon's tags; test_classifier holds them to the catalogue",
    "classifier.{}": IN_PLACE,
    "cli.{}": IN_PLACE,
    "files.problem.is_{}": IN_PLACE,
    "funnel.{}": IN_PLACE,
    "mapping.why.{}": IN_PLACE,
    "pact.twice_{}": IN_PLACE,
    "pact.unknown_{}": IN_PLACE,
    "page.{}.{}": "page.text itself: its keys are looked for one by one",
    "reach.{}": IN_PLACE,
    "velocity.{}": IN_PLACE,
    "scoring.field.{}": FALLS_BACK,
    "rule.{}.{}": "some rules have one message, others variants of it, named in the rule",
    "rule.{}.{}.{}": "a rule's variants of its message, named in the rule",
    "setup.col.{}": IN_PLACE,
    "setup.field.{}": FALLS_BACK,
    "setup.step.{}": FALLS_BACK,
    "setup.activity.{}": FALLS_BACK,
    "setup.type.{}": "the registry's types, below",
    "setup.{}.{}": FALLS_BACK,
    "ui.activity.{}": FALLS_BACK,
    "ui.col.{}": FALLS_BACK,
    "ui.evidence.{}": FALLS_BACK,
    "ui.evidence.{}.{}": FALLS_BACK,
    "ui.filter.{}": IN_PLACE,
    "ui.light.{}.{}": IN_PLACE,
}

# whose parts are themselves put together in the code
COMPOSED = {"classifier.{}", "rule.{}.{}.{}"}

# open above, but these at least must have a text
AT_LEAST: Mapping[str, Iterable[str | tuple[str, str]]] = {
    "rule.{}.{}": [(code, part) for code in RULES for part in SAID],
    "setup.activity.{}": model.ACTIVITY_KINDS,
    "setup.step.{}": STEPS,
    "setup.field.{}": COLUMNS,
    "setup.type.{}": REGISTRY,
}

# looks like a key and is none
NO_KEYS: Mapping[str, str] = {
    "airtable.com": "an address",
    "demo.sqlite": "a file",
    "meeting.id": "a column",
    "pact.db": "a file",
    "pact.yaml": "a file",
    "report.html.j2": "a file",
    "audit.html.j2": "a file",
    "maturity.md": "a file",
    "maturity.es.md": "a file",
    "rules.md": "a file",
    "rules.es.md": "a file",
    "lists.{}.stages": "a place in the pact",
    "sla.{}.starts": "a place in the pact",
    "sla.{}.stops.stages": "a place in the pact",
}

# entries of the audit trail look like keys; their texts stand under `trail.did.{}`
ON_RECORD = frozenset(trail.ACTIONS)

# in the catalogues, and not said by any code
UNSAID: Mapping[str, str] = {
    **{f"audit.fix.{fix}": "the page of fixes will say it" for fix in FIXES},
}
