"""What `writeback` may be asked.

Not here: the parser itself (cli.py), what the commands do (writeback.py).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from leadpact.language import Language


def field(text: str) -> tuple[str, str, str]:
    """`lead.score=LeadPact_Score__c`; nothing after `=` is no field any more."""
    place, sign, name = text.partition("=")
    object, dot, purpose = place.partition(".")
    if not sign or not dot:
        raise argparse.ArgumentTypeError(text)
    return object.strip(), purpose.strip(), name.strip()


def share(text: str) -> float:
    """`20%` or `0.2`."""
    number = float(text.strip().removesuffix("%"))
    return number / 100 if text.strip().endswith("%") else number


def writeback_commands(add: Any, say: Language) -> None:
    """Adds `writeback` with its actions."""
    within = add("writeback").add_subparsers(dest="action", required=True, metavar="ACTION")
    add("check", within, "writeback_check")
    choose = add("set", within, "writeback_set")
    choose.add_argument("fields", nargs="*", type=field, metavar="OBJECT.PURPOSE=FIELD", help=say("cli.wb_fields"))
    choose.add_argument("--found", action="store_true", help=say("cli.wb_found"))
    choose.add_argument("--share", type=share, metavar="20%", help=say("cli.wb_share"))
    choose.add_argument("--most", type=int, metavar="N", help=say("cli.wb_most"))
    choose.add_argument("--as", dest="email", required=True, metavar="EMAIL", help=say("cli.as"))
    _writing(add("make", within, "writeback_make"), say)
    plan = add("plan", within, "writeback_plan")
    plan.add_argument("--take", action="store_true", help=say("cli.wb_take"))
    plan.add_argument("--as", dest="email", default="cli", metavar="EMAIL", help=say("cli.as"))
    plan.add_argument("--out", type=Path, metavar="FILE", help=say("cli.wb_out"))
    apply = add("apply", within, "writeback_apply")
    apply.add_argument("plan", nargs="?", type=int, metavar="PLAN", help=say("cli.wb_plan"))
    apply.add_argument("hash", nargs="?", metavar="HASH", help=say("cli.wb_hash"))
    apply.add_argument("--take", action="store_true", help=say("cli.wb_take"))
    _writing(apply, say)
    apply.add_argument("--force", action="store_true", help=say("cli.wb_force"))
    undo = add("undo", within, "writeback_undo")
    undo.add_argument("plan", type=int, metavar="PLAN", help=say("cli.wb_plan"))
    _writing(undo, say)
    journal = add("journal", within, "writeback_journal")
    journal.add_argument("plan", nargs="?", type=int, metavar="PLAN", help=say("cli.wb_plan"))
    journal.add_argument("--out", type=Path, metavar="FILE", help=say("cli.wb_out"))


def _writing(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("--yes", action="store_true", help=say("cli.wb_yes"))
    command.add_argument("--as", dest="email", default="", metavar="EMAIL", help=say("cli.as"))
