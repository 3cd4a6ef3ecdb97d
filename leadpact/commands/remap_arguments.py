"""What `remap` may be asked.

Not here: the parser itself (cli.py), what the commands do (remap.py).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from leadpact.commands.arguments import pair
from leadpact.commands.remap_values_arguments import values_commands
from leadpact.language import Language
from leadpact.model import OBJECTS


def values(text: str) -> tuple[str, str]:
    """`Old=New`; an empty old value is a blank status. Spaces are kept: a status may have them."""
    old, sign, new = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(text)
    return old, new


def remap_commands(add: Any, say: Language) -> None:
    """Adds `remap` with its actions."""
    within = add("remap").add_subparsers(dest="action", required=True, metavar="ACTION")
    plan = add("plan", within, "remap_plan")
    plan.add_argument("--object", choices=OBJECTS, default="lead", help=say("cli.rm_object"))
    source = plan.add_mutually_exclusive_group(required=True)
    _sources(source, say)
    plan.add_argument("--where", type=pair, action="append", metavar="FIELD=VALUE", help=say("cli.rm_where"))
    _kept(plan, say)
    values_commands(add, within, say, _sources, _writing)
    show = add("show", within, "remap_show")
    show.add_argument("plan", type=int, metavar="PLAN", help=say("cli.wb_plan"))
    show.add_argument("--out", type=Path, metavar="FILE", help=say("cli.wb_out"))
    show.add_argument("--brief", action="store_true", help=say("cli.rm_brief"))
    approve = add("approve", within, "remap_approve")
    approve.add_argument("plan", type=int, metavar="PLAN", help=say("cli.wb_plan"))
    approve.add_argument("hash", metavar="HASH", help=say("cli.wb_hash"))
    approve.add_argument("--records", type=int, required=True, metavar="N", help=say("cli.rm_records"))
    approve.add_argument("--as", dest="email", required=True, metavar="EMAIL", help=say("cli.as"))
    for asked in (add("pause", within, "remap_pause"), add("cancel", within, "remap_cancel")):
        asked.add_argument("plan", type=int, metavar="PLAN", help=say("cli.wb_plan"))
        asked.add_argument("--as", dest="email", required=True, metavar="EMAIL", help=say("cli.as"))
    add("watch", within, "remap_watch")
    keep = add("keep", within, "remap_keep")
    keep.add_argument("plan", type=int, metavar="PLAN", help=say("cli.wb_plan"))
    keep.add_argument("--in", dest="field", required=True, metavar="FIELD", help=say("cli.rm_in"))
    keep.add_argument("--make", action="store_true", help=say("cli.rm_make"))
    keep.add_argument("--yes", action="store_true", help=say("cli.rm_make_yes"))
    _kept(keep, say)
    apply = add("apply", within, "remap_apply")
    apply.add_argument("plan", type=int, metavar="PLAN", help=say("cli.wb_plan"))
    apply.add_argument("hash", metavar="HASH", help=say("cli.wb_hash"))
    _writing(apply, say)
    apply.add_argument("--force", action="store_true", help=say("cli.wb_force"))
    apply.add_argument("--accept-changes", action="store_true", help=say("cli.rm_accept"))
    apply.add_argument("--waive", metavar="REASON", help=say("cli.rm_waive"))
    undo = add("undo", within, "remap_undo")
    undo.add_argument("plan", type=int, metavar="PLAN", help=say("cli.wb_plan"))
    _writing(undo, say)
    journal = add("journal", within, "remap_journal")
    journal.add_argument("plan", nargs="?", type=int, metavar="PLAN", help=say("cli.wb_plan"))
    journal.add_argument("--out", type=Path, metavar="FILE", help=say("cli.wb_out"))


def _sources(source: Any, say: Language) -> None:
    """What a plan follows: one of these."""
    source.add_argument("--set", dest="pairs", type=values, action="append", metavar="OLD=NEW", help=say("cli.rm_set"))
    source.add_argument("--from-map", nargs="?", type=Path, const=Path(), metavar="FILE", help=say("cli.rm_map"))
    source.add_argument("--finding", action="append", metavar="CODE", help=say("cli.rm_finding"))
    source.add_argument("--csv", type=Path, metavar="FILE", help=say("cli.rm_csv"))
    source.add_argument("--blank-contacts", action="store_true", help=say("cli.rm_blank"))


def _kept(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("--as", dest="email", default="cli", metavar="EMAIL", help=say("cli.as"))
    command.add_argument("--out", type=Path, metavar="FILE", help=say("cli.wb_out"))


def _writing(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("--yes", action="store_true", help=say("cli.wb_yes"))
    command.add_argument("--as", dest="email", required=True, metavar="EMAIL", help=say("cli.as"))
