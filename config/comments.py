"""Comments on any part of a pact, by its path: `stages[mql].meaning`, `scoring.rules[visit]`, `` for all of it.

They belong to the pact, not to one version: what was said of a part is still there in the next
draft. A comment is never deleted; it is resolved, and can be opened again.

Not here: the parts themselves (schema.py), paths in documents (diff.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from config.errors import LeadPactError
from config.faults import near
from config.merge import WHOLE, identity_of
from config.pact_tables import pact_comment
from config.schema import Pact
from config.trail import record
from config.versions import FIRST

MOST_CHARACTERS = 5_000
NESTED = (("scoring", "rules"), ("sales_ready", "opportunity"))  # lists of named items within a section


@dataclass(frozen=True)
class Comment:
    """One comment. `resolved_at` (UTC) and `resolved_by` are null while it is open."""

    id: int
    pact: str
    path: str
    text: str
    author: str
    at: datetime
    resolved_by: str | None
    resolved_at: datetime | None

    @property
    def open(self) -> bool:
        return self.resolved_at is None


def add(engine: Engine, *, pact: str = FIRST, path: str, text: str, author: str, now: datetime) -> Comment:
    """The comment as kept. Raises LeadPactError for an empty or a far too long one, or nobody's."""
    said = "".join(char for char in text if char.isprintable() or char in "\n\t").strip()
    if not said:
        raise LeadPactError("comment.empty")
    if len(said) > MOST_CHARACTERS:
        raise LeadPactError("comment.too_long", most=MOST_CHARACTERS)
    if not author.strip():
        raise LeadPactError("comment.nobody")
    row = {"pact": pact, "path": path.strip(), "text": said, "author": author.strip(), "at": now}
    with engine.begin() as connection:
        made = connection.execute(pact_comment.insert().returning(pact_comment.c.id).values(**row)).scalar_one()
        record(connection, now, author, "pact.commented", {"comment": made, "pact": pact, "path": path.strip()})
        return _one(connection, made)


def on(engine: Engine, pact: str = FIRST, path: str | None = None, *, open_only: bool = False) -> list[Comment]:
    """The comments on the pact, oldest first; with `path`, those on that part and on parts of it."""
    comment = pact_comment.c
    wanted = sa.select(pact_comment).where(comment.pact == pact).order_by(comment.id)
    if open_only:
        wanted = wanted.where(comment.resolved_at.is_(None))
    with engine.connect() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [Comment(**row) for row in rows if path is None or within(row["path"], path)]


def within(path: str, whole: str) -> bool:
    """Whether a path is that part or a part of it: `stages[mql].label` is within `stages[mql]` and `stages`."""
    return not whole or path == whole or path.startswith((f"{whole}.", f"{whole}["))


def parts(document: Mapping[str, Any]) -> list[str]:
    """The paths people comment on: the whole, every section, and each item of one that has a name of its own."""
    found = [""]
    for section in Pact.model_fields:
        found.append(section)
        for path in ((section,), *(path for path in NESTED if path[0] == section)):
            found += [f"{'.'.join(path)}[{name}]" for name in _names(document, path)]
    return found


def must_be_a_part(path: str, document: Mapping[str, Any]) -> None:
    """Raises LeadPactError, naming the nearest, where the document has no such part."""
    known = parts(document)
    if path not in known and not any(within(path, one) for one in known if "[" in one):
        raise LeadPactError("comment.no_part", wanted=path, near=near(path, known[1:]))


def _names(document: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    here: Any = document
    for name in path:
        here = here.get(name) if isinstance(here, Mapping) else None
    if path[0] in WHOLE and isinstance(here, Mapping):
        return [str(name) for name in here]
    fields = identity_of(here) if isinstance(here, list) else None
    return [str(item[fields[0]]) for item in here] if fields is not None and len(fields) == 1 else []


def resolve(engine: Engine, comment_id: int, *, author: str, now: datetime) -> Comment:
    """The comment, settled by `author`; as it was where it was settled already."""
    return _settle(engine, comment_id, author, now, settled=True)


def reopen(engine: Engine, comment_id: int, *, author: str, now: datetime) -> Comment:
    """The comment, open again."""
    return _settle(engine, comment_id, author, now, settled=False)


def _settle(engine: Engine, comment_id: int, author: str, now: datetime, *, settled: bool) -> Comment:
    if not author.strip():
        raise LeadPactError("comment.nobody")
    with engine.begin() as connection:
        before = _one(connection, comment_id)
        if before.open is not settled:
            return before
        values = {"resolved_by": author, "resolved_at": now} if settled else {"resolved_by": None, "resolved_at": None}
        connection.execute(sa.update(pact_comment).where(pact_comment.c.id == comment_id).values(**values))
        action = "pact.comment_resolved" if settled else "pact.comment_reopened"
        record(connection, now, author, action, {"comment": comment_id, "pact": before.pact, "path": before.path})
        return _one(connection, comment_id)


def _one(connection: Connection, comment_id: int) -> Comment:
    row = connection.execute(sa.select(pact_comment).where(pact_comment.c.id == comment_id)).mappings().first()
    if row is None:
        raise LeadPactError("comment.none", wanted=str(comment_id))
    return Comment(**row)
