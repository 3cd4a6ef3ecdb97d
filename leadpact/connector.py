"""The protocol every adapter speaks, and the flags by which it says what its CRM can do.

An adapter translates and reports. It never scores, maps stages, opens the store or draws.

Not here: which adapters exist (connectors/__init__.py), how pages become a mirror (sync.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

import pyarrow as pa


@dataclass(frozen=True)
class Capabilities:
    """What a source can do. A flag that is false is said to the user, never worked around.

    history: past values of the status field can be read.
    activities: touches can be read, so that "never touched" means something.
    write: single fields can be written; `batch_size` records to a call.
    compare_and_set: the source itself refuses a write whose `before` no longer holds.
    incremental: `pages(since=…)` delivers only what changed; deletions included when
        `deletions` is true, else they show only in a full read.
    copies: what is written goes into a copy to import, and the source itself is left alone (crm_facts.Copying).
    """

    history: bool = False
    activities: bool = False
    write: bool = False
    batch_size: int = 1
    compare_and_set: bool = False
    incremental: bool = False
    deletions: bool = False
    copies: bool = False


@dataclass(frozen=True)
class Reject:
    """A row the source holds and the mirror does not, or not as it stood.

    `line` is the 1-based line in the file (the row's first line), null where there are no
    lines. `problem` is a catalogue key with its `params`; `raw` is the row as it came, for
    the download only: it is never logged and never part of a message. `kept` is true when
    the row was loaded after a repair (a date moved, a cell emptied).
    """

    source: str
    line: int | None
    column: str | None
    problem: str
    params: Mapping[str, Any] = field(default_factory=dict)
    raw: str | None = None
    kept: bool = False


@dataclass(frozen=True)
class Page:
    """Some rows of one canonical table, in the source's order, and what could not be read.

    `rows` has the table's canonical columns (missing ones are null) and, for tables that
    allow it, `f_<slug>` columns. `mark` is the watermark that is safe once this page is
    stored. `deleted` lists keys gone from the source.
    `gone` are rows of the table that a delta takes away before `rows` are laid in: a table of some of
    its columns, and every row that agrees in all of them goes. `anew`: the rows the mirror held before
    this reading go, for this page begins the whole table. In a full reading both mean nothing, but
    that its `gone` records are there, out of what the mapping means, and not deleted (absent.py).
    `once`: the source tells these field changes only once (a queue of events): they are kept in
    pact.db, for the next reading from the beginning will not have them.
    """

    table: str
    rows: pa.Table
    rejects: Sequence[Reject] = ()
    deleted: Sequence[tuple[str, str]] = ()
    calls: int = 0
    once: bool = False
    gone: pa.Table | None = None
    anew: bool = False


@dataclass(frozen=True)
class Extract:
    """One reading of a source.

    `pages` streams; `provided` names the canonical tables this source delivers at all (an
    empty table that is provided means "none", one that is not means "unknown").
    `complete` is false for a delta. `mark()` is the watermark to resume from, valid after
    the last page. `history_since` is the moment from which status history is complete,
    null where the source does not say. `untracked` are the objects whose status has no history
    at all, although others of the source have one.
    `scope`: what this reading covers, as text, where the source shows deletions only by absence: a
    record the generation before held under the same scope, and a whole reading does not bring, has
    been deleted (absent.py). Null where absence says nothing.
    """

    pages: Iterator[Page]
    provided: frozenset[str]
    complete: bool
    mark: Mark
    history_since: datetime | None = None
    creation_logged: bool | None = None
    untracked: frozenset[str] = frozenset()
    scope: str | None = None


class Mark(Protocol):
    def __call__(self) -> str | None: ...


@dataclass(frozen=True)
class Check:
    """One thing a connection test found. `message` and `remedy` are catalogue keys."""

    name: str
    ok: bool
    message: str
    remedy: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One field of one record to be written. `before` makes conflicts and undo possible.

    `field` is a canonical column (`status`, `f_<slug>`), else the source's own name for a field
    (crm_fields.CrmField.name). A null `after` empties it.
    """

    object: str
    record_id: str
    field: str
    before: str | None
    after: str | None
    reason: str = ""


OutcomeKind = Literal["written", "refused", "conflict", "unknown"]


@dataclass(frozen=True)
class Outcome:
    """What became of one change. `unknown`: the link died and the source must be re-read."""

    change: Change
    kind: OutcomeKind
    code: str | None = None


@runtime_checkable
class Connector(Protocol):
    """What an adapter implements. Construct it from its settings; construction reads nothing."""

    name: str
    can: Capabilities

    def check(self) -> Iterable[Check]:
        """Tests the connection and writes nothing."""
        ...

    def extract(self, since: str | None = None) -> Extract:
        """Reads the source; `since` is a mark from an earlier extract, null for everything.

        Raises SourceRefused or SourceUnreachable (leadpact.errors) when nothing can be read.
        """
        ...

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
        """The current values of `fields` by record id; a record that is gone is left out."""
        ...

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """One Outcome per change, in order. A refused record is an Outcome; a dead link raises."""
        ...


@runtime_checkable
class Mappable(Protocol):
    """What an adapter adds when its tables and fields are the user's own and must be mapped."""

    def describe(self) -> list[Any]:
        """The source's tables, as leadpact.mapping.SourceTable: what a mapping is proposed from."""
        ...
