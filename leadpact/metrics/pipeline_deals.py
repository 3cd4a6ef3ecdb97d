"""Deals as the lead process sees them: which journey came before each, and which campaigns.

A deal is *sourced* when its person's journey began before it: the latest begun by then, ended or
not. What a deal itself began is no lead that came before it.

Not here: adding amounts up (pipeline.py), days (cycles.py).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import ibis

from config.schema import FUNNEL_KINDS, Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.dimensions import OWN, with_dimension
from leadpact.metrics.moments import utc_midnight
from leadpact.tables import Table, Tables

DAY = 86_400_000_000  # microseconds
STATES = ("open", "won", "lost", "unknown")
# how a deal came about; all but the last are the pact's deals
ORIGINS = ("sourced", "direct", "unknown", "invalid", "unattributed", "out_of_scope")
NOTHING = ibis.null("string")
SCHEMA = ibis.schema({
    "opportunity_id": "string", "person_id": "string", "origin": "string", "journey": "int64", "began_at": "timestamp",
    "created_at": "timestamp", "closed_at": "timestamp", "state": "string", "amount": "float64", "currency": "string",
    "influenced": "boolean", "type": "string", "pipeline": "string", "deal_object": "string", "deal_record": "string",
    "object": "string", "record_id": "string", "owner_id": "string", **dict.fromkeys(OWN, "string"),
})  # fmt: skip


def deals(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
    lookback_days: float | None = None,
    influence: bool = True,
    origins: bool = True,
) -> Table:
    """One row per deal of the types and pipelines the pact names, created in `[start, end)`.

    Out: opportunity_id, object, record_id, person_id (null: reaches no known record), origin
    (one of ORIGINS), journey and began_at (of the credited journey, where sourced), created_at,
    closed_at (null while open), state (one of STATES, at `as_of`), amount, currency, influenced
    (a campaign response of the person before the close; null where nobody can say, or it is not asked), group, type,
    pipeline. A deal of unknown creation stays, to be counted, as long as no range is asked for.

    Source, campaign and other dimensions are the credited journey's, else the deal's record's;
    the owner is the deal's, month and week those of its creation. Without `origins` nothing is
    credited: origin is unattributed, out_of_scope or null, and dimensions are the record's.
    """
    of, name = (pact, as_of, lookback_days), f"deals, influence {influence}, origins {origins}"
    known = tables.shared(
        name, of, SCHEMA, lambda: _known(tables, pact, as_of, lookback_days, influence=influence, origins=origins)
    )
    if start is not None or end is not None:
        known = known.filter(inside(known.created_at, pact, start, end))
    named = with_dimension(known.mutate(entry=known.created_at), tables, by, pact)
    keys = named.select(
        "opportunity_id", "person_id", "origin", "journey", "began_at", "created_at", "closed_at", "state",
        "amount", "currency", "influenced", "group", "type", "pipeline",
        object="deal_object", record_id="deal_record",
    )  # fmt: skip
    return keys.relocate("object", "record_id", before="person_id")


def _known(
    tables: Tables, pact: Pact, as_of: datetime, lookback_days: float | None, *, influence: bool, origins: bool
) -> Table:
    """The deals, whenever they were created, with what they can be split by."""
    deal = _placed(_governed(tables, pact, as_of), tables, pact)
    known = _credited(deal, tables, pact) if origins else _uncredited(deal)
    if influence and "campaign_touch" in tables.provided:
        touched = responses(deal, tables, as_of, lookback_days)
        seen = touched.group_by(of_deal="opportunity_id").aggregate(
            influences=touched.counts.any(), responds_undated=touched.undated.any()
        )
        joined = known.left_join(seen, known.opportunity_id == seen.of_deal)
        influenced = ibis.cases(
            (joined.influences.fill_null(False), True),
            (joined.responds_undated.fill_null(False) | joined.person_id.isnull(), ibis.null("boolean")),
            else_=False,
        )
        known = joined.mutate(influenced=influenced)
    else:
        known = known.mutate(influenced=ibis.null("boolean"))
    return known.select(list(SCHEMA))


def inside(at: Any, pact: Pact, start: date | None, end: date | None) -> Any:
    """Whether a moment falls in `[start, end)`, days of the pact's zone; null stays null.

    Raises Misconfigured for a range that cannot be.
    """
    if start is not None and end is not None and start >= end:
        raise Misconfigured("funnel.bad_range", start=start.isoformat(), end=end.isoformat())
    found = ibis.literal(True)
    if start is not None:
        found = found & (at >= ibis.timestamp(utc_midnight(start, pact.zone)))
    if end is not None:
        found = found & (at < ibis.timestamp(utc_midnight(end, pact.zone)))
    return found


def of_pact(tables: Tables, pact: Pact) -> Table:
    """The opportunities of the types and pipelines that win a lead; all of them where the pact names none."""
    deal = tables.opportunity
    if pact.opportunities.types:
        deal = deal.filter(deal["type"].isin(pact.opportunities.types))
    if pact.opportunities.pipelines:
        deal = deal.filter(deal.pipeline.isin(pact.opportunities.pipelines))
    return deal


def _governed(tables: Tables, pact: Pact, as_of: datetime) -> Table:
    """The deals at `as_of`: one closed later is open then, and the close date of an open one is a plan."""
    now = ibis.timestamp(as_of.isoformat(" "))
    deal = of_pact(tables, pact)
    deal = deal.filter(deal.created_at.isnull() | (deal.created_at <= now))
    happened = deal.closed_at.isnull() | (deal.closed_at <= now)
    won = deal.is_won.fill_null(False)
    closed = won | deal.is_closed.fill_null(False)
    state = ibis.cases(
        (won & happened, "won"),
        (closed & ~happened, "open"),
        (closed & deal.is_won.notnull(), "lost"),
        (deal.is_closed.notnull() & ~closed, "open"),
        else_="unknown",  # nobody says whether it is closed, or closed how
    )
    currency = deal.currency.strip().upper()
    return deal.select(
        "opportunity_id", "created_at", "type", "pipeline", "owner_id",
        deal_object=deal.object,
        deal_record=deal.record_id,
        closed_at=ibis.ifelse(state.isin(["won", "lost"]), deal.closed_at, ibis.null("timestamp")),
        state=state,
        amount=ibis.ifelse(deal.amount.isnan(), ibis.null("float64"), deal.amount),
        currency=ibis.ifelse(currency == "", NOTHING, currency),
    )  # fmt: skip


def _placed(deal: Table, tables: Tables, pact: Pact) -> Table:
    """The deals with their person, whether the pact governs them, and their record's dimensions."""
    record = tables.record
    governed = ibis.literal(True)
    for field, values in pact.scope.items():
        governed = governed & record[field].isin(values).fill_null(False)
    facts = record.select(
        "person_id", of="object", by="record_id", governed=governed, **{f"own_{name}": name for name in OWN}
    )
    return deal.left_join(facts, (deal.deal_object == facts.of) & (deal.deal_record == facts.by)).drop("of", "by")


