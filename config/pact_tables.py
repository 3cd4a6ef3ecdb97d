"""The tables of what surrounds the versions of a pact: lines, drafts with every edit, comments, votes.

Not here: versions and signatures (database.py), what the rows mean (drafts.py, comments.py).
"""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from config.database import metadata

pact_draft = Table(
    "pact_draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pact", String(63), nullable=False),
    Column("base", String(64)),  # hash of the version it grew from
    Column("base_number", Integer),
    Column("seen", Integer),  # the newest version when it began, or was brought up to
    Column("start", Text, nullable=False),  # JSON: the document at revision 0
    Column("document", Text, nullable=False),  # JSON: the document at `revision`
    Column("revision", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # open, published, discarded
    Column("author", String(320), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("updated_at", DateTime, nullable=False),
    Index(
        "uq_pact_draft_open",
        "pact",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

pact_draft_edit = Table(
    "pact_draft_edit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draft_id", Integer, ForeignKey("pact_draft.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("section", String(255), nullable=False),
    Column("value", Text),  # JSON: the section after it; null when it was taken out
    Column("author", String(320), nullable=False),
    Column("at", DateTime, nullable=False),
    UniqueConstraint("draft_id", "section", "revision", name="uq_pact_draft_edit_once"),
)

pact_comment = Table(
    "pact_comment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pact", String(63), nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", String(320), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("resolved_by", String(320)),
    Column("resolved_at", DateTime),
)

pact_line = Table(
    "pact_line",
    metadata,
    Column("slug", String(63), primary_key=True),
    Column("author", String(320), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("retired_by", String(320)),
    Column("retired_at", DateTime),
)

signature_withdrawal = Table(
    "signature_withdrawal",
    metadata,
    Column("signature_id", Integer, ForeignKey("signature.id"), primary_key=True, autoincrement=False),
    Column("email", String(320), nullable=False),
    Column("door", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", DateTime, nullable=False),
)

pact_vote = Table(
    "pact_vote",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("line", String(63), nullable=False),
    Column("hash", String(64), nullable=False, index=True),
    Column("team", String(16), nullable=False),
    Column("voted", Integer, nullable=False),
    Column("total", Integer),  # of how many; null where nobody counted
    Column("author", String(320), nullable=False),
    Column("at", DateTime, nullable=False),
)

pact_source = Table(
    "pact_source",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("yaml", Text, nullable=False),  # the file a document came from, with its comments
    Column("at", DateTime, nullable=False),
)
