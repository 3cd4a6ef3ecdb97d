"""What `member` may be asked.

Not here: the parser itself (cli.py), what the command does (members.py).
"""

from __future__ import annotations

from typing import Any

from leadpact.language import Language

ROLES = ("viewer", "marketing", "sales", "revops", "administrator")  # of config.members, which parsing need not load


def member_commands(add: Any, say: Language) -> None:
    """Adds `member list`, `member add` and `member remove`."""
    within = add("member").add_subparsers(dest="action", required=True, metavar="ACTION")
    add("list", within, "member_list")
    made = add("add", within, "member_add")
    made.add_argument("emails", nargs="+", metavar="ADDRESS", help=say("cli.member_emails"))
    made.add_argument("--role", action="append", choices=ROLES, required=True, help=say("cli.member_role"))
    made.add_argument("--team", action="append", metavar="TEAM", help=say("cli.member_team"))
    made.add_argument("--territory", action="append", metavar="COUNTRY", help=say("cli.member_territory"))
    made.add_argument("--as", dest="email", required=True, metavar="EMAIL", help=say("cli.as"))
    gone = add("remove", within, "member_remove")
    gone.add_argument("emails", nargs="+", metavar="ADDRESS", help=say("cli.member_emails"))
    gone.add_argument("--as", dest="email", required=True, metavar="EMAIL", help=say("cli.as"))
