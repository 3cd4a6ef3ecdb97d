"""The command line: `python -m leadpact …`, on the same engine as the app.

Tables for people, `--json` for programs: one document on stdout, progress and messages on
stderr. Exit codes: 0 fine, 1 findings or conflicts, 2 usage or configuration, 3 the source
refused or is out of reach. This is the edge: the clock is read here and passed on.

Not here: what each command does, and how its tables look (commands).
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from leadpact import logs
from leadpact.commands.arguments import analysis_commands, moment
from leadpact.commands.findings_arguments import finding_commands
from leadpact.commands.meeting_arguments import meeting_commands
from leadpact.commands.members_arguments import member_commands
from leadpact.commands.operations_arguments import operations_commands
from leadpact.commands.pact_arguments import pact_commands
from leadpact.commands.privacy_arguments import privacy_commands
from leadpact.commands.remap_arguments import remap_commands
from leadpact.commands.result import Result
from leadpact.commands.scoring_arguments import scoring_commands
from leadpact.commands.trail_arguments import trail_commands
from leadpact.commands.writeback_arguments import writeback_commands
from leadpact.errors import LeadPactError
from leadpact.language import SPOKEN, Language

FINDINGS = UNEXPECTED = 1
GIVING_WAY = frozenset({"sync", "tick"})  # long, and nobody waits for them: people at the pages go first
NICENESS = 10
RAISE = "LEADPACT_RAISE"  # developers get the error itself


def build(say: Language) -> argparse.ArgumentParser:
    """The parser, with its help in the reader's language."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--home", metavar="DIR", help=say("cli.home"))
    shared.add_argument("--secrets", metavar="FILE", type=Path, help=say("cli.secrets"))
    shared.add_argument("--connection", metavar="NAME", help=say("cli.connection"))
    shared.add_argument("--pact-name", metavar="NAME", help=say("cli.pact_name"))
    shared.add_argument("--lang", choices=SPOKEN, help=say("cli.lang"))
    shared.add_argument("--json", action="store_true", help=say("cli.json"))
    shared.add_argument("--log", choices=logs.FORMS, help=say("cli.log"))
    parser = argparse.ArgumentParser(prog="leadpact", description=say("cli.about"), parents=[shared])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, within: Any = commands, key: str | None = None) -> argparse.ArgumentParser:
        text = say(f"cli.{key or name}")
        made: argparse.ArgumentParser = within.add_parser(name, help=text, description=text, parents=[shared])
        return made

    _source_commands(add, say)
    analysis_commands(add, say)
    scoring_commands(add, say)
    finding_commands(add, say)
    writeback_commands(add, say)
    remap_commands(add, say)
    meeting_commands(add, say)
    trail_commands(add, say)
    member_commands(add, say)
    pact_commands(add, say)
    operations_commands(add, say)
    privacy_commands(add, say)
    return parser


def _source_commands(add: Any, say: Language) -> None:
    sync = add("sync")
    sync.add_argument("name", nargs="?", metavar="NAME", help=say("cli.connection"))
    sync.add_argument("--full", action="store_true", help=say("cli.full"))
    check = add("check")
    check.add_argument("name", metavar="NAME", help=say("cli.connection"))
    within = add("connection", key="connections").add_subparsers(dest="action", required=True, metavar="ACTION")
    add("list", within, "connection_list")
    for action, key in (("enable-writing", "connection_enable"), ("disable-writing", "connection_disable")):
        decide = add(action, within, key)
        decide.add_argument("name", metavar="NAME", help=say("cli.connection"))
        decide.add_argument("--as", dest="email", required=True, metavar="EMAIL", help=say("cli.as"))
    mapping = add("mapping")
    mapping.add_argument("name", metavar="NAME", help=say("cli.connection"))
    what = mapping.add_mutually_exclusive_group(required=True)
    what.add_argument("--propose", action="store_true", help=say("cli.propose"))
    what.add_argument("--export", action="store_true", help=say("cli.export_mapping"))
    what.add_argument("--import", dest="file", metavar="FILE", type=Path, help=say("cli.import_mapping"))
    demo = add("demo")
    demo.add_argument("--leads", type=int, default=5000, metavar="N", help=say("cli.leads"))
    demo.add_argument("--out", type=Path, required=True, metavar="DIR", help=say("cli.out"))
    demo.add_argument("--seed", type=int, default=7, help=say("cli.seed"))
    demo.add_argument("--until", type=moment, metavar="ISO", help=say("cli.until"))
    demo.add_argument("--format", choices=["csv", "parquet"], default="csv", help=say("cli.format"))
    classify = add("classify")
    classify.add_argument("values", nargs="*", metavar="VALUE", help=say("cli.values"))


