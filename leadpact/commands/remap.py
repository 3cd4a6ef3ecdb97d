"""The command `remap`: repairs statuses in the CRM by plan, review, apply and undo; a dry run unless `--yes`.

Not here: what a repair is (leadpact/writeback/repair.py), what it may be asked (remap_arguments.py).
"""

from __future__ import annotations

import argparse
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from leadpact import audit
from leadpact.audit import proposal, suppression, valuemap_file, valuemap_store
from leadpact.audit.facts import Facts
from leadpact.audit.valuemap import ValueMap
from leadpact.audit.valuemap_check import checked
from leadpact.commands import remap_automations, remap_keep, remap_values, writeback
from leadpact.commands import remap_review as reviewing
from leadpact.commands import writeback_words as shown
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.crm_facts import Copied
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.workspace import Analysis
from leadpact.writeback import (
    applying,
    journal,
    rehearsal,
    repair,
    repair_keep,
    repair_list,
    repair_retire,
    repair_values,
    repair_words,
)
from leadpact.writeback import words as told
from leadpact.writeback.applying import Report, Tampered
from leadpact.writeback.plan import Limits, Plan
from leadpact.writeback.repair import Source
from leadpact.writeback.target import Target

NAMES = ("plan", "hash", "planned", "written", "conflicts", "failed", "unknown", "skipped")


def remap(context: Context, args: argparse.Namespace) -> Result:
    """One action of a repair on the connection in use."""
    args.began = time.monotonic()
    return ACTIONS[args.action](context, args)


def plan(context: Context, args: argparse.Namespace) -> Result:
    """Makes the plan of a repair and shows it; nothing is written."""
    target = writeback.target_of(context)
    analysis = context.workspace.analyse(target.connection.name)
    given = {"author": args.email, "now": context.now, "where": dict(args.where or [])}
    if args.csv is not None:
        wanted, source = repair_list.load(args.csv, args.object)
        made = repair_list.plan(target, analysis, wanted, source, **given)
    else:
        values, source = _values(context, args, analysis)
        made = repair.plan(target, analysis, values, source, **given)
    result = _shown(context, target, made, _written(context, target, made, args.out))
    return _with_automations(context, target, made, result)


def add_values(context: Context, args: argparse.Namespace) -> Result:
    """Adds values a repair needs to the CRM's list."""
    return remap_values.add(context, writeback.target_of(context), args, _aims)


def _aims(context: Context, args: argparse.Namespace, analysis: Analysis) -> set[tuple[str, str]]:
    """The new values of what a plan would follow, with their objects."""
    if args.csv is not None:
        return {(one.object, one.after) for one in repair_list.load(args.csv, args.object)[0]}
    return repair_values.aims_of(_values(context, args, analysis)[0])


def _with_automations(context: Context, target: Target, found: Plan, result: Result) -> Result:
    told, tables, lines = remap_automations.told(context.say, target, found)
    document = {**result.document, "automations": told}  # type: ignore[dict-item]
    return Result(document, [*result.sections, *tables], [*result.notes, *lines])


def _values(context: Context, args: argparse.Namespace, analysis: Analysis) -> tuple[ValueMap, Source]:
    """The value map a plan follows, and where it comes from."""
    facts = Facts.of(analysis)
    if args.pairs:
        return repair.of_pairs(facts, args.object, args.pairs)
    if args.blank_contacts:
        return repair.of_blank_contacts(facts)
    if args.finding:
        aside = suppression.every(context.workspace.database, analysis.connection)
        day = suppression.today(context.now, analysis.pact.zone)
        counted = suppression.sort_out(audit.run(analysis).findings, aside, day).counted
        return repair.of_findings(proposal.propose_from(facts, analysis.pact, counted).map, args.finding)
    if args.from_map != Path():
        given = valuemap_file.load(args.from_map)
        return repair.of_map(checked(given, facts, analysis.pact, str(args.from_map)), args.from_map.name)
    saved = valuemap_store.working(context.workspace.database, analysis.connection)
    if saved is None:
        raise Misconfigured("repair.no_map", name=analysis.connection)
    name = f"map {saved.number}"
    return repair.of_map(checked(saved.map, facts, analysis.pact, name), name)


def keep(context: Context, args: argparse.Namespace) -> Result:
    """Makes the plan that keeps the actions of a status plan in a field of their own; nothing is written."""
    target = writeback.target_of(context)
    if args.make:
        return remap_keep.make(context, target, args)
    analysis = context.workspace.analyse(target.connection.name)
    made = repair_keep.plan(target, analysis, args.plan, args.field, author=args.email, now=context.now)
    return _shown(context, target, made, _written(context, target, made, args.out))


def show(context: Context, args: argparse.Namespace) -> Result:
    """A plan as it stands; nothing is written."""
    target = writeback.target_of(context)
    found = reviewing.found(target, args.plan)
    more = reviewing.told(context, target, found, effect=not args.brief)
    result = _shown(context, target, found, _written(context, target, found, args.out))
    document = {**result.document, "review": more.document}  # type: ignore[dict-item]
    sections = [*more.sections, *(result.sections if not more.sections else [])]
    return _with_automations(context, target, found, Result(document, sections, [*more.notes, *result.notes]))


