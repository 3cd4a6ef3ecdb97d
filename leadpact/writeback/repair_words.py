"""A repair as people read it: values before and after, what the pilot found, the plan as CSV.

Not here: outcomes (words.py), tables (leadpact/commands, ui).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import plan_row
from leadpact.language import Language
from leadpact.writeback import journal, repair_list
from leadpact.writeback import pilot as pilots
from leadpact.writeback.applying import Report
from leadpact.writeback.plan import Plan
from leadpact.writeback.words import COLUMNS, cells


@dataclass(frozen=True)
class Move:
    """How many records go from one value to another; null is blank."""

    object: str
    before: str | None
    after: str | None
    records: int


def by_value(engine: Engine, plan: Plan) -> list[Move]:
    """The changes of a plan by value, the most records first."""
    columns = plan_row.c
    count = sa.func.count()
    query = sa.select(columns.object, columns.before, columns.after, count.label("records"))
    query = query.where(columns.plan_id == plan.id).group_by(columns.object, columns.before, columns.after)
    with engine.begin() as database:
        rows = database.execute(query.order_by(count.desc(), columns.object, columns.before, columns.after)).all()
    return [Move(row.object, row.before, row.after, row.records) for row in rows]


def pilot(say: Language, done: Report) -> list[str]:
    """What the pilot found, and how to go on where it stopped."""
    found = done.pilot
    if found is None or found.event == pilots.READ:
        return []
    lines = []
    if found.fields:
        key = "repair.pilot_accepted" if found.event == pilots.ACCEPTED else "repair.pilot_changed"
        lines.append(say(key, count=found.records))
        lines += [f"  {name}: {say.number(count)}" for name, count in found.fields.items()]
    else:
        lines.append(say("repair.pilot_clean", count=found.records))
    if found.stamped:
        lines.append(say("repair.pilot_stamped", fields=", ".join(found.stamped)))
    if found.event == pilots.CHANGED:
        lines.append(say("repair.pilot_how", plan=str(done.plan.id), hash=done.plan.hash))
    return lines


def csv_of(engine: Engine, plan: Plan) -> str:
    """The plan with its outcomes as CSV that `remap plan --csv` reads back."""
    return repair_list.to_csv(COLUMNS, (cells(one) for one in journal.standing(engine, plan)))
