"""A person's timeline: every status change of their records and every mapped deal event.

A record is a CRM row, a person is what several records have in common. Out: one row per
event with the stage it leads to, in an order that is total: `(phase, at, rank, seq, …)`.

Not here: spells (spells.py), who is one person (persons.py), what a stage is (config).
"""

from __future__ import annotations

from typing import Any

import ibis

from config.schema import UNMAPPED, Pact
from leadpact.history import GAP
from leadpact.tables import Table, Tables

DELETED = "(deleted)"
ORDER = ("phase", "at", "rank", "seq", "record_id")
# where a time is not known, the phase still says first or last
FIRST, TIMED, LAST = 0, 1, 2
RANK = {"lead": 0, "contact": 1, "opportunity": 2, DELETED: 3}
DAY = 86_400_000_000


def events(tables: Tables, pact: Pact) -> Table:
    """All events of all people the pact governs.

    Out: person_id, object, record_id, phase, at (null where not known), rank, seq, value (the
    raw value, null for a blank one), from_value, stage, kind, evidence. A value no stage claims
    is the stage `unmapped`. A lead stops at its conversion, a merged record at its merge. A
    remap keeps evidence `remap`: it relabels a spell, it is not a move (spells.py).
    """
    record = governed(tables.record, pact)
    status = _status_events(tables, record, pact)
    deals = _opportunity_events(tables, record, pact)
    gone = _deletions(tables, record)
    return ibis.union(ibis.union(status, deals), gone)


def governed(record: Table, pact: Pact) -> Table:
    """The records in the pact's scope; all of them where it names none."""
    for field, values in pact.scope.items():
        record = record.filter(record[field].isin(values))
    return record


def stage_names(pact: Pact) -> Table:
    """The pact's map as a table: object, value (`` for a blank one), stage."""
    rows = [
        {"map_object": object, "map_value": value, "stage": stage}
        for object in ("lead", "contact")
        for value, stage in pact.status_map.of(object).items()
    ]
    return ibis.memtable(rows, schema={"map_object": "string", "map_value": "string", "stage": "string"})


def kind_of(stage: Any, pact: Pact) -> Any:
    """The kind of a stage column: `unmapped` and `(deleted)` are kinds of their own."""
    return stage.cases(*((s.key, s.kind) for s in pact.stages), else_=stage)


def _status_events(tables: Tables, record: Table, pact: Pact) -> Table:
    change = tables.field_change.filter(tables.field_change.field == "status")
    ends = _record_ends(tables, record)
    keys = ["object", "record_id"]
    joined = change.inner_join(ends, keys)
    # an undated change after all others cannot be placed before the record's end: it is left out
    within = joined.ends_at.isnull() | ibis.ifelse(
        joined["at"].isnull(), joined.seq != GAP, joined["at"] <= joined.ends_at
    )
    kept = joined.filter(within)
    names = stage_names(pact)
    mapped = kept.left_join(names, (kept.object == names.map_object) & (kept.to_value.fill_null("") == names.map_value))
    stage = mapped.stage.fill_null(UNMAPPED)
    return mapped.select(
        "person_id",
        "object",
        "record_id",
        phase=ibis.ifelse(mapped["at"].notnull(), TIMED, ibis.ifelse(mapped.seq == GAP, LAST, FIRST)).cast("int8"),
        at=mapped["at"],
        rank=ibis.ifelse(mapped.object == "lead", RANK["lead"], RANK["contact"]).cast("int8"),
        seq=mapped.seq,
        value=mapped.to_value,
        from_value=mapped.from_value,
        stage=stage,
        kind=kind_of(stage, pact),
        evidence=mapped.evidence,
    )


def _record_ends(tables: Tables, record: Table) -> Table:
    """Every record with its person and the moment after which its changes no longer count.

    A lead: its conversion (a date without a time covers its whole day), else its contact's
    first change. A merged record: its merge, where the source dates it. Null: never.
    """
    change = tables.field_change
    timed = change.filter(change["at"].notnull())
    first = (
        timed.filter(timed.object == "contact", timed.field == "status")
        .group_by(contact_id="record_id")
        .aggregate(contact_from=lambda t: t["at"].min())
    )
    merged = (
        timed.filter(timed.field == "merged_into")
        .group_by(merge_object="object", merge_id="record_id")
        .aggregate(merged_at=lambda t: t["at"].min())
    )
    joined = record.left_join(first, (record.object == "lead") & (record.converted_to == first.contact_id))
    joined = joined.left_join(merged, (joined.object == merged.merge_object) & (joined.record_id == merged.merge_id))
    is_date = joined.converted_at == joined.converted_at.truncate("D")
    converted = ibis.ifelse(is_date, joined.converted_at + ibis.interval(microseconds=DAY - 1), joined.converted_at)
    lead_ends = ibis.ifelse(
        joined.object == "lead", ibis.coalesce(converted, joined.contact_from), ibis.null("timestamp")
    )
    ends = ibis.ifelse(
        lead_ends.notnull() & joined.merged_at.notnull(),
        ibis.least(lead_ends, joined.merged_at),
        ibis.coalesce(lead_ends, joined.merged_at),
    )
    return joined.select("object", "record_id", "person_id", ends_at=ends)