def approve(context: Context, args: argparse.Namespace) -> Result:
    """Approves a plan by its hash and the number of its records."""
    target = writeback.target_of(context)
    return reviewing.approve(context, target, reviewing.found(target, args.plan), args)


def pause(context: Context, args: argparse.Namespace) -> Result:
    """Asks the run of a plan to pause or cancel."""
    target = writeback.target_of(context)
    act = reviewing.pause if args.action == "pause" else reviewing.cancel
    return act(context, target, reviewing.found(target, args.plan), args)


def apply(context: Context, args: argparse.Namespace) -> Result:
    """Applies the plan that was reviewed, by its hash; without `--yes` it is shown."""
    target = writeback.target_of(context)
    found = reviewing.found(target, args.plan)
    if found.hash != args.hash:
        raise Tampered("writeback.other_hash", plan=str(found.id))
    if not args.yes:
        return _shown(context, target, found, [])
    return _applied(context, target, found, args)


def undo(context: Context, args: argparse.Namespace) -> Result:
    """Makes the plan that takes one back, and applies it with `--yes`."""
    target = writeback.target_of(context)
    reviewing.found(target, args.plan)
    if args.yes:
        target.check_writable()
    made = writeback.undoing_plan(context, target, args)
    return _applied(context, target, made, args) if args.yes else _shown(context, target, made, [])


def _applied(context: Context, target: Target, found: Plan, args: argparse.Namespace) -> Result:
    now = context.now + timedelta(seconds=time.monotonic() - args.began)
    with writeback.watching(context) as watch:
        done = applying.apply(
            target, found.id, expected_hash=found.hash, actor=args.email, door="cli", now=now,
            force=getattr(args, "force", False), watch=watch, waive=getattr(args, "waive", None),
            accept=getattr(args, "accept_changes", False),
        )  # fmt: skip
    reasons = journal.codes(target.engine, found)
    lines = [*told.outcome(context.say, done, reasons), *repair_words.pilot(context.say, done)]
    if isinstance(target.connector, Copied):
        lines.append(context.say("repair_values.copy_at", path=str(target.connector.place)))
    fine = done.clean and done.state == journal.DONE
    return Result(document(done), notes=lines, exit_code=0 if fine else writeback.NOT_CLEAN)


def _shown(context: Context, target: Target, found: Plan, notes: list[str]) -> Result:
    """A plan before anything is written: values, a sample, what was set apart, and what stands against applying it."""
    say = context.say
    standing = applying.report(target, found, journal.RUNNING)
    lines = [*notes, *told.planned(say, found), *repair_words.pilot(say, standing)]
    lines += [say.error(one) for one in against(target, found)]
    if isinstance(target.connector, Copied):
        lines.append(say("repair_values.copy_to", path=str(target.connector.place)))
    by_value = repair_words.by_value(target.engine, found)
    head = [say(f"writeback.col.{name}") for name in ("object", "before", "after", "planned")]
    rows = [[say(f"ui.object.{one.object}"), one.before or "–", one.after or "–", say.number(one.records)]
            for one in by_value]  # fmt: skip
    tables = [Section(say("repair.by_value"), head, rows)] if rows else []
    return Result(document(standing), [*tables, *shown.sample(say, target, found)], lines)


def against(target: Target, found: Plan) -> list[LeadPactError]:
    """What would keep the plan from being applied now."""
    wrong: list[LeadPactError] = []
    above = Limits().exceeded(found)
    if above is not None:
        wrong.append(above)
    for gate in (
        target.check_writable,
        lambda: rehearsal.grounds(target, found),
        lambda: repair_retire.check_undone(target, found),
    ):
        try:
            gate()
        except LeadPactError as error:
            wrong.append(error)
    return wrong


def _written(context: Context, target: Target, found: Plan, file: Path | None) -> list[str]:
    """The plan as CSV where asked for: the backup before anything happens, and a list to import."""
    if file is None:
        return []
    try:
        file.write_text(repair_words.csv_of(target.engine, found), encoding="utf-8", newline="")
    except OSError as error:
        raise Misconfigured("cli.cannot_write", path=str(file), problem=error.strerror or "") from None
    return [context.say("writeback.exported", count=found.changes, path=str(file))]


def document(done: Report) -> dict[str, Any]:
    """What `--json` gives for a plan, applied or not."""
    whole = writeback.document(done)
    return {name: whole[name] for name in NAMES}


ACTIONS = {
    "plan": plan,
    "show": show,
    "keep": keep,
    "add-values": add_values,
    "retire": lambda context, args: remap_values.retire(context, writeback.target_of(context), args),
    "approve": approve,
    "apply": apply,
    "pause": pause,
    "cancel": pause,
    "watch": lambda context, args: reviewing.watch(context, writeback.target_of(context)),
    "undo": undo,
    "journal": writeback.told,
}
COMMANDS = {"remap": remap}
