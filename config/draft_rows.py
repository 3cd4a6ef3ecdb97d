"""The rows of drafts: a draft at its newest revision, and every edit that led there.

Not here: who may change what and how it merges (drafts.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from config.errors import LeadPactError
from config.merge import ABSENT
from config.pact_tables import pact_draft, pact_draft_edit
from config.trail import record

OPEN, PUBLISHED, DISCARDED = "open", "published", "discarded"
ENDS = {PUBLISHED: "pact.draft_published", DISCARDED: "pact.draft_discarded"}  # in the audit trail
MOST_CHARACTERS = 2_000_000  # of a draft as JSON: ten thousand rules are a quarter of it
MOST_LEVELS = 30


@dataclass(frozen=True)
class Draft:
    """One draft as it stands at `revision`. `base` is the hash of the version it grew from, null
    where it grew from none; `seen` the newest version it knows of. Times are UTC."""

    id: int
    pact: str
    base: str | None
    document: dict[str, Any]
    revision: int
    author: str
    created_at: datetime
    updated_at: datetime
    state: str = OPEN
    base_number: int | None = None
    seen: int | None = None

    def get(self, section: str, default: Any = None) -> Any:
        """One section as plain JSON; `default` where the draft says nothing of it."""
        return self.document.get(section, default)


@dataclass(frozen=True)
class Edit:
    """One section set by one person; `revision` is the one it made."""

    revision: int
    section: str
    author: str
    at: datetime


def plain(value: Any) -> Any:
    """The value as plain JSON. Raises LeadPactError where it is none, too large or too deep."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode("utf-8")
    except (TypeError, ValueError, RecursionError):
        raise LeadPactError("draft.not_json") from None
    if len(text) > MOST_CHARACTERS:
        raise LeadPactError("draft.too_large", most=MOST_CHARACTERS)
    found = json.loads(text)
    level, levels = [found], 0
    while level := [one for part in level for one in _inside(part)]:
        levels += 1
        if levels > MOST_LEVELS:
            raise LeadPactError("draft.too_deep", most=MOST_LEVELS)
    return found


def _inside(part: Any) -> list[Any]:
    return list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else []


def text_of(document: Any) -> str:
    if not isinstance(document, Mapping):
        raise LeadPactError("draft.not_json")
    return json.dumps(document, ensure_ascii=False)


def open_draft(connection: Connection, pact: str) -> Draft | None:
    wanted = sa.select(pact_draft).where(pact_draft.c.pact == pact, pact_draft.c.state == OPEN)
    row = connection.execute(wanted).mappings().first()
    return None if row is None else _draft(row)


def one(connection: Connection, draft_id: int, *, lock: bool = False) -> Draft:
    wanted = sa.select(pact_draft).where(pact_draft.c.id == draft_id)
    row = connection.execute(wanted.with_for_update() if lock else wanted).mappings().first()
    if row is None:
        raise LeadPactError("draft.none", wanted=str(draft_id))
    return _draft(row)


def _draft(row: Any) -> Draft:
    fields = {name: row[name] for name in Draft.__dataclass_fields__ if name != "document"}
    return Draft(**fields, document=json.loads(row["document"]))


def must_be_open(draft: Draft) -> None:
    if draft.state != OPEN:
        raise LeadPactError("draft.closed")


def section_at(connection: Connection, draft_id: int, section: str, revision: int) -> Any:
    """The section as it was at a revision; ABSENT where it was not there."""
    edit = pact_draft_edit.c
    wanted = sa.select(edit.value).where(edit.draft_id == draft_id, edit.section == section, edit.revision <= revision)
    row = connection.execute(wanted.order_by(edit.revision.desc()).limit(1)).first()
    if row is not None:
        return ABSENT if row.value is None else json.loads(row.value)
    start = connection.execute(sa.select(pact_draft.c.start).where(pact_draft.c.id == draft_id)).scalar_one()
    return json.loads(start).get(section, ABSENT)


def changed_by(connection: Connection, draft_id: int, section: str | None = None) -> str | None:
    edit = pact_draft_edit.c
    wanted = sa.select(edit.author).where(edit.draft_id == draft_id)
    if section is not None:
        wanted = wanted.where(edit.section == section)
    return connection.execute(wanted.order_by(edit.id.desc()).limit(1)).scalar()


def write(connection: Connection, draft: Draft, sections: Mapping[str, Any], author: str, now: datetime) -> None:
    document = {**draft.document, **sections}
    text = text_of({name: value for name, value in document.items() if value is not ABSENT})
    if len(text) > MOST_CHARACTERS:
        raise LeadPactError("draft.too_large", most=MOST_CHARACTERS)
    for section, value in sections.items():
        kept = None if value is ABSENT else json.dumps(value, ensure_ascii=False)
        row = {"draft_id": draft.id, "revision": draft.revision + 1, "section": section, "value": kept}
        connection.execute(pact_draft_edit.insert().values(**row, author=author, at=now))
    wanted = sa.update(pact_draft).where(pact_draft.c.id == draft.id)
    connection.execute(wanted.values(document=text, revision=draft.revision + 1, updated_at=now))


def close(connection: Connection, draft: Draft, state: str, author: str, now: datetime) -> None:
    wanted = sa.update(pact_draft).where(pact_draft.c.id == draft.id)
    connection.execute(wanted.values(state=state, updated_at=now))
    record(connection, now, author, ENDS[state], {"draft": draft.id, "pact": draft.pact})
