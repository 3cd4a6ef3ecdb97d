"""The demo company's status lists: as it was drawn, with the values added to them and retired since.

A value retired here takes no new records, as a restricted picklist does; those the company was drawn
with as retired are left as they are.

Not here: fields that were made (custom.py), storing (edits.py: the file).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from connectors.demo.company import fixed
from connectors.demo.edits import Edits
from leadpact.crm_fields import Choice, Made, Making, Prepared
from leadpact.model import OBJECTS

PICKLIST, STATUS = "status_value", "status"


class Picklist:
    """The lists of one company of a state folder."""

    def __init__(self, edits: Edits, company: str) -> None:
        self._edits, self._company = edits, company

    def changed(self) -> dict[tuple[str, str], bool]:
        """By object and value whether it is active, of those added or retired since; in the order they came."""
        query = "SELECT object, value, active FROM picklist_value WHERE company = ? ORDER BY rowid"
        with self._edits.open() as connection:
            rows = connection.execute(query, [self._company]).fetchall()
        return {(object, value): bool(active) for object, value, active in rows}

    def rows(self) -> list[dict[str, Any]]:
        """Every value of both lists, in canonical columns."""
        changed, found = self.changed(), list[dict[str, Any]]()
        last: dict[str, int] = {}
        for row in fixed()[PICKLIST].to_pylist():
            key = (row["object"], row["value"])
            found.append({**row, "is_active": changed.pop(key, row["is_active"])})
            last[row["object"]] = max(last.get(row["object"], 0), row["position"] or 0)
        for (object, value), active in changed.items():
            last[object] = last.get(object, 0) + 1
            found.append({"object": object, "value": value, "label": value, "is_active": active, "is_default": False,
                          "is_converted": False, "position": last[object]})  # fmt: skip
        return found

    def table(self) -> pa.Table:
        """The same as the canonical table."""
        return pa.Table.from_pylist(self.rows(), schema=fixed()[PICKLIST].schema)

    def choices(self, object: str) -> tuple[Choice, ...]:
        """The list of an object, as a CRM describes it."""
        return tuple(Choice(row["value"], row["label"], row["is_active"])
                     for row in self.rows() if row["object"] == object)  # fmt: skip

    def taken(self, object: str) -> frozenset[str]:
        """The values records may be given: all but those retired here."""
        off = {value for (own, value), active in self.changed().items() if own == object and not active}
        return frozenset(row["value"] for row in self.rows() if row["object"] == object) - off

    # -- making -----------------------------------------------------------------------------------

    def mine(self, making: Making) -> bool:
        """Whether a Making is about one of these lists."""
        return making.name == STATUS and making.object in OBJECTS and making.what in ("choices", "retire")

    def prepared(self, making: Making) -> Prepared:
        """What would be done. Reads only."""
        known = {row["value"]: row for row in self.rows() if row["object"] == making.object}
        params = {"object": making.object, "name": making.name, "values": ", ".join(making.choices)}
        if making.what == "retire":
            absent = [value for value in making.choices if value not in known]
            stuck = [v for v in making.choices if v in known and (known[v]["is_default"] or known[v]["is_converted"])]
            if absent or stuck:
                bad = {**params, "values": ", ".join([*absent, *stuck])}
                return Prepared(making, False, "demo.retire_impossible", "demo.retire_impossible_remedy", bad)
            todo = [value for value in making.choices if known[value]["is_active"]]
        else:
            todo = [value for value in making.choices if value not in known or not known[value]["is_active"]]
        if not todo:
            return Prepared(making, True, "demo.values_stand", None, params)
        message = "demo.retire_values" if making.what == "retire" else "demo.make_choices"
        sign = "-" if making.what == "retire" else "+"
        preview = "\n".join([f"{making.object}.{making.name}", *(f"{sign} {value}" for value in todo)])
        return Prepared(making, True, message, None, params, preview, self._state(making.object))

    def make(self, one: Prepared) -> Made:
        """Does it, unless the list has changed since it was prepared."""
        making, now = one.making, self.prepared(one.making)
        if now.possible and now.message == "demo.values_stand":
            return Made(one, "exists", None, making.name)
        if not one.possible or not now.possible:
            return Made(one, "refused", "CANNOT_MAKE")
        if now.state != one.state:
            return Made(one, "moved")
        rows: Sequence[tuple[Any, ...]] = [
            (self._company, making.object, value, making.what != "retire") for value in making.choices
        ]
        with self._edits.open() as connection:
            connection.executemany("INSERT OR REPLACE INTO picklist_value VALUES (?, ?, ?, ?)", rows)
        return Made(one, "made", None, making.name)

    def _state(self, object: str) -> str:
        return json.dumps([[row["value"], row["is_active"]] for row in self.rows() if row["object"] == object])
