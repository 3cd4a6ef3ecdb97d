"""The six classic errors as lights. What cannot be known is unknown, never green.

Not here: the rules that find them (leadpact/audit), how a light is drawn (today_view.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from leadpact.audit import Audit, Finding
from leadpact.audit.facts import counting
from leadpact.language import Text
from leadpact.metrics.quarrel import Quarrel
from leadpact.model import CONTACT, LEAD
from leadpact.workspace import Analysis

State = Literal["good", "attention", "bad", "unknown"]
# the rules the lights are about: an audit for them need not run others
RULES = frozenset({"DEF01", "DEF02", "STA01", "STA02", "STA11", "STA15", "CON01", "CON02", "CON03",
                   "SCO01", "SCO02", "SCO03", "SCO04", "SLA01", "SLA02", "SLA03"})  # fmt: skip


@dataclass(frozen=True)
class Light:
    """One classic error: whether it is there, in words with numbers, and where to look."""

    name: str
    state: State
    text: Text
    page: str = "findings"
    rule: str | None = None


def all_six(analysis: Analysis, result: Audit, quarrel: Quarrel) -> list[Light]:
    """In the order in which they are best repaired. `result` holds the findings that count, of RULES at least."""
    counts = _counts(analysis)
    return [
        _definition(analysis, result),
        _bought(result, counts),
        _actions(result, counts),
        _contacts(result, counts),
        _scoring(analysis, result),
        _sla(analysis, result, quarrel),
    ]


def _light(name: str, state: State, variant: str, page: str = "findings", **params: object) -> Light:
    return Light(name, state, Text.of(f"ui.light.{name}.{variant}", **params), page=page)


def _found(name: str, state: State, variant: str, rule: str, **params: object) -> Light:
    """A light whose number is that of a rule's findings, to which it leads."""
    return Light(name, state, Text.of(f"ui.light.{name}.{variant}", **params), rule=rule)


def _definition(analysis: Analysis, result: Audit) -> Light:
    """DEF01 and DEF02."""
    used = analysis.used
    if not used.in_force:
        return _found("definition", "bad", "bad", "DEF01")
    late = _of(result, "DEF02")
    if late:
        return _found("definition", "attention", "late", "DEF02", since=_day(late[0]), number=used.version)
    return _light("definition", "good", "good", page="definition", number=used.version)


def _bought(result: Audit, counts: Mapping[str, int]) -> Light:
    """STA11: no status says "never interacted", or imported people stand past it; STA15: they are worked like leads."""
    found = _of(result, "STA11")
    placed = sum(one.records for one in found)
    if placed:
        return _found("bought", "bad", "bad", "STA11", records=Text.of("ui.people.count", count=placed))
    if found:
        return _found("bought", "bad", "no_value", "STA11")
    worked = _of(result, "STA15")
    if worked:
        records = Text.of("ui.people.count", count=max(one.records for one in worked))
        return _found("bought", "attention", "worked", "STA15", records=records)
    if not counts.get(LEAD) or not _checked(result, "STA11"):
        return _light("bought", "unknown", "unknown")
    return _light("bought", "good", "good", number=counts[LEAD])


def _actions(result: Audit, counts: Mapping[str, int]) -> Light:
    """STA01 and STA02."""
    found = [*_of(result, "STA01"), *_of(result, "STA02")]
    if found:
        records = sum(one.records for one in found)
        values = Text.of("ui.light.values", count=len(found))
        people = Text.of("ui.people.count", count=records)
        return _found("actions", "bad" if records else "attention", "bad", found[0].code, values=values, records=people)
    if not counts or not _checked(result, "STA01") or not _checked(result, "STA02"):
        return _light("actions", "unknown", "unknown")
    return _light("actions", "good", "good", number=sum(counts.values()))


