"""The report as one HTML file: without scripts, without anything from elsewhere, one A4 page in print.

Every text goes through Jinja's escaping; the template only lays out what stands here.

Not here: the figures (gather.py), the sentences on leak and engine (sentences.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from leadpact.language import Language
from leadpact.metrics.funnel import SMALL, Step
from leadpact.metrics.velocity import StageVelocity
from leadpact.model import RECORD
from leadpact.pact_in_use import PactInUse
from leadpact.report.gather import Report
from leadpact.report.promised import lines
from leadpact.report.sentences import largest_leak, short, slowest_engine, stage_name

FOLDER = Path(__file__).resolve().parent
MOST_POLICIES = 4
# points of type, so that everything stands on one page: smaller with every row past the usual
TYPE, USUAL_ROWS, PER_ROW, SMALLEST, LINE = 8.6, 12, 0.16, 5.0, 120
FEW = " *"
TITLES = ("complaints", "promises", "funnel", "velocity", "sla", "waiting", "findings", "leak", "engine", "stage",
          "entered", "converted", "lost", "pending", "of_all", "of_previous", "mature", "median", "open", "spells",
          "policy", "in_sla", "late", "running")  # fmt: skip
PERSONAL, HIDDEN = {column.name for column in RECORD.columns if column.personal} | {"record_id", "person_id"}, "•••"


def html(report: Report, lang: Language) -> str:
    """The whole document, in the reader's language."""
    return template("report.html.j2").render(lang=lang.code.replace("_", "-"), **view(report, lang))


def file_name(report: Report) -> str:
    """`leadpact-2026-03-02.html`: of the day of its data in the pact's zone."""
    return f"leadpact-{(report.period.end - timedelta(days=1)).isoformat()}.html"


def view(report: Report, lang: Language) -> dict[str, Any]:
    """Everything the template shows: texts ready to be read, and lengths of bars from 0 to 100."""
    pact, funnel, speeds = report.used.pact, _funnel(report, lang), _velocity(report, lang)
    policies = [_policy(report, lang, place) for place in range(min(MOST_POLICIES, len(report.policies)))]
    leak = largest_leak(lang, pact, report.leak, days=report.leak_days, period_days=report.period.days)
    engine = slowest_engine(lang, pact, report.engine)
    title = lang("report.title", name=short(pact.name, 90))
    rows = len(funnel["rows"]) + max(len(speeds), len(policies) + 5)
    rows += (len(title) + len(leak) + len(engine)) // LINE + report.used.draft + bool(report.conditions)
    return {
        "t": {name: lang(f"report.t.{name}") for name in TITLES},
        "title": title,
        "standing": standing(report.used, lang),
        "draft": report.used.draft,
        "draft_text": lang("report.draft"),
        "about": _about(report, lang),
        "sales": _sales(report, lang),
        "marketing": _marketing(report, lang),
        "promises": lines(report.promises, pact, lang),
        "no_promises": lang("report.promises.none"),
        "month": lang("report.month", share=lang.percent(report.promises.elapsed, 0)),
        "funnel": funnel,
        "speeds": speeds,
        "policies": policies,
        "more_policies": max(0, len(report.policies) - MOST_POLICIES),
        "waiting": _waiting(report, lang),
        "leak": largest_leak(
            lang, report.used.pact, report.leak, days=report.leak_days, period_days=report.period.days
        ),
        "engine": slowest_engine(lang, report.used.pact, report.engine),
        "feet": _feet(report, lang),
        "points": round(max(SMALLEST, TYPE - PER_ROW * max(0, rows - USUAL_ROWS)), 2),
    }


@cache
def template(name: str) -> Template:
    """A template of this folder; every text it is given is escaped."""
    made = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return made.get_template(name)


def _span(lang: Language, first: date, end: date) -> str:
    return f"{lang.day(first)} – {lang.day(end - timedelta(days=1))}"


def standing(used: PactInUse, lang: Language) -> str:
    """`version 3 · in force`."""
    number = used.version
    version = lang("ui.pact.version", number=number) if number is not None else lang("ui.pact.unsaved")
    return f"{version} · {lang('ui.pact.in_force' if used.in_force else 'ui.pact.draft')}"


def _about(report: Report, lang: Language) -> list[str]:
    pact = report.used.pact
    found = [
        lang("report.period", span=_span(lang, report.period.start, report.period.end), count=report.period.days),
        lang("report.as_of", at=lang.moment(report.as_of, pact.zone), zone=pact.timezone),
    ]
    if report.conditions:
        found.append(lang("report.only", conditions=short(conditions(report.conditions, lang), 120)))
    return found


def conditions(given: Mapping[str, str], lang: Language) -> str:
    """The cut a report was made of; values that would name a person are hidden."""
    return ", ".join(f"{name} = {_condition(name, value, lang)}" for name, value in given.items())


def _condition(name: str, value: str, lang: Language) -> str:
    """The value asked for, unless it would name a person."""
    if not value:
        return lang("ui.unknown")
    return HIDDEN if name in PERSONAL else value


