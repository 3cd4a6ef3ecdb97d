"""Records under two pacts at once: their lights today, who is green under one only, and which rules differ.

Only those count whom Sales does not have yet and whose way is not at its end: for the others the
light decides nothing any more.

Not here: weeks and outcomes (simulate.py), one record rule by rule (explain.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ibis

from config.schema import Pact
from leadpact.metrics.timeline import governed
from leadpact.scoring import score, score_sides
from leadpact.scoring.handover import TAKEN
from leadpact.scoring.moments import KEYS
from leadpact.scoring.score import AMBER, GREEN, RED
from leadpact.tables import Table, Tables

GAINED, LOST = SIDES = ("gained", "lost")


def disagreeing(tables: Tables, before: Pact, after: Pact, as_of: datetime, side: str | None = None) -> Table:
    """The records that are green under one of the two only, to be talked about.

    Out: object, record_id, side (`gained`, `lost`), score_before, light_before, score_after, light_after,
    missing_after (as score.scores). `side` asks for one of them.
    """
    both = _both(waiting(tables), before, after, as_of)
    found = both.mutate(
        side=ibis.cases(
            ((both.light_after == GREEN) & (both.light_before.fill_null("") != GREEN), GAINED),
            ((both.light_before == GREEN) & (both.light_after.fill_null("") != GREEN), LOST),
            else_=ibis.null("string"),
        )
    )
    found = found.filter(found.side.notnull() if side is None else found.side == side)
    return found.select(*KEYS, "side", "score_before", "light_before", "score_after", "light_after", "missing_after")


@dataclass(frozen=True)
class Reason:
    """A rule that gives a record other points under the draft; null: not there, or undecided."""

    rule: str
    before: float | None
    after: float | None


def reasons(
    tables: Tables, before: Pact, after: Pact, as_of: datetime, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Reason, ...]]:
    """For these records, the rules that make the difference, the largest first. Meant for a page of them."""
    wanted = ibis.memtable(
        [{"object": object, "record_id": record_id} for object, record_id in keys],
        schema={"object": "string", "record_id": "string"},
    )
    people = tables.record.semi_join(wanted, KEYS).select("person_id").distinct()
    own = replace(tables, record=tables.record.semi_join(people, "person_id"))
    points = [_points(own, pact, as_of, wanted) for pact in (before, after)]
    found = {}
    for key in keys:
        then, now = (one.get(key, {}) for one in points)
        changed = [
            Reason(rule, then.get(rule), now.get(rule))
            for rule in dict.fromkeys([*then, *now])
            if (then.get(rule) or 0.0) != (now.get(rule) or 0.0)
        ]
        found[key] = tuple(sorted(changed, key=lambda one: -abs((one.after or 0.0) - (one.before or 0.0))))
    return found


def _points(tables: Tables, pact: Pact, as_of: datetime, wanted: Table) -> dict[tuple[str, str], dict[str, Any]]:
    rows = score.hits(tables, pact, as_of).semi_join(wanted, KEYS).to_pyarrow().to_pylist()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        found.setdefault((row["object"], row["record_id"]), {})[row["rule"]] = row["points"]
    return found


@dataclass(frozen=True)
class RuleEffect:
    """A rule over the records that disagree: how many it gives more points under the draft, how many fewer.

    `points`: the change summed over them all.
    """

    rule: str
    more: int
    fewer: int
    points: float


def by_rule(tables: Tables, before: Pact, after: Pact, as_of: datetime) -> tuple[RuleEffect, ...]:
    """Which rules make the two versions disagree, the weightiest first. One query."""
    wanted = disagreeing(tables, before, after, as_of).select(*KEYS)
    own = waiting(tables)
    sides = []
    for name, pact in (("before", before), ("after", after)):
        ruled = replace(own, record=governed(own.record, pact))
        given = score.hits(ruled, pact, as_of).semi_join(wanted, KEYS)
        sides.append(given.select(*KEYS, "rule", points=given.points.fill_null(0.0), name=ibis.literal(name)))
    both = (
        ibis.union(*sides)
        .group_by(*KEYS, "rule")
        .aggregate(
            change=lambda t: (
                t.points.sum(where=t.name == "after").fill_null(0.0)
                - t.points.sum(where=t.name == "before").fill_null(0.0)
            )
        )
    )
    rows = both.group_by("rule").aggregate(
        more=(both.change > 0).sum(), fewer=(both.change < 0).sum(), points=both.change.sum()
    )
    found = [RuleEffect(row["rule"], int(row["more"]), int(row["fewer"]), float(row["points"]))
             for row in rows.to_pyarrow().to_pylist()]  # fmt: skip
    return tuple(sorted((one for one in found if one.more or one.fewer), key=lambda one: (-abs(one.points), one.rule)))


def waiting(tables: Tables) -> Tables:
    """The tables with the records only whose person Sales does not have yet and whose way is not at its end."""
    record = tables.record.filter(there(tables.record))
    if tables.spell is not None:
        taken = tables.spell.filter(tables.spell.lasts, tables.spell.kind.isin(TAKEN)).select("person_id")
        record = record.anti_join(taken, "person_id")
    return replace(tables, record=record)


def there(record: Table) -> Any:
    return record.merged_into.isnull() & ((record.condition != "deleted") | record.condition.isnull())


def _both(tables: Tables, before: Pact, after: Pact, as_of: datetime) -> Table:
    """The score and light of every record under both; one the pact does not govern has neither there."""
    then, now = (
        score.scores(replace(tables, record=governed(tables.record, pact)), pact, as_of) for pact in (before, after)
    )
    first = tables.record.select(*KEYS)
    for name, one in (("before", then), ("after", now)):
        own = one.select(
            of_object="object", of_id="record_id",
            **{f"{what}_{name}": what for what in ("score", "light", "missing")},
        )  # fmt: skip
        joined = first.left_join(own, (first.object == own.of_object) & (first.record_id == own.of_id))
        first = joined.drop("of_object", "of_id")
    return first


def lights(tables: Tables, before: Pact, after: Pact, as_of: datetime) -> dict[tuple[str | None, str | None], int]:
    """How many records have each pair of lights; null: none under that pact."""
    pacts = (before, after)
    if score_sides.alike(pacts):
        wide = score_sides.together(tables, pacts, as_of)
        both = wide.select(light_before=_light(wide, 0, before), light_after=_light(wide, 1, after))
    else:
        both = _both(tables, before, after, as_of)
    rows = both.group_by("light_before", "light_after").aggregate(n=both.count()).to_pyarrow().to_pylist()
    found: dict[tuple[str | None, str | None], int] = {
        (row["light_before"], row["light_after"]): row["n"] for row in rows
    }
    without = int(tables.record.count().to_pyarrow().as_py()) - sum(found.values())  # records no score is asked for
    return {**found, (None, None): found.get((None, None), 0) + without} if without else found


def _light(wide: Table, side: int, pact: Pact) -> Any:
    threshold = pact.sales_ready.threshold
    if threshold is None:
        return ibis.null("string")
    level = (wide[f"score_{side}"] >= threshold).cast("int32") + wide[f"ready_{side}"].cast("int32")
    return level.cases((0, RED), (1, AMBER), (2, GREEN), else_=ibis.null("string"))
