"""One run of the command line: where, in which language, when, and the doors outwards."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from leadpact import settings
from leadpact.connector import Connector
from leadpact.errors import Misconfigured
from leadpact.joined import Adders
from leadpact.language import Language
from leadpact.settings import Connection
from leadpact.workspace import Workspace


@dataclass(frozen=True)
class Context:
    """`connect` and `write_demo` are handed in: only the door (cli.py) knows the adapters."""

    workspace: Workspace
    say: Language
    now: datetime
    connect: Callable[..., Connector]
    write_demo: Callable[..., dict[str, int]]
    secrets: Path | None = None
    wanted: str | None = None

    @staticmethod
    def of(
        args: argparse.Namespace,
        say: Language,
        now: datetime,
        connect: Callable[..., Connector],
        write_demo: Callable[..., dict[str, int]],
    ) -> Context:
        home = settings.home(getattr(args, "home", None))
        secrets, wanted = getattr(args, "secrets", None), getattr(args, "connection", None)
        space = Workspace(home, getattr(args, "pact_name", None))
        return Context(space, say, now, connect, write_demo, secrets, wanted)

    def connections(self) -> dict[str, Connection]:
        return settings.connections(self.workspace.database, self.secrets)

    def connection(self, name: str | None = None) -> str:
        """The one asked for; else the only one configured; else the one synced last."""
        if name or self.wanted:
            return str(name or self.wanted)
        known = sorted(self.connections())
        synced = self.workspace.synced()
        if len(known) == 1 and (not synced or known[0] in synced):
            return known[0]
        if synced:
            return synced[0]
        raise Misconfigured("settings.which_connection", known=", ".join(known))

    def connector(self, name: str) -> Connector:
        """The adapter of a configured connection, with the mapping confirmed for it."""
        connection = settings.choose(self.connections(), name)
        mapping = settings.mapping_of(self.workspace.database, name)
        return self.connect(connection, state=self.workspace.home / name / "state", mapping=mapping)

    def adders(self, name: str) -> Adders:
        """What opens the connections that add activities to this one, by name."""
        found = settings.adders(self.connections(), name)
        return {one.name: functools.partial(self.connector, one.name) for one in found}

    def progress(self, table: str, rows: int) -> None:
        print(self.say("cli.progress", table=self.say(f"table.{table}"), count=rows), file=sys.stderr)

    def tell(self, lines: Iterable[str]) -> None:
        """What a person beside a program should read: on stderr, for stdout holds the document."""
        for line in lines:
            if line:
                print(line, file=sys.stderr)
