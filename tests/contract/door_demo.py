"""The door of the demo company: the file its edits are kept in.

Not here: what a door is (door.py).
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from connectors.demo.company import Company, status_values
from connectors.demo.edits import Edit, Edits
from tests.contract.door import MANY, Door, Held, Key


class DemoDoor(Door):
    """The demo company, and the file its edits are kept in."""

    type = "demo"
    cannot: ClassVar = {"add": "the company is drawn, nobody joins it", "spoil": "every row it draws can be read"}
    wrong = ({"leads": 0}, {"leads": "many"}, {"seed": -1}, {"until": "soon"})
    UNTIL = datetime(2026, 3, 4, 16, 20)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.settings |= {"leads": 120, "seed": 5, "until": self.UNTIL.isoformat()}
        self._drawn: dict[Key, dict[str, Any]] = {}

    def held(self) -> dict[Key, Held]:
        if not self._drawn:
            rows = Company.generate(120, 5, until=self.UNTIL).tables["record"].to_pylist()
            self._drawn = {(row["object"], row["record_id"]): row for row in rows}
        written = self._written()
        found = {}
        for key, drawn in self._drawn.items():
            row = {**drawn, **written.get(key, {})}
            if row["condition"] != "deleted" and row["merged_into"] is None:
                found[key] = Held(row["status"], row["created_at"], row["converted_at"] is None)
        return found

    def _written(self) -> dict[Key, dict[str, str | None]]:
        """The last value of every edited field, read from the file itself."""
        path, found = self.folder / "state" / "demo.sqlite", {}
        if path.exists():
            with sqlite3.connect(path) as database:
                query = "SELECT object, record_id, field, after FROM edit ORDER BY number"
                for object, record_id, field, after in database.execute(query):
                    found.setdefault((object, record_id), {})[field] = after
        return found

    def statuses(self, object: str) -> list[str]:
        rows = status_values().to_pylist()
        return [row["value"] for row in rows if row["object"] == object and row["is_active"]]

    def change(self, key: Key, status: str, at: datetime | None = None) -> None:
        self._edit(key, "status", self.held()[key].status, status, at)

    def remove(self, key: Key) -> None:
        self._edit(key, "condition", "active", "deleted", None)

    def _edit(self, key: Key, field: str, before: str | None, after: str, at: datetime | None) -> None:
        company = f"120/5/{self.UNTIL.isoformat()}"
        Edits(self.folder / "state").store(company, [Edit(*key, field, before, after, at or self.moment)])

    def crowd(self) -> None:
        self.settings["leads"] = MANY

    def cut(self) -> None:
        path = self.folder / "state" / "demo.sqlite"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"no database any more" * 400)
