"""Single records and fields of Salesforce, and values as text both ways.

Not here: writing and its faults (test_salesforce_writing.py), whole tables (test_salesforce_reading.py).
"""

# ruff: noqa: F811 - fixtures are imported, and asked for by name

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectors
from connectors.salesforce.write_values import Unfit, sent, told
from leadpact.crm_fields import Equippable, Making
from leadpact.errors import SourceRefused, SourceUnreachable
from leadpact.settings import Connection
from tests.salesforce import Company, Server, faults
from tests.salesforce.collections import rules
from tests.salesforce.fixtures import acme, salesforce  # noqa: F401
from tests.salesforce.objects import all_objects
from tests.salesforce.side import Connect, change, connect  # noqa: F401

# -- reading single records -------------------------------------------------------------------------


def test_values_are_read_as_they_are_written(acme: Company, connect: Connect) -> None:
    side, lead = connect(), acme.leads[0]
    asked = {
        "status": "SQL", "Budget__c": "1250.5", "Newsletter__c": "true", "MQL_Date__c": "2026-02-28",
        "SQL_Date__c": "2026-03-01T09:30:00", "Interests__c": "Pricing;Roadmap", "Notes__c": "Línea 1\nLínea 2 «ok»",
        "Email": "ana@acme.example", "owner_id": acme.reps[0],
    }  # fmt: skip
    assert {one.kind for one in side.now(*(change(lead, *one) for one in asked.items()))} == {"written"}
    assert side.read("lead", [lead], list(asked)) == {lead: asked}
    row = acme.org.get("Lead", lead)
    assert (row["MQL_Date__c"], row["SQL_Date__c"]) == (date(2026, 2, 28), datetime(2026, 3, 1, 9, 30))
    emptied = [name for name in asked if name not in ("status", "owner_id", "Newsletter__c")]
    assert {one.kind for one in side.now(*(change(lead, name, None) for name in emptied))} == {"written"}
    assert side.read("lead", [lead], emptied) == {lead: dict.fromkeys(emptied)}


def test_ids_of_15_and_18_characters_are_the_same_record(acme: Company, connect: Connect) -> None:
    side, lead = connect(), acme.leads[0]
    short = lead[:15]
    found = side.read(
        "lead", [short, lead, "nobody", acme.contacts[0], acme.deleted, acme.merged], ["status", "Company"]
    )
    assert set(found) == {short, lead} and found[short] == found[lead]
    assert side.kinds(change(short, "status", "SQL"), change(lead, "Rating", "Hot")) == [("written", None)] * 2
    assert [wanted for _, _, wanted in rules(acme.org).writes] == [{"Status": "SQL", "Rating": "Hot"}]


def test_any_number_of_ids_and_fields(acme: Company, salesforce: Server, connect: Connect) -> None:
    org = acme.org
    for n in range(2_100):
        org.insert("Lead", LastName=f"L{n}", Company="C", Status="New")
    ids = [key for key, row in org.rows["Lead"].items() if not row["IsDeleted"]]
    side = connect()
    assert set(side.read("lead", ids, ["status", "owner_id"])) == set(ids)
    assert salesforce.calls("/composite/sobjects/Lead") == 2
    every = [one.name for one in side.fields("lead")]
    found = side.read("lead", ids[:250], every)
    assert len(found) == 250 and all(set(values) == set(every) for values in found.values())


def test_what_lies_on_a_related_record_is_read_and_not_written(acme: Company, connect: Connect) -> None:
    side = connect()
    account = acme.org.insert("Account", Name="Canary Ltd")
    acme.org.update("Contact", acme.contacts[0], AccountId=account)
    assert side.read("contact", acme.contacts[:1], ["company", "source"])[acme.contacts[0]]["company"] == "Canary Ltd"
    found = side.kinds(change(acme.contacts[0], "company", "Other", "contact"))
    assert found == [("refused", "INVALID_FIELD_FOR_INSERT_UPDATE")]


