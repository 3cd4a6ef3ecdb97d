"""Journeys: from a person's first spell in the funnel to the end of it, and again.

A journey starts with the first spell in `nurture`, `qualified`, `sales` or `won` and ends
with entering `won`, `recycled`, `disqualified` or `invalid`; the next such spell starts the
next journey. A value no stage claims neither starts nor ends one; what follows a win without
a new start (`won`, `retained`) belongs to the won one.

Not here: spells (spells.py), cohorts and rates (funnel.py).
"""

from __future__ import annotations

from typing import Any

import ibis

from config.schema import END_KINDS, FUNNEL_KINDS, UNMAPPED, Pact
from leadpact.tables import Table

ORIGIN = ("source", "campaign", "country", "record_type")
AFTER_WIN = ("won", "retained", UNMAPPED)


def assign(spell: Table) -> Table:
    """The spells with `journey`: 1, 2, … for a person, null for a spell of no journey.

    The ends cut a person's spells into parts, each up to and with its end. A part holds at most
    one journey: from its first funnel spell on. What stands before that belongs to the journey
    won last, as long as nothing but `won`, `retained` and unmapped values follows the win.
    """
    before = ibis.window(group_by="person_id", order_by=spell.n, preceding=(None, 1))
    parted = spell.mutate(part=spell.kind.isin(END_KINDS).cast("int64").sum().over(before).fill_null(0))
    parts = _parts(parted)
    joined = parted.left_join(parts, ["person_id", "part"]).drop("person_id_right", "part_right")
    own = joined.start_n.notnull() & (joined.n >= joined.start_n)
    of_win = joined.won_before & (joined.stop_n.isnull() | (joined.n < joined.stop_n)) & ~own
    journey = ibis.cases((own, joined.number), (of_win, joined.number_before), else_=ibis.null("int64"))
    return joined.mutate(journey=journey).drop(
        "part", "start_n", "stop_n", "end_kind", "won_before", "number", "number_before"
    )


def _parts(parted: Table) -> Table:
    """One row per part: where its journey starts (null: none), its number, and the win before it."""
    is_end = parted.kind.isin(END_KINDS)
    part = parted.group_by("person_id", "part").aggregate(
        first_n=parted.n.min(where=parted.kind.isin(FUNNEL_KINDS)),
        # won again after a win is the same win, however the CRM spells it
        first_but_won=parted.n.min(where=parted.kind.isin(FUNNEL_KINDS) & (parted.kind != "won")),
        stop_n=parted.n.min(where=~parted.kind.isin(AFTER_WIN)),
        end_kind=parted.kind.argmin(parted.n, where=is_end),
    )
    window = ibis.window(group_by="person_id", order_by=part.part)
    after_win = (part.end_kind.lag().over(window) == "won").fill_null(False)
    part = part.mutate(won_before=after_win, start_n=ibis.ifelse(after_win, part.first_but_won, part.first_n))
    started = part.start_n.notnull().cast("int64")
    running = ibis.cumulative_window(group_by="person_id", order_by=part.part)
    part = part.mutate(number=started.sum().over(running))
    return part.mutate(number_before=part.number - part.start_n.notnull().cast("int64")).drop(
        "first_n", "first_but_won"
    )


def journeys(spell: Table, record: Table, pact: Pact) -> Table:
    """Out: one row per journey, from spells that carry `journey` (assign).

    person_id, journey, object, record_id (of its first record), entered_at (null: imputed),
    entry_stage, ended_at (null while open, and where the end is not dated), end_kind (null
    while open; `deleted` when the person's records are gone), end_stage, end_value, stage,
    stage_kind (where it stands, or ended), moves, imputed (some start is not known), and for
    every funnel stage `visited_<key>` (first entry) and `strict_<key>` (entered after every
    funnel stage before it was, in order). Source, campaign, country and record_type are the
    first record's; owner_id held it at entry.
    """
    own = spell.filter(spell.journey.notnull())
    keys = [stage.key for stage in pact.funnel]
    is_end = own.kind.isin(END_KINDS)
    by = own.group_by("person_id", "journey").aggregate(
        moves=own.n.count() - 1,
        entered_at=own.entered_at.argmin(own.n, where=own.entered_at.notnull()),
        known=own.entered_at.notnull().cast("int8").min(),
        entry_stage=own.stage.argmin(own.n),
        entry_known=own.entered_at.notnull().cast("int8").argmin(own.n),
        object=own.object.argmin(own.n),
        record_id=own.record_id.argmin(own.n),
        # argmin passes over nulls, and nobody is an answer too
        owner_id=own.owner_id.fill_null("").argmin(own.n).nullif(""),
        stage=own.stage.argmax(own.n),
        stage_kind=own.kind.argmax(own.n),
        ends=is_end.cast("int8").max(),
        ended_at=own.entered_at.argmin(own.n, where=is_end & own.entered_at.notnull()),
        end_kind=own.kind.argmin(own.n, where=is_end),
        end_stage=own.stage.argmin(own.n, where=is_end),
        end_value=own.value.argmin(own.n, where=is_end & own.value.notnull()),
        last_left=own.left_at.argmax(own.n, where=own.left_at.notnull()),
        lasts=own.lasts.cast("int8").max(),
        **reached(own, keys),
    )
    hidden = _hidden(spell)
    by = by.left_join(hidden, (by.person_id == hidden.hidden_id) & (by.journey == 1))
    # a last spell that was left without an end of its own: the person's records were deleted
    deleted = (by.ends == 0) & (by.lasts == 0)
    entry_known = (by.entry_known == 1) & by.hidden_id.isnull()
    whole = by.mutate(
        ended_at=ibis.ifelse(deleted, by.last_left, by.ended_at),
        end_kind=ibis.ifelse(deleted, "deleted", by.end_kind),
        entered_at=ibis.ifelse(entry_known, by.entered_at, ibis.null("timestamp")),
        imputed=(by.known == 0) | by.hidden_id.notnull(),
    )
    dims = record.select(
        dim_object="object",
        dim_id="record_id",
        source="source",
        campaign="campaign",
        country="country",
        record_type="record_type",
    )
    joined = whole.left_join(dims, (whole.object == dims.dim_object) & (whole.record_id == dims.dim_id))
    named = joined.select(
        "person_id",
        "journey",
        "object",
        "record_id",
        "entered_at",
        "entry_stage",
        "ended_at",
        "end_kind",
        "end_stage",
        "end_value",
        "stage",
        "stage_kind",
        "moves",
        "imputed",
        "source",
        "campaign",
        "country",
        "record_type",
        "owner_id",
        *(f"has_{key}" for key in keys),
        *(f"visited_{key}" for key in keys),
    )
    return with_strict(named, own, keys)


