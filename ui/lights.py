"""The six classic errors as lights. What cannot be known is unknown, never green.

Not here: the rules that find them (leadpact/audit), how a light is drawn (today_view.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from leadpact.audit import Audit, Finding
from leadpact.audit.registry import every
from leadpact.language import Text
from leadpact.metrics.quarrel import Quarrel
from leadpact.workspace import Analysis

State = Literal["good", "attention", "bad", "unknown"]


@dataclass(frozen=True)
class Light:
    """One classic error: whether it is there, in words with numbers, and where to look."""

    name: str
    state: State
    text: Text
    page: str = "findings"
    rule: str | None = None


def all_six(analysis: Analysis, result: Audit, quarrel: Quarrel) -> list[Light]:
    """In the order in which they are best repaired."""
    return [
        _definition(analysis),
        _bought(analysis, result),
        _actions(result),
        _contacts(analysis, result),
        _scoring(analysis, result),
        _sla(analysis, quarrel),
    ]


def _light(name: str, state: State, variant: str, **params: object) -> Light:
    return Light(name, state, Text.of(f"ui.light.{name}.{variant}", **params))


def _definition(analysis: Analysis) -> Light:
    used = analysis.used
    if used.in_force:
        light = _light("definition", "good", "good", number=used.version)
    else:
        light = _light("definition", "bad", "bad")
    return Light(light.name, light.state, light.text, page="definition")


def _bought(analysis: Analysis, result: Audit) -> Light:
    """STA11 where the audit has it; else whether any value says "never interacted" at all."""
    if _checked(result, "STA11"):
        return _from_findings("bought", result, "STA11")
    untouched = analysis.pact.keys("untouched")
    mapped = {*analysis.pact.status_map.lead.values(), *analysis.pact.status_map.contact.values()}
    if not mapped.intersection(untouched):
        return Light("bought", "bad", Text.of("ui.light.bought.no_value"), page="definition")
    return _light("bought", "unknown", "unknown")


def _actions(result: Audit) -> Light:
    return _from_findings("actions", result, "STA01")


def _contacts(analysis: Analysis, result: Audit) -> Light:
    contacts = analysis.tables.record.filter(analysis.tables.record.object == "contact").limit(1).count().execute()
    if not contacts:
        return _light("contacts", "unknown", "none")
    if _of(result, "CON01"):
        return Light("contacts", "bad", Text.of("ui.light.contacts.bad"), rule="CON01")
    blank = _of(result, "CON02")
    if blank:
        text = Text.of("ui.light.contacts.attention", count=sum(one.records for one in blank))
        return Light("contacts", "attention", text, rule="CON02")
    known = _checked(result, "CON01") and _checked(result, "CON02")
    return _light("contacts", "good" if known else "unknown", "good" if known else "unknown")


def _scoring(analysis: Analysis, result: Audit) -> Light:
    """Nothing but SCO01 knows when scoring was last reviewed."""
    if _checked(result, "SCO01"):
        return _from_findings("scoring", result, "SCO01")
    variant = "unknown" if analysis.pact.scoring.rules else "no_rules"
    light = _light("scoring", "unknown", variant)
    return Light(light.name, light.state, light.text, page="definition")


def _sla(analysis: Analysis, quarrel: Quarrel) -> Light:
    if not analysis.pact.sla:
        light = _light("sla", "bad", "no_policy")
    elif analysis.tables.history == "none":
        light = _light("sla", "bad", "no_history")
    elif "activity" not in analysis.tables.provided:
        light = _light("sla", "attention", "no_activities")
    elif not quarrel.clocks:
        light = _light("sla", "unknown", "no_clocks")
    else:
        light = _light("sla", "good", "good", count=quarrel.clocks)
    return Light(light.name, light.state, light.text, page="sla")


def _from_findings(name: str, result: Audit, code: str) -> Light:
    found = _of(result, code)
    if not _checked(result, code):
        return _light(name, "unknown", "unknown")
    if not found:
        return _light(name, "good", "good")
    records = sum(one.records for one in found)
    values = Text.of("ui.light.values", count=len(found))
    text = Text.of(f"ui.light.{name}.bad", values=values, records=Text.of("ui.people.count", count=records))
    return Light(name, "bad" if records else "attention", text, rule=code)


def _of(result: Audit, code: str) -> Sequence[Finding]:
    return [one for one in result.findings if one.code == code]


def _checked(result: Audit, code: str) -> bool:
    """The audit has this rule, and this source gave what it needs."""
    return code in {rule.code for rule in every()} and code not in {one.code for one in result.not_checked}
