"""A plan of changes as data: rows with both sides, the hash of what was reviewed, and how much is too much.

Not here: keeping it (plans.py), doing it (applying.py).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import floor

from leadpact.connector import Change
from leadpact.errors import LeadPactError, Misconfigured

WRITEBACK, UNDO, STATUS, KEEP = KINDS = ("writeback", "undo", "status", "keep")
REPAIRS = (STATUS, KEEP)  # they change what people have entered: a pilot first, and in production a rehearsal
SHARE, MOST = 0.2, 5_000


class TooMuch(LeadPactError):
    """More records would change than may without being asked for on purpose."""


@dataclass(frozen=True)
class Row:
    """One field of one record. Null is an empty field.

    `before_ours`, `after_ours`: the value of that side is one LeadPact wrote, or will have written
    by this plan; what a person entered is never ours.
    """

    object: str
    record_id: str
    field: str
    before: str | None
    after: str | None
    reason: str = ""
    before_ours: bool = False
    after_ours: bool = False

    @property
    def change(self) -> Change:
        return Change(self.object, self.record_id, self.field, self.before, self.after, self.reason)

    @property
    def swapped(self) -> Row:
        """The row that takes this one back."""
        return Row(self.object, self.record_id, self.field, self.after, self.before, UNDO,
                   self.after_ours, self.before_ours)  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """What a plan is made for. `kinds` says by `object.field` what kind of field it is (crm_fields.FieldKind).

    `recipe`: what a repair follows (`source`, `hash`, `type` of the CRM, `field` of a kept text), whatever
    the records; its undo has the same. Plans of one recipe rehearse each other.
    """

    connection: str
    kind: str
    author: str
    created_at: datetime
    pact_version: int | None = None
    pact_hash: str | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    undoes: int | None = None
    recipe: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Tally:
    """What is counted while the rows are made: the records looked at, and changes set apart, by reason.

    `calls` were made to ask what the CRM would refuse; of `unasked` records it could not be asked.
    """

    whole: int = 0
    calls: int = 0
    unasked: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Plan:
    """A plan as it is kept. `changes` are fields, `records` the records they are of, `whole` those looked at."""

    id: int
    draft: Draft
    hash: str
    changes: int
    records: int
    whole: int
    skipped: Mapping[str, int]

    @property
    def connection(self) -> str:
        return self.draft.connection

    @property
    def kind(self) -> str:
        return self.draft.kind

    def kind_of(self, row: Row) -> str:
        return self.draft.kinds.get(f"{row.object}.{row.field}", "text")


class Digest:
    """The content hash of a plan, row by row: the same changes of the same connection have the same hash."""

    def __init__(self, draft: Draft) -> None:
        head: list[object] = [draft.connection, draft.kind, draft.pact_hash, draft.undoes, sorted(draft.kinds.items())]
        head += [sorted(draft.recipe.items())] if draft.recipe else []
        self._hash = hashlib.sha256(_line(head))

    def add(self, row: Row) -> None:
        own = [row.object, row.record_id, row.field, row.before, row.after, row.reason, row.before_ours, row.after_ours]
        self._hash.update(_line(own))

    @property
    def text(self) -> str:
        return self._hash.hexdigest()


def _line(values: Sequence[object]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


@dataclass(frozen=True)
class Limits:
    """How much may change without force: at most `share` of the records looked at, and at most `most`."""

    share: float = SHARE
    most: int = MOST

    def __post_init__(self) -> None:
        """Raises Misconfigured for limits that cannot be."""
        if not 0 < self.share <= 1 or self.most < 1:
            raise Misconfigured("writeback.bad_limits")

    def exceeded(self, plan: Plan) -> TooMuch | None:
        """What is to be said where the plan is above one of the two; null where it is not.

        An undo is bounded by the plan it takes back, which somebody allowed.
        """
        if plan.kind == UNDO or (plan.records <= self.share * plan.whole and plan.records <= self.most):
            return None
        percent = round(100 * plan.records / plan.whole, 1) if plan.whole else 100
        share, may = round(100 * self.share, 1), floor(self.share * plan.whole)
        return TooMuch("writeback.too_much", records=plan.records, whole=plan.whole, percent=percent, share=share,
                       may=may, most=self.most)  # fmt: skip
