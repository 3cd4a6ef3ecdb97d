"""Paths: the sequences of stages journeys (or people) went through, the most common first.

A path is the stages in the order they were entered, equal neighbours once; two paths are equal
when all their stages are. A journey's path ends with its end stage; one still open, with where
it stands.

Not here: moves one by one (flow.py), stages entered again (flow_rework.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.flow_spells import grouped, order, settled, within
from leadpact.metrics.funnel import share
from leadpact.tables import Table, Tables

Unit = Literal["journey", "person"]
UNITS: tuple[Unit, ...] = ("journey", "person")
TOP, STEPS = 10, 6
ENDS = ("won", "recycled", "disqualified", "deleted", "invalid", "open")


@dataclass(frozen=True)
class Path:
    """One path: how many took it, their share of all in its group, and how they ended (ENDS → count).

    `codes` are what `walks` calls it: more than one, as a journey need not begin with a person's first spell.
    """

    group: str | None
    stages: tuple[str, ...]
    count: int
    share: float | None
    ends: Mapping[str, int]
    codes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The path as one word, for links and choices."""
        return "-".join(self.stages)

    def as_json(self) -> dict[str, Any]:
        return {
            "group": self.group,
            "path": list(self.stages),
            "count": self.count,
            "share": self.share,
            "ends": {end: self.ends[end] for end in ENDS if self.ends.get(end)},
        }


@dataclass(frozen=True)
class Step:
    """How many went from one stage to the next as their `place`-th step (1, 2, …); null: it ends there."""

    place: int
    stage: str
    next_stage: str | None
    count: int


@dataclass(frozen=True)
class Paths:
    """The most common paths of `total` journeys or people, `distinct` different ones in all.

    `repeated`: of `total`, those with a stage entered twice or more. `steps`: the first moves of all
    of them. `coverage`: share of them without a time that is not known. `unknown`: left out of
    `total`, because a range was asked for and their entry is not known.
    """

    unit: Unit
    paths: tuple[Path, ...]
    total: int
    distinct: int
    repeated: int
    steps: tuple[Step, ...]
    coverage: float | None
    unknown: int


def walks(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    unit: Unit = "journey",
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
) -> Table:
    """One row per journey (or person) that began in the days `[start, end)`, with its path.

    Out: object, record_id (of the first record), person_id, journey (a person's first), entered_at
    (UTC, null: not known), ended (one of ENDS; a person's, of the kind of the last stage), imputed
    (some time is not known), part (`counted`; `unknown`: no entry time and a range asked for), code
    (the path as text; `decoded` reads it), group. Raises Misconfigured for a unit that is none.
    """
    if unit not in UNITS:
        raise Misconfigured("flow.bad_unit", unit=str(unit), known=", ".join(UNITS))
    spell = settled(tables.spell)
    whole = _journeys(spell, tables, pact) if unit == "journey" else _people(spell, pact)
    ranged = start is not None or end is not None
    inside = within(whole.entered_at, pact, start, end)
    left_out = whole.entered_at.isnull() if ranged else ibis.literal(False)
    parted = whole.mutate(
        part=ibis.cases((left_out, "unknown"), else_="counted"),
        # collected in any order: the step's number leads, so sorting puts them right
        code=whole.walked.sort().cast("array<string>").join("."),
        entry=whole.entered_at,
    ).drop("walked")
    return grouped(parted.filter(left_out | inside) if ranged else parted, tables, by, pact).drop("entry", "owner_id")


def _journeys(spell: Table, tables: Tables, pact: Pact) -> Table:
    each = _walked(spell.filter(spell.journey.notnull()), ["person_id", "journey"], pact)
    each = each.rename(of_person="person_id", of_journey="journey")
    journey = tables.journey
    joined = journey.inner_join(each, (journey.person_id == each.of_person) & (journey.journey == each.of_journey))
    ended = joined.end_kind.fill_null("open")
    return joined.select(
        "object", "record_id", "person_id", "journey", "owner_id", "entered_at", "imputed", "walked", ended=ended
    )


