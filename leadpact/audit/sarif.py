"""Findings as SARIF 2.1.0, which code hosts and editors read: rules, results, stable fingerprints.

A status value lies in no file: its place is the field as a logical location, and a made-up
address beside it, because some readers refuse a result without one.

Not here: what is found (runner.py), what counts (suppression.py, baseline.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from leadpact.audit.baseline import Accepted, State
from leadpact.audit.identity import Identity
from leadpact.audit.registry import every
from leadpact.audit.rule import Finding, NotChecked, Rule, Severity
from leadpact.audit.shown import shown
from leadpact.audit.suppression import SortedOut, Suppression
from leadpact.language import Language

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
STATES: Mapping[State, str] = {"new": "new", "worse": "updated", "known": "unchanged"}
# the second is the one GitHub goes by
FINGERPRINTS = ("leadpactIdentity/v1", "primaryLocationLineHash")
_PLACEHOLDER = re.compile(r"\{(\d+)\}")


def document(
    say: Language,
    connection: str,
    found: SortedOut,
    not_checked: Sequence[NotChecked],
    states: Mapping[str, State] | None = None,
    resolved: Sequence[Accepted] = (),
) -> dict[str, Any]:
    """The log of one run. `states` are by fingerprint, null without a baseline."""
    rules = every()
    places = {rule.code: place for place, rule in enumerate(rules)}
    results = [_result(say, connection, one, places, states) for one in found.counted]
    for one, why in found.aside:
        results.append({**_result(say, connection, one, places, states), "suppressions": [_suppression(why)]})
    results += [_gone(say, connection, one, places) for one in resolved]
    run = {
        "tool": {"driver": {"name": "LeadPact", "language": say.code[:2], "rules": [_rule(say, one) for one in rules]}},
        "automationDetails": {"id": f"leadpact/{connection}/"},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "note", "message": _message(f"{one.code}: {say.text(one.message)}"),
                     "associatedRule": {"id": one.code}}
                    for one in not_checked
                ],
            }
        ],
        "results": results,
    }  # fmt: skip
    return {"$schema": SCHEMA, "version": VERSION, "runs": [run]}


def _rule(say: Language, rule: Rule) -> dict[str, Any]:
    def text(part: str) -> str:
        return say(f"rule.{rule.code}.{part}")

    lines = [f"{say('rules.bad')}: {text('bad')}", f"{say('rules.good')}: {text('good')}"]
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": text("title")},
        "fullDescription": {"text": text("reason")},
        "help": {"text": "\n".join((*lines, f"{say('rules.fix')}: {text('fix')}"))},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": list(rule.groups)},
    }


def _result(
    say: Language,
    connection: str,
    finding: Finding,
    places: Mapping[str, int],
    states: Mapping[str, State] | None,
) -> dict[str, Any]:
    identity = Identity.of(finding)
    result = {
        **_place(connection, identity, places),
        "level": LEVELS[finding.severity],
        "message": _message(f"{say.text(finding.message)} {say.text(finding.suggestion)}".strip()),
        "properties": {"records": finding.records, **identity.as_json()},
    }
    state = states.get(identity.fingerprint) if states is not None else None
    return {**result, "baselineState": STATES[state]} if state is not None else result


def _gone(say: Language, connection: str, one: Accepted, places: Mapping[str, int]) -> dict[str, Any]:
    code = one.identity.code
    title = say(f"rule.{code}.title") if say.has(f"rule.{code}.title") else code
    value = shown(one.identity.value)
    return {
        **_place(connection, one.identity, places),
        "level": "none",
        "kind": "pass",
        "message": _message(f"{title}: {value}" if value else title),
        "properties": {"records": 0, **one.identity.as_json()},
        "baselineState": "absent",
    }


def _place(connection: str, identity: Identity, places: Mapping[str, int]) -> dict[str, Any]:
    address = "/".join(("crm", quote(connection, safe=""), quote(identity.object or "process", safe="")))
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": address}, "region": {"startLine": 1}},
    }
    if identity.value:
        parts = [identity.object or "", identity.record_type or "", "status", identity.value]
        logical = {"name": identity.value, "fullyQualifiedName": "/".join(part for part in parts if part)}
        location["logicalLocations"] = [logical]
    place = {"ruleIndex": places[identity.code]} if identity.code in places else {}
    return {
        "ruleId": identity.code,
        **place,
        "locations": [location],
        "partialFingerprints": dict.fromkeys(FINGERPRINTS, identity.fingerprint),
    }


def _suppression(why: Suppression) -> dict[str, Any]:
    return {
        "kind": "external",
        "status": "accepted",
        "justification": why.reason,
        "properties": {"author": why.author, "until": why.until.isoformat()},
    }


def _message(text: str) -> dict[str, str]:
    """A value of the CRM is neither a link nor a placeholder."""
    return {"text": _PLACEHOLDER.sub(r"{{\1}}", text).replace("](", "] (")}
