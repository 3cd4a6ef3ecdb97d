"""The ways to sign in to each CRM: what each asks for, and the settings to paste, with placeholders.

No secret passes through here: a setting that is one is written as `<what it is>`, to be filled in
where the settings are kept.

Not here: signing in itself (connectors), where settings are read (settings.py, overrides.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from leadpact.errors import Misconfigured
from leadpact.overrides import variable

ADDRESS, BASE = "address", "base"  # what a form asks for besides, and may show: not secret
_SALESFORCE = ".salesforce.com"
_LIGHTNING = ".lightning.force.com"
_MY = re.compile(r"[a-z0-9][a-z0-9-]*(\.(sandbox|develop|scratch|demo|trailblaze|patch|free|stm|stmfa|stmfb))?\.my")
_BASE = re.compile(r"\bapp[A-Za-z0-9]{14}\b")
# what tokens and keys look like: none of them is a name, an address or an id of a base
_SECRETS = re.compile(r"\bpat[A-Za-z0-9]{14}\.\S+|\bkey[A-Za-z0-9]{14}\b|\b00D\w{9,}!\S+|-----BEGIN|\b3MVG\S{20,}")


@dataclass(frozen=True)
class Way:
    """One way to sign in. `secrets` are settings to be filled in by hand, `asks` what a form may ask for."""

    name: str
    secrets: tuple[str, ...]
    asks: str | None = None
    optional: bool = False  # whether what it asks for may be left out


WAYS: Mapping[str, tuple[Way, ...]] = {
    "salesforce": (
        Way("client_credentials", ("consumer_key", "consumer_secret"), ADDRESS),
        Way("jwt", ("consumer_key", "username", "privatekey_file"), ADDRESS, optional=True),
        Way("password", ("username", "password", "security_token"), ADDRESS, optional=True),
        Way("access_token", ("session_id",), ADDRESS),
    ),
    "airtable": (Way("token", ("token",), BASE),),
}


def way(type: str, name: str) -> Way:
    """The way called `name`. Raises KeyError for one there is not."""
    return {one.name: one for one in WAYS[type]}[name]


def looks_secret(text: str) -> bool:
    """Whether somebody pasted a token or a key where none belongs."""
    return bool(_SECRETS.search(text))


def my_domain(address: str) -> str:
    """What `domain` is called for the address people see in their browser: `acme.my`, `acme--dev.sandbox.my`.

    Takes an address, a host or the name alone. Raises Misconfigured for what is no My Domain.
    """
    text = address.strip().lower()
    try:
        host = (urlsplit(text if "//" in text else f"https://{text}").hostname or "").rstrip(".")
    except ValueError:  # brackets that are no IPv6 address
        raise Misconfigured("connect.bad_address") from None
    if host.endswith(_LIGHTNING):
        host = f"{host.removesuffix(_LIGHTNING)}.my"
    host = host.removesuffix(_SALESFORCE)
    found = host if host.endswith(".my") else f"{host}.my"
    if host in ("", "login", "test", "www") or not _MY.fullmatch(found):
        raise Misconfigured("connect.bad_address")
    return found


def base_id(text: str) -> str:
    """The id of the base in an address of Airtable's, or by itself. Raises Misconfigured where there is none."""
    found = _BASE.search(text)
    if found is None:
        raise Misconfigured("connect.bad_base")
    return found[0]


def options(
    type: str, name: str, *, environment: str, zone: str, asked: str, words: Mapping[str, str]
) -> dict[str, str]:
    """The settings of a connection, a secret as its placeholder.

    `asked` is what the way asks for (an address, a base; blank where optional), `words` say what
    to put in place of each secret. Raises Misconfigured where what was asked cannot be, or
    contradicts the environment.
    """
    chosen = way(type, name)
    found = {"type": type, "environment": environment}
    if chosen.asks == BASE:
        found["base_id"] = base_id(asked)
    elif asked.strip() or not chosen.optional:
        domain = my_domain(asked)
        if (".sandbox." in domain) and environment == "production":
            raise Misconfigured("connect.sandbox_address")
        found |= {"instance_url": f"https://{domain}{_SALESFORCE}"} if name == "access_token" else {"domain": domain}
    elif environment == "sandbox":
        found["domain"] = "test"
    found |= {secret: f"<{words[secret]}>" for secret in chosen.secrets}
    return {**found, "timezone": zone}


def as_toml(name: str, found: Mapping[str, str], note: str) -> str:
    """The block for the secrets file; `note` stands beside the line that would let LeadPact write."""
    lines = [f"{option} = {json.dumps(value, ensure_ascii=False)}" for option, value in found.items()]
    return "\n".join([f"[connections.{name}]", *lines, f"# writable = true  # {note}"])


def as_variables(name: str, found: Mapping[str, str]) -> str:
    """The same as variables of the environment."""
    return "\n".join(f'{variable(name, option)}="{value}"' for option, value in found.items())
