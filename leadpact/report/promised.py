"""Each promise of the month in words: who promised what, what was done, and whether that keeps it.

Not here: the numbers (leadpact/metrics/promises.py), how they are laid out (page.py, ui/today_promises.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from config.schema import Pact
from leadpact.language import Language
from leadpact.metrics.funnel import SMALL
from leadpact.metrics.promises import Accepted, FollowUp, Pace, Promises, State

Name = Literal["pace", "accepted", "follow_up"]


@dataclass(frozen=True)
class Line:
    """One promise. `bar` and `mark` (what is due, or promised) are lengths from 0 to 100; no mark: null."""

    name: Name
    team: str
    promise: str
    value: str
    text: str
    state: State
    verdict: str
    bar: float
    mark: float | None


def lines(found: Promises, pact: Pact, lang: Language) -> list[Line]:
    """The promises the pact makes, Marketing's first."""
    made: list[Line] = []
    if found.pace is not None:
        made.append(_pace(found.pace, found.elapsed, lang))
    if found.accepted is not None:
        made.append(_accepted(found.accepted, lang))
    if found.follow_up is not None:
        made.append(_follow_up(found.follow_up, pact, lang))
    return made


def _pace(one: Pace, elapsed: float, lang: Language) -> Line:
    text = lang("report.pace.text", expected=lang.number(one.expected), share=lang.percent(elapsed, 0))
    if one.unknown:
        text += " " + lang("report.pace.unknown", count=one.unknown)
    value = lang("ui.unknown") if one.state == "unknown" else lang.number(one.so_far)
    promise, verdict = lang("report.pace.promise", count=one.promised), lang(f"report.state.{one.state}")
    return Line("pace", lang("team.marketing"), promise, value, text, one.state, verdict,
                _length(one.so_far, one.promised), 100 * elapsed)  # fmt: skip


def _accepted(one: Accepted, lang: Language) -> Line:
    promise = lang("report.accepted.promise", share=lang.percent(one.promised, 0))
    text = lang("report.accepted.text", part=one.accepted, count=one.decided, pending=one.pending)
    if one.ci_low is not None:
        text += " " + lang("report.interval", low=lang.percent(one.ci_low, 0), high=lang.percent(one.ci_high, 0))
    if one.unknown:
        text += " " + lang("report.accepted.unknown", count=one.unknown)
    value = lang("ui.unknown") if one.rate is None else lang.percent(one.rate) + _few(one.decided)
    return Line("accepted", lang("team.marketing"), promise, value, text, one.state, lang(f"report.state.{one.state}"),
                100 * (one.rate or 0), 100 * one.promised)  # fmt: skip


def _follow_up(one: FollowUp, pact: Pact, lang: Language) -> Line:
    hours = next(policy.target.hours for policy in pact.sla if policy.id == one.policy)
    text = lang("report.follow_up.text", part=one.met, count=one.due, late=one.breached + one.overdue,
                running=one.running)  # fmt: skip
    if one.unknown:
        text += " " + lang("report.follow_up.unknown", count=one.unknown)
    value = lang("ui.unknown") if one.compliance is None else lang.percent(one.compliance) + _few(one.due)
    return Line("follow_up", lang("team.sales"), lang("report.follow_up.promise", hours=hours), value, text, one.state,
                lang(f"report.state.{one.state}"), 100 * (one.compliance or 0), None)  # fmt: skip


def _few(count: int) -> str:
    return " *" if count < SMALL else ""


def _length(part: float, whole: float) -> float:
    return 100 * min(1.0, part / whole) if whole else 100.0
