"""What may not be read on Salesforce, how gently it is asked, and what a mapping is proposed from.

Not here: what things become (test_salesforce_reading.py), signing in (test_salesforce_sign_in.py), faults on the way.
"""

from __future__ import annotations

import pytest

from leadpact.errors import LeadPactError, SourceRefused
from leadpact.language import LANGUAGES, Language
from leadpact.mapping import propose
from tests.contract.suite import Reading
from tests.salesforce import faults, fixtures
from tests.salesforce.asked import CONTACTS, DAY, STAMPS, connect, read
from tests.salesforce.company import Company, company
from tests.salesforce.fixtures import serving
from tests.salesforce.schema import Pick
from tests.salesforce.server import Server

acme, salesforce = fixtures.acme, fixtures.salesforce


def test_a_field_that_may_not_be_read_is_named_and_the_rest_syncs(acme: Company, salesforce: Server) -> None:
    whole = read(salesforce)
    acme.org.hide("Lead", "Email")
    acme.org.hide("Campaign")
    acme.org.hide("ContactHistory")
    acme.org.hide("Event")
    found = read(salesforce, whole.mark, CONTACTS)
    assert found.complete  # the mirror would otherwise keep the addresses of before
    assert len(found.rows["record"]) == len(whole.rows["record"])
    assert {row["email"] for row in found.rows["record"] if row["object"] == "lead"} == {None}
    told = {(one.source, one.column, one.problem) for one in found.rejects}
    assert told == {
        ("Lead", "Email", "salesforce.field_unreadable"),
        ("Event", None, "salesforce.object_unreadable"),
        ("Campaign", None, "salesforce.object_unreadable"),
        ("ContactHistory", None, "salesforce.history_unreadable"),
    }
    bad = {check.name: check for check in connect(salesforce, CONTACTS).check() if not check.ok}
    assert set(bad) == {"Lead.Email", "Event", "Campaign", "ContactHistory", "write"}
    for code in LANGUAGES:
        said = Language(code)(str(bad["Lead.Email"].remedy), **bad["Lead.Email"].params)
        assert "Lead.Email" in said


def test_an_object_without_history_is_told_apart(acme: Company, salesforce: Server) -> None:
    extract = connect(salesforce, CONTACTS).extract()
    assert (extract.untracked, extract.creation_logged) == (frozenset(), False)
    first = min(row["CreatedDate"] for row in acme.org.rows["ContactHistory"].values())
    assert extract.history_since == first
    acme.org.hide("ContactHistory")
    extract = connect(salesforce, CONTACTS).extract()
    assert extract.untracked == frozenset({"contact"})
    acme.org.hide("LeadHistory")
    connector = connect(salesforce)
    extract = connector.extract()
    assert "field_change" not in extract.provided
    assert (extract.history_since, connector.can.history, connector.can.activities) == (None, False, True)
    assert not Reading.of(extract).rows.get("field_change")


def test_history_is_complete_from_its_first_rows(acme: Company, salesforce: Server) -> None:
    """A history that was on for other fields long before the status was says nothing of the status."""
    rows = acme.org.rows["LeadHistory"]
    moved = min(row["CreatedDate"] for row in rows.values() if row["Field"] == "Status")
    began = min(row["CreatedDate"] for row in rows.values() if row["Field"] == "created")
    assert connect(salesforce).extract().history_since == began < moved
    with acme.org.at(began - 30 * DAY):
        acme.org.insert("Lead", LastName="Early", Company="C")
    assert connect(salesforce).extract().history_since == moved
    acme.org.clock.advance(800 * 24 * 3_600)
    assert connect(salesforce).extract().history_since == acme.org.clock() - 730 * DAY
    for key in [key for key, row in rows.items() if row["Field"] == "Status"]:
        del rows[key]
    extract = connect(salesforce).extract()
    assert (extract.history_since, extract.untracked) == (None, frozenset({"lead"}))


def test_an_org_without_leads_and_contacts_is_refused(acme: Company, salesforce: Server) -> None:
    acme.org.hide("Lead")
    acme.org.hide("Contact")
    with pytest.raises(SourceRefused, match="no_records"):
        read(salesforce)
    (answer,) = connect(salesforce).check()
    assert not answer.ok


