"""Connections and where they are configured: flag over environment over file.

`[connections.NAME]` in Streamlit's secrets file, read by the app and the command line alike;
connections made in the app (never with a secret) are kept in `pact.db`. Where nothing is
configured there is one connection, `demo`.

Not here: variables of the environment (overrides.py), who let it write (writing.py), what an
adapter does with its settings (connectors).
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.database import connection_setting, mapping
from leadpact import overrides, writing
from leadpact.errors import Misconfigured
from leadpact.store import NAME

HOME = "LEADPACT_HOME"
SECRETS = Path(".streamlit") / "secrets.toml"
SECRET_WORDS = ("password", "token", "secret", "key", "session_id")
Environment = Literal["production", "sandbox", "demo", "files"]
# what the address of a Salesforce org that is not the company's own work looks like
_SANDBOXES = (".sandbox.", ".scratch.", ".develop.")


@dataclass(frozen=True)
class Connection:
    """One configured source. `options` may hold secrets and is never printed.

    `options["writable"]` is whether it may write, decisions included; `stated` is what the
    settings themselves say of it, null where they say nothing.
    """

    name: str
    type: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    stated: bool | None = None

    @property
    def timezone(self) -> str:
        return str(self.options.get("timezone", "UTC"))

    @property
    def adds_to(self) -> str | None:
        """The connection whose records its activities are joined to; null for a source of its own."""
        named = self.options.get("adds_to")
        return str(named) if named else None

    @property
    def subjects(self) -> bool:
        """Whether subjects of activities are stored: of a CRM only where asked for, for they quote people."""
        return self.options.get("subjects", self.type in ("demo", "files")) is True

    @property
    def writable(self) -> bool:
        return self.options.get("writable") is True

    @property
    def host(self) -> str | None:
        """The server the settings name; null where only signing in tells."""
        try:
            return urlsplit(str(self.options.get("instance_url", ""))).hostname
        except ValueError:  # no address at all: the adapter says so
            return None

    @property
    def environment(self) -> Environment:
        """What it points at: as the settings say, else by the address. A CRM nobody calls otherwise is production."""
        if self.type in ("demo", "files"):
            return "demo" if self.type == "demo" else "files"
        said, domain = self.options.get("environment"), str(self.options.get("domain", "")).lower()
        if said in ("production", "sandbox"):
            return "production" if said == "production" else "sandbox"
        address = f".{self.host or ''}. .{domain}."
        sandbox = domain == "test" or any(part in address for part in _SANDBOXES)
        return "sandbox" if sandbox else "production"

    @property
    def placeholders(self) -> list[str]:
        """The options that still hold the `<…>` of the example: what is to be filled in."""
        return [name for name, value in self.options.items()
                if isinstance(value, str) and value.startswith("<") and value.endswith(">")]  # fmt: skip


def home(flag: str | None = None) -> Path:
    """LEADPACT_HOME: the flag, else the environment, else `./data`."""
    return Path(flag or os.environ.get(HOME) or "data")


def connections(engine: Engine, secrets: Path | None = None) -> dict[str, Connection]:
    """All configured connections by name, each as it may be used now.

    Those of the secrets file win over the app's, the environment's options over both. Raises
    Misconfigured when the file given does not exist, is not TOML, or names a connection
    without a type.
    """
    found = {**_made_in_app(engine), **_from_file(secrets)}
    known = {name: one.options for name, one in found.items()}
    for name, options in overrides.given(os.environ, known, SECRET_WORDS).items():
        if not NAME.fullmatch(name):  # it is the name of a folder, too
            raise Misconfigured("store.bad_name", name=name)
        before = found.get(name, Connection(name, ""))
        merged = {**before.options, **options}
        found[name] = Connection(name, str(merged.pop(overrides.TYPE, before.type)), merged)
    found = found or {"demo": Connection("demo", "demo", {"writable": True})}
    decided = writing.decisions(engine)
    return {name: _as_decided(one, decided.get(name)) for name, one in found.items()}


def _as_decided(one: Connection, decision: writing.Decision | None) -> Connection:
    stated = one.options.get(writing.OPTION)
    may = writing.effective(one.type, one.options, decision)
    options = {**one.options, writing.OPTION: may} if may or stated is not None else one.options
    return replace(one, options=options, stated=stated if isinstance(stated, bool) else None)


def choose(found: Mapping[str, Connection], wanted: str) -> Connection:
    """The connection called `wanted`. Raises Misconfigured naming those there are."""
    if wanted not in found:
        raise Misconfigured("settings.no_connection", name=wanted, known=", ".join(sorted(found)) or "–")
    return found[wanted]


def decide_writing(engine: Engine, one: Connection, *, enabled: bool, actor: str, door: writing.Door,
                   now: datetime) -> None:  # fmt: skip
    """Enables writing over a connection, or makes it read-only. Raises Misconfigured as `writing.decide`."""
    own = {**one.options, writing.OPTION: one.stated}
    writing.decide(engine, one.name, one.type, own, enabled=enabled, actor=actor, door=door, now=now)


def adders(found: Mapping[str, Connection], name: str) -> list[Connection]:
    """The connections that add activities to the connection `name`, in order of their names.

    Raises Misconfigured for `name` where it only adds to another one itself.
    """
    to = found[name].adds_to if name in found else None
    if to is not None:
        known = ", ".join(sorted(one.name for one in found.values() if one.adds_to is None))
        raise Misconfigured("joined.alone" if to in found else "joined.unknown", name=name, to=to, known=known)
    return sorted((one for one in found.values() if one.adds_to == name), key=lambda one: one.name)


def keep(engine: Engine, connection: Connection, now: datetime) -> None:
    """Keeps a connection made in the app. Raises Misconfigured where an option looks secret."""
    if not NAME.fullmatch(connection.name):
        raise Misconfigured("store.bad_name", name=connection.name)
    for option in connection.options:
        if any(word in option.lower() for word in SECRET_WORDS):
            raise Misconfigured("settings.secret_in_app", option=option)
    document = json.dumps({"type": connection.type, **connection.options})
    _replace(engine, connection_setting, connection.name, document, "changed_at", now)


def mapping_of(engine: Engine, connection: str) -> str | None:
    """The mapping confirmed for a connection, as its YAML document; null when there is none."""
    with engine.begin() as database:
        query = sa.select(mapping.c.document).where(mapping.c.connection == connection)
        document: str | None = database.execute(query).scalar()
    return document


def keep_mapping(engine: Engine, connection: str, document: str, now: datetime) -> None:
    """Keeps the mapping a person confirmed, in place of the one before."""
    _replace(engine, mapping, connection, document, "confirmed_at", now)


def _replace(engine: Engine, table: sa.Table, name: str, document: str, stamp: str, now: datetime) -> None:
    with engine.begin() as database:
        database.execute(table.delete().where(table.c.connection == name))
        database.execute(table.insert().values({"connection": name, "document": document, stamp: now}))


def _made_in_app(engine: Engine) -> dict[str, Connection]:
    with engine.begin() as database:
        rows = database.execute(sa.select(connection_setting)).mappings().all()
    found = {}
    for row in rows:
        options = json.loads(row["document"])
        kind = options.pop("type")
        found[row["connection"]] = Connection(row["connection"], kind, options)
    return found


def _from_file(secrets: Path | None) -> dict[str, Connection]:
    path = secrets or SECRETS
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if secrets is None:
            return {}
        raise Misconfigured("settings.no_file", path=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        # the parser's own words may quote the line, and the line may hold a secret
        raise Misconfigured("settings.not_toml", path=str(path), line=_line(error)) from None
    found = {}
    for name, options in (document.get("connections") or {}).items():
        if not NAME.fullmatch(name):
            raise Misconfigured("store.bad_name", name=name)
        if not isinstance(options, dict) or not isinstance(options.get("type"), str):
            raise Misconfigured("settings.no_type", path=str(path), name=name)
        found[name] = Connection(name, options["type"], {k: v for k, v in options.items() if k != "type"})
    return found


def _line(error: tomllib.TOMLDecodeError) -> str:
    words = str(error).rsplit("line ", 1)
    return words[1].split(",")[0] if len(words) == 2 else "?"
