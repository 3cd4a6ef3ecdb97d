"""Drafts: the pact while it is being written, by several people at once.

There is at most one open draft of a pact; everybody who edits, edits that one. An edit names the
revision it began from: what others changed elsewhere since then is kept, the same part changed by
two is a Conflict that changes nothing. A draft may be invalid; only a valid one becomes a version.

Not here: how parts merge (merge.py), what is valid (schema.py), versions (versions.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config import versions
from config.conflicts import Conflict
from config.document import BadPact, parse
from config.draft_rows import (
    DISCARDED,
    OPEN,
    PUBLISHED,
    Draft,
    Edit,
    changed_by,
    close,
    must_be_open,
    one,
    open_draft,
    plain,
    section_at,
    text_of,
    write,
)
from config.edits import taking_mine
from config.errors import LeadPactError
from config.merge import ABSENT, merge, same
from config.pact_tables import pact_draft, pact_draft_edit
from config.schema import Pact
from config.trail import record
from config.versions import FIRST, Version

__all__ = ["DISCARDED", "OPEN", "PUBLISHED", "Conflict", "Draft", "Edit"]

Side = Literal["mine", "theirs"]


def begin(
    engine: Engine,
    *,
    author: str,
    now: datetime,
    base: Version | None = None,
    document: Mapping[str, Any] | None = None,
    pact: str = FIRST,
) -> Draft:
    """The open draft of the pact, begun where there is none.

    It starts as `document`, else as `base`, else as the newest version. Raises LeadPactError
    where a draft is open already and something else than it was asked for, and where there is
    nothing to start from.
    """
    start = None if document is None else plain(document)
    try:
        return _begin(engine, author, now, base, start, pact)
    except sa.exc.IntegrityError:  # somebody began one in the same moment
        return _begin(engine, author, now, base, start, pact)


def _begin(engine: Engine, author: str, now: datetime, base: Version | None, start: Any, pact: str) -> Draft:
    with engine.begin() as connection:
        held = open_draft(connection, pact)
        if held is not None:
            if start is not None or (base is not None and base.hash != held.base):
                raise LeadPactError("draft.open_already", author=held.author)
            return held
        newest = versions.newest(connection, pact)
        grown = base or newest
        if start is None:
            if grown is None:
                raise LeadPactError("draft.from_nothing")
            start = json.loads(grown.pact.canonical)
        text = text_of(start)
        connection.execute(
            pact_draft.insert().values(
                pact=pact,
                base=grown.hash if grown else None,
                base_number=grown.number if grown else None,
                seen=newest.number if newest else None,
                start=text,
                document=text,
                revision=0,
                state=OPEN,
                author=author,
                created_at=now,
                updated_at=now,
            )
        )
        record(connection, now, author, "pact.draft_begun", {"pact": pact, "base": grown.hash if grown else None})
        draft = open_draft(connection, pact)
        assert draft is not None  # noqa: S101 - just written
        return draft


def newest(engine: Engine, pact: str = FIRST) -> Draft | None:
    """The open draft of the pact; null while there is none."""
    with engine.connect() as connection:
        return open_draft(connection, pact)


def find(engine: Engine, draft_id: int) -> Draft:
    """The draft with this id, open or closed. Raises LeadPactError when there is none."""
    with engine.connect() as connection:
        return one(connection, draft_id)


def edits(engine: Engine, draft_id: int) -> list[Edit]:
    """Who changed which section when, newest first."""
    wanted = sa.select(pact_draft_edit).where(pact_draft_edit.c.draft_id == draft_id)
    with engine.connect() as connection:
        rows = connection.execute(wanted.order_by(pact_draft_edit.c.id.desc())).mappings().all()
    return [Edit(row["revision"], row["section"], row["author"], row["at"]) for row in rows]


def edit(
    engine: Engine, draft_id: int, *, section: str, value: Any, expected: int, author: str, now: datetime
) -> Draft:
    """The draft with one top-level section replaced; null takes the section out.

    What others changed since revision `expected` stays, part by part. Raises Conflict where they
    changed the same part, LeadPactError where the draft is closed or the section unknown.
    """
    return edit_many(engine, draft_id, sections={section: value}, expected=expected, author=author, now=now)


def edit_many(
    engine: Engine, draft_id: int, *, sections: Mapping[str, Any], expected: int, author: str, now: datetime
) -> Draft:
    """The same for several sections at once, all or none: renaming a stage touches its map too."""
    wanted = {name: ABSENT if value is None else plain(value) for name, value in sections.items()}
    with engine.begin() as connection:
        draft = one(connection, draft_id, lock=True)
        must_be_open(draft)
        if not 0 <= expected <= draft.revision:
            raise LeadPactError("draft.no_revision", wanted=str(expected), newest=str(draft.revision))
        made = {}
        for section, mine in wanted.items():
            theirs = draft.document.get(section, ABSENT)
            if section not in Pact.model_fields and theirs is ABSENT:
                raise LeadPactError("draft.no_section", section=section)
            base = theirs if expected == draft.revision else section_at(connection, draft_id, section, expected)
            found = merge(section, base, mine, theirs)
            if found.clashes:
                by = changed_by(connection, draft_id, section) or draft.author
                raise Conflict(section, base, mine, theirs, found.clashes, by, draft.revision)
            if not same(found.value, theirs):
                made[section] = found.value
        if not made:
            return draft
        write(connection, draft, made, author, now)
        return one(connection, draft_id)


def faults(document: Mapping[str, Any]) -> list[LeadPactError]:
    """Why the document cannot become a version yet, each fault with its path; empty when it can."""
    try:
        parse(document, "draft")
    except BadPact as error:
        return list(error.details) or [error]
    return []


def publish(engine: Engine, draft_id: int, *, expected: int, author: str, message: str, now: datetime) -> Version:
    """The draft as a new version of its pact, unsigned; the draft is closed.

    Raises BadPact with what `faults` says; LeadPactError where somebody edited the draft after
    revision `expected`, where a newer version was saved meanwhile (`catch_up` first), and where
    nothing differs from the newest version.
    """
    with engine.begin() as connection:
        draft = one(connection, draft_id, lock=True)
        must_be_open(draft)
        if expected != draft.revision:
            by = changed_by(connection, draft_id) or draft.author
            raise LeadPactError("draft.edited_since", by=by)
        document = parse(draft.document, "draft")
        newest_version = versions.newest(connection, draft.pact)
        if newest_version is not None and newest_version.number != draft.seen:
            raise LeadPactError("draft.behind", number=str(newest_version.number), author=newest_version.author)
        if newest_version is not None and newest_version.hash == document.hash:
            raise LeadPactError("draft.unchanged", number=str(newest_version.number))
        number = versions.insert(
            connection, document, author=author, message=message, now=now, parent=draft.base_number, line=draft.pact
        )
        close(connection, draft, PUBLISHED, author, now)
    return versions.find(engine, str(number), line=draft.pact)


def catch_up(
    engine: Engine, draft_id: int, *, expected: int, author: str, now: datetime, prefer: Side | None = None
) -> Draft:
    """The draft with what versions saved since it began say as well; they are its base from then on.

    Raises Conflict where the draft and the versions changed the same part, unless `prefer` decides:
    `mine` keeps the draft's side there, `theirs` that of the newest version.
    """
    with engine.begin() as connection:
        draft = one(connection, draft_id, lock=True)
        must_be_open(draft)
        if expected != draft.revision:
            raise LeadPactError("draft.edited_since", by=changed_by(connection, draft_id) or draft.author)
        known = {version.number: version for version in versions.read(connection, draft.pact)}
        if not known or max(known) == draft.seen:
            return draft
        latest = known[max(known)]
        before = json.loads(known[draft.seen].document) if draft.seen in known else {}
        after = json.loads(latest.document)
        made: dict[str, Any] = {}
        for section in dict.fromkeys([*after, *before]):
            base, mine, theirs = (side.get(section, ABSENT) for side in (before, draft.document, after))
            found = merge(section, base, mine, theirs)
            value = found.value
            if found.clashes:
                if prefer is None:
                    raise Conflict(section, base, mine, theirs, found.clashes, latest.author, draft.revision)
                first, second = (mine, theirs) if prefer == "mine" else (theirs, mine)
                value = taking_mine(section, base, first, second)
            value = ABSENT if value is None else value
            if not same(value, mine):
                made[section] = value
        if made:
            write(connection, draft, made, author, now)
        grown = {"seen": latest.number, "base": latest.hash, "base_number": latest.number}
        connection.execute(sa.update(pact_draft).where(pact_draft.c.id == draft_id).values(**grown))
        return one(connection, draft_id)


def discard(engine: Engine, draft_id: int, *, author: str, now: datetime, expected: int | None = None) -> None:
    """Closes the draft without a version; what it said is kept in the database.

    Raises LeadPactError where somebody edited it after revision `expected`.
    """
    with engine.begin() as connection:
        draft = one(connection, draft_id, lock=True)
        must_be_open(draft)
        if expected is not None and expected != draft.revision:
            raise LeadPactError("draft.edited_since", by=changed_by(connection, draft_id) or draft.author)
        close(connection, draft, DISCARDED, author, now)
