"""The command `writeback`: what LeadPact knows, into fields of the CRM; a dry run unless `--yes` says otherwise.

Fit for a nightly job: `writeback apply --yes --as EMAIL` plans and applies at once, goes on where
an interrupted run ended, and ends with 1 where something was not written.

Not here: what is written (leadpact/writeback), its tables (writeback_words.py), choosing and
making fields (writeback_fields.py).
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from types import FrameType
from typing import Any

from leadpact import settings
from leadpact.commands import writeback_fields as fields
from leadpact.commands import writeback_words as shown
from leadpact.commands.context import Context
from leadpact.commands.result import Result
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.writeback import applying, approval, difference, journal, plans, targets, undoing, words
from leadpact.writeback.applying import Report
from leadpact.writeback.plan import Plan
from leadpact.writeback.target import Progress, Target, Watch

NOT_CLEAN = 1
EVERY_SECONDS = 1.0


class BrokenOff(LeadPactError):
    """Somebody ended a run at once; the journal knows where it stands."""

    exit_code = NOT_CLEAN


def writeback(context: Context, args: argparse.Namespace) -> Result:
    """One action of write-back on the connection in use."""
    args.began = time.monotonic()
    return ACTIONS[args.action](context, args)


def target_of(context: Context) -> Target:
    """The connection in use, with its adapter."""
    name = context.connection()
    connection = settings.choose(context.connections(), name)
    return Target.of(context.workspace, connection, context.connector(name))


def plan(context: Context, args: argparse.Namespace) -> Result:
    """Makes the plan of a write-back and shows it; nothing is written."""
    target = target_of(context)
    made = _made(context, target, args, args.email)
    notes = shown.written_csv(context.say, target, made, args.out)
    return _shown(context, target, made, notes)


def apply(context: Context, args: argparse.Namespace) -> Result:
    """Applies a reviewed plan, or, where none is named, what there is to write now."""
    target = target_of(context)
    if args.plan is not None and not args.hash:
        raise Misconfigured("writeback.hash_needed", plan=str(args.plan))
    if args.yes:
        _named(args)
        target.check_writable()
    if args.plan is not None:
        found = plans.find(target.engine, args.plan)
    else:
        found = _made(context, target, args, args.email or "cli")
    if not args.yes:
        return _shown(context, target, found)
    return _applied(context, target, found, args, args.hash if args.plan is not None else found.hash)


def undo(context: Context, args: argparse.Namespace) -> Result:
    """Makes the plan that takes one back, and applies it with `--yes`."""
    target = target_of(context)
    if args.yes:
        _named(args)
        target.check_writable()
    made = undoing_plan(context, target, args)
    return _applied(context, target, made, args, made.hash) if args.yes else _shown(context, target, made)


def undoing_plan(context: Context, target: Target, args: argparse.Namespace) -> Plan:
    """The plan that takes `args.plan` back."""
    with watching(context) as watch:
        return undoing.plan(target, args.plan, author=args.email or "cli", now=context.now, watch=watch)


def told(context: Context, args: argparse.Namespace) -> Result:
    """The plans of the connection with what came of them, or one of them change by change."""
    name = context.connection()
    engine = context.workspace.database
    if args.plan is None:
        runs: dict[int, list[journal.Applied]] = {}
        for run in journal.runs(engine, name):
            runs.setdefault(run.plan_id, []).append(run)
        found = [
            (one, journal.so_far(engine, one, next(iter(runs.get(one.id, [])), None)), runs.get(one.id, []))
            for one in plans.recent(engine, name)
        ]
        return shown.journal(context.say, name, found, approval.names(engine, name))
    one = plans.find(engine, args.plan)
    notes = shown.write_rows(context.say, engine, one, args.out) if args.out is not None else []
    return shown.rows(context.say, engine, one, notes)


def _made(context: Context, target: Target, args: argparse.Namespace, author: str) -> Plan:
    analysis = context.workspace.analyse(target.connection.name)
    with watching(context) as watch:
        return difference.plan(target, analysis, author=author, now=context.now, take=args.take, watch=watch)


def _applied(context: Context, target: Target, found: Plan, args: argparse.Namespace, expected: str) -> Result:
    limits = targets.load(target.engine, target.connection.name).limits
    now = context.now + timedelta(seconds=time.monotonic() - args.began)
    with watching(context) as watch:
        done = applying.apply(
            target, found.id, expected_hash=expected, actor=args.email, door="cli", now=now,
            force=getattr(args, "force", False), limits=limits, watch=watch,
        )  # fmt: skip
    reasons = journal.codes(target.engine, found)
    return Result(document(done), notes=words.outcome(context.say, done, reasons), exit_code=0 if done.clean and
                  done.state == journal.DONE else NOT_CLEAN)  # fmt: skip


def _shown(context: Context, target: Target, found: Plan, notes: list[str] | None = None) -> Result:
    """A plan before anything is written: counts, a sample, and whether it is above the limits."""
    limits = targets.load(target.engine, target.connection.name).limits
    above = limits.exceeded(found)
    lines = [*(notes or []), *words.planned(context.say, found)]
    if above is not None:
        lines.append(context.say.error(above))
    standing = applying.report(target, found, journal.RUNNING)
    return Result(document(standing), shown.sample(context.say, target, found), lines)


def document(done: Report) -> dict[str, Any]:
    """What `--json` gives for a plan, applied or not."""
    return {
        "plan": done.plan.id,
        "hash": done.plan.hash,
        "planned": done.plan.changes,
        "written": done.written,
        "conflicts": done.conflicts,
        "failed": done.failed,
        "unknown": done.unknown,
        "skipped": done.skipped,
        "left": done.left,
        "records": done.plan.records,
    }


def _named(args: argparse.Namespace) -> None:
    if not args.email.strip():
        raise Misconfigured("writeback.no_author")


@contextlib.contextmanager
def watching(context: Context) -> Iterator[Watch]:
    """Progress on stderr, a line a second; the first Ctrl-C ends between two batches, the second at once."""
    asked, told_at = {"stop": False}, {"at": -EVERY_SECONDS}
    watch = Watch()

    def stop(number: int, frame: FrameType | None) -> None:
        if asked["stop"]:
            raise KeyboardInterrupt
        asked["stop"] = True
        print(context.say("writeback.stopping"), file=sys.stderr)  # noqa: T201 - the command line's own voice

    def progress(one: Progress) -> None:
        at = watch.clock()
        if one.waiting or at - told_at["at"] >= EVERY_SECONDS:
            told_at["at"] = at
            context.tell([words.progress(context.say, one)])

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield Watch(progress=progress, cancel=lambda: asked["stop"])
    except KeyboardInterrupt:
        raise BrokenOff("writeback.run.broken") from None
    finally:
        signal.signal(signal.SIGINT, before)


ACTIONS = {
    "check": lambda context, args: fields.check(context, target_of(context), args),
    "set": lambda context, args: fields.choose(context, target_of(context), args),
    "make": lambda context, args: fields.make(context, target_of(context), args),
    "plan": plan,
    "apply": apply,
    "undo": undo,
    "journal": told,
}
COMMANDS = {"writeback": writeback}
