"""The people behind the figures of the Velocity page: tables with object and record_id.

Not here: the numbers (leadpact/metrics), how they are drawn (velocity_stages.py and its like).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis

from leadpact.metrics import ageing, engines_rows, reach, velocity
from leadpact.metrics.ageing import Usual
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui.choice import Choice


@dataclass(frozen=True)
class Span:
    """What the page is asked for: days `[start, end)` of entry, and the dimension it is split by."""

    start: date | None = None
    end: date | None = None
    by: str | None = None


def stays(analysis: Analysis, span: Span, choice: Choice, longer: float | None = None) -> Table:
    """Times in the stage `choice.of`: `left`, `open`, `known` (both) or `unknown`; with `longer`, above so many days.

    Out: the columns of `velocity.durations`.
    """
    one = analysis
    rows = velocity.durations(one.tables, one.pact, one.as_of, span.by, span.start, span.end)
    rows = _of_group(rows.filter(rows.stage == choice.of), choice.group)
    wanted = {
        "left": rows.known & rows.left,
        "open": rows.known & ~rows.left,
        "known": rows.known,
        "unknown": ~rows.known,
    }
    rows = rows.filter(wanted[choice.part]) if choice.part in wanted else rows.filter(ibis.literal(False))
    return rows if longer is None else rows.filter(rows.days > longer)


def reached(analysis: Analysis, span: Span, choice: Choice, within: float | None = None) -> Table:
    """Journeys on the way to the stage `choice.of`: `reached`, `ended`, `open`, `counted` (all three), `unknown`
    or `invalid`; with `within`, in so many days.

    Out: the columns of `reach.outcomes`.
    """
    one = analysis
    rows = reach.outcomes(one.tables, one.pact, one.as_of, choice.of, span.by, span.start, span.end)
    rows = _of_group(rows, choice.group)
    codes = {"reached": reach.REACHED, "ended": reach.ENDED, "open": reach.OPEN}
    if choice.part in codes:
        rows = rows.filter(rows.part == "counted", rows.outcome == codes[choice.part])
    else:
        rows = rows.filter(rows.part == choice.part)
    return rows if within is None else rows.filter(rows.days <= within)


def waiting(analysis: Analysis, usual: Usual, span: Span, choice: Choice) -> Table:
    """Open leads of a stage (of all, where it is empty): of an age (`band_2`), `unknown`, `past_p75`, or `all`.

    Out: the columns of `ageing.open_leads`.
    """
    one = analysis
    rows = ageing.open_leads(one.tables, one.pact, one.as_of, usual, span.by, span.start, span.end)
    rows = _of_group(rows.filter(rows.stage == choice.of) if choice.of else rows, choice.group)
    if choice.part == "all":
        return rows
    if choice.part == "unknown":
        return rows.filter(rows.days.isnull())
    if choice.part in ("past_median", "past_p75"):
        return rows.filter(rows[choice.part].fill_null(False))
    return rows.filter(rows.band == int(choice.part.removeprefix("band_")))


def compared(analysis: Analysis, span: Span, window: float, choice: Choice) -> Table:
    """The cases a comparison counts for the group of `choice`, at the stage `choice.of`.

    `choice.part` is what is counted and the dimension: `pace:owner` (times in the stage), of
    which `left:owner`; `loss:owner` (journeys old enough), of which `lost:owner`. Out: the
    columns of `engines_rows.times` or `engines_rows.losses`.
    """
    kind, _, by = choice.part.partition(":")
    one = analysis
    if kind in ("pace", "left"):
        rows = engines_rows.times(one.tables, one.pact, one.as_of, by, span.start, span.end)
        rows = rows.filter(rows.known & rows.left if kind == "left" else rows.known)
    else:
        rows = engines_rows.losses(one.tables, one.pact, one.as_of, by, window, span.start, span.end)
        rows = rows.filter(rows.part == "counted")
        rows = rows.filter(rows.lost) if kind == "lost" else rows
    return _of_group(rows.filter(rows.stage == choice.of), choice.group)


def _of_group(rows: Table, group: str | None) -> Table:
    """The rows of a group as a choice says it: null for all, empty for the unknown one."""
    if group is None:
        return rows
    return rows.filter(rows.group.isnull() if group == "" else rows.group == group)
