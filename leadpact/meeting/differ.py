"""Where two teams differ about what a criterion is worth, and the order to talk about it.

The measure is the difference of the two teams' mean votes, as a share of the scale: 0 where they
agree, 1 where one team says "a must" and the other "no use". Every person counts the same within
a team, and both teams count the same, however many came.

Not here: the votes (voting.py), what becomes of them (outcome.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from leadpact.meeting.facts import SCALE, TEAMS, Item, Tally


@dataclass(frozen=True)
class Side:
    """One team's votes on an item: how many, their mean and standard deviation; null without votes.

    `musts` is the share that said "a must".
    """

    n: int
    mean: float | None
    spread: float | None
    musts: float | None


@dataclass(frozen=True)
class Standing:
    """An item with both sides. `difference` (0 to 1) and `worth` (0 to 1) are null unless both teams voted."""

    item: Item
    sides: Mapping[str, Side]
    difference: float | None
    worth: float | None

    @property
    def higher(self) -> str | None:
        """The team that values it more; null where none does."""
        marketing, sales = (self.sides[team].mean for team in TEAMS)
        if marketing is None or sales is None or marketing == sales:
            return None
        return "marketing" if marketing > sales else "sales"


def side(votes: Mapping[int, int]) -> Side:
    """One team's votes (value → how many) in figures."""
    n = sum(votes.values())
    if n == 0:
        return Side(0, None, None, None)
    mean = sum(value * count for value, count in votes.items()) / n
    spread = sqrt(sum(count * (value - mean) ** 2 for value, count in votes.items()) / n)
    return Side(n, mean, spread, votes.get(SCALE[-1], 0) / n)


def standing(one: Tally) -> Standing | None:
    """How a criterion stands; null while it is blind."""
    if one.values is None:
        return None
    sides: dict[str, Side] = {team: side(one.values.get(team, {})) for team in TEAMS}
    marketing, sales = (sides[team].mean for team in TEAMS)
    if marketing is None or sales is None:
        return Standing(one.item, sides, None, None)
    top = SCALE[-1]
    return Standing(one.item, sides, abs(marketing - sales) / top, (marketing + sales) / 2 / top)


def in_order(tallies: Iterable[Tally]) -> list[Standing]:
    """What is revealed, the widest difference first; then where votes within the teams differ most.

    Items only one team voted on come last.
    """
    found = [one for one in map(standing, tallies) if one is not None]
    return sorted(found, key=_rank)


def _rank(one: Standing) -> tuple[bool, float, float, int]:
    within = sum(each.spread or 0.0 for each in one.sides.values())
    return one.difference is None, -round(one.difference or 0.0, 9), -round(within, 9), one.item.position
