"""Many small demo companies at once, the truth behind them, and whether intervals cover it.

The companies are drawn one by one and read together: each keeps its own ids, and its sources
become groups of their own (`17|Partner`), so that one query answers for all of them. Nothing
touches the disk.

The truth is the population's, not the sample's. For a step of the funnel it is the chance in
connectors/demo/process.py, from which every journey is drawn whatever else happens to it. For
reach there is no such number (delays depend on owners, offices and weekdays), so it is counted
over a great many journeys of the same model, to their end and without any censoring.

Not here: the engine in memory (engine.py), the bounds (test_interval_coverage.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from config.document import parse
from config.schema import Pact
from connectors.demo import process
from connectors.demo.clock import clock_until
from connectors.demo.columns import DAY, NEVER, Ints
from connectors.demo.company import chunk, fixed
from connectors.demo.journeys import live
from connectors.demo.people import Place, populate
from leadpact.metrics import funnel, reach
from leadpact.tables import Tables
from tests.engine import Whole, derived, loaded

UNTIL = datetime(2026, 3, 4, 16, 20)
PACT: Pact = parse(process.expected_pact())
SOURCES = tuple(process.SOURCE_NAMES[code] for code in process.INBOUND)
LATER = process.FUNNEL[1:]
ASKED: Mapping[str, tuple[float, ...]] = {"mql": (7, 30), "sql": (30, 60), "customer": (90,)}
IDS = {"record": ("record_id", "converted_to", "merged_into"), "field_change": ("record_id",),
       "opportunity": ("opportunity_id", "record_id")}  # fmt: skip
RECORD = ("object", "record_id", "status", "condition", "created_at", "source", "converted_at", "converted_to",
          "merged_into")  # fmt: skip


@dataclass(frozen=True)
class Interval:
    """An estimate of one company with its interval (null where undefined), and the truth it is about."""

    question: str
    company: str
    source: str
    n: int
    estimate: float | None
    low: float | None
    high: float | None
    truth: float

    @property
    def covers(self) -> bool | None:
        """Null where there is no interval to judge."""
        return None if self.low is None or self.high is None else self.low <= self.truth <= self.high


def companies(seeds: Iterable[int], leads: int) -> Tables:
    """The companies of these seeds side by side, ready for any metric that needs no activities."""
    parts: dict[str, list[pa.Table]] = {name: [] for name in IDS}
    for seed in seeds:
        drawn, _ = chunk(Place(leads, 0), seed, UNTIL)
        record = pa.concat_tables([drawn["lead"].select(RECORD), drawn["contact"].select(RECORD)])
        record = _marked(record, ("source",), f"{seed}|")
        for name, table in {**drawn, "record": record}.items():
            if name in parts:
                parts[name].append(_marked(table, IDS[name], f"{seed}-"))
    whole = {name: pa.concat_tables(tables) for name, tables in parts.items()}
    return derived(*loaded(Whole({**whole, **fixed()})), PACT, remaps=False)


def _marked(table: pa.Table, columns: Sequence[str], mark: str) -> pa.Table:
    for name in columns:
        marked = pc.binary_join_element_wise(pa.scalar(mark), table[name].cast(pa.string()), "")
        table = table.set_column(table.schema.get_field_index(name), name, marked)
    return table


def steps(tables: Tables, days: int | None = None) -> Iterator[Interval]:
    """The mature rate of every step of every inbound source, with Wilson's interval.

    Of journeys that entered in the last so many days, or of all.
    """
    for step in funnel.conversion(tables, PACT, UNTIL, scope_of(days)).steps:
        company, source = named(step.group)
        if source in SOURCES and step.stage in LATER:
            n, rate, low, high = step.mature_entered or 0, step.mature_rate, step.ci_low, step.ci_high
            yield Interval(step.stage, company, source, n, rate, low, high, chance(source, step.stage))


def scope_of(days: int | None) -> funnel.Scope:
    """The funnel whose rates the model knows: a window no journey outlasts, by source."""
    start = None if days is None else (UNTIL - timedelta(days=days)).date()
    return funnel.Scope(start=start, window_days=process.MATURE_DAYS, by="source")


def chance(source: str, stage: str) -> float:
    """The true chance of a stage, given the one before."""
    return process.SOURCES[process.SOURCE_NAMES.index(source)].steps[LATER.index(stage)]


def reaches(tables: Tables, days: int | None = None) -> Iterator[Interval]:
    """The probability of having reached a stage in so many days, with the Aalen–Johansen band.

    Of journeys that entered in the last so many days, or of all; of young ones only what half of
    the cohort is old enough to tell.
    """
    truth, start = population(days), scope_of(days).start
    for stage, times in told(days):
        for one in reach.reach(tables, PACT, UNTIL, stage=stage, days=times, by="source", start=start).reach:
            company, source = named(one.group)
            if source in SOURCES:
                question, true = f"{stage} in {one.days:g} days", truth[source, stage, one.days]
                yield Interval(question, company, source, one.n, one.probability, one.ci_low, one.ci_high, true)


def told(days: int | None) -> list[tuple[str, list[float]]]:
    """The stages and times a cohort of that age is asked about."""
    fit = {stage: [time for time in times if days is None or 2 * time <= days] for stage, times in ASKED.items()}
    return [(stage, times) for stage, times in fit.items() if times]


def named(group: str | None) -> tuple[str, str]:
    company, _, source = (group or "").partition("|")
    return company, source


@cache
def population(days: int | None = None, chunks: int = 6) -> Mapping[tuple[str, str, float], float]:
    """The true reach by (source, stage, days), of journeys that entered in the last so many days, or of all.

    Counted over journeys of the model, spam apart, each followed to its end however long after
    `until` that is: 50,000 leads a chunk.
    """
    since = 0 if days is None else clock_until(UNTIL).until - days * DAY
    drawn = [_followed(number) for number in range(chunks)]
    source = np.concatenate([codes for codes, _, _ in drawn])
    entry = np.concatenate([entries for _, entries, _ in drawn])
    found = {}
    for stage, times in ASKED.items():
        after = np.concatenate([waited[stage] for _, _, waited in drawn])
        for name in SOURCES:
            own = after[(source == process.SOURCE_NAMES.index(name)) & (entry >= since)]
            found |= {(name, stage, time): float(np.mean(own <= time * DAY)) for time in times}
    return found


def uncensored(chunks: int = 6) -> Mapping[tuple[str, str], tuple[float, int]]:
    """How often journeys of the model ever reach a stage, and of how many, by (source, stage)."""
    drawn = [_followed(number) for number in range(chunks)]
    source = np.concatenate([codes for codes, _, _ in drawn])
    found = {}
    for stage in LATER:
        ever = np.concatenate([waited[stage] for _, _, waited in drawn]) < NEVER
        for name in SOURCES:
            own = ever[source == process.SOURCE_NAMES.index(name)]
            found[name, stage] = float(own.mean()), own.size
    return found


@cache
def _followed(number: int) -> tuple[Ints, Ints, Mapping[str, Ints]]:
    """Source, entry, and seconds until each stage or a later one, of the journeys of one chunk."""
    rng, clock = np.random.default_rng([900_000 + number]), clock_until(UNTIL)
    people = populate(rng, clock, Place(50_000, 0))
    lived = live(rng, clock, people)
    # what the CRM shows of a skipped stage is the next one
    shown = {
        "mql": np.where(lived.skip_mql, NEVER, lived.mql),
        "sal": np.where(lived.skip_sal, NEVER, lived.sal),
        "sql": lived.sql,
        "opportunity": lived.deal,
        "customer": lived.won,
    }
    valid, after, soonest = ~lived.spam, {}, np.full(lived.size, NEVER)
    for stage in reversed(LATER):
        soonest = np.minimum(soonest, shown[stage])
        after[stage] = np.where(soonest < NEVER, soonest - lived.start, NEVER)[valid]
    return people.source[lived.person][valid], lived.start[valid], after


def share_covered(intervals: Iterable[Interval]) -> tuple[float, int]:
    """The share of intervals that cover the truth, and how many there are to judge."""
    judged = [one.covers for one in intervals if one.covers is not None]
    return sum(judged) / len(judged), len(judged)