def test_fields_there_are_not_are_refused_by_name(acme: Company, connect: Connect) -> None:
    side = connect()
    for name in ("f_unheard_of", "status__c", "Address", "STATUS"):
        with pytest.raises(SourceRefused) as raised:
            side.read("lead", acme.leads[:1], [name])
        assert raised.value.params["name"] == name
    with pytest.raises(SourceRefused):
        side.read("account", acme.leads[:1], ["Name"])
    side.read("lead", acme.leads[:1], ["Budget__c"])
    acme.org.hide("Lead", "Budget__c")
    with pytest.raises(SourceRefused) as raised:
        side.read("lead", acme.leads[:1], ["Budget__c"])
    assert raised.value.params["name"] == "Budget__c"


@pytest.mark.parametrize("spoil", [
    lambda body: body.replace(b'"Status"', b'"Other"'), lambda body: b"[]", lambda body: b"{}", lambda body: body[:-9],
    lambda body: json.dumps(json.loads(body)[:-1]).encode(),
], ids=["field", "none", "object", "short", "fewer"])  # fmt: skip
def test_a_value_that_is_not_told_is_not_taken_for_empty(
    spoil: Callable[[bytes], bytes], acme: Company, salesforce: Server, connect: Connect
) -> None:
    salesforce.faults.add("POST .*/composite/sobjects/Lead", faults.spoiled(spoil), times=None)
    with pytest.raises(SourceUnreachable):
        connect().read("lead", acme.leads[:2], ["status"])


MAPPING = """
version: 1
tables:
  - source: Lead
    to: leads
    fields: {source: Rating, end_reason: Lost_Reason__c}
    custom: {f_budget: Budget__c}
    values:
      end_reason: {price: Too expensive, timing: Not now, no reply: Not now}
  - source: Contact
    to: contacts
    fields: {status: Contact_Status__c}
"""


def test_the_mapping_names_the_fields_and_their_values(acme: Company, connect: Connect) -> None:
    side, lead, contact = connect(MAPPING), acme.leads[0], acme.contacts[0]
    asked = [
        change(lead, "source", "Warm"), change(lead, "f_budget", "99"), change(lead, "end_reason", "Too expensive"),
        change(acme.leads[1], "end_reason", "Not now"), change(contact, "status", "Customer", "contact"),
    ]  # fmt: skip
    assert side.kinds(*asked) == [
        ("written", None), ("written", None), ("written", None), ("refused", "AMBIGUOUS_VALUE"), ("written", None),
    ]  # fmt: skip
    row = acme.org.get("Lead", lead)
    assert (row["Rating"], row["Budget__c"], row["Lost_Reason__c"]) == ("Warm", 99, "Price")
    assert side.read("lead", [lead], ["source", "f_budget", "end_reason"])[lead] == {
        "source": "Warm", "f_budget": "99", "end_reason": "Too expensive",
    }  # fmt: skip


def test_record_types_go_by_their_name(acme: Company, connect: Connect) -> None:
    side, lead = connect(), acme.leads[0]
    name = acme.org.get("RecordType", acme.business)["Name"]
    acme.org.update("Lead", lead, RecordTypeId=None)
    assert side.kinds(change(lead, "record_type", name)) == [("written", None)]
    assert acme.org.get("Lead", lead)["RecordTypeId"] == acme.business
    assert side.read("lead", [lead], ["record_type"])[lead] == {"record_type": name}
    assert side.kinds(change(lead, "record_type", "Nobody's")) == [("refused", "INVALID_CROSS_REFERENCE_KEY")]


