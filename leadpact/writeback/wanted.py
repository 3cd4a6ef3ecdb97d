"""What LeadPact knows of every open record, to be written into the CRM.

A record is open while it can be written and counts: not deleted, not merged away, and, for a lead,
not converted (from then on the contact counts and the lead is frozen). Stage and the moment it
began are the person's, score and light the record's own.

Not here: the score (scoring/score.py), spells (metrics/spells.py), the text of a field (formats.py).
"""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa

from config.schema import UNMAPPED
from leadpact.model import LEAD
from leadpact.scoring.score import scores
from leadpact.tables import Table
from leadpact.workspace import Analysis

KEYS = ("object", "record_id")


def what(analysis: Analysis) -> pa.Table:
    """Out, ordered by object and record_id: object, record_id, governed, score, light, stage (its key), since (UTC).

    Null is unknown: no rule decided, no stage claims the value, a start nobody recorded. Records
    outside the pact's scope are there, `governed` false and nothing known of them.
    """
    tables, pact = analysis.tables, analysis.pact
    record = tables.record
    alive = record.filter(
        (record.condition != "deleted") & record.merged_into.isnull(),
        (record.object != LEAD) | (record.converted_at.isnull() & record.converted_to.isnull()),
    ).select(*KEYS, "person_id")
    scored = scores(tables, pact, analysis.as_of).select(
        "score", "light", of_object="object", of_id="record_id", governed=ibis.literal(True)
    )
    found = alive.left_join(scored, [alive.object == scored.of_object, alive.record_id == scored.of_id])
    standing = _standing(tables.spell)
    both = found.left_join(standing, found.person_id == standing.of_person)
    # a person may have records outside the pact's scope: of those nothing is said
    governed = both.governed.fill_null(False)
    own = governed & (both.last_stage != UNMAPPED).fill_null(False)
    known = both.select(
        *KEYS,
        governed=governed,
        score=both.score,
        light=both.light,
        stage=ibis.ifelse(own, both.last_stage, ibis.null("string")),
        since=ibis.ifelse(own, both.last_since, ibis.null("timestamp")),
    )
    rows: pa.Table = known.order_by(*KEYS).to_pyarrow()
    return rows


def _standing(spell: Table) -> Any:
    """The spell every person is in now: of_person, last_stage, last_since (null: not known when)."""
    now = spell.filter(spell.lasts)
    place = ibis.row_number().over(ibis.window(group_by="person_id", order_by=ibis.desc(now.n)))
    last = now.mutate(place=place).filter(lambda t: t.place == 0)
    return last.select(of_person="person_id", last_stage="stage", last_since="entered_at")
