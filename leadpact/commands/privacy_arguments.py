"""What `forget` and `retain` may be asked.

Not here: the parser itself (cli.py), what the commands do (privacy.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leadpact.language import Language
from leadpact.model import OBJECTS


def privacy_commands(add: Any, say: Language) -> None:
    """Adds them."""
    forget = add("forget")
    forget.add_argument("--object", choices=OBJECTS, help=say("cli.forget_object"))
    forget.add_argument("--record", metavar="ID", help=say("cli.forget_record"))
    forget.add_argument("--email", dest="address", metavar="ADDRESS", help=say("cli.forget_email"))
    forget.add_argument("--person", metavar="ID", help=say("cli.forget_person"))
    forget.add_argument("--backup", type=Path, action="append", default=[], metavar="FILE",
                        help=say("cli.forget_backup"))  # fmt: skip
    retain = add("retain")
    for one in (forget, retain):
        one.add_argument("--as", dest="actor", metavar="EMAIL", help=say("cli.forget_as"))
        one.add_argument("--yes", action="store_true", help=say("cli.forget_yes"))
