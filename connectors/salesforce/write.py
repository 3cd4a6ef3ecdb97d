"""Writing single fields: changes become calls of at most 200 records, answers become outcomes.

Changes of several fields of one record travel as one row. A row Salesforce refuses for one of
them goes again without it, since the refusal of a row is certain. A record somebody else has
locked is tried again a few times. A call without an answer is `unknown` and never sent again.

Not here: the call itself and what its answer means (write_call.py), values (write_values.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.salesforce.fields import Fields
from connectors.salesforce.write_call import ROWS, CallRefused, NotSent, Refused, Unanswered
from connectors.salesforce.write_values import Unfit, sent
from leadpact.connector import Change, Outcome
from leadpact.errors import LeadPactError, SourceUnreachable

READ_ONLY = "READ_ONLY"
LOCKED = frozenset({"UNABLE_TO_LOCK_ROW"})
# refusals of the record as a whole: sending its fields one by one would be refused the same
WHOLE_RECORD = frozenset(
    {
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "DUPLICATES_DETECTED",
        "ENTITY_IS_DELETED",
        "ENTITY_IS_LOCKED",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
        *LOCKED,
    }
)
# refusals of a call that an outdated idea of the object's fields explains
OUTDATED = frozenset({"INVALID_FIELD", "JSON_PARSER_ERROR", "INVALID_TYPE"})
LOCK_TRIES = 4
MOST_CALLS = 40  # for one batch: beyond it nobody is looked for who spoils it
LOCK_PAUSE = 1.0


Send = Callable[[Sequence[Mapping[str, Any]]], Sequence[Refused | None]]


@dataclass(frozen=True)
class Item:
    """One change that may be sent: `at` is its place among the changes asked for."""

    at: int
    change: Change
    key: tuple[str, str]
    field: str
    value: Any


@dataclass(frozen=True)
class Row:
    """The items of one record that travel together.

    `code` is why it was refused so far, `tries` how often because somebody had it locked.
    """

    items: tuple[Item, ...]
    tries: int = 0
    code: str = "NOT_SENT"

    @property
    def key(self) -> tuple[str, str]:
        return self.items[0].key

    def body(self) -> dict[str, Any]:
        sobject, record_id = self.key
        return {"attributes": {"type": sobject}, "id": record_id, **{one.field: one.value for one in self.items}}


class Writer:
    """Writes changes through `send`. `sleep` waits some seconds, before a locked record is tried again."""

    def __init__(self, fields: Fields, send: Send, *, writable: bool, sleep: Callable[[float], None]) -> None:
        self._fields, self._send, self._writable, self._sleep = fields, send, writable, sleep
        self._lost: LeadPactError | None = None
        self._looked = False

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """One Outcome per change, in order, a call's worth at a time.

        Raises SourceUnreachable where Salesforce cannot be reached; what went before is told.
        """
        if not self._writable:
            yield from (Outcome(change, "refused", READ_ONLY) for change in changes)
            return
        start = 0
        while start < len(changes):
            if self._lost is not None:
                raise self._lost
            told: dict[int, Outcome] = {}
            start, rows = self._batch(changes, start, told)
            if rows:
                self._settle(rows, told)
            yield from (told[at] for at in sorted(told))

    def _batch(self, changes: Sequence[Change], start: int, told: dict[int, Outcome]) -> tuple[int, list[Row]]:
        """The rows of one call, from `start` on; what cannot be sent is told. The first change of the next batch."""
        rows: dict[tuple[str, str], dict[str, Item]] = {}
        for at in range(start, len(changes)):
            found = self._item(at, changes[at])
            if isinstance(found, Outcome):
                told[at] = found
                continue
            row = rows.get(found.key)
            if (row is None and len(rows) == ROWS) or (row is not None and found.field in row):
                return at, _rows(rows)
            rows.setdefault(found.key, {})[found.field] = found
        return len(changes), _rows(rows)

    def _item(self, at: int, change: Change) -> Item | Outcome:
        """What would be sent for a change, or why nothing is."""
        described = self._fields.described(change.object)
        if described is None:
            return Outcome(change, "refused", "INVALID_TYPE")
        record_id = self._fields.record_id(change.object, change.record_id)
        if record_id is None:
            return Outcome(change, "refused", "MALFORMED_ID")
        field = self._fields.find(change.object, change.field)
        if field is None and not self._looked:
            # made since the org was described, perhaps
            self._looked = True
            self._fields.forget()
            field = self._fields.find(change.object, change.field)
        if field is None:
            return Outcome(change, "refused", "INVALID_FIELD")
        if not field.writable or "." in field.name:
            return Outcome(change, "refused", "INVALID_FIELD_FOR_INSERT_UPDATE")
        try:
            value = sent(self._fields.source_text(change.object, change.field, field, change.after), field.type)
        except Unfit as unfit:
            return Outcome(change, "refused", unfit.code)
        return Item(at, change, (described.name, record_id), field.name, value)

    def _settle(self, rows: list[Row], told: dict[int, Outcome]) -> None:
        """Sends rows until each of their changes is told."""
        waiting, calls = [rows], 0
        while waiting:
            call, rest = _one_each(waiting.pop(0))
            again: list[list[Row]] = []
            calls += 1
            try:
                answers = self._send([row.body() for row in call])
            except CallRefused as refusal:
                again = self._refused(call, refusal.code, calls, told)
            except NotSent as unsent:
                if calls == 1:
                    raise unsent.error from unsent
                self._lost = unsent.error
                _as_before([*call, *rest, *(row for rows in waiting for row in rows)], told)
                return
            except Unanswered as cut:
                self._lost = SourceUnreachable("salesforce_write.cut")
                _tell(call, told, "unknown", cut.code)
                _as_before([*rest, *(row for rows in waiting for row in rows)], told)
                return
            else:
                again = [[one for pair in zip(call, answers, strict=True) for one in self._answered(*pair, told)]]
                tries = max((row.tries for row in again[0]), default=0)
                if tries:
                    self._sleep(LOCK_PAUSE * 2 ** (tries - 1))
            waiting = [rows for rows in [*again, rest, *waiting] if rows]

    def _refused(self, call: list[Row], code: str, calls: int, told: dict[int, Outcome]) -> list[list[Row]]:
        """What goes again of a call refused as a whole: for a field that is no more, or a value it cannot read.

        First by the fields as they are now; then in halves, until those who are the reason stand alone.
        """
        if code in OUTDATED and calls == 1:
            return [self._renewed(call, code, told)]
        rows = [replace(row, code=code) for row in call]
        if code in OUTDATED and calls < MOST_CALLS and (len(rows) > 1 or len(rows[0].items) > 1):
            half = len(rows) // 2
            return [rows[:half], rows[half:]] if half else [[Row((one,), code=code) for one in rows[0].items]]
        _tell(call, told, "refused", code)
        return []

    def _answered(self, row: Row, refused: Refused | None, told: dict[int, Outcome]) -> list[Row]:
        """Tells what is settled of a row; what goes again."""
        if refused is None:
            _tell([row], told, "written", None)
            return []
        if refused.code in LOCKED and row.tries + 1 < LOCK_TRIES:
            return [replace(row, tries=row.tries + 1, code=refused.code)]
        if len(row.items) == 1 or refused.code in WHOLE_RECORD:
            _tell([row], told, "refused", refused.code)
            return []
        named = {field.casefold() for field in refused.fields}
        guilty = tuple(one for one in row.items if one.field.casefold() in named)
        others = tuple(one for one in row.items if one not in guilty)
        if guilty and others:
            _tell([Row(guilty)], told, "refused", refused.code)
            return [Row(others, code=refused.code)]
        return [Row((one,), code=refused.code) for one in row.items]

    def _renewed(self, rows: Sequence[Row], code: str, told: dict[int, Outcome]) -> list[Row]:
        """The rows of a call refused with `code` again, by the object's fields as they are described now."""
        self._fields.forget()
        again = []
        for row in rows:
            found = [self._item(one.at, one.change) for one in row.items]
            told |= {one.at: new for one, new in zip(row.items, found, strict=True) if isinstance(new, Outcome)}
            items = tuple(one for one in found if isinstance(one, Item))
            if items:
                again.append(replace(row, items=items, code=code))
        return again


def _rows(rows: Mapping[tuple[str, str], Mapping[str, Item]]) -> list[Row]:
    return [Row(tuple(items.values())) for items in rows.values()]


def _one_each(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The rows of the next call, no record twice in it, and the others."""
    call: dict[tuple[str, str], Row] = {}
    rest = []
    for row in rows:
        if row.key in call or len(call) == ROWS:
            rest.append(row)
        else:
            call[row.key] = row
    # a call may change its object only a few times
    return sorted(call.values(), key=lambda row: row.key[0]), rest


def _as_before(rows: Sequence[Row], told: dict[int, Outcome]) -> None:
    """Rows that were refused and could not be tried again stay refused."""
    for row in rows:
        _tell([row], told, "refused", row.code)


def _tell(rows: Sequence[Row], told: dict[int, Outcome], kind: Any, code: str | None) -> None:
    told |= {one.at: Outcome(one.change, kind, code) for row in rows for one in row.items}
