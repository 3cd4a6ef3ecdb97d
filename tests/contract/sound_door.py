"""The made-up CRM of the sound connector, and the door to it.

Not here: what a door is (door.py), the connector (sound.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from leadpact.connector import Connector
from tests.contract.door import MANY, Door, Held, Key
from tests.contract.sound import Crm, Sound, log

CREATED = datetime(2026, 1, 15, 15, 30)
STATUSES = ("New", "MQL", "Working", "Re-Market")


def company(token: str) -> Crm:
    """Six leads and two contacts, one of each closed to writing; the second lead moved twice in one moment."""
    crm: Crm = {"token": token, "statuses": STATUSES, "now": CREATED.isoformat(), "records": [], "changes": []}
    crm |= {"gone": [], "trash": [], "bad": [], "crowd": 0}
    for key in [("lead", f"00{number}") for number in range(6)] + [("contact", "C0"), ("contact", "C1")]:
        join(crm, key, CREATED)
    for value in ("MQL", "New"):
        log(crm, crm["records"][1], "status", value, (CREATED + timedelta(hours=1)).isoformat(), "somebody")
    silent = {**crm["records"][5], "record_id": "silent"}
    crm["records"].append(silent)
    lead = {"object": "lead", "record_id": "001"}
    at = CREATED.isoformat()
    crm["others"] = {
        "activity": [{"activity_id": "A1", **lead, "kind": "call", "direction": "outbound", "at": at}],
        "opportunity": [{"opportunity_id": "O1", **lead, "amount": 10.0, "created_at": at}],
        "owner": [{"owner_id": "U1", "name": "Ventas Norte"}, {"owner_id": "U2", "name": "Cola", "is_queue": True}],
        "status_value": [{"object": "lead", "value": value} for value in STATUSES],
        "campaign_touch": [{**lead, "campaign": "Feria", "response": "attended", "at": at}],
    }
    return crm


def join(crm: Crm, key: Key, at: datetime) -> None:
    object, record_id = key
    row = {"object": object, "record_id": record_id, "name": f"Persona Canaria {record_id}", "condition": "active"}
    row |= {"email": f"canaria.{record_id}@persona.example", "phone": None, "owner_id": "U1", "f_budget": "Yes"}
    row |= {"created_at": at.isoformat(), "modified": at.isoformat()}
    crm["records"].append(row)
    log(crm, row, "status", "New", at.isoformat(), "somebody")


class SoundDoor(Door):
    """`maker` is the connector it leads past: the sound one, or one broken on purpose."""

    type = "sound"
    unreadable = ("Ana Ilegible Canaria", "ilegible@canaria.example")

    def __init__(self, folder: Path, maker: type[Sound] = Sound) -> None:
        super().__init__(folder)
        self.maker, self.path = maker, folder / "crm.json"
        (folder / "state").mkdir(parents=True)
        self.settings["path"] = str(self.path)
        self.wrong = ({"path": None},)
        self._keep(company(self.SECRET))

    def connect(self, **changes: Any) -> Connector:
        settings = {name: value for name, value in {**self.settings, **changes}.items() if value is not None}
        return self.maker(settings, state=self.folder / "state")

    def held(self) -> dict[Key, Held]:
        return {
            (row["object"], row["record_id"]): Held(row["status"], CREATED, row["record_id"] != "silent")
            for row in self._crm()["records"]
        }

    def statuses(self, object: str) -> Sequence[str]:
        return STATUSES

    def change(self, key: Key, status: str, at: datetime | None = None) -> None:
        crm = self._crm()
        log(crm, self._row(crm, key), "status", status, (at or self.moment).isoformat(), "somebody")
        self._keep(crm)

    def add(self) -> Key:
        crm = self._crm()
        join(crm, ("lead", "0099"), self.moment)
        self._keep(crm)
        return "lead", "0099"

    def remove(self, key: Key) -> None:
        crm = self._crm()
        row = self._row(crm, key)
        crm["records"].remove(row)
        crm["trash"].append(row)
        crm["changes"] = [change for change in crm["changes"] if (change["object"], change["record_id"]) != key]
        crm["gone"].append({"object": key[0], "record_id": key[1], "at": self.moment.isoformat()})
        crm["now"] = max(crm["now"], self.moment.isoformat())
        self._keep(crm)

    def crowd(self) -> None:
        self._keep({**self._crm(), "crowd": MANY})

    def spoil(self) -> int:
        self._keep({**self._crm(), "bad": [", ".join(self.unreadable), "001 again"]})
        return 2

    def cut(self) -> None:
        self.path.rename(self.folder / "elsewhere.json")

    def _row(self, crm: Crm, key: Key) -> dict[str, Any]:
        return next(row for row in crm["records"] if (row["object"], row["record_id"]) == key)

    def _crm(self) -> Crm:
        crm: Crm = json.loads(self.path.read_text(encoding="utf-8"))
        return crm

    def _keep(self, crm: Crm) -> None:
        self.path.write_text(json.dumps(crm), encoding="utf-8")
