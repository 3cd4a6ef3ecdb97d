"""Cells of every type, as they come over the wire, in the columns they are mapped to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.airtable import Field
from tests.airtable.company import CREATED
from tests.airtable.house import Crm, one


@pytest.fixture
def crm() -> Iterator[Crm]:
    made = Crm()
    yield made
    made.server.close()


def test_what_is_left_out_is_empty_and_only_a_checkbox_says_no(crm: Crm) -> None:
    crm.leads_only(custom={"f_budget": "Budget", "f_interests": "Interests", "f_employees": "Employees"})
    yes, many, zero = list(crm.leads.records)[:3]
    crm.leads.set(yes, {"Budget": True})
    crm.leads.set(many, {"Interests": ["Price", "Demo"]})
    crm.leads.set(zero, {"Employees": 0, "Name": ""})
    found = {row["record_id"]: row for row in crm.read()["record"]}
    own = [(found[id]["f_budget"], found[id]["f_interests"], found[id]["f_employees"]) for id in (yes, many, zero)]
    assert own == [("true", None, None), ("false", "Price, Demo", None), ("false", None, "0")]
    assert found[zero]["name"] is None


def test_every_kind_of_cell(crm: Crm) -> None:
    leads = crm.leads
    shown: dict[str, tuple[Field, Any, str | None]] = {
        "f_formula": (Field("F", "formula", result="number", compute=lambda *_: 4.5), None, "4.5"),
        "f_lookup": (Field("L", "multipleLookupValues", compute=lambda *_: ["MX", None, "ES"]), None, "MX, ES"),
        "f_rollup": (Field("R", "rollup", result="number", compute=lambda *_: 3), None, "3"),
        "f_nan": (Field("N", "formula", compute=lambda *_: {"specialValue": "NaN"}), None, None),
        "f_people": (Field("P", "multipleCollaborators"), [{"id": "usr1", "name": "Ana"}, {"id": "usr2"}], "Ana, usr2"),
        "f_price": (Field("C", "currency"), 1200.5, "1200.5"),
        "f_percent": (Field("%", "percent"), 0.25, "0.25"),
        "f_barcode": (Field("B", "barcode"), {"text": "750"}, "750"),
        "f_day": (Field("D", "date"), "2026-02-01", "2026-02-01"),
        "f_number": (Field("#", "autoNumber", compute=lambda *_: 7), None, "7"),
    }
    for field, _, _ in shown.values():
        leads.add_field(field)
    crm.leads_only(custom={slug: field.name for slug, (field, _, _) in shown.items()})
    record = one(crm)
    leads.set(record.id, {field.id: cell for field, cell, _ in shown.values() if cell is not None})
    found = crm.read()
    row = next(row for row in found["record"] if row["record_id"] == record.id)
    assert {slug: row[slug] for slug in shown} == {slug: said for slug, (_, _, said) in shown.items()}
    assert {(r["column"], r["problem"], r["kept"]) for r in found["rejects"]} == {
        ("N", "airtable.reject.bad_cell", True)}  # fmt: skip


def test_dates_without_a_time_begin_in_the_connections_zone(crm: Crm) -> None:
    crm.leads.add_field(Field("Desde", "date"))
    crm.leads_only(fields={"created_at": "Desde"})
    crm.leads.set(one(crm).id, {"Desde": "2026-07-01"})
    found = {row["record_id"]: row["created_at"] for row in crm.read(timezone="America/Mexico_City")["record"]}
    assert found[one(crm).id] == datetime(2026, 7, 1, 6)
    assert found[list(crm.leads.records)[1]] is None


def test_where_no_field_says_when_it_was_created_airtable_does(crm: Crm) -> None:
    crm.map({"source": "Leads", "to": "leads", "fields": {"status": "Status"}})
    row = crm.read()["record"][0]
    assert row["created_at"] == CREATED
    assert row["url"] == f"https://airtable.com/{crm.company.base.id}/{crm.leads.id}/{row['record_id']}"


def test_links_are_ids_for_people_and_names_for_words(crm: Crm) -> None:
    contact = next(iter(crm.contacts.records))
    crm.leads.set(one(crm).id, {"Contact": [contact]})
    crm.leads_only(fields={"company": "Company", "converted_to": "Contact", "owner_id": "Owner"})
    row = next(row for row in crm.read()["record"] if row["record_id"] == one(crm).id)
    assert (row["company"], row["converted_to"], row["owner_id"]) == ("Acme S.A.", contact, "usrVentas00000001")


def test_one_activity_with_several_people_is_a_touch_of_each(crm: Crm) -> None:
    ids = list(crm.leads.records)[:2]
    event = crm.activities.add({"Subject": "Webinar", "Kind": "Correo", "Lead": ids})
    activities = {"source": "Activities", "to": "activities", "fields": {"record_id": "Lead", "kind": "Kind"}}
    crm.map({"source": "Leads", "to": "leads", "fields": {"status": "Status"}}, activities)
    found = crm.read()
    own = {
        (row["activity_id"], row["record_id"]) for row in found["activity"] if row["activity_id"].startswith(event.id)
    }
    assert own == {(event.id, ids[0]), (f"{event.id}/2", ids[1])}
    # those of contacts have no lead: listed, each once
    assert len(found["rejects"]) == len(crm.contacts.records)


def test_one_table_holds_leads_and_contacts_by_a_field(crm: Crm) -> None:
    crm.leads.add_field(Field("Tipo", "singleSelect", choices=("Lead", "Cliente")))
    first, *rest = crm.leads.records
    crm.leads.set(first, {"Tipo": "Cliente"})
    for id in rest:
        crm.leads.set(id, {"Tipo": "Lead"})
    entry = {"source": "Leads", "fields": {"status": "Status", "record_type": "Tipo"}}
    crm.map({**entry, "to": "leads", "where": {"Tipo": ["lead"]}},
            {**entry, "to": "contacts", "where": {"Tipo": ["cliente"]}})  # fmt: skip
    found = {(row["object"], row["record_id"]): row["record_type"] for row in crm.read()["record"]}
    assert found == {("contact", first): "Cliente", **{("lead", id): "Lead" for id in rest}}
    assert crm.connect().read("lead", [first], ["status"]) == {}
    assert crm.connect().read("contact", [first], ["status", "record_type"]) == {
        first: {"status": "New", "record_type": "Cliente"}}  # fmt: skip
    assert crm.server.calls("GET", crm.leads.id) == 4  # described, listed once for both, read twice