def _people(spell: Table, pact: Pact) -> Table:
    last = spell.kind.argmax(spell.n)
    each = _walked(
        spell,
        ["person_id"],
        pact,
        object=spell.object.argmin(spell.n),
        record_id=spell.record_id.argmin(spell.n),
        journey=spell.journey.min(),
        # argmin passes over nulls, and nobody is an answer too
        owner_id=spell.owner_id.fill_null("").argmin(spell.n).nullif(""),
        begun=spell.entered_at.min(),
        begun_known=spell.entered_at.notnull().cast("int8").argmin(spell.n),
        known=spell.entered_at.notnull().cast("int8").min(),
        stays=spell.lasts.cast("int8").max(),
        last=last,
    )
    ended = ibis.cases(
        (each.stays == 0, "deleted"),
        (each["last"].isin(["won", "retained"]), "won"),
        (each["last"].isin(["recycled", "disqualified", "invalid"]), each["last"]),
        else_="open",
    )
    return each.select(
        "object", "record_id", "person_id", "journey", "owner_id", "walked",
        entered_at=ibis.ifelse(each.begun_known == 1, each.begun, ibis.null("timestamp")),
        imputed=each.known == 0,
        ended=ended,
    )  # fmt: skip


def _walked(own: Table, keys: list[str], pact: Pact, **more: Any) -> Table:
    """The steps of each, in any order, as numbers: n of the spell × base + number of the stage."""
    places = order(pact)
    number = own.stage.cases(*places.items(), else_=len(places)).cast("int64")
    own = own.mutate(step=own.n * _base(pact) + number)
    return own.group_by(*keys).aggregate(walked=own.step.collect(), **more)


def _base(pact: Pact) -> int:
    return len(order(pact)) + 1


def decoded(code: str, pact: Pact) -> tuple[str, ...]:
    """The stages a code stands for, equal neighbours once."""
    keys, base = list(order(pact)), _base(pact)
    stages = [keys[int(step) % base] for step in code.split(".")] if code else []
    return tuple(stage for place, stage in enumerate(stages) if place == 0 or stages[place - 1] != stage)


def paths(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    unit: Unit = "journey",
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
    top: int = TOP,
) -> Paths:
    """The `top` most common paths of each group, and what is known of all of them. Executes.

    The range is of the entry of the journey (or person); what happens after it still counts.
    """
    rows = walks(tables, pact, as_of, unit=unit, start=start, end=end, by=by)
    counted = rows.group_by("group", "part", "code", "ended").aggregate(
        n=rows.count(), imputed=rows.imputed.cast("int64").sum()
    )
    found: list[Mapping[str, Any]] = counted.to_pyarrow().to_pylist()
    unknown = sum(row["n"] for row in found if row["part"] == "unknown")
    every = sum(row["n"] for row in found)
    kept = [row for row in found if row["part"] == "counted"]
    stages = {code: decoded(code, pact) for code in {row["code"] for row in kept}}
    ends: dict[tuple[str | None, tuple[str, ...]], Counter[str]] = {}
    codes: dict[tuple[str, ...], set[str]] = {}
    totals: Counter[str | None] = Counter()
    for row in kept:
        walked = stages[row["code"]]
        ends.setdefault((row["group"], walked), Counter())[row["ended"]] += row["n"]
        codes.setdefault(walked, set()).add(row["code"])
        totals[row["group"]] += row["n"]
    ranked = sorted(ends, key=lambda key: (key[0] is None, key[0] or "", -ends[key].total(), key[1]))
    best = [key for group in totals for key in [one for one in ranked if one[0] == group][:top]]
    best.sort(key=ranked.index)
    sizes: Counter[tuple[str, ...]] = Counter()
    for (_, walked), how in ends.items():
        sizes[walked] += how.total()
    return Paths(
        unit=unit,
        paths=tuple(
            Path(group, walked, ends[group, walked].total(), share(ends[group, walked].total(), totals[group]),
                 dict(ends[group, walked]), tuple(sorted(codes[walked])))
            for group, walked in best
        ),
        total=totals.total(),
        distinct=len(sizes),
        repeated=sum(count for walked, count in sizes.items() if len(set(walked)) < len(walked)),
        steps=_steps(sizes),
        coverage=share(every - sum(row["imputed"] for row in found), every),
        unknown=unknown,
    )  # fmt: skip


def _steps(sizes: Mapping[tuple[str, ...], int]) -> tuple[Step, ...]:
    """The first STEPS moves of all paths, in order of place and size."""
    found: Counter[tuple[int, str, str | None]] = Counter()
    for walked, count in sizes.items():
        following = (*walked[1:], None)
        for place, (stage, after) in enumerate(zip(walked, following, strict=True), start=1):
            if place > STEPS:
                break
            found[place, stage, after] += count
    ranked = sorted(found.items(), key=lambda item: (item[0][0], -item[1], item[0][1], item[0][2] or ""))
    return tuple(Step(place, stage, after, count) for (place, stage, after), count in ranked)
