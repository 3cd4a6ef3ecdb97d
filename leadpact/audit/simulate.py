"""What a value map or a plan would do to the numbers, before anything is changed.

Through the same door as reality: each record gets its new status and a change with evidence
`remap` (a relabelling of the whole spell it is in: no move, no clock), the pact learns the new
values, and spells and journeys are derived again, but only of the persons concerned; the
others' are as they were.

Not here: the map (valuemap.py), whether it fits (valuemap_check.py), applying it (leadpact/writeback).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, rows_of, status_in
from leadpact.audit.valuemap import Addition, ValueMap
from leadpact.audit.valuemap_records import decided
from leadpact.derive import derive
from leadpact.history import GAP
from leadpact.tables import Table, Tables
from leadpact.workspace import Analysis

Keep = Callable[[str, Table], Table]
SEQ = 9_000_000_000_000_000  # after every change of the same moment
OF_PERSON = ("spell", "journey", "untouched")


@dataclass(frozen=True)
class World:
    """The tables and the pact after the map, and what was done to get there.

    `changes` as ValueMap.changes, with person_id, in memory; `changed` how many; `people`
    concerned (their records change, or the pact learns a value they have had).
    """

    tables: Tables
    pact: Pact
    changes: Table
    changed: int
    people: int
    additions: tuple[Addition, ...]


def after(analysis: Analysis, values: ValueMap) -> World:
    """The company after the map, at the moment of the analysis. As `relabelled`."""
    kept = decided(values, Facts.of(analysis)).to_pyarrow()
    return relabelled(analysis, kept, values.pact_after(analysis.pact), values.additions(analysis.pact))


def relabelled(
    analysis: Analysis, kept: pa.Table, pact: Pact, additions: Sequence[Addition] = (), *, seq: int = SEQ
) -> World:
    """The company after these changes under `pact`, at the moment of the analysis. Executes.

    In: an analysis with spells and journeys, on an engine that keeps temporary tables; `kept` a row a
    record: object, record_id, person_id, before, after. `seq` orders changes of the same moment: a later
    simulation on top of this one takes a greater one. The tables can be asked for whatever the real
    ones can, as long as the analysis is held.
    """
    tables, learned = analysis.tables, tuple(additions)
    changes = ibis.memtable(kept)
    people = _concerned(tables, changes, learned).to_pyarrow()
    if not people.num_rows:
        return World(tables, pact, changes, 0, 0, learned)
    mine, keep = ibis.memtable(people), _keeper(tables.record)
    own = _written(_of_people(tables, mine, keep), changes, analysis.as_of, seq)
    own = derive(own, pact, keep=keep, remaps=True)
    merged = replace(
        tables,
        record=_relabelled(tables.record, changes),
        field_change=_logged(tables.field_change, changes, analysis.as_of, seq),
        **{name: _merged(getattr(tables, name), getattr(own, name), mine) for name in OF_PERSON},
    )
    return World(merged, pact, changes, kept.num_rows, people.num_rows, learned)


def _concerned(tables: Tables, changes: Table, additions: Sequence[Addition]) -> Table:
    """The persons whose spells may differ: records change, or the pact learns a value of their history."""
    people = changes.select("person_id")
    if additions:
        learned: dict[str, list[str]] = {}
        for one in additions:
            learned.setdefault(one.object, []).append(one.value)
        change = tables.field_change
        had = change.filter(change.field == "status", status_in(change, learned, "to_value")).select(*KEYS).distinct()
        people = ibis.union(people, tables.record.semi_join(had, KEYS).select("person_id"))
    return people.distinct()


def _keeper(table: Table) -> Keep:
    """Keeps a step as a temporary table of this thread's own: it may leave memory, and goes with the connection."""
    backend, mark = table.get_backend(), uuid.uuid4().hex[:12]

    def keep(name: str, step: Table) -> Table:
        return backend.create_table(f"simulated_{mark}_{name}", step, temp=True)

    return keep


def _of_people(tables: Tables, mine: Table, keep: Keep) -> Tables:
    """The canonical tables of these persons. What is derived of activities is left out."""
    record = keep("record", tables.record.semi_join(mine, "person_id"))
    keys = record.select(*KEYS)

    def own(name: str) -> Table:
        return keep(name, getattr(tables, name).semi_join(keys, KEYS))

    return replace(
        tables,
        record=record,
        field_change=own("field_change"),
        opportunity=own("opportunity"),
        activity=tables.activity.limit(0),
        spell=None,
        journey=None,
        touch=None,
        untouched=None,
        holding=None,
    )


def _written(tables: Tables, changes: Table, as_of: datetime, seq: int) -> Tables:
    """The tables with the new statuses and their remaps."""
    return replace(
        tables,
        record=_relabelled(tables.record, changes),
        field_change=_logged(tables.field_change, changes, as_of, seq),
    )


def _relabelled(record: Table, changes: Table) -> Table:
    new = changes.select(of_object="object", of_id="record_id", status_after="after")
    joined = record.left_join(new, (record.object == new.of_object) & (record.record_id == new.of_id))
    # a status may be taken away: an undo of one that was filled in
    status = ibis.ifelse(joined.of_id.notnull(), joined.status_after, joined.status)
    return joined.mutate(status=status).select(record.columns)


