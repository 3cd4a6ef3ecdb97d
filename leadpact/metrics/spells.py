"""Spells: the longest times a person's timeline stays in one stage.

Half-open, `[entered_at, left_at)`. Consecutive equal stages are one spell, equal timestamps
keep the source's order, a spell of no length is still a spell. A remap is not a move: the
whole spell in course takes the new value's stage, and no clock starts.

Not here: the events (timeline.py), which spells make a journey (journeys.py).
"""

from __future__ import annotations

import ibis

from config.schema import Pact
from leadpact.metrics.timeline import DELETED, ORDER, RANK, events
from leadpact.tables import Table, Tables


def spells(tables: Tables, pact: Pact, *, remaps: bool = True) -> Table:
    """Out: one row per spell.

    person_id, n (1, 2, … in the person's order), stage, kind, value (raw, at entry), object,
    record_id (of the event that began it), entered_at (UTC; null: imputed, not known), left_at
    (null while it lasts, and where it ended at a time not known), lasts, gone (it ended because
    the person's records were deleted), evidence, from_stage (the one before; null for the
    first), visit (1 the first time the person is in this stage, 2 the second, …).

    `remaps=False` says there are none in the history, and saves the work of looking.
    """
    timeline = events(tables, pact)
    moves = timeline.filter(timeline.evidence != "remap")
    marked = _starts(moves)
    whole = _collapse(marked)
    if remaps:
        whole = _relabel(whole, marked, timeline.filter(timeline.evidence == "remap"))
    return _columns(whole)


def _window(table: Table, *order: str) -> ibis.expr.builders.WindowBuilder:
    return ibis.window(group_by="person_id", order_by=[table[name] for name in order])


def _starts(table: Table) -> Table:
    """Adds `starts`: 1 where the person's stage differs from the one before."""
    before = table.stage.lag().over(_window(table, *ORDER))
    return table.mutate(starts=ibis.ifelse(before.isnull() | (before != table.stage), 1, 0))


def _collapse(marked: Table) -> Table:
    """One row per spell: the event that began it, numbered from 1, and where the next one begins."""
    first = marked.filter(marked.starts == 1).drop("starts")
    window = _window(first, *ORDER)
    return first.mutate(
        n=ibis.row_number().over(window) + 1,
        left_at=first["at"].lead().over(window),
        lasts=first.phase.lead().over(window).isnull(),
        gone=(first.stage.lead().over(window) == DELETED).fill_null(False),
        from_stage=first.stage.lag().over(window),
    )


def _relabel(whole: Table, marked: Table, remaps: Table) -> Table:
    """The spells with the stage of the last remap made in each, and equal neighbours joined.

    A remap concerns a spell whose latest status is its own record's: where the timeline has gone on with
    another record, or a deal began the spell, relabelling the status changes nothing that counts. What
    was taken back is as if it had never been (_standing).
    """
    names = ("person_id", *ORDER, "object", "from_value", "stage", "kind", "value")
    both = ibis.union(
        marked.select(*names, "starts", remapped=ibis.literal(False)),
        remaps.select(*names, starts=ibis.literal(0).cast(marked.starts.type()), remapped=ibis.literal(True)),
    )
    running = ibis.cumulative_window(group_by="person_id", order_by=[both[name] for name in ORDER])
    both = both.mutate(n=both.starts.sum().over(running))
    said = both.filter(both["rank"].isin([RANK["lead"], RANK["contact"]]))
    latest = _last_of_spell(said.filter(~said.remapped)).select("person_id", "n", "object", "record_id")
    asked = _standing(said).semi_join(latest, ["person_id", "n", "object", "record_id"])
    last = _last_of_spell(asked)
    last = last.select(of="person_id", spell="n", to_stage="stage", to_kind="kind", to_value="value")
    joined = whole.left_join(last, (whole.person_id == last.of) & (whole.n == last.spell))
    changed = joined.mutate(
        stage=ibis.coalesce(joined.to_stage, joined.stage),
        kind=ibis.coalesce(joined.to_kind, joined.kind),
        value=ibis.coalesce(joined.to_value, joined.value),
    )
    return _collapse(_starts(changed.drop("n", "left_at", "lasts", "gone", "from_stage", *last.columns)))


def _standing(said: Table) -> Table:
    """The remaps that stand: between two moves of a record they may lead back to where they began (an undo)."""
    own = {"group_by": ["object", "record_id"], "order_by": [said[name] for name in ORDER]}
    numbered = said.mutate(run=(~said.remapped).cast("int64").sum().over(ibis.cumulative_window(**own)).fill_null(0))
    remaps = numbered.filter(numbered.remapped)
    run = ["object", "record_id", "run"]
    first = ibis.row_number().over(ibis.window(group_by=run, order_by=[remaps[name] for name in ORDER]))
    last = ibis.row_number().over(ibis.window(group_by=run, order_by=[ibis.desc(remaps[name]) for name in ORDER]))
    placed = remaps.mutate(is_first=first == 0, is_last=last == 0)
    ends = placed.group_by(run).aggregate(
        began=placed.from_value.max(where=placed.is_first), came=placed.value.max(where=placed.is_last)
    )
    back = ends.filter(ends.began.fill_null("") == ends.came.fill_null(""))
    return numbered.filter(numbered.remapped).anti_join(back.select(run), run).drop("run")


def _last_of_spell(table: Table) -> Table:
    """The last event of each spell `(person_id, n)`, by the order of the timeline."""
    backwards = [ibis.desc(table[name]) for name in ORDER]
    place = ibis.row_number().over(ibis.window(group_by=["person_id", "n"], order_by=backwards))
    return table.mutate(place=place).filter(lambda t: t.place == 0).drop("place")


def _columns(whole: Table) -> Table:
    """The spells as they are kept. The pseudo-stage of a deletion only bounds the one before it."""
    kept = whole.filter(whole.stage != DELETED)
    names = ("person_id", "n", "stage", "kind", "value", "object", "record_id", "left_at", "lasts", "gone", "evidence",
             "from_stage")  # fmt: skip
    before = ibis.window(group_by=["person_id", "stage"], order_by=[kept.n])
    return kept.select(*names, entered_at=kept["at"], visit=ibis.row_number().over(before) + 1)
