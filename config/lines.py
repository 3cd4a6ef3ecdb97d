"""Several pacts side by side: each a line of versions of its own, with scopes that share no record.

A company starts with one line. A second one appears with its first version; one that is no longer
needed is retired, and what it said is kept.

Not here: versions (versions.py), whether scopes share a record (scopes.py).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from config import versions
from config.errors import LeadPactError
from config.faults import near
from config.pact_tables import pact_line
from config.scopes import same_name
from config.trail import record
from config.versions import FIRST, Version


@dataclass(frozen=True)
class Line:
    """One pact of the company: its slug, and its versions, newest first."""

    slug: str
    versions: tuple[Version, ...]

    @property
    def computing(self) -> Version | None:
        """The version numbers are computed under; null while nobody saved one."""
        return versions.computing(self.versions)

    @property
    def name(self) -> str:
        """What people call it: the name its newest version has."""
        return self.versions[0].pact.name if self.versions else self.slug


def every(engine: Engine) -> list[Line]:
    """The pacts that are not retired, the first one first, then by slug."""
    with engine.connect() as connection:
        return _every(connection)


def _every(connection: Connection) -> list[Line]:
    wanted = sa.select(pact_line.c.slug).where(pact_line.c.retired_at.is_(None)).order_by(pact_line.c.slug)
    slugs = sorted(connection.execute(wanted).scalars(), key=lambda slug: slug != FIRST)
    return [Line(slug, tuple(versions.read(connection, slug))) for slug in slugs]


def find(engine: Engine, wanted: str) -> Line:
    """The pact with this slug or name. Raises LeadPactError, naming the nearest, when there is none."""
    known = every(engine)
    for line in known:
        if wanted == line.slug or same_name(wanted, line.name):
            return line
    raise LeadPactError("pact.no_line", wanted=wanted, near=near(wanted, [line.name for line in known]))


def slug_of(name: str) -> str:
    """`Acme: pacto B2B` → `acme-pacto-b2b`. Raises LeadPactError where nothing is left."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:63].strip("-")
    if not slug:
        raise LeadPactError("pact.no_slug", name=name)
    return slug


def retire(engine: Engine, slug: str, *, author: str, now: datetime) -> None:
    """The pact governs nothing any more; its versions and signatures are kept.

    Raises LeadPactError for the last one, and where there is none such.
    """
    with engine.begin() as connection:
        versions.lock(connection)
        known = _every(connection)
        if slug not in {line.slug for line in known}:
            raise LeadPactError("pact.no_line", wanted=slug, near=near(slug, [line.name for line in known]))
        if len(known) == 1:
            raise LeadPactError("pact.last_line")
        wanted = sa.update(pact_line).where(pact_line.c.slug == slug)
        connection.execute(wanted.values(retired_by=author, retired_at=now))
        record(connection, now, author, "pact.line_retired", {"line": slug})
