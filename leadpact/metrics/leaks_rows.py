"""Who came to a stage of the funnel, and whether they were lost from it within so many days.

A journey counts once for every stage it came to, from its first entry there, however often it
came back. It is lost from the last funnel stage it stood in before it ended recycled,
disqualified or deleted; a win is no loss, and what never was a lead counts nowhere.

Not here: which stage loses more than before (leaks.py).
"""

from __future__ import annotations

from datetime import datetime

import ibis

from config.schema import Pact
from leadpact.metrics.compare import equal_age
from leadpact.metrics.dimensions import OWN, with_dimension
from leadpact.metrics.funnel import DAY, Scope
from leadpact.metrics.moments import utc_midnight
from leadpact.metrics.periods import chosen, today
from leadpact.tables import Table, Tables

BEFORE_WIN = ("nurture", "qualified", "sales")
LOST = ("recycled", "disqualified", "deleted")


def stands(tables: Tables, pact: Pact, as_of: datetime, scope: Scope) -> Table:
    """A row per journey and stage entered in the period or the one before.

    Of the scope, `start`, `end`, `window_days` and `by` count (periods.chosen, compare.equal_age).
    Out: object, record_id, person_id, journey, stage, entry (first into the stage; null: not
    known), side (`now`, `before`; null where the entry is not known), group (owner and team as at
    that entry), part (`counted`; `young`: has not had its days yet; `unknown`; `invalid`), lost
    (from this stage, within the days), lost_at, end_stage and reason (both null unless lost).
    """
    period = chosen(pact, as_of, scope.start, scope.end)
    days = ibis.interval(microseconds=round(equal_age(scope, period, today(pact, as_of)) * DAY))
    found = _first_entries(tables)
    found = found.filter(
        found.entry.isnull()
        | (
            (found.entry >= ibis.timestamp(utc_midnight(period.before.start, pact.zone)))
            & (found.entry < ibis.timestamp(utc_midnight(period.end, pact.zone)))
        )
    )
    ended_here = found.last & found.end_kind.isin(LOST).fill_null(False)
    undated = found.entry.isnull() | (ended_here & found.ended_at.isnull())
    lost = (ended_here & (found.ended_at <= found.entry + days)).fill_null(False)
    now = ibis.timestamp(as_of.isoformat(" "))
    told = found.mutate(
        side=ibis.ifelse(found.entry < ibis.timestamp(utc_midnight(period.start, pact.zone)), "before", "now"),
        part=ibis.cases(
            ((found.end_kind == "invalid").fill_null(False), "invalid"),
            (undated, "unknown"),
            (found.entry + days > now, "young"),
            else_="counted",
        ),
        lost=lost,
        lost_at=ibis.ifelse(lost, found.ended_at, ibis.null("timestamp")),
        end_stage=ibis.ifelse(lost, ibis.coalesce(found.end_stage, found.end_kind), ibis.null("string")),
    )
    told = with_dimension(told, tables, scope.by, pact)
    reasons = tables.record.select(of="object", by="record_id", end_reason="end_reason")
    told = told.left_join(reasons, (told.object == reasons.of) & (told.record_id == reasons.by))
    names = ("object", "record_id", "person_id", "journey", "stage", "entry", "side", "group", "part", "lost")
    return told.select(
        *names, "lost_at", "end_stage", reason=ibis.ifelse(told.lost, told.end_reason, ibis.null("string"))
    )


def _first_entries(tables: Tables) -> Table:
    """Out: a row per journey and stage: entry, owner_id then, last (the stage it stood in last), and how it ended."""
    own = tables.spell.filter(tables.spell.journey.notnull(), tables.spell.kind.isin(BEFORE_WIN))
    first = own.group_by("person_id", "journey", "stage").aggregate(
        at=own.entered_at.argmin(own.n, where=own.entered_at.notnull()),
        known=own.entered_at.notnull().cast("int8").argmin(own.n),
        owner=own.owner_id.fill_null("").argmin(own.n),
        last_n=own.n.max(),
    )
    whole = ibis.window(group_by=["person_id", "journey"])
    first = first.mutate(last=first.last_n == first.last_n.max().over(whole))
    journey = tables.journey.select(
        "person_id", "journey", "object", "record_id", "ended_at", "end_kind", "end_stage", *OWN
    )
    joined = first.inner_join(journey, ["person_id", "journey"])
    return joined.mutate(
        entry=ibis.ifelse(joined.known == 1, joined["at"], ibis.null("timestamp")), owner_id=joined.owner.nullif("")
    ).drop("at", "known", "owner", "last_n")
