"""The whole audit over companies nobody would want to meet, and over one in order.

Not here: what single rules find (tests/golden/rules), the worlds themselves (hostile_worlds.py).
"""

from __future__ import annotations

import functools
import json
import unicodedata
from collections import defaultdict
from typing import Any

import pytest

from leadpact import audit
from leadpact.audit.registry import every
from leadpact.audit.runner import keys as keys_of
from leadpact.audit.shown import END, HARMLESS, ISOLATE
from leadpact.language import Language
from leadpact.workspace import Analysis
from tests.audit_cases import world
from tests.clean_world import clean
from tests.hostile_worlds import HELD, WORLDS, hostile

LANGUAGES = [Language(code) for code in ("en", "es", "es_419")]
OPENED = 3  # findings of a rule whose people are asked for
LONGEST = 1200


@functools.cache
def opened(name: str) -> tuple[Analysis, audit.Audit]:
    analysis = world(WORLDS[name]())
    return analysis, audit.run(analysis)


def turned(case: Any) -> Any:
    """The same rows in the opposite order; steps of one record's history keep theirs."""
    return {key: _turned(key, value) for key, value in case.items()}


def _turned(key: str, value: Any) -> Any:
    if key == "picklist":
        return {object: own[::-1] for object, own in value.items()}
    if key in ("leads", "contacts", "history", "owners"):
        return dict(reversed(value.items()))
    return value[::-1] if isinstance(value, list) else value


@pytest.mark.parametrize("name", WORLDS)
def test_every_finding_is_one_of_its_kind_and_plain_data(name: str) -> None:
    _, found = opened(name)
    identities = [finding.identity for finding in found.findings]
    assert len(identities) == len(set(identities))
    assert {finding.code for finding in found.findings} <= {rule.code for rule in every()}
    for finding in found.findings:
        assert finding.records >= 0
        json.dumps(finding.evidence, default=str, allow_nan=False)


@pytest.mark.parametrize("name", WORLDS)
def test_whatever_the_values_say_the_words_are_harmless(name: str) -> None:
    _, found = opened(name)
    for language in LANGUAGES:
        for row in [*found.as_json(language), *({"message": language.text(n.message)} for n in found.not_checked)]:
            for part in ("message", "suggestion"):
                said = row.get(part, "-")
                assert said and len(said) < LONGEST, row
                strange = [char for char in said if not char.isprintable() and char not in {*HARMLESS, ISOLATE, END}]
                assert strange == [], (row["code"], part, [unicodedata.name(char, ascii(char)) for char in strange])
                assert said.count(ISOLATE) == said.count(END)


@pytest.mark.parametrize("name", WORLDS)
def test_the_people_behind_a_finding_are_those_it_counts(name: str) -> None:
    analysis, found = opened(name)
    by_rule: dict[tuple[str, str], list[audit.Finding]] = defaultdict(list)
    for finding in found.findings:
        by_rule[(finding.code, finding.message.key)].append(finding)
    for own in by_rule.values():
        for finding in (*own[:OPENED], *own[OPENED:][-1:]):
            keys = keys_of(analysis, finding).to_pyarrow().to_pylist()
            assert len(keys) == finding.records, finding.identity
            assert len({tuple(row.values()) for row in keys}) == len(keys)


@pytest.mark.parametrize("name", ["hostile", "codes", "clean"])
def test_the_order_of_rows_is_irrelevant(name: str) -> None:
    _, found = opened(name)
    again = audit.run(world(turned(WORLDS[name]())))
    assert again.not_checked == found.not_checked
    assert [finding.identity for finding in again.findings] == [finding.identity for finding in found.findings]
    assert again.findings == found.findings


def test_the_hostile_company_is_judged_at_a_past_moment_too() -> None:
    analysis = world({**hostile(), "as_of": "2026-01-20"})
    found = audit.run(analysis)
    assert len(found.findings) > len(HELD)
    for finding in found.findings[:: len(found.findings) // 10]:
        assert keys_of(analysis, finding).count().execute() == finding.records, finding.identity


def test_a_strange_value_is_carried_as_the_crm_holds_it() -> None:
    analysis, found = opened("hostile")
    unmapped = {finding.value for finding in found.findings if finding.code == "STA09" and finding.object == "lead"}
    mapped = set(analysis.pact.status_map.lead)
    says = {value for value in HELD if value.strip("\u200b\u3000 \t\u00a0")}
    assert says - mapped <= unmapped


def test_invisible_values_are_blank_and_no_value_of_their_own() -> None:
    _, found = opened("hostile")
    assert not {finding.value for finding in found.findings} & {"", "\t", "\u00a0", "\u200b", "\u3000"}
    (blank,) = (finding for finding in found.findings if finding.code == "STA13" and finding.object == "lead")
    assert blank.records >= 3


def test_a_company_in_order_hears_nothing() -> None:
    _, found = opened("clean")
    assert [(one.identity, LANGUAGES[0].text(one.message)) for one in found.findings] == []


def test_a_company_in_order_is_looked_at_by_nearly_every_rule() -> None:
    _, found = opened("clean")
    assert {one.code for one in found.not_checked} <= {"SCO02", "SCO03", "SCO04", "EVI02"}
    messy = {**clean(), "in_force": False}
    assert [one.code for one in audit.run(world(messy), codes=["DEF01", "DEF02"]).findings] == ["DEF01"]


def test_an_empty_crm_hears_of_its_definition_only() -> None:
    _, found = opened("nothing")
    assert [finding.code for finding in found.findings] == ["DEF01"]
