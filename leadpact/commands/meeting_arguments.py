"""What `meeting` may be asked.

Not here: the parser itself (cli.py), what the command does (meeting.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leadpact.language import Language


def meeting_commands(add: Any, say: Language) -> None:
    """Adds `meeting list`, `meeting show CODE` and `meeting export CODE`."""
    within = add("meeting").add_subparsers(dest="action", required=True, metavar="ACTION")
    add("list", within, "meeting_list")
    for action, key in (("show", "meeting_show"), ("export", "meeting_export")):
        one = add(action, within, key)
        one.add_argument("code", metavar="CODE", help=say("cli.meeting_code"))
        if action == "export":
            one.add_argument("--out", type=Path, metavar="FILE", help=say("cli.meeting_out"))
