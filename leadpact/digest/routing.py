"""Which channel gets what: a letter for each recipient, with everything they should know.

The key of a line is a hash of what it tells, to whom: told once, it is never told them again.

Not here: what is due (due.py), who was told already (claims.py), the words (compose.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from leadpact.digest.due import Breach, Found, Item, Promise
from leadpact.digest.levels import MANAGER, OWNER, TEAM
from leadpact.digest.settings import MANAGER_ADDRESS, OWNER_ADDRESS, Channel, Settings

KIND = {Breach: "breaches", Promise: "commitments", Found: "findings"}


@dataclass(frozen=True)
class Owner:
    """What the mirror knows of an owner; every part may be null."""

    owner_id: str
    name: str | None = None
    team: str | None = None
    manager_id: str | None = None


@dataclass
class Letter:
    """What one recipient should know, by key. `who` is the owner or manager written to; null: the channel's readers."""

    channel: Channel
    recipient: str
    url: str = field(repr=False)
    language: str
    who: str | None
    items: dict[str, Item] = field(default_factory=dict)


@dataclass
class Routed:
    """The letters, and who could not be told: owners without an address, names no channel has, leads of nobody."""

    letters: dict[str, Letter] = field(default_factory=dict)
    no_address: set[str] = field(default_factory=set)
    no_channel: set[str] = field(default_factory=set)
    unowned: int = 0
    channels: set[str] = field(default_factory=set)  # all that serve the connection, whether they get a letter or not


def route(items: Iterable[Item], settings: Settings, connection: str, owners: Mapping[str, Owner],
          ended: Mapping[str, float]) -> Routed:  # fmt: skip
    """Sorts what is due into letters. `ended`: who is told of Marketing's promises when a month ends (levels.py)."""
    found = Routed()
    channels = [one for one in settings.channels if one.connection in (None, connection)]
    found.channels = {one.name for one in channels}
    named = {one.name.casefold() for one in channels} | {OWNER, MANAGER, TEAM}
    for item in items:
        if isinstance(item, Breach):
            found.no_channel |= set(item.shares) - named
        for channel in channels:
            if KIND[type(item)] in channel.kinds and _concerns(item, channel, owners, ended):
                _add(found, item, channel, settings, connection, owners)
    found.no_channel |= set(ended) - named
    return found


def _concerns(item: Item, channel: Channel, owners: Mapping[str, Owner], ended: Mapping[str, float]) -> bool:
    if isinstance(item, Found):
        return True
    if isinstance(item, Promise):
        if not item.ended or item.which == "follow_up" or not ended:
            return True
        agreed = [ended[name] for name in (channel.audience, channel.name.casefold()) if name in ended]
        return any(item.share <= at for at in agreed)
    at = level(channel, item.shares)
    # what was stopped late is a breach; that it once was near its target helps nobody any more
    if at is None or item.share < at or (item.at is not None and (at < 1 or not item.past)):
        return False
    team = owners[item.owner_id].team if item.owner_id is not None and item.owner_id in owners else None
    return channel.team is None or (team or "").casefold() == channel.team.casefold()


def level(channel: Channel, shares: Mapping[str, float]) -> float | None:
    """The share of a target at which a channel is told; null where the pact does not tell it."""
    own = shares.get(channel.name.casefold())
    if own is not None:
        return own
    if channel.audience == TEAM:
        return shares.get(TEAM, shares.get(OWNER))
    if channel.audience == "leaders":
        return max(shares.values())
    return shares.get(channel.audience)


def _add(found: Routed, item: Item, channel: Channel, settings: Settings, connection: str,
         owners: Mapping[str, Owner]) -> None:  # fmt: skip
    recipient, url, language, who = channel.name, channel.url, channel.language, None
    if channel.personal:
        holder = item.owner_id if isinstance(item, Breach) else None
        if holder is None:
            found.unowned += 1
            return
        owner = owners.get(holder, Owner(holder))
        if channel.audience == "manager":
            if owner.manager_id is None:
                found.no_address.add(owner.name or holder)
                return
            owner = owners.get(owner.manager_id, Owner(owner.manager_id))
        person = settings.person(owner.owner_id, owner.name)
        who = owner.name or owner.owner_id
        if person is None:
            found.no_address.add(who)
            return
        address = quote(person.email, safe="@")
        url = url.replace(OWNER_ADDRESS, address).replace(MANAGER_ADDRESS, address)
        recipient = f"{channel.name}:{owner.owner_id}"
        language = person.language or language
    letter = found.letters.setdefault(recipient, Letter(channel, recipient, url, language or settings.language, who))
    letter.items[key_of(connection, KIND[type(item)], item.identity, recipient)] = item


def key_of(connection: str, kind: str, identity: Sequence[str], recipient: str) -> str:
    """SHA-256 in hex: no record's id is kept."""
    return hashlib.sha256(json.dumps([connection, kind, *identity, recipient]).encode()).hexdigest()
