"""The cases behind slow engines: times in a stage, and journeys lost from a stage, by group.

Not here: what is tested on them (engines.py), spells and hands (velocity.py, engines_hands.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import ibis

from config.schema import Pact
from leadpact.metrics.dimensions import OF_OWNER, OWN, with_dimension
from leadpact.metrics.engines_hands import stints, with_decider
from leadpact.metrics.moments import earliest
from leadpact.metrics.velocity import DAY, entered_between, spells
from leadpact.tables import Table, Tables

WORKED = ("nurture", "qualified", "sales")


def stages(pact: Pact) -> list[str]:
    """The stages leads are meant to move on from: the funnel without its end."""
    return [stage.key for stage in pact.funnel if stage.kind in WORKED]


def times(
    tables: Tables, pact: Pact, as_of: datetime, by: str, start: date | None = None, end: date | None = None
) -> Table:
    """Every time spent in a worked stage; by owner or team, every stretch of it in one owner's hands.

    Out: person_id, object, record_id, stage, group, entered_at (by owner: got it), left_at
    (null: open, or handed on), days, left (it left the stage; by owner: while in these hands),
    known (its times are). Days `[start, end)` are those of entry into the stage.
    """
    spell = spells(tables, pact, as_of, start, end)
    spell = spell.filter(spell.stage.isin(stages(pact)))
    if by in OF_OWNER:
        spell = stints(spell, tables, "entered_at", "until")
        spell = spell.mutate(
            entered_at=spell.held_from,
            left=spell.left & ~spell.handed_on,
            left_at=ibis.ifelse(spell.handed_on, ibis.null("timestamp"), spell.left_at),
            days=spell.held_until.delta(spell.held_from, unit="microsecond") / DAY,
        )
    named = with_dimension(spell, tables, by, pact)
    return named.select(
        "person_id", "object", "record_id", "stage", "group", "entered_at", "left_at", "days", "left", "known"
    )


def losses(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    by: str,
    window_days: float,
    start: date | None = None,
    end: date | None = None,
) -> Table:
    """Journeys at every worked stage they came to, and whether they were lost from there.

    All are judged at the same age: lost is not to have reached a later funnel stage within
    `window_days` of first entry to this one; ended or still there, as in the funnel. Journeys
    that had been further before are not at the stage for the first time, and are not there.
    Out: person_id, journey, object, record_id, stage, group (by owner: who held it when that
    was decided), entered_at, part (`counted`, `immature`: younger than the window, `unknown`,
    `invalid`), lost. Days `[start, end)` are those of entry into the stage.
    """
    keys = [stage.key for stage in pact.funnel]
    asked = [key for key in stages(pact) if key != keys[-1]]
    if not asked:
        return ibis.memtable([], schema=_LOSSES)
    # a row per journey and stage by one cross join: a union of a select per stage takes seconds to compile
    journey = tables.journey.select(*_OF_JOURNEY, *(f"has_{key}" for key in asked), *(f"visited_{key}" for key in keys))
    crossed = journey.cross_join(ibis.memtable({"stage": asked}, schema={"stage": "string"}))
    later = {key: [crossed[f"visited_{name}"] for name in keys[keys.index(key) + 1 :]] for key in asked}
    whole = crossed.select(
        *_OF_JOURNEY,
        "stage",
        here=ibis.cases(*((crossed.stage == key, crossed[f"has_{key}"]) for key in asked), else_=False),
        entered_at=ibis.cases(*((crossed.stage == key, crossed[f"visited_{key}"]) for key in asked)),
        later=ibis.cases(*((crossed.stage == key, earliest(*times)) for key, times in later.items())),
    )
    whole = entered_between(whole.filter(whole.here), pact, start, end)
    whole = whole.filter(whole.later.isnull() | whole.entered_at.isnull() | (whole.later >= whole.entered_at))
    window = ibis.interval(microseconds=round(window_days * DAY))
    now = ibis.timestamp(as_of.isoformat(" "))
    due = whole.entered_at + window
    part = ibis.cases(
        (whole.imputed | whole.entered_at.isnull(), "unknown"),
        ((whole.end_kind == "invalid").fill_null(False), "invalid"),
        (due > now, "immature"),
        else_="counted",
    )
    whole = whole.mutate(
        entry=whole.entered_at,
        part=part,
        lost=(whole.later.isnull() | (whole.later > due)),
        decided_at=ibis.least(due, now, whole.later, whole.ended_at),
    )
    if by in OF_OWNER:
        whole = with_decider(_at_its_record(whole, tables), tables, "entered_at", "decided_at")
    named = with_dimension(whole, tables, by, pact)
    return named.select("person_id", "journey", "object", "record_id", "stage", "group", "entered_at", "part", "lost")


def cases(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    by: Sequence[str],
    stage: str | None,
    window_days: float,
    start: date | None = None,
    end: date | None = None,
) -> Table:
    """Everything the dimensions `by` are compared on, at every worked stage or at `stage`.

    Out: kind (`pace`: as `times`, `loss`: as `losses`), by, and the columns of both; those that
    do not apply are null.
    """
    kept = ("person_id", "object", "record_id", "stage", "group", "entered_at")
    parts = []
    for one in by:
        time = times(tables, pact, as_of, one, start, end)
        parts.append(
            time.select(
                *kept, "days", "known", "left", part=ibis.null("string"), lost=ibis.null("boolean"),
                kind=ibis.literal("pace"), by=ibis.literal(one),
            )
        )  # fmt: skip
        loss = losses(tables, pact, as_of, one, window_days, start, end)
        parts.append(
            loss.select(
                *kept, "part", "lost", days=ibis.null("float64"), known=ibis.null("boolean"),
                left=ibis.null("boolean"), kind=ibis.literal("loss"), by=ibis.literal(one),
            ).select(parts[0].columns)
        )  # fmt: skip
    whole = ibis.union(*parts)
    return whole if stage is None else whole.filter(whole.stage == stage)


def _at_its_record(whole: Table, tables: Tables) -> Table:
    """The journeys with the record that was at the stage: after a conversion it is the contact."""
    record = tables.record
    # only who was converted or merged has several records: few, and a small table is cheap to join
    several = record.filter(record.converted_to.notnull() | record.merged_into.notnull()).select("person_id").distinct()
    spell = tables.spell.filter(tables.spell.journey.notnull()).semi_join(several, "person_id")
    first = spell.group_by("person_id", "journey", "stage").aggregate(
        at_object=spell.object.argmin(spell.n), at_id=spell.record_id.argmin(spell.n)
    )
    joined = whole.left_join(first, ["person_id", "journey", "stage"])
    here = joined.mutate(
        object=joined.at_object.coalesce(joined.object), record_id=joined.at_id.coalesce(joined.record_id)
    )
    return here.select(*whole.columns)


_OF_JOURNEY = (
    "person_id", "journey", "object", "record_id", "imputed", "end_kind", "ended_at", "owner_id", *OWN,
)  # fmt: skip
_LOSSES = {
    "person_id": "string", "journey": "int64", "object": "string", "record_id": "string", "stage": "string",
    "group": "string", "entered_at": "timestamp", "part": "string", "lost": "boolean",
}  # fmt: skip
