"""Connectors broken on purpose: each does one thing wrong, and names the clause that says so.

`also` are clauses that cannot hold either once this one is broken. The broken connectors are
the ways real ones went wrong, or would; a clause nobody breaks is not a test.

Not here: the sound connector they are made from (sound.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.contract.sound import Sound


@dataclass(frozen=True)
class Broken:
    """A connector that breaks the clause `breaks`, and with it those of `also`, and no other."""

    maker: type[Sound]
    breaks: str
    also: frozenset[str]

    @property
    def name(self) -> str:
        return f"{self.breaks}-{self.maker.__name__}"


BROKEN: list[Broken] = []


def breaks(clause: str, *also: str) -> Callable[[type[Sound]], type[Sound]]:
    """Registers the connector below as one that breaks `clause`."""

    def register(maker: type[Sound]) -> type[Sound]:
        BROKEN.append(Broken(maker, clause, frozenset(also)))
        return maker

    return register
