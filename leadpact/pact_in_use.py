"""The pact a number is computed under, and what may be said of it.

Not here: which pact computes for a connection (workspace.py), versions and signatures (config/versions.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from config import versions
from config.schema import Pact
from config.versions import FIRST, Version


@dataclass(frozen=True)
class PactInUse:
    """The pact a number was computed under, and what may be said of it.

    `reviewed_at` (UTC): the last signature on the version in force; null while none is.
    `line` is which of the company's pacts it is.
    """

    pact: Pact
    version: int | None
    in_force: bool
    reviewed_at: datetime | None = None
    line: str = FIRST

    @property
    def draft(self) -> bool:
        return not self.in_force

    def as_json(self) -> dict[str, Any]:
        return {"name": self.pact.name, "version": self.version, "hash": self.pact.hash, "in_force": self.in_force}


def computing(found: Sequence[Version]) -> PactInUse | None:
    """What numbers are computed under, of a pact's versions (newest first); null where there are none."""
    one = versions.computing(found)
    return None if one is None else standing_of(one, one.signed_by_both)


def standing_of(version: Version, in_force: bool) -> PactInUse:
    """A version as what computes."""
    return PactInUse(version.pact, version.number, in_force, version.reviewed_at if in_force else None, version.line)


def with_pact(used: PactInUse, pact: Pact) -> PactInUse:
    """The same standing for another document: a pact given by file is in force only if equal."""
    if used.pact.hash == pact.hash:
        return used
    return replace(used, pact=pact, version=None, in_force=False, reviewed_at=None)
