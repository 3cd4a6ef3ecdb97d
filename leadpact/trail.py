"""The audit trail as people read it: who did what and when, newest first, filtered, paged, as CSV.

Lines are written where things happen (config/trail.py), in the transaction of what they tell, and
the database refuses to change or remove one.

Not here: what came of the rows of a plan (leadpact/writeback/journal.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config import members, sign_ins
from config.database import audit_trail
from leadpact.export import to_csv

MOST = 50
BLOCK = 2_000
COLUMNS = ("id", "at", "actor", "action", "detail")
# what is on the record; the catalogue has a text for each under `trail.did.…`
ACTIONS = (
    *(sign_ins.SIGNED_IN, sign_ins.SIGNED_OUT, sign_ins.REFUSED),
    *("connection.writing_enabled", "connection.writing_disabled", "crm_field.made", "crm_fields.chosen"),
    *("finding.set_aside", "finding.brought_back", "value_map.saved"),
    *("plan.made", "plan.approved", "plan.approval_withdrawn", "plan.pause_asked", "plan.cancel_asked"),
    *("plan.apply_began", "plan.apply_ended", "plan.rehearsal_waived"),
    *("crm_values.added", "crm_values.retired", "crm_values.activated"),
    *("plan.pilot_clean", "plan.pilot_changed", "plan.pilot_accepted", "plan.overwrote"),
    *("pact.saved", "pact.signed", "pact.signature_withdrawn", "pact.commented", "pact.draft_begun"),
    *("pact.draft_published", "pact.draft_discarded", "pact.comment_resolved", "pact.comment_reopened"),
    *("pact.line_made", "pact.line_retired", "pact.votes_recorded"),
    *("meeting.opened", "meeting.started", "meeting.closed", "meeting.revealed", "meeting.removed"),
    "meeting.taken_over",
    *(members.ADDED, members.CHANGED, members.REMOVED),
    *("people.unmasked", "privacy.carried_over", "privacy.forgot", "privacy.retained"),
)


@dataclass(frozen=True)
class Line:
    """One line: `at` in UTC, `actor` as given when it happened, `detail` plain JSON without record content."""

    id: int
    at: datetime
    actor: str
    action: str
    detail: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "at": self.at.isoformat() + "Z", "actor": self.actor, "action": self.action,
                "detail": dict(self.detail)}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Which lines: `[since, until)` in UTC; an action (`plan.approved`), or all of a kind (`plan`); an actor.

    Actors are compared without regard to case. Null asks for all.
    """

    since: datetime | None = None
    until: datetime | None = None
    action: str | None = None
    actor: str | None = None

    @property
    def _where(self) -> list[Any]:
        column, found = audit_trail.c, []
        if self.since is not None:
            found.append(column.at >= self.since)
        if self.until is not None:
            found.append(column.at < self.until)
        if self.action:
            found.append(
                sa.or_(column.action == self.action, column.action.startswith(f"{self.action}.", autoescape=True))
            )
        if self.actor:
            found.append(sa.func.lower(column.actor) == self.actor.strip().lower())
        return found


def page(engine: Engine, asked: Asked | None = None, *, before: int | None = None, most: int = MOST) -> list[Line]:
    """At most `most` lines, newest first; `before` is the id of the last line of the page before."""
    wanted = (asked or Asked())._where
    if before is not None:
        wanted.append(audit_trail.c.id < before)
    query = sa.select(audit_trail).where(*wanted).order_by(audit_trail.c.id.desc()).limit(most)
    with engine.begin() as database:
        return [_line(row) for row in database.execute(query).mappings()]


def every(engine: Engine, asked: Asked | None = None) -> Iterator[Line]:
    """All lines, newest first, read in blocks."""
    before = None
    while block := page(engine, asked, before=before, most=BLOCK):
        yield from block
        before = block[-1].id


def count(engine: Engine, asked: Asked | None = None) -> int:
    """How many lines there are."""
    with engine.begin() as database:
        query = sa.select(sa.func.count()).select_from(audit_trail).where(*(asked or Asked())._where)
        return int(database.execute(query).scalar_one())


def known(engine: Engine) -> tuple[list[str], list[str]]:
    """The actions and the actors there are lines of, in order: what can be filtered by."""
    with engine.begin() as database:
        actions = database.execute(sa.select(audit_trail.c.action).distinct()).scalars()
        actors = database.execute(sa.select(audit_trail.c.actor).distinct()).scalars()
        return sorted(actions), sorted(actors, key=str.casefold)


def csv_of(engine: Engine, asked: Asked | None = None) -> str:
    """The lines as CSV, newest first, formulas neutralised; `detail` is JSON."""
    rows = (
        [one.id, one.at.isoformat() + "Z", one.actor, one.action, _text(one.detail)] for one in every(engine, asked)
    )
    return to_csv(list(COLUMNS), rows)


def _text(detail: Mapping[str, Any]) -> str:
    return json.dumps(detail, ensure_ascii=False, sort_keys=True)


def _line(row: sa.RowMapping) -> Line:
    return Line(row["id"], row["at"], row["actor"], row["action"], json.loads(row["detail"]))
