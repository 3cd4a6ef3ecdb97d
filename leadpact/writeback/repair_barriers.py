"""What the CRM would refuse, found before a plan is made: such records are set apart, with counts.

Records are asked about in blocks. What costs a call for few of them (the right to edit each) is asked of the
first MOST_THOROUGH only: more than a plan may hold without force. The rest shows when it is written.

Not here: what a CRM tells (leadpact/crm_facts.py, connectors), the field and its values (repair_check.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from leadpact.crm_facts import Guarded
from leadpact.errors import LeadPactError
from leadpact.writeback.plan import Row, Tally
from leadpact.writeback.target import Target

BLOCK = 10_000
MOST_THOROUGH = 10_000


def sift(target: Target, rows: Iterable[Row], tally: Tally) -> Iterator[Row]:
    """The rows whose record would take its value; `tally` counts the others by why, and the calls it took.

    A source that tells nothing beforehand sets nothing apart. Raises what reading raises.
    """
    connector = target.connector
    if not isinstance(connector, Guarded):
        yield from rows
        return
    asked = 0
    for (object, field), same in groupby(rows, key=lambda row: (row.object, row.field)):
        while block := list(islice(same, BLOCK)):
            wanted = {row.record_id: row.after for row in block}
            told = connector.barriers(object, field, wanted, thorough=asked < MOST_THOROUGH)
            asked += len(block)
            tally.calls += told.calls
            tally.unasked += told.unasked
            for row in block:
                why = told.found.get(row.record_id)
                if why is None:
                    yield row
                else:
                    tally.skipped[why] += 1


def lacking(target: Target, object: str, field: str) -> list[LeadPactError]:
    """What this connection's user lacks to write a field, each followed by what to do. Raises what reading raises."""
    connector = target.connector
    if not isinstance(connector, Guarded):
        return []
    found = []
    for one in connector.permissions(object, field):
        if not one.ok:
            found.append(LeadPactError(one.message, **one.params))
            found += [LeadPactError(one.remedy, **one.params)] if one.remedy else []
    return found