def _opportunity_events(tables: Tables, record: Table, pact: Pact) -> Table:
    """Deals created, won and lost, as changes of the person the deal reaches by its record.

    A deal dated before the person was known moves to that moment: it cannot precede the lead.
    """
    deal = tables.opportunity
    if pact.opportunities.types:
        deal = deal.filter(deal["type"].isin(pact.opportunities.types))
    if pact.opportunities.pipelines:
        deal = deal.filter(deal.pipeline.isin(pact.opportunities.pipelines))
    known = record.group_by("person_id").aggregate(known_from=record.created_at.min())
    people = record.select("object", "record_id", "person_id").left_join(known, "person_id")
    deal = deal.inner_join(people.drop("person_id_right"), ["object", "record_id"])
    stages = pact.status_map.opportunity
    lost = deal.is_closed & ~deal.is_won.fill_null(False)
    parts = [
        _deal_event(deal.filter(condition), at, stage, value, number, pact)
        for number, (stage, condition, at, value) in enumerate(
            (
                (stages.created, deal.created_at.notnull(), "created_at", "created"),
                (stages.won, deal.is_won, "closed_at", "won"),
                (stages.lost, lost, "closed_at", "lost"),
            )
        )
        if stage is not None
    ]
    if not parts:
        parts = [_deal_event(deal.limit(0), "created_at", UNMAPPED, "created", 0, pact)]
    return parts[0] if len(parts) == 1 else ibis.union(*parts)


def _deal_event(deal: Table, when: str, stage: str, value: str, number: int, pact: Pact) -> Table:
    at = ibis.ifelse(
        deal[when].notnull() & deal.known_from.notnull(), ibis.greatest(deal[when], deal.known_from), deal[when]
    )
    return deal.select(
        "person_id",
        "object",
        "record_id",
        phase=ibis.ifelse(at.notnull(), TIMED, LAST).cast("int8"),
        at=at,
        rank=ibis.literal(RANK["opportunity"]).cast("int8"),
        seq=ibis.literal(number).cast("int64"),
        value=ibis.literal(value),
        from_value=ibis.null("string"),
        stage=ibis.literal(stage),
        kind=ibis.literal(UNMAPPED if stage == UNMAPPED else pact.stage(stage).kind),
        evidence=ibis.ifelse(at.notnull(), "history", "imputed"),
    )


def _deletions(tables: Tables, record: Table) -> Table:
    """One event for each person of whom no record is left; its time is null where not logged."""
    change = tables.field_change
    logged = (
        change.filter(change.field == "condition", change.to_value == "deleted")
        .group_by("object", "record_id")
        .aggregate(deleted_at=lambda t: t["at"].max())
    )
    own = record.filter(record.merged_into.isnull()).left_join(logged, ["object", "record_id"])
    # a converted lead gives way to its contact: only the contact's deletion ends the person
    own = own.filter(~((own.object == "lead") & own.converted_to.notnull() & (own.condition != "deleted")))
    gone = own.group_by("person_id").aggregate(
        all_gone=(own.condition == "deleted").all(),
        at=own.deleted_at.max(),
        object=own.object.min(),
        record_id=own.record_id.min(),
    )
    gone = gone.filter(gone.all_gone)
    return gone.select(
        "person_id",
        "object",
        "record_id",
        phase=ibis.ifelse(gone["at"].notnull(), TIMED, LAST).cast("int8"),
        at=gone["at"],
        rank=ibis.literal(RANK[DELETED]).cast("int8"),
        seq=ibis.literal(0).cast("int64"),
        value=ibis.null("string"),
        from_value=ibis.null("string"),
        stage=ibis.literal(DELETED),
        kind=ibis.literal(DELETED),
        evidence=ibis.ifelse(gone["at"].notnull(), "history", "imputed"),
    )
