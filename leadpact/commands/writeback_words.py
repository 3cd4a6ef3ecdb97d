"""Plans, their outcome and the journal as people read them in a terminal, and as CSV.

Not here: the commands (writeback.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy.engine import Engine

from leadpact.audit.shown import shown
from leadpact.commands.result import Result, Section
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.writeback import journal as journals
from leadpact.writeback import plans
from leadpact.writeback.journal import Applied
from leadpact.writeback.plan import Plan
from leadpact.writeback.target import Target
from leadpact.writeback.words import COLUMNS, cells, csv_of, iso

SHOWN = 10


def sample(say: Language, target: Target, plan: Plan) -> list[Section]:
    """The first changes of a plan."""
    some = [row for _, row in islice(plans.rows(target.engine, plan), SHOWN)]
    if not some:
        return []
    rows = [[say(f"ui.object.{row.object}"), row.record_id, row.field, shown(row.before) or "–",
             shown(row.after) or "–"] for row in some]  # fmt: skip
    head = [say(f"writeback.col.{name}") for name in ("object", "record_id", "field", "before", "after")]
    return [Section(say("writeback.sample", shown=len(rows), total=plan.changes), head, rows)]


def journal(
    say: Language,
    connection: str,
    found: Sequence[tuple[Plan, Mapping[str, int], Sequence[Applied]]],
    approved: Mapping[int, str],
) -> Result:
    """The plans of a connection, newest first, with what came of each. `approved`: who gave which approval, by id."""
    document = {
        "connection": connection,
        "plans": [
            {
                "plan": plan.id, "kind": plan.kind, "hash": plan.hash, "undoes": plan.draft.undoes,
                "pact_version": plan.draft.pact_version, "author": plan.draft.author,
                "created_at": iso(plan.draft.created_at), "planned": plan.changes, "records": plan.records,
                "skipped": dict(plan.skipped), "events": dict(counts),
                "runs": [
                    {"actor": run.actor, "door": run.door, "forced": run.forced, "state": run.state,
                     "started_at": iso(run.started_at), "ended_at": iso(run.ended_at), "environment": run.environment,
                     "rehearsal": run.rehearsal, "waived": run.waived, "approved_by": approved.get(run.approval or 0)}
                    for run in runs
                ],
            }
            for plan, counts, runs in found
        ],
    }  # fmt: skip
    rows = [
        [str(plan.id), say(f"writeback.kind.{plan.kind}"), say.moment(plan.draft.created_at), plan.draft.author,
         say.number(plan.changes), say.number(counts.get(journals.WRITTEN, 0)),
         say.number(counts.get(journals.CONFLICT, 0)), say.number(counts.get(journals.REFUSED, 0)),
         say(f"writeback.ran.{runs[0].state}") if runs else say("writeback.not_applied")]
        for plan, counts, runs in found
    ]  # fmt: skip
    names = ("plan", "kind", "at", "author", "planned", "written", "conflicts", "failed", "state")
    head = [say(f"writeback.col.{name}") for name in names]
    return Result(document, [Section("", head, rows)] if rows else [], [] if rows else [say("writeback.no_plans")])


def rows(say: Language, engine: Engine, plan: Plan, notes: list[str]) -> Result:
    """One plan change by change."""
    found = [cells(one) for one in journals.standing(engine, plan)]
    document = {"plan": plan.id, "hash": plan.hash, "changes": [dict(zip(COLUMNS, row, strict=True)) for row in found]}
    by = Counter(row[COLUMNS.index("outcome")] for row in found)
    counts = [
        [say(f"writeback.event.{event or 'none'}"), say.number(count)] for event, count in sorted(by.items(), key=str)
    ]
    head = [say("writeback.col.state"), say("writeback.col.planned")]
    return Result(document, [Section("", head, counts)] if counts else [], notes)


def written_csv(say: Language, target: Target, plan: Plan, file: Path | None) -> list[str]:
    """The changes as CSV where asked for: the backup before anything happens."""
    return [] if file is None else write_rows(say, target.engine, plan, file)


def write_rows(say: Language, engine: Engine, plan: Plan, file: Path) -> list[str]:
    """Writes every change with both sides and its outcome as CSV. Raises Misconfigured where it cannot be written."""
    try:
        file.write_text(csv_of(engine, plan), encoding="utf-8", newline="")
    except OSError as error:
        raise Misconfigured("cli.cannot_write", path=str(file), problem=error.strerror or "") from None
    return [say("writeback.exported", count=plan.changes, path=str(file))]
