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
from leadpact.metrics.dimensions import OF_OWNER, OWN, with_dimension
from leadpact.metrics.funnel import DAY, Scope
from leadpact.metrics.moments import utc_midnight
from leadpact.metrics.periods import Period, chosen, today
from leadpact.tables import Table, Tables

BEFORE_WIN = ("nurture", "qualified", "sales")
LOST = ("recycled", "disqualified", "deleted")


def stands(tables: Tables, pact: Pact, as_of: datetime, scope: Scope) -> Table:
    """A row per journey and stage entered in the period or the one before.

    Of the scope, `start`, `end`, `window_days` and `by` count (periods.chosen, compare.equal_age).
    Out: object, record_id, person_id, journey, stage, entry (first into the stage; null: not
    known), side (`before`, or `now`, where the entry is not known too), group (owner and team as at
    that entry), part (`counted`; `young`: has not had its days yet; `unknown`; `invalid`), lost
    (from this stage, within the days), lost_at, end_stage and reason (both null unless lost).
    """
    period = chosen(pact, as_of, scope.start, scope.end)
    days = ibis.interval(microseconds=round(equal_age(scope, period, today(pact, as_of)) * DAY))
    found = _first_entries(tables, pact, period)
    found = _with_last_stage(found, tables, period, pact)
    if scope.by in OF_OWNER:
        found = _with_owner_then(found, tables)
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


def _first_entries(tables: Tables, pact: Pact, period: Period) -> Table:
    """A row per journey and stage before the win it came to, in either period or at a time not known.

    Out: stage, entry (null: not known), and the journey's key, record, end, owner_id and OWN.
    """
    journey = tables.journey
    kept = ("person_id", "journey", "object", "record_id", "ended_at", "end_kind", "end_stage", "owner_id", *OWN)
    start, end = (ibis.timestamp(utc_midnight(at, pact.zone)) for at in (period.before.start, period.end))
    found = []
    for key in pact.keys(*BEFORE_WIN):
        # where the first spell of all has no date, a later one of the same stage does not stand in for it
        undated = journey.entered_at.isnull() & (journey.entry_stage == key)
        entry = ibis.ifelse(undated, ibis.null("timestamp"), journey[f"visited_{key}"])
        near = entry.isnull() | ((entry >= start) & (entry < end))
        found.append(journey.filter(journey[f"has_{key}"], near).select(*kept, stage=ibis.literal(key), entry=entry))
    if not found:  # a pact with nothing before the win loses nobody
        nobody = journey.filter(ibis.literal(False))
        return nobody.select(*kept, stage=ibis.literal(""), entry=journey.entered_at)
    return found[0] if len(found) == 1 else ibis.union(*found)


def _with_last_stage(found: Table, tables: Tables, period: Period, pact: Pact) -> Table:
    """Adds `last`: whether it is the last funnel stage the journey stood in before it was lost."""
    journey, spell = tables.journey, tables.spell
    start = ibis.timestamp(utc_midnight(period.before.start, pact.zone))
    ended = journey.filter(journey.end_kind.isin(LOST), journey.ended_at.isnull() | (journey.ended_at >= start))
    own = spell.filter(spell.journey.notnull(), spell.kind.isin(BEFORE_WIN))
    own = own.inner_join(ended.select("person_id", "journey"), ["person_id", "journey"])
    last = own.group_by(of_person="person_id", of_journey="journey").aggregate(last_stage=own.stage.argmax(own.n))
    joined = found.left_join(last, (found.person_id == last.of_person) & (found.journey == last.of_journey))
    return joined.mutate(last=(joined.last_stage == joined.stage).fill_null(False)).drop(*last.columns)


def _with_owner_then(found: Table, tables: Tables) -> Table:
    """The rows with the owner at their entry to the stage, instead of the journey's."""
    spell = tables.spell
    own = spell.select(
        of_person="person_id", of_journey="journey", of_stage="stage", entered="entered_at", then="owner_id"
    )
    same = (found.person_id == own.of_person) & (found.journey == own.of_journey) & (found.stage == own.of_stage)
    joined = found.left_join(own, same & (found.entry == own.entered))
    whole = joined.group_by(*(name for name in found.columns if name != "owner_id")).aggregate(
        owner_id=joined.then.max()
    )
    return whole.select(*found.columns)
