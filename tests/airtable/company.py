"""A small company in a base of the loopback Airtable, with every type of field that matters.

Not here: the server, what a connector makes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.airtable.base import Base, Record, Table
from tests.airtable.clock import Clock
from tests.airtable.fields import Field

STATUSES = ("New", "MQL", "Working", "Re-Market")
CREATED = datetime(2026, 1, 15, 15, 30)
PEOPLE = (
    {"id": "usrVentas00000001", "email": "norte@ventas.example", "name": "Ventas Norte"},
    {"id": "usrVentas00000002", "email": "sur@ventas.example", "name": "Ventas Sur"},
)
ENTERED = {"MQL": "Fecha MQL", "Working": "Fecha contacto", "Re-Market": "Fecha regreso"}


@dataclass
class Company:
    """A base with leads, contacts, companies and activities. `dated`: leads carry a date for each status."""

    base: Base
    leads: Table
    contacts: Table
    companies: Table
    activities: Table

    def id(self, table: Table, name: str) -> str:
        return table.field(name).id

    def join(self, table: Table, number: int, **cells: Any) -> Record:
        """Another person, created when all were unless it is later."""
        person = {
            "Name": f"Persona Canaria {number:03}",
            "Email": f"canaria.{number}@persona.example",
            "Status": STATUSES[0],
            "Owner": PEOPLE[number % 2],
            "Alta": f"{CREATED.isoformat()}.000Z",
        }
        known = {one.name for one in table.fields.values()}
        return table.add({name: cell for name, cell in {**person, **cells}.items() if name in known}, CREATED)


def company(clock: Clock, *, leads: int = 6, contacts: int = 3, base_id: str = "appLeadPactTrial0",
            statuses: Sequence[str] = STATUSES, watched: bool = False) -> Company:  # fmt: skip
    """`watched`: leads have a field that dates the last change of the status."""
    base = Base(base_id, "Canaria CRM", clock)
    companies = base.add_table("Companies", [Field("Company"), Field("Country", "singleSelect", choices=("MX", "ES"))])
    own = [
        Field("Name"),
        Field("Email", "email"),
        Field("Status", "singleSelect", choices=statuses),
        Field("Owner", "singleCollaborator"),
        Field("Company", "multipleRecordLinks", links=companies.id),
        Field("Budget", "checkbox"),
        Field("Interests", "multipleSelects", choices=("Price", "Demo")),
        Field("Employees", "number"),
        Field("Alta", "dateTime"),
        *(Field(name, "dateTime") for name in ENTERED.values()),
    ]
    lead_table = base.add_table("Leads", own)
    if watched:
        watch = [lead_table.field("Status").id]
        lead_table.add_field(Field("Status changed", "lastModifiedTime", watches=watch))
    contact_table = base.add_table(
        "Contacts",
        [Field("Name"), Field("Email", "email"), Field("Status", "singleSelect", choices=statuses),
         Field("Owner", "singleCollaborator"), Field("Alta", "dateTime")],
    )  # fmt: skip
    lead_table.add_field(Field("Contact", "multipleRecordLinks", links=contact_table.id))
    activities = base.add_table(
        "Activities",
        [Field("Subject"), Field("Kind", "singleSelect", choices=("Llamada", "Correo")), Field("When", "dateTime"),
         Field("Lead", "multipleRecordLinks", links=lead_table.id),
         Field("Contact", "multipleRecordLinks", links=contact_table.id)],
    )  # fmt: skip
    found = Company(base, lead_table, contact_table, companies, activities)
    acme = companies.add({"Company": "Acme S.A.", "Country": "MX"}, CREATED)
    at = f"{CREATED.isoformat()}.000Z"
    for table, count, column in ((lead_table, leads, "Lead"), (contact_table, contacts, "Contact")):
        for number in range(count):
            person = found.join(table, number, Company=[acme.id])
            activities.add({"Subject": "Call", "Kind": "Llamada", "When": at, column: [person.id]}, CREATED)
    return found
