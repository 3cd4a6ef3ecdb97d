"""The loopback Salesforce is strict: what the real one refuses, it refuses, through the real client library.

Not here: the connector (test_salesforce_reading.py …).
"""

from __future__ import annotations

import csv
import io
import warnings
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
)

from tests.salesforce import Server, access, faults, fixtures
from tests.salesforce.company import Company

acme, salesforce = fixtures.acme, fixtures.salesforce
PASSWORD = {"username": access.USERNAME, "password": access.PASSWORD, "security_token": access.SECURITY_TOKEN}
CLIENT = {"consumer_key": access.CONSUMER_KEY, "consumer_secret": access.CONSUMER_SECRET, "domain": access.MY_DOMAIN}


@pytest.fixture
def client(salesforce: Server) -> Salesforce:
    return Salesforce(**salesforce.settings)


def code(error: pytest.ExceptionInfo[SalesforceError]) -> str:
    return str(error.value.content[0]["errorCode"])  # type: ignore[index]


@pytest.mark.parametrize(
    ("soql", "refused"),
    [
        ("SELECT Id FRM Lead", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Name = New", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE IsDeleted = false AND Name = 'a' OR Name = 'b'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE SystemModstamp > 2026-01-01T00:00:00", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead LIMIT many", "MALFORMED_QUERY"),
        ("SELECT Id FROM Leads", "INVALID_TYPE"),
        ("SELECT Contact_Status__c FROM Lead", "INVALID_FIELD"),
        ("SELECT SystemModstamp FROM LeadHistory", "INVALID_FIELD"),
        ("SELECT Id, Id FROM Lead", "INVALID_FIELD"),
        ("SELECT Campaign.Name FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE IsConverted = 'true'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Description LIKE '%a%'", "INVALID_FIELD"),
        ("SELECT Id FROM LeadHistory ORDER BY NewValue", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE OwnerId = 'somebody'", "INVALID_QUERY_FILTER_OPERATOR"),
    ],
)
def test_a_query_the_real_one_refuses_is_refused(client: Salesforce, soql: str, refused: str) -> None:
    with pytest.raises(SalesforceMalformedRequest) as error:
        client.query(soql)
    assert code(error) == refused


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Status = 'working' AND IsConverted = FALSE", 3),  # text compares without case
        ("(Status = 'MQL' OR Status = 'Left voicemail') AND Company LIKE 'canary%'", 4),
        ("NOT Status IN ('MQL', 'Working')", 3),
        ("Status NOT IN ('MQL', 'Working')", 3),
        ("CreatedDate = LAST_N_DAYS:90", 9),
        ("CreatedDate >= 2026-01-03T12:30:00Z AND CreatedDate < 2026-01-03T17:00:00+02:00", 2),
        ("MQL_Date__c != null", 3),
        ("Owner.Name = 'Unassigned leads'", 3),
        ("Id IN (SELECT LeadId FROM CampaignMember WHERE HasResponded = true)", 1),
    ],
)
def test_conditions_mean_what_they_mean_there(client: Salesforce, where: str, found: int) -> None:
    assert client.query(f"SELECT COUNT() FROM Lead WHERE {where}")["totalSize"] == found


def test_pages_follow_their_locator_and_only_query_all_shows_what_is_gone(
    client: Salesforce,
    salesforce: Server,
    acme: Company,
) -> None:
    salesforce.page_rows = 4
    shown = {row["Id"] for row in client.query_all("SELECT Id FROM Lead")["records"]}
    assert salesforce.calls("/query/01g") == 2
    everything = client.query_all("SELECT Id, IsDeleted, MasterRecordId FROM Lead", include_deleted=True)["records"]
    gone = {row["Id"]: row["MasterRecordId"] for row in everything if row["IsDeleted"]}
    assert gone == {acme.merged: acme.merged_into, acme.deleted: None}
    assert shown == {row["Id"] for row in everything} - set(gone)
    tasks = [row["Id"] for row in client.query_all("SELECT Id FROM Task")["records"]]
    assert acme.archived not in tasks
    first = client.query("SELECT Id FROM Lead")
    salesforce.locators.clear()
    with pytest.raises(SalesforceMalformedRequest) as error:
        client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert code(error) == "INVALID_QUERY_LOCATOR"


