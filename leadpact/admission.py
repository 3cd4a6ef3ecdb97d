"""Who comes in: what the secrets file says of it, and one judgement of a signed-in person.

`[auth]` is Streamlit's own section (which providers); `[access]` is ours (who, as what). Everything
that cannot be understood lets nobody in.

Not here: members kept in the app (config/members.py), the session and the sign-in page (ui/signing.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from config.members import ADMINISTRATOR, ROLES, Member, Scope
from config.people import person
from leadpact.admission_settings import Access
from leadpact.errors import LeadPactError

SETTINGS, MEMBER, GROUP, DEFAULT = WAYS = ("settings", "member", "group", "default")
REASONS = ("no_email", "unverified", "variant", "domain", "removed", "no_role")  # why somebody is refused
SIGN_IN_AGAIN = ("expired", "ended", "undated")  # why a session is over
_COOKIE_DAYS = 31  # Streamlit's cookie lives 30


@dataclass(frozen=True)
class Admission:
    """A person who may come in: by which ways, as what, and what their lists are cut to."""

    email: str
    roles: frozenset[str]
    scope: Scope
    ways: tuple[str, ...]


class Refused(LeadPactError):
    """A signed-in person who may not come in. `reason` is one of REASONS; `email` as the provider says it, or null."""

    def __init__(self, key: str, email: str | None) -> None:
        super().__init__(key, email=email or "–")
        self.reason, self.email = key.rpartition(".")[2], email


class Over(LeadPactError):
    """A session that has to sign in again. `reason` is one of SIGN_IN_AGAIN."""

    @property
    def reason(self) -> str:
        return self.key.rpartition(".")[2]


def admitted(access: Access, claims: Mapping[str, Any], member: Member | None) -> Admission:
    """What the claims of a signed-in person admit them as; roles of every way are united.

    `member` is what is kept of the address or a variant of it (config.members.find), null for nothing.
    Raises Refused. A removed member is refused whatever their groups, unless the secrets file names
    them administrator; the scope kept with a member holds for every role they have.
    """
    email = address(access, claims)
    if access.domains and email.rpartition("@")[2].casefold() not in access.domains:
        raise Refused("sign.refused.domain", email)
    named = any(same(email, one) for one in access.administrators)
    if member is not None and not named and not same(email, member.email):
        raise Refused("sign.refused.variant", email)
    removed = member is not None and member.removed_at is not None
    if removed and not named:
        raise Refused("sign.refused.removed", email)
    held = member if member is not None and not removed and same(email, member.email) else None
    by = {
        SETTINGS: frozenset({ADMINISTRATOR}) if named else frozenset(),
        MEMBER: held.roles if held is not None else frozenset(),
        GROUP: _of_groups(access, claims),
    }
    if not any(by.values()) and access.default_role is not None:
        by[DEFAULT] = frozenset({access.default_role})
    roles = frozenset().union(*by.values()) & frozenset(ROLES)
    if not roles:
        raise Refused("sign.refused.no_role", email)
    ways = tuple(way for way in WAYS if by.get(way))
    return Admission(email, roles, held.scope if held is not None else Scope(), ways)


def address(access: Access, claims: Mapping[str, Any]) -> str:
    """The address the provider vouches for. Raises Refused where it sends none, or says it is not verified."""
    said = claims.get(access.email_claim)
    if not isinstance(said, str):
        raise Refused("sign.refused.no_email", None)
    try:
        person(said)
    except LeadPactError:
        raise Refused("sign.refused.no_email", None) from None
    if claims.get("email_verified", True) not in (True, "true", "True"):
        raise Refused("sign.refused.unverified", said.strip())
    return said.strip()


def same(one: str, other: str) -> bool:
    """Whether two addresses let the same person in: only case and outer spaces differ.

    Stricter than config.people: letters that merely look alike, and `+tags`, may be somebody else's mailbox.
    """
    return one.strip().casefold() == other.strip().casefold()


def fresh(access: Access, claims: Mapping[str, Any], now: datetime) -> datetime:
    """Until when (UTC) a session may go on: `session_hours` from its `iat`. Raises Over where that has passed.

    Without `iat` its `exp` counts; with neither nobody knows how old it is: over.
    """
    began, ends = (_moment(claims.get(name)) for name in ("iat", "exp"))
    if began is None and ends is None:
        raise Over("sign.over.undated")
    until = ends if began is None else began + timedelta(hours=access.session_hours)
    if until is None or until <= now:
        raise Over("sign.over.expired")
    return until


def began(claims: Mapping[str, Any]) -> datetime | None:
    """When the person signed in, UTC; null where the provider does not say."""
    return _moment(claims.get("iat"))


def mark(claims: Mapping[str, Any]) -> str:
    """What one act of signing in is known by, as a hash: the same in every tab, another after the next one."""
    told = [str(claims.get(name, "")) for name in ("iss", "sub", "email", "iat", "exp", "nonce", "sid", "jti")]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def forgettable(now: datetime) -> datetime:
    """Sessions that were ended before this moment have no cookie left anywhere."""
    return now - timedelta(days=_COOKIE_DAYS)


def askable(access: Access, members: Collection[Member], email: str | None) -> list[str]:
    """The administrators somebody who was refused may ask: those of their own domain, for others are told no names."""
    if email is None:
        return []
    domain = email.rpartition("@")[2].casefold()
    named = [*access.administrators, *(one.email for one in members if ADMINISTRATOR in one.roles)]
    known = {one.casefold(): one for one in named if one.rpartition("@")[2].casefold() == domain}
    return [known[one] for one in sorted(known)]


def _of_groups(access: Access, claims: Mapping[str, Any]) -> frozenset[str]:
    said = claims.get(access.groups_claim) if access.groups_claim else None
    groups = {said} if isinstance(said, str) else {one for one in said or () if isinstance(one, str)}
    return frozenset(role for role, admits in access.groups.items() if admits & groups)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(value, UTC).replace(tzinfo=None)
    except (OverflowError, OSError, ValueError):
        return None
