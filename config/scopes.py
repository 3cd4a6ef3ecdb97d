"""Which records a pact governs, against another pact: scopes of two pacts share no record.

Not here: the pacts beside each other (lines.py), records themselves (leadpact/metrics/timeline.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config.errors import LeadPactError
from config.schema import Pact

Scope = Mapping[str, Sequence[str]]


def overlap(one: Scope, other: Scope) -> dict[str, str] | None:
    """A record both scopes hold, as field → value; null where they share none.

    Empty where both hold every record.
    """
    shared: dict[str, str] = {}
    for field in dict.fromkeys([*one, *other]):
        mine, theirs = one.get(field), other.get(field)
        both = mine if theirs is None else theirs if mine is None else [each for each in mine if each in theirs]
        if not both:
            return None
        shared[field] = both[0]
    return shared


def must_not_share(pact: Pact, other: Pact) -> None:
    """Raises LeadPactError, naming both pacts and a value, where they share a record."""
    shared = overlap(pact.scope, other.scope)
    if shared is None:
        return
    if not shared:
        raise LeadPactError("pact.scopes_all", name=pact.name, other=other.name)
    value = ", ".join(f"{field} = {value}" for field, value in shared.items())
    raise LeadPactError("pact.scopes_overlap", name=pact.name, other=other.name, value=value)


def same_name(one: str, other: str) -> bool:
    """Whether people would take two names for one."""
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
