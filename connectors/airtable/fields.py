"""The fields of a base's table, and making what is missing, as far as Airtable's field API goes.

It makes plain fields (text, number, time, checkbox, single select with its options). It makes no formula, changes no
options of a field there is (an update takes a name and a description only), and deletes none. Writing with `typecast`
would add an option as a side effect of writing a record: that is not done. Options are added in Airtable itself, by
hand or by a script for its Scripting extension, which may (`updateOptionsAsync`) and touches no record: it is shown.

Not here: values of fields (write.py), which fields LeadPact wants (leadpact/writeback).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyairtable.formulas import field_name

from connectors.airtable import schema as schemas
from connectors.airtable.client import Client
from connectors.airtable.faults import Refused, Unanswered, as_ours, translated
from connectors.airtable.options import script as option_script
from connectors.airtable.schema import FieldDef, Schema, TableDef
from connectors.airtable.write_values import NUMBERS, TEXTS, WRITABLE
from leadpact.crm_fields import Choice, CrmField, FieldKind, Made, Making, Prepared

_MOMENT = {"dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}, "timeZone": "client"}
_KINDS: Mapping[str, FieldKind] = {
    **dict.fromkeys(TEXTS, "text"),
    **dict.fromkeys((*NUMBERS, "autoNumber"), "number"),
    **dict.fromkeys(("date", "dateTime", "createdTime", "lastModifiedTime"), "time"),
    "singleSelect": "choice",
    "checkbox": "flag",
    **dict.fromkeys(("formula", "rollup", "multipleLookupValues", "count"), "formula"),
}
# set by the base itself with every write, or worked out
STAMPED = frozenset({"lastModifiedTime", "lastModifiedBy", "aiText", "button"})
# what the field API is asked for, by kind
_MADE: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "text": ("singleLineText", {}),
    "number": ("number", {"precision": 0}),
    "time": ("dateTime", _MOMENT),
    "flag": ("checkbox", {"icon": "check", "color": "greenBright"}),
    "choice": ("singleSelect", {"choices": ()}),
}
CREATORS, SCOPE = ("create", "owner"), "schema.bases:write"
Tables = Callable[[Schema, str], Sequence[TableDef]]
# the fields that hold the status of an object, by id, and what the mapping calls their values
Statuses = Callable[[Schema, str], Mapping[str, Mapping[str, Any]]]


def crm_field(object: str, one: FieldDef, status: Mapping[str, Any] | None = None) -> CrmField:
    """A field as LeadPact addresses it: by its id, which a rename does not change.

    `status`: it holds the status, and these are the mapping's words for its values.
    """
    kind = _KINDS.get(one.type, "other")
    words = {source.strip().casefold(): str(to) for source, to in (status or {}).items()}
    named = ((words.get(name.strip().casefold(), name), name) for name in one.choices if kind == "choice")
    choices, column = tuple(Choice(value, name) for value, name in named), None if status is None else "status"
    stamped = kind == "formula" or one.type in STAMPED
    return CrmField(object, one.id, one.name, kind, one.type in WRITABLE, kind == "choice", choices, column, stamped)


@dataclass(frozen=True)
class Maker:
    """Prepares and makes. `tables` gives the tables that hold an object's records, the mapping's first one first."""

    client: Client
    tables: Tables
    statuses: Statuses

    def fields(self, object: str) -> Sequence[CrmField]:
        """The fields of the object's tables; none where no table is mapped to it."""
        found = schemas.read(self.client)
        status = self.statuses(found, object)
        return [
            crm_field(object, one, status.get(one.id)) for table in self.tables(found, object) for one in table.fields
        ]

    def prepare(self, wanted: Sequence[Making]) -> Sequence[Prepared]:
        """What would be done for each: one call to Airtable for all, and two to see whether fields may be made."""
        found = schemas.read(self.client)
        prepared = [self._prepared(found, making, wanted) for making in wanted]
        if any(one.message == _NEW for one in prepared) and not self._may():
            return [_not_allowed(one) if one.message == _NEW else one for one in prepared]
        return prepared

    def make(self, prepared: Sequence[Prepared]) -> Iterator[Made]:
        """Makes one after the other, each as it was prepared or not at all."""
        if not self.client.settings.writable:
            yield from (Made(one, "refused", "READ_ONLY") for one in prepared)
            return
        wanted = [one.making for one in prepared]
        for one in prepared:
            yield self._made(one, wanted)

    def _may(self) -> bool:
        """Whether the user may change this base's schema, and the token, where it tells its scopes."""
        base = self.client.settings.base_id
        with translated(self.client.settings.host, base):
            pages = self.client.api.iterate_requests("GET", self.client.api.urls.bases)
            levels = {one["id"]: one.get("permissionLevel") for page in pages for one in page["bases"]}
            scopes = (self.client.api.get(self.client.api.urls.whoami) or {}).get("scopes")
        return levels.get(base) in CREATORS and (not isinstance(scopes, list) or SCOPE in scopes)

    def _made(self, one: Prepared, wanted: Sequence[Making]) -> Made:
        found = schemas.read(self.client)
        now, (table, there) = self._prepared(found, one.making, wanted), self._there(found, one.making)
        if now.possible and now.message in _EXIST:
            return Made(one, "exists", name=there.id if there else None)
        if not one.possible:
            return Made(one, "refused", "NOT_POSSIBLE")
        if not now.possible or (now.state, now.preview) != (one.state, one.preview) or table is None:
            return Made(one, "moved")
        return self._sent(one, table)

    def _sent(self, one: Prepared, table: TableDef) -> Made:
        body = _body(one.making)
        try:
            made = self.client.table(table.id).create_field(
                body["name"], body["type"], body.get("description"), body.get("options")
            )
        except Refused as error:
            if error.status < 500:
                return Made(one, "refused", error.type or f"HTTP_{error.status}")
            return self._settled(one)
        except Unanswered as error:
            if error.sent:
                return self._settled(one)
            raise as_ours(error, self.client.settings.host, table.name) from None
        return Made(one, "made", name=made.id)

    def _settled(self, one: Prepared) -> Made:
        """No answer came: what the base says now. It was not there before, and it is never sent again."""
        try:
            _, there = self._there(schemas.read(self.client), one.making)
        except Exception:  # noqa: BLE001 - the link is still dead: nobody knows
            return Made(one, "unknown", "NO_ANSWER")
        return Made(one, "made", name=there.id) if there else Made(one, "unknown", "NO_ANSWER")

    def _there(self, found: Schema, making: Making) -> tuple[TableDef | None, FieldDef | None]:
        """The table meant, and the field where it is already there (by id, else by name)."""
        table = next(iter(self.tables(found, making.object)), None)
        if table is None:
            return None, None
        names = [making.name, making.label] if making.what == "field" else [making.name]
        return table, next((one for name in names if name and (one := table.field(name))), None)

    def _prepared(self, found: Schema, making: Making, wanted: Sequence[Making]) -> Prepared:
        table, there = self._there(found, making)
        if table is None:
            return _no(making, "airtable_write.no_table", "airtable_write.no_table_remedy", {"object": making.object})
        told = {"table": table.name, "field": there.name if there else making.label or making.name}
        if making.what == "field":
            return self._field(table, there, making, wanted, told)
        if making.what == "retire":
            return _no(making, "airtable_write.no_retire", "airtable_write.no_retire_remedy", told)
        if there is None:
            return _no(making, "airtable_write.no_field", "airtable_write.no_field_remedy", told)
        return _choices(making, table, there, told)

    def _field(
        self,
        table: TableDef,
        there: FieldDef | None,
        making: Making,
        wanted: Sequence[Making],
        told: Mapping[str, Any],
    ) -> Prepared:
        if there is not None:
            return _existing(making, table, there, told)
        if making.days_since is not None or making.kind not in _MADE:
            since = _time_field(making, table, wanted)
            days = f"IF({field_name(since)}, DATETIME_DIFF(NOW(), {field_name(since)}, 'days'))"
            formula = days if making.days_since else ""
            remedy = "airtable_write.no_formula_remedy" if formula else "airtable_write.no_kind_remedy"
            return _no(making, "airtable_write.no_formula", remedy, {**told, "formula": formula}, formula)
        body = _body(making)
        state = hashlib.sha256(json.dumps([table.id, body], sort_keys=True).encode()).hexdigest()[:16]
        return Prepared(making, True, _NEW, None, told, _shown(table, body), state)


