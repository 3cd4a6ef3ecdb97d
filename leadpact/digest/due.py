"""What is due at a moment: clocks near or past their target, promises behind, findings that are new.

A clock is measured in the hours of its policy's calendar, so nobody is told at night of hours
that do not count. A clock that was stopped late since is still a breach, and told as one.

Not here: the clocks (metrics/clocks.py), promises (metrics/promises.py), who is told (routing.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ibis

from config.parts import SlaPolicy
from config.schema import Pact
from leadpact.audit import suppression
from leadpact.audit.findings_log import Series, history, line_of
from leadpact.audit.identity import Identity
from leadpact.digest.levels import levels
from leadpact.metrics import periods
from leadpact.metrics.clocks import HOUR, clocks
from leadpact.metrics.moments import utc_midnight
from leadpact.metrics.promises import promises
from leadpact.workspace import Analysis, Workspace

LOOKS_BACK = timedelta(days=30)  # what was over before a digest could tell it, is told so long
EARLY = 0.25  # of a month's working time: before that a promise behind says nothing
TOLD_AT = ("error", "warning")  # severities of findings


@dataclass(frozen=True)
class Breach:
    """A clock and the share of its target it has used. `at`: the moment it was stopped late, null while it runs.

    `shares` are the levels agreed for its policy. `owner_id` is who holds the record now.
    """

    line: str
    policy: str
    object: str
    record_id: str
    started_at: datetime
    share: float
    measured_hours: float
    target_hours: float
    at: datetime | None
    owner_id: str | None
    name: str | None
    company: str | None
    shares: Mapping[str, float]

    @property
    def identity(self) -> tuple[str, ...]:
        """One clock: a lead that stops and enters the stage again has another one."""
        return (self.line, self.policy, self.object, self.record_id, self.started_at.isoformat())

    @property
    def past(self) -> bool:
        return self.share > 1


@dataclass(frozen=True)
class Promise:
    """A promise of a month that is behind, or (`ended`) was not kept when the month was over.

    `which`: `pace`, `accepted` or `follow_up`. `done` and `due` are numbers of leads for `pace`, else shares.
    """

    line: str
    which: str
    month: str
    ended: bool
    done: float
    due: float
    promised: float

    @property
    def identity(self) -> tuple[str, ...]:
        return (self.line, self.which, self.month, "ended" if self.ended else "behind")

    @property
    def share(self) -> float:
        return self.done / self.promised if self.promised else 1.0


@dataclass(frozen=True)
class Found:
    """A finding that stands since a moment without a break."""

    line: str
    finding: Identity
    severity: str
    records: int
    since: datetime

    @property
    def identity(self) -> tuple[str, ...]:
        return (self.line, self.finding.fingerprint, self.since.isoformat())


Item = Breach | Promise | Found


def breaches(analysis: Analysis) -> list[Breach]:
    """Every clock that has used the lowest of its policy's levels, those stopped late lately included. Executes."""
    return [one for policy in analysis.pact.sla for one in _of_policy(analysis, policy)]


def _of_policy(analysis: Analysis, policy: SlaPolicy) -> Iterator[Breach]:
    shares = levels(analysis.pact, policy)
    tables, target = analysis.tables, policy.target.hours
    clock = clocks(tables, analysis.pact, analysis.as_of, policy)
    earliest = ibis.timestamp((analysis.as_of - LOOKS_BACK).isoformat(" "))
    running = clock.state.isin(["running", "overdue"]) & (clock.measured >= min(shares.values()) * target * HOUR)
    late = (clock.state == "breached") & (clock.until > earliest)
    clock = clock.filter(running | late)
    record = tables.record.select(
        of_object="object", of_id="record_id", holder="owner_id", name="name", company="company"
    )
    both = clock.left_join(record, (clock.object == record.of_object) & (clock.record_id == record.of_id))
    rows = both.select("object", "record_id", "started_at", "measured", "until", "state", "holder", "name", "company")
    for row in rows.order_by("record_id", "started_at").to_pyarrow().to_pylist():
        hours = row["measured"] / HOUR
        yield Breach(
            analysis.used.line, policy.id, row["object"], row["record_id"], row["started_at"], hours / target, hours,
            float(target), row["until"] if row["state"] == "breached" else None, row["holder"], row["name"],
            row["company"], shares,
        )  # fmt: skip


def commitments(workspace: Workspace, analysis: Analysis) -> list[Promise]:
    """This month's promises that are behind, once a part of it is over, and last month's that were broken. Executes."""
    made = analysis.pact.commitments
    if made.marketing.mql_per_month is None and made.marketing.accepted_rate is None and made.sales.follow_up is None:
        return []
    now = list(_behind(analysis, ended=False))
    last = _month_begins(analysis.pact, analysis.as_of) - timedelta(microseconds=1)
    signed = analysis.used.reviewed_at
    # a promise is held against a month only where it was made before the month began
    if signed is None or signed > _month_begins(analysis.pact, last):
        return now
    past = workspace.analyse(analysis.connection, pact=analysis.used, as_of=last)
    return [*now, *_behind(past, ended=True)]


def _month_begins(pact: Pact, moment: datetime) -> datetime:
    return datetime.fromisoformat(utc_midnight(periods.month(pact, moment).start, pact.zone))


def _behind(analysis: Analysis, *, ended: bool) -> Iterator[Promise]:
    found = promises(analysis.tables, analysis.pact, analysis.as_of)
    if not ended and found.elapsed < EARLY:
        return
    line, month = analysis.used.line, found.month.start.isoformat()[:7]
    if found.pace is not None and found.pace.state == "behind":
        due = found.pace.promised if ended else found.pace.expected
        yield Promise(line, "pace", month, ended, found.pace.so_far, due, found.pace.promised)
    if found.accepted is not None and found.accepted.state == "behind" and not found.accepted.small:
        rate = found.accepted.rate or 0.0
        yield Promise(line, "accepted", month, ended, rate, found.accepted.promised, found.accepted.promised)
    if found.follow_up is not None and found.follow_up.state == "behind":
        yield Promise(line, "follow_up", month, ended, found.follow_up.compliance or 0.0, 1.0, 1.0)


def findings(workspace: Workspace, analysis: Analysis, *, now: datetime) -> list[Found]:
    """What the last audit kept found that matters, nobody set aside, and began to stand lately."""
    runs = history(workspace.database, Series(analysis.connection, line_of(analysis.used)))
    if not runs:
        return []
    day = suppression.today(now, analysis.pact.zone)
    aside = {
        one.identity.fingerprint for one in suppression.every(workspace.database, analysis.connection) if one.holds(day)
    }
    standing = (*runs[-1].new, *runs[-1].still)
    return [
        Found(analysis.used.line, one.identity, one.seen.severity, one.seen.records, one.since)
        for one in standing
        if one.seen.severity in TOLD_AT and one.since > now - LOOKS_BACK
        and not {one.identity.fingerprint, one.identity.wider.fingerprint} & aside
    ]  # fmt: skip


def happened(item: Item) -> datetime | None:
    """When it was over or began to stand, to tell what was so before a channel began; null for what stands now."""
    moment: Any = item.at if isinstance(item, Breach) else item.since if isinstance(item, Found) else None
    return moment if isinstance(moment, datetime) else None