def _hidden(spell: Table) -> Table:
    """People of whom the source knows that something came before their first dated status, and not what.

    Their first journey may have begun in it. Out: hidden_id.
    """
    first = (spell.n == 1) & spell.value.isnull() & spell.entered_at.isnull() & (spell.evidence == "imputed")
    return spell.filter(first).select(hidden_id="person_id")


def reached(own: Table, keys: list[str]) -> dict[str, Any]:
    """The aggregates of spells that say which stages were visited, and when first."""
    found: dict[str, Any] = {}
    for key in keys:
        here = own.stage == key
        found[f"has_{key}"] = here.any()
        found[f"visited_{key}"] = own.entered_at.min(where=here)
    return found


def with_strict(journey: Table, own: Table, keys: list[str]) -> Table:
    """The journeys with `has_strict_<key>` and `strict_<key>`: entered after all stages before, in order.

    In: journeys, and their spells. Stage by stage: the first spell of a stage after the one
    found for the stage before. Greedy is exact: the earliest spell of one stage leaves most
    room for the next. A join per stage on few rows, not a window per stage over all of them.
    """
    levels: list[Table] = []
    for key in keys:
        here = own.filter(own.stage == key)
        if levels:
            last = levels[-1].select(last_person="person_id", last_journey="journey", last_n="n")
            after = (here.person_id == last.last_person) & (here.journey == last.last_journey) & (here.n > last.last_n)
            here = here.inner_join(last, after)
        first = here.group_by("person_id", "journey").aggregate(
            at=here.entered_at.argmin(here.n, where=here.entered_at.notnull()),
            known=here.entered_at.notnull().cast("int8").argmin(here.n),
            first_n=here.n.min(),
        )
        at = ibis.ifelse(first.known == 1, first["at"], ibis.null("timestamp"))
        levels.append(first.select("person_id", "journey", n="first_n", at=at, stage=ibis.literal(key)))
    whole = levels[0] if len(levels) == 1 else ibis.union(*levels)
    wide = whole.group_by(of_person="person_id", of_journey="journey").aggregate(
        **{f"has_strict_{key}": (whole.stage == key).any() for key in keys},
        **{f"strict_{key}": whole["at"].min(where=whole.stage == key) for key in keys},
    )
    joined = journey.left_join(wide, (journey.person_id == wide.of_person) & (journey.journey == wide.of_journey))
    filled = {f"has_strict_{key}": joined[f"has_strict_{key}"].fill_null(False) for key in keys}
    return joined.mutate(**filled).drop("of_person", "of_journey")


def with_origin(spell: Table, journey: Table, record: Table) -> Table:
    """The spells with what their journey came from: source, campaign, country, record_type (ORIGIN).

    Those are the journey's at its entry; a spell of no journey has its record's own.
    """
    own = {f"of_{name}": name for name in ORIGIN}
    first = journey.select(of_person="person_id", of_journey="journey", **own)
    inside = spell.filter(spell.journey.notnull())
    inside = inside.left_join(first, (inside.person_id == first.of_person) & (inside.journey == first.of_journey))
    mine = record.select(of_object="object", of_id="record_id", **own)
    outside = spell.filter(spell.journey.isnull())
    outside = outside.left_join(mine, (outside.object == mine.of_object) & (outside.record_id == mine.of_id))
    named = [part.select(*spell.columns, **{name: f"of_{name}" for name in ORIGIN}) for part in (inside, outside)]
    return ibis.union(*named)


def untouched(spell: Table) -> Table:
    """People who are, or were at first, in an untouched stage and nothing past it.

    Out: person_id, entry (first seen; null: not known), until (when they first went past; null
    while they have not). Who went past at a time not known is left out.
    """
    past = ~spell.kind.isin(["untouched", UNMAPPED])
    people = spell.group_by("person_id").aggregate(
        entry=spell.entered_at.min(),
        until=spell.entered_at.min(where=past),
        waiting=(spell.kind == "untouched").any(),
        unknown=(past & spell.entered_at.isnull()).any(),
    )
    return people.filter(people.waiting, ~people.unknown).select("person_id", "entry", "until")
