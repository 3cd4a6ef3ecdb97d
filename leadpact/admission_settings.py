"""The sections `[auth]` and `[access]` of the secrets file: read strictly, for a slip must let nobody in.

Not here: what they admit a person as (admission.py), the connections of that file (settings.py).
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.members import ADMINISTRATOR, ROLES
from config.people import person
from leadpact.errors import LeadPactError, Misconfigured

AUTH, ACCESS = "auth", "access"
KEYS = ("administrators", "groups_claim", "groups", "default_role", "domains", "session_hours", "email_claim",
        "single_person")  # fmt: skip
LOOPBACK, NETWORK = "loopback", "network"
_SHARED = ("redirect_uri", "cookie_secret")
_OWN = ("client_id", "client_secret", "server_metadata_url")
_OPTIONAL = ("client_kwargs", "expose_tokens", "redirect_uri", "cookie_secret")
SHORTEST_SECRET = 32
MOST_HOURS = 720.0  # 30 days, as long as Streamlit's cookie lives
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ANYBODY = ("common", "organizations", "consumers")  # Entra: whoever has any Microsoft account


@dataclass(frozen=True)
class Access:
    """`[access]` as it holds. `groups` are names in the claim by the role they give."""

    administrators: tuple[str, ...] = ()
    groups_claim: str | None = None
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    default_role: str | None = None
    domains: frozenset[str] = frozenset()
    session_hours: float = 12.0
    email_claim: str = "email"
    single_person: str = LOOPBACK


def document(files: Iterable[Path]) -> dict[str, Any]:
    """The sections of these files, later ones over earlier. Raises Misconfigured for one that is not TOML.

    A file that is not there says nothing.
    """
    found: dict[str, Any] = {}
    for path in files:
        try:
            found |= tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
            # the parser's own words may quote the line, and the line may hold a secret
            raise Misconfigured("access.unreadable", path=str(path)) from None
    return found


def sign_in(found: Mapping[str, Any]) -> bool:
    """Whether people sign in. Raises Misconfigured where a section is meant for it and misspelt."""
    for name in found:
        if name in (AUTH, ACCESS) or not isinstance(found[name], Mapping):
            continue
        near = difflib.get_close_matches(name.casefold(), (AUTH, ACCESS, "authentication", "oidc"), 1, 0.75)
        if near:
            meant = ACCESS if near[0] == ACCESS else AUTH
            raise Misconfigured("access.misspelt", section=name, meant=meant)
    if AUTH in found:
        return True
    others = [key for key in found.get(ACCESS) or {} if key != "single_person"]
    if others:
        raise Misconfigured("access.no_auth", option=others[0])
    return False


def providers(found: Mapping[str, Any]) -> list[str]:
    """The providers of `[auth]` by name; the one written in the section itself is `default`.

    Raises Misconfigured for what would not work, or would let strangers vouch for addresses.
    """
    section = found.get(AUTH)
    if not isinstance(section, Mapping):
        raise Misconfigured("access.not_a_section", section=AUTH)
    for name in _SHARED:
        if not isinstance(section.get(name), str) or not section[name] or section[name].startswith("<"):
            raise Misconfigured("access.auth_missing", option=f"{AUTH}.{name}")
    if len(section["cookie_secret"]) < SHORTEST_SECRET:
        raise Misconfigured("access.short_secret", least=SHORTEST_SECRET)
    if not _safe(section["redirect_uri"]) or not section["redirect_uri"].endswith("/oauth2callback"):
        raise Misconfigured("access.bad_redirect")
    named = [name for name, value in section.items() if isinstance(value, Mapping) and name not in _OPTIONAL]
    own = [name for name in _OWN if name in section]
    for place in ([AUTH] if own or not named else []) + [f"{AUTH}.{name}" for name in named]:
        _provider(section if place == AUTH else section[place.partition(".")[2]], place)
    return (["default"] if own or not named else []) + named


def access_of(found: Mapping[str, Any]) -> Access:
    """`[access]`, defaults where it says nothing. Raises Misconfigured for what it cannot mean."""
    section = found.get(ACCESS, {})
    if not isinstance(section, Mapping):
        raise Misconfigured("access.not_a_section", section=ACCESS)
    for name in section:
        if name not in KEYS:
            near = difflib.get_close_matches(str(name), KEYS, 1, 0.5)
            raise Misconfigured("access.unknown_option", option=str(name), known=", ".join(near or KEYS))
    groups = section.get("groups", {})
    if not isinstance(groups, Mapping):
        raise Misconfigured("access.not_a_section", section=f"{ACCESS}.groups")
    domains = frozenset(one.casefold().removeprefix("@") for one in _texts(section, "domains"))
    made = Access(
        administrators=tuple(_texts(section, "administrators")),
        groups_claim=_text(section, "groups_claim"),
        groups={_role(role, "groups"): frozenset(_texts(groups, role, "groups.")) for role in groups},
        default_role=_role(role, "default_role") if (role := _text(section, "default_role")) else None,
        domains=domains,
        session_hours=_hours(section),
        email_claim=_text(section, "email_claim") or Access.email_claim,
        single_person=_text(section, "single_person") or LOOPBACK,
    )
    _together(made)
    return made


def _together(made: Access) -> None:
    """What each option says is right; whether they fit each other."""
    for one in made.administrators:
        try:
            person(one)
        except LeadPactError:
            raise Misconfigured("access.bad_option", option="administrators", value=one) from None
        if made.domains and one.rpartition("@")[2].casefold() not in made.domains:
            raise Misconfigured("access.administrator_outside", email=one)
    for one in made.domains:
        if not _DOMAIN.fullmatch(one):
            raise Misconfigured("access.bad_option", option="domains", value=one)
    if bool(made.groups) != bool(made.groups_claim):
        raise Misconfigured("access.half_groups")
    if made.default_role == ADMINISTRATOR:
        raise Misconfigured("access.bad_option", option="default_role", value=ADMINISTRATOR)
    if made.default_role and not made.domains:
        raise Misconfigured("access.default_for_anybody")
    if made.single_person not in (LOOPBACK, NETWORK):
        raise Misconfigured("access.bad_option", option="single_person", value=made.single_person)


def _provider(section: Mapping[str, Any], place: str) -> None:
    for name in _OWN:
        if not isinstance(section.get(name), str) or not section[name] or section[name].startswith("<"):
            raise Misconfigured("access.auth_missing", option=f"{place}.{name}")
    if "_" in place:
        raise Misconfigured("access.provider_name", section=place)
    address = section["server_metadata_url"]
    if not _safe(address):
        raise Misconfigured("access.bad_metadata", option=f"{place}.server_metadata_url")
    parts = urlsplit(address)
    if (parts.hostname or "").endswith("microsoftonline.com") and parts.path.strip("/").partition("/")[0] in _ANYBODY:
        raise Misconfigured("access.any_tenant", option=f"{place}.server_metadata_url")


def _safe(address: str) -> bool:
    """https, or this machine itself."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.hostname in _LOOPBACK and parts.scheme == "http")
        )
    except ValueError:
        return False


def _texts(section: Mapping[str, Any], name: str, place: str = "") -> list[str]:
    found = section.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) and one.strip() for one in found):
        raise Misconfigured("access.not_a_list", option=f"{place}{name}")
    return [one.strip() for one in found]


def _text(section: Mapping[str, Any], name: str) -> str | None:
    found = section.get(name)
    if found is not None and (not isinstance(found, str) or not found.strip()):
        raise Misconfigured("access.bad_option", option=name, value=type(found).__name__)
    return found.strip() if found is not None else None


def _role(role: str, option: str) -> str:
    if role not in ROLES:
        raise Misconfigured("access.bad_role", option=option, role=role, known=", ".join(ROLES))
    return role


def _hours(section: Mapping[str, Any]) -> float:
    found = section.get("session_hours", Access.session_hours)
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 < found <= MOST_HOURS:
        raise Misconfigured("access.bad_hours", most=int(MOST_HOURS))
    return float(found)
