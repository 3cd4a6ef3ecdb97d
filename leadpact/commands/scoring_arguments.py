"""What `scoring` may be asked: its actions, a line each in ACTIONS of scoring.py.

Not here: the parser itself (cli.py), what the actions do (scoring_….py).
"""

from __future__ import annotations

import argparse
from typing import Any

from leadpact.commands.arguments import analysis_options
from leadpact.language import Language
from leadpact.scoring.rule_people import GROUPS


def scoring_commands(add: Any, say: Language) -> None:
    """Adds `scoring` with its actions."""
    within = add("scoring").add_subparsers(dest="action", required=True, metavar="ACTION")
    _rules(add("rules", within, "scoring_rules"), say)


def _rules(command: argparse.ArgumentParser, say: Language) -> None:
    analysis_options(command, say)
    basis_options(command, say)
    command.add_argument("--rule", metavar="ID", help=say("cli.scoring_rule"))
    command.add_argument("--group", choices=GROUPS, default=GROUPS[0], help=say("cli.scoring_group"))


def basis_options(command: argparse.ArgumentParser, say: Language) -> None:
    """From which stage to which, and within how many days, a lead converts (scoring/rule_cohort.py)."""
    command.add_argument("--stage", metavar="S", help=say("cli.scoring_stage"))
    command.add_argument("--goal", metavar="S", help=say("cli.scoring_goal"))
    command.add_argument("--window", type=float, metavar="DAYS", help=say("cli.scoring_window"))
