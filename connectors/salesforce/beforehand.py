"""What Salesforce tells before anything is written: who holds a value, what this user lacks, which records refuse.

Records are asked for 2,000 a call (record type, conversion, whether they are there), approvals in pages of
2,000, what a record type offers once a type, and the right to edit 200 records a call: `UserRecordAccess`
takes no more, so it is asked only where the caller wants it.

Not here: writing (write.py), automations (automations.py), the same of all values for the mirror (values.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.salesforce import write_read
from connectors.salesforce.client import Client
from connectors.salesforce.fetch import everything, listed, select
from connectors.salesforce.fields import RECORD_TYPE, Fields
from connectors.salesforce.plan import SOBJECTS
from connectors.salesforce.schema import Field
from connectors.salesforce.values import UNANSWERED
from connectors.salesforce.write_values import Unfit
from leadpact.connector import Check
from leadpact.crm_facts import CONVERTED, GONE, LOCKED, NO_ACCESS, NO_TYPE_VALUE, Barriers, Held
from leadpact.errors import SourceRefused, SourceUnreachable

ACCESS_IDS = 200  # ids a question to UserRecordAccess may name
PENDING_PAGES = 10
VALUES = 50  # values in one question
MASTER = "012000000000000AAA"


class Beforehand:
    """One org, asked before a repair."""

    def __init__(self, client: Client, fields: Fields) -> None:
        self._client, self._fields = client, fields

    # -- who holds a value ------------------------------------------------------------------------

    def holders(self, object: str, field: str, values: Sequence[str]) -> dict[str, Held]:
        """As crm_facts.Counting. An org too large to count is asked whether there is one at all."""
        found, sobject = self._field(object, field), SOBJECTS[object]
        source = {value: self._fields.source_text(object, field, found, value) or value for value in values}
        told: dict[str, Held] = {}
        wanted = list(source.items())
        for start in range(0, len(wanted), VALUES):
            part = wanted[start : start + VALUES]
            which = f"{found.name} IN ({listed([each for _, each in part])})"
            soql = f"{select(sobject, (found.name, 'COUNT(Id) held'), which)} GROUP BY {found.name}"
            try:
                rows = everything(self._client, soql) or []
            except (SourceRefused, SourceUnreachable) as error:
                if error.key not in UNANSWERED:
                    raise
                told |= {value: self._any(sobject, found.name, each) for value, each in part}
                continue
            counts = {str(row[found.name]).casefold(): int(row["held"]) for row in rows if row.get(found.name)}
            told |= {value: Held(counts.get(each.casefold(), 0)) for value, each in part}
        return told

    def _any(self, sobject: str, name: str, value: str) -> Held:
        found = everything(self._client, select(sobject, ("Id",), f"{name} IN ({listed([value])})") + " LIMIT 1")
        return Held(len(found), at_least=bool(found))

    # -- what this user lacks ------------------------------------------------------------------------

    def permissions(self, object: str, field: str) -> list[Check]:
        """As crm_facts.Guarded: the object, then the field, as they are described to this user."""
        sobject = SOBJECTS.get(object, object)
        described, params = self._fields.described(object), {"object": sobject, "field": field}
        if described is None:
            return [Check("object", False, "salesforce_write.may.no_object",
                          "salesforce_write.may.no_object_remedy", params)]  # fmt: skip
        found = self._fields.find(object, field)
        params["field"] = found.name if found is not None else field
        may = described.writable, found is not None and found.writable
        return [
            Check(name, ok, f"salesforce_write.may.{name}" if ok else f"salesforce_write.may.no_{name}",
                  None if ok else f"salesforce_write.may.no_{name}_remedy", params)
            for name, ok in zip(("object", "field"), may, strict=True)
        ]  # fmt: skip

    # -- which records refuse ------------------------------------------------------------------------

    def barriers(self, object: str, field: str, wanted: Mapping[str, str | None], *, thorough: bool) -> Barriers:
        """As crm_facts.Guarded; the right to edit each record is asked where `thorough`."""
        before, found = self._client.calls, self._field(object, field)
        sobject, described = SOBJECTS[object], self._fields.described(object)
        full = {asked: self._fields.record_id(object, asked) for asked in wanted}
        told: dict[str, str] = {asked: GONE for asked, own in full.items() if own is None}
        places = [one for name in (RECORD_TYPE, "IsConverted")
                  if described is not None and (one := described.fields.get(name)) is not None]  # fmt: skip
        there = {asked: own for asked, own in full.items() if own is not None}
        rows = write_read.rows(self._client, sobject, list(dict.fromkeys(there.values())), places)
        pending, all_pending = self._pending()
        types = {str(row.get(RECORD_TYPE) or MASTER) for row in rows.values()}
        offered = self._offered(sobject, found, types) if found.type == "picklist" else {}
        for asked, own in there.items():
            row = rows.get(own)
            if row is None:
                told[asked] = GONE
            elif row.get("IsConverted"):
                told[asked] = CONVERTED
            elif own in pending:
                told[asked] = LOCKED
            elif not self._takes(object, field, found, wanted[asked], offered.get(str(row.get(RECORD_TYPE) or MASTER))):
                told[asked] = NO_TYPE_VALUE
        open_ = {asked: own for asked, own in there.items() if asked not in told}
        refused = self._no_access(list(dict.fromkeys(open_.values()))) if thorough else None
        if refused is not None:
            told |= {asked: NO_ACCESS for asked, own in open_.items() if own in refused}
        unasked = 0 if refused is not None and all_pending else len(open_)
        return Barriers(told, unasked, self._client.calls - before)

    def _takes(self, object: str, name: str, field: Field, value: str | None, offered: frozenset[str] | None) -> bool:
        """Whether a record type offers a value; where the org does not tell, it may."""
        if value is None or offered is None:
            return True
        try:
            return str(self._fields.source_text(object, name, field, value)).casefold() in offered
        except Unfit:
            return False

    def _offered(self, sobject: str, field: Field, types: set[str]) -> dict[str, frozenset[str]]:
        """What each record type offers in a picklist, in lower case."""
        found: dict[str, frozenset[str]] = {}
        for key in sorted(types - {MASTER}):
            try:
                answer = self._client.get(f"ui-api/object-info/{sobject}/picklist-values/{key}/{field.name}")
            except SourceRefused as error:
                if error.key not in UNANSWERED:
                    raise
                continue
            found[key] = frozenset(str(one["value"]).casefold() for one in (answer or {}).get("values", ()))
        return found

    def _pending(self) -> tuple[frozenset[str], bool]:
        """The records an approval is under way for, which locks them; and whether those are all."""
        if not self._fields.queryable("ProcessInstance"):
            return frozenset(), False
        found: set[str] = set()
        page = self._client.query(select("ProcessInstance", ("TargetObjectId",), "Status = 'Pending'"))
        for _ in range(PENDING_PAGES):
            found |= {str(row["TargetObjectId"]) for row in page["records"]}
            if page["done"]:
                return frozenset(found), True
            page = self._client.more(page["nextRecordsUrl"])
        return frozenset(found), False

    def _no_access(self, ids: Sequence[str]) -> set[str] | None:
        """Those this user may not edit; null where the org does not tell. What it may not even see is not told."""
        if not ids:
            return set()
        user = str((self._client.get("") or {}).get("identity", "")).rpartition("/")[2]
        if not user or not self._fields.queryable("UserRecordAccess"):
            return None
        may: set[str] = set()
        for start in range(0, len(ids), ACCESS_IDS):
            which = f"UserId = '{user}' AND RecordId IN ({listed(ids[start : start + ACCESS_IDS])})"
            soql = select("UserRecordAccess", ("RecordId", "HasEditAccess"), which)
            may |= {str(row["RecordId"]) for row in self._client.query(soql)["records"] if row["HasEditAccess"]}
        return set(ids) - may

    def _field(self, object: str, name: str) -> Field:
        found = self._fields.find(object, name) if object in SOBJECTS else None
        if found is None:
            raise SourceRefused("salesforce_write.no_field", name=name, object=SOBJECTS.get(object, object))
        return found