def test_a_hidden_field_or_object_is_as_if_it_were_not(client: Salesforce, acme: Company) -> None:
    acme.org.hide("Lead", "Status", "Email")
    acme.org.hide("ContactHistory")
    fields = [one["name"] for one in client.Lead.describe()["fields"]]  # type: ignore[operator,union-attr]
    assert "Email" not in fields and "Phone" in fields
    with pytest.raises(SalesforceMalformedRequest) as error:
        client.query("SELECT Id FROM Lead WHERE Email = 'a@example.com'")
    assert code(error) == "INVALID_FIELD"
    history = {row["Field"] for row in client.query_all("SELECT Field FROM LeadHistory")["records"]}
    assert "Owner" in history and "Status" not in history
    assert "ContactHistory" not in [one["name"] for one in client.describe()["sobjects"]]  # type: ignore[index]
    with pytest.raises(SalesforceMalformedRequest) as error:
        client.query("SELECT Id FROM ContactHistory")
    assert code(error) == "INVALID_TYPE"


def test_a_bulk_result_is_the_same_rows_in_pages_of_csv(client: Salesforce, salesforce: Server) -> None:
    salesforce.bulk_rows = 4
    salesforce.bulk_polls = 0
    fields = "Id, LastName, Notes__c, Owner.Name, IsConverted, MQL_Date__c"
    handler: Any = client.bulk2
    pages = list(handler.Lead.query(f"SELECT {fields} FROM Lead", max_records=50_000, wait=0.001))
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert [len(list(csv.reader(io.StringIO(page)))) - 1 for page in pages] == [4, 4, 1]
    told = client.query_all(f"SELECT {fields} FROM Lead")["records"]
    assert sorted((row["Id"], row["Notes__c"], row["Owner.Name"]) for row in rows) == sorted(
        (row["Id"], row["Notes__c"], row["Owner"]["Name"]) for row in told
    )
    for soql, refused in (
        ("SELECT Id FROM LeadStatus", "INVALIDENTITY"),
        ("SELECT COUNT(Id) FROM Lead", "API_ERROR"),
        ("SELECT Address FROM Lead", "FEATURENOTENABLED"),
        ("SELECT Nothing__c FROM Lead", "INVALID_FIELD"),
    ):
        with pytest.raises(SalesforceMalformedRequest) as error:
            handler.Lead.query(soql).__next__()
        assert code(error) == refused


def test_each_way_of_signing_in_works_and_is_refused_with_a_wrong_secret(
    salesforce: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = str(salesforce.access.private_key_file(tmp_path))
    signed = {"username": access.USERNAME, "consumer_key": access.CONSUMER_KEY, "privatekey_file": key}
    for way in (PASSWORD, CLIENT, signed):
        client = Salesforce(**way)
        salesforce.access.expire()
        assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 9, "the library signs in again"
    wrong = [
        {**PASSWORD, "security_token": ""}, {**PASSWORD, "password": "x"}, {**CLIENT, "consumer_secret": "x"},
        {**CLIENT, "domain": "test"}, {**signed, "username": "x"}, {**signed, "domain": "test"},
    ]  # fmt: skip
    for way in wrong:
        with warnings.catch_warnings(), pytest.raises(SalesforceAuthenticationFailed):
            warnings.simplefilter("ignore")
            Salesforce(**way)
    salesforce.wall = lambda: 4e9  # the server's clock is far ahead: the assertion has expired
    with pytest.raises(SalesforceAuthenticationFailed):
        Salesforce(**signed)
    salesforce.access.expire()
    with pytest.raises(SalesforceExpiredSession):
        Salesforce(**salesforce.settings).limits()


def test_the_days_calls_are_told_and_end(client: Salesforce, salesforce: Server) -> None:
    salesforce.api_allowed = 2
    client.limits()
    client.limits()
    assert client.api_usage["api-usage"] == (2, 2)
    with pytest.raises(SalesforceError) as error:
        client.limits()
    assert (error.value.status, code(error)) == (403, "REQUEST_LIMIT_EXCEEDED")


def test_faults_hit_the_request_they_are_for(client: Salesforce, salesforce: Server, acme: Company) -> None:
    salesforce.faults.add(r"GET .*/query", faults.cut(), nth=2)
    salesforce.faults.add(r"GET .*/limits", faults.status(503, html=True))
    salesforce.faults.add(r"GET .*/describe", faults.torn())
    assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 9
    with pytest.raises(requests.ConnectionError):
        client.query("SELECT COUNT() FROM Lead")
    with pytest.raises(SalesforceError) as error:
        client.limits()
    assert error.value.status == 503
    with pytest.raises(requests.RequestException):
        client.Lead.describe()  # type: ignore[operator]
    assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 9
    assert salesforce.faults.hit == 3