def _sales(report: Report, lang: Language) -> dict[str, Any]:
    found = report.complaints
    policy = next((one for one in report.used.pact.sla if one.id == found.policy), None)
    touched = lang("ui.unknown") if found.never_touched is None else lang.number(found.never_touched)
    says = [lang("report.never_touched", number=touched)] if policy else []
    text = lang("page.today.no_policy" if policy is None else "page.today.no_clocks")
    if policy is not None and found.in_time is not None:
        text = lang("report.in_time", hours=policy.target.hours, count=found.clocks)
    return {"complaint": lang("page.today.sales"), "value": _share(lang, found.in_time), "text": text,
            "more": says, "bar": _length(found.in_time)}  # fmt: skip


def _marketing(report: Report, lang: Language) -> dict[str, Any]:
    found = report.complaints
    text, more = lang("page.today.undecided"), []
    if found.decided:
        text = lang("report.accepted", part=found.accepted, count=found.decided)
        back = lang("report.sent_back", count=found.decided - found.accepted)
        more = [back]
        if found.first_reason is not None:
            more.append(lang("page.today.reason", reason=short(found.first_reason), count=found.first_reason_count))
    return {"complaint": lang("page.today.marketing"), "value": _share(lang, found.accepted_rate), "text": text,
            "more": more, "bar": _length(found.accepted_rate)}  # fmt: skip


def _funnel(report: Report, lang: Language) -> dict[str, Any]:
    steps, pact = report.funnel.steps, report.used.pact
    cohort = steps[0].entered if steps else 0
    return {
        "rows": [_step(step, lang, stage_name(lang, pact, step.stage), cohort) for step in steps],
        "empty": lang("report.funnel.none") if cohort == 0 else "",
        "note": lang("report.funnel.note", days=report.window_days),
    }


def _step(step: Step, lang: Language, name: str, cohort: int) -> dict[str, Any]:
    counts = {part: getattr(step, part) for part in ("converted", "pending", "lost")}
    mature = "–"
    if step.mature_rate is not None and step.ci_low is not None:
        mature = f"{lang.percent(step.mature_rate)} ({lang.percent(step.ci_low, 0)} – {lang.percent(step.ci_high, 0)})"
    few = FEW if step.mature_entered is not None and 0 < step.mature_entered < SMALL else ""
    return {
        "stage": name,
        **{part: lang.number(count) for part, count in counts.items()},
        "entered": lang.number(step.entered),
        "of_all": lang.percent(step.rate_of_first),
        "of_previous": lang.percent(step.rate_of_previous),
        "mature": mature + few,
        "bars": {part: _length(count / cohort if cohort else None) for part, count in counts.items()},
    }


def _velocity(report: Report, lang: Language) -> list[dict[str, Any]]:
    pact = report.used.pact
    worked = [stage.key for stage in pact.funnel if stage.kind != "won"]
    shown = [one for one in report.velocity.stages if one.stage in worked]
    longest = max((one.median_days or 0 for one in shown), default=0)
    return [_speed(one, lang, stage_name(lang, pact, one.stage), longest) for one in shown]


def _speed(one: StageVelocity, lang: Language, name: str, longest: float) -> dict[str, Any]:
    median = lang("report.not_reached") if one.median_days is None else _time(lang, one.median_days)
    return {"stage": name, "median": median + (FEW if one.n < SMALL else ""), "open": lang.number(one.n_open),
            "n": lang.number(one.n), "bar": _length((one.median_days or 0) / longest if longest else None)}  # fmt: skip


def _policy(report: Report, lang: Language, place: int) -> dict[str, Any]:
    one = report.policies[place]
    due = one.met + one.breached + one.overdue
    return {"policy": one.policy, "compliance": _share(lang, one.compliance) + (FEW if 0 < due < SMALL else ""),
            "late": lang.number(one.breached + one.overdue), "running": lang.number(one.running),
            "median": "–" if one.median_hours is None else _time(lang, one.median_hours / 24),
            "bar": _length(one.compliance)}  # fmt: skip


def _waiting(report: Report, lang: Language) -> list[tuple[str, str]]:
    if report.waiting is None:
        return []
    return [(lang(f"report.waiting.{name}"), lang.number(count)) for name, count in report.waiting.items()]


def _feet(report: Report, lang: Language) -> list[str]:
    funnel, pact = report.funnel, report.used.pact
    review = lang.day(report.next_review) if report.next_review else lang("page.today.review.none")
    return [
        lang("report.coverage", funnel=lang.percent(funnel.coverage), velocity=lang.percent(report.velocity.coverage)),
        lang("report.left_out", unknown=funnel.unknown, invalid=funnel.invalid, untouched=funnel.untouched,
             undated=report.velocity.unknown),
        lang("page.today.history", history=lang(f"ui.history.{report.history}"))
        + ("" if report.touches_read else " " + lang("report.touches_unread")),
        lang("report.stands_on", name=short(pact.name), standing=standing(report.used, lang), hash=pact.hash[:12],
             connection=report.connection, generation=str(report.generation), review=review),
        lang("report.few", count=SMALL),
    ]  # fmt: skip


def _time(lang: Language, days: float) -> str:
    """As people say it: from three days on, in days."""
    if days < 3:
        return lang("ui.hours", hours=lang.number(24 * days, 1))
    return lang("ui.days_short", days=lang.number(days, 1))


def _share(lang: Language, value: float | None) -> str:
    return lang("ui.unknown") if value is None else lang.percent(value)


def _length(share: float | None) -> float:
    return 0.0 if share is None else round(100 * min(1.0, max(0.0, share)), 2)