def test_the_adapter_offers_all_of_this(salesforce: Server, acme: Company, tmp_path: Path) -> None:
    made = connectors.connect(Connection("crm", "salesforce", salesforce.settings), state=tmp_path)
    assert isinstance(made, Equippable)
    assert [one.kind for one in made.write([change(acme.leads[0], "status", "SQL")])] == ["refused"]
    (prepared,) = made.prepare([Making("field", "lead", "LeadPact Score", "Score", "number")])
    assert prepared.possible and [(one.kind, one.code) for one in made.make([prepared])] == [("refused", "READ_ONLY")]
    assert made.read("lead", acme.leads[:1], ["status"]) and made.fields("lead")


# -- fields -----------------------------------------------------------------------------------------


def test_fields_are_told_with_their_kind_and_whether_they_can_be_written(acme: Company, connect: Connect) -> None:
    side = connect()
    acme.org.objects["Lead"].change("Rating", read_only=True)
    found = {one.name: one for one in side.fields("lead")}
    kinds = {
        name: found[name].kind
        for name in (
            "Status",
            "Budget__c",
            "SQL_Date__c",
            "Newsletter__c",
            "Notes__c",
            "Age_Days__c",
            "OwnerId",
            "MQL_Date__c",
        )
    }
    assert kinds == {
        "Status": "choice", "Budget__c": "number", "SQL_Date__c": "time", "Newsletter__c": "flag", "Notes__c": "text",
        "Age_Days__c": "formula", "OwnerId": "other", "MQL_Date__c": "other",
    }  # fmt: skip
    assert [found[name].writable for name in ("Status", "Rating", "Age_Days__c", "CreatedDate")] == [
        True,
        False,
        False,
        False,
    ]
    assert found["Employees_Band__c"].restricted and not found["Status"].restricted
    assert [one.value for one in found["Employees_Band__c"].choices] == ["1-50", "51-500", "501+"]
    assert "Address" not in found and set(found) == set(all_objects()["Lead"].fields) - {"Address"}
    with pytest.raises(SourceRefused):
        side.fields("account")


# -- values -----------------------------------------------------------------------------------------


MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0).isoformat())
VALUES = {
    "double": st.decimals(-(10**9), 10**9, places=3).map(lambda number: f"{number.normalize():f}"),
    "int": st.integers(-(10**8), 10**8).map(str),
    "datetime": MOMENTS,
    "date": st.dates().map(date.isoformat),
    "boolean": st.sampled_from(["true", "false"]),
    "string": st.text(min_size=1),
}


@settings(max_examples=60, deadline=None)
@given(st.one_of(*(st.tuples(st.just(kind), values) for kind, values in VALUES.items())))
def test_text_survives_the_way_there_and_back(typed: tuple[str, str]) -> None:
    kind, text = typed
    assert told(sent(text, kind), kind) == ("0" if text == "-0" else text)


@pytest.mark.parametrize(("kind", "text", "code"), [
    ("double", "12,5", "NOT_A_NUMBER"), ("double", "NaN", "NOT_A_NUMBER"), ("percent", "inf", "NOT_A_NUMBER"),
    ("int", "1.5", "NOT_A_WHOLE_NUMBER"), ("boolean", "yes", "NOT_A_FLAG"), ("boolean", "", "NOT_A_FLAG"),
    ("date", "2026-02-30", "NOT_A_DATE"), ("date", "2026-03-01T10:00:00", "NOT_A_DATE"),
    ("datetime", "soon", "NOT_A_TIME"), ("address", "x", "INVALID_FIELD_FOR_INSERT_UPDATE"),
])  # fmt: skip
def test_a_text_that_is_no_value_of_its_field_is_refused_here(kind: str, text: str, code: str) -> None:
    with pytest.raises(Unfit) as raised:
        sent(text, kind)
    assert raised.value.args == (code,)


def test_a_moment_with_a_zone_is_sent_in_utc() -> None:
    assert sent("2026-03-01T09:30:00.999-06:00", "datetime") == "2026-03-01T15:30:00.000+0000"
    assert told("2026-03-01T15:30:00.000+0000", "datetime") == "2026-03-01T15:30:00"
