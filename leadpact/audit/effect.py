"""The effect of a value map or a plan, today beside after: counts, funnel, time in stage, SLA.

Not here: how the company after the map is made (simulate.py), the map itself (valuemap.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from config.schema import UNMAPPED, Pact
from leadpact.audit.facts import rows_of
from leadpact.audit.simulate import Count, World, after, stage_counts, value_counts
from leadpact.audit.valuemap import Addition, ValueMap
from leadpact.metrics import funnel, sla, velocity
from leadpact.metrics.funnel import Funnel, Scope
from leadpact.metrics.sla import PolicyResult
from leadpact.metrics.velocity import Velocity
from leadpact.workspace import Analysis

WINDOW_DAYS = 90


@dataclass(frozen=True)
class Pair:
    """One figure today and after; null where it is not known."""

    before: float | None
    after: float | None

    @property
    def difference(self) -> float | None:
        """Null where either is not known."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True)
class Effect:
    """What the map does. Of `changed` records, `silent` ones get a value that no spell shows.

    Those are statuses filled where none was logged, and records of persons who have gone on
    with another record: the status changes, the journey does not. `open` records wait for a
    decision, `frozen` ones cannot be changed; neither is simulated. Funnel: every entry, steps
    reached within 90 days. Each metric has its own coverage, today's and after's.
    """

    changed: int
    people: int
    open: int
    frozen: int
    silent: int
    additions: tuple[Addition, ...]
    values: tuple[Count, ...]
    stages: tuple[Count, ...]
    funnels: tuple[Funnel, Funnel]
    velocities: tuple[Velocity, Velocity]
    slas: tuple[tuple[PolicyResult, ...], tuple[PolicyResult, ...]]

    @property
    def funnel(self) -> tuple[tuple[str, Mapping[str, Pair]], ...]:
        """By step: entered, converted, rate_of_first and mature_rate."""
        names = ("entered", "converted", "rate_of_first", "mature_rate")
        before, now = ({step.stage: step for step in one.steps} for one in self.funnels)
        return tuple((key, _pairs(before[key], now.get(key), names)) for key in before)

    @property
    def velocity(self) -> tuple[tuple[str, Mapping[str, Pair]], ...]:
        """By stage: n spells, n_open and median_days."""
        before, now = ({one.stage: one for one in each.stages} for each in self.velocities)
        keys = [*before, *(key for key in now if key not in before)]
        return tuple((key, _pairs(before.get(key), now.get(key), ("n", "n_open", "median_days"))) for key in keys)

    @property
    def sla(self) -> tuple[tuple[str, Mapping[str, Pair]], ...]:
        """By policy: compliance, clocks, the states that count, and median_hours."""
        names = ("compliance", "clocks", "met", "breached", "overdue", "running", "median_hours")
        before, now = ({one.policy: one for one in each} for each in self.slas)
        return tuple((key, _pairs(before[key], now.get(key), names)) for key in before)

    def as_json(self) -> dict[str, Any]:
        """As the command line gives it: every figure as before, after and difference."""
        return {
            "changed": self.changed,
            "people": self.people,
            "open": self.open,
            "frozen": self.frozen,
            "silent": self.silent,
            "pact_additions": [asdict(one) for one in self.additions],
            "values": [{**asdict(one), "difference": one.difference} for one in self.values],
            "stages": [
                {"stage": one.stage, "before": one.before, "after": one.after, "difference": one.difference}
                for one in self.stages
            ],
            "funnel": {"window_days": WINDOW_DAYS, **_covered(self.funnels), "steps": _told("stage", self.funnel)},
            "velocity": {**_covered(self.velocities), "stages": _told("stage", self.velocity)},
            "sla": _told("policy", self.sla),
        }


def _pairs(before: Any, now: Any, names: tuple[str, ...]) -> Mapping[str, Pair]:
    return {
        name: Pair(before and getattr(before, name), now and getattr(now, name)) for name in names
    }  # a stage that is new, or gone, has figures on one side only


def _covered(both: tuple[Any, Any]) -> dict[str, Any]:
    return {"coverage": {"before": both[0].coverage, "after": both[1].coverage}}


def _told(what: str, rows: tuple[tuple[str, Mapping[str, Pair]], ...]) -> list[dict[str, Any]]:
    return [
        {what: key, **{name: {**asdict(pair), "difference": pair.difference} for name, pair in pairs.items()}}
        for key, pairs in rows
    ]


def effect(analysis: Analysis, values: ValueMap) -> Effect:
    """The effect of the map at the moment of the analysis. Executes; changes nothing."""
    waiting = sum(row.records for row in values.rows if row.open)
    return between(analysis, after(analysis, values), open=waiting, frozen=sum(row.frozen for row in values.rows))


def between(analysis: Analysis, world: World, *, open: int = 0, frozen: int = 0) -> Effect:
    """What tells the company of the analysis from `world`. `open` and `frozen`: as in Effect. Executes."""
    scope = Scope(window_days=WINDOW_DAYS)

    shown = funnel.reachable(world.pact, scope)  # the same steps on both sides

    def both(metric: Callable[..., Any], *args: Any, pact: Pact | None = None) -> tuple[Any, Any]:
        first = metric(analysis.tables, pact or analysis.pact, analysis.as_of, *args)
        return first, metric(world.tables, pact or world.pact, analysis.as_of, *args) if world.people else first

    return Effect(
        changed=world.changed,
        people=world.people,
        open=open,
        frozen=frozen,
        silent=_silent(world),
        additions=world.additions,
        values=tuple(one for one in value_counts(analysis, world) if one.before or one.after),
        stages=stage_counts(analysis, world),
        funnels=both(funnel.conversion, scope, pact=shown),
        velocities=both(velocity.velocity),
        slas=both(sla.compliance),
    )


def _silent(world: World) -> int:
    """Changed records whose person does not stand in the new value's stage afterwards."""
    if not world.changed:
        return 0
    spell = world.tables.spell.semi_join(world.changes, "person_id")
    last = spell.group_by(of_person="person_id").aggregate(standing=spell.stage.argmax(spell.n))
    joined = world.changes.left_join(last, world.changes.person_id == last.of_person)
    by = joined.group_by("object", "after", "standing").aggregate(n=joined.count())
    return sum(
        row["n"]
        for row in rows_of(by)
        if row["standing"] != world.pact.status_map.of(row["object"]).get(row["after"], UNMAPPED)
    )
