"""Flow: the moves people make from stage to stage, and which of them go back.

A move is the step between two spells of a person that follow each other; the first spell is
an entry from outside, a deletion a move out. A remap is no move: it begins no spell.

Not here: who is where when (balance.py), whole journeys (paths.py), what a spell is (spells.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import ibis

from config.schema import UNMAPPED, Pact
from leadpact.metrics.flow_spells import grouped, order, revisited, settled, within
from leadpact.metrics.funnel import share
from leadpact.tables import Table, Tables

Kind = Literal["entry", "move", "deletion"]


@dataclass(frozen=True)
class Move:
    """All moves of one kind in one group. `from_stage` is null for an entry, `to_stage` for a deletion.

    `moves` of known time in the range, `people` who made them, `unknown` moves without a time (of
    any range). `back`: to an earlier funnel stage. `reentries` lead to a stage the person had been
    in before; `loops` are either. `agreed`: in the pact's flow; null where none is agreed, and for
    entries, deletions and unmapped values. `share` = moves / `left`, all moves out of that stage.
    """

    group: str | None
    kind: Kind
    from_stage: str | None
    to_stage: str | None
    moves: int
    people: int
    back: bool
    reentries: int
    loops: int
    agreed: bool | None
    unknown: int
    left: int
    share: float | None

    def as_json(self) -> dict[str, Any]:
        names = ("moves", "people", "back", "reentries", "loops", "agreed", "unknown", "left", "share")
        return {
            "group": self.group,
            "kind": self.kind,
            "from": self.from_stage,
            "to": self.to_stage,
            **{name: getattr(self, name) for name in names},
        }


@dataclass(frozen=True)
class Flow:
    """The moves of a range. `coverage`: share of all moves up to `as_of` whose time is known."""

    moves: tuple[Move, ...]
    coverage: float | None
    unknown: int

    @property
    def between(self) -> tuple[Move, ...]:
        """Moves from one stage to another: no entries, no deletions."""
        return tuple(move for move in self.moves if move.kind == "move")


def moves(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
) -> Table:
    """One row per move in the days `[start, end)` of the pact's zone, and per move without a time.

    Out: object, record_id (of the event that made it), person_id, n (of the spell it leads to),
    journey, kind, from_stage, to_stage, moved_at (UTC, null: not known), part (`counted`,
    `unknown`), back, reentry, loop, agreed (null: not judged), group. Nothing after `as_of` is
    there, as the tables are those of `as_of`.
    """
    return _moves(tables, pact, start, end, by).filter(lambda t: t.part != "outside").drop("who")


def _moves(tables: Tables, pact: Pact, start: date | None, end: date | None, by: str | None) -> Table:
    """As `moves`, with those of known time out of the range as part `outside`.

    `who`: person_id, null where the move is the person's only one into its stage.
    """
    spell = settled(tables.spell)
    rows = _steps(spell)
    again = revisited(spell)
    rows = rows.left_join(again, (rows.person_id == again.of_person) & (rows.to_stage == again.of_stage))
    reentry = (rows.visit > 1).fill_null(False)
    # who is in a stage once makes a move into it once: only the others need telling apart
    who = ibis.ifelse(rows.of_person.notnull(), rows.person_id, ibis.null("string"))
    back = _back(rows, pact)
    inside = within(rows.moved_at, pact, start, end)
    flagged = rows.select(
        "object", "record_id", "person_id", "n", "journey", "kind", "from_stage", "to_stage", "moved_at",
        "owner_id",
        part=ibis.cases((rows.moved_at.isnull(), "unknown"), (inside, "counted"), else_="outside"),
        back=back,
        reentry=reentry,
        loop=back | reentry,
        agreed=_agreed(rows, pact),
        who=who,
        entry=rows.moved_at,
    )  # fmt: skip
    return grouped(flagged, tables, by, pact).drop("entry", "owner_id")


def _steps(spell: Table) -> Table:
    """Each entry to a stage beside the stage before; and each deletion, from the last stage to none."""
    shared = ("person_id", "object", "record_id", "journey", "owner_id")
    arrived = spell.select(
        *shared,
        "from_stage",
        "visit",
        n="n",
        to_stage="stage",
        kind=ibis.ifelse(spell.from_stage.isnull(), "entry", "move"),
        moved_at="entered_at",
    )
    gone = spell.filter(spell.gone)
    deleted = gone.select(
        *shared,
        from_stage="stage",
        visit=ibis.null("int64"),
        n=gone.n + 1,
        to_stage=ibis.null("string"),
        kind=ibis.literal("deletion"),
        moved_at="left_at",
    )
    types = {"moved_at": "timestamp", "visit": "int64", "n": "int64"}
    return ibis.union(arrived.cast(types), deleted.cast(types))


def _back(rows: Table, pact: Pact) -> Any:
    """Both stages are of the funnel, and the second comes earlier in it."""
    places = {stage.key: place for place, stage in enumerate(pact.funnel)}
    if not places:
        return ibis.literal(False)

    def of(stage: Any) -> Any:
        return stage.cases(*places.items(), else_=ibis.null("int8"))

    return (of(rows.to_stage) < of(rows.from_stage)).fill_null(False)


def _agreed(rows: Table, pact: Pact) -> Any:
    if not pact.flow:
        return ibis.null("boolean")
    judged = (rows.kind == "move") & (rows.from_stage != UNMAPPED) & (rows.to_stage != UNMAPPED)
    pair = rows.from_stage + ">" + rows.to_stage
    return ibis.ifelse(judged, pair.isin([f"{left}>{to}" for left, to in pact.flow]), ibis.null("boolean"))


def flow(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
) -> Flow:
    """The moves of the days `[start, end)`, counted by stages and group, in pact order. Executes.

    A range counts by the time of the move. Raises Misconfigured for a bad range or dimension.
    """
    rows = _moves(tables, pact, start, end, by)
    counted, keys = rows.part == "counted", ["group", "kind", "from_stage", "to_stage"]
    each = rows.group_by(*keys, "who").aggregate(
        moves=counted.cast("int64").sum(),
        reentries=(counted & rows.reentry).cast("int64").sum(),
        loops=(counted & rows.loop).cast("int64").sum(),
        unknown=(rows.part == "unknown").cast("int64").sum(),
        dated=(rows.part != "unknown").cast("int64").sum(),
        back=rows.back.any(),
        agreed=rows.agreed.any(),
    )
    whole = each.group_by(*keys).aggregate(
        people=ibis.ifelse(each.who.isnull(), each.moves, (each.moves > 0).cast("int64")).sum(),
        back=each.back.any(),
        agreed=each.agreed.any(),
        **{name: each[name].sum() for name in ("moves", "reentries", "loops", "unknown", "dated")},
    )
    found: list[dict[str, Any]] = whole.to_pyarrow().to_pylist()
    unknown, dated = sum(row["unknown"] for row in found), sum(row["dated"] for row in found)
    left: dict[tuple[Any, Any], int] = {}
    for row in found:
        key = (row["group"], row["from_stage"])
        left[key] = left.get(key, 0) + row["moves"]
    seen = [row for row in found if row["moves"] or row["unknown"]]
    seen.sort(key=_place(pact))
    return Flow(
        moves=tuple(_move(row, left[row["group"], row["from_stage"]]) for row in seen),
        coverage=share(dated, dated + unknown),
        unknown=unknown,
    )


def _move(row: Mapping[str, Any], left: int) -> Move:
    names = ("group", "kind", "from_stage", "to_stage", "moves", "people", "back", "reentries", "loops", "agreed",
             "unknown")  # fmt: skip
    return Move(**{name: row[name] for name in names}, left=left, share=share(row["moves"], left))


def _place(pact: Pact) -> Any:
    """Groups by name, unknown last; then stages in pact order, entries first and deletions last."""
    places = order(pact)

    def place(row: Mapping[str, Any]) -> tuple[Any, ...]:
        group, left, to = row["group"], row["from_stage"], row["to_stage"]
        return (group is None, group or "", places.get(left, -1), places.get(to, len(places)))

    return place
