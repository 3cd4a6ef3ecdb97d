"""Spells as a flow counts them: what came after `as_of` gone, undated ones put where they must lie.

Spells keep the order of the timeline even where a time is not known: an undated one before
every dated one began before anything known; an undated one after a dated one happened after
it, and is noticed at `as_of`.

Not here: what is counted of them (flow.py, balance.py, paths.py, flow_rework.py).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import ibis

from config.schema import UNMAPPED, Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.dimensions import OWN, with_dimension
from leadpact.metrics.moments import utc_midnight
from leadpact.tables import Table, Tables


def settled(spell: Table) -> Table:
    """The spells without the undated ones that follow a spell lasting at `as_of`.

    A cut at a past moment drops the dated spells after it; an undated one after those is later still.
    """
    late = _undated(spell).filter(lambda t: t.lasting_n.notnull() & (t.n > t.lasting_n))
    return spell.anti_join(late.select("person_id", "n"), ["person_id", "n"])


def placed(spell: Table, as_of: datetime) -> Table:
    """The settled spells with `since`, `until` and `assumed`.

    `since`: the entry, else `as_of` where a dated spell came before, else null: before everything.
    `until`: null while it lasts; the exit, else `as_of`. `assumed` where either is not known.
    Left out: an undated spell left for another undated one, as nothing says when it was.
    """
    moment = ibis.timestamp(as_of.isoformat(" "))
    spell = settled(spell)
    known = spell.filter(_known(spell))
    odd = _undated(spell)
    dated_before = odd.dated_n.notnull() & (odd.dated_n < odd.n)
    since = ibis.ifelse(odd.entered_at.isnull() & dated_before, moment, odd.entered_at)
    gone = ~odd.lasts & odd.left_at.isnull()
    until = ibis.ifelse(gone, moment, odd.left_at)
    nowhere = gone & since.isnull()
    odd = odd.mutate(since=since, until=until).filter(~nowhere)
    names = list(spell.columns)
    return ibis.union(
        known.select(*names, since=known.entered_at, until=known.left_at, assumed=ibis.literal(False)),
        odd.select(*names, "since", "until", assumed=ibis.literal(True)),
    )


def _known(spell: Table) -> Any:
    return spell.entered_at.notnull() & (spell.lasts | spell.left_at.notnull())


def _undated(spell: Table) -> Table:
    """The spells whose entry or exit is not known, with the person's first dated and first lasting spell."""
    odd = spell.filter(~_known(spell))
    theirs = spell.semi_join(odd.select("person_id").distinct(), "person_id")
    first = theirs.group_by(of="person_id").aggregate(
        dated_n=theirs.n.min(where=theirs.entered_at.notnull()), lasting_n=theirs.n.min(where=theirs.lasts)
    )
    return odd.left_join(first, odd.person_id == first.of).drop("of")


def revisited(spell: Table) -> Table:
    """The stages people were in more than once, once each. Out: of_person, of_stage."""
    return spell.filter(spell.visit == 2).select(of_person="person_id", of_stage="stage")


def within(moment: Any, pact: Pact, start: date | None, end: date | None) -> Any:
    """Whether a moment (UTC) falls in the days `[start, end)` of the pact's zone; one not known does not.

    Raises Misconfigured for a range that ends before it starts.
    """
    if start is not None and end is not None and start >= end:
        raise Misconfigured("funnel.bad_range", start=start.isoformat(), end=end.isoformat())
    inside = moment.notnull()
    if start is not None:
        inside = inside & (moment >= ibis.timestamp(utc_midnight(start, pact.zone)))
    if end is not None:
        inside = inside & (moment < ibis.timestamp(utc_midnight(end, pact.zone)))
    return inside


def grouped(rows: Table, tables: Tables, by: str | None, pact: Pact) -> Table:
    """The rows with `group`. In: person_id, journey, object, record_id, owner_id (at the step) and entry.

    Source, campaign, country and type are those of the journey's first record; where there is no
    journey, and for other fields, those of the row's own. `entry` gives month and week.
    """
    if by is None:
        return rows.mutate(group=ibis.null("string"))
    record = tables.record.select(of_object="object", of_id="record_id", **{name: name for name in OWN})
    joined = rows.left_join(record, (rows.object == record.of_object) & (rows.record_id == record.of_id))
    if by in OWN:
        first = tables.journey.select(of_person="person_id", of_journey="journey", at_entry=tables.journey[by])
        joined = joined.left_join(first, (joined.person_id == first.of_person) & (joined.journey == first.of_journey))
        joined = joined.mutate(**{by: ibis.ifelse(joined.of_person.notnull(), joined.at_entry, joined[by])})
    named = with_dimension(joined, tables, by, pact)
    return named.select(*rows.columns, "group")


def order(pact: Pact) -> dict[str, int]:
    """The place of every stage in the pact, the unmapped last."""
    return {key: place for place, key in enumerate([*(stage.key for stage in pact.stages), UNMAPPED])}