def _language(argv: Sequence[str]) -> Language:
    """The language asked for, before the parser that speaks it exists."""
    for at, word in enumerate(argv):
        if word == "--lang" and at + 1 < len(argv):
            return Language.of(argv[at + 1])
        if word.startswith("--lang="):
            return Language.of(word.partition("=")[2])
    return Language("en")


# the module of leadpact.commands that knows each command; imported only when it runs
MODULES = {
    "pact": "pact",
    "connection": "connections",
    "sla": "sla",
    "funnel": "funnel",
    "cohorts": "cohorts",
    "leaks": "leaks",
    "imports": "imports",
    "report": "report",
    "maturity": "maturity",
    "score": "score",
    "scoring": "scoring",
    "writeback": "writeback",
    "remap": "remap",
    "meeting": "meeting",
    "trail": "trail",
    **dict.fromkeys(("forget", "retain"), "privacy"),
    "member": "members",
    "digest": "digest",
    "tick": "tick",
    **dict.fromkeys(("pipeline", "cycles", "contribution", "campaigns"), "pipeline"),
    **dict.fromkeys(("flow", "trends"), "flow"),
    "audit": "audit",
    "proposal": "proposal",
    **dict.fromkeys(("suppress", "unsuppress", "suppressions", "findings-history"), "findings"),
    **dict.fromkeys(("velocity", "reach", "engines"), "velocity"),
}


# those that need a home and nothing of the analysis, which takes a second to import
AT_HOME = {**dict.fromkeys(("backup", "restore"), "backup"), "health": "health", "doctor": "doctor"}


def _run(args: argparse.Namespace, say: Language) -> Result:
    now = datetime.now(UTC).replace(tzinfo=None)

    # the command line's one exemption: it may use the registry of connectors
    def connect(*given: Any, **named: Any) -> Any:
        return importlib.import_module("connectors").connect(*given, **named)

    if args.command in AT_HOME:
        from leadpact.commands.place import Place

        at_home = importlib.import_module(f"leadpact.commands.{AT_HOME[args.command]}")
        done: Result = at_home.COMMANDS[args.command](Place.of(args, say, now, connect), args)
        return done
    from leadpact.commands.context import Context

    def write_demo(*given: Any, **named: Any) -> Any:
        return importlib.import_module("connectors.demo").write_company(*given, **named)

    context = Context.of(args, say, now, connect, write_demo)
    module = importlib.import_module(f"leadpact.commands.{MODULES.get(args.command, 'source')}")
    result: Result = module.COMMANDS[args.command](context, args)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    say = _language(words)
    args = build(say).parse_args(words)
    logs.begin(getattr(args, "log", None))
    if argv is None and args.command in GIVING_WAY and hasattr(os, "nice"):
        os.nice(NICENESS)  # of this process alone; whoever called `main` with words is another one
    began = time.monotonic()
    code, told = _ended(args, say)
    seconds = round(time.monotonic() - began, 3)
    connection = getattr(args, "connection", None)
    logs.event("command", command=args.command, connection=connection, exit_code=code, seconds=seconds, **told)
    return code


def _ended(args: argparse.Namespace, say: Language) -> tuple[int, dict[str, Any]]:
    """The exit code, and what of an error goes into the log: its key, never its words."""
    try:
        result = _run(args, say)
        _print(result, as_json=getattr(args, "json", False))
    except LeadPactError as error:
        print(say.error(error), file=sys.stderr)
        return error.exit_code, {"error": error.key}
    except BrokenPipeError:
        # whoever read our output has enough; nothing is left to flush to
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0, {}
    except Exception as error:  # its message may quote a record: what a person gets is a number
        if os.environ.get(RAISE):
            raise
        number = logs.incident(error, command=args.command)
        print(say("cli.incident", incident=number), file=sys.stderr)
        return UNEXPECTED, {"incident": number}
    return result.exit_code, {}


def _print(result: Result, *, as_json: bool) -> None:
    if as_json:
        # piece by piece: a million scored records are never one text in memory
        json.dump(result.document, sys.stdout, ensure_ascii=False, indent=2, allow_nan=False)
        print()
    else:
        from leadpact.commands import render

        render.show(result)
    sys.stdout.flush()
