"""How far two teams agree about the same leads: Cohen's kappa.

A team's verdict on a lead is what most of its votes say; a tie is none, and is counted.

Sources: Cohen, "A coefficient of agreement for nominal scales", 1960; the standard error for an
interval from Fleiss, Cohen and Everitt, "Large sample standard errors of kappa and weighted
kappa", 1969, equation 8.

Not here: the votes (voting.py), what tells good leads from others (separating.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from leadpact.meeting.facts import Tally
from leadpact.metrics.significance import z_of

NOTHING = 1e-12  # a variance below it is the noise of floating-point sums
FEW = 30  # below it an interval is a rough one, and says so


@dataclass(frozen=True)
class Agreement:
    """Two teams' verdicts on the leads both judged.

    `observed` and `expected` are shares, null without leads; `kappa` is null as well where both
    teams gave all leads the same verdict, for there agreement by chance is certain. The interval is
    null where the standard error is 0 or not defined: perfect agreement of few leads proves little.
    `ties` are leads a team was split on, `one_sided` those only one team judged.
    """

    leads: int
    both_good: int
    both_not: int
    only_marketing: int
    only_sales: int
    observed: float | None
    expected: float | None
    kappa: float | None
    low: float | None
    high: float | None
    ties: int = 0
    one_sided: int = 0


def kappa(table: Sequence[Sequence[int]]) -> tuple[float | None, float | None]:
    """Kappa and its standard error from counts: rows one judge's verdicts, columns the other's.

    Null, null where there are none or chance alone explains everything. Raises ValueError unless square.
    """
    size = len(table)
    if any(len(row) != size for row in table):
        raise ValueError("a table of agreement is square")
    n = sum(map(sum, table))
    if n == 0:
        return None, None
    share = [[count / n for count in row] for row in table]
    rows = [sum(row) for row in share]
    columns = [sum(row[at] for row in share) for at in range(size)]
    observed = sum(share[at][at] for at in range(size))
    # as whole numbers: a sum of shares is not exactly 1
    if sum(sum(table[at]) * sum(row[at] for row in table) for at in range(size)) == n * n:
        return None, None
    expected = sum(rows[at] * columns[at] for at in range(size))
    found = (observed - expected) / (1 - expected)
    agreed = sum(share[i][i] * (1 - (rows[i] + columns[i]) * (1 - found)) ** 2 for i in range(size))
    apart = (1 - found) ** 2 * sum(
        share[i][j] * (columns[i] + rows[j]) ** 2 for i in range(size) for j in range(size) if i != j
    )
    variance = (agreed + apart - (found - expected * (1 - found)) ** 2) / (n * (1 - expected) ** 2)
    return found, sqrt(variance) if variance > NOTHING else 0.0


def verdict(votes: Mapping[int, int]) -> bool | None:
    """What most of a team's votes on a lead say: a good lead or not; null for a tie or no votes."""
    good, other = votes.get(1, 0), votes.get(0, 0)
    return None if good == other else good > other


def agreement(tallies: Iterable[Tally], level: float = 0.95) -> Agreement:
    """Of the leads that were revealed: how the two teams' verdicts go together."""
    counts = {(a, b): 0 for a in (True, False) for b in (True, False)}
    ties = one_sided = 0
    for one in tallies:
        if one.values is None:
            continue
        marketing, sales = (one.values.get(team, {}) for team in ("marketing", "sales"))
        voted = [any(votes.values()) for votes in (marketing, sales)]
        of_marketing, of_sales = verdict(marketing), verdict(sales)
        if of_marketing is not None and of_sales is not None:
            counts[of_marketing, of_sales] += 1
        elif all(voted):
            ties += 1
        elif any(voted):
            one_sided += 1
    table = [[counts[a, b] for b in (True, False)] for a in (True, False)]
    n = sum(counts.values())
    found, error = kappa(table)
    low = high = None
    if found is not None and error:
        half = z_of(level) * error
        low, high = max(-1.0, found - half), min(1.0, found + half)
    good = [sum(table[0]), table[0][0] + table[1][0]]
    return Agreement(
        leads=n,
        both_good=counts[True, True],
        both_not=counts[False, False],
        only_marketing=counts[True, False],
        only_sales=counts[False, True],
        observed=(counts[True, True] + counts[False, False]) / n if n else None,
        expected=(good[0] * good[1] + (n - good[0]) * (n - good[1])) / n**2 if n else None,
        kappa=found,
        low=low,
        high=high,
        ties=ties,
        one_sided=one_sided,
    )


def strength(found: float | None) -> str | None:
    """How kappa is commonly called (Landis and Koch 1977): a word for people, not a test; null for null."""
    if found is None:
        return None
    bounds = ((0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"))
    if found < 0:
        return "poor"
    return next((word for most, word in bounds if found <= most), "almost_perfect")
