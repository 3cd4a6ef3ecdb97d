"""One org: its rows, its clock, and what people and the platform do to them.

Rows are never changed in place: a change replaces the row, so that a query under way keeps what it
had seen. Every change stamps `SystemModstamp` with the org's own clock, which is ours only if a
test says so, and has whole seconds.

Not here: how rows are asked for (soql.py, rows.py), over HTTP (rest.py, bulk.py), sign-in (login.py).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from tests.salesforce.objects import all_objects
from tests.salesforce.schema import Pick, SObject

Row = Mapping[str, Any]
START = datetime(2026, 3, 4, 12)
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def id18(short: str) -> str:
    """The 18 characters of a 15-character id: three more that carry the case of the others."""
    groups = (short[:5], short[5:10], short[10:])
    return short + "".join(_SUFFIX[sum(1 << at for at, one in enumerate(g) if one.isupper())] for g in groups)


class Clock:
    """The org's clock, UTC without zone. It stands still until somebody moves it."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now.replace(microsecond=0)

    def advance(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self()


class Org:
    """An org without rows but a system administrator, its profile, and itself."""

    def __init__(self, now: datetime = START, *, sandbox: bool = False) -> None:
        self.clock = Clock(now)
        self.lock = threading.RLock()
        self.objects: dict[str, SObject] = all_objects()
        self.rows: dict[str, Any] = {name: {} for name in self.objects}
        self.offered: dict[tuple[str, str], tuple[str, ...]] = {}  # (record type, field): its values, else all
        self.changes = 0  # grows with every change: a cached result is known to be stale by it
        self._next = itertools.count(1)
        self.admin = self._id("User")
        profile = self.insert("Profile", Name="System Administrator")
        self.insert(
            "User", Id=self.admin, Name="Integration User", LastName="User", FirstName="Integration", IsActive=True,
            Username="integration@acme.example", Email="integration@acme.example", TimeZoneSidKey="UTC",
            UserType="Standard", ProfileId=profile,
        )  # fmt: skip
        self.id = self.insert(
            "Organization", Name="Acme", IsSandbox=sandbox, InstanceName="EU42", OrganizationType="Enterprise Edition",
            TimeZoneSidKey="America/Mexico_City", LanguageLocaleKey="en_US",
        )  # fmt: skip

    # -- what the platform does -------------------------------------------------------------

    def _id(self, name: str) -> str:
        return id18(f"{self.objects[name].prefix}5e{next(self._next):010d}")

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """As if it were another moment: for what happened in the past."""
        before, self.clock.now = self.clock.now, moment
        try:
            yield
        finally:
            self.clock.now = before

    def get(self, name: str, key: str) -> Row:
        return self.rows[name][key]

    def insert(self, name: str, *, by: str | None = None, **values: Any) -> str:
        """A new row; returns its Id. Values that the object has no field for are a mistake of the test."""
        described, now, actor = self.objects[name], self.clock(), by or self.admin
        unknown = set(values) - set(described.fields)
        assert not unknown, f"{name} has no {unknown}"
        row: dict[str, Any] = {
            field: False if one.type == "boolean" else None for field, one in described.fields.items()
        }
        for field in described.fields.values():
            row[field.name] = next((one.value for one in field.picks if one.default), row[field.name])
        row |= {"Id": values.get("Id") or self._id(name), "CreatedDate": now, "CreatedById": actor}
        if "SystemModstamp" in row:
            row |= {"SystemModstamp": now, "LastModifiedDate": now, "LastModifiedById": actor}
        if row.get("OwnerId", "") is None:
            row["OwnerId"] = actor
        row |= values
        self._put(name, row)
        if described.tracked:
            self._history(name, row["Id"], "created", None, None, actor)
        return str(row["Id"])

    def update(self, name: str, key: str, *, by: str | None = None, **values: Any) -> None:
        """Changes a row, writes its history where the field is tracked, and stamps it."""
        described, before, actor = self.objects[name], self.rows[name][key], by or self.admin
        unknown = set(values) - set(described.fields)
        assert not unknown, f"{name} has no {unknown}"
        now = self.clock()
        stamped = {"SystemModstamp": now, "LastModifiedDate": now, "LastModifiedById": actor}
        if values.get("StageName", before.get("StageName")) != before.get("StageName"):
            stamped["LastStageChangeDate"] = now
        self._put(name, {**before, **stamped, **values})
        for field in described.tracked:
            if field in values and values[field] != before[field]:
                self._track(name, key, field, before[field], values[field], actor)

    def touch(self, name: str, key: str) -> None:
        """Stamps a row without changing it, as formula and picklist edits do."""
        self.update(name, key)

    def _put(self, name: str, row: dict[str, Any]) -> None:
        with self.lock:
            if "Name" in row and "LastName" in row:
                row["Name"] = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part) or None
            self.rows[name][row["Id"]] = row
            self.changes += 1

    def _track(self, name: str, key: str, field: str, old: Any, new: Any, actor: str) -> None:
        """A reference leaves two rows: one with the names, one with the ids. [object reference, history]"""
        if field != "OwnerId":
            self._history(name, key, field, old, new, actor)
            return
        self._history(name, key, "Owner", self._name_of(old), self._name_of(new), actor)
        self._history(name, key, "Owner", old, new, actor)

    def _name_of(self, key: str | None) -> str | None:
        found = self.rows["User"].get(key) or self.rows["Group"].get(key)
        return found["Name"] if found else None

    def _history(self, name: str, key: str, field: str, old: Any, new: Any, actor: str) -> None:
        parent = f"{name}Id"
        kind = "EntityId" if str(new or "")[:3] in ("005", "00G") else "Text"
        values = {"Field": field, "OldValue": old, "NewValue": new, "DataType": kind, parent: key}
        self.insert(f"{name}History", by=actor, **values)

    # -- what people do ------------------------------------------------------------------------

    def delete(self, name: str, key: str) -> None:
        """Into the bin: only queryAll shows it. Its history goes with it."""
        self.update(name, key, IsDeleted=True)
        for row in [one for one in self.rows.get(f"{name}History", {}).values() if one[f"{name}Id"] == key]:
            self._put(f"{name}History", {**row, "IsDeleted": True})

    def purge(self, name: str, key: str) -> None:
        """Out of the bin: nothing shows it."""
        with self.lock:
            del self.rows[name][key]
            self.changes += 1
        for row in [one for one in self.rows.get(f"{name}History", {}).values() if one[f"{name}Id"] == key]:
            del self.rows[f"{name}History"][row["Id"]]

    def merge(self, name: str, loser: str, master: str) -> None:
        """The loser is deleted and points to the master, whose history says so; activities move over."""
        self.delete(name, loser)
        self._put(name, {**self.rows[name][loser], "MasterRecordId": master})
        self.touch(name, master)
        self._history(name, master, f"{name.lower()}Merged", None, None, self.admin)
        for kind in ("Task", "Event"):
            for row in [one for one in self.rows[kind].values() if one["WhoId"] == loser]:
                self.update(kind, row["Id"], WhoId=master)

    def convert(self, lead: str, *, status: str = "Converted", opportunity: bool = False, **contact: Any) -> str:
        """Converts a lead; returns the contact's Id. `ConvertedDate` has no time of day."""
        row = self.rows["Lead"][lead]
        account = self.insert("Account", Name=row["Company"] or "Unknown")
        copied = {one: row[one] for one in ("FirstName", "LastName", "Email", "Phone", "LeadSource")}
        made = self.insert("Contact", AccountId=account, **{**copied, **contact})
        deal = None
        if opportunity:
            close = (self.clock() + timedelta(days=30)).date()
            deal = self.insert(
                "Opportunity", Name=f"{row['Company']}-", AccountId=account, StageName="Prospecting", CloseDate=close
            )
            self.insert("OpportunityContactRole", OpportunityId=deal, ContactId=made, IsPrimary=True)
        self.update(
            "Lead", lead, Status=status, IsConverted=True, ConvertedDate=self.clock().date(),
            ConvertedContactId=made, ConvertedAccountId=account, ConvertedOpportunityId=deal,
        )  # fmt: skip
        self._history("Lead", lead, "leadConverted", None, None, self.admin)
        return made

    # -- what administrators do --------------------------------------------------------------

    def hide(self, name: str, *fields: str) -> None:
        """Takes away the permission to see fields, or the whole object."""
        self.changes += 1
        if not fields:
            self.objects[name].hidden = True
        for field in fields:
            self.objects[name].change(field, hidden=True)

    def show(self, name: str, *fields: str) -> None:
        self.changes += 1
        self.objects[name].hidden = False
        for field in fields:
            self.objects[name].change(field, hidden=False)

    def drop(self, name: str, field: str) -> None:
        """Deletes a field, with its values."""
        self.changes += 1
        del self.objects[name].fields[field]
        for key, row in list(self.rows[name].items()):
            self.rows[name][key] = {one: value for one, value in row.items() if one != field}

    def retype(self, name: str, field: str, kind: str, convert: Any = None) -> None:
        """Gives a field another type; `convert` turns its values, else they are lost."""
        self.changes += 1
        self.objects[name].change(field, type=kind, picks=())
        for key, row in list(self.rows[name].items()):
            value = row[field]
            self.rows[name][key] = {**row, field: convert(value) if convert and value is not None else None}

    def statuses(self, *values: Pick, converted: str = "Converted") -> None:
        """Sets the lead statuses: the picklist and the table of those that are active."""
        self.changes += 1
        self.objects["Lead"].change("Status", picks=tuple(values))
        self.rows["LeadStatus"].clear()
        for place, one in enumerate((one for one in values if one.active), start=1):
            self.insert(
                "LeadStatus", MasterLabel=one.label or one.value, ApiName=one.value, SortOrder=place,
                IsConverted=one.value == converted, IsDefault=one.default,
            )  # fmt: skip