def _logged(field_change: Table, changes: Table, as_of: datetime, seq: int) -> Table:
    """The history once the changes are applied: theirs added, and nothing missing after them (history.py)."""
    gap = field_change.filter(field_change.field == "status", field_change.seq == GAP).semi_join(changes, KEYS)
    kept = field_change.anti_join(gap, [*KEYS, "field", "seq"])
    known = {
        "object": changes.object,
        "record_id": changes.record_id,
        "field": ibis.literal("status"),
        "from_value": changes.before,
        "to_value": changes.after,
        "at": ibis.timestamp(as_of.isoformat(" ")),
        "seq": ibis.literal(seq).cast("int64"),
        "evidence": ibis.literal("remap"),
    }
    types = dict(field_change.schema().items())

    def rows(table: Table, known: dict[str, Any]) -> Table:
        given: dict[str, Any] = {name: known.get(name, ibis.null(kind)) for name, kind in types.items()}
        return table.select(**given).cast(types)

    logged = ibis.union(kept, rows(changes, known))
    missing = _taken_back(logged.semi_join(changes, KEYS))
    undated = {"object": missing.object, "record_id": missing.record_id, "field": ibis.literal("status"),
               "from_value": missing.held, "to_value": missing.came, "seq": ibis.literal(GAP).cast("int64"),
               "evidence": ibis.literal("imputed")}  # fmt: skip
    return ibis.union(logged, rows(missing, undated))


def _taken_back(field_change: Table) -> Table:
    """Records whose relabelling was taken back, and whose last move does not lead to the status they have again.

    Out: object, record_id, held (what the last move led to), came (the status): a change is missing, as
    history.complete finds at the next sync.
    """
    told = field_change.filter(field_change.field == "status", field_change["at"].notnull())
    order = [told["at"], told.seq]
    ours = told.evidence == "remap"
    run = told.mutate(
        ours=ours,
        run=(~ours).cast("int64").sum().over(ibis.cumulative_window(group_by=KEYS, order_by=order)),
        runs=(~ours).cast("int64").sum().over(ibis.window(group_by=KEYS)),
        before=told.to_value.lag().over(ibis.window(group_by=KEYS, order_by=order)),
    )
    last = run.filter(run.ours, run.run == run.runs, run.runs > 0)
    order = [last["at"], last.seq]
    place = ibis.row_number().over(ibis.window(group_by=KEYS, order_by=order))
    back = ibis.row_number().over(ibis.window(group_by=KEYS, order_by=[ibis.desc(one) for one in order]))
    ends = last.mutate(is_first=place == 0, is_last=back == 0)
    whole = ends.group_by(*KEYS).aggregate(
        held=ends.before.max(where=ends.is_first),
        began=ends.from_value.max(where=ends.is_first),
        came=ends.to_value.max(where=ends.is_last),
    )
    same = whole.began.fill_null("") == whole.came.fill_null("")
    return whole.filter(same, whole.held.fill_null("") != whole.came.fill_null("")).select(*KEYS, "held", "came")


def _merged(table: Table, own: Table, mine: Table) -> Table:
    """The derived rows of everybody: these persons' anew, the others' as they were."""
    if table is None:
        return None
    return ibis.union(table.anti_join(mine, "person_id"), own.select(table.columns).cast(dict(table.schema().items())))


@dataclass(frozen=True)
class Count:
    """Records of a value (null: blank) or a stage, today and after."""

    object: str
    value: str | None
    stage: str | None
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


def value_counts(analysis: Analysis, world: World) -> tuple[Count, ...]:
    """Records that count, by object and value, today and after; values that do not change too. One query."""
    facts = Facts.of(analysis)
    before = {(held.object, held.value or ""): held.records for held in facts.held}
    now = dict(before)
    moves = world.changes.semi_join(facts.record, KEYS)
    moves = moves.mutate(before_value=moves.before.strip().fill_null(""))
    by = moves.group_by("object", "before_value", "before", "after").aggregate(n=moves.count())
    for row in rows_of(by):
        source = (row["object"], "" if not row["before_value"] else row["before"])
        now[source] = now.get(source, 0) - row["n"]
        target = (row["object"], row["after"] or "")  # an undo may empty a status
        now[target] = now.get(target, 0) + row["n"]
    return tuple(
        Count(object, value or None, world.pact.status_map.of(object).get(value), before.get((object, value), 0), count)
        for (object, value), count in sorted(now.items())
    )


def stage_counts(analysis: Analysis, world: World) -> tuple[Count, ...]:
    """People by the stage they stand in (their last spell, while it lasts), in pact order, then unmapped.

    `object` is empty: a person may be lead and contact. Executes twice.
    """
    before, now = _standing(analysis.tables), _standing(world.tables)
    order = [*(stage.key for stage in world.pact.stages), "unmapped"]
    return tuple(
        Count("", None, key, before.get(key, 0), now.get(key, 0)) for key in order if key in before or key in now
    )


def _standing(tables: Tables) -> Mapping[str, int]:
    spell = tables.spell.filter(tables.spell.lasts)
    return {row["stage"]: row["n"] for row in rows_of(spell.group_by("stage").aggregate(n=spell.count()))}
