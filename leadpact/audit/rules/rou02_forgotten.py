"""ROU02: an open lead has been left untouched for too long.

Not here: what a journey is (metrics/journeys.py), leads nobody could act on (ROU01).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import ibis

from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, rows_of
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.sentences import counted_values
from leadpact.model import OBJECTS
from leadpact.tables import Table

NURTURED = ("nurture", "unmapped")


def check(tables: Facts, pact: Pact, as_of: datetime, *, max_days: int, nurture_days: int) -> Sequence[Found]:
    """One finding an object: records that count, of people whose journey is open and quiet.

    Quiet: no activity of any kind on any of their records and no change of stage in the last
    `max_days` days (24 hours each), `nurture_days` before the hand-over. Exactly that long is
    not too long. Whose last sign is not known is left out. Evidence `stages`: records by stage.
    """
    quiet = _quiet(tables, as_of, max_days, nurture_days)
    rows = rows_of(quiet.group_by("object", "stage").aggregate(records=quiet.count(), since=quiet.last_sign.min()))
    order = {stage.key: at for at, stage in enumerate(pact.stages)}
    label = {stage.key: stage.label for stage in pact.stages}
    found = []
    for object in OBJECTS:
        own = sorted((row for row in rows if row["object"] == object), key=lambda row: order.get(row["stage"], -1))
        if own:
            stages = [(label.get(row["stage"], row["stage"]), row["records"]) for row in own]
            found.append(
                Found(
                    object=object,
                    records=sum(row["records"] for row in own),
                    since=min(row["since"] for row in own),
                    params={
                        "stages": counted_values(stages, most=len(stages)),
                        "days": max_days,
                        "nurture": nurture_days,
                    },
                    evidence={"stages": {row["stage"]: row["records"] for row in own}},
                )
            )
    return found


def _quiet(tables: Facts, as_of: datetime, max_days: int, nurture_days: int) -> Table:
    """Records that count of quiet open journeys: object, record_id, stage, last_sign."""
    journey = tables.journey.filter(tables.journey.end_kind.isnull())
    journey = journey.select("person_id", "stage", nurtured=tables.journey.stage_kind.isin(NURTURED))
    spell = tables.spell.filter(tables.spell.lasts).select("person_id", moved_at="entered_at")
    touched = tables.seen.select("person_id", touched_at="last_at")
    quiet = journey.left_join(spell, "person_id").drop("person_id_right")
    quiet = quiet.left_join(touched, "person_id").drop("person_id_right")
    latest = ibis.greatest(quiet.moved_at, quiet.touched_at)
    known = ibis.ifelse(quiet.moved_at.notnull() & quiet.touched_at.notnull(), latest, quiet.touched_at)
    quiet = quiet.mutate(last_sign=ibis.coalesce(known, quiet.moved_at))
    limits = [ibis.timestamp((as_of - timedelta(days=days)).isoformat(" ")) for days in (nurture_days, max_days)]
    quiet = quiet.filter(quiet.last_sign < ibis.ifelse(quiet.nurtured, *limits))
    record = tables.standing
    record = record.filter(record.condition == "active").select(*KEYS, "person_id")
    return record.inner_join(quiet, "person_id").select(*KEYS, "stage", "last_sign")


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, max_days: int, nurture_days: int) -> Table:
    """The forgotten records of one object."""
    quiet = _quiet(tables, as_of, max_days, nurture_days)
    return quiet.filter(quiet.object == finding.object)


RULE = Rule(
    code="ROU02",
    name="routing.forgotten",
    severity="warning",
    groups=("core", "routing"),
    needs=("activity",),
    fix="none",  # somebody has to call, or to let go
    options={"max_days": Option(int, default=30, min=1), "nurture_days": Option(int, default=90, min=1)},
    check=check,
    people=people,
)
