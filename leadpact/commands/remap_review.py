"""Reviewing a plan in a terminal: counts, a sample, the effect; approving it; pausing, cancelling, watching a run.

Not here: the review itself (leadpact/writeback/review.py, review_effect.py), the other actions of `remap`
(remap.py).
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Any

from leadpact.audit.shown import shown
from leadpact.commands import proposal_effect
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.errors import Misconfigured, NoMirror
from leadpact.language import Language
from leadpact.workspace import Analysis
from leadpact.writeback import approval, plans, progress, review, review_effect, words
from leadpact.writeback.approval import Approval
from leadpact.writeback.plan import Plan
from leadpact.writeback.progress import Running
from leadpact.writeback.review import Part, Review
from leadpact.writeback.review_effect import PlanEffect
from leadpact.writeback.target import Progress, Target
from leadpact.writeback.words import iso

OWNERS, VALUES = 15, 50  # shown in a terminal; --json has all


@dataclasses.dataclass(frozen=True)
class Told:
    """What `show` adds to a plan: for programs, as tables, and as lines."""

    document: dict[str, Any]
    sections: Sequence[Section]
    notes: Sequence[str]


def told(context: Context, target: Target, plan: Plan, *, effect: bool) -> Told:
    """The review of a plan by the last sync, its approval and its run; before a sync only the latter two."""
    say, engine = context.say, target.engine
    approved, run = standing(say, target, plan), progress.of(engine, plan)
    document: dict[str, Any] = {"approval": _approval(approval.current(engine, plan)), "running": _running(run)}
    try:
        analysis = context.workspace.analyse(target.connection.name)
    except NoMirror:
        return Told(document, [], [say("repair.no_effect_yet", name=target.connection.name), *approved])
    found = review.review(engine, analysis, plan)
    after = review_effect.effect(engine, analysis, plan) if effect else None
    document |= {**found.as_json(), "effect": after.as_json() if after is not None else None}
    tables = [*sections(say, found), *(_effect(say, analysis, after) if after is not None else [])]
    return Told(document, tables, [*_notes(say, found, after), *approved])


def sections(say: Language, found: Review) -> list[Section]:
    """Counts by value, team and owner, and the sample."""
    moves = [
        [say(f"ui.object.{one.object}"), shown(one.before) or "–", shown(one.after) or "–", say.number(one.records)]
        for one in found.by_value[:VALUES]
    ]
    head = [say(f"writeback.col.{name}") for name in ("object", "before", "after", "planned")]
    teams = [[shown(one.name) or say("repair.unknown"), say.number(one.records)] for one in found.by_team]
    owners = [
        [_owner(say, one), shown(one.team) or say("repair.unknown"), say.number(one.records)]
        for one in found.by_owner[:OWNERS]
    ]
    rest = found.by_owner[OWNERS:]
    if rest:
        owners.append([say("repair.more_owners", count=len(rest)), "", say.number(sum(one.records for one in rest))])
    col = {name: say(f"repair.col.{name}") for name in ("owner", "team", "records")}
    some = [
        [say(f"ui.object.{one.object}"), one.record_id, shown(one.before) or "–", shown(one.after) or "–",
         shown(one.owner) or say("repair.unknown"), shown(one.team) or say("repair.unknown")]
        for one in found.sample
    ]  # fmt: skip
    sample_head = [*(say(f"writeback.col.{name}") for name in ("object", "record_id", "before", "after")),
                   col["owner"], col["team"]]  # fmt: skip
    made = [
        Section(say("repair.by_value"), head, moves),
        Section(say("repair.by_team"), [col["team"], col["records"]], teams),
        Section(say("repair.by_owner"), [col["owner"], col["team"], col["records"]], owners),
        Section(say("repair.sample", shown=len(some), total=found.plan.changes), sample_head, some),
    ]
    return [one for one in made if one.rows]


def _owner(say: Language, one: Part) -> str:
    name = shown(one.name) or say("repair.unknown")
    if one.queue:
        return say("repair.queue", name=name)
    return say("repair.inactive", name=name) if one.active is False else name


def _effect(say: Language, analysis: Analysis, after: PlanEffect) -> list[Section]:
    """The funnel, stages, time in stage and SLA today and after; the counts by value stand above already."""
    if not after.effect.people:
        return []
    return proposal_effect.sections(say, analysis, after.effect)[1:-1]


def _notes(say: Language, found: Review, after: PlanEffect | None) -> list[str]:
    fits = found.fits if after is None else after.fits
    lines = [say(f"repair.fit.{name}", count=fits[name]) for name in review.FITS[1:] if fits[name]]
    if after is not None and after.effect.silent:
        lines.append(say("proposal.untold.silent", count=after.effect.silent))
    if after is not None and after.unmapped:
        lines.append(say("repair.unmapped", count=after.unmapped))
    if after is not None and after.since:
        lines.append(say("repair.written_since", count=after.since))
    return lines


def standing(say: Language, target: Target, plan: Plan) -> list[str]:
    """Who approved the plan, or how it is approved; nothing for one that changes nothing."""
    lines = next(iter(approval.history(target.engine, plan)), None)
    now = approval.current(target.engine, plan)
    if not plan.changes:
        return []
    if now is not None:
        door = say(f"repair.door.{now.door}")
        return [say("repair.approved", actor=now.actor, records=now.records, door=door, at=say.moment(now.at))]
    void = [say("repair.approval_void", actor=lines.actor)] if lines is not None else []
    return [*void, say("repair.not_approved", plan=str(plan.id), hash=plan.hash)]


def approve(context: Context, target: Target, plan: Plan, args: argparse.Namespace) -> Result:
    """Approves a plan by its hash and the number of its records; nothing is written to the CRM."""
    given = approval.approve(
        target.engine, plan, expected_hash=args.hash, records=args.records, actor=args.email, roles=None, door="cli",
        now=context.now,
    )  # fmt: skip
    document = {"plan": plan.id, "hash": plan.hash, "approval": _approval(given)}
    return Result(document, notes=[*standing(context.say, target, plan), context.say("repair.how", plan=str(plan.id),
                                                                                    hash=plan.hash)])  # fmt: skip


def pause(context: Context, target: Target, plan: Plan, args: argparse.Namespace) -> Result:
    """Asks the run of a plan to end after its batch."""
    run = progress.pause(target.engine, plan, actor=args.email, door="cli", now=context.now)
    return Result(_asked(plan, progress.PAUSE, run), notes=[context.say("repair.pause_asked", plan=str(plan.id))])


def cancel(context: Context, target: Target, plan: Plan, args: argparse.Namespace) -> Result:
    """Asks the run of a plan to end after its batch, and withdraws its approval."""
    run = progress.cancel(target.engine, plan, actor=args.email, door="cli", now=context.now)
    key = "repair.cancel_asked" if run is not None else "repair.approval_withdrawn"
    return Result(_asked(plan, progress.CANCEL, run), notes=[context.say(key, plan=str(plan.id))])


def watch(context: Context, target: Target) -> Result:
    """How far the run of the connection is, as it told last."""
    say, run = context.say, progress.running(target.engine, target.connection.name)
    if run is None:
        return Result({"running": None}, notes=[say("repair.nothing_running", connection=target.connection.name)])
    far = words.progress(say, Progress(run.done, run.total, {}, run.rate, run.left_seconds, run.waiting))
    alive = target.busy()
    lines = [say("repair.running" if alive else "repair.died", plan=str(run.plan), actor=run.actor,
                 since=say.moment(run.started_at), progress=far)]  # fmt: skip
    if run.asked is not None:
        lines.append(say(f"repair.asked.{run.asked}", actor=run.asked_by))
    return Result({"running": _running(run), "alive": alive}, notes=lines)


def found(target: Target, number: int) -> Plan:
    """The plan, if it is one of this connection."""
    one = plans.find(target.engine, number)
    if one.connection != target.connection.name:
        raise Misconfigured("writeback.other_connection", plan=str(number), connection=one.connection)
    return one


def _asked(plan: Plan, what: str, run: Running | None) -> dict[str, Any]:
    return {"plan": plan.id, "hash": plan.hash, "asked": what, "running": _running(run)}


def _approval(one: Approval | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"hash": one.hash, "records": one.records, "actor": one.actor, "door": one.door, "at": iso(one.at)}


def _running(one: Running | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {**dataclasses.asdict(one), "started_at": iso(one.started_at), "at": iso(one.at)}
