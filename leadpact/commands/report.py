"""The command that writes the one-page report for the meeting."""

from __future__ import annotations

import argparse
from pathlib import Path

from leadpact.commands.analysis import analysis, explain, heading, standing
from leadpact.commands.context import Context
from leadpact.commands.result import Result
from leadpact.errors import Misconfigured
from leadpact.metrics.funnel import cohort
from leadpact.report import page
from leadpact.report.gather import gather
from leadpact.report.standing import next_review


def report(context: Context, args: argparse.Namespace) -> Result:
    """Writes the page where `--out` says; `--json` prints its figures. At least one of the two is asked for.

    `--explain` writes the journeys of its funnel.
    """
    if args.out is None and not getattr(args, "json", False):
        raise Misconfigured("report.nowhere")
    found = analysis(context, args)
    review = next_review(found.used)
    made = gather(found, start=args.start, end=args.end, window_days=args.window, next_review=review)
    notes = []
    if args.out is not None:
        _write(args.out, page.html(made, context.say))
        notes.append(context.say("report.written", path=str(args.out)))
    rows = cohort(found.tables, found.pact, found.as_of, made.funnel.scope)
    notes += explain(context, found, rows, args.explain)
    return Result({**heading(found), **made.as_json()}, notes=[*notes, *standing(context, found)])


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise Misconfigured("cli.cannot_write", path=str(file), problem=error.strerror or "") from None


COMMANDS = {"report": report}
