"""What `pact` may be asked: its actions and their options.

Not here: the parser itself (cli.py), what each action does (pact.py, pact_drafts.py, pact_compare.py).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from leadpact.commands.arguments import moment, options, pair
from leadpact.language import Language


def pact_commands(add: Any, say: Language) -> None:
    """Adds `pact` and its actions to the parser behind `add`."""
    within = add("pact").add_subparsers(dest="action", required=True, metavar="ACTION")
    _version(add("show", within, "pact_show"), say)
    _version(add("export", within, "pact_export"), say)
    add("list", within, "pact_list")
    add("history", within, "pact_history")
    diff = add("diff", within, "pact_diff")
    diff.add_argument("a", metavar="A", help=say("cli.pact_side"))
    diff.add_argument("b", nargs="?", metavar="B", help=say("cli.pact_side"))
    compare = add("compare", within, "pact_compare")
    compare.add_argument("a", metavar="A", help=say("cli.pact_side"))
    compare.add_argument("b", metavar="B", help=say("cli.pact_side"))
    compare.add_argument("--as-of", type=moment, metavar="ISO", help=say("cli.as_of"))
    compare.add_argument("--where", type=pair, action="append", metavar="FIELD=VALUE", help=say("cli.where"))
    options(compare, say, ("range", "window", "mode", "anchor"))
    bring = add("import", within, "pact_import")
    bring.add_argument("file", type=Path, metavar="FILE", help=say("cli.pact_file"))
    _as(bring, say, default="cli")
    bring.add_argument("--message", default="", help=say("cli.message"))
    bring.add_argument("--draft", action="store_true", help=say("cli.pact_as_draft"))
    sign = add("sign", within, "pact_sign")
    _as(sign, say)
    sign.add_argument("--team", required=True, choices=["marketing", "sales"], help=say("cli.team"))
    _version(sign, say)
    withdraw = add("withdraw", within, "pact_withdraw")
    _as(withdraw, say)
    withdraw.add_argument("--reason", default="", help=say("cli.reason"))
    _version(withdraw, say)
    retire = add("retire", within, "pact_retire")
    retire.add_argument("name", metavar="NAME", help=say("cli.pact_name"))
    _as(retire, say)
    _draft(add, within, say)
    _comments(add("comments", within, "pact_comments"), say)
    members = add("members", within, "pact_members")
    members.add_argument("--list", metavar="ID", help=say("cli.list_id"))
    members.add_argument("--out", type=Path, metavar="FILE", help=say("cli.list_out"))
    check = add("check", within, "pact_check")
    for one in (members, check):
        one.add_argument("--pact", dest="file", type=Path, metavar="FILE", help=say("cli.check_file"))


def _comments(one: argparse.ArgumentParser, say: Language) -> None:
    one.add_argument("--on", metavar="PATH", help=say("cli.comments_on"))
    one.add_argument("--add", metavar="TEXT", help=say("cli.comments_add"))
    one.add_argument("--resolve", type=int, metavar="ID", help=say("cli.comments_resolve"))
    one.add_argument("--reopen", type=int, metavar="ID", help=say("cli.comments_reopen"))
    one.add_argument("--all", action="store_true", help=say("cli.comments_all"))
    one.add_argument("--as", dest="email", metavar="EMAIL", help=say("cli.comments_who"))


def _draft(add: Any, within: Any, say: Language) -> None:
    actions = add("draft", within, "draft_actions").add_subparsers(dest="draft_action", required=True, metavar="ACTION")
    begin = add("begin", actions, "draft_begin")
    _as(begin, say)
    _version(begin, say)
    add("show", actions, "draft_show")
    one = add("set", actions, "draft_set")
    one.add_argument("section", metavar="SECTION", help=say("cli.draft_section"))
    one.add_argument("file", type=Path, metavar="FILE", help=say("cli.draft_file"))
    _as(one, say)
    _expected(one, say)
    whole = add("set-file", actions, "draft_set_file")
    whole.add_argument("file", type=Path, metavar="FILE", help=say("cli.pact_file"))
    _as(whole, say)
    caught = add("catch-up", actions, "draft_catch_up")
    _as(caught, say)
    caught.add_argument("--prefer", choices=["mine", "theirs"], help=say("cli.draft_prefer"))
    publish = add("publish", actions, "draft_publish")
    _as(publish, say)
    publish.add_argument("--message", default="", help=say("cli.message"))
    _expected(publish, say)
    _as(add("discard", actions, "draft_discard"), say)


def _as(command: argparse.ArgumentParser, say: Language, default: str | None = None) -> None:
    command.add_argument("--as", dest="email", required=default is None, default=default, metavar="EMAIL",
                         help=say("cli.as"))  # fmt: skip


def _version(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("--version", metavar="N", help=say("cli.version"))


def _expected(command: argparse.ArgumentParser, say: Language) -> None:
    command.add_argument("--expected", type=int, metavar="REVISION", help=say("cli.draft_expected"))
