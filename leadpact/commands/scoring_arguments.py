"""What `scoring` may be asked: its actions, a line each in ACTIONS of scoring.py.

Not here: the parser itself (cli.py), what the actions do (scoring_….py).
"""

from __future__ import annotations

import argparse
from typing import Any

from leadpact.commands.arguments import analysis_options
from leadpact.language import Language

# as scoring/basis.py and scoring/rule_people.py, which are costly to import; test_health.py holds them equal
KNOWN = ("then", "now")
GROUPS = ("now", "undecided", "hit", "hit_converted", "miss", "miss_converted")


def scoring_commands(add: Any, say: Language) -> None:
    """Adds `scoring` with its actions."""
    within = add("scoring").add_subparsers(dest="action", required=True, metavar="ACTION")
    _rules(add("rules", within, "scoring_rules"), say)
    _simulate(add("simulate", within, "scoring_simulate"), say)
    _quality(add("quality", within, "scoring_quality"), say)
    _suggest(add("suggest", within, "scoring_suggest"), say)


def _rules(command: argparse.ArgumentParser, say: Language) -> None:
    analysis_options(command, say)
    basis_options(command, say)
    command.add_argument("--rule", metavar="ID", help=say("cli.scoring_rule"))
    command.add_argument("--group", choices=GROUPS, default=GROUPS[0], help=say("cli.scoring_group"))


def basis_options(command: argparse.ArgumentParser, say: Language, stage: str | None = None, after: float = 0) -> None:
    """From which stage to which, and within how many days, a lead converts (scoring/basis.py)."""
    help = say("cli.scoring_stage" if stage is None else "cli.simulate_stage")
    command.add_argument("--stage", metavar="S", default=stage, help=help)
    command.add_argument("--goal", metavar="S", help=say("cli.scoring_goal"))
    command.add_argument("--window", type=float, default=90, metavar="DAYS", help=say("cli.scoring_window"))
    command.add_argument("--after", type=float, default=after, metavar="DAYS", help=say("cli.quality_after"))


def _simulate(command: argparse.ArgumentParser, say: Language) -> None:
    """Which version the draft is put beside, how far back, and what the greens are to reach (scoring/simulate.py)."""
    analysis_options(command, say)
    command.add_argument("--against", metavar="VERSION", help=say("cli.simulate_against"))
    command.add_argument("--months", type=int, default=6, metavar="N", help=say("cli.simulate_months"))
    command.add_argument("--capacity", type=float, metavar="N", help=say("cli.simulate_capacity"))
    basis_options(command, say, stage="entry", after=14)
    command.add_argument("--known", choices=KNOWN, default=KNOWN[1], help=say("cli.quality_known"))


def _quality(command: argparse.ArgumentParser, say: Language) -> None:
    """What a score is asked to foretell, and from what (scoring/basis.py)."""
    analysis_options(command, say)
    basis_options(command, say)
    command.add_argument("--known", choices=KNOWN, help=say("cli.quality_known"))
    command.add_argument("--keep", action="append", metavar="FIELD", help=say("cli.quality_keep"))
    command.add_argument("--drop", action="append", metavar="FIELD", help=say("cli.quality_drop"))


def _suggest(command: argparse.ArgumentParser, say: Language) -> None:
    _quality(command, say)
    command.add_argument("--most", type=int, default=15, metavar="N", help=say("cli.suggest_most"))
    command.add_argument("--take", action="append", metavar="RULE", help=say("cli.suggest_take"))
    command.add_argument("--as", dest="email", metavar="EMAIL", help=say("cli.as"))
