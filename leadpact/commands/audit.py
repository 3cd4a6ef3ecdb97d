"""The command that audits: what counts, what is set aside, what is new against a baseline.

Not here: the commands about single findings and their history (findings.py), the rules.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from leadpact import audit as auditing
from leadpact.audit import baseline as baselines
from leadpact.audit import findings_log, sarif, suppression
from leadpact.audit.baseline import Accepted, Baseline, State
from leadpact.audit.counts import NO_TYPE
from leadpact.audit.identity import Identity
from leadpact.audit.rule import SEVERITIES, Finding
from leadpact.audit.runner import Audit
from leadpact.audit.shown import shown
from leadpact.audit.suppression import SortedOut
from leadpact.commands import audit_report
from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.model import OBJECTS
from leadpact.workspace import Analysis


def audit(context: Context, args: argparse.Namespace) -> Result:
    """Runs the rules, keeps the run where it is for the record, and says what counts."""
    say = context.say
    found = analysis(context, args)
    accepted = _baseline(args.baseline, found) if args.baseline is not None else None
    result = auditing.run(found, codes=args.codes)
    aside = suppression.every(context.workspace.database, found.connection)
    sorted_out = suppression.sort_out(result.findings, aside, suppression.today(context.now, found.pact.zone))
    states: Mapping[str, State] | None = None
    gone: list[Accepted] = []
    if accepted is not None:
        states = {_key(one): accepted.state(one) for one in result.findings}
        gone = accepted.resolved(result.findings, findings_log.extent(result, args.codes))
    document = _document(say, found, result, sorted_out, states, gone)
    notes = [*_told(say, sorted_out, gone, accepted), _keep(context, args, found, result)]
    if args.explain is not None:
        notes += explain(context, found, auditing.explain(found, sorted_out.counted), args.explain)
    if args.write_baseline is not None:
        _write(args.write_baseline, baselines.written(document))
        notes.append(say("cli.baseline_written", count=len(sorted_out.counted), path=str(args.write_baseline)))
    if args.sarif is not None:
        log = sarif.document(say, found.connection, sorted_out, result.not_checked, states, gone)
        _write(args.sarif, json.dumps(log, ensure_ascii=False, indent=1) + "\n")
        notes.append(say("cli.sarif_written", path=str(args.sarif)))
    if args.report is not None:
        notes.append(audit_report.write(args.report, found, result, sorted_out, say, args.codes))
    if getattr(args, "json", False):
        context.tell(notes)
    missing = [f"{one.code}: {say.text(one.message)}" for one in result.not_checked]
    summary = [say("cli.findings", count=len(sorted_out.counted)), *notes, *missing, *standing(context, found)]
    sections = _sections(say, sorted_out, states, gone, listed=args.suppressed)
    failed = any(_fails(one, args.fail_on, states) for one in sorted_out.counted)
    return Result(document, sections, [note for note in summary if note], exit_code=1 if failed else 0)


def _key(finding: Finding) -> str:
    return Identity.of(finding).fingerprint


def _fails(finding: Finding, level: str, states: Mapping[str, State] | None) -> bool:
    """The finding is at the level a job fails on, and the baseline does not know it so."""
    if level == "none" or (states is not None and states[_key(finding)] == "known"):
        return False
    known: tuple[str, ...] = SEVERITIES
    return known.index(finding.severity) <= known.index(level)


def _baseline(path: Path, found: Analysis) -> Baseline:
    return baselines.read(path, connection=found.connection, pact=found.pact.name, where=found.conditions)


def _keep(context: Context, args: argparse.Namespace, found: Analysis, result: Audit) -> str:
    """Keeps the run; says why where it is not for the record."""
    if args.codes is not None or not findings_log.for_the_record(found):
        return context.say("cli.not_kept")
    line = found.pact.name if args.pact is not None and found.used.version is None else None
    try:
        findings_log.keep(context.workspace.database, found, result, now=context.now, line=line)
    except SQLAlchemyError as error:  # the findings are worth more than their history
        return context.say("cli.could_not_keep", problem=type(error).__name__)
    return ""


def _document(
    say: Language,
    found: Analysis,
    result: Audit,
    sorted_out: SortedOut,
    states: Mapping[str, State] | None,
    gone: list[Accepted],
) -> dict[str, Any]:
    findings = Audit(sorted_out.counted, ()).as_json(say)
    aside = Audit(tuple(one for one, _ in sorted_out.aside), ()).as_json(say)
    document = {
        **heading(found),
        "connection": found.connection,
        "findings": findings,
        "not_checked": [{"code": one.code, "name": one.name, "needs": list(one.needs)} for one in result.not_checked],
        "suppressed": [
            {**shape, "reason": why.reason, "author": why.author, "until": why.until.isoformat()}
            for shape, (_, why) in zip(aside, sorted_out.aside, strict=True)
        ],
        "expired": [
            {**why.identity.as_json(), "reason": why.reason, "author": why.author, "until": why.until.isoformat()}
            for why in sorted_out.back.values()
        ],
    }
    if found.conditions:
        document["where"] = dict(found.conditions)
    if states is not None:
        for shape, one in zip(findings, sorted_out.counted, strict=True):
            shape["baseline"] = states[_key(one)]
        document["resolved"] = [
            {**one.identity.as_json(), "severity": one.severity, "records": one.records} for one in gone
        ]
    return document


def _sections(
    say: Language, found: SortedOut, states: Mapping[str, State] | None, gone: list[Accepted], *, listed: bool
) -> list[Section]:
    heads = [say(f"cli.{name}") for name in ("code", "severity", "records", "finding")]
    compared = [] if states is None else [say("cli.against_baseline")]
    rows = [
        [*([] if states is None else [say(f"baseline.{states[_key(one)]}")]), *_row(say, one)]
        for one in _new_first(found.counted, states)
    ]
    sections = [Section("", [*compared, *heads], rows)]
    if gone:
        table = [[one.identity.code, named(say, one.identity), say.number(one.records)] for one in gone]
        columns = [say("cli.code"), say("cli.finding_about"), say("cli.records_then")]
        sections.append(Section(say("cli.resolved"), columns, table))
    if listed and found.aside:
        columns = [*heads, *(say(f"cli.{name}") for name in ("reason", "by_whom", "aside_until"))]
        table = [[*_row(say, one), why.reason, why.author, say.day(why.until)] for one, why in found.aside]
        sections.append(Section(say("cli.set_aside"), columns, table))
    return sections


def _new_first(findings: Sequence[Finding], states: Mapping[str, State] | None) -> Sequence[Finding]:
    """What the baseline does not know is read first."""
    return findings if states is None else sorted(findings, key=lambda one: baselines.STATES.index(states[_key(one)]))


def _row(say: Language, one: Finding) -> list[str]:
    return [one.code, say(f"severity.{one.severity}"), say.number(one.records), say.text(one.message)]


def _told(say: Language, found: SortedOut, gone: list[Accepted], accepted: Baseline | None) -> list[str]:
    notes = [say("cli.aside_count", count=len(found.aside))] if found.aside else []
    notes += [
        say("cli.back", finding=f"{why.identity.code} {named(say, why.identity)}".strip(), author=why.author,
            until=say.day(why.until), reason=shown(why.reason))
        for why in found.back.values()
    ]  # fmt: skip
    if accepted is not None:
        notes.append(say("cli.baseline_compared", count=len(accepted.accepted), gone=len(gone)))
    return notes


def named(say: Language, identity: Identity) -> str:
    """What a finding is about, on a line: object, record type, value."""
    about = say(f"ui.object.{identity.object}") if identity.object in (*OBJECTS, "record") else identity.object or ""
    of_type = say("page.findings.type.blank") if identity.record_type == NO_TYPE else identity.record_type or ""
    parts = [about, of_type]
    value = [say("cli.quoted", value=shown(identity.value))] if identity.value else []
    return " · ".join([*(part for part in parts if part), *value])


def _write(file: Path, text: str) -> None:
    """The whole file or none: a job may be stopped while it writes."""
    special = file.exists() and not file.is_file()  # a device or a pipe
    partial = file if special else file.with_name(f".{file.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        if not special:
            partial.replace(file)
    except OSError as error:
        raise Misconfigured("cli.cannot_write", path=str(file), problem=error.strerror or "") from None


COMMANDS = {"audit": audit}
