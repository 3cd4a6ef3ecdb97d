"""The actions of `remap` about the values of a list: adding those a repair needs, retiring old ones, and back.

Each shows what would be sent and sends nothing, unless `--yes` says otherwise.

Not here: which values those are (leadpact/writeback/repair_values.py, repair_retire.py), the other actions (remap.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from leadpact.audit.shown import shown
from leadpact.commands.context import Context
from leadpact.commands.result import Result, Section
from leadpact.commands.writeback_fields import FAILED, preview
from leadpact.crm_fields import Made, Prepared
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.workspace import Analysis
from leadpact.writeback import plans, repair_retire, repair_values
from leadpact.writeback.actors import named
from leadpact.writeback.repair_retire import Old
from leadpact.writeback.repair_values import Aim, Missing
from leadpact.writeback.target import Target

GOOD = ("made", "exists")
Aims = Callable[[Context, argparse.Namespace, Analysis], Iterable[Aim]]


def add(context: Context, target: Target, args: argparse.Namespace, aims: Aims) -> Result:
    """Shows which values the CRM's lists lack of those a repair needs, and adds them with `--yes`."""
    say, name = context.say, target.connection.name
    _may(target, args)
    analysis = context.workspace.analyse(name)
    wanted = {(args.object, value) for value in args.values or ()} or set(aims(context, args, analysis))
    found = repair_values.missing(target, analysis, wanted)
    prepared = repair_values.preview(target, found)
    told = [{**_missing(one), **_prepared(say, step)} for one, step in prepared]
    notes = [say("repair_values.unclaimed", values=", ".join(map(shown, one.unclaimed)), object=one.object)
             for one in found if one.unclaimed]  # fmt: skip
    if not found:
        return Result({"connection": name, "values": []}, notes=[say("repair_values.nothing_missing")])
    if not args.yes:
        text = "\n\n".join(preview(say, step) for _, step in prepared)
        hint = "repair_values.add_dry" if any(step.possible for _, step in prepared) else "repair_values.not_possible"
        return Result({"connection": name, "values": told}, plain=text, notes=[*notes, say(hint)])
    made = [each for _, each in repair_values.make(target, prepared, author=args.email, now=context.now)]
    return _done(say, name, "values", told, [step for _, step in prepared], made, notes)


def retire(context: Context, target: Target, args: argparse.Namespace) -> Result:
    """Shows how the old values of a plan stand, and retires those nobody holds with `--yes`; `--back` activates."""
    say, name = context.say, target.connection.name
    _may(target, args)
    plan = plans.find(target.engine, args.plan)
    if plan.connection != name:
        raise Misconfigured("writeback.other_connection", plan=str(plan.id), connection=plan.connection)
    analysis = context.workspace.analyse(name)
    found = repair_retire.inactive(target, plan) if args.back else repair_retire.offer(target, analysis, plan.id)
    prepare = repair_retire.preview_back if args.back else repair_retire.preview
    prepared = prepare(target, found)
    rows = [[say(f"ui.object.{one.object}"), one.label, shown(one.value), say(f"repair_values.state.{one.state}"),
             _records(say, one)] for one in found]  # fmt: skip
    head = [*(say(f"writeback.col.{key}") for key in ("object", "field")), say("repair_values.col.value"),
            say("writeback.col.state"), say("repair_values.col.records")]  # fmt: skip
    table = [Section("", head, rows)] if rows else []
    told = [_old(one) for one in found]
    steps = [{"object": one.making.object, "field": one.making.name, "values": list(one.making.choices),
              **_prepared(say, one)} for one in prepared]  # fmt: skip
    document: dict[str, Any] = {"connection": name, "plan": plan.id, "old": told, "lists": steps}
    if not prepared:
        key = "repair_values.nothing_inactive" if args.back else "repair_values.nothing_to_retire"
        return Result(document, table, [say(key)])
    if not args.yes:
        text = "\n\n".join(preview(say, one) for one in prepared)
        hint = "repair_values.back_dry" if args.back else "repair_values.retire_dry"
        possible = any(one.possible for one in prepared)
        return Result(document, table, [say(hint if possible else "repair_values.not_possible")], plain=text)
    given: dict[str, Any] = {"author": args.email, "now": context.now}
    made = list(repair_retire.activate(target, plan.id, prepared, **given) if args.back
                else repair_retire.retire(target, analysis, plan.id, prepared, **given))  # fmt: skip
    done = _done(say, name, "lists", steps, prepared, made, [])
    return Result({**document, **done.document}, [*table, *done.sections], done.notes, exit_code=done.exit_code)  # type: ignore[dict-item]


def _may(target: Target, args: argparse.Namespace) -> None:
    if args.yes:
        named(args.email)
        target.check_writable()


def _done(
    say: Language, name: str, key: str, told: Sequence[dict[str, Any]], prepared: Sequence[Prepared],
    made: Sequence[Made], notes: Sequence[str],
) -> Result:  # fmt: skip
    """What became of each list; what could not be done is said again with its remedy."""
    came = {id(one.prepared): one for one in made}
    document = [
        {**each, "outcome": one.kind if (one := came.get(id(step))) is not None else "impossible",
         "code": one.code if one is not None else None}
        for each, step in zip(told, prepared, strict=True)
    ]  # fmt: skip
    rows = [[say(f"ui.object.{one.prepared.making.object}"), one.prepared.making.label or one.prepared.making.name,
             ", ".join(map(shown, one.prepared.making.choices)),
             say(f"writeback.made.{one.kind}") + (f" ({one.code})" if one.code else "")] for one in made]  # fmt: skip
    head = [*(say(f"writeback.col.{each}") for each in ("object", "field")), say("repair_values.col.value"),
            say("writeback.col.state")]  # fmt: skip
    impossible = [preview(say, step) for step in prepared if not step.possible]
    after = [say("repair_values.sync_after")] if any(one.kind in GOOD for one in made) else []
    failed = bool(impossible) or any(one.kind not in GOOD for one in made)
    return Result({"connection": name, key: document}, [Section("", head, rows)] if rows else [],
                  [*notes, *impossible, *after], exit_code=FAILED if failed else 0)  # fmt: skip


def _missing(one: Missing) -> dict[str, Any]:
    return {"object": one.object, "field": one.field, "new": list(one.new), "retired": list(one.retired),
            "near": dict(one.near), "unclaimed": list(one.unclaimed)}  # fmt: skip


def _old(one: Old) -> dict[str, Any]:
    return {"object": one.object, "field": one.field, "value": one.value, "state": one.state, "records": one.records,
            "at_least": one.at_least}  # fmt: skip


def _records(say: Language, one: Old) -> str:
    if one.records is None:
        return "–"
    return ("≥ " if one.at_least else "") + say.number(one.records)


def _prepared(say: Language, one: Prepared) -> dict[str, Any]:
    remedy = say(one.remedy, **one.params) if one.remedy else None
    return {"possible": one.possible, "message": say(one.message, **one.params), "remedy": remedy,
            "preview": one.preview}  # fmt: skip
