"""Reading Airtable over real HTTP through pyairtable: ids that outlive names, nothing lost, doubled or invented.

Not here: the contract (tests/contract), cells (…_cells.py), history and deletions (…_history.py), pace (…_limiter.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.airtable import reading
from leadpact import mapping as mappings
from leadpact.errors import LeadPactError, Misconfigured, SourceRefused
from tests.airtable import Field, Token
from tests.airtable.house import Crm
from ui import mapping_draft as edit


@pytest.fixture
def crm() -> Iterator[Crm]:
    made = Crm()
    yield made
    made.server.close()


# what a mapping is


def test_a_mapping_is_kept_by_ids_and_shown_by_names(crm: Crm) -> None:
    crm.leads_only()
    entry = crm.document.tables[0]
    assert entry.source == crm.leads.id
    assert entry.fields["status"] == crm.leads.field("Status").id
    assert crm.document.shown(entry.fields["status"]) == "Status"
    text = mappings.dumps(crm.document)
    assert mappings.loads(text) == crm.document
    assert f"{entry.source}  # Leads" in text


def test_what_the_editor_keeps_is_what_was_proposed_by_ids_with_names(crm: Crm) -> None:
    tables = crm.connect().describe()
    proposed = mappings.propose(tables).document
    kept = edit.finished(edit.spelled(proposed, tables), tables)
    assert kept.tables == proposed.tables and kept.labels == proposed.labels
    assert kept.ignore == (crm.company.companies.id,)
    entry = edit.use(proposed.tables[0], crm.leads.field("Employees").id, [edit.STATUS], "Employees")
    assert entry.status_dates[-1].status == "Employees"


def test_renaming_under_our_feet_changes_nothing(crm: Crm) -> None:
    crm.leads_only()
    before = crm.read()["record"]
    crm.leads.rename("Prospectos")
    for field in crm.leads.fields.values():
        field.name = f"{field.name} (nuevo)"
    assert crm.read()["record"] == before


def test_the_proposal_reads_as_it_stands(crm: Crm) -> None:
    tables = crm.connect().describe()
    crm.document = mappings.propose(tables).document
    assert mappings.faults(crm.document, tables) == []
    assert [(crm.document.shown(entry.source), entry.to) for entry in crm.document.tables] == [
        ("Leads", "leads"), ("Contacts", "contacts"), ("Activities", "activities"), ("Activities", "activities"),
    ]  # fmt: skip
    found = crm.read()
    assert {row["record_id"] for row in found["record"]} == {*crm.leads.records, *crm.contacts.records}
    assert {(row["object"], row["kind"]) for row in found["activity"]} == {("lead", "call"), ("contact", "call")}
    assert {row["company"] for row in found["record"] if row["object"] == "lead"} == {"Acme S.A."}
    assert [row["value"] for row in found["status_value"] if row["object"] == "lead"] == [
        "New", "MQL", "Working", "Re-Market"]  # fmt: skip
    assert {(row["owner_id"], row["name"]) for row in found["owner"]} == {
        ("usrVentas00000001", "Ventas Norte"), ("usrVentas00000002", "Ventas Sur")}  # fmt: skip


def test_a_description_names_the_table_by_id_and_shows_no_person(crm: Crm) -> None:
    told = {table.label: table for table in crm.connect().describe()}
    leads = told["Leads"]
    assert leads.name == crm.leads.id
    email = leads.column("Email")
    assert email is not None and email.email and email.values == () and "canaria" not in repr(leads)
    assert leads.column("Status").values == ("New", "MQL", "Working", "Re-Market")  # type: ignore[union-attr]
    assert leads.column("Company").links == crm.company.companies.id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda table: table.drop("Alta"), "airtable.field_gone"),
        (lambda table: table.retype("Alta", "singleLineText"), "airtable.not_a_date"),
        (lambda table: table.retype("Employees", "multilineText"), "airtable.not_a_number"),
        (lambda table: table.base.tables.pop(table.id), "airtable.table_gone"),
    ],
    ids=["field gone", "date is text", "number is text", "table gone"],
)
def test_a_base_that_changed_is_refused_by_name_and_nothing_is_read_as_empty(crm: Crm, change: Any, key: str) -> None:
    deal = {"source": "Leads", "to": "opportunities", "fields": {"amount": "Employees", "record_id": "Contact"}}
    leads = {"source": "Leads", "to": "leads", "fields": {"status": "Status", "created_at": "Alta"}}
    crm.map(leads, deal)
    change(crm.leads)
    with pytest.raises(SourceRefused) as refused:
        crm.read()
    assert key in {detail.key for detail in refused.value.details}
    failed = [check for check in crm.connect().check() if not check.ok]
    assert key in {check.message for check in failed} and all(check.remedy for check in failed)


def test_no_mapping_and_no_leads_are_the_users_to_correct(crm: Crm) -> None:
    with pytest.raises(Misconfigured, match=r"airtable.no_mapping"):
        crm.read()
    crm.map({"source": "Contacts", "to": "owners", "fields": {"name": "Name"}})
    with pytest.raises(Misconfigured, match=r"airtable.no_leads"):
        crm.read()
    crm.map({"source": "Leads", "to": "leads", "fields": {"record_id": "Email"}})
    with pytest.raises(LeadPactError, match=r"airtable.key_is_record_id"):
        crm.read()


# listing


def test_a_listing_whose_place_is_forgotten_loses_nothing_and_doubles_nothing(crm: Crm) -> None:
    for number in range(250):
        crm.company.join(crm.leads, 100 + number)
    crm.leads_only()
    crm.server.fault("status", code=422, type="LIST_RECORDS_ITERATOR_NOT_AVAILABLE", path=crm.leads.id, skip=1)
    found = [row["record_id"] for row in crm.read()["record"]]
    assert len(found) == len(set(found)) == 256
    assert crm.server.faults[-1].times == 0


def test_an_offset_that_waited_too_long_is_such_a_place(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(250):
        crm.company.join(crm.leads, 100 + number)
    crm.leads_only()
    monkeypatch.setattr(reading, "ROWS", 50)
    pages = crm.connect().extract().pages
    found = [row["record_id"] for row in next(pages).rows.to_pylist()]
    crm.clock.sleep(600)  # whoever stores the pages was slow
    added = crm.company.join(crm.leads, 999)
    for page in pages:
        assert page.rows.num_rows <= 100
        if page.table == "record":
            found += [row["record_id"] for row in page.rows.to_pylist()]
    assert len(found) == len(set(found)) and set(found) == {*crm.leads.records} and added.id in found


def test_no_sync_ever_asks_too_fast(crm: Crm) -> None:
    for number in range(900):
        crm.company.join(crm.leads, 100 + number)
    crm.leads_only()
    began = crm.clock.monotonic()
    crm.read()
    calls = crm.server.calls()
    assert (crm.server.limits.met, crm.server.limits.refused) == (0, 0)
    # five at once, then five a second
    assert calls >= 12 and crm.clock.monotonic() - began <= calls / 5 * 1.05


def test_a_sync_asks_one_call_a_hundred_records(crm: Crm) -> None:
    crm.leads_only()
    before = crm.server.calls()
    extract = crm.connect().extract()
    calls = sum(page.calls for page in extract.pages)
    assert calls == crm.server.calls() - before == 2  # the schema, six leads


# the test of the connection


def test_a_token_without_a_scope_or_a_base_is_told_which(crm: Crm) -> None:
    crm.leads_only()
    crm.server.tokens = {
        crm.server.token: Token(scopes=("data.records:read",)), "patElsewhere": Token(bases=("appElsewhere000000",)),
        "patReader": Token(scopes=("data.records:read", "schema.bases:read"), permission="read"),
    }  # fmt: skip
    failed = {check.name: check for check in crm.connect().check() if not check.ok}
    assert set(failed) == {"schema.bases:read", "base"}
    failed = {check.name: check for check in crm.connect(token="patElsewhere").check() if not check.ok}
    assert failed["base"].message == "airtable.not_permitted"
    failed = {check.name: check for check in crm.connect(token="patReader", writable=True).check() if not check.ok}
    assert set(failed) == {"data.records:write", "write"}
    assert all(check.ok for check in crm.connect(token="patReader").check())
    failed = {check.name: check for check in crm.connect(token="patWrong").check() if not check.ok}
    assert failed["token"].message == "airtable.bad_token"


def test_a_spent_quota_is_said_and_not_waited_for(crm: Crm) -> None:
    crm.leads_only()
    crm.server.fault("status", code=429, type="PUBLIC_API_BILLING_LIMIT_EXCEEDED", times=9)
    slept = len(crm.clock.slept)
    with pytest.raises(SourceRefused, match=r"airtable.quota"):
        crm.read()
    assert sum(crm.clock.slept[slept:]) < 5


def test_rejects_hold_the_record_for_the_download_only(crm: Crm) -> None:
    crm.leads.add_field(Field("Bad", "formula", compute=lambda table, record: {"error": "#ERROR!"}))
    crm.leads_only(custom={"f_bad": "Bad"})
    reject = crm.read()["rejects"][0]
    assert json.loads(reject["raw"])["id"] in crm.leads.records
    assert reject["params"] == {"column": "Bad", "table": "Leads"} and reject["source"] == "Leads"
