"""The command `scoring`: what the rules do, by action. Each action is a module of its own, imported when it runs.

Not here: what each action does (the module named in ACTIONS), its options (scoring_arguments.py).
"""

from __future__ import annotations

import argparse
import importlib

from leadpact.commands.context import Context
from leadpact.commands.result import Result

ACTIONS = {
    "rules": "scoring_rules",
    "simulate": "scoring_simulate",
    "quality": "scoring_quality",
    "suggest": "scoring_quality",
}  # action -> the module of leadpact.commands that has it as `run`


def scoring(context: Context, args: argparse.Namespace) -> Result:
    module = importlib.import_module(f"leadpact.commands.{ACTIONS[args.action]}")
    result: Result = module.run(context, args)
    return result


COMMANDS = {"scoring": scoring}