@pytest.mark.parametrize(
    "change", ["dropped", "retyped", "mapped", "zone", "type renamed", "value dropped", "older than the bin"]
)
def test_what_reads_differently_is_read_anew(acme: Company, salesforce: Server, change: str) -> None:
    base = read(salesforce, mapping=STAMPS)
    acme.org.clock.advance(60)
    assert not read(salesforce, base.mark, STAMPS).complete
    mapping, settings = STAMPS, {}
    if change == "dropped":
        acme.org.drop("Lead", "Budget__c")
    elif change == "retyped":
        acme.org.retype("Lead", "MQL_Date__c", "string", str)
    elif change == "mapped":
        mapping = STAMPS.replace("Accepted", "SQL")
    elif change == "zone":
        settings = {"timezone": "Europe/Madrid"}
    elif change == "type renamed":
        acme.org.update("RecordType", acme.business, Name="Companies")
    elif change == "value dropped":  # from now on the history tells nothing of it: date stamps do
        for lead in acme.leads:
            acme.org.update("Lead", lead, Status="Working")
        acme.org.statuses(Pick("New", default=True), Pick("Working"), Pick("Converted"))
    else:
        acme.org.clock.advance(15 * 24 * 3_600)
    found = read(salesforce, base.mark, mapping, **settings)
    assert found.complete
    if change in ("dropped", "retyped"):
        column, why = {"dropped": ("Budget__c", "field_unreadable"), "retyped": ("MQL_Date__c", "field_type")}[change]
        assert (column, f"salesforce.{why}") in {(one.column, one.problem) for one in found.rejects}


def test_a_mark_of_another_org_means_everything(acme: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Server(company().org), monkeypatch) as other:
        mark = read(other).mark
    with serving(Server(company(leads=7).org), monkeypatch) as server:
        assert read(server, mark.replace(mark.split("/")[1], "00D5e0000000099EAA")).complete


# -- gently ---------------------------------------------------------------------------------------


def test_the_share_of_the_days_calls_is_kept(acme: Company, salesforce: Server) -> None:
    calls = sum(page.calls for page in read(salesforce).pages)
    assert calls == salesforce.api_used == len(salesforce.requests)
    salesforce.api_used, salesforce.api_allowed = 0, 40
    with pytest.raises(SourceRefused, match="quota_share") as refused:
        read(salesforce)
    assert salesforce.api_used == 20
    assert refused.value.params == {"used": 20, "allowed": 40, "share": 50}
    salesforce.api_used = 0
    assert read(salesforce, quota_share=1.0).complete
    salesforce.api_used = 40
    with pytest.raises(SourceRefused, match="quota_used_up"):
        read(salesforce)


def test_a_small_delta_takes_few_calls(acme: Company, salesforce: Server) -> None:
    base = read(salesforce)
    acme.org.clock.advance(3_600)
    acme.org.update("Lead", acme.leads[0], Status="SQL")
    delta = read(salesforce, base.mark)
    assert sum(page.calls for page in delta.pages) <= 36
    assert salesforce.calls("/jobs/") == 0


def test_waiting_for_a_job_grows_and_is_given_up(acme: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Server(acme.org, bulk_polls=6), monkeypatch) as server:
        connector = connect(server, bulk_over=0)
        first = next(page for page in connector.extract().pages if page.table == "record" and page.rows.num_rows)
        slept = connector.client.sleep.__self__.slept  # type: ignore[attr-defined]
        assert first.rows.num_rows
        assert slept[:3] == sorted(slept[:3])
        assert len(slept) >= 5
    with (
        serving(Server(acme.org, bulk_polls=10_000), monkeypatch) as server,
        pytest.raises(LeadPactError, match="job_slow"),
    ):
        read(server, bulk_over=0)


def test_a_mapping_is_proposed_from_what_fields_are(salesforce: Server) -> None:
    entries = {entry.source: entry for entry in propose(connect(salesforce).describe()).document.tables}
    lead, contact = entries["Lead"], entries["Contact"]
    assert lead.fields["status"] == "Status"
    assert {each.column: each.status for each in lead.status_dates} == {"MQL_Date__c": "MQL", "SQL_Date__c": "SQL"}
    assert contact.fields["status"] == "Contact_Status__c"
    assert set(lead.custom.values()) >= {"Budget__c", "Industry", "Employees_Band__c", "Newsletter__c"}
    assert "Notes__c" not in lead.custom.values()


def test_a_field_not_every_org_has_is_missed_only_where_the_mapping_names_it(acme: Company, salesforce: Server) -> None:
    acme.org.hide("Task", "CompletedDateTime")
    assert read(salesforce).rejects == []
    named = "version: 1\ntables:\n- {source: Task, to: activities, fields: {at: CompletedDateTime}}\n"
    assert [(one.source, one.column) for one in read(salesforce, mapping=named).rejects] == [
        ("Task", "CompletedDateTime")
    ]


def test_large_objects_are_not_asked_for_twice(acme: Company, salesforce: Server) -> None:
    """Salesforce's own count sends them to the Bulk API; without it the first answer of the REST API does."""
    whole = read(salesforce)
    for counted in (True, False):
        salesforce.requests.clear()
        if not counted:
            salesforce.faults.add(r"recordCount", faults.status(403, "INSUFFICIENT_ACCESS"), times=None)
        assert set(read(salesforce, bulk_over=4).records) == set(whole.records)
        asked = [one.params["q"] for one in salesforce.requests if "/queryAll" in one.path]
        assert (
            any("FROM Lead WHERE" not in one and " FROM Lead" in one and "Email" in one for one in asked) is not counted
        )
