"""Who is asking. Every page passes here before anything is read.

No sign-in is configured in this release: whoever reaches the app may read, and nobody may
write. The check that will ask for a signed-in person and a role has this one place.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Visitor:
    """The person behind a session; `email` is null while sign-in is off."""

    email: str | None = None


def admit(page: str) -> Visitor:
    """The visitor, if they may open `page`; else shows why not and stops the run."""
    return Visitor()
