"""What a connector tells about a source table, so that a mapping can be proposed and checked.

Not here: who reads the source (connectors), the proposal (propose.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ContentKind = Literal["blank", "text", "time", "flag", "whole", "number"]


@dataclass(frozen=True)
class SourceColumn:
    """One column as a sample of its rows shows it.

    kind: what its cells can be read as; `blank` when none is filled.
    date_forms: the forms its dates fit; one is a decision, two are a question to the user.
    filled, distinct: counts in the sample; `values` the distinct texts where they are few
        (a picklist), most frequent first, else none.
    samples: a few cells, masked: they show the shape, not the content.
    label: what people call it, where `name` is an id that outlives renaming (Airtable).
    own: what the source itself tells of a row beside its columns: its `key`, or when it was `created`.
    links: the name of the table its cells refer to; people: its cells are users of the source.
    watches: it dates the last change of the column of that name; `*`, of any.
    fills: the canonical column it fills where the mapping says nothing of either (a CRM's standard fields).
    """

    name: str
    kind: ContentKind = "text"
    filled: int = 0
    distinct: int = 0
    date_forms: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    email: bool = False
    label: str = ""
    own: Literal["", "key", "created"] = ""
    links: str | None = None
    people: bool = False
    watches: str | None = None
    fills: str = ""

    @property
    def shown(self) -> str:
        """What to call it on screen, and what it is recognised by."""
        return self.label or self.name

    @property
    def unique(self) -> bool:
        """No value comes twice in the sample, so that it can be a key."""
        return self.filled > 0 and self.distinct == self.filled


@dataclass(frozen=True)
class SourceTable:
    """One table of the source. `sampled` rows were looked at; `rows` is null where unknown.

    `label` is what people call it, where `name` is an id that outlives renaming. `problem` is a
    catalogue key when the table cannot be read at all; it has no columns then. `fills` is the one
    target it can go to, and goes to unless it is ignored, where the source itself knows (a CRM's objects).
    """

    name: str
    columns: tuple[SourceColumn, ...] = ()
    rows: int | None = None
    sampled: int = 0
    problem: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    fills: str = ""

    @property
    def shown(self) -> str:
        """What to call it on screen, and what it is recognised by."""
        return self.label or self.name

    def called(self, name: str) -> bool:
        """Whether `name` means this table: its own name or its label, regardless of case."""
        return name.strip().casefold() in {self.name.casefold(), self.shown.strip().casefold()}

    def column(self, header: str) -> SourceColumn | None:
        """The column under `header` (its name, else its label), regardless of case and surrounding space."""
        wanted = header.strip().casefold()
        named = (column for column in self.columns if column.name.strip().casefold() == wanted)
        return next(named, next((one for one in self.columns if one.shown.strip().casefold() == wanted), None))
