"""What `trail` may be asked.

Not here: the parser itself (cli.py), what the command does (trail.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leadpact.commands.arguments import moment
from leadpact.language import Language

MOST = 50


def trail_commands(add: Any, say: Language) -> None:
    """Adds `trail`."""
    command = add("trail")
    command.add_argument("--since", type=moment, metavar="ISO", help=say("cli.trail_since"))
    command.add_argument("--until", type=moment, metavar="ISO", help=say("cli.trail_until"))
    command.add_argument("--action", dest="did", metavar="ACTION", help=say("cli.trail_action"))
    command.add_argument("--actor", metavar="EMAIL", help=say("cli.trail_actor"))
    command.add_argument("--most", type=int, default=MOST, metavar="N", help=say("cli.trail_most"))
    command.add_argument("--out", type=Path, metavar="FILE", help=say("cli.trail_out"))
