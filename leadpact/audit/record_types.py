"""One rule over the lead processes of a company: each record type judged alone, and what is the same said once.

Not here: what a rule finds (rules), the counts by record type (counts.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import TYPE_RECORDS, Found, Rule

Settings = Mapping[str, float]
Parts = Mapping[str, Facts]


def check(rule: Rule, facts: Facts, pact: Pact, as_of: datetime, settings: Settings) -> Sequence[Found]:
    """What the rule finds, of each record type where it judges by it and an object has several.

    A finding that holds for every record type concerned, and is as severe in each, is one
    finding of the object, as the rule tells it of all types together, with `record_types`
    (records by type) as evidence. Others stand apart, each with its `record_type`. A value that
    no type large enough knows is judged with the object as a whole.
    """
    given = options(settings)
    whole = rule.check(facts, pact, as_of, **given)
    types = facts.types(int(settings[TYPE_RECORDS])) if rule.per_record_type else {}
    findings = [one for one in whole if one.object not in types]
    for object, names in types.items():
        parts = {name: facts.of_type(object, name) for name in names}
        of_type = {name: _by_value(rule.check(part, pact, as_of, **given), object) for name, part in parts.items()}
        of_whole = _by_value(whole, object)
        for value in sorted({*of_whole}.union(*of_type.values()), key=lambda value: (value is not None, value or "")):
            apart = {name: own[value] for name, own in of_type.items() if value in own}
            findings += _settled(object, value, of_whole.get(value), apart, parts)
    return findings


def options(settings: Settings) -> dict[str, float]:
    """The options that the rule itself takes."""
    return {name: value for name, value in settings.items() if name != TYPE_RECORDS}


def _settled(
    object: str, value: str | None, whole: Found | None, apart: Mapping[str, Found], parts: Parts
) -> list[Found]:
    """One finding of the whole where all types concerned agree with it; else those of the types."""
    concerned = _concerned(object, value, apart, parts)
    if whole is not None and not concerned:
        return [whole]
    as_bad = len({one.severity for one in apart.values()}) == 1
    if whole is not None and as_bad and concerned <= set(apart):
        told = {name: one.records for name, one in apart.items()}
        return [replace(whole, evidence={"record_types": told, **whole.evidence})]
    return [replace(one, record_type=name) for name, one in apart.items()]


def _concerned(object: str, value: str | None, apart: Mapping[str, Found], parts: Parts) -> set[str]:
    """The types that could have the finding: that hold the value; where nobody does, that are offered it."""
    if value is None:
        return set(parts)
    known = {name: part.by_key[(object, value)] for name, part in parts.items() if (object, value) in part.by_key}
    held = {name for name, one in known.items() if one.records}
    return held if any(one.records for one in apart.values()) else set(known)


def _by_value(found: Sequence[Found], object: str) -> dict[str | None, Found]:
    return {one.value: one for one in found if one.object == object}
