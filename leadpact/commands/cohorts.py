"""The command `cohorts`: the journeys of each month (week, quarter) of entry, and how far they came.

Not here: the counts (metrics/cohorts.py).
"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.funnel import scope_of
from leadpact.commands.result import Result, Section
from leadpact.metrics import cohorts as grids
from leadpact.metrics.cohorts import Grid
from leadpact.metrics.funnel import reachable


def cohorts(context: Context, args: argparse.Namespace) -> Result:
    found, scope, say = analysis(context, args), scope_of(args), context.say
    grid = Grid(args.unit, args.stage, tuple(args.days or grids.USUAL_DAYS))
    # programs get every stage of the pact; people only those somebody can enter
    pact = found.pact if getattr(args, "json", False) else reachable(found.pact, scope)
    result = grids.cohorts(found.tables, pact, found.as_of, scope, grid)
    document = {
        **heading(found),
        "unit": grid.unit,
        **{name: getattr(result, name) for name in ("coverage", "unknown", "invalid")},
        "cohorts": [{**asdict(cell), "period": cell.period.isoformat()} for cell in result.cells],
    }
    wide = grids.columns(pact, scope, result.grid)
    head = [say(f"cohorts.{grid.unit}"), say("cohorts.size")]
    head += [say("cohorts.within", days=days) if grid.stage else pact.stage(stage).label for stage, days in wide]
    rows = []
    for at in range(0, len(result.cells), len(wide)):
        own = result.cells[at : at + len(wide)]
        small = " *" if own[0].small else ""
        shares = [say.percent(cell.share) + ("" if cell.mature else " …") for cell in own]
        rows.append([own[0].period.isoformat() + small, say.number(own[0].size), *shares])
    notes = [say("cohorts.reading"), say("cli.journeys_left_out", unknown=result.unknown, invalid=result.invalid,
                                         coverage=say.percent(result.coverage))]  # fmt: skip
    if args.explain is not None:
        people = grids.explained(found.tables, found.pact, found.as_of, scope, grid)
        notes += explain(context, found, people, args.explain)
    title = say("cohorts.reached", stage=pact.stage(grid.stage).label) if grid.stage else ""
    return Result(document, [Section(title, head, rows)], [*notes, *standing(context, found)])


COMMANDS = {"cohorts": cohorts}
