"""The funnel: how many journeys of a cohort reach each stage, and where they stop.

The cohort is journeys by their entry (or first entry to an anchor stage), never events; what
happens after the range still counts. Young journeys are pending, not lost.

Not here: what may be asked (funnel_scope.py), who is in the cohort (funnel_cohort.py), the
people behind a step (funnel_people.py), how it is drawn (ui/funnel_view.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.schema import Pact
from leadpact.metrics.funnel_cohort import cohort, untouched
from leadpact.metrics.funnel_scope import DAY, MODES, Mode, Scope, reachable, step_keys
from leadpact.metrics.rate import SMALL
from leadpact.metrics.significance import wilson
from leadpact.tables import Table, Tables

__all__ = ["DAY", "MODES", "SMALL", "Funnel", "Mode", "Scope", "Step", "cohort", "conversion", "reachable", "share",
           "steps", "untouched"]  # fmt: skip


def steps(cohort: Table, pact: Pact, scope: Scope, *also: str) -> Table:
    """The numbers of every step, a row per group (and per value of the columns named in `also`).

    In: a cohort. Out: group, and per step k `entered_k`, `converted_k`, `lost_k`, `mature_k`
    (mature ones among entered) and `mature_converted_k`; counts, 0 for an empty group.
    """
    return _counts(cohort.filter(cohort.part == "counted"), pact, scope, "group", *also)


def _counts(people: Table, pact: Pact, scope: Scope, *by: str) -> Table:
    """As `steps`, of everybody given, whatever part of the cohort they are in."""
    counted = people.mutate(everyone=True)
    numbers: dict[str, Any] = {}
    for k in range(len(step_keys(pact, scope))):
        first = k == 0 or scope.mode == "visited"
        entered = counted.everyone if first else counted[f"reached_{k - 1}"]
        reached = counted[f"reached_{k}"] & entered
        mature = counted.mature.fill_null(False) & entered
        numbers |= {
            f"entered_{k}": entered.cast("int64").sum(),
            f"converted_{k}": reached.cast("int64").sum(),
            f"lost_{k}": (entered & ~counted[f"reached_{k}"] & counted.decided).cast("int64").sum(),
            f"mature_{k}": mature.cast("int64").sum(),
            f"mature_converted_{k}": (mature & reached).cast("int64").sum(),
        }
    return counted.group_by(*by).aggregate(cohort=counted.count(), **numbers)


@dataclass(frozen=True)
class Step:
    """One step of one group. Rates are null where their denominator is 0 or does not apply."""

    group: str | None
    stage: str
    entered: int
    converted: int
    lost: int
    pending: int
    rate_of_first: float | None
    rate_of_previous: float | None
    mature_entered: int | None
    mature_converted: int | None
    mature_rate: float | None
    ci_low: float | None
    ci_high: float | None

    @property
    def small(self) -> bool:
        """Too few to read a rate from."""
        return self.entered < SMALL


@dataclass(frozen=True)
class Funnel:
    """A funnel and what was left out of it. `coverage` is the share without imputed changes."""

    scope: Scope
    steps: tuple[Step, ...]
    coverage: float | None
    untouched: int
    unknown: int
    invalid: int


def conversion(tables: Tables, pact: Pact, as_of: datetime, scope: Scope) -> Funnel:
    """The funnel of `scope` at `as_of`. Executes; the tables are those of `as_of`."""
    people = cohort(tables, pact, as_of, scope)
    # who was left out comes along with who was counted: one look at the journeys, not two
    found = _counts(people, pact, scope, "group", "part", "imputed").execute()
    of_part = found.groupby("part")["cohort"].sum()
    total, imputed = int(found["cohort"].sum()), int(found.loc[found["imputed"].astype(bool), "cohort"].sum())
    counted = found[found["part"] == "counted"].drop(columns=["part", "imputed"])
    groups = counted.groupby("group", dropna=False).sum().reset_index()
    rows = groups.sort_values(["cohort", "group"], ascending=[False, True]).to_dict("records")
    if not rows and scope.by is None:
        rows = [{}]
    return Funnel(
        scope=scope,
        steps=tuple(step for row in rows for step in _rates(row, pact, scope)),
        coverage=None if total == 0 else 1 - imputed / total,
        untouched=untouched(tables, pact, scope),
        unknown=int(of_part.get("unknown", 0)),
        invalid=int(of_part.get("invalid", 0)),
    )


def _rates(row: Mapping[str, Any], pact: Pact, scope: Scope) -> list[Step]:
    group = row.get("group")
    found = []
    windowed = scope.window_days is not None
    for k, stage in enumerate(step_keys(pact, scope)):
        value = {
            name: int(row.get(f"{name}_{k}", 0) or 0)
            for name in ("entered", "converted", "lost", "mature", "mature_converted")
        }
        low, high = (wilson(value["mature_converted"], value["mature"]) if windowed else None) or (None, None)
        found.append(
            Step(
                group=group if isinstance(group, str) else None,
                stage=stage,
                entered=value["entered"],
                converted=value["converted"],
                lost=value["lost"],
                pending=value["entered"] - value["converted"] - value["lost"],
                rate_of_first=share(value["converted"], int(row.get("cohort", 0) or 0)),
                rate_of_previous=None if scope.mode == "visited" else share(value["converted"], value["entered"]),
                mature_entered=value["mature"] if windowed else None,
                mature_converted=value["mature_converted"] if windowed else None,
                mature_rate=share(value["mature_converted"], value["mature"]) if windowed else None,
                ci_low=low,
                ci_high=high,
            )
        )
    return found


def share(part: int, whole: int) -> float | None:
    """part / whole; null for 0 of 0."""
    return None if whole == 0 else part / whole