def _credited(deal: Table, tables: Tables, pact: Pact) -> Table:
    """The deals with `origin`, and with journey, began_at, key and dimensions of what is credited."""
    own = _lead_journeys(deal, tables, pact)
    pairs = deal.select("opportunity_id", "person_id", "created_at").inner_join(own, "person_id")
    # on a tie the lead came first, as in the timeline; what an undated entry is known by came after it
    before = (pairs.began_at < pairs.created_at) | (pairs.dated & (pairs.began_at == pairs.created_at))
    found = pairs.group_by(of_deal="opportunity_id").aggregate(
        chosen=pairs.journey.max(where=before), undated=(~pairs.dated | pairs.created_at.isnull()).any()
    )
    joined = deal.left_join(found, deal.opportunity_id == found.of_deal)
    facts = own.rename(of_person="person_id")
    both = joined.left_join(facts, (joined.person_id == facts.of_person) & (joined.chosen == facts.journey))
    origin = ibis.cases(
        (both.person_id.isnull(), "unattributed"),
        (~both.governed, "out_of_scope"),
        (both.chosen.notnull() & both.invalid, "invalid"),
        (both.chosen.notnull(), "sourced"),
        (both.undated.fill_null(False), "unknown"),
        else_="direct",
    )
    sourced = both.chosen.notnull()
    return both.mutate(
        origin=origin,
        object=ibis.ifelse(sourced, both.at_object, both.deal_object),
        record_id=ibis.ifelse(sourced, both.at_record, both.deal_record),
        **{name: ibis.ifelse(sourced, both[f"at_{name}"], both[f"own_{name}"]) for name in OWN},
    )


