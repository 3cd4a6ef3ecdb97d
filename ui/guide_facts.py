"""The facts behind the guided start: what of the five steps is done, read from the store in one go.

A step is done when the data, the database or the settings say so, never because somebody clicked on it.

Not here: how the steps are shown (guide.py), the notes of a reader (config/reading.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
import streamlit as st
from sqlalchemy.engine import Connection

from config import reading
from config.database import audit_run, finding_seen, run_finding
from config.member_tables import member, sign_in
from config.people import person
from leadpact import settings
from leadpact.audit.rule import SEVERITIES
from ui.access import Visitor
from ui.page import Page

_READ = "_guide_finding_read"
# what shows best, on one line of the CRM's own words, what an audit is: then by severity and records
TELLING = ("STA01", "STA02", "CON03", "STA14", "STA09", "STA04", "SLA03", "STA13")
ENOUGH = 2  # people: one who set it up, and one it was shared with


@dataclass(frozen=True)
class Facts:
    """`finding` is the code of the rule to begin with, null where nothing was found or audited; `found` how many.

    `own` is the connection to bring in (not the demo company's), null while there is none; `own_read`: it was
    synced once; `own_mapped`: how its columns are read was confirmed. `people`: how many signed in or may.
    """

    hidden: bool
    finding_read: bool
    finding: str | None
    found: int
    own: str | None
    own_read: bool
    own_mapped: bool
    people: int


def who(visitor: Visitor) -> str:
    """What notes of this visitor are kept under; empty while nobody signs in."""
    return person(visitor.email) if visitor.email else ""


def read(page: Page) -> Facts:
    """The facts, one transaction of small queries."""
    own = sorted(name for name, one in page.connections.items() if one.type != "demo" and one.adds_to is None)
    synced = set(page.workspace.synced())
    done = [name for name in own if name in synced]
    wanted = page.connection.name if page.connection.name in own else next(iter(done or own), None)
    engine = page.workspace.database
    with engine.connect() as connection:
        notes = reading.noted(connection, who(page.visitor))
        code, found = _telling(connection, page.connection.name)
        people = max(_count(connection, sign_in), _count(connection, member, member.c.removed_at.is_(None)))
    mapped = wanted is not None and (bool(done) or settings.mapping_of(engine, wanted) is not None)
    return Facts(
        hidden=reading.GUIDE_HIDDEN in notes, finding_read=reading.FINDING_READ in notes, finding=code, found=found,
        own=wanted, own_read=bool(done), own_mapped=mapped, people=people,
    )  # fmt: skip


def finding_was_read(page: Page) -> None:
    """A finding and its evidence are on the screen; noted once, asked once a session."""
    if not st.session_state.get(_READ):
        reading.note(page.workspace.database, who(page.visitor), reading.FINDING_READ, page.now())
        st.session_state[_READ] = True


def _telling(connection: Connection, name: str) -> tuple[str | None, int]:
    """The rule whose findings of the last audit say most to somebody new, and how many findings there are."""
    last = sa.select(sa.func.max(audit_run.c.id)).where(audit_run.c.connection == name).scalar_subquery()
    rows = connection.execute(
        sa.select(finding_seen.c.code, run_finding.c.severity, sa.func.count(), sa.func.sum(run_finding.c.records))
        .join(run_finding, run_finding.c.finding_id == finding_seen.c.id)
        .where(run_finding.c.run_id == last)
        .group_by(finding_seen.c.code, run_finding.c.severity)
    ).all()
    order = {code: place for place, code in enumerate(TELLING)}
    best = min(
        ((order.get(code, len(order)), SEVERITIES.index(severity), -int(records or 0), code)
         for code, severity, _, records in rows),
        default=None,
    )  # fmt: skip
    return (best[-1] if best else None), sum(count for _, _, count, _ in rows)


def _count(connection: Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())
