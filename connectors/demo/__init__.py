"""The demo CRM: a company that does not exist, readable and writable like one that does.

Deterministic by (leads, seed, until); `until` is fixed on first use and kept in the state
folder, so that every later sync sees the same company. What is written stays written.

Not here: the company itself (company.py), its truth (truth.py), files on disk (files.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.demo.crm import FROZEN, Crm
from connectors.demo.custom import Custom, own_fields, takes
from connectors.demo.edits import Edit, Edits
from connectors.demo.files import write_company
from connectors.demo.settings import read as read_settings
from leadpact.connector import Capabilities, Change, Check, Extract, Outcome, Page
from leadpact.crm_facts import Automations, Held
from leadpact.crm_fields import CrmField, Made, Making, Prepared
from leadpact.errors import SourceRefused, SourceUnreachable
from leadpact.model import RECORD, TABLES

__all__ = ["Demo", "write_company"]


class Demo:
    """The adapter. Settings: `leads`, `seed`, `until` (ISO, UTC), `writable`; all optional.

    `now` dates the edits, and fixes `until` on first use where the settings do not.
    """

    name = "demo"
    can = Capabilities(
        history=True,
        activities=True,
        write=True,
        batch_size=200,
        compare_and_set=False,
        incremental=True,
        deletions=True,
    )

    def __init__(
        self,
        settings: Mapping[str, Any],
        state: Path | None = None,
        now: Callable[[], datetime] | None = None,
        mapping: str | None = None,
    ) -> None:
        """Reads nothing; raises Misconfigured where a setting is wrong. There is nothing to map."""
        self._settings = read_settings(settings)
        self._edits = Edits(state)
        self._custom = Custom(self._edits)
        self._now = now or (lambda: datetime.now(UTC))

    def check(self) -> Iterable[Check]:
        """What this connection is, and whether it may write. Fixes nothing; only the edits can be out of reach."""
        try:
            anchored = self._edits.anchored()
        except SourceUnreachable as error:
            yield Check("company", False, error.key, "demo.state_unusable_remedy", error.params)
            return
        until = self._settings.until or anchored or self._moment()
        params = {"leads": self._settings.leads, "until": until.isoformat(" ", "minutes")}
        yield Check("company", True, "demo.check_company", params=params)
        if self._settings.writable:
            yield Check("write", True, "demo.check_writable")
        else:
            yield Check("write", False, "demo.check_read_only", remedy="demo.check_read_only_remedy")

    def extract(self, since: str | None = None) -> Extract:
        """Everything, or the records edited since the mark; a mark of another company means everything."""
        crm = self._crm()
        last = self._edits.last(crm.name)
        after = _number(since, crm.name)
        tables = crm.whole(last) if after is None else crm.since(after, last)
        return Extract(
            pages=(Page(name, rows) for name, rows in tables),
            provided=frozenset(TABLES),
            complete=after is None,
            mark=lambda: f"{crm.name}/{last}",
            history_since=None,
            creation_logged=True,
        )

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
        """Current values as text; deleted and merged records are gone.

        Raises SourceRefused for a field these records do not have.
        """
        crm = self._crm()
        made = self._custom.fields(crm.name, object)
        known = {*RECORD.names, *crm.custom, *made}
        for name in fields:
            if name not in known:
                raise SourceRefused("demo.no_field", name=name)
        rows = crm.read(object, ids)
        if made.keys() & set(fields):
            self._custom.lay_over(crm.name, object, rows, made, self._moment())
        return {
            record_id: {name: _text(row[name]) for name in fields} for record_id, row in rows.items() if not _gone(row)
        }

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """One Outcome per change, in order, batch by batch; a batch is stored before it is reported."""
        crm, waiting = self._crm(), iter(changes)
        while batch := list(islice(waiting, self.can.batch_size)):
            objects = {change.object for change in batch}
            made = {object: self._custom.fields(crm.name, object) for object in objects}
            rows = {
                object: crm.read(object, [change.record_id for change in batch if change.object == object])
                for object in objects
            }
            taken = {object: crm.lists.taken(object) for object in objects}
            moment, outcomes, accepted, values = self._moment(), [], [], []
            for change in batch:
                row, field = rows[change.object].get(change.record_id), made[change.object].get(change.field)
                code = self._refusal(crm, change, row, taken[change.object], field)
                outcomes.append(Outcome(change, "refused" if code else "written", code))
                if code is None and row is not None and field is not None:
                    values.append((change.object, change.record_id, change.field, change.after))
                elif code is None and row is not None:
                    before = _text(row[change.field])
                    row[change.field] = change.after
                    accepted.append(Edit(change.object, change.record_id, change.field, before, change.after, moment))
            self._edits.store(crm.name, accepted, values)
            yield from outcomes

    def fields(self, object: str) -> Sequence[CrmField]:
        """The columns of its records, and the fields that were made."""
        crm = self._crm()
        own = own_fields(object, crm.custom, crm.lists.choices(object))
        return [*own, *self._custom.fields(crm.name, object).values()]

    def holders(self, object: str, field: str, values: Sequence[str]) -> Mapping[str, Held]:
        """How many records hold each status now. Raises SourceRefused for another field."""
        if field != "status":
            raise SourceRefused("demo.no_field", name=field)
        return self._crm().holders(object, values)

    def automations(self, object: str, field: str) -> Automations:
        """The demo company has none."""
        return Automations()

    def prepare(self, wanted: Sequence[Making]) -> Sequence[Prepared]:
        """What would be made: fields, and values of fields made before. Reads only."""
        return self._custom.prepare(self._crm(), wanted)

    def make(self, prepared: Sequence[Prepared]) -> Iterator[Made]:
        """Makes what was prepared, one by one; refuses all while the connection is read-only."""
        for one in prepared:
            if self._settings.writable:
                yield self._custom.make(self._crm(), one)
            else:
                yield Made(one, "refused", "READ_ONLY")

    def _refusal(
        self, crm: Crm, change: Change, row: Mapping[str, Any] | None, taken: frozenset[str], made: CrmField | None
    ) -> str | None:
        """Why this CRM would refuse the change, in the words a CRM uses; null when it would not."""
        if not self._settings.writable:
            return "READ_ONLY"
        if row is None:
            return "ENTITY_NOT_FOUND"
        status, owner = change.field == "status", change.field == "owner_id"
        refusals = {
            "ENTITY_IS_DELETED": _gone(row),
            "CANNOT_UPDATE_CONVERTED_LEAD": row["converted_at"] is not None,
            "INVALID_FIELD": made is None and (change.field not in row or change.field in FROZEN),
            "INVALID_VALUE": made is not None and not takes(made, change.after),
            "INVALID_PICKLIST": status and change.after is not None and change.after not in taken,
            "INVALID_CROSS_REFERENCE_KEY": owner and change.after not in crm.owner_ids(),
        }
        return next((code for code, holds in refusals.items() if holds), None)

    def _moment(self) -> datetime:
        """Now, as UTC without zone."""
        now = self._now()
        return now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now

    def _crm(self) -> Crm:
        settings = self._settings
        until = settings.until or self._edits.anchor(self._moment().replace(microsecond=0))
        return Crm(settings.leads, settings.seed, until, self._edits)


def _gone(row: Mapping[str, Any]) -> bool:
    return row["condition"] == "deleted" or row["merged_into"] is not None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _number(since: str | None, company: str) -> int | None:
    """The edit number of a mark of this company; null for none, or another company's."""
    name, _, number = (since or "").rpartition("/")
    return int(number) if name == company and number.isdecimal() else None
