"""Past leads to judge together: those handed over last, as they were known at that moment.

The moment is when a person first entered a qualified stage in a journey, else when their first
opportunity was created. Nothing after it is shown: no later touch, no later value of a field whose
history is known, and nothing that says how it ended. A field without history is known as of now
only, and is listed apart.

Not here: the votes (voting.py), how far they agree (agreement.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis

from config.schema import Pact
from leadpact.audit import protected
from leadpact.meeting.facts import NewItem
from leadpact.meeting.items import is_score
from leadpact.metrics.timeline import governed
from leadpact.model import is_custom
from leadpact.scoring import moments
from leadpact.tables import Table, Tables

LEAST, MOST, USUAL = 20, 50, 30
SHOWN = ("company", "country", "source", "campaign", "preferred_channel")
MOST_TOUCHES = 12
NEVER = frozenset({"status", "end_reason", "converted_at", "converted_to", "merged_into"})


@dataclass(frozen=True)
class Before:
    """One touch before the moment; `days` before it, `direction` and `subject` null where not told."""

    kind: str
    days: float
    direction: str | None
    automated: bool | None


@dataclass(frozen=True)
class Profile:
    """A lead as known at its moment. `known` are fields as they were, `today` those known as of now only.

    `touches` are the last ones, newest first; `count` is all of them; null where the source tells none.
    """

    object: str
    record_id: str
    moment: datetime
    known: tuple[tuple[str, str], ...]
    today: tuple[tuple[str, str], ...]
    touches: tuple[Before, ...]
    count: int | None


def handed_over(tables: Tables, pact: Pact, as_of: datetime, last: int = USUAL) -> list[NewItem]:
    """The `last` people handed over most recently, as items to judge, the newest first; a person once."""
    record = governed(tables.record, pact)
    alive = record.filter(
        (record.condition != "deleted") | record.condition.isnull(), record.merged_into.isnull()
    ).select("object", "record_id", "person_id")
    spell = tables.spell.filter(tables.spell.stage.isin(pact.keys("qualified")), tables.spell.entered_at.notnull())
    entered = spell.select("object", "record_id", moment="entered_at").mutate(why=ibis.literal("qualified"))
    deal = tables.opportunity.filter(tables.opportunity.created_at.notnull(), tables.opportunity.record_id.notnull())
    dealt = deal.select("object", "record_id", moment="created_at").mutate(why=ibis.literal("opportunity"))
    both = ibis.union(entered.cast({"object": "string"}), dealt.cast({"object": "string"}))
    own = both.inner_join(alive, ["object", "record_id"])
    own = own.filter(own.moment <= ibis.timestamp(as_of.isoformat(" ")))
    # a person's first hand-over is the one to judge: what followed it would tell the outcome
    order = ibis.window(group_by="person_id", order_by=["moment", ibis.desc("why")])
    first = own.mutate(place=ibis.row_number().over(order)).filter(lambda t: t.place == 0)
    rows = first.order_by(first.moment.desc(), "object", "record_id").limit(last).to_pyarrow().to_pylist()
    return [
        NewItem(
            "lead", "review", f"{row['object']}:{row['record_id']}", str(row["record_id"]),
            {"object": row["object"], "record_id": row["record_id"], "moment": row["moment"].isoformat(),
             "why": row["why"]},
        )
        for row in rows
    ]  # fmt: skip


def fields(tables: Tables, pact: Pact) -> list[str]:
    """The columns that describe a lead without telling how it ended, nor anything protected."""
    return [
        name
        for name in tables.record.columns
        if (name in SHOWN or is_custom(name))
        and name not in NEVER
        and not is_score(name, pact)
        and protected.of_field([name]) is None
    ]


def at_moments(leads: Sequence[tuple[str, str, datetime]]) -> Table:
    """Records at moments of their own, as the score takes them: object, record_id, moment."""
    schema = {"object": "string", "record_id": "string", "moment": "timestamp"}
    rows = [{"object": object, "record_id": record, "moment": moment} for object, record, moment in leads]
    return ibis.memtable(rows, schema=schema)


def profiles(
    tables: Tables, pact: Pact, as_of: datetime, leads: Sequence[tuple[str, str, datetime]]
) -> dict[tuple[str, str], Profile]:
    """The profile of each lead as it was at its moment, by key; a record that is gone has none."""
    if not leads:
        return {}
    names = fields(tables, pact)
    now_only = set(moments.untracked(tables, names))
    at = at_moments(leads)
    rows = moments.records(tables, names, as_of, at).to_pyarrow().to_pylist()
    touches = _touches(tables, at)
    told = "activity" in tables.provided
    found = {}
    for row in rows:
        key = (str(row["object"]), str(row["record_id"]))
        said = [(name, str(row[name])) for name in names if row.get(name) is not None and str(row[name]).strip()]
        mine = touches.get(key, [])
        found[key] = Profile(
            *key,
            row["moment"],
            tuple(pair for pair in said if pair[0] not in now_only),
            tuple(pair for pair in said if pair[0] in now_only),
            tuple(mine[:MOST_TOUCHES]),
            len(mine) if told else None,
        )
    return found


def _touches(tables: Tables, at: Table) -> dict[tuple[str, str], list[Before]]:
    """What each person did before the moment of their lead, on any of their records; newest first."""
    record = tables.record.select("object", "record_id", "person_id")
    asked = at.select(of_object="object", of_id="record_id", moment="moment")
    people = asked.inner_join(record, (asked.of_object == record.object) & (asked.of_id == record.record_id))
    people = people.select("of_object", "of_id", "moment", "person_id")
    theirs = people.inner_join(record, "person_id").select("of_object", "of_id", "moment", "object", "record_id")
    activity = tables.activity
    activity = activity.filter(activity["at"].notnull(), activity.completed.fill_null(True))
    done = activity.select("object", "record_id", "kind", "direction", "automated", happened="at")
    joined = theirs.inner_join(done, ["object", "record_id"])
    before = joined.filter(joined.happened <= joined.moment)
    found: dict[tuple[str, str], list[Before]] = {}
    for row in before.order_by(ibis.desc("happened"), "kind").to_pyarrow().to_pylist():
        days = (row["moment"] - row["happened"]).total_seconds() / 86_400
        one: Any = Before(str(row["kind"]), days, row["direction"], row["automated"])
        found.setdefault((row["of_object"], row["of_id"]), []).append(one)
    return found