def _uncredited(deal: Table) -> Table:
    """The deals without asking what came before."""
    origin = ibis.cases((deal.person_id.isnull(), "unattributed"), (~deal.governed, "out_of_scope"), else_=NOTHING)
    return deal.mutate(
        origin=origin,
        journey=ibis.null("int64"),
        began_at=ibis.null("timestamp"),
        object=deal.deal_object,
        record_id=deal.deal_record,
        **{name: deal[f"own_{name}"] for name in OWN},
    )


def _lead_journeys(deal: Table, tables: Tables, pact: Pact) -> Table:
    """The journeys of people with deals.

    Out: person_id, journey, began_at (first entry to a funnel stage by a status, not by a deal's
    event; null where none is dated), dated (whether the journey's own entry is), invalid, at_object,
    at_record and its dimensions as `at_<name>`.
    """
    events = pact.status_map.opportunity.model_dump(exclude_none=True)
    raw = {*pact.status_map.lead, *pact.status_map.contact}
    words = [word for word in events if word not in raw]  # a status of that name is no event of a deal
    spell = tables.spell.filter(tables.spell.journey.notnull(), tables.spell.kind.isin(FUNNEL_KINDS))
    spell = spell.semi_join(deal, "person_id")
    by_status = ~spell.value.isin(words).fill_null(False) if words else ibis.literal(True)
    began = spell.group_by(of_person="person_id", of_journey="journey").aggregate(
        began_at=spell.entered_at.min(where=by_status)
    )
    journey = tables.journey
    joined = journey.inner_join(began, (journey.person_id == began.of_person) & (journey.journey == began.of_journey))
    return joined.select(
        "person_id", "journey", "began_at",
        dated=joined.entered_at.notnull(),
        invalid=(joined.end_kind == "invalid").fill_null(False),
        at_object=joined.object,
        at_record=joined.record_id,
        **{f"at_{name}": name for name in OWN},
    )  # fmt: skip


def responses(deal: Table, tables: Tables, as_of: datetime, lookback_days: float | None = None) -> Table:
    """Campaign responses of the people of deals, each with whether it counts as influence.

    In: deals with person_id, created_at, closed_at and state. A response counts when it came
    before the close (while open: before `as_of`; closed at an unknown time: before the creation)
    and not more than `lookback_days` before the creation. Without a limit any earlier one counts:
    most CRMs' own default.

    Out: opportunity_id, campaign, response, at (UTC), counts, undated.
    """
    people = tables.record.select("object", "record_id", "person_id")
    touch = tables.campaign_touch.inner_join(people, ["object", "record_id"])
    touch = touch.select("campaign", "response", of_person="person_id", touched_at="at")
    now = ibis.timestamp(as_of.isoformat(" "))
    until = ibis.cases(
        (deal.closed_at.notnull(), deal.closed_at), (deal.state.isin(["won", "lost"]), deal.created_at), else_=now
    )
    asked = deal.select("opportunity_id", "person_id", "created_at", until=until)
    pairs = asked.inner_join(touch, asked.person_id == touch.of_person)
    counts = (pairs.touched_at <= pairs.until) & (pairs.touched_at <= now)
    if lookback_days is not None:
        since = pairs.created_at - ibis.interval(microseconds=round(lookback_days * DAY))
        counts = counts & (pairs.touched_at >= since)
    return pairs.select(
        "opportunity_id", "campaign", "response",
        at=pairs.touched_at,
        counts=counts.fill_null(False),
        undated=pairs.touched_at.isnull(),
    )  # fmt: skip
