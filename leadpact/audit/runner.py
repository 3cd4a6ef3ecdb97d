"""Runs the rules over an analysis, and opens a finding to the people behind it.

Not here: what the rules find (rules), suppression and history of findings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa

from leadpact.audit import behaviour, record_types
from leadpact.audit.facts import KEYS, Facts
from leadpact.audit.registry import chosen, find
from leadpact.audit.rule import HISTORY, SEVERITIES, Finding, Found, NotChecked, Rule
from leadpact.language import Language
from leadpact.tables import Table, with_owner
from leadpact.workspace import Analysis

Options = Mapping[str, Mapping[str, Any]]
EXPLAINED = pa.schema([(name, pa.string()) for name in (*KEYS, "code", "value", "record_type")])
SHOWN = ("object", "record_id", "person_id", "name", "email", "company", "status", "owner", "source", "since", "url")


@dataclass(frozen=True)
class Audit:
    """What the rules found, the worst first, and which of them could not be checked."""

    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]

    def as_json(self, language: Language) -> list[dict[str, Any]]:
        """The findings as the command line promises them; `record_type` only in those of one record type."""
        return [
            {
                "code": finding.code,
                "name": finding.name,
                "severity": finding.severity,
                "object": finding.object,
                "value": finding.value,
                "records": finding.records,
                "message": language.text(finding.message),
                "suggestion": language.text(finding.suggestion),
                **({} if finding.record_type is None else {"record_type": finding.record_type}),
            }
            for finding in self.findings
        ]


def run(analysis: Analysis, *, codes: Collection[str] | None = None, options: Options | None = None) -> Audit:
    """Every rule (or those asked for by code, name or alias) over the analysis.

    `options` are by code, then by name; what is not given has its default. A rule whose tables
    the CRM does not deliver is in `not_checked`, which is not the same as nothing found; one
    that does without some of them may be in both.
    Raises Misconfigured for an unknown rule or a bad option.
    """
    facts = Facts.of(analysis)
    given = _by_code(options or {})
    rules = chosen(codes)
    if any("statuses" in rule.groups for rule in rules):
        behaviour.behaviours(facts).begin()
    findings: list[tuple[Rule, Found]] = []
    not_checked: list[NotChecked] = []
    for rule in rules:
        settings = rule.settings(given.get(rule.code, {}))
        missing = tuple(need for need in rule.needs if not _has(facts, need))
        if missing:
            not_checked.append(NotChecked(rule.code, rule.name, missing))
            continue
        lacking = tuple(need for need in rule.partly if not _has(facts, need))
        if lacking:
            not_checked.append(NotChecked(rule.code, rule.name, lacking))
        found = record_types.check(rule, facts, analysis.pact, analysis.as_of, settings)
        findings.extend((rule, one) for one in found)
    told = (rule.finding(behaviour.told(facts, rule, one)) for rule, one in findings)
    return Audit(tuple(sorted(told, key=_order)), tuple(not_checked))


def together(parts: Iterable[Audit]) -> Audit:
    """Audits of different rules over the same analysis as one: what `run` gives for all of those rules."""
    every = list(parts)
    return Audit(
        tuple(sorted((one for part in every for one in part.findings), key=_order)),
        tuple(sorted((one for part in every for one in part.not_checked), key=lambda one: one.code)),
    )


def people(analysis: Analysis, finding: Finding, *, options: Options | None = None) -> Table:
    """The records behind a finding, in order of object and id.

    Out: object, record_id, person_id, name, email, company, status, owner (name, else id),
    source, since (when the record came to its present status, UTC; null where not known), url.
    """
    facts = Facts.of(analysis)
    keys = _keys(facts, analysis, finding, _by_code(options or {}))
    record = facts.record.semi_join(keys, KEYS)
    named = with_owner(_with_since(record, facts), facts.owner)
    return named.select(*SHOWN).order_by(*KEYS)


def keys(analysis: Analysis, finding: Finding, *, options: Options | None = None, facts: Facts | None = None) -> Table:
    """The records behind a finding and nothing else of them. Out: object, record_id, each once.

    `facts` where several findings are asked for: what their rules share is then computed once.
    """
    return _keys(facts or Facts.of(analysis), analysis, finding, _by_code(options or {}))


def explain(analysis: Analysis, findings: Iterable[Finding], *, options: Options | None = None) -> Table:
    """The records behind many findings at once, read finding by finding.

    Out: object, record_id, code, value ("" where the finding names none), record_type ("" where
    it holds for all), in memory.
    """
    facts = Facts.of(analysis)
    given = _by_code(options or {})
    parts = [EXPLAINED.empty_table()]
    for finding in findings:
        keys = _keys(facts, analysis, finding, given).order_by(*KEYS).to_pyarrow()
        said = (finding.code, finding.value or "", finding.record_type or "")
        same = [pa.array([text] * keys.num_rows, pa.string()) for text in said]
        parts.append(pa.table([*keys.columns, *same], schema=EXPLAINED))
    return ibis.memtable(pa.concat_tables(parts))


def _keys(facts: Facts, analysis: Analysis, finding: Finding, given: Mapping[str, Mapping[str, Any]]) -> Table:
    rule = find(finding.code)
    if finding.object is not None and finding.record_type is not None:
        facts = facts.of_type(finding.object, finding.record_type)
    if rule.people is None:
        return _holders(facts, finding).select(*KEYS)
    settings = record_types.options(rule.settings(given.get(rule.code, {})))
    return rule.people(facts, analysis.pact, analysis.as_of, finding, **settings).select(*KEYS).distinct()


def _holders(facts: Facts, finding: Finding) -> Table:
    """The records that hold the finding's value."""
    record = facts.record
    if finding.value is None:
        return record.limit(0)
    return record.filter(record.object == finding.object, record.status == finding.value)


def _with_since(record: Table, facts: Facts) -> Table:
    """Adds `since`: the last dated change that led to the status the record has."""
    change = facts.field_change
    moves = change.filter(change.field == "status", change.evidence != "remap", change["at"].notnull())
    moves = moves.select(*KEYS, status="to_value", moved_at="at").semi_join(record, KEYS)
    last = moves.group_by(*KEYS, "status").aggregate(since=moves.moved_at.max())
    joined = record.left_join(last, [*KEYS, "status"])
    return joined.select(*(joined[name] for name in record.columns), since=joined.since)


def _has(facts: Facts, need: str) -> bool:
    return facts.history != "none" if need == HISTORY else need in facts.provided


def _by_code(options: Options) -> dict[str, Mapping[str, Any]]:
    return {find(name).code: given for name, given in options.items()}


def _order(finding: Finding) -> tuple[Any, ...]:
    return (
        SEVERITIES.index(finding.severity),
        -finding.records,
        finding.code,
        finding.object or "",
        finding.value or "",
        finding.record_type or "",
    )
