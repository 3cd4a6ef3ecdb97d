"""The fields a CRM has, and making what is missing: what write-back and repair ask beside values.

An adapter that can tell its fields is `Fielded`; one that can also make fields and picklist
values is `Equippable`. Making is always in two steps: `prepare` reads and says what would be
sent, a person looks at it, `make` sends exactly that.

Not here: values (leadpact/connector.py: read, write), which fields LeadPact wants (writeback).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

FieldKind = Literal["text", "number", "time", "choice", "flag", "formula", "other"]


@dataclass(frozen=True)
class Choice:
    """One value of a picklist or single select."""

    value: str
    label: str
    is_active: bool = True


@dataclass(frozen=True)
class CrmField:
    """A field as the CRM describes it to this connection's user.

    `name` is what `Change.field` and `read(fields)` take beside canonical columns: the API name,
    on Airtable the field's id. `writable` is false for formulas and where the user may not edit;
    `restricted` choices refuse any other value. `column` is the canonical column the mapping reads
    it as, told of `status` at least. `stamped`: the CRM itself sets it with every write (who changed
    the record last, and when), or works it out.
    """

    object: str
    name: str
    label: str
    kind: FieldKind
    writable: bool
    restricted: bool = False
    choices: tuple[Choice, ...] = ()
    column: str | None = None
    stamped: bool = False


@dataclass(frozen=True)
class Making:
    """One thing to be made in the CRM.

    what `field`: a field called `name` of `kind`, with `choices` where it is a choice, or, where
    `days_since` names a time field, a formula that counts days from it. What `choices`: values
    added to the existing choice field `name`; `retire`: values made inactive there. Values not
    named stay as they are, always.
    """

    what: Literal["field", "choices", "retire"]
    object: str
    name: str
    label: str = ""
    kind: FieldKind = "text"
    choices: tuple[str, ...] = ()
    days_since: str | None = None
    help: str = ""


@dataclass(frozen=True)
class Prepared:
    """What would be done for one Making, before anything is done.

    `possible` is false where this CRM or user cannot; `message` and `remedy` are catalogue keys
    with their `params`. `preview` is what would be sent, for a person to read; it holds no
    secret and no record's content. `state` is the adapter's own: what it saw, so that `make` can
    refuse when the CRM has changed since.
    """

    making: Making
    possible: bool
    message: str
    remedy: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    preview: str = ""
    state: str = ""


@dataclass(frozen=True)
class Made:
    """What became of one Prepared. `exists`: it was there already; `moved`: changed since it was prepared."""

    prepared: Prepared
    kind: Literal["made", "exists", "moved", "refused", "unknown"]
    code: str | None = None
    # a field that was made is addressed by this from now on (Airtable gives ids)
    name: str | None = None


@runtime_checkable
class Fielded(Protocol):
    """An adapter whose CRM describes its fields."""

    def fields(self, object: str) -> Sequence[CrmField]:
        """All fields of leads or contacts. Raises SourceRefused or SourceUnreachable."""
        ...


@runtime_checkable
class Equippable(Fielded, Protocol):
    """An adapter that can make fields and values."""

    def prepare(self, wanted: Sequence[Making]) -> Sequence[Prepared]:
        """What would be done, one for each, in order. Reads only."""
        ...

    def make(self, prepared: Sequence[Prepared]) -> Iterator[Made]:
        """Does what was prepared, one by one, in order; refuses all while the connection is read-only."""
        ...
