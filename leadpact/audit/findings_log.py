"""The audits made for the record, and what each of them found, kept in pact.db.

Kept are the rules that ran and the findings by identity with severity and number of records: of
what a CRM holds, nothing but the status value itself. One series is one connection and one line
of pacts: the home's own, whatever its versions and name (""), or a pact file by its name. The
last KEPT runs of a series stay; a finding none of them found is forgotten with the older ones.
The same generation, moment and pact is kept once, however often it is audited.

Not here: what changed between runs (changes.py), what was set aside (suppression.py).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from config.database import audit_run, finding_seen, run_finding
from config.versions import FIRST
from leadpact import logs
from leadpact.audit.changes import Change, Run, Seen, changes
from leadpact.audit.identity import Identity, by_fingerprint
from leadpact.audit.registry import chosen
from leadpact.audit.runner import Audit, run
from leadpact.pact_in_use import PactInUse
from leadpact.workspace import Analysis, Workspace

KEPT = 400  # a year of nightly runs, and some by hand
HOME = ""
ATTEMPTS = 5
BATCH = 500  # parameters of one query: databases have a limit


@dataclass(frozen=True)
class Series:
    """Runs that are compared with each other."""

    connection: str
    line: str = HOME

    @property
    def runs(self) -> sa.ColumnElement[bool]:
        return sa.and_(audit_run.c.connection == self.connection, audit_run.c.line == self.line)

    @property
    def findings(self) -> sa.ColumnElement[bool]:
        return sa.and_(finding_seen.c.connection == self.connection, finding_seen.c.line == self.line)


@dataclass(frozen=True)
class Extent:
    """The rules an audit checked, and of them those that lacked something, with what."""

    checked: frozenset[str]
    partly: Mapping[str, frozenset[str]]


def extent(audit: Audit, codes: Collection[str] | None = None) -> Extent:
    """How far an audit of these rules (null: all) went. A rule checked in part was checked."""
    rules = {rule.code: rule for rule in chosen(codes)}
    lacking = {one.code: frozenset(one.needs) for one in audit.not_checked if one.code in rules}
    partly = {code: needs for code, needs in lacking.items() if needs <= set(rules[code].partly)}
    return Extent(frozenset(rules) - frozenset(lacking) | frozenset(partly), partly)


def for_the_record(analysis: Analysis) -> bool:
    """The analysis is of all records and of the moment of its sync, not a look back or at a part."""
    return not analysis.conditions and analysis.as_of == analysis.synced_at


def after_sync(workspace: Workspace, connection: str, *, now: datetime) -> Change:
    """Audits the generation that serves under each of the company's pacts and keeps it.

    Out: what changed since the run before, under the pact of the workspace.
    """
    analysis = workspace.analyse(connection)
    keep(workspace.database, analysis, run(analysis), now=now)
    for used in workspace.pacts_in_use(connection):
        if used.line != analysis.used.line:
            other = workspace.analyse(connection, pact=used)
            keep(workspace.database, other, run(other), now=now)
    return history(workspace.database, Series(connection, line_of(analysis.used)))[-1]


def line_of(used: PactInUse) -> str:
    """The series of a pact of the home: the first one has the name of before there were several."""
    return HOME if used.line == FIRST else used.line


def keep(engine: Engine, analysis: Analysis, audit: Audit, *, now: datetime, line: str | None = None) -> bool:
    """Keeps a whole audit (every rule) of an analysis; false where it was kept before.

    Safe beside other writers: two that keep the same run keep it once.
    """
    ran = extent(audit)
    used = analysis.used
    row = {
        "connection": analysis.connection,
        "line": line_of(used) if line is None else line,
        "generation": analysis.generation,
        "as_of": analysis.as_of,
        "pact_version": used.version,
        "pact_hash": used.pact.hash,
        "in_force": used.in_force,
        "ran_at": now,
        "rules": json.dumps(
            {
                "checked": sorted(ran.checked),
                "not_checked": sorted({one.code for one in audit.not_checked} - ran.checked),
                "partly": {code: sorted(lacked) for code, lacked in sorted(ran.partly.items())},
            }
        ),
    }
    found = {key: (Identity.of(one), one.severity, one.records) for key, one in by_fingerprint(audit.findings).items()}
    for attempt in range(ATTEMPTS):
        try:
            with engine.begin() as database:
                fresh = _keep(database, row, found)
            if fresh:
                logs.event("audit", connection=analysis.connection, generation=analysis.generation, findings=len(found))
            return fresh
        except sa.exc.IntegrityError:  # another writer was faster: look again at what is there
            if attempt == ATTEMPTS - 1:
                raise
    return False


def _keep(database: Connection, row: dict[str, Any], found: Mapping[str, tuple[Identity, str, int]]) -> bool:
    series = Series(row["connection"], row["line"])
    once = ("generation", "as_of", "pact_hash", "in_force")
    same = sa.and_(series.runs, *(audit_run.c[name] == row[name] for name in once))
    if database.execute(sa.select(audit_run.c.id).where(same)).first():
        return False
    number = database.execute(audit_run.insert().values(row).returning(audit_run.c.id)).scalar_one()
    numbers = _findings(database, series, {key: identity for key, (identity, _, _) in found.items()}, row["as_of"])
    if found:
        rows = [
            {"run_id": number, "finding_id": numbers[key], "severity": severity, "records": records}
            for key, (_, severity, records) in sorted(found.items())
        ]
        database.execute(run_finding.insert(), rows)
    _forget(database, series)
    return True


def _findings(database: Connection, series: Series, found: dict[str, Identity], as_of: datetime) -> dict[str, int]:
    """The numbers of the findings, those never seen before added; first and last seen brought up to date."""
    known = {row["fingerprint"]: row for row in _seen_before(database, series, sorted(found))}
    for column, late in ((finding_seen.c.first_seen, False), (finding_seen.c.last_seen, True)):
        moved = [
            row["id"] for row in known.values() if (as_of > row[column.name] if late else as_of < row[column.name])
        ]
        for some in _batches(sorted(moved)):
            database.execute(finding_seen.update().where(finding_seen.c.id.in_(some)).values({column: as_of}))
    fresh = [
        {"connection": series.connection, "line": series.line, "fingerprint": key, **identity.columns,
         "first_seen": as_of, "last_seen": as_of}
        for key, identity in sorted(found.items()) if key not in known
    ]  # fmt: skip
    if fresh:
        database.execute(finding_seen.insert(), fresh)
    rows = [*known.values(), *_seen_before(database, series, [str(row["fingerprint"]) for row in fresh])]
    return {row["fingerprint"]: row["id"] for row in rows}


def _seen_before(database: Connection, series: Series, keys: Sequence[str]) -> list[sa.RowMapping]:
    rows: list[sa.RowMapping] = []
    for some in _batches(keys):
        query = sa.select(finding_seen).where(series.findings, finding_seen.c.fingerprint.in_(some))
        rows += database.execute(query).mappings().all()
    return rows


def _forget(database: Connection, series: Series) -> None:
    """Runs beyond the last KEPT go, and the findings that only they had."""
    kept = sa.select(audit_run.c.id).where(series.runs).order_by(audit_run.c.as_of.desc(), audit_run.c.id.desc())
    old = [row.id for row in database.execute(kept.offset(KEPT))]
    if not old:
        return
    for some in _batches(sorted(old)):
        database.execute(run_finding.delete().where(run_finding.c.run_id.in_(some)))
        database.execute(audit_run.delete().where(audit_run.c.id.in_(some)))
    standing = sa.select(run_finding.c.finding_id).where(run_finding.c.finding_id == finding_seen.c.id)
    database.execute(finding_seen.delete().where(series.findings, ~standing.exists()))


def newest(engine: Engine, series: Series) -> int | None:
    """The number of the last run of a series; null before the first."""
    query = sa.select(audit_run.c.id).where(series.runs).order_by(audit_run.c.as_of.desc(), audit_run.c.id.desc())
    with engine.begin() as database:
        number: int | None = database.execute(query.limit(1)).scalar()
    return number


def history(engine: Engine, series: Series, *, last: int = 30) -> list[Change]:
    """What changed in each of the last runs, the oldest first; empty before the first run."""
    runs = recent(engine, series, last=last + 1)
    found = changes(runs, first=len(runs) <= last)
    return found[-last:]


def recent(engine: Engine, series: Series, *, last: int) -> list[Run]:
    """The last runs with what they found, the oldest first."""
    query = sa.select(audit_run).where(series.runs).order_by(audit_run.c.as_of.desc(), audit_run.c.id.desc())
    with engine.begin() as database:
        rows = database.execute(query.limit(last)).mappings().all()
        found: dict[int, dict[str, Seen]] = {row["id"]: {} for row in rows}
        identities: dict[str, Identity] = {}
        for some in _batches(list(found)):
            joined = sa.select(finding_seen, run_finding).join(
                run_finding, run_finding.c.finding_id == finding_seen.c.id
            )
            for one in database.execute(joined.where(run_finding.c.run_id.in_(some))).mappings():
                identity = identities.setdefault(
                    one["fingerprint"], Identity(one["code"], one["object"], one["value"], one["record_type"])
                )
                found[one["run_id"]][one["fingerprint"]] = Seen(
                    identity, one["severity"], one["records"], one["first_seen"], one["last_seen"]
                )
    return [_run(row, found[row["id"]]) for row in reversed(rows)]


def _run(row: sa.RowMapping, found: dict[str, Seen]) -> Run:
    rules = json.loads(row["rules"])
    return Run(
        number=row["id"],
        generation=row["generation"],
        as_of=row["as_of"],
        ran_at=row["ran_at"],
        pact_version=row["pact_version"],
        pact_hash=row["pact_hash"],
        in_force=row["in_force"],
        checked=frozenset(rules["checked"]),
        not_checked=tuple(rules["not_checked"]),
        found=found,
        partly={code: frozenset(lacked) for code, lacked in rules.get("partly", {}).items()},
    )


def _batches(some: Sequence[Any]) -> list[Sequence[Any]]:
    return [some[start : start + BATCH] for start in range(0, len(some), BATCH)]
