"""Promises kept this month, by both teams: what the pact's `commitments` say, and what was done.

Marketing promises a number of qualified leads a month and the share of them Sales will accept;
Sales promises to follow up by a policy. The month is the calendar month of `as_of` in the
pact's zone, still running: a number is held against what is due by now, never against the
whole month.

Not here: the clocks (sla.py), both complaints over all time (quarrel.py), how much of
the month is over (promises_month.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import ibis

from config.parts import SlaPolicy
from config.schema import Pact
from leadpact.metrics import periods, sla
from leadpact.metrics.funnel import SMALL, share
from leadpact.metrics.moments import utc_midnight
from leadpact.metrics.periods import Period
from leadpact.metrics.promises_month import passed, promised_policy
from leadpact.metrics.significance import wilson
from leadpact.tables import Table, Tables

State = Literal["kept", "on_track", "behind", "unknown"]
TAKEN = ("sales", "won")
BACK = ("recycled", "disqualified")


@dataclass(frozen=True)
class Pace:
    """Qualified leads this month: `so_far`, against `expected` by now of the `promised`.

    `unknown` journeys are qualified and nobody knows since when; `invalid` ones never were leads.
    """

    promised: int
    so_far: int
    expected: float
    unknown: int
    invalid: int
    state: State


@dataclass(frozen=True)
class Accepted:
    """Hand-overs Sales decided on this month: `accepted` of `decided`, with Wilson's interval.

    `pending` are qualified this month and not decided yet: they are in no rate. `unknown`
    decisions have no date. `rate` and interval are null without a decision.
    """

    promised: float
    accepted: int
    decided: int
    pending: int
    unknown: int
    rate: float | None
    ci_low: float | None
    ci_high: float | None
    state: State

    @property
    def small(self) -> bool:
        """Too few to read a rate from."""
        return self.decided < SMALL


@dataclass(frozen=True)
class FollowUp:
    """The clocks of the promised policy that started this month; compliance as everywhere.

    The promise is every hand-over in time: kept at 100 %, else broken `breached + overdue` times.
    """

    policy: str
    met: int
    breached: int
    overdue: int
    running: int
    withdrawn: int
    unknown: int
    compliance: float | None
    state: State

    @property
    def due(self) -> int:
        return self.met + self.breached + self.overdue


@dataclass(frozen=True)
class Promises:
    """This month's promises; null where the pact makes none.

    `elapsed` is the share of the month's working time that has passed, by `calendar` (null:
    Monday to Friday in the pact's zone). `coverage` is the share of qualified journeys whose
    hand-over and decision are dated, null without any.
    """

    month: Period
    elapsed: float
    calendar: str | None
    pace: Pace | None
    accepted: Accepted | None
    follow_up: FollowUp | None
    coverage: float | None

    @property
    def any(self) -> bool:
        return any(part is not None for part in (self.pace, self.accepted, self.follow_up))


def promises(tables: Tables, pact: Pact, as_of: datetime) -> Promises:
    """The promises of the pact and how they are kept in the month of `as_of`. Executes."""
    month = periods.month(pact, as_of)
    elapsed, calendar = passed(pact, as_of)
    marketing, policy = pact.commitments.marketing, promised_policy(pact)
    pace, accepted, coverage = None, None, None
    if marketing.mql_per_month is not None or marketing.accepted_rate is not None:
        count = _counts(handovers(tables, pact, as_of))
        coverage = share(count["known"], count["all"])
        if marketing.mql_per_month is not None:
            pace = _pace(marketing.mql_per_month, elapsed, count)
        if marketing.accepted_rate is not None:
            accepted = _accepted(marketing.accepted_rate, count)
    follow_up = _follow_up(tables, pact, as_of, policy) if policy is not None else None
    return Promises(month, elapsed, calendar, pace, accepted, follow_up, coverage)


def handovers(tables: Tables, pact: Pact, as_of: datetime) -> Table:
    """Every qualified journey, and what it is in this month's promises.

    Out: person_id, journey, object, record_id, source, owner_id, qualified_at (first entry to a
    qualified stage; null where not known), decision (`accepted`: entered a sales or won stage;
    `sent_back`: recycled or disqualified without that; `gone`: deleted; `pending`; `invalid`),
    decided_at (null: pending, or not known), qualified (this month), counted (a decision of this month),
    accepted (of those, accepted), waiting (qualified this month, pending), known (dated as far as it went).
    """
    month = periods.month(pact, as_of)
    spell = tables.spell.filter(tables.spell.journey.notnull(), tables.spell.kind.isin(["qualified", *TAKEN]))
    spell = spell.mutate(at=spell.entered_at, dated=spell.entered_at.notnull().cast("int8"))
    first = spell.group_by(of="person_id", in_journey="journey").aggregate(
        **_first(spell, "qualified", spell.kind == "qualified"), **_first(spell, "taken", spell.kind.isin(TAKEN))
    )
    first = first.filter(first.qualified_n.notnull())
    journey = tables.journey
    both = journey.inner_join(first, (journey.person_id == first.of) & (journey.journey == first.in_journey))
    decision = ibis.cases(
        (both.end_kind == "invalid", "invalid"),
        (both.taken_n.notnull(), "accepted"),
        (both.end_kind.isin(BACK), "sent_back"),
        (both.end_kind.notnull(), "gone"),
        else_="pending",
    )
    both = both.mutate(decision=decision)
    # nothing is decided before it is handed over; greatest() passes over nulls, on DuckDB and on Spark alike
    taken_at = ibis.ifelse(both.taken_at.isnull(), both.taken_at, ibis.greatest(both.taken_at, both.qualified_at))
    decided_at = ibis.cases(
        (both.decision == "accepted", taken_at), (both.decision == "sent_back", both.ended_at),
        else_=ibis.null("timestamp"),
    )  # fmt: skip
    both = both.mutate(decided_at=decided_at)
    settled = both.decision.isin(["accepted", "sent_back"])
    valid = both.decision != "invalid"
    qualified = valid & _within(both.qualified_at, month, pact)
    counted = settled & _within(both.decided_at, month, pact)
    return both.select(
        "person_id", "journey", "object", "record_id", "source", "owner_id", "qualified_at", "decision", "decided_at",
        qualified=qualified,
        counted=counted,
        accepted=counted & (both.decision == "accepted"),
        waiting=qualified & (both.decision == "pending"),
        known=both.qualified_at.notnull() & (~settled | both.decided_at.notnull()),
    )  # fmt: skip


def follow_ups(tables: Tables, pact: Pact, as_of: datetime) -> Table:
    """The clocks of the promised policy that started this month, as `sla.clocks`; raises KeyError without one."""
    policy = promised_policy(pact)
    if policy is None:
        raise KeyError("commitments.sales.follow_up")
    clock = sla.clocks(tables, pact, as_of, policy)
    return clock.filter(_within(clock.started_at, periods.month(pact, as_of), pact))


def _first(spell: Table, name: str, here: Any) -> dict[str, Any]:
    """Place and time of the first of these spells; the time is null where it is not known."""
    known = spell.dated.argmin(spell.n, where=here)
    at = spell["at"].argmin(spell.n, where=here & (spell.dated == 1))
    return {f"{name}_n": spell.n.min(where=here), f"{name}_at": ibis.ifelse(known == 1, at, ibis.null("timestamp"))}


def _within(moment: Any, month: Period, pact: Pact) -> Any:
    start, end = (ibis.timestamp(utc_midnight(day, pact.zone)) for day in (month.start, month.end))
    return ((moment >= start) & (moment < end)).fill_null(False)


def _counts(rows: Table) -> dict[str, int]:
    valid = rows.decision != "invalid"
    undecided = rows.decision.isin(["accepted", "sent_back"]) & rows.decided_at.isnull()
    flags = {
        "all": valid,
        "invalid": ~valid,
        "known": valid & rows.known,
        "qualified": rows.qualified,
        "undated": valid & rows.qualified_at.isnull(),
        "counted": rows.counted,
        "accepted": rows.accepted,
        "waiting": rows.waiting,
        "undated_decision": undecided,
    }
    row = rows.aggregate(**{name: flag.sum().fill_null(0) for name, flag in flags.items()}).execute().iloc[0]
    return {name: int(row[name]) for name in flags}


def _pace(promised: int, elapsed: float, count: dict[str, int]) -> Pace:
    so_far, expected = count["qualified"], promised * elapsed
    state: State = "kept" if so_far >= promised else "on_track" if so_far >= expected else "behind"
    if count["undated"] and count["undated"] == count["all"]:
        state = "unknown"
    return Pace(promised, so_far, expected, count["undated"], count["invalid"], state)


def _accepted(promised: float, count: dict[str, int]) -> Accepted:
    rate = share(count["accepted"], count["counted"])
    low, high = wilson(count["accepted"], count["counted"]) or (None, None)
    state: State = "unknown" if rate is None else "kept" if rate >= promised else "behind"
    return Accepted(promised, count["accepted"], count["counted"], count["waiting"], count["undated_decision"],
                    rate, low, high, state)  # fmt: skip


def _follow_up(tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy) -> FollowUp:
    clock = follow_ups(tables, pact, as_of)
    rows = clock.group_by("state").aggregate(n=clock.count()).execute()
    found = dict(zip(rows["state"], rows["n"], strict=True))
    count = {state: int(found.get(state, 0)) for state in sla.STATES}
    compliance = share(count["met"], count["met"] + count["breached"] + count["overdue"])
    state: State = "unknown" if compliance is None else "kept" if compliance == 1 else "behind"
    return FollowUp(policy=policy.id, **count, compliance=compliance, state=state)
