"""Conversion by response time: of those answered so fast, how many reached the next stage, and won.

What is found is an association, never a cause: Sales may call the best leads first.

Immortal time is kept out by counting from the answer, not from the hand-over. A lead is in a
band once it is answered; what happens from that moment on, for `days`, is the same length for
every band. Counted from the hand-over, those answered after a week would have been safe from
every end for a week, and have had a week less to convert. Therefore:
- who reached the stage at or before the answer is `before`: the answer cannot have helped;
- who was answered less than `days` ago is `young`, converted or not: of the young ones only
  those who converted quickly are known yet;
- who was never answered has no band. Reaching a stop stage *is* an answer, so that group
  could not convert by definition, and a rate of 0 % would say nothing;
- spam, tests and duplicates are `invalid`, an entry of unknown time is `undated`.
An end before `days` have passed is a journey that did not convert.

Not here: response times themselves (response.py), intervals (significance.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import pandas as pd

from config.parts import SlaPolicy
from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.funnel import share
from leadpact.metrics.rate import Rate
from leadpact.metrics.response import edges, responses, undated
from leadpact.metrics.significance import Difference, two_proportions
from leadpact.tables import Table, Tables

DAYS = 90.0
DAY = 86_400_000_000  # microseconds
PARTS = ("converted", "not", "young", "before", "undated", "invalid", "unanswered")


def outcomes(pact: Pact, policy: SlaPolicy) -> list[str]:
    """The stages whose conversion is told: the one after the first stop stage, and the won ones."""
    funnel = [stage.key for stage in pact.funnel]
    stops = [funnel.index(key) for key in policy.stops.stages if key in funnel]
    start = funnel.index(policy.starts) if policy.starts in funnel else -1
    after = funnel[(min(stops) if stops else start) + 1 :]
    won = [key for key in after if key in pact.keys("won")]
    return list(dict.fromkeys([*after[:1], *won[:1]]))


def conversions(
    tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy, *, by: str | None = None, days: float = DAYS
) -> Table:
    """The clocks with what followed the answer.

    Out: the columns of `responses`, and for every stage of `outcomes` `part_<stage>` (one of
    PARTS) and `reached_<stage>` (UTC; first entry to it or a later funnel stage, in the
    clock's journey and after its start; null where there is none).
    """
    clock = responses(tables, pact, as_of, policy, by)
    funnel = [stage.key for stage in pact.funnel]
    wanted = {stage: funnel[funnel.index(stage) :] for stage in outcomes(pact, policy)}
    if not wanted:
        return clock
    spell = tables.spell
    later = spell.filter(spell.stage.isin(sorted({key for keys in wanted.values() for key in keys})))
    later = later.select("stage", "entered_at", of="person_id", later_n="n", later_journey="journey")
    joined = clock.select("person_id", "n", "journey").inner_join(later, [clock.person_id == later.of])
    # a clock outside every journey (its start comes before the funnel) is followed into the next
    joined = joined.filter(
        joined.later_n > joined.n, (joined.journey == joined.later_journey).fill_null(joined.journey.isnull())
    )
    within = {stage: joined.stage.isin(keys) for stage, keys in wanted.items()}
    found = joined.group_by(of_person="person_id", of_n="n").aggregate(
        **{f"reached_{stage}": joined.entered_at.min(where=here) for stage, here in within.items()},
        **{f"undated_{stage}": (here & joined.entered_at.isnull()).any() for stage, here in within.items()},
    )
    journey = tables.journey.select(j_person="person_id", j_number="journey", j_end="end_kind")
    both = clock.left_join(found, (clock.person_id == found.of_person) & (clock.n == found.of_n))
    both = both.left_join(journey, (both.person_id == journey.j_person) & (both.journey == journey.j_number))
    until = both.stopped_at + ibis.interval(microseconds=round(days * DAY))
    parts = {f"part_{stage}": _part(both, stage, until, as_of) for stage in wanted}
    return both.mutate(**parts).drop(
        "of_person", "of_n", "j_person", "j_number", "j_end", *(f"undated_{stage}" for stage in wanted)
    )


def _part(both: Table, stage: str, until: Any, as_of: datetime) -> Any:
    reached = both[f"reached_{stage}"]
    return ibis.cases(
        (both.answer != "answered", "unanswered"),
        ((both.j_end == "invalid").fill_null(False), "invalid"),
        (both[f"undated_{stage}"].fill_null(False), "undated"),
        ((reached <= both.stopped_at).fill_null(False), "before"),
        (until > ibis.timestamp(as_of.isoformat(" ")), "young"),
        ((reached <= until).fill_null(False), "converted"),
        else_="not",
    )


@dataclass(frozen=True, kw_only=True)
class Band(Rate):
    """Leads answered after more than `from_hours` and at most `to_hours` (null: no end).

    `n` were answered at least the asked days ago; `converted` of them reached the stage within
    those days. Rate and Wilson's 95 % interval are null for 0 of 0. `young` are left out.
    """

    group: str | None
    stage: str
    from_hours: float
    to_hours: float | None
    young: int


@dataclass(frozen=True)
class Contrast:
    """Answered in time against answered late, of one group: an association, never a cause."""

    group: str | None
    stage: str
    in_time: Band
    late: Band

    @property
    def difference(self) -> Difference | None:
        """In time minus late, with its interval; null where one of them is empty."""
        return two_proportions(self.in_time.converted, self.in_time.n, self.late.converted, self.late.n)


@dataclass(frozen=True)
class Conversion:
    """Conversion by response time of one policy, `days` after the answer, and what was left out.

    `left_out` holds for each stage how many clocks were `young`, `before`, `undated`, `invalid`
    and `unanswered`; `coverage` is the share of entries into the start stage of known time.
    """

    policy: str
    days: float
    stages: tuple[str, ...]
    bands: tuple[Band, ...]
    contrasts: tuple[Contrast, ...]
    left_out: dict[str, dict[str, int]]
    coverage: float | None

    def of(self, stage: str, group: str | None = None) -> list[Band]:
        """The bands of one stage and group, the fastest first."""
        return [band for band in self.bands if (band.stage, band.group) == (stage, group)]


def conversion(
    tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy, *, by: str | None = None, days: float = DAYS
) -> Conversion:
    """The rates of every band and stage. Executes. Raises Misconfigured unless `days` is above 0."""
    if days <= 0:
        raise Misconfigured("sla.bad_days")
    rows = conversions(tables, pact, as_of, policy, by=by, days=days)
    stages = outcomes(pact, policy)
    names = ["group", "bin", *(f"part_{stage}" for stage in stages)]
    counts = rows.group_by(names).aggregate(clocks=rows.count()).execute()
    counts["group"] = counts["group"].astype("object").where(counts["group"].notna(), None)
    groups = sorted(counts["group"].unique(), key=lambda name: (name is None, name or "")) if len(counts) else [None]
    known, without = int(counts["clocks"].sum()), undated(tables, policy)
    found: list[Band] = []
    contrasts: list[Contrast] = []
    ends = edges(policy)
    place = ends.index(float(policy.target.hours))
    for group in groups:
        own = counts[counts["group"].isna() if group is None else counts["group"] == group]
        for stage in stages:
            found += [_band(own, group, stage, ends, k, k) for k in range(len(ends) + 1)]
            halves = (_band(own, group, stage, ends, *span) for span in ((0, place), (place + 1, len(ends))))
            contrasts.append(Contrast(group, stage, *halves))
    return Conversion(
        policy=policy.id,
        days=days,
        stages=tuple(stages),
        bands=tuple(found),
        contrasts=tuple(contrasts),
        left_out={stage: {part: _count(counts, stage, part) for part in PARTS[2:]} for stage in stages},
        coverage=share(known, known + without),
    )


def _band(own: pd.DataFrame, group: str | None, stage: str, ends: tuple[float, ...], first: int, last: int) -> Band:
    """The bins from `first` to `last` as one band."""
    here = own[own["bin"].between(first, last)]
    converted = _count(here, stage, "converted")
    return Band(
        group=group,
        stage=stage,
        from_hours=ends[first - 1] if first else 0.0,
        to_hours=ends[last] if last < len(ends) else None,
        n=converted + _count(here, stage, "not"),
        converted=converted,
        young=_count(here, stage, "young"),
    )


def _count(counts: pd.DataFrame, stage: str, part: str) -> int:
    return int(counts.loc[counts[f"part_{stage}"] == part, "clocks"].sum())
