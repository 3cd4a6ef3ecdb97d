"""`remap keep`: the plan that keeps what a status said; with `--make`, the field for it first.

Not here: the plan (leadpact/writeback/repair_keep.py), showing it (remap.py).
"""

from __future__ import annotations

import argparse
from typing import Any

from leadpact.commands.context import Context
from leadpact.commands.result import Result
from leadpact.commands.writeback_fields import FAILED, preview
from leadpact.errors import Misconfigured
from leadpact.writeback import repair_keep_field
from leadpact.writeback.target import Target

NOBODY = "cli"  # what a plan is signed with where nobody is named: a field is made by somebody


def make(context: Context, target: Target, args: argparse.Namespace) -> Result:
    """Shows the field that would be made for a kept text, and makes it with `--yes`."""
    say, name = context.say, target.connection.name
    if args.yes and args.email.strip() in ("", NOBODY):
        raise Misconfigured("writeback.no_author")
    analysis = context.workspace.analyse(name)
    wanted = repair_keep_field.lacking(target, args.plan, args.field, analysis.pact.language)
    prepared = repair_keep_field.preview(target, wanted)
    told: list[dict[str, Any]] = [
        {"object": one.making.object, "field": one.making.name, "possible": one.possible,
         "message": say(one.message, **one.params), "preview": one.preview} for one in prepared
    ]  # fmt: skip
    if not prepared:
        return Result({"connection": name, "fields": []}, notes=[say("repair_values.keep_there", field=args.field)])
    text = "\n\n".join(preview(say, one) for one in prepared)
    if not args.yes:
        return Result({"connection": name, "fields": told}, plain=text, notes=[say("writeback.make_dry")])
    made = list(repair_keep_field.make(target, prepared, author=args.email, now=context.now))
    came = {one.prepared.making.object: one for one in made}
    document = [{**each, "outcome": one.kind if (one := came.get(each["object"])) else "impossible",
                 "name": one.name if one else None} for each in told]  # fmt: skip
    notes = [say("repair_values.keep_made", plan=str(args.plan), field=one.name or args.field) for one in made
             if one.kind in ("made", "exists")]  # fmt: skip
    notes += [preview(say, one) for one in prepared if not one.possible]
    fine = len(made) == len(prepared) and all(one.kind in ("made", "exists") for one in made)
    return Result({"connection": name, "fields": document}, notes=list(dict.fromkeys(notes)),
                  exit_code=0 if fine else FAILED)  # fmt: skip
