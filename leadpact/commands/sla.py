"""The command `sla`: how the promises were kept, and with `--view` what stands behind that.

Not here: what each view shows (sla_views.py).
"""

from __future__ import annotations

import argparse
from typing import Any

import ibis

from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.commands.sla_views import VIEWS, View, cell
from leadpact.language import Language
from leadpact.metrics import response
from leadpact.metrics import response_waiting as waits
from leadpact.metrics import sla as clocks
from leadpact.metrics.funnel import SMALL
from leadpact.tables import Table
from leadpact.workspace import Analysis

FIGURES = ("compliance", "median_hours", "p90_hours")
WAITING = ("urgency", "policy", "object", "record_id", "person_id", "owner_id", "source", "state", "started_at",
           "due_at", "measured_hours", "left_hours")  # fmt: skip
PEOPLE = {"urgency": "urgency", "policy": "text", "object": "text", "record_id": "text", "left_hours": "hours",
          "measured_hours": "hours", "owner_id": "text"}  # fmt: skip


def sla(context: Context, args: argparse.Namespace) -> Result:
    found = analysis(context, args).between(args.start, args.end)
    if args.view == "states":
        return _states(context, found, args)
    if args.view == "waiting":
        return _waiting(context, found, args)
    return _view(context, found, args, VIEWS[args.view])


def _states(context: Context, found: Analysis, args: argparse.Namespace) -> Result:
    results = clocks.compliance(found.tables, found.pact, found.as_of, by=args.by)
    names = ("policy", "group", *clocks.STATES, *FIGURES)
    document = {**heading(found), "policies": [{name: getattr(one, name) for name in names} for one in results]}
    say = context.say
    rows = [
        [
            one.policy,
            *_group(say, one.group, args.by),
            *(say.number(getattr(one, state)) for state in clocks.STATES),
            say.percent(one.compliance),
            say.number(one.median_hours, 1),
            say.number(one.p90_hours, 1),
        ]
        for one in results
    ]
    head = [say(f"cli.{name}") for name in ("policy", *(["group"] if args.by else []))]
    head += [say(f"sla.{name}") for name in (*clocks.STATES, *FIGURES)]
    notes = [] if found.pact.sla else [say("sla.no_policy")]
    if args.explain is not None and found.pact.sla:
        parts = [response.responses(found.tables, found.pact, found.as_of, one, args.by) for one in found.pact.sla]
        notes += explain(context, found, _together(found, parts), args.explain)
    return Result(document, [Section("", head, rows)], [*notes, *standing(context, found)])


def _view(context: Context, found: Analysis, args: argparse.Namespace, view: View) -> Result:
    """One view of every policy: `policies` with `rows`, coverage, and what has no clock."""
    say = context.say
    policies: list[dict[str, Any]] = []
    sections: list[Section] = []
    notes: list[str] = [] if found.pact.sla else [say("sla.no_policy")]
    for one in found.pact.sla:
        answer = view.rows(found, one, args)
        said = {"policy": one.id, "target_hours": one.target.hours, "clock": one.target.clock}
        policies.append({**said, **answer.facts, "coverage": answer.coverage, "rows": answer.rows})
        columns = {name: kind for name, kind in view.columns.items() if name != "group" or args.by}
        head = [say(f"sla.col.{name}") for name in columns]
        shown = [[cell(say, row, name, kind) for name, kind in columns.items()] for row in answer.rows]
        sections.append(Section(one.id, head, shown))
        texts = [*answer.notes(say), say("sla.coverage", coverage=say.percent(answer.coverage))]
        texts += [say("sla.few", count=SMALL)] if any(row.get("small") for row in answer.rows) else []
        notes += [f"{one.id}: {text}" for text in texts]
    if args.explain is not None and found.pact.sla:
        notes += explain(context, found, _together(found, [view.behind(found, one, args) for one in found.pact.sla]),
                         args.explain)  # fmt: skip
    return Result({**heading(found), "view": args.view, "policies": policies}, sections,
                  [*notes, *standing(context, found)])  # fmt: skip


def _waiting(context: Context, found: Analysis, args: argparse.Namespace) -> Result:
    """Who waits now, the most urgent first."""
    say = context.say
    rows = waits.queue(found.tables, found.pact, found.as_of)
    people = rows.order_by("rank").select(WAITING).to_pyarrow().to_pylist()
    for row in people:
        row |= {name: row[name] and row[name].isoformat() + "Z" for name in ("started_at", "due_at")}
    counts = {name: sum(row["urgency"] == name for row in people) for name in waits.URGENCIES}
    shown = [[cell(say, row, name, kind) for name, kind in PEOPLE.items()] for row in people]
    notes = [] if found.pact.sla else [say("sla.no_policy")]
    notes += explain(context, found, rows, args.explain)
    document = {**heading(found), "view": args.view, "counts": counts, "waiting": people}
    section = Section("", [say(f"sla.col.{name}") for name in PEOPLE], shown)
    return Result(document, [section], [*notes, *standing(context, found)])


def _together(found: Analysis, parts: list[Table]) -> Table:
    """The rows of all policies, each naming its own; a column only some have is null in the others."""
    names = list(dict.fromkeys(name for part in parts for name in part.columns))
    types = {name: part[name].type() for part in parts for name in part.columns}
    filled = [
        part.mutate(
            policy=ibis.literal(one.id), **{name: ibis.null(types[name]) for name in names if name not in part.columns}
        ).select("policy", *names)
        for one, part in zip(found.pact.sla, parts, strict=True)
    ]
    return filled[0] if len(filled) == 1 else ibis.union(*filled)


def _group(say: Language, group: str | None, by: str | None) -> list[str]:
    """The cell of the group, where there is one: unknown is said, not left blank."""
    return [] if by is None else [group if group is not None else say("group.unknown")]


COMMANDS = {"sla": sla}
