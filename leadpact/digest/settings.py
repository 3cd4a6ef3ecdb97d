"""`[digest]` of the secrets file: who is told, through which channel, in which language.

A channel's `url` is an Apprise URL and a secret: it is in no message, log or error. Owners are written
to at addresses given here, for the CRM's own are not read.

Not here: what they are told (due.py), sending (sending.py).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from leadpact import settings
from leadpact.errors import Misconfigured
from leadpact.language import LANGUAGES

SECTION = "digest"
Audience = Literal["owner", "manager", "team", "leaders"]
AUDIENCES: tuple[Audience, ...] = ("owner", "manager", "team", "leaders")
Kind = Literal["breaches", "commitments", "findings"]
KINDS: tuple[Kind, ...] = ("breaches", "commitments", "findings")
USUAL: Mapping[str, tuple[Kind, ...]] = {
    "owner": ("breaches",),
    "manager": ("breaches",),
    "team": ("breaches", "commitments"),
    "leaders": ("commitments", "findings"),
}
OWNER_ADDRESS, MANAGER_ADDRESS = "{owner_email}", "{manager_email}"
_OPTIONS = ("base_url", "language", "channels", "owners")
_OF_CHANNEL = ("url", "audience", "kinds", "language", "team", "connection", "names")
_OF_OWNER = ("email", "language")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_ADDRESS = re.compile(r"[^@\s,;<>\"()]+@[^@\s,;<>\"()]+")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Channel:
    """One way to somebody. `url` is a secret and never printed; it is one address for all, unless `personal`.

    `team`: only leads of owners of this team. `connection`: only of this one. `names`: whether
    leads are told by name and company; else by their id, with a link.
    """

    name: str
    url: str = field(repr=False)
    audience: Audience
    kinds: tuple[Kind, ...]
    language: str | None
    team: str | None = None
    connection: str | None = None
    names: bool = False

    @property
    def personal(self) -> bool:
        """Whether each owner, or each owner's manager, is written to at an address of their own."""
        return OWNER_ADDRESS in self.url or MANAGER_ADDRESS in self.url


@dataclass(frozen=True)
class Person:
    """Where an owner is written to, and in which language (null: the channel's)."""

    email: str = field(repr=False)
    language: str | None = None


@dataclass(frozen=True)
class Settings:
    """`owners` by id or name, as the secrets file has them. `base_url` null: messages have no links."""

    channels: tuple[Channel, ...]
    owners: Mapping[str, Person]
    base_url: str | None
    language: str

    def person(self, owner_id: str, name: str | None) -> Person | None:
        """An owner's address: as given, else the id itself where it is one; null where nobody said."""
        found = self.owners.get(owner_id) or self.owners.get(name or "")
        return found or (Person(owner_id) if _ADDRESS.fullmatch(owner_id) else None)


def read(secrets: Path | None) -> Settings | None:
    """The settings; null where there is no `[digest]`. Raises Misconfigured, never with what may be secret."""
    path = secrets or settings.SECRETS
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if secrets is None:
            return None
        raise Misconfigured("settings.no_file", path=str(path)) from None
    except (OSError, ValueError):  # the parser's own words may quote the line, and the line may hold a secret
        raise Misconfigured("digest.unreadable", path=str(path)) from None
    section = document.get(SECTION)
    return None if section is None else parsed(section)


def parsed(section: Any) -> Settings:
    """`[digest]` held to what it can be. Raises Misconfigured."""
    _known(section, _OPTIONS, SECTION)
    channels = section.get("channels") or {}
    _table(channels, "channels")
    owners = section.get("owners") or {}
    _table(owners, "owners")
    language = _language(section, SECTION) or "en"
    found = tuple(_channel(name, one) for name, one in channels.items())
    if not found:
        raise Misconfigured("digest.without_channel")
    return Settings(found, {str(name): _person(name, one) for name, one in owners.items()}, _base(section), language)


