"""Where a value's records could go: the value people should have used for the same stage.

A proposal for people to judge; nothing is written because of it.

Not here: what is wrong with the value (rules), planning and writing (leadpact/writeback).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from config.propose import propose_stage
from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.values import StatusValue


@dataclass(frozen=True)
class Target:
    """A stage of the pact, and the value that stands for it; null where none does."""

    stage: str
    label: str
    value: str | None


def target(tables: Facts, pact: Pact, value: StatusValue) -> Target | None:
    """The stage the pact gives this value, or its wording suggests, and that stage's best value.

    Null where neither names a stage.
    """
    stage = stage_of(pact, value.object, value.value) or propose_stage(value.wording)
    keys = {one.key: one.label for one in pact.stages}
    if stage is None or stage not in keys:
        return None
    return Target(stage, keys[stage], best_value(tables, pact, value.object, stage, apart_from=value.value))


def stage_of(pact: Pact, object: str, value: str | None) -> str | None:
    """The stage that claims this raw value of this object; null where none does."""
    return pact.status_map.of(object).get(value or "")


def values_of_kind(pact: Pact, object: str, kinds: Sequence[str]) -> list[str]:
    """The raw values of an object that the pact maps to stages of these kinds."""
    keys = set(pact.keys(*kinds))
    return [value for value, key in pact.status_map.of(object).items() if key in keys]


def best_value(tables: Facts, pact: Pact, object: str, stage: str, *, apart_from: str | None = None) -> str | None:
    """The value of `object` that stands best for a stage: a state, on offer, held by most.

    Before the funnel "Unknown" will do, which elsewhere says too little.

    Where nothing is known of the object's values, one the pact maps. Null where there is none.
    """
    good = ("state", "vague") if pact.stage(stage).kind == "untouched" else ("state",)
    names = [value for value, key in pact.status_map.of(object).items() if key == stage and value != apart_from]
    known = [tables.by_key[(object, name)] for name in names if (object, name) in tables.by_key]
    open_to_choice = object not in tables.picklists
    fit = [
        one for one in known if (one.offered or open_to_choice) and not one.is_converted and tables.kind(one) in good
    ]
    if not fit:
        worded = [name for name in names if tables.verdict(name).kind in good]
        return min(worded, default=None) if open_to_choice else None
    return min(fit, key=lambda one: (-one.records, one.value)).value
