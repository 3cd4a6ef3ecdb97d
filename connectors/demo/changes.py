"""The field history of a chunk: status, owner, merges. Records whose history was never kept have none.

Not here: what changed and when (history.py, ownership.py, records.py).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.demo import process, staff
from connectors.demo.columns import NOTHING, Ints, constant, ids, moments, pick, table
from connectors.demo.history import Rows
from connectors.demo.ownership import Owned
from connectors.demo.people import People
from connectors.demo.records import Standing
from leadpact.model import FIELD_CHANGE, LEAD, OBJECTS


def field_changes(people: People, standing: Standing, rows: Rows, owned: Owned) -> pa.Table:
    """Status changes in order of person and time, then the merged duplicates', then the owners'."""
    return pa.concat_tables([_status(people, standing, rows), *_duplicates(standing), _owners(people, standing, owned)])


def _status(people: People, s: Standing, rows: Rows) -> pa.Table:
    kept = ~people.missing[rows.person]
    person, contact, before, at = rows.person[kept], rows.on_contact[kept], rows.before[kept], rows.at[kept]
    born = np.where(contact, s.contact_created[person], people.created[person])
    created = (before == NOTHING) & (at == born)
    columns = {
        "object": pick(contact.astype(np.int64), OBJECTS),
        "record_id": pc.if_else(pa.array(contact), ids("C", s.contact_number[person]), ids("L", s.number[person])),
        "field": constant("status", person.size),
        "from_value": pick(before, process.TEXTS),
        "to_value": pick(rows.after[kept], process.TEXTS),
        "at": moments(at),
        "seq": pa.array(rows.seq[kept]),
        "actor_id": pick(rows.actor[kept], staff.OWNER_IDS),
        "evidence": pick(created.astype(np.int64), ("history", "created")),
    }
    return table(FIELD_CHANGE, columns, person.size)


def _duplicates(s: Standing) -> tuple[pa.Table, pa.Table]:
    """A duplicate is created as New, and merged some days later."""
    twins = np.flatnonzero(s.row_merged)
    size, seq = twins.size, np.zeros(twins.size, dtype=np.int64)
    shared = {
        "object": constant(LEAD, size),
        "record_id": ids("L", s.first + 1 + twins),
        "seq": pa.array(seq),
        "actor_id": pick(seq + staff.ROBOT, staff.OWNER_IDS),
    }
    born = {
        "field": constant("status", size),
        "to_value": constant("New", size),
        "at": moments(s.row_created[twins]),
        "evidence": constant("created", size),
    }
    merged = {
        "field": constant("merged_into", size),
        "to_value": ids("L", s.number[s.row_person[twins]]),
        "at": moments(s.row_merged_at[twins]),
        "evidence": constant("history", size),
    }
    return table(FIELD_CHANGE, shared | born, size), table(FIELD_CHANGE, shared | merged, size)


def _owners(people: People, s: Standing, owned: Owned) -> pa.Table:
    kept = ~people.missing[owned.person]
    person: Ints = owned.person[kept]
    columns = {
        "object": constant(LEAD, person.size),
        "record_id": ids("L", s.number[person]),
        "field": constant("owner_id", person.size),
        "from_value": pick(owned.before[kept], staff.OWNER_IDS),
        "to_value": pick(owned.after[kept], staff.OWNER_IDS),
        "at": moments(owned.at[kept]),
        "seq": pa.array(owned.seq[kept]),
        "actor_id": constant(staff.OWNER_IDS[staff.ROBOT], person.size),
        "evidence": constant("history", person.size),
    }
    return table(FIELD_CHANGE, columns, person.size)
