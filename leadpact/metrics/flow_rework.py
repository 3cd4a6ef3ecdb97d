"""Rework: how often people come back to a stage they had been in before.

A returning lead is not new work done twice only; it is work done again. Counted by person, and
within one journey apart, as a new journey may well pass the same stages.

Not here: single moves (flow.py), whole paths (paths.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ibis

from config.schema import Pact
from leadpact.metrics.flow_spells import grouped, order, revisited, settled, within
from leadpact.metrics.funnel import SMALL, share
from leadpact.tables import Table, Tables


@dataclass(frozen=True)
class Rework:
    """One stage of one group. `reentries` of `entries` lead to a stage the person had been in before.

    `people` entered it in the range, `people_again` of them re-entered it; `same_journey` are the
    re-entries within one journey. `rate` = people_again / people; null for nobody.
    """

    group: str | None
    stage: str
    entries: int
    people: int
    reentries: int
    people_again: int
    same_journey: int
    unknown: int
    rate: float | None

    @property
    def small(self) -> bool:
        return self.people < SMALL


@dataclass(frozen=True)
class Reworks:
    """All stages; `reentries` and `people` who re-entered any of them. `coverage` as of a flow."""

    stages: tuple[Rework, ...]
    reentries: int
    people: int
    coverage: float | None
    unknown: int


def entries(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
) -> Table:
    """One row per entry to a stage in the days `[start, end)`, and per entry without a time.

    Out: object, record_id, person_id, n, journey, stage, entered_at (UTC, null: not known), part
    (`counted`, `unknown`), reentry (the person was in it before), same_journey (before, in this
    journey), group.
    """
    return _entries(tables, pact, start, end, by).filter(lambda t: t.part != "outside").drop("who")


def _entries(tables: Tables, pact: Pact, start: date | None, end: date | None, by: str | None) -> Table:
    spell = settled(tables.spell)
    rows = spell.select("object", "record_id", "person_id", "n", "journey", "owner_id", "stage", "entered_at", "visit")
    again = revisited(spell)
    joined = rows.left_join(again, (rows.person_id == again.of_person) & (rows.stage == again.of_stage))
    # few come back: only for their spells is it asked whether it was within the journey
    own = joined.filter(joined.of_person.notnull(), joined.journey.notnull())
    own = own.group_by(own_person="person_id", own_stage="stage", own_journey="journey").aggregate(own_n=own.n.min())
    joined = joined.left_join(
        own,
        (joined.person_id == own.own_person) & (joined.stage == own.own_stage) & (joined.journey == own.own_journey),
    )
    inside = within(joined.entered_at, pact, start, end)
    flagged = joined.select(
        *rows.drop("visit").columns,
        part=ibis.cases((joined.entered_at.isnull(), "unknown"), (inside, "counted"), else_="outside"),
        reentry=joined.visit > 1,
        same_journey=(joined.n > joined.own_n).fill_null(False),
        # who is in a stage once enters it once: only the others need telling apart
        who=ibis.ifelse(joined.of_person.notnull(), joined.person_id, ibis.null("string")),
        entry=joined.entered_at,
    )
    return grouped(flagged, tables, by, pact).drop("entry", "owner_id")


def rework(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
) -> Reworks:
    """Entries and re-entries of every stage in the days `[start, end)`, in pact order. Executes.

    Raises Misconfigured for a bad range or a dimension that is not known.
    """
    rows = _entries(tables, pact, start, end, by)
    counted = rows.part == "counted"
    each = rows.group_by("group", "stage", "who").aggregate(
        entries=_sum(counted),
        reentries=_sum(counted & rows.reentry),
        same_journey=_sum(counted & rows.same_journey),
        unknown=_sum(rows.part == "unknown"),
        dated=_sum(rows.part != "unknown"),
    )
    whole = each.group_by("group", "stage").aggregate(
        people=ibis.ifelse(each.who.isnull(), each.entries, (each.entries > 0).cast("int64")).sum(),
        people_again=_sum(each.reentries > 0),
        **{name: each[name].sum() for name in ("entries", "reentries", "same_journey", "unknown", "dated")},
    )
    found: list[dict[str, Any]] = whole.to_pyarrow().to_pylist()
    again = _people_again(tables, pact, start, end)
    unknown, dated = sum(row["unknown"] for row in found), sum(row.pop("dated") for row in found)
    places = order(pact)
    found.sort(key=lambda row: (row["group"] is None, row["group"] or "", places[row["stage"]]))
    stages = tuple(
        Rework(**row, rate=share(row["people_again"], row["people"]))
        for row in found
        if row["entries"] or row["unknown"]
    )
    return Reworks(
        stages=stages,
        reentries=sum(one.reentries for one in stages),
        people=again,
        coverage=share(dated, dated + unknown),
        unknown=unknown,
    )


def _people_again(tables: Tables, pact: Pact, start: date | None, end: date | None) -> int:
    """People who came back to any stage in the range."""
    spell = settled(tables.spell)
    back = spell.filter(spell.visit > 1, within(spell.entered_at, pact, start, end))
    return int(back.person_id.nunique().execute() or 0)


def _sum(condition: Any) -> Any:
    return condition.cast("int64").sum()
