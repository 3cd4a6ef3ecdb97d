"""What came of a plan in the reader's language, and as CSV: the same on a page and in a terminal.

Not here: tables (leadpact/commands/writeback_words.py, ui/writeback_plan.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Engine

from leadpact.export import to_csv
from leadpact.language import Language
from leadpact.writeback import journal as journals
from leadpact.writeback.applying import Report
from leadpact.writeback.journal import Standing
from leadpact.writeback.plan import UNDO, Plan
from leadpact.writeback.target import Progress

COLUMNS = ("object", "record_id", "field", "before", "after", "reason", "outcome", "code", "at")


def planned(say: Language, plan: Plan) -> list[str]:
    """How much a plan would change, what was set apart, and how it is applied."""
    if not plan.changes:
        return [say("writeback.nothing"), *apart(say, plan.skipped)]
    key = "writeback.planned_undo" if plan.kind == UNDO else "writeback.planned"
    lines = [say(key, changes=plan.changes, count=plan.records, whole=plan.whole), *apart(say, plan.skipped)]
    how = "repair.how" if plan.draft.recipe else "writeback.how"
    return [*lines, say(how, plan=str(plan.id), hash=plan.hash)]


def apart(say: Language, skipped: Mapping[str, int]) -> list[str]:
    """What was not planned, and why."""
    return [say(f"writeback.apart.{reason}", count=count) for reason, count in skipped.items() if count]


def outcome(say: Language, done: Report, reasons: Mapping[tuple[str, str], int]) -> list[str]:
    """What came of a plan, and why where not all went well."""
    lines = [say("writeback.outcome", plan=str(done.plan.id), now=done.now, written=done.written,
                 conflicts=done.conflicts, failed=done.failed, unknown=done.unknown, skipped=done.skipped,
                 left=done.left)]  # fmt: skip
    lines += apart(say, done.plan.skipped)
    for (event, code), count in sorted(reasons.items()):
        if event in (journals.CONFLICT, journals.REFUSED):
            lines.append(f"  {say(f'writeback.event.{event}')} · {code}: {say.number(count)}")
    if done.state != journals.DONE:
        lines.append(say(f"writeback.run.{done.state}"))
    if done.unknown:
        lines.append(say("writeback.unknown_left"))
    return lines


def progress(say: Language, one: Progress) -> str:
    """`1,200 of 20,000 · 50 a second · 6 min left`."""
    if one.waiting:
        return say("writeback.waiting")
    parts = [say("writeback.progress", done=one.done, total=one.total)]
    if one.rate is not None:
        parts.append(say("writeback.rate", rate=round(one.rate, 1)))
    if one.left_seconds is not None:
        parts.append(say("writeback.left", minutes=max(1, round(one.left_seconds / 60))))
    return " · ".join(parts)


def csv_of(engine: Engine, plan: Plan) -> str:
    """A plan with its outcomes as CSV."""
    return to_csv(list(COLUMNS), _lines(engine, plan))


def _lines(engine: Engine, plan: Plan) -> Iterator[list[Any]]:
    for one in journals.standing(engine, plan):
        yield cells(one)


def cells(one: Standing) -> list[Any]:
    """A change with its outcome, in the order of COLUMNS."""
    row = one.row
    return [row.object, row.record_id, row.field, row.before, row.after, row.reason, one.event, one.code, iso(one.at)]


def iso(moment: datetime | None) -> str | None:
    """A moment as programs read it."""
    return None if moment is None else moment.isoformat() + "Z"