def _channel(name: str, section: Any) -> Channel:
    place = f"channels.{name}"
    if not _NAME.fullmatch(name):
        raise Misconfigured("digest.bad_name", name=name)
    _known(section, _OF_CHANNEL, place)
    audience = section.get("audience")
    if audience not in AUDIENCES:
        raise Misconfigured("digest.bad_choice", option=f"{place}.audience", known=", ".join(AUDIENCES))
    kinds = section.get("kinds", list(USUAL[audience]))
    if not isinstance(kinds, list) or not kinds or any(kind not in KINDS for kind in kinds):
        raise Misconfigured("digest.bad_choice", option=f"{place}.kinds", known=", ".join(KINDS))
    names = section.get("names", audience == "owner")
    if not isinstance(names, bool):
        raise Misconfigured("digest.bad_choice", option=f"{place}.names", known="true, false")
    given = os.environ.get(variable(name)) or section.get("url")
    if not isinstance(given, str) or "://" not in given or given.startswith("<"):
        raise Misconfigured("digest.no_url", option=f"{place}.url", variable=variable(name))
    made = Channel(name, given, audience, tuple(kinds), _language(section, place),
                   _text(section, "team", place), _text(section, "connection", place), names)  # fmt: skip
    fits = {"owner": OWNER_ADDRESS, "manager": MANAGER_ADDRESS}.get(audience)
    wrong = [one for one in (OWNER_ADDRESS, MANAGER_ADDRESS) if one in given and one != fits]
    if wrong or (audience == "owner" and not made.personal):
        raise Misconfigured("digest.whose_address", option=f"{place}.url", audience=audience, wanted=fits or "–")
    if made.personal and set(made.kinds) != {"breaches"}:
        raise Misconfigured("digest.personal_kinds", option=f"{place}.kinds")
    return made


def tried(channel: Channel) -> str:
    """The channel's URL with somebody's address in it, to see whether it can be read."""
    somebody = "somebody@leadpact.example"
    return channel.url.replace(OWNER_ADDRESS, somebody).replace(MANAGER_ADDRESS, somebody)


def variable(name: str) -> str:
    """The variable of the environment that gives a channel's URL, and wins over the file."""
    return f"LEADPACT_DIGEST_{re.sub('[^A-Z0-9]', '_', name.upper())}_URL"


def _person(name: str, given: Any) -> Person:
    place = f"owners.{name}"
    section = {"email": given} if isinstance(given, str) else given
    _known(section, _OF_OWNER, place)
    email = section.get("email")
    if not isinstance(email, str) or not _ADDRESS.fullmatch(email.strip()):
        raise Misconfigured("digest.bad_address", option=place)
    return Person(email.strip(), _language(section, place))


def _base(section: Mapping[str, Any]) -> str | None:
    text = _text(section, "base_url", SECTION)
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not safe or not host or parts.username or parts.query or parts.fragment or any(c <= " " for c in text):
        raise Misconfigured("digest.bad_base")
    return text.rstrip("/")


def _language(section: Mapping[str, Any], place: str) -> str | None:
    found = section.get("language")
    if found is not None and found not in LANGUAGES:
        raise Misconfigured("digest.bad_choice", option=f"{place}.language", known=", ".join(LANGUAGES))
    return found


def _text(section: Mapping[str, Any], name: str, place: str) -> str | None:
    found = section.get(name)
    if found is not None and (not isinstance(found, str) or not found.strip()):
        raise Misconfigured("digest.no_text", option=f"{place}.{name}")
    return found.strip() if found else None


def _table(section: Any, place: str) -> None:
    if not isinstance(section, Mapping):
        raise Misconfigured("digest.no_section", section=place)


def _known(section: Any, options: tuple[str, ...], place: str) -> None:
    _table(section, place)
    for name in section:
        if name not in options:
            raise Misconfigured("digest.unknown", option=f"{place}.{name}", known=", ".join(options))
