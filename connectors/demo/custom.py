"""Fields made in the demo CRM: described, prepared, made, and what they hold.

They have no history and no extract delivers them: a CRM field without history tracking. A field
that counts days is worked out when it is read, as a formula is.

Not here: the company's own columns (records.py), storing values (edits.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.demo.crm import FROZEN, Crm
from connectors.demo.edits import Edits
from leadpact.crm_fields import Choice, CrmField, Made, Making, Prepared
from leadpact.model import OBJECTS, RECORD

ASKED = 500  # ids to a query
KEYS = ("object", "record_id")
FORMULA = "formula"


def own_fields(object: str, custom: Sequence[str], statuses: tuple[Choice, ...]) -> list[CrmField]:
    """The columns every record has, as a CRM would describe them."""
    found = []
    for column in RECORD.columns:
        if column.name in KEYS:
            continue
        status = column.name == "status"
        choices = statuses if status else ()
        kind: Any = "choice" if status else column.kind if column.kind == "time" else "text"
        writable, meant = column.name not in FROZEN, "status" if status else None
        found.append(CrmField(object, column.name, column.name, kind, writable, status, choices, meant))
    return [*found, *(CrmField(object, name, name, "text", True) for name in custom)]


def takes(field: CrmField, value: str | None) -> bool:
    """Whether a field that was made takes this value."""
    if field.kind == FORMULA:
        return False
    if value is None:
        return True
    if field.kind == "choice":
        return value in {choice.value for choice in field.choices if choice.is_active}
    if field.kind == "number":
        return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    return field.kind != "time" or _moment(value) is not None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


class Custom:
    """The fields made in each company of a state folder."""

    def __init__(self, edits: Edits) -> None:
        self._edits = edits

    def fields(self, company: str, object: str) -> Mapping[str, CrmField]:
        """The fields made for an object, by name."""
        query = """SELECT name, label, kind, choices FROM custom_field
                   WHERE company = ? AND object = ? ORDER BY name"""
        with self._edits.open() as connection:
            rows = connection.execute(query, [company, object]).fetchall()
        return {
            name: CrmField(object, name, label, kind, kind != FORMULA, kind == "choice",
                           tuple(Choice(value, value) for value in json.loads(choices)))
            for name, label, kind, choices in rows
        }  # fmt: skip

    def lay_over(
        self, company: str, object: str, rows: dict[str, dict[str, Any]], fields: Collection[str], now: datetime
    ) -> None:
        """Adds what these fields hold to whole rows by record id."""
        for row in rows.values():
            row.update(dict.fromkeys(fields))
        ids = list(rows)
        with self._edits.open() as connection:
            for start in range(0, len(ids), ASKED):
                some = ids[start : start + ASKED]
                marks = ", ".join("?" * len(some))
                query = f"""SELECT record_id, name, value FROM custom_value
                            WHERE company = ? AND object = ? AND record_id IN ({marks})"""  # noqa: S608 - only marks
                for record_id, name, value in connection.execute(query, [company, object, *some]):
                    rows[record_id][name] = value
            counted = connection.execute(
                "SELECT name, days_since FROM custom_field WHERE company = ? AND object = ? AND days_since NOT NULL",
                [company, object],
            ).fetchall()
        for name, since in counted:
            for row in rows.values():
                began = _moment(row[since]) if row.get(since) else None
                row[name] = None if began is None else str((now - began).days)

    def prepare(self, crm: Crm, wanted: Sequence[Making]) -> list[Prepared]:
        """What would be done for each. Reads only."""
        return [self._prepared(crm, one) for one in wanted]

    def make(self, crm: Crm, one: Prepared) -> Made:
        """Does it, unless the CRM has changed since it was prepared."""
        making = one.making
        if crm.lists.mine(making):
            return crm.lists.make(one)
        now = self._prepared(crm, making)
        name = name_of(making)
        if now.message == "demo.make_exists":
            return Made(one, "exists", None, name)
        if not one.possible or not now.possible:
            return Made(one, "refused", "CANNOT_MAKE")
        if now.state != one.state:
            return Made(one, "moved")
        with self._edits.open() as connection:
            if making.what == "field":
                kind = FORMULA if making.days_since else making.kind
                row = [crm.name, making.object, name, making.label or making.name, kind,
                       json.dumps(list(making.choices)), making.days_since]  # fmt: skip
                connection.execute("INSERT INTO custom_field VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            else:
                before = self._choices(crm, making)
                after = [*before, *(value for value in making.choices if value not in before)]
                connection.execute(
                    "UPDATE custom_field SET choices = ? WHERE company = ? AND object = ? AND name = ?",
                    [json.dumps(after), crm.name, making.object, making.name],
                )
        return Made(one, "made", None, name)

    def _prepared(self, crm: Crm, making: Making) -> Prepared:
        if crm.lists.mine(making):
            return crm.lists.prepared(making)
        there = self.fields(crm.name, making.object)
        name, params = name_of(making), {"object": making.object, "name": name_of(making)}
        preview = _preview(making, name)
        if making.object in OBJECTS and making.what == "field" and re.fullmatch(r"[A-Za-z]\w{0,79}", name):
            if name in there:
                return Prepared(making, False, "demo.make_exists", None, params, preview)
            since = there.get(making.days_since or "")
            if name not in {*RECORD.names, *crm.custom} and (not making.days_since or (since and since.kind == "time")):
                return Prepared(making, True, "demo.make_field", None, params, preview)
        elif making.what == "choices" and name in there and there[name].kind == "choice":
            state = json.dumps(self._choices(crm, making))
            return Prepared(making, True, "demo.make_choices", None, params, preview, state)
        return Prepared(making, False, "demo.make_impossible", "demo.make_impossible_remedy", params, preview)

    def _choices(self, crm: Crm, making: Making) -> list[str]:
        field = self.fields(crm.name, making.object).get(making.name)
        return [] if field is None else [choice.value for choice in field.choices]


def name_of(making: Making) -> str:
    """`LeadPact Score` -> `LeadPact_Score`; values are added to the field as it is called."""
    return re.sub(r"\W+", "_", making.name).strip("_") if making.what == "field" else making.name


def _preview(making: Making, name: str) -> str:
    lines = [
        f"object: {making.object}",
        f"field: {name}",
        f"label: {making.label}" if making.label else "",
        f"type: days since {making.days_since}" if making.days_since else f"type: {making.kind}",
        *(f"value: {value}" for value in making.choices),
    ]
    return "\n".join(line for line in lines if line)
