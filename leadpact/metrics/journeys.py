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

STARTS = FUNNEL_KINDS
BOUNDS = (*FUNNEL_KINDS, *END_KINDS)
AFTER_WIN = ("won", "retained", UNMAPPED)


def assign(spell: Table) -> Table:
    """The spells with `journey`: 1, 2, … for a person, null for a spell of no journey."""
    numbered = _numbered(spell)
    bounds = numbered.filter(numbered.kind.isin(END_KINDS), numbered.run > 0)
    ends = bounds.group_by("person_id", "run").aggregate(end_n=bounds.n.min(), end_kind=bounds.kind.argmin(bounds.n))
    joined = numbered.left_join(ends, ["person_id", "run"]).drop("person_id_right", "run_right")
    past = joined.filter(joined.n > joined.end_n, ~joined.kind.isin(AFTER_WIN))
    stops = past.group_by("person_id", "run").aggregate(stop_n=past.n.min())
    joined = joined.left_join(stops, ["person_id", "run"]).drop("person_id_right", "run_right")
    within = joined.end_n.isnull() | (joined.n <= joined.end_n)
    kept_by_win = (joined.end_kind == "won") & (joined.stop_n.isnull() | (joined.n < joined.stop_n))
    journey = ibis.ifelse((joined.run > 0) & (within | kept_by_win.fill_null(False)), joined.run, ibis.null("int64"))
    return joined.mutate(journey=journey).drop("run", "end_n", "end_kind", "stop_n")


def _numbered(spell: Table) -> Table:
    """Adds `run`: how many journeys of the person have started, this spell included."""
    bound = spell.filter(spell.kind.isin(BOUNDS))
    before = bound.kind.lag().over(ibis.window(group_by="person_id", order_by=bound.n))
    ended = before.isnull() | before.isin(END_KINDS)
    # won after won is the same win, however the CRM spells it
    again = ended & ~((bound.kind == "won") & (before == "won").fill_null(False))
    starts = bound.mutate(starts=ibis.ifelse(bound.kind.isin(STARTS) & again, 1, 0))
    starts = starts.select("person_id", "n", "starts")
    joined = spell.left_join(starts, ["person_id", "n"]).drop("person_id_right", "n_right")
    running = ibis.cumulative_window(group_by="person_id", order_by=joined.n)
    return joined.mutate(run=joined.starts.fill_null(0).sum().over(running).cast("int64")).drop("starts")


def journeys(spell: Table, record: Table, pact: Pact) -> Table:
    """Out: one row per journey, from spells that carry `journey` (assign).

    person_id, journey, object, record_id (of its first record), entered_at (null: imputed),
    entry_stage, ended_at (null while open, and where the end is not dated), end_kind (null
    while open; `deleted` when the person's records are gone), end_stage, end_value, stage,
    stage_kind (where it stands, or ended), moves, imputed (some start is not known), and for
    every funnel stage `visited_<key>` (first entry) and `strict_<key>` (entered after every
    funnel stage before it was, in order). Source, campaign, country, record_type, owner_id
    are the first record's.
    """
    own = spell.filter(spell.journey.notnull())
    keys = [stage.key for stage in pact.funnel]
    own = in_order(own, keys)
    is_end = own.kind.isin(END_KINDS)
    by = own.group_by("person_id", "journey").aggregate(
        moves=own.n.count() - 1,
        entered_at=own.entered_at.argmin(own.n, where=own.entered_at.notnull()),
        known=own.entered_at.notnull().cast("int8").min(),
        entry_stage=own.stage.argmin(own.n),
        entry_known=own.entered_at.notnull().cast("int8").argmin(own.n),
        object=own.object.argmin(own.n),
        record_id=own.record_id.argmin(own.n),
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
    # a last spell that was left without an end of its own: the person's records were deleted
    deleted = (by.ends == 0) & (by.lasts == 0)
    whole = by.mutate(
        ended_at=ibis.ifelse(deleted, by.last_left, by.ended_at),
        end_kind=ibis.ifelse(deleted, "deleted", by.end_kind),
        entered_at=ibis.ifelse(by.entry_known == 1, by.entered_at, ibis.null("timestamp")),
        imputed=by.known == 0,
    )
    dims = record.select(
        dim_object="object",
        dim_id="record_id",
        source="source",
        campaign="campaign",
        country="country",
        record_type="record_type",
        owner_id="owner_id",
    )
    joined = whole.left_join(dims, (whole.object == dims.dim_object) & (whole.record_id == dims.dim_id))
    return joined.select(
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
        *(f"has_strict_{key}" for key in keys),
        *(f"strict_{key}" for key in keys),
    )


def in_order(own: Table, keys: list[str]) -> Table:
    """Adds `strict_n_<key>`: the first spell of that stage after all stages before it, in order.

    In: spells of journeys. Greedy is exact here: the earliest spell of one stage leaves most
    room for the next.
    """
    window = ibis.window(group_by=["person_id", "journey"])
    before = None
    for key in keys:
        here = own.stage == key
        if before is not None:
            here = here & (own.n > own[before])
        before = f"strict_n_{key}"
        own = own.mutate(**{before: own.n.min(where=here).over(window)})
    return own


def reached(own: Table, keys: list[str]) -> dict[str, Any]:
    """The aggregates of spells in order that say which stages were reached, and when first."""
    found: dict[str, Any] = {}
    for key in keys:
        here, strict = own.stage == key, own[f"strict_n_{key}"]
        found[f"has_{key}"] = here.any()
        found[f"visited_{key}"] = own.entered_at.min(where=here)
        found[f"has_strict_{key}"] = strict.notnull().any()
        found[f"strict_{key}"] = own.entered_at.min(where=own.n == strict)
    return found
