"""The doors of the files connector: a folder with canonical headers, and one Spanish spreadsheet.

Not here: what a door is (door.py).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from tests.contract.door import MANY, Door, Held, Key

ZONE = "America/Mexico_City"
STATUSES = ("New", "MQL", "Working", "Re-Market")
CREATED = datetime(2026, 1, 15, 15, 30)  # 09:30 in Mexico
BAD_NAME, BAD_MAIL = "Ana Ilegible Canaria", "ilegible@canaria.example"


@dataclass
class Row:
    """One person of the export. `moves` are statuses with their moments in UTC, in order."""

    name: str
    email: str
    moves: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.moves[-1][0]


class FilesDoor(Door):
    """A folder of CSV files with canonical headers, its times without a zone."""

    type = "files"
    unreadable = (BAD_NAME, BAD_MAIL)
    listed = 4  # rows of `spoilt`
    spoilt: ClassVar[Mapping[str, Sequence[str]]] = {
        "leads.csv": (f",{BAD_NAME},New,{BAD_MAIL},2026-01-15 09:30:00,", f"001,{BAD_NAME},New,{BAD_MAIL},,"),
        "status_changes.csv": (f"lead,nobody-knows,{BAD_NAME},New,2026-01-15 09:30:00",),
        "activities.csv": (f"lead,002,call,{BAD_NAME}",),
    }
    LEADS, CONTACTS = 6, 3

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.source = folder / "export"
        self.source.mkdir(parents=True)
        self.settings |= {"path": str(self.source), "timezone": ZONE}
        self.wrong = ({"path": " "}, {"path": None}, {"timezone": "Mexico/Nowhere"})
        self.rows: dict[Key, Row] = {}
        self.extra: Mapping[str, Sequence[str]] = {}
        for number in range(self.LEADS):
            self._join(("lead", f"00{number}"))
        for number in range(self.CONTACTS):
            self._join(("contact", f"C{number}"))
        self.write()

    def _join(self, key: Key) -> None:
        name = f"Persona Canaria {key[1]}"
        self.rows[key] = Row(name, f"canaria.{key[1]}@persona.example", [("New", CREATED)])

    def held(self) -> dict[Key, Held]:
        return {key: Held(row.status, CREATED) for key, row in self.rows.items()}

    def statuses(self, object: str) -> Sequence[str]:
        return STATUSES

    def change(self, key: Key, status: str, at: datetime | None = None) -> None:
        self.rows[key].moves.append((status, at or self.moment))
        self.write()

    def add(self) -> Key:
        self._join(("lead", "0099"))
        self.write()
        return "lead", "0099"

    def remove(self, key: Key) -> None:
        del self.rows[key]
        self.write()

    def crowd(self) -> None:
        for number in range(MANY):
            self._join(("lead", f"N{number:06}"))
        self.write()

    def spoil(self) -> int:
        self.extra = self.spoilt
        self.write()
        return self.listed

    def cut(self) -> None:
        self.source.rename(self.folder / "elsewhere")

    def write(self) -> None:
        """The whole export anew, as somebody would download it again."""
        for object, name in (("lead", "leads.csv"), ("contact", "contacts.csv")):
            people = [
                (key[1], row.name, row.status, row.email, local(CREATED), "Yes")
                for key, row in self.rows.items()
                if key[0] == object
            ]
            self.file(name, [("record_id", "name", "status", "email", "created_at", "f_budget"), *people])
        changes = [
            (*key, "" if step == 0 else row.moves[step - 1][0], status, local(at))
            for key, row in self.rows.items()
            for step, (status, at) in enumerate(row.moves)
        ]
        self.file("status_changes.csv", [("object", "record_id", "from_status", "to_status", "at"), *changes])
        calls = [(*key, "call", local(CREATED)) for key in self.rows]
        self.file("activities.csv", [("object", "record_id", "kind", "at"), *calls])
        self.file("owners.csv", [("owner_id", "name"), ("U1", "Ventas Norte"), ("U2", "Cola")])
        self.file("status_values.csv", [("object", "value"), *(("lead", status) for status in STATUSES)])

    def file(self, name: str, rows: Sequence[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> None:
        with (self.source / name).open("w", newline="", encoding=encoding) as file:
            csv.writer(file, delimiter=delimiter).writerows(rows)
            file.writelines(f"{line}\n" for line in self.extra.get(name, ()))


class SpreadsheetDoor(FilesDoor):
    """One Spanish spreadsheet with date columns as its history, read by mapping alone.

    A lead's status is the one whose date is the latest; of equal dates, the one further right.
    """

    LEADS, CONTACTS = 6, 0
    listed = 2
    spoilt: ClassVar = {
        "prospectos.csv": (f";{BAD_NAME};{BAD_MAIL};;15/01/2026 09:30:00;;;", f"001;{BAD_NAME};{BAD_MAIL};;;;;")
    }
    COLUMNS: ClassVar = {"New": "Alta", "MQL": "Fecha MQL", "Working": "Fecha contacto", "Re-Market": "Fecha regreso"}
    mapping = """
version: 1
tables:
- source: prospectos
  to: leads
  fields: {record_id: Folio, name: Nombre, email: Correo, created_at: Alta}
  custom: {f_budget: Presupuesto}
  status_dates:
  - {column: Alta, status: New}
  - {column: Fecha MQL, status: MQL}
  - {column: Fecha contacto, status: Working}
  - {column: Fecha regreso, status: Re-Market}
"""

    def change(self, key: Key, status: str, at: datetime | None = None) -> None:
        moves = {**dict(self.rows[key].moves), status: at or self.moment}
        self.rows[key].moves = sorted(moves.items(), key=lambda move: (move[1], STATUSES.index(move[0])))
        self.write()

    def statuses(self, object: str) -> Sequence[str]:
        return STATUSES[1:]  # nobody is created twice

    def write(self) -> None:
        people = []
        for (_, record_id), row in self.rows.items():
            dates = dict(row.moves)
            told = [local(dates[status], "%d/%m/%Y %H:%M:%S") if status in dates else "" for status in STATUSES]
            people.append((record_id, row.name, row.email, "Sí", *told))
        self.file(
            "prospectos.csv",
            [("Folio", "Nombre", "Correo", "Presupuesto", *self.COLUMNS.values()), *people],
            encoding="latin-1",
            delimiter=";",
        )


def local(at: datetime, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A UTC moment as the export writes it: on the office's clock, without a zone."""
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)).strftime(form)