_NEW = "airtable_write.will_make"
_EXIST = ("airtable_write.field_exists", "airtable_write.choices_exist")


def _no(making: Making, message: str, remedy: str, params: Mapping[str, Any], preview: str = "") -> Prepared:
    return Prepared(making, False, message, remedy, params, preview)


def _not_allowed(one: Prepared) -> Prepared:
    return replace(
        one, possible=False, message="airtable_write.not_allowed", remedy="airtable_write.not_allowed_remedy"
    )


def _existing(making: Making, table: TableDef, there: FieldDef, told: Mapping[str, Any]) -> Prepared:
    """A field of that name is there: it serves, or it stands in the way."""
    kind = _KINDS.get(there.type, "other")
    wanted = "formula" if making.days_since is not None else making.kind
    if kind != wanted or (kind != "formula" and there.type not in WRITABLE):
        return _no(
            making, "airtable_write.other_kind", "airtable_write.other_kind_remedy", {**told, "type": there.type}
        )
    if making.choices:
        found = _choices(making, table, there, told)
        return found if not found.possible else replace(found, message=_EXIST[0])
    return Prepared(making, True, _EXIST[0], None, told)


def _choices(making: Making, table: TableDef, there: FieldDef, told: Mapping[str, Any]) -> Prepared:
    if there.type not in ("singleSelect", "multipleSelects"):
        params = {**told, "type": there.type}
        return _no(making, "airtable_write.other_kind", "airtable_write.other_kind_remedy", params)
    missing = [name for name in making.choices if name not in there.choices]
    if not missing:
        return Prepared(making, True, _EXIST[1], None, told)
    params = {**told, "options": ", ".join(missing)}
    script = option_script(table, there, missing)
    return _no(making, "airtable_write.no_options", "airtable_write.no_options_remedy", params, script)


def _time_field(making: Making, table: TableDef, wanted: Sequence[Making]) -> str:
    """The name, as the base shows it, of the field days are counted from; it may be one that is still to be made."""
    since = making.days_since or making.name
    there = table.field(since)
    if there is not None:
        return there.name
    return next((one.label or one.name for one in wanted if one.what == "field" and one.name == since), since)


def _body(making: Making) -> dict[str, Any]:
    """What is sent to make a field."""
    type, options = _MADE[making.kind]
    if making.kind == "choice":
        options = {"choices": [{"name": name} for name in dict.fromkeys(making.choices)]}
    body: dict[str, Any] = {"name": making.label or making.name, "type": type}
    return (
        body | ({"description": making.help} if making.help else {}) | ({"options": dict(options)} if options else {})
    )


def _shown(table: TableDef, body: Mapping[str, Any]) -> str:
    return f"{table.name} ({table.id})\n{json.dumps(body, ensure_ascii=False, indent=2)}"
