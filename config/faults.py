"""Faults of names in a pact: one that nobody knows, one given twice; each says what is meant perhaps.

Not here: the parts that raise them (parts.py, schema.py), the sentences (catalogues).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pydantic_core import PydanticCustomError

from config.zones import zones

MOST_NAMES = 20


def near(wanted: str, known: Iterable[str]) -> str:
    """The known name closest to `wanted`, or all of them: what an error proposes."""
    names = sorted(known)
    close = get_close_matches(wanted, names, n=1, cutoff=0.6)
    if close:
        return close[0]
    shown = ", ".join(names[:MOST_NAMES])
    return f"{shown}, …" if len(names) > MOST_NAMES else shown or "–"


def unknown(what: str, name: str, known: Iterable[str]) -> PydanticCustomError:
    return PydanticCustomError(f"pact.unknown_{what}", "{name}: {near}", {"name": name, "near": near(name, known)})


def known_zone(value: str) -> str:
    if value not in zones():
        raise unknown("zone", value, zones())
    return value


def once(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise PydanticCustomError(f"pact.twice_{what}", "{name}", {"name": name})
