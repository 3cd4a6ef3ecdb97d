"""What a CRM can tell before a repair writes to it: who holds a value, what cannot be written, what runs upon it.

An adapter offers what its CRM tells, one protocol each: `Counting` (how many records hold a value
now), `Guarded` (which records would not take a value, and why), `Automated` (what is set up to run
when a field is written), `Copying` (a source that cannot be written, of which a corrected copy can
be). What cannot be read is named with its reason, never taken for nothing.

Not here: fields and values (crm_fields.py), records (connector.py: read, write), plans (writeback).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from leadpact.connector import Check, Connector

# why a record would not take a value (catalogue `writeback.apart.<name>`)
LOCKED, NO_ACCESS, NO_TYPE_VALUE, CONVERTED, GONE, DERIVED = BARRIERS = (
    "locked", "no_access", "no_type_value", "converted", "gone", "derived",
)  # fmt: skip
AutomationKind = Literal[
    "flow", "process", "workflow_rule", "validation_rule", "trigger", "assignment_rule", "approval_process"
]
# how an automation has to do with the field (catalogue `repair_values.how.<name>`)
How = Literal["reads", "sets", "both", "every"]


@dataclass(frozen=True)
class Held:
    """How many records hold a value now, converted ones among them. `at_least`: there may be more."""

    records: int
    at_least: bool = False


@runtime_checkable
class Counting(Protocol):
    """An adapter that can count the holders of a value."""

    def holders(self, object: str, field: str, values: Sequence[str]) -> Mapping[str, Held]:
        """By value (as the mirror has it) who holds it now. `field` as in Change. Deleted records do not count.

        Raises SourceRefused or SourceUnreachable.
        """
        ...


@dataclass(frozen=True)
class Barriers:
    """What stands against writing some records: by record id one of BARRIERS; those not named may be written.

    `unasked` counts records the CRM was not asked about (beyond the bound of calls, or not permitted): they
    show when they are written. `calls` are those it took.
    """

    found: Mapping[str, str] = field(default_factory=dict)
    unasked: int = 0
    calls: int = 0


@runtime_checkable
class Guarded(Protocol):
    """An adapter whose CRM tells beforehand what it would refuse."""

    def permissions(self, object: str, field: str) -> Sequence[Check]:
        """What this connection's user needs to write `field`, each granted or not with its remedy. Reads only."""
        ...

    def barriers(self, object: str, field: str, wanted: Mapping[str, str | None], *, thorough: bool) -> Barriers:
        """What stands against writing these values, by record id.

        `thorough` asks also what costs a call for few records, such as the right to edit each.
        Raises SourceRefused or SourceUnreachable.
        """
        ...


@dataclass(frozen=True)
class Automation:
    """One active automation that has to do with a field.

    `how`: it `reads` the field (a condition), `sets` it, `both`, or runs on `every` write and nobody can
    tell whether the field matters to it. `starts`: writing the field by LeadPact may start it.
    """

    kind: AutomationKind
    name: str
    label: str
    object: str
    how: How
    starts: bool = True


@dataclass(frozen=True)
class Unread:
    """Automations of a kind that could not be read: a catalogue key says why, and what it takes."""

    kind: str
    reason: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Automations:
    """What is set up to run when a field is written, as far as it can be read."""

    found: Sequence[Automation] = ()
    unread: Sequence[Unread] = ()
    calls: int = 0


@runtime_checkable
class Automated(Protocol):
    """An adapter that can say what runs when a field is written."""

    def automations(self, object: str, field: str) -> Automations:
        """The active automations that name the field. A kind that cannot be read is `unread`.

        Raises SourceUnreachable, and SourceRefused where nothing at all can be asked.
        """
        ...


@runtime_checkable
class Copying(Protocol):
    """A source that is never written, and can be given as a corrected copy to import.

    `copy()` is an adapter whose `write` changes the copy and whose `read` tells the copy as it stands,
    the source itself where there is none of it as it is now. Its capabilities say `copies`.
    """

    def copy(self) -> Copied:
        """Reads nothing."""
        ...


@runtime_checkable
class Copied(Connector, Protocol):
    """The adapter of a copy; `place` is the folder it lies in."""

    place: Path
