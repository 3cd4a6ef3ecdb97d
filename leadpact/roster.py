"""Everybody who may open LeadPact, by whichever way they came in: what the page and the command list.

Not here: keeping members (config/members.py), judging somebody at the door (admission.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Engine

from config import members, sign_ins
from config.members import ADMINISTRATOR, MARKETING, SALES, Member
from config.people import person
from leadpact.admission import MEMBER, SETTINGS, WAYS
from leadpact.admission_settings import Access
from leadpact.errors import LeadPactError
from leadpact.workspace import Analysis

MOST_PLACES = 300
_ADDRESS = re.compile(r"[^\s<>,;\"']+@[^\s<>,;\"']+")


@dataclass(frozen=True)
class Known:
    """One person: `ways` of leadpact.admission.WAYS, roles of all of them as far as known, last sign-in in UTC.

    Who came in by a group or as anybody of a domain is known from their last sign-in on, with the
    roles they had then. Null teams or territories: not restricted.
    """

    email: str
    roles: frozenset[str]
    teams: frozenset[str] | None
    territories: frozenset[str] | None
    ways: tuple[str, ...]
    last_at: datetime | None
    member: Member | None

    @property
    def signs(self) -> tuple[str, ...]:
        """The teams they may sign the pact for."""
        return tuple(team for team in (MARKETING, SALES) if team in self.roles)

    def as_json(self) -> dict[str, Any]:
        def listed(names: frozenset[str] | None) -> list[str] | None:
            return None if names is None else sorted(names)

        return {"email": self.email, "roles": members.ordered(self.roles), "teams": listed(self.teams),
                "territories": listed(self.territories), "ways": list(self.ways), "may_sign": list(self.signs),
                "last_sign_in": None if self.last_at is None else f"{self.last_at.isoformat()}Z"}  # fmt: skip


def everybody(engine: Engine, access: Access) -> list[Known]:
    """Who may come in, by e-mail; removed ones are left out unless the secrets file names them."""
    kept = {one.who: one for one in members.every(engine, removed=True)}
    named = {person(one): one for one in access.administrators}
    seen = sign_ins.last(engine)
    found = []
    for who in sorted(kept.keys() | named.keys() | seen.keys()):
        held, last = kept.get(who), seen.get(who)
        removed = held is not None and held.removed_at is not None
        if removed and who not in named:
            continue
        live = None if removed else held
        elsewhere = [way for way in (last.ways if last is not None else ()) if way not in (SETTINGS, MEMBER)]
        if live is None and who not in named and not elsewhere:
            continue  # was a member or in the secrets file once, and nothing else
        roles = (live.roles if live is not None else frozenset()) | (
            frozenset({ADMINISTRATOR}) if who in named else frozenset()
        )
        if last is not None and elsewhere and not roles:
            roles = last.roles
        has = {SETTINGS: who in named, MEMBER: live is not None, **dict.fromkeys(elsewhere, True)}
        email = live.email if live is not None else named.get(who) or (last.email if last is not None else who)
        found.append(
            Known(email, roles, live.teams if live is not None else None,
                  live.territories if live is not None else None, tuple(way for way in WAYS if has.get(way)),
                  last.at if last is not None else None, live)
        )  # fmt: skip
    return found


def places(analysis: Analysis) -> Mapping[str, Sequence[str]]:
    """The teams of owners and the countries of records there are, most frequent first: what a scope can name."""
    tables = analysis.tables

    def frequent(column: Any) -> list[str]:
        counted = column.name("name").value_counts(name="count").filter(lambda one: one["name"].notnull())
        ranked = counted.order_by([counted["count"].desc(), counted["name"]]).limit(MOST_PLACES)
        return [str(one) for one in ranked.execute()["name"]]

    return {"teams": frequent(tables.owner.team), "territories": frequent(tables.record.country)}


def addresses(text: str) -> tuple[list[str], list[str]]:
    """The addresses in a text, however they are set apart, each person once; and what stood there and is none."""
    found: dict[str, str] = {}
    wrong: list[str] = []
    unquoted = re.sub(r'"[^"\n]*"', " ", text)  # "Pérez, Ana" <ana@acme.com>
    for part in filter(None, (part.strip() for part in re.split(r"[\n,;]+", unquoted))):
        for said in _ADDRESS.findall(part) or [part]:
            try:
                found.setdefault(person(said), said)
            except LeadPactError:
                wrong.append(said)
    return list(found.values()), wrong
