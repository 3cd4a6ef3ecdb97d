"""What each analysis command may be asked: options declared once, commands as lists of them.

Not here: the other commands and the parser itself (cli.py), what a command does (its module).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from leadpact.commands.findings_arguments import audit_options
from leadpact.language import Language

Add = Callable[[str], argparse.ArgumentParser]

# what each analysis command may be asked for, apart from what all of them take
ANALYSES: Mapping[str, tuple[str, ...]] = {
    "audit": ("audit",),
    "proposal": ("value_map",),
    "funnel": ("by", "range", "window", "mode", "anchor", "compare"),
    "cohorts": ("unit", "grid", "range", "window", "mode", "anchor"),
    "flow": ("by", "range", "every", "walks"),
    "trends": ("range", "every", "window"),
    "leaks": ("by", "range", "window"),
    "velocity": ("by", "range"),
    "reach": ("by", "stage", "days", "range"),
    "engines": ("by", "worked_stage", "range", "window"),
    "sla": ("by", "range", "view", "hours", "window"),
    "report": ("out", "range", "window"),
    "maturity": (),
    "imports": (),
    "pipeline": ("by", "range", "lookback"),
    "cycles": ("by", "range", "cycle_days"),
    "contribution": ("by", "range", "sales_stage"),
    "campaigns": ("range", "sales_stage", "responses"),
    "score": ("record",),
}
SLA_VIEWS = ("states", "kept", "response", "target", "bands", "weeks", "months", "hours", "waiting")


def moment(text: str) -> datetime:
    """An ISO moment as naive UTC; without an offset it is UTC."""
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def pair(text: str) -> tuple[str, str]:
    """`FIELD=VALUE`, or `OLD=NEW`."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise argparse.ArgumentTypeError(text)
    return name.strip(), value.strip()


def numbers(text: str) -> list[float]:
    """`7,30,90`."""
    return [float(part) for part in text.split(",")]


def options(command: argparse.ArgumentParser, say: Language, names: Sequence[str]) -> None:
    """Adds the options with these names, as ANALYSES calls them."""
    modes = ["beyond", "strict", "visited"]
    known: dict[str, Callable[[], Any]] = {
        "audit": lambda: audit_options(command, say),
        "value_map": lambda: _value_map(command, say),
        "by": lambda: command.add_argument("--by", metavar="DIM", help=say("cli.by")),
        "worked_stage": lambda: command.add_argument("--stage", metavar="S", help=say("cli.worked_stage")),
        "stage": lambda: command.add_argument("--stage", required=True, metavar="S", help=say("cli.reach_stage")),
        "days": lambda: command.add_argument(
            "--days", type=numbers, default=[7, 30, 90], metavar="7,30,90", help=say("cli.days")
        ),
        "view": lambda: command.add_argument("--view", choices=SLA_VIEWS, default=SLA_VIEWS[0], help=say("cli.view")),
        "hours": lambda: command.add_argument("--hours", type=numbers, metavar="4,8,24", help=say("cli.hours")),
        "range": lambda: _range(command, say),
        "out": lambda: command.add_argument("--out", type=Path, metavar="FILE", help=say("cli.report_out")),
        "window": lambda: command.add_argument("--window", type=float, metavar="DAYS", help=say("cli.window")),
        "mode": lambda: command.add_argument("--mode", choices=modes, default="beyond", help=say("cli.mode")),
        "anchor": lambda: command.add_argument("--anchor", metavar="STAGE", help=say("cli.anchor")),
        "compare": lambda: command.add_argument(
            "--compare", nargs="?", const="before", choices=["before", "rest"], help=say("cli.compare")
        ),
        "unit": lambda: command.add_argument(
            "--unit", choices=["week", "month", "quarter"], default="month", help=say("cli.unit")
        ),
        "grid": lambda: _grid(command, say),
        "every": lambda: command.add_argument("--every", choices=["week", "month"], help=say("cli.every")),
        "walks": lambda: _walks(command, say),
        "lookback": lambda: command.add_argument("--lookback", type=float, metavar="DAYS", help=say("cli.lookback")),
        "cycle_days": lambda: command.add_argument(
            "--days", type=numbers, default=[30, 60, 90, 180], metavar="30,60,90", help=say("cli.cycle_days")
        ),
        "sales_stage": lambda: command.add_argument("--stage", metavar="S", help=say("cli.sales_stage")),
        "responses": lambda: _responses(command, say),
        "record": lambda: _record(command, say),
    }
    for name in names:
        known[name]()


def _range(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("--from", dest="start", type=date.fromisoformat, metavar="D", help=say("cli.from"))
    command.add_argument("--to", dest="end", type=date.fromisoformat, metavar="D", help=say("cli.to"))


def _grid(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("--stage", metavar="S", help=say("cli.grid_stage"))
    command.add_argument("--days", type=numbers, metavar="7,30,90", help=say("cli.grid_days"))


def _walks(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("--paths", choices=["journey", "person"], default="journey", help=say("cli.paths"))
    command.add_argument("--top", type=int, default=10, metavar="N", help=say("cli.top"))


def _responses(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("--by", dest="split", choices=["campaign", "response"], default="campaign",
                         help=say("cli.response_by"))  # fmt: skip
    command.add_argument("--credit", choices=["first", "any"], default="first", help=say("cli.credit"))
    command.add_argument("--landmark", type=float, default=7, metavar="DAYS", help=say("cli.landmark"))
    command.add_argument("--window", type=float, default=90, metavar="DAYS", help=say("cli.response_window"))


def _value_map(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("--out", type=Path, metavar="FILE", help=say("cli.proposal_out"))
    command.add_argument("--map", type=Path, metavar="FILE", help=say("cli.proposal_map"))
    command.add_argument("--simulate", action="store_true", help=say("cli.simulate"))


def _record(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("--object", choices=["lead", "contact"], help=say("cli.score_object"))
    command.add_argument("--record", metavar="ID", help=say("cli.score_record"))


def analysis_commands(add: Add, say: Language) -> None:
    """Adds every analysis command to the parser behind `add`."""
    for name, names in ANALYSES.items():
        command = add(name)
        analysis_options(command, say)
        options(command, say, names)


def analysis_options(command: argparse.ArgumentParser, say: Language) -> None:
    """What every analysis may be asked."""
    command.add_argument("--pact", type=Path, metavar="FILE", help=say("cli.pact_file"))
    command.add_argument("--as-of", type=moment, metavar="ISO", help=say("cli.as_of"))
    command.add_argument("--where", type=pair, action="append", metavar="FIELD=VALUE", help=say("cli.where"))
    command.add_argument("--explain", type=Path, metavar="FILE", help=say("cli.explain"))
