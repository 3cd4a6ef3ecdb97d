"""What `audit` may be asked besides what every analysis takes, and the commands about its findings.

Not here: the parser itself (cli.py), what the commands do (audit.py, findings.py).
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from leadpact.language import Language

LEVELS = ("error", "warning", "info", "none")


def codes(text: str) -> list[str]:
    """`STA01,ROU02`."""
    return [part.strip() for part in text.split(",") if part.strip()]


def audit_options(command: argparse.ArgumentParser, say: Language) -> None:
    """The options of `audit`."""
    command.add_argument("--fail-on", choices=LEVELS, default="none", help=say("cli.fail_on"))
    command.add_argument("--codes", type=codes, metavar="CODE,CODE", help=say("cli.codes"))
    command.add_argument("--baseline", type=Path, metavar="FILE", help=say("cli.baseline"))
    command.add_argument("--write-baseline", type=Path, metavar="FILE", help=say("cli.write_baseline"))
    command.add_argument("--sarif", type=Path, metavar="FILE", help=say("cli.sarif"))
    command.add_argument("--report", type=Path, metavar="FILE", help=say("cli.audit_report"))
    command.add_argument("--suppressed", action="store_true", help=say("cli.suppressed"))


def finding_commands(add: Any, say: Language) -> None:
    """Adds `suppress`, `unsuppress`, `suppressions` and `findings-history`."""
    suppress = add("suppress")
    _identity(suppress, say)
    suppress.add_argument("--reason", required=True, metavar="TEXT", help=say("cli.reason.help"))
    suppress.add_argument("--until", type=date.fromisoformat, metavar="D", help=say("cli.suppress_until"))
    suppress.add_argument("--as", dest="email", required=True, metavar="EMAIL", help=say("cli.as"))
    unsuppress = add("unsuppress")
    _identity(unsuppress, say)
    unsuppress.add_argument("--as", dest="email", required=True, metavar="EMAIL", help=say("cli.as"))
    add("suppressions")
    history = add("findings-history", key="findings_history")
    history.add_argument("--pact", type=Path, metavar="FILE", help=say("cli.history_pact"))
    history.add_argument("--last", type=int, default=30, metavar="N", help=say("cli.last"))


def _identity(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("code", metavar="CODE", help=say("cli.rule_code"))
    command.add_argument("--object", metavar="O", help=say("cli.finding_object"))
    command.add_argument("--value", metavar="V", help=say("cli.finding_value"))
    command.add_argument("--record-type", metavar="T", help=say("cli.finding_record_type"))