def _contacts(result: Audit, counts: Mapping[str, int]) -> Light:
    """CON01 to CON03. Without contacts, or without deals to know customers by, nobody can say it is in order."""
    number = counts.get(CONTACT, 0)
    if not number:
        return _light("contacts", "unknown", "none")
    if _of(result, "CON01"):
        return _found("contacts", "bad", "bad", "CON01", number=number)
    won, blank = ([one for one in _of(result, code) if one.object == CONTACT] for code in ("CON03", "CON02"))
    if won:
        return _found("contacts", "bad", "won", "CON03", count=sum(one.records for one in won))
    if blank:
        return _found("contacts", "attention", "attention", "CON02", count=sum(one.records for one in blank))
    known = _checked(result, "CON01") and _checked(result, "CON02")
    variant = "unknown" if not known else "good" if _checked(result, "CON03") else "no_deals"
    return _light("contacts", "good" if variant == "good" else "unknown", variant, number=number)


def _scoring(analysis: Analysis, result: Audit) -> Light:
    """SCO01 to SCO04. When scoring was last reviewed is known by the signatures on the version in force."""
    rules = len(analysis.pact.scoring.rules)
    if not rules:
        return _light("scoring", "unknown", "no_rules", page="definition")
    late = _of(result, "SCO01")
    if late:
        state: State = "bad" if late[0].severity != "info" else "attention"
        return _found("scoring", state, "bad", "SCO01", since=_day(late[0]), number=rules)
    fault = _of_the_score(result, rules)
    if fault is not None:
        return fault
    if not analysis.used.in_force or not _checked(result, "SCO01"):
        return _light("scoring", "unknown", "unknown", page="definition")
    return _light("scoring", "good", "good", page="definition", number=rules)


def _of_the_score(result: Audit, rules: int) -> Light | None:
    """A score that is blind, has idle rules, or is not what the CRM shows: SCO03, SCO02, SCO04."""
    blind = _of(result, "SCO03")
    if blind:
        return _found("scoring", "attention", "blind", "SCO03", count=sum(one.records for one in blind))
    idle = _of(result, "SCO02")
    if idle:
        return _found("scoring", "attention", "idle", "SCO02", count=len(idle), number=rules)
    other = [one for one in _of(result, "SCO04") if one.severity != "info"]
    if other:
        return _found("scoring", "attention", "other", "SCO04", count=sum(one.records for one in other))
    return None


def _sla(analysis: Analysis, result: Audit, quarrel: Quarrel) -> Light:
    """SLA01 to SLA03."""
    if not analysis.pact.sla:
        return _found("sla", "bad", "no_policy", "SLA01")
    unmeasured = _of(result, "SLA02")
    if unmeasured or analysis.tables.history == "none":
        variant = "no_history" if analysis.tables.history == "none" else "unmeasured"
        return _found("sla", "bad", variant, "SLA02", count=sum(one.records for one in unmeasured))
    waiting = sum(one.records for one in _of(result, "SLA03"))
    if waiting:
        return _found("sla", "attention", "waiting", "SLA03", count=waiting)
    if "activity" not in analysis.tables.provided:
        return _light("sla", "attention", "no_activities", page="sla")
    if not quarrel.clocks or not _checked(result, "SLA02"):
        return _light("sla", "unknown", "no_clocks", page="sla")
    return _light("sla", "good", "good", page="sla", count=quarrel.clocks)


def _counts(analysis: Analysis) -> Mapping[str, int]:
    """Records that count, by object; without one there is nothing to be in order."""
    record = counting(analysis.tables.record, analysis.pact)
    rows = record.group_by("object").aggregate(n=record.count()).to_pyarrow().to_pylist()
    return {row["object"]: int(row["n"]) for row in rows}


def _day(finding: Finding) -> Text | str:
    return finding.since.date().isoformat() if finding.since is not None else Text.of("ui.unknown")


def _of(result: Audit, code: str) -> Sequence[Finding]:
    if code not in RULES:
        raise KeyError(code)  # nobody ran it for a light
    return [one for one in result.findings if one.code == code]


def _checked(result: Audit, code: str) -> bool:
    """It is a rule of the lights, and this source gave what it needs."""
    return code in RULES and code not in {one.code for one in result.not_checked}
