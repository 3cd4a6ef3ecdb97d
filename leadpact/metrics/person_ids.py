"""Which record a link from a CRM means: ids as CRMs write them, the object by any spelling or none.

Salesforce writes one id in two ways: 15 letters whose case matters, or 18, of which the last three
spell that case. Formulas, reports and addresses mix them.

Not here: finding people by name (person.py).
"""

from __future__ import annotations

import re

from leadpact.model import OBJECTS
from leadpact.tables import Table, Tables

_SALESFORCE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?")
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def spellings(record_id: str) -> list[str]:
    """The id as it was given, then its other Salesforce form where it can have one."""
    text = record_id.strip()
    if not _SALESFORCE.fullmatch(text):
        return [text]
    return [text, text[:15] if len(text) == 18 else text + _case_of(text)]


def named(tables: Tables, object: str | None, record_id: str) -> Table:
    """The records a link may mean, the likeliest first. Out: object, record_id, rank.

    An `object` that is none of ours, or null, asks for either.
    """
    record, ids = tables.record, spellings(record_id)
    wanted = (object or "").strip().casefold()
    found = record.filter(record.record_id.isin(ids))
    if wanted in OBJECTS:
        found = found.filter(found.object == wanted)
    rank = found.record_id.cases(*((one, place) for place, one in enumerate(ids)), else_=len(ids))
    told = found.select("object", "record_id", rank=rank, lead=found.object != "lead")
    return told.order_by("rank", "lead").select("object", "record_id", "rank")


def _case_of(text: str) -> str:
    """The three letters that say which of the fifteen are capitals, five at a time."""
    blocks = (text[at : at + 5] for at in (0, 5, 10))
    return "".join(_SIGNS[sum(1 << bit for bit, char in enumerate(block) if "A" <= char <= "Z")] for block in blocks)
