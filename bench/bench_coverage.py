"""How often 95 % intervals cover the truth, over a thousand small companies whose truth is known.

    .venv/bin/python -m bench.bench_coverage [--companies 1000] [--leads 600] [--batch 50]

Mature rates of the funnel (Wilson) and reach (the Aalen–Johansen band), by source, of all journeys
and of young ones, where most are still on the way. Where an interval is not defined (nobody, or
everybody, reached the stage) there is nothing to judge, and the share of those is shown. For
comparison the last lines divide by the decided ones, as other systems do. What the truth is:
tests/small_companies.py.

The noise of the figures themselves: ±0.6 points for one question of one source over 1,000
companies (one standard deviation is 0.7), ±0.1 for a whole line.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from leadpact.metrics import funnel
from leadpact.metrics.significance import wilson
from leadpact.tables import Tables
from tests.small_companies import (
    LATER,
    PACT,
    SOURCES,
    UNTIL,
    Interval,
    chance,
    companies,
    named,
    reaches,
    steps,
)

YOUNG = {"rate": 300, "reach": 60}  # days since entry: of the last 300, those over 180 are mature


def decided(tables: Tables) -> Iterator[Interval]:
    """The wrong way: converted / (converted + lost), whatever is still on the way."""
    for step in funnel.conversion(tables, PACT, UNTIL, funnel.Scope(by="source")).steps:
        company, source = named(step.group)
        if source in SOURCES and step.stage in LATER:
            n = step.converted + step.lost
            low, high = wilson(step.converted, n) or (None, None)
            yield Interval(step.stage, company, source, n, None, low, high, chance(source, step.stage))


QUESTIONS: dict[str, Callable[[Tables], Iterable[Interval]]] = {
    "mature rate": steps,
    f"mature rate, last {YOUNG['rate']} days": lambda tables: steps(tables, YOUNG["rate"]),
    "reach": reaches,
    f"reach, last {YOUNG['reach']} days": lambda tables: reaches(tables, YOUNG["reach"]),
    "WRONG: decided ones only": decided,
}
Cell = tuple[str, str, str]  # group of questions, question, source


def ask(count: int, leads: int, batch: int) -> dict[Cell, list[int]]:
    """[covered, judged, all, sum of n] by cell."""
    found: dict[Cell, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for first in range(1, count + 1, batch):
        tables = companies(range(first, min(first + batch, count + 1)), leads)
        for group, question in QUESTIONS.items():
            for one in question(tables):
                cell = found[group, one.question, one.source]
                cell[0] += bool(one.covers)
                cell[1] += one.covers is not None
                cell[2] += 1
                cell[3] += one.n
    return found


def told(found: dict[Cell, list[int]]) -> None:
    """Prints a line for each question, over sources, with the lowest and highest source."""
    print(f"{'':26} {'question':20}  covered  lowest  highest   judged  undefined  mean n")
    for group in QUESTIONS:
        whole = [0, 0, 0, 0]
        for question in dict.fromkeys(cell[1] for cell in found if cell[0] == group):
            cells = [cell for key, cell in found.items() if key[:2] == (group, question)]
            sums = [sum(cell[place] for cell in cells) for place in range(4)]
            whole = [a + b for a, b in zip(whole, sums, strict=True)]
            each = [cell[0] / cell[1] for cell in cells if cell[1]]
            line(group, question, sums, f"{min(each):7.1%} {max(each):8.1%}")
        line(group, "together", whole, " " * 16)


def line(group: str, question: str, sums: list[int], extremes: str) -> None:
    hits, judged, asked, n = sums
    shares = f"{hits / judged:8.2%} {extremes} {judged:8,} {1 - judged / asked:10.1%}"
    print(f"{group:26} {question:20} {shares} {n / asked:7.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=1_000)
    parser.add_argument("--leads", type=int, default=600)
    parser.add_argument("--batch", type=int, default=50)
    given = parser.parse_args()
    began = time.monotonic()
    found = ask(given.companies, given.leads, given.batch)
    told(found)
    print(f"{given.companies:,} companies of {given.leads:,} leads, {time.monotonic() - began:,.0f} s")


if __name__ == "__main__":
    main()
