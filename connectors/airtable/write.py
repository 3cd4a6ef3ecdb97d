"""Changes to records: ten to a call, the planned field only, one outcome for each, in the order asked.

Always PATCH (PUT clears what is not named) and never typecast (it coerces, and makes options). A call is all or
nothing: where one change is refused the ten are sent one by one, so that only the bad one is. What may have been done
and was not confirmed is `unknown` and is not sent again; Airtable says of a 503 too that it may have timed out while
processing, so every 5xx is of that kind. Only after a 429 does the client ask again (client.py).

Not here: text to cells (write_values.py), reading before and after (single.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from connectors.airtable import single
from connectors.airtable.client import Client
from connectors.airtable.faults import Refused, Unanswered, as_ours
from connectors.airtable.plan import Plan, Step
from connectors.airtable.schema import FieldDef, Schema
from connectors.airtable.write_values import NotACell, cell, is_record_id
from leadpact.connector import Change, Outcome, OutcomeKind

BATCH = 10
READ_ONLY, NO_OBJECT, NO_FIELD, NO_RECORD = "READ_ONLY", "NO_SUCH_OBJECT", "UNKNOWN_FIELD_NAME", "ROW_DOES_NOT_EXIST"
AMBIGUOUS, NO_ANSWER, NOT_SENT = "AMBIGUOUS_VALUE", "NO_ANSWER", "NOT_SENT"
_STOPS = (401, 429)  # nothing was done, and nothing will be for the rest either
_OF_ALL = (403, 404)  # may be of one record that is gone, or of the table or field and so of every change

Told = tuple[OutcomeKind, str | None]


@dataclass(frozen=True)
class _Cell:
    """One change as it is sent."""

    table: str
    record: str
    field: str
    value: Any


@dataclass
class _Window:
    """Changes in order, and what is to be sent for them: a call for each table."""

    changes: list[Change] = field(default_factory=list)
    told: dict[int, Told] = field(default_factory=dict)
    calls: dict[str, list[tuple[int, _Cell]]] = field(default_factory=dict)

    def holds(self, one: _Cell) -> bool:
        """Whether there is no room for it: the call is full, or changes the record already."""
        call = self.calls.get(one.table, ())
        return len(call) == BATCH or any(other.record == one.record for _, other in call)

    def add(self, change: Change, one: _Cell | Told) -> None:
        place = len(self.changes)
        self.changes.append(change)
        if isinstance(one, _Cell):
            self.calls.setdefault(one.table, []).append((place, one))
        else:
            self.told[place] = one


class Writer:
    """Writes for one connection, against the schema and the mapping as they are now."""

    def __init__(self, client: Client, schema: Schema, plan: Plan) -> None:
        self.client, self.schema, self.plan = client, schema, plan
        self._closed: set[tuple[str, str, str]] = (
            set()
        )  # table, field and code that refused ten records, each by itself

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Every outcome is given after its change was stored. Raises SourceUnreachable or SourceRefused where the
        link died or the token was refused; what was sent until then has its outcomes."""
        window, homes = _Window(), self._homes(changes)
        for change in changes:
            one = self._cell(change, homes)
            if isinstance(one, _Cell) and window.holds(one):
                yield from self._sent(window, more=True)
                window = _Window()
            window.add(change, one)
        yield from self._sent(window, more=False)

    def unfit(self, changes: Sequence[Change]) -> bool:
        """Whether one of these would be refused here, by the schema as it is known. Asks nothing."""
        return any(not isinstance(self._cell(change, {}), _Cell) for change in changes)

    # what is sent

    def _homes(self, changes: Sequence[Change]) -> Mapping[tuple[str, str], Step | None]:
        """Which table holds a record, where an object has several or a table holds several objects: by reading."""
        found: dict[tuple[str, str], Step | None] = {}
        for object in {change.object for change in changes}:
            steps = [step for step in self.plan.of("leads", "contacts") if step.object == object]
            if len(steps) < 2 and not any(step.where for step in steps):
                continue
            ids = list(dict.fromkeys(change.record_id for change in changes if change.object == object))
            found |= {(object, one): None for one in ids}
            for step in steps:
                there = single.of_table(self.client, self.schema, self.plan, step, ids, ["record_id"])
                found |= {(object, one): step for one in there}
        return found

    def _cell(self, change: Change, homes: Mapping[tuple[str, str], Step | None]) -> _Cell | Told:
        places = self.plan.place(change.object, change.field)
        key = (change.object, change.record_id)
        if not any(step.object == change.object for step in self.plan.of("leads", "contacts")):
            return "refused", NO_OBJECT
        if not is_record_id(change.record_id) or (key in homes and homes[key] is None):
            return "refused", NO_RECORD
        home = homes.get(key)
        step, one = next(((step, one) for step, one in places if home in (None, step)), (None, None))
        if step is None or one is None:
            return "refused", NO_FIELD
        try:
            value = cell(one.type, _source_text(step, change, one), one.choices)
        except NotACell as refusal:
            return "refused", refusal.code
        return _Cell(step.table.id, change.record_id, one.id, value)

    # sending

    def _sent(self, window: _Window, *, more: bool) -> Iterator[Outcome]:
        """The outcomes of a window. Raises after them where going on would be writing in the dark."""
        trouble: Refused | Unanswered | None = None
        for call in window.calls.values():
            if trouble is not None:
                window.told |= {place: ("unknown", NOT_SENT) for place, _ in call}
                continue
            trouble = self._call(call, window.told)
        unsent = bool(window.calls) and all(window.told[place][1] == NOT_SENT for place, _ in _all(window))
        if trouble is not None and unsent:
            raise as_ours(trouble, self.client.settings.host, self.client.settings.base_id)
        yield from (Outcome(change, *window.told[place]) for place, change in enumerate(window.changes))
        if trouble is not None and more:
            raise as_ours(trouble, self.client.settings.host, self.client.settings.base_id)

    def _call(self, call: Sequence[tuple[int, _Cell]], told: dict[int, Told]) -> Refused | Unanswered | None:
        """Sends one call and says what became of each; the error after which nothing more is to be sent."""
        try:
            done = self._patch([one for _, one in call])
        except Refused as refused:
            code = refused.type or f"HTTP_{refused.status}"
            if refused.status >= 500:
                told |= {place: ("unknown", code) for place, _ in call}
                return refused
            if refused.status in _STOPS:
                told |= {place: ("unknown", NOT_SENT) for place, _ in call}
                return refused
            doors = {(one.table, one.field, code) for _, one in call}
            if len(call) > 1 and not doors <= self._closed:
                trouble = self._one_by_one(call, told)
                if refused.status in _OF_ALL and all(told[place] == ("refused", code) for place, _ in call):
                    self._closed |= doors
                return trouble
            told |= {place: ("refused", code) for place, _ in call}
            return None
        except Unanswered as silence:
            told |= {place: ("unknown", NO_ANSWER if silence.sent else NOT_SENT) for place, _ in call}
            return silence
        told |= {place: ("written", None) if one.record in done else ("unknown", NO_ANSWER) for place, one in call}
        return None

    def _one_by_one(self, call: Sequence[tuple[int, _Cell]], told: dict[int, Told]) -> Refused | Unanswered | None:
        """Nothing of the call was done: each change by itself."""
        trouble: Refused | Unanswered | None = None
        for place, one in call:
            if trouble is None:
                trouble = self._call([(place, one)], told)
            else:
                told[place] = "unknown", NOT_SENT
        return trouble

    def _patch(self, ones: Sequence[_Cell]) -> set[str]:
        """The records Airtable says it changed."""
        records: list[Any] = [{"id": one.record, "fields": {one.field: one.value}} for one in ones]
        try:
            answer = self.client.table(ones[0].table).batch_update(records, replace=False, typecast=False)
        except (KeyError, TypeError, AttributeError):
            return set()  # an answer of another shape confirms nothing
        return {str(record["id"]) for record in answer}


def _all(window: _Window) -> Iterator[tuple[int, _Cell]]:
    return chain.from_iterable(window.calls.values())


def _source_text(step: Step, change: Change, one: FieldDef) -> str | None:
    """The text in the base's own words: the mapping may call a value otherwise. Raises NotACell where two would do."""
    after = change.after
    called = step.entry.values.get(change.field) if after is not None else None
    if not called or after is None:
        return after
    spelled = {name.strip().casefold(): name for name in one.choices}
    sources = [spelled.get(source.strip().casefold(), source) for source, to in called.items() if str(to) == after]
    itself = after in one.choices and after.strip().casefold() not in {source.strip().casefold() for source in called}
    if len(sources) + itself > 1:
        raise NotACell(AMBIGUOUS)
    return sources[0] if sources else after
